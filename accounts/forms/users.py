"""The form of «create user»."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.creation import INVITED, WITH_PASSWORD, WITHOUT, Row, rows_of
from accounts.forms.permissions import ask_pickers
from operations.caller import Caller
from pages.forms import PathField, checked
from pages.picking import PickField
from policies.forms import TagsForm

MOST_PASSWORDS = 50
# A line of the user names as the browser checks it: a name, perhaps in quotation marks and before empty columns, or a heading.
LINE = r'"?\s*(?:[\w+=.@\-]{1,64}|[Uu][Ss][Ee][Rr][\s_\-]*[Nn][Aa][Mm][Ee][Ss]?)\s*"?[\s,;"]*'


class CreateUserForm(forms.Form):
    """One user or many, and what they are to have."""

    user_names = forms.CharField(
        label=gettext_lazy("User names"),
        widget=forms.Textarea(
            attrs=checked(
                LINE,
                gettext_lazy(
                    "Line {number}: “{line}” is no user name. Use up to 64 letters, digits and + = . @ _ -, and nothing beside the name."
                ),
                lines=True,
                rows=3,
                autocapitalize="none",
            )
        ),
        help_text=gettext_lazy(
            "One a line; a pasted CSV column works too. Up to 64 letters, digits and +\u00a0=\u00a0.\u00a0@\u00a0_\u00a0-"
        ),
    )
    access = forms.ChoiceField(
        label=gettext_lazy("Console access"),
        widget=forms.RadioSelect,
        choices=[
            (
                INVITED,
                gettext_lazy(
                    "By invitation: each user chooses a password on a link that works once; nobody else ever sees it"
                ),
            ),
            (
                WITH_PASSWORD,
                gettext_lazy(
                    "With a generated password: you see it once and pass it on; each user must choose a new one at the first sign-in"
                ),
            ),
            (WITHOUT, gettext_lazy("None: a program, or a person who signs in elsewhere")),
        ],
        initial=INVITED,
    )
    groups = PickField(
        "groups",
        label=gettext_lazy("Groups"),
        required=False,
        help_text=gettext_lazy("The best way to give permissions: what a group may, its users may."),
    )
    policies = PickField("policies", label=gettext_lazy("Policies to attach"), required=False)
    copy_from = PickField(
        "users",
        single=True,
        label=gettext_lazy("Copy permissions from"),
        required=False,
        help_text=gettext_lazy("A user whose groups and policies the new ones get as well."),
    )
    permissions_boundary = PickField(
        "policies",
        single=True,
        label=gettext_lazy("Permissions boundary"),
        required=False,
        help_text=gettext_lazy("It grants nothing: it caps what the groups and policies above can grant."),
    )
    path = PathField(initial="/")
    tags = TagsForm.base_fields["tags"]
    error_fields = {"EntityAlreadyExists": "user_names", "LimitExceeded": "user_names", "InvalidInput": "tags"}

    def __init__(self, *args: Any, caller: Caller, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account_id = caller.account_id
        self.rows: list[Row] = []
        self.fields["tags"].widget.attrs["rows"] = 3
        ask_pickers(self, caller, groups="GroupsPerUserQuota", policies="AttachedPoliciesPerUserQuota")

    def clean_user_names(self) -> list[str]:
        """Every name, or one error for each line that is wrong."""
        self.rows = rows_of(
            self.cleaned_data["user_names"],
            self.account_id,
            taken=_("exists already"),
            malformed=_("is no user name"),
            twice=_("is typed twice"),
            more=_("has more beside it; give the name alone, and choose path, groups and all else below"),
        )
        wrong = [row for row in self.rows if row.problem]
        if wrong:
            raise forms.ValidationError(
                [
                    _("Line %(number)d: %(name)s %(problem)s.")
                    % {"number": row.number, "name": row.name, "problem": row.problem}
                    for row in wrong[:20]
                ]
            )
        if len(self.rows) > 200:
            raise forms.ValidationError(_("Create at most 200 users at once."))
        return [row.name for row in self.rows]

    clean_tags = TagsForm.clean_tags

    def clean(self) -> dict[str, Any]:
        """Passwords are slow to hash on purpose, so that many at once would outlast the request."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("access") == WITH_PASSWORD and len(data.get("user_names") or ()) > MOST_PASSWORDS:
            self.add_error(
                "access",
                ngettext(
                    "Give at most %(n)d user a generated password at once. An invitation has no such limit.",
                    "Give at most %(n)d users a generated password at once. An invitation has no such limit.",
                    MOST_PASSWORDS,
                )
                % {"n": MOST_PASSWORDS},
            )
        return data
