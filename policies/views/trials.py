"""The trial of a version: what it would have decided otherwise, starting and stopping it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from operations.rehearsal import Step
from pages.request import CallerRequest
from pages.undo import done
from policies.operations.policy_trials import READING, WRITING, start_policy_trial, stop_policy_trial
from policies.queries import versions_of
from policies.reading import chosen, open_form, read_own, read_part, tag_keys
from policies.trials import TRAIL, differences_of, trial_of


def trial(request: CallerRequest, arn: str) -> HttpResponse:
    """The version on trial, and which calls since the trial began it would have decided otherwise.

    Where none is, `?version=v2` offers to start the trial of that one.
    """
    row = read_own(request.caller, arn)
    read = read_part(request.caller, row, READING, lambda: trial_of(row))
    keys, running = tag_keys(row), read.value
    context: dict[str, Any] = {
        "row": row,
        "tab": "trial" if running else "versions",
        "read": read,
        "trial": running,
        "names": request.caller.may(TRAIL),
        "may_stop": request.caller.may(WRITING, arn, keys),
        "may_enforce": request.caller.may("iam:SetDefaultPolicyVersion", arn, keys),
    }
    if running is not None:
        context["replay"] = differences_of(request.caller, running)
    elif not read.refusal and (version := chosen(versions_of(row), request.GET.get("version"))):
        open_form(request.caller, row, WRITING)
        context["begin"] = None if version.is_default else version
    return render(request, "policies/trial.html", context)


@require_POST
def start(request: CallerRequest, arn: str) -> HttpResponse:
    """Put a version on trial; it can be taken back at once."""
    row = read_own(request.caller, arn)
    version = request.POST.get("version_id", "")
    start_policy_trial(request.caller, policy_arn=arn, version_id=version)
    said = _("%(version)s is on trial from now on. It is not enforced.") % {"version": version}
    done(request, said, [Step("iam", "StopPolicyTrial", {"policy_arn": arn})], on=row.arn, replaces=True)
    return redirect("policies:trial", arn)


@require_POST
def stop(request: CallerRequest, arn: str) -> HttpResponse:
    """End the trial. The version stays."""
    read_own(request.caller, arn)
    stop_policy_trial(request.caller, policy_arn=arn)
    messages.success(request, _("The trial was stopped."))
    return redirect("policies:versions", arn)
