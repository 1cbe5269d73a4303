"""Who uses a managed policy, as rows of one list: attachments and boundaries are kept with each kind of entity, and put together here.

The rows are those of a query under the name of a table (`WITH policies_policyentity AS (…)`), so that they are filtered, sorted, counted
and paged like all others. A row's id is the id of what it was made of, with the number of its source in the last place.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import CharField, DateTimeField, F, IntegerField, QuerySet, Value
from django.db.models.functions import Cast
from django.db.models.query import RawQuerySet
from django.db.models.sql import Query

from policies.models import ManagedPolicy, PolicyEntity
from policies.queries import ENTITY_SOURCES, EntitySource

SOURCES = 10  # more than there are: a row's id ends with its source


class _With:
    """A compiler that puts the rows' own query before what it compiles."""

    query: "EntityQuery"

    def as_sql(self, *given: Any, **named: Any) -> tuple[str, tuple[Any, ...]]:
        sql, values = super().as_sql(*given, **named)  # type: ignore[misc]
        source, source_values = self.query.source.query.sql_with_params()
        quote = self.connection.ops.quote_name  # type: ignore[attr-defined]
        columns = ", ".join(quote(field.column) for field in PolicyEntity._meta.concrete_fields)  # noqa: SLF001
        head = f"WITH {quote(PolicyEntity._meta.db_table)} ({columns}) AS ({source})"  # noqa: SLF001
        return f"{head} {sql}", (*source_values, *values)


class EntityQuery(Query):
    """A query of PolicyEntity that knows what its rows are made of."""

    source: "QuerySet[Any, Any]"
    parts: "Sequence[QuerySet[Any, Any]]"  # what the source puts together

    def first_of_each(self, number: int) -> "RawQuerySet[Any] | list[Any]":
        """The first so many rows: of each part so many, which an index may find, and of these the first."""
        found: list[str] = []
        values: list[Any] = []
        for place, part in enumerate(self.parts):
            alone: Any = self.chain()
            alone.source = part
            alone.set_limits(high=number)
            try:
                sql, given = alone.sql_with_params()
            except EmptyResultSet:
                return []
            found.append(f"SELECT * FROM ({sql}) AS part{place}")  # noqa: S608 - made by the ORM
            values += given
        fields = ((name.lstrip("-"), "DESC" if name.startswith("-") else "ASC") for name in map(str, self.order_by))
        order = ", ".join(f"{connection.ops.quote_name('id' if name == 'pk' else name)} {way}" for name, way in fields)
        sql = f"SELECT * FROM ({' UNION ALL '.join(found)}) AS found ORDER BY {order} LIMIT {number}"  # noqa: S608
        return PolicyEntity.objects.raw(sql, values)

    def get_compiler(self, using: str | None = None, connection: Any = None, elide_empty: bool = True) -> Any:
        compiler = super().get_compiler(using, connection, elide_empty)
        compiler.__class__ = type("EntityCompiler", (_With, compiler.__class__), {})
        return compiler


def entities_of(policy: ManagedPolicy, account_id: str) -> "QuerySet[PolicyEntity]":
    """Who in the account uses a policy: rows of PolicyEntity, to be filtered and ordered."""
    parts = [_part(policy, account_id, number, source) for number, source in enumerate(ENTITY_SOURCES)]
    query = EntityQuery(PolicyEntity)
    query.source, query.parts = parts[0].union(*parts[1:], all=True), parts
    return QuerySet(PolicyEntity, query)


def attached_among(policy: ManagedPolicy, account_id: str, names: Iterable[str]) -> set[tuple[str, str]]:
    """The kind and lower-case name of those with one of these names that have a policy attached, in one query."""
    keys = {name.lower() for name in names}
    attached = entities_of(policy, account_id).filter(usage="attached", name_key__in=keys)
    return set(attached.values_list("kind", "name_key"))


def _part(policy: ManagedPolicy, account_id: str, number: int, source: EntitySource) -> "QuerySet[Any, Any]":
    """The rows of one source, with the columns of PolicyEntity in their order."""
    rows = getattr(policy, source.relation).filter(**{f"{source.prefix}account_id": account_id}).order_by()
    found: QuerySet[Any, Any] = rows.values_list(
        F("id") * SOURCES + number,
        Value(source.kind, output_field=CharField()),
        Value(source.usage, output_field=CharField()),
        *(F(f"{source.prefix}{column}") for column in ("name", "name_key", "path", "unique_id")),
        F(source.members) if source.members else Value(0, output_field=IntegerField()),
        F(source.since) if source.since else Cast(Value(None), DateTimeField()),
    )
    return found
