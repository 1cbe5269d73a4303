"""Points in time as people read them: how long ago, with the exact moment at hand."""

from datetime import UTC, datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MINUTE, HOUR, DAY = 60, 3600, 86400


def ago(moment: datetime, now: datetime | None = None) -> str:
    """`12 minutes ago`, `in 3 days`; from two months on the date itself."""
    seconds = int(((now or timezone.now()) - moment).total_seconds())
    future, distance = seconds < 0, abs(seconds)
    if distance < 45:
        return _("just now") if not future else _("in a moment")
    if distance >= 60 * DAY:
        return formats.date_format(timezone.localtime(moment), "j M Y")
    span = _span(distance)
    return _("in %(span)s") % {"span": span} if future else _("%(span)s ago") % {"span": span}


def _span(seconds: int) -> str:
    for size, text in ((DAY, _days), (HOUR, _hours)):
        if seconds >= size:
            return text(round(seconds / size))
    number = max(1, round(seconds / MINUTE))
    return ngettext("%(number)d minute", "%(number)d minutes", number) % {"number": number}


def _hours(number: int) -> str:
    return ngettext("%(number)d hour", "%(number)d hours", number) % {"number": number}


def _days(number: int) -> str:
    return ngettext("%(number)d day", "%(number)d days", number) % {"number": number}


def exact(moment: datetime) -> str:
    """The moment in UTC, and in the reader's zone below when that is another."""
    utc = moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    local = timezone.localtime(moment)
    if local.utcoffset() == moment.astimezone(UTC).utcoffset():
        return utc
    return f"{utc}\n{local.strftime('%Y-%m-%d %H:%M:%S')} {timezone.get_current_timezone_name()}"


def age_in_days(moment: datetime, now: datetime | None = None) -> int:
    """Whole days since then."""
    return ((now or timezone.now()) - moment).days
