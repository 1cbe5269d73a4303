"""SELECTs on PostgreSQL by libpq's own call for what is prepared: psycopg's cursor takes as long around such a look-up as its answer.

Outside of transactions alone: there psycopg would have to begin one first. Whatever is not plain text and numbers goes psycopg's way, which
knows how to write it and what it has to refuse.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from psycopg import ClientCursor, Connection, OperationalError, errors, pq
from psycopg.adapt import Transformer
from psycopg.types.datetime import TimestamptzLoader

_GONE = b"26000"  # invalid_sql_statement_name


class LookUps:
    """The SELECTs of one connection. What is asked here must be few and fixed: each stays prepared as long as the connection lives."""

    def __init__(self, connection: "Connection[Any]") -> None:
        self.connection = connection
        self.cursor = connection.cursor()
        self.cursor.adapters.register_loader("timestamptz", _Moment)
        self._prepares = not isinstance(self.cursor, ClientCursor)  # which is for poolers that change connections
        self._transformer = Transformer(self.cursor)
        self._names: dict[str, bytes] = {}

    def rows(self, sql: str, values: Sequence[Any]) -> list[Sequence[Any]]:
        """All rows of a SELECT with %s for its values. Raises psycopg's errors."""
        if self._takes(values):
            return self._prepared(sql, [str(value).encode() for value in values])
        return self.cursor.execute(sql, values).fetchall()

    def _takes(self, values: Sequence[Any]) -> bool:
        connection = self.connection
        idle = connection.autocommit and connection.pgconn.transaction_status == pq.TransactionStatus.IDLE
        return self._prepares and idle and all(_is_plain(value) for value in values)

    def _prepared(self, sql: str, values: Sequence[bytes]) -> list[Sequence[Any]]:
        pgconn = self.connection.pgconn
        result = pgconn.exec_prepared(self._name(sql), values)
        if result.status != pq.ExecStatus.TUPLES_OK and result.error_field(pq.DiagnosticField.SQLSTATE) == _GONE:
            self._names.clear()  # with a transaction that is rolled back, psycopg lets go of all that is prepared
            result = pgconn.exec_prepared(self._name(sql), values)
        self._check(result)
        self._transformer.set_pgresult(result)
        found: list[Sequence[Any]] = self._transformer.load_rows(0, result.ntuples, tuple)
        return found

    def _name(self, sql: str) -> bytes:
        name = self._names.get(sql)
        if name is None:
            name = b"look_up_%d" % len(self._names)
            self._check(self.connection.pgconn.prepare(name, _numbered(sql)))
            self._names[sql] = name
        return name

    def _check(self, result: pq.abc.PGresult) -> None:
        if result.status in (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK):
            return
        pgconn = self.connection.pgconn
        if pgconn.status == pq.ConnStatus.BAD:
            raise OperationalError(pgconn.get_error_message())
        raise errors.error_from_result(result)


def _is_plain(value: Any) -> bool:
    return type(value) is int or (type(value) is str and value.isascii() and "\0" not in value)


@cache
def _numbered(sql: str) -> bytes:
    """PostgreSQL's places in the place of Django's."""
    first, *others = sql.split("%s")
    places = first + "".join(f"${number}{part}" for number, part in enumerate(others, 1))
    return places.replace("%%", "%").encode()


class _Moment(TimestamptzLoader):
    """A moment in UTC, which Django's connections speak; psycopg takes its parts one by one, for the sake of all other time zones."""

    def load(self, data: Any) -> datetime:
        text = bytes(data).decode()
        if not text.endswith("+00"):
            return super().load(data)
        try:
            return datetime.fromisoformat(text)
        except ValueError:  # before the year 1000, or after 9999
            return super().load(data)
