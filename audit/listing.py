"""The trail as a list: columns and filters over the record's search columns.

Whole values (`=`) are compared as they are written, so that an index finds them; a part of a value (`:`) is found without regard to case.
"""

from dataclasses import replace
from functools import partial

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from audit.earlier_names import EntityFilter
from audit.endings import ending, outcomes
from audit.free_text import TermFilter, matching
from audit.queries import length_of
from pages.listing import AgeFilter, Choice, ChoiceFilter, Column, DateFilter, Filter, Listing, TextFilter

EVENTS = Listing(
    key="trail",
    preview=True,
    label=_("Events"),
    icon="history",
    sort="-time",
    noun=lambda n: ngettext("event", "events", n),
    search=partial(matching, ""),
    row_name=lambda row: f"{row.name} {row.time:%Y-%m-%d %H:%M:%S}",
    columns=(
        Column("name", _("Event name"), sort="name", fixed=True),
        Column("outcome", _("Outcome"), value=lambda row: ending(row).value, sort="error_code", blank=True),
        Column("who", _("User name"), value=lambda row: row.user_name or row.principal_arn, sort="user_name"),
        Column("resource", _("Resource"), sort="resource"),
        Column("time", _("Event time"), sort="time"),
        Column("source_ip", _("Source IP address"), empty=_("unknown")),
        Column("reason", _("Reason"), default=False),
        Column("read_only", _("Read-only"), default=False),
        Column("access_key_id", _("Access key ID"), default=False),
        Column("source", _("Event source"), default=False),
        Column("request_id", _("Request ID"), default=False),
        Column("event_id", _("Event ID"), default=False),
        Column("principal_arn", _("Principal ARN"), sort="principal_arn", blank=True, default=False),
    ),
    filters=(
        TermFilter("name", _("Event name"), "name"),
        TermFilter("user", _("User name"), "user_name"),
        TextFilter("principal", _("Principal ARN"), "principal_arn", exact=True),
        ChoiceFilter(
            "outcome",
            _("Outcome"),
            (
                Choice("allowed", _("Allowed"), Q()),  # the conditions are those of an account: events_of
                Choice("denied", _("Denied"), Q()),
                Choice("failed", _("Failed"), Q()),
            ),
        ),
        TextFilter("error", _("Error code"), "error_code", exact=True),
        ChoiceFilter(
            "read-only",
            _("Read-only"),
            (Choice("true", _("Yes"), Q(read_only=True)), Choice("false", _("No"), Q(read_only=False))),
        ),
        AgeFilter("time", _("Event time"), "time"),
        DateFilter("at", _("Event time (UTC)"), "time"),
        TermFilter("resource", _("Resource"), "resource"),
        EntityFilter("entity", _("Entity, renamed or not")),
        TermFilter("reason", _("Reason"), "reason", absent=Q(reason__isnull=True)),
        TextFilter("key", _("Access key ID"), "access_key_id", exact=True),
        TextFilter("source-ip", _("Source IP address"), "source_ip"),
        TextFilter("service", _("Event source"), "source"),
        TextFilter("request", _("Request ID"), "request_id", exact=True),
    ),
    cells="audit/event_cells.html",
    empty_title=_("Nothing has happened yet"),
    empty_text=_("Every call to this account, allowed or refused, is recorded here."),
)


def events_of(account_id: str) -> Listing:
    """The list with the search, the filters and the length of one account's record."""
    filters = tuple(_of_account(item, account_id) for item in EVENTS.filters)
    length = partial(length_of, account_id)
    return replace(EVENTS, search=partial(matching, account_id), filters=filters, whole=length)


def _of_account(item: Filter, account_id: str) -> Filter:
    """A filter as it is asked in one account's record."""
    if isinstance(item, TermFilter | EntityFilter):
        return replace(item, account_id=account_id)
    if isinstance(item, ChoiceFilter) and item.key == "outcome":
        known = outcomes(account_id)
        return replace(
            item,
            choices=tuple(
                replace(each, condition=known[each.value][0], often=known[each.value][1]) for each in item.choices
            ),
        )
    return item
