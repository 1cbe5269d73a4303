"""Events in the search over everything: by event id or request id."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from audit.queries import trail
from operations.caller import Caller
from pages import search
from pages.search import Hit


@search.register(_("Events"), "history", "audit:events")
def events(caller: Caller, text: str, limit: int) -> Iterable[Hit]:
    """The Event of that id, or those of that request, for whoever may read the trail."""
    try:
        wanted = str(UUID(text))
    except ValueError:
        return []
    if not caller.may("cloudtrail:LookupEvents", "*"):
        return []
    rows = trail(caller.account_id).filter(Q(event_id=wanted) | Q(request_id=wanted)).order_by("sequence")[:limit]
    return [
        Hit(
            row.name,
            reverse("audit:event", args=[row.event_id]),
            f"{row.user_name or row.principal_arn} · {row.time:%Y-%m-%d %H:%M:%S} UTC",
        )
        for row in rows
    ]
