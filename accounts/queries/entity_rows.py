"""What the lists of users, groups and roles have in common: counting what hangs on a row, conditions on tags, orders."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db.models import Count, Exists, F, IntegerField, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

M = TypeVar("M", bound=Model)


def counted(model: Any, column: str) -> Coalesce:
    """How many rows of a model point with a column at the outer row."""
    rows = model.objects.filter(**{column: OuterRef("pk")}).order_by().values(column)
    return Coalesce(Subquery(rows.annotate(number=Count("pk")).values("number"), output_field=IntegerField()), 0)


def tagged(model: Any, column: str, key: str, value: str | None = None) -> Q:
    """Rows with a tag of a model, whose key folds case; with a value, that value."""
    rows = model.objects.filter(**{column: OuterRef("pk")}, key_folded=key.lower())
    return Q(Exists(rows if value is None else rows.filter(value=value)))


def tag_containing(model: Any, column: str, text: str) -> Q:
    """Rows with a tag that has a text in its key or its value."""
    rows = model.objects.filter(Q(key__icontains=text) | Q(value__icontains=text), **{column: OuterRef("pk")})
    return Q(Exists(rows))


def ordered(rows: "QuerySet[M]", sorts: Mapping[str, str], sort: str) -> "QuerySet[M]":
    """Rows by a key of `sorts`, with a minus before it the other way round; the name breaks ties, absent values come last."""
    column = sorts.get(sort.removeprefix("-"), "name_key")
    order = F(column).desc(nulls_last=True) if sort.startswith("-") else F(column).asc(nulls_last=True)
    return rows.order_by(order, "name_key", "id")
