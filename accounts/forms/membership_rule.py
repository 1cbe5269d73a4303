"""Forms of a group's membership rule."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import MembershipRule
from pages.forms import checked
from policies.forms import TagsForm
from policies.tag_lines import as_lines

PATH, NAME = "/[!-~]*", r"[A-Za-z0-9_+=,.@\-]+"
WRONG_PATH = gettext_lazy("Begin with a slash, without spaces: /team/")
WRONG_NAME = gettext_lazy("Use letters, digits and + = , . @ _ - only.")


class MembershipRuleForm(forms.Form):
    """The conditions of a rule, all of which a user fulfils who is in the group by it."""

    path_prefix = forms.CharField(
        label=gettext_lazy("Path begins with"),
        required=False,
        max_length=512,
        validators=[RegexValidator(rf"\A{PATH}\Z", WRONG_PATH)],
        widget=forms.TextInput(attrs={"class": "mono", "autocomplete": "off", **checked(PATH, WRONG_PATH)}),
        help_text=gettext_lazy("Such as /ops/. Every path begins with /, so that alone means all users."),
    )
    user_name_prefix = forms.CharField(
        label=gettext_lazy("User name begins with"),
        required=False,
        max_length=64,
        validators=[RegexValidator(rf"\A{NAME}\Z", WRONG_NAME)],
        widget=forms.TextInput(attrs={"class": "mono", "autocomplete": "off", **checked(NAME, WRONG_NAME)}),
        help_text=gettext_lazy("Whether in capitals or not."),
    )
    tags = TagsForm.base_fields["tags"]
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    clean_tags = TagsForm.clean_tags
    fields_of = {"user_tags": "tags"}

    def clean(self) -> dict[str, Any]:
        """At least one condition."""
        found = self.cleaned_data
        if not self.errors and not any(found.get(name) for name in ("path_prefix", "user_name_prefix", "tags")):
            raise forms.ValidationError(_("Give at least one condition. The path / is that of all users."))
        return found

    @property
    def parameters(self) -> dict[str, Any]:
        """The conditions as the operation takes them."""
        found = {**self.cleaned_data, "user_tags": self.cleaned_data["tags"]}
        return {name: found[name] for name in ("path_prefix", "user_name_prefix", "user_tags") if found[name]}


def as_typed(rule: MembershipRule | None) -> dict[str, str]:
    """A rule's conditions as the form shows them."""
    if rule is None:
        return {"path_prefix": "", "user_name_prefix": "", "tags": ""}
    tags = as_lines((key, value) for key, value in rule.tags)
    return {"path_prefix": rule.path_prefix, "user_name_prefix": rule.name_prefix, "tags": tags}


def as_parameters(rule: MembershipRule) -> dict[str, Any]:
    """The same as the operation takes them."""
    tags = [{"Key": key, "Value": value} for key, value in rule.tags]
    found = {"path_prefix": rule.path_prefix, "user_name_prefix": rule.name_prefix, "user_tags": tags}
    return {name: value for name, value in found.items() if value}


class RemoveRuleForm(forms.Form):
    """What becomes of whom the rule has added."""

    users = forms.ChoiceField(
        label=gettext_lazy("The users whom it has added"),
        choices=[
            ("stay", gettext_lazy("stay in the group, as if added by hand")),
            ("leave", gettext_lazy("are removed from the group")),
        ],
        initial="stay",
        widget=forms.RadioSelect,
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
