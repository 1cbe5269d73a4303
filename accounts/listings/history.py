"""The history of a user, group or role as a list: what became different, by whom, when and with what outcome."""

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.history.events import record_of
from accounts.history.words import sentence
from audit.endings import ending
from audit.listing import events_of
from operations.models import Event
from operations.record import canonical
from pages.listing import Column, Listing

# What the trail is filtered by and what is the same in each row here: whose it is, and that it changed something.
KNOWN = frozenset({"entity", "read-only", "service", "resource"})


def _written(row: Event) -> Any:
    """Both states in a file, whole, as the record has them."""
    record = record_of(row)
    states = {key: record[key] for key in ("before", "after") if record.get(key)}
    return canonical(states) if states else ""


HISTORY = Listing(
    key="history",
    label=_("History"),
    icon="history",
    sort="-time",
    noun=lambda n: ngettext("change", "changes", n),
    row_name=lambda row: f"{row.name} {row.time:%Y-%m-%d %H:%M:%S}",
    columns=(
        Column("what", _("Change"), value=sentence, sort="name", fixed=True),
        Column("difference", _("Before and after"), value=_written),
        Column("outcome", _("Outcome"), value=lambda row: ending(row).value, sort="error_code", blank=True),
        Column("who", _("User name"), value=lambda row: row.user_name or row.principal_arn, sort="user_name"),
        Column("time", _("Event time"), sort="time"),
        Column("restore", _("Restore"), value=lambda row: "", acts=True),
        Column("source_ip", _("Source IP address"), empty=_("unknown"), default=False),
        Column("reason", _("Reason"), default=False),
        Column("event_id", _("Event ID"), default=False),
    ),
    cells="accounts/holders/history_cells.html",
    empty_title=_("No changes yet"),
    empty_text=_("Whatever changes this, or tries to, is listed here."),
)


def history_list(account_id: str) -> Listing:
    """The list with the trail's search and those of its filters that tell the rows apart."""
    trail = events_of(account_id)
    filters = tuple(item for item in trail.filters if item.key not in KNOWN)
    return replace(HISTORY, search=trail.search, filters=filters)
