"""The form of switching to a role."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.signin import account_named
from federation.switching import COLOURS, LONGEST_NAME
from pages.forms import checked

# The colours of links that were made for AWS's console.
AWS_COLOURS = {"F2B0A9": "danger", "FBBF93": "warning", "FAD791": "warning", "B7CA9D": "success", "99BCE3": "accent"}
COLOUR_NAMES = (
    ("accent", gettext_lazy("Blue")),
    ("info", gettext_lazy("Teal")),
    ("success", gettext_lazy("Green")),
    ("warning", gettext_lazy("Orange")),
    ("danger", gettext_lazy("Red")),
)


class SwitchRoleForm(forms.Form):
    """Which role of which account, and how the banner shall show it."""

    account = forms.CharField(
        label=gettext_lazy("Account"),
        max_length=63,
        help_text=gettext_lazy("Its twelve-digit number or its alias."),
        widget=forms.TextInput(
            attrs=checked(
                r"\s*(?:[0-9]{12}|[0-9]{4}-[0-9]{4}-[0-9]{4}|(?![\d\-]+\s*$)[a-zA-Z0-9\-]{3,63})\s*",
                gettext_lazy("Type twelve digits, or the account's alias."),
            )
        ),
    )
    role_name = forms.CharField(
        label=gettext_lazy("Role name"),
        max_length=576,
        help_text=gettext_lazy("The name of the role, not its ARN. Case does not matter."),
        widget=forms.TextInput(
            attrs=checked(r"\s*[\w+=,.@\/\-]+\s*", gettext_lazy("Type the role's name alone, not its ARN."))
        ),
    )
    display_name = forms.CharField(
        label=gettext_lazy("Display name"),
        max_length=LONGEST_NAME,
        required=False,
        help_text=gettext_lazy(
            "Shown in the banner while you act as the role. Without one, role and account are shown."
        ),
    )
    colour = forms.ChoiceField(
        label=gettext_lazy("Colour of the banner"), choices=COLOUR_NAMES, initial=COLOURS[0], required=False
    )

    def clean_account(self) -> str:
        """The account's number. A number that is no account of ours stays, so that it is refused like a role that does not let one in."""
        typed = str(self.cleaned_data["account"]).strip()
        found = account_named(typed)
        number = typed.replace("-", "")
        if found is None and not (number.isdecimal() and len(number) == 12):
            raise forms.ValidationError(_("There is no account with this number or alias."))
        return found.pk if found else number

    @staticmethod
    def from_link(query: "dict[str, str]") -> dict[str, str]:
        """The form's first values from a link: AWS's parameters `account`, `roleName`, `displayName` and `color`."""
        colour = query.get("color", "")
        return {
            "account": query.get("account", ""),
            "role_name": query.get("roleName", ""),
            "display_name": query.get("displayName", ""),
            "colour": colour if colour in COLOURS else AWS_COLOURS.get(colour.upper(), COLOURS[0]),
        }
