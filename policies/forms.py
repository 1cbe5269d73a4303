"""Forms of the pages of managed policies."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from operations.quotas import quota
from pages.forms import AgreementField, NameField, PathField, checked
from policies.editor import DocumentField
from policies.tag_lines import pair_of

NEW_DOCUMENT = """{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [],
            "Resource": []
        }
    ]
}
"""


class TagsArea(forms.Textarea):
    """The text of some tags, which static/js/tags.js shows as rows of key and value."""

    def build_attrs(self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None) -> dict[str, Any]:
        most = quota("TagsPerResourceQuota")
        words = {
            "key": _("Key"),
            "value": _("Value"),
            "optional": _("optional"),
            "add": _("Add tag"),
            "remove": _("Remove this tag"),
            "text": _("Edit as text"),
            "rows": _("Edit as rows"),
            "count": ngettext("{used} of {most} tag", "{used} of {most} tags", most),
            "most": most,
        }
        return super().build_attrs(base_attrs, extra_attrs) | {"data-tags": json.dumps(words)}


class TagsForm(forms.Form):
    """All tags of an entity as lines of `key = value`: quick to type, to paste and to read."""

    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        required=False,
        widget=TagsArea(
            attrs=checked(r"[^=].*", gettext_lazy("Line {number} has no key."), lines=True)
            | {"rows": 10, "class": "mono"}
        ),
        help_text=gettext_lazy(
            "At most 50. As text: one tag a line, key = value; a key alone is a tag with an empty value."
        ),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_tags(self) -> list[dict[str, str]]:
        """The tags as AWS takes them. A line without a key, and a key typed twice, are refused with their number."""
        found: dict[str, str] = {}
        for number, line in enumerate(str(self.cleaned_data["tags"]).lstrip("\ufeff").splitlines(), 1):
            if not line.strip():
                continue
            key, value = pair_of(line)
            if not key:
                raise forms.ValidationError(_("Line %(number)d has no key."), params={"number": number})
            if key in found:
                raise forms.ValidationError(
                    _("Line %(number)d: the key %(key)s stands twice."), params={"number": number, "key": key}
                )
            found[key] = value
        return [{"Key": key, "Value": value} for key, value in found.items()]


class CreatePolicyForm(forms.Form):
    """A new customer managed policy."""

    policy_document = DocumentField(label=gettext_lazy("Policy document"), kind="identity", initial=NEW_DOCUMENT)
    policy_name = NameField(
        label=gettext_lazy("Policy name"),
        max_length=128,
        help_text=gettext_lazy(
            "Up to 128 characters: letters, digits and +\u00a0=\u00a0,\u00a0.\u00a0@\u00a0_\u00a0-. The name cannot be changed later."
        ),
    )
    description = forms.CharField(
        label=gettext_lazy("Description"),
        max_length=1000,
        required=False,
        help_text=gettext_lazy("What the policy is for. It cannot be changed later."),
    )
    path = PathField(initial="/")
    tags = TagsForm.base_fields["tags"]
    error_fields = {"EntityAlreadyExists": "policy_name", "InvalidInput": "tags"}
    clean_tags = TagsForm.clean_tags

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tags"].widget.attrs["rows"] = 3


class VersionForm(forms.Form):
    """A new version of a policy."""

    policy_document = DocumentField(label=gettext_lazy("Policy document"), kind="identity")
    set_as_default = forms.BooleanField(
        label=gettext_lazy("Set as default"),
        required=False,
        initial=True,
        widget=forms.CheckboxInput({"form": "reviewed"}),
    )
    delete_version = forms.CharField(required=False, widget=forms.HiddenInput)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def offer_deletion(self, version_id: str, *, at_once: bool = True) -> None:
        """A policy that has all the versions it may have: offer to delete its oldest one that is neither the default nor planned with.
        Where nothing is saved yet, `at_once` is False: then it need not be agreed to.
        """
        label = _("Delete %(version)s, the oldest version that is not the default, to make room") % {
            "version": version_id
        }
        short = _("Version to delete")
        self.fields["delete_version"] = AgreementField(label=label, short_label=short, required=False)
        self.oldest, self.must_agree = version_id, at_once

    oldest, must_agree = "", False
    stored: Mapping[str, str] = {}  # documents by version id, newest first
    on_trial = False  # it is saved to be tried, whatever the choice above it says
    same = ""  # the version that has the document already

    def clean_policy_document(self) -> str:
        """A document that is stored already would only use up one of the versions that a policy may have."""
        document: str = self.cleaned_data["policy_document"]
        self.same = next((version for version, text in self.stored.items() if text.strip() == document.strip()), "")
        if self.same:
            raise forms.ValidationError(_("Same as %(version)s: nothing to save."), params={"version": self.same})
        return document

    def say_whom(self, number: int, ending: Sequence[str]) -> None:
        """Say at the choice that decides it for how many the version would be in force, and what ends by it."""
        words = ngettext(
            "Set as default: in force at once for the %(n)d user, group or role that has the policy",
            "Set as default: in force at once for the %(n)d users, groups and roles that have the policy",
            number,
        )
        nobody = _("Set as default: in force for everybody who gets the policy; nobody has it yet")
        self.fields["set_as_default"].label = words % {"n": number} if number else nobody
        self.fields["set_as_default"].help_text = " ".join(ending)

    def clean(self) -> dict[str, Any]:
        """Where there is no room, making it must be agreed to."""
        data: dict[str, Any] = super().clean() or {}
        if self.must_agree and not data.get("delete_version"):
            self.add_error(
                "delete_version", _("The policy has all the versions it may have. Agree to delete one of them.")
            )
        return data
