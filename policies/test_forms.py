"""The form of a policy test."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pages.forms import checked
from pages.outcomes import outcome
from policies.models import PolicyTest
from policies.tag_lines import pair_of

DECISIONS = ("allowed", "implicitDeny", "explicitDeny")


class PolicyTestForm(forms.Form):
    """A question to the policy and the decision that it must give."""

    test_name = forms.CharField(
        label=gettext_lazy("Test name"),
        max_length=128,
        help_text=gettext_lazy("What it makes sure of, such as: auditors read every log."),
    )
    action_name = forms.CharField(
        label=gettext_lazy("Action"),
        max_length=128,
        help_text=gettext_lazy("One action without wildcards, such as s3:GetObject."),
        widget=forms.TextInput(
            checked(r"[a-zA-Z0-9\-]+:[a-zA-Z0-9]+", gettext_lazy("One action, as s3:GetObject.")) | {"class": "mono"}
        ),
    )
    resource_arn = forms.CharField(
        label=gettext_lazy("Resource"),
        max_length=2048,
        initial="*",
        help_text=gettext_lazy("The ARN of one resource; * for an action without resource-level permissions."),
        widget=forms.TextInput(
            checked(
                r"\*|arn:[^:]+:[^:]+:[^:]*:[^:]*:.+", gettext_lazy("Type an ARN, or * for an action without resources.")
            )
            | {"class": "mono"}
        ),
    )
    context = forms.CharField(
        label=gettext_lazy("Context keys"),
        required=False,
        widget=forms.Textarea(
            checked(r"[^=]+=.*\S.*", gettext_lazy("Line {number} is no key = value."), lines=True, rows=4)
            | {"class": "mono"}
        ),
        help_text=gettext_lazy(
            "One per line: aws:MultiFactorAuthPresent = true. A key on several lines has several values. What is not given is absent, "
            "also the time and the caller's name."
        ),
    )
    expected_decision = forms.ChoiceField(
        label=gettext_lazy("The policy alone must decide"),
        choices=lambda: [(kind, outcome(kind).word) for kind in DECISIONS],
        widget=forms.RadioSelect,
        initial="allowed",
    )

    def clean_context(self) -> dict[str, list[str]]:
        """Values by key, each key as it was first spelled. A line without key or value is refused with its number."""
        found: dict[str, list[str]] = {}
        spelled: dict[str, str] = {}
        for number, line in enumerate(str(self.cleaned_data["context"]).splitlines(), 1):
            if not line.strip():
                continue
            key, value = pair_of(line)
            if not key or not value:
                raise forms.ValidationError(_("Line %(number)d is no key = value."), params={"number": number})
            found.setdefault(spelled.setdefault(key.lower(), key), []).append(value)
        return found

    @property
    def parameters(self) -> dict[str, Any]:
        """What the operation takes, without the policy."""
        return dict(self.cleaned_data)


def initial_of(test: PolicyTest) -> dict[str, str]:
    """The form's first values for a test that is there."""
    return {
        "test_name": test.name,
        "action_name": test.action,
        "resource_arn": test.resource,
        "context": as_text(test.context),
        "expected_decision": test.expected,
    }


def as_text(context: Mapping[str, Iterable[str]]) -> str:
    """Context keys as the form takes them."""
    return "\n".join(f"{key} = {value}" for key, values in context.items() for value in values)
