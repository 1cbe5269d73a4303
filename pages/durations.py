"""A length of time: in words, and in a form as a choice of usual ones with another one typed in hours, minutes or seconds.

    session = DurationField(label=_("Session"), min_value=3600, max_value=43200, offered=(3600, 7200, 14400, 28800, 43200))

Its value is a number of seconds. The form may be sent with the seconds alone, too.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

OTHER = "custom"
DAY = 24 * 3600
UNITS: Sequence[tuple[int, str | Promise]] = (
    (3600, gettext_lazy("hours")),
    (60, gettext_lazy("minutes")),
    (1, gettext_lazy("seconds")),
)


def in_words(seconds: int) -> str:
    """5400 → `1 hour 30 minutes`."""
    hours, rest = divmod(int(seconds), 3600)
    minutes, left = divmod(rest, 60)
    words = (
        (hours, ngettext("%(n)d hour", "%(n)d hours", hours)),
        (minutes, ngettext("%(n)d minute", "%(n)d minutes", minutes)),
        (left, ngettext("%(n)d second", "%(n)d seconds", left)),
    )
    said = " ".join(text % {"n": number} for number, text in words if number)
    return said or ngettext("%(n)d second", "%(n)d seconds", 0) % {"n": 0}


def in_days(seconds: int) -> str:
    """The same where it may be long: 604800 → `7 days`, 5400 → `1 hour 30 minutes`."""
    days, rest = divmod(int(seconds), DAY)
    said = ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
    return in_words(rest) if not days else f"{said} {in_words(rest)}" if rest else said


class DurationWidget(forms.Widget):
    """The choice, and beside it the number and unit of another one; a style shows those only where it is chosen, also without scripts."""

    template_name = "components/duration_field.html"

    def __init__(self, offered: Sequence[int] = ()) -> None:
        super().__init__()
        self.offered = offered
        self.typed: tuple[str, int] | None = None

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        """The seconds that were chosen or typed; what is no number stays as it was typed, for the field to refuse."""
        chosen = str(data.get(name) or "")
        if chosen != OTHER:
            return chosen
        number, unit = str(data.get(f"{name}-number") or "").strip(), str(data.get(f"{name}-unit") or "")
        size = next((size for size, _word in UNITS if str(size) == unit), 1)
        self.typed = (number, size)
        return _seconds(number, size)

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """What the template needs: the choices, and the number and unit of another one."""
        text = "" if value is None else str(value)
        seconds = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
        is_other = self.typed is not None or (bool(text) and seconds not in self.offered)
        typed = self.typed or (_as_typed(seconds) if seconds is not None else (text, 1))
        context = super().get_context(name, value, attrs)
        return {
            **context,
            "choices": [(each, in_words(each), not is_other and each == seconds) for each in self.offered],
            "other": OTHER,
            "is_other": is_other,
            "number": typed[0] if is_other else "",
            "unit": typed[1] if is_other else UNITS[0][0],
            "units": UNITS,
            "is_invalid": (attrs or {}).get("aria-invalid") == "true",
        }


def _seconds(number: str, size: int) -> str:
    """`1.5` hours → 5400; what gives no whole number of seconds stays as it is."""
    try:
        found = Decimal(number) * size
    except ArithmeticError:
        return number
    is_whole = found.is_finite() and abs(found) < 10**9 and found == found.to_integral_value()
    return str(int(found)) if is_whole else number


def _as_typed(seconds: int) -> tuple[str, int]:
    size = next(size for size, _word in UNITS if seconds % size == 0)
    return str(seconds // size), size


class DurationField(forms.IntegerField):
    """A number of seconds within limits, of which the error speaks as people do."""

    def __init__(self, *, offered: Sequence[int], min_value: int, max_value: int, **given: Any) -> None:
        self.limits = min_value, max_value
        widget = DurationWidget(offered)
        super().__init__(min_value=min_value, max_value=max_value, widget=widget, **given)
        self.error_messages["required"] = gettext_lazy("Choose a duration.")
        self.error_messages["invalid"] = gettext_lazy("Enter a number.")

    def run_validators(self, value: Any) -> None:
        """Raise ValidationError that names both limits."""
        try:
            super().run_validators(value)
        except forms.ValidationError:
            least, most = map(in_words, self.limits)
            said = _("Choose a duration from %(least)s to %(most)s.") % {"least": least, "most": most}
            raise forms.ValidationError(said) from None
