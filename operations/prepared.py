"""Queries that nearly every request makes, built once per process: Django's own SQL and its own way from columns to objects.

Building a query costs several times as much as running it on an indexed column. What is prepared is a QuerySet with sample values in
place of the real ones; the SQL and the conversions are Django's, so fields, related rows and databases behave as ever.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators
from django.db.models.sql import Query

from operations.direct import rows

M = TypeVar("M", bound=Model)
Value = str | int


class Prepared(Generic[M]):
    """A QuerySet with places for values.

        user_by_name = Prepared(lambda account, name: User.objects.filter(account_id=account, name_key=name), "account", "name")
        user_by_name("123456789012", "alice")   # a list of users

    Each sample must be of its value's type and differ from the others; it may occur anywhere in the query, also more than once.
    """

    def __init__(self, build: "Callable[..., QuerySet[M]]", *samples: Value) -> None:
        self.build = build
        self.samples = samples
        self._plans: dict[str, _Plan] = {}

    def __call__(self, *values: Value) -> list[M]:
        """The rows for these values."""
        plan, database = self._planned()
        found: list[M] = [plan.made(database, row) for row in plan.run(database, values)]
        return found

    def first(self, *values: Value) -> M | None:
        """The first row, or None."""
        found = self(*values)
        return found[0] if found else None

    def first_with(self, *values: Value) -> tuple[M, list[tuple[Any, ...]]] | None:
        """The first row, and of all rows what was annotated: a row with its children, joined, in one query."""
        plan, database = self._planned()
        found = plan.run(database, values)
        return (plan.made(database, found[0]), [plan.annotated(row) for row in found]) if found else None

    def _planned(self) -> "tuple[_Plan, BaseDatabaseWrapper]":
        database = connections[DEFAULT_DB_ALIAS]  # once: `django.db.connection` looks it up at each use
        plan = self._plans.get(database.vendor)
        if plan is None:
            plan = self._plans[database.vendor] = _Plan(self.build(*self.samples), self.samples)
        return plan, database


class _Plan:
    """The compiled form of one QuerySet for one kind of database."""

    def __init__(self, found: "QuerySet[Any]", samples: Sequence[Value]) -> None:
        compiler = found.query.get_compiler(connection=connection)
        self.sql, params = compiler.as_sql()
        self.params = [samples.index(param) if param in samples else None for param in params]
        self.fixed = list(params)
        info = compiler.klass_info
        fields = info["select_fields"]
        self.start, self.end = fields[0], fields[-1] + 1
        self.model = info["model"]
        self.names = [column[0].target.attname for column in compiler.select[self.start : self.end]]
        self.related = get_related_populators(info, compiler.select, connection.alias)  # type: ignore[call-arg]
        self.converters = list(compiler.get_converters([expression for expression, _, _ in compiler.select]).items())

        self.annotations = list(compiler.annotation_col_map.values())

    def run(self, database: BaseDatabaseWrapper, values: Sequence[Value]) -> list[Sequence[Any]]:
        given = [
            fixed if place is None else values[place] for place, fixed in zip(self.params, self.fixed, strict=True)
        ]
        return rows(database, self.sql, given)

    def annotated(self, columns: Sequence[Any]) -> tuple[Any, ...]:
        """The annotated columns, as the database gives them: for texts and numbers."""
        return tuple(columns[place] for place in self.annotations)

    def made(self, database: BaseDatabaseWrapper, columns: Sequence[Any]) -> Any:
        """The object of one row."""
        row = list(columns)
        for place, (converters, expression) in self.converters:
            value = row[place]
            for convert in converters:
                value = convert(value, expression, database)
            row[place] = value
        made = self.model.from_db(database.alias, self.names, row[self.start : self.end])
        for related in self.related:
            related.populate(row, made)
        return made


class _Children(QuerySet[Any]):
    """Children that are known already. Whoever asks for more than that (an order, a filter, a change) asks for those of their row alone."""

    of: "tuple[str, Model] | None" = None

    @property
    def query(self) -> Any:
        if self.of is not None:
            (name, row), self.of = self.of, None
            self._query = QuerySet(self.model).filter(**{name: row}).query
        return self._query

    @query.setter
    def query(self, value: Any) -> None:
        QuerySet.query.fset(self, value)  # type: ignore[attr-defined]


@cache
def _empty_query(model: type[Model]) -> Query:
    """What stands where a query will be: making one for each row takes longer than the row itself. Nobody changes it or asks it."""
    return Query(model)


def remember(row: Model, name: str, found: "list[Any]") -> None:
    """Give a row its children as prefetch_related would, so that `row.tags.all()` asks no more."""
    relation = getattr(type(row), name).rel
    children = _Children(relation.related_model, _empty_query(relation.related_model))
    children.of = (relation.field.name, row)  # the query itself is built only if somebody needs it
    children._result_cache = found  # noqa: SLF001 - what Django's own prefetch does
    children._prefetch_done = True  # type: ignore[attr-defined]  # noqa: SLF001
    row.__dict__.setdefault("_prefetched_objects_cache", {})[name] = children


def children(row: Model, name: str) -> "Iterable[Any]":
    """`row.<name>.all()`; where they are there already, without Django's manager, which takes longer than they do."""
    known: Iterable[Any] | None = row.__dict__.get("_prefetched_objects_cache", {}).get(name)
    return getattr(row, name).all() if known is None else known
