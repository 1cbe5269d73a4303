"""The lists of requests for access: those of the account, and one's own."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from governance.models import AccessRequest
from operations.clock import now
from pages.durations import in_days
from pages.listing import AgeFilter, BulkAction, Choice, ChoiceFilter, Column, Filter, Listing, TextFilter

STATES = {
    AccessRequest.OPEN: ("info", _("Open")),
    AccessRequest.GRANTED: ("allowed", _("Granted")),
    AccessRequest.DECLINED: ("implicitDeny", _("Declined")),
    AccessRequest.WITHDRAWN: ("neutral", _("Withdrawn")),
    AccessRequest.ENDED: ("neutral", _("Ended")),
}


def wanted(row: AccessRequest) -> str:
    """For how long it is asked, in words."""
    return in_days(row.duration_seconds) if row.duration_seconds else str(_("Until it is revoked"))


def _status(row: Any) -> str:
    return str(STATES[row.status][1])


PRESETS = ((_("All"), ()), (_("Open"), (f"status:eq:{AccessRequest.OPEN}",)))
_ACTION = Column("action", _("Action"), sort="action", fixed=True)
_RESOURCE = Column("resource", _("Resource"))
_REST = (
    Column("status", _("Status"), value=_status),
    Column("created", _("Created"), value="created_at", sort="created_at"),
    Column("duration", _("Duration"), value=wanted, default=False),
    Column("reason", _("Reason")),
    Column("answered", _("Answered"), value="answered_at", sort="answered_at", nulls="low", empty=_("Not yet")),
)
_LAST = (
    Column("answered_by", _("Answered by"), default=False),
    Column("message", _("Message"), default=False),
    Column("ends", _("Ends"), value="ends_at", default=False),
    Column("policy_name", _("Policy name"), default=False),
    Column("request_id", _("Request ID"), default=False),
)


def _noun(number: int) -> str:
    return ngettext("request", "requests", number)


def _filters(moment: datetime) -> tuple[Filter, ...]:
    over = Q(state=AccessRequest.GRANTED, ends_at__isnull=False, ends_at__lte=moment)
    conditions = {
        AccessRequest.OPEN: Q(state=AccessRequest.OPEN),
        AccessRequest.GRANTED: Q(state=AccessRequest.GRANTED) & (Q(ends_at__isnull=True) | Q(ends_at__gt=moment)),
        AccessRequest.DECLINED: Q(state=AccessRequest.DECLINED),
        AccessRequest.WITHDRAWN: Q(state=AccessRequest.WITHDRAWN),
        AccessRequest.ENDED: over,
    }
    return (
        ChoiceFilter(
            "status", _("Status"), tuple(Choice(key, STATES[key][1], found) for key, found in conditions.items())
        ),
        TextFilter("action", _("Action"), "action"),
        TextFilter("resource", _("Resource"), "resource"),
        TextFilter("reason", _("Reason"), "reason"),
        AgeFilter("created", _("Created"), "created_at"),
        AgeFilter("answered", _("Answered"), "answered_at"),
    )


def all_requests() -> Listing:
    """The account's requests, the newest first."""
    return Listing(
        key="access-requests",
        label=_("Requests"),
        icon="send",
        sort="-created",
        noun=_noun,
        search=("principal_name_key__contains", "action__icontains", "resource__icontains", "reason__icontains"),
        row_name=lambda row: f"{row.principal_name}: {row.action}",
        columns=(
            _ACTION,
            Column("requester", _("Requester"), value="principal_name", sort="principal_name_key"),
            _RESOURCE,
            *_REST,
            *_LAST,
        ),
        filters=(
            TextFilter("requester", _("Requester"), "principal_name_key", fold=str.lower, shown_field="principal_name"),
            *_filters(now()),
        ),
        cells="governance/request_cells.html",
        bulk=(BulkAction(_("Decline"), "governance:requests-decline", "iam:DeclineAccessRequest"),),
        empty_title=_("Nobody has asked for access"),
        empty_text=_("Whoever is denied something can ask for it at the denial. What they ask for is listed here."),
    )


def my_requests() -> Listing:
    """One's own requests, the newest first. By the ARN of a resource nobody can search who may only have named it."""
    return Listing(
        key="my-access-requests",
        label=_("My requests"),
        icon="send",
        sort="-created",
        noun=_noun,
        search=("action__icontains", "reason__icontains"),
        row_name=lambda row: str(row.action),
        columns=(_ACTION, Column("named", _("Resource")), *_REST, *_LAST),
        filters=tuple(each for each in _filters(now()) if each.key != "resource"),
        cells="governance/request_cells.html",
        empty_title=_("You have not asked for anything yet"),
        empty_text=_(
            "Where something is refused to you, “Request access” asks for it. Your requests and their answers are listed here."
        ),
    )
