"""Putting a version in force at a later moment: scheduling it, and cancelling."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from operations.rehearsal import Step
from pages.request import CallerRequest
from pages.undo import done
from policies.activations import ACTION
from policies.operations.policy_activations import cancel_policy_activation, schedule_policy_activation
from policies.queries import versions_of
from policies.reading import chosen, open_form, read_own
from policies.saving import save


class UtcField(forms.DateTimeField):
    """A moment in UTC, whatever the reader's time zone is."""

    def to_python(self, value: Any) -> datetime | None:
        with timezone.override(UTC):
            return super().to_python(value)


class ScheduleForm(forms.Form):
    """When a version is to be put in force."""

    activation_date = UtcField(
        label=gettext_lazy("Date and time (UTC)"),
        error_messages={"required": gettext_lazy("Choose a date and time.")},
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"],
        help_text=gettext_lazy(
            "Within a year. It is carried out within half a minute, as long as the console is running; else at its start."
        ),
    )
    error_fields = {"InvalidInput": "activation_date"}


def schedule(request: CallerRequest, arn: str) -> HttpResponse:
    """Choose the moment for a version (`?version=v2`)."""
    row = read_own(request.caller, arn, "iam:ListPolicyVersions")
    if request.method != "POST":
        open_form(request.caller, row, ACTION)
    named = request.POST.get("version_id", "") if request.method == "POST" else request.GET.get("version")
    version = chosen(versions_of(row), named)
    if version is None or version.is_default:
        if version is not None:
            messages.info(request, _("%(version)s is the default version.") % {"version": version.version_id})
        return redirect("policies:versions", arn)
    form = ScheduleForm(request.POST or None)
    if form.is_valid():
        params = {"policy_arn": arn, "version_id": version.version_id, **form.cleaned_data}
        if save(form, lambda: schedule_policy_activation(request.caller, **params)):
            said = _("%(version)s is scheduled to come into force.") % {"version": version.version_id}
            done(request, said, [Step("iam", "CancelPolicyActivation", {"policy_arn": arn})], on=arn, replaces=True)
            return redirect("policies:versions", arn)
    return render(request, "policies/schedule.html", {"row": row, "version": version, "form": form})


@require_POST
def cancel(request: CallerRequest, arn: str) -> HttpResponse:
    """Cancel what is scheduled, or forget what failed."""
    read_own(request.caller, arn, "iam:ListPolicyVersions")
    cancel_policy_activation(request.caller, policy_arn=arn)
    messages.success(request, _("Nothing is scheduled for the policy any more."))
    return redirect("policies:versions", arn)
