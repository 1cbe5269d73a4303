"""Forms of requests for access: asking, granting, declining."""

from datetime import MAXYEAR, MINYEAR, datetime, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from operations.clock import now
from operations.reasons import LONGEST
from pages.durations import DAY, in_days

OFFERED = (3600, 4 * 3600, 8 * 3600, DAY, 3 * DAY, 7 * DAY, 30 * DAY, 90 * DAY)
USUAL = 8 * 3600
FOREVER = "forever"


def _seconds(text: str) -> int | None:
    return None if text == FOREVER else int(text)


class LastingField(forms.TypedChoiceField):
    """For how long: usual times, or until it is taken back. Its value is seconds, or None."""

    def __init__(self, **given: Any) -> None:
        super().__init__(coerce=_seconds, **given)
        self.offer()

    def offer(self, *others: int | None) -> None:
        """Offer the usual times, and others besides."""
        times = sorted({*OFFERED, *filter(None, others)})
        self.choices = [*((str(each), in_days(each)) for each in times), (FOREVER, _("Until it is revoked"))]


def _area(**attrs: Any) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": 3, **attrs})


class AskForm(forms.Form):
    """Why, and for how long."""

    error_fields = {"InvalidInput": "reason"}
    reason = forms.CharField(
        label=_("Why do you need it?"),
        max_length=LONGEST,
        widget=_area(),
        help_text=_("Whoever answers reads it, and it stays in the record."),
    )
    duration_seconds = LastingField(label=_("For how long?"), initial=str(USUAL))


class GrantForm(forms.Form):
    """For how long, and what is said to the requester. `end_date` is what was reviewed."""

    duration_seconds = LastingField(
        label=_("For how long?"), help_text=_("It ends by itself: the policy has the end as a condition.")
    )
    message = forms.CharField(
        label=_("Message to the requester"), max_length=LONGEST, required=False, widget=_area(rows=2)
    )
    end_date = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None, *, asked: int | None) -> None:
        super().__init__(data, initial={"duration_seconds": str(asked or FOREVER)})
        self.fields["duration_seconds"].offer(asked)  # type: ignore[attr-defined]

    def clean_end_date(self) -> datetime | None:
        """Raises ValidationError for what no other time zone can tell."""
        moment: datetime | None = self.cleaned_data["end_date"]
        if moment is not None and not MINYEAR < moment.year < MAXYEAR:
            raise forms.ValidationError(_("Enter a valid date/time."))
        return moment

    def ends_at(self, *, reviewed: bool) -> datetime | None:
        """When the grant ends: what was reviewed, where it was, else from now on; None where it has no end."""
        seconds = self.cleaned_data["duration_seconds"]
        if seconds is None:
            return None
        kept: datetime | None = self.cleaned_data["end_date"] if reviewed else None
        return kept or (now() + timedelta(seconds=seconds)).replace(microsecond=0)


class OtherwiseForm(forms.Form):
    """What is said to the requester of what was granted by another way."""

    message = forms.CharField(
        label=_("Message to the requester"), max_length=LONGEST, required=False, widget=_area(rows=2)
    )


class DeclineForm(forms.Form):
    """What the requester is told."""

    error_fields = {"InvalidInput": "message"}
    message = forms.CharField(
        label=_("Message to the requester"),
        max_length=LONGEST,
        widget=_area(),
        help_text=_("Say why, and what they can do instead."),
        error_messages={"required": _("Enter a message.")},
    )
