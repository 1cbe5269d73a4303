"""Forms of the pages on which users, groups and roles get and lose policies, boundaries and tags."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from operations.caller import Caller
from operations.errors import ServiceError
from operations.quotas import quota
from pages.forms import NameField
from pages.picking import Beside, PickField
from policies.editor import DocumentField
from policies.lookup import boundary_policy
from policies.tag_lines import as_lines


class InlinePolicyForm(forms.Form):
    """A policy document of one holder."""

    policy_name = NameField(
        label=gettext_lazy("Policy name"),
        max_length=128,
        help_text=gettext_lazy("Up to 128 characters: letters, digits and +\u00a0=\u00a0,\u00a0.\u00a0@\u00a0_\u00a0-"),
    )
    policy_document = DocumentField(label=gettext_lazy("Policy document"), kind="identity")
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    error_fields = {"LimitExceeded": "policy_document"}


class AttachForm(forms.Form):
    """Which managed policies a holder gets besides those it has (`attached`); `room` is how many more its quota allows."""

    policy_arn = PickField("policies", label=gettext_lazy("Policies to attach"))
    error_fields = {"NoSuchEntity": "policy_arn", "PolicyNotAttachable": "policy_arn", "LimitExceeded": "policy_arn"}

    def __init__(
        self,
        *args: Any,
        caller: Caller,
        room: int,
        attached: Sequence[str],
        beside: Beside | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.room = room
        self.fields["policy_arn"].ask(caller, room, attached, beside=beside)  # type: ignore[attr-defined]


class BoundaryForm(forms.Form):
    """Which policy is the boundary."""

    permissions_boundary = PickField("policies", single=True, label=gettext_lazy("Managed policy"))
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    error_fields = {"NoSuchEntity": "permissions_boundary", "ValidationError": "permissions_boundary"}

    def __init__(self, *args: Any, caller: Caller, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_pickers(self, caller)


class BoundaryOfManyForm(forms.Form):
    """Which policy becomes the boundary of many."""

    permissions_boundary = PickField("policies", single=True, label=gettext_lazy("Managed policy"))

    def __init__(self, *args: Any, caller: Caller, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account_id = caller.account_id
        ask_pickers(self, caller)

    def clean_permissions_boundary(self) -> str:
        """It is looked up once for all, before any of them is asked for. Raises ValidationError."""
        arn = str(self.cleaned_data["permissions_boundary"])
        try:
            boundary_policy(self.account_id, arn)
        except ServiceError as error:
            raise forms.ValidationError(error.message) from error
        return arn


class JoinForm(forms.Form):
    """Which groups a user joins besides those the user is in (`joined`)."""

    groups = PickField("groups", label=gettext_lazy("Groups to join"))
    error_fields = {"NoSuchEntity": "groups", "LimitExceeded": "groups"}

    def __init__(self, *args: Any, caller: Caller, joined: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["groups"].ask(caller, quota("GroupsPerUserQuota"), joined)  # type: ignore[attr-defined]


def ask_pickers(form: forms.Form, caller: Caller, **quotas: str) -> None:
    """Tell a form's pickers who chooses, and which quota says how many there may be: `policies="AttachedPoliciesPerUserQuota"`."""
    for name, field in form.fields.items():
        if isinstance(field, PickField):
            field.ask(caller, quota(quotas[name]) if name in quotas else None)


def lines_of(tags: Any) -> str:
    """Stored tags as the form shows them."""
    return as_lines((tag.key, tag.value) for tag in tags)
