"""The filter by permissions boundary, of users and of roles."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from pages.listing import Rows, Suggestion, TextFilter
from pages.listing.filters import LIMIT
from policies.models import ManagedPolicy

UNBOUNDED = Q(boundary_key="")


@dataclass(frozen=True)
class BoundaryFilter(TextFilter):
    """The name of the policy that is somebody's boundary, or none."""

    field: str = "boundary_key"
    fold: Callable[[str], str] | None = str.lower
    absent: Q | None = UNBOUNDED

    def suggest(self, rows: Rows, typed: str) -> Iterable[Suggestion]:
        """Policies that bound any of the rows: few are boundaries, and each is asked for its first row."""
        bounding = ManagedPolicy.objects.filter(Exists(rows.order_by().filter(boundary=OuterRef("pk"))))
        names = bounding.filter(name_key__inside=typed.lower()).order_by("name_key").values_list("name", flat=True)
        return [*self.none(typed), *(Suggestion(name, name) for name in names.distinct()[:LIMIT])]
