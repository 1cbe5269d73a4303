"""What the lists of groups and roles have in common: counting what hangs on a row."""

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce


def counted(model: Any, column: str) -> Coalesce:
    """How many rows of a model point with a column at the outer row."""
    rows = model.objects.filter(**{column: OuterRef("pk")}).order_by().values(column)
    return Coalesce(Subquery(rows.annotate(number=Count("pk")).values("number"), output_field=IntegerField()), 0)
