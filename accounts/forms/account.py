"""The form of the account's alias."""

from django import forms
from django.utils.translation import gettext_lazy as _

from pages.forms import checked


class AliasForm(forms.Form):
    """One alias; its form is checked by the operation, in AWS's words. `seen` says what its reader saw."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    account_alias = forms.CharField(
        label=_("Preferred alias"),
        max_length=63,
        help_text=_(
            "3 to 63 lower-case letters, digits and hyphens; unique over all accounts of this console, and no twelve digits."
        ),
        widget=forms.TextInput(
            attrs=checked(
                r"(?!\d{12}$)[a-z0-9](?:[a-z0-9]|-(?!-|$)){2,62}",
                _("Use 3 to 63 lower-case letters, digits and single hyphens between them, and not twelve digits."),
                autocomplete="off",
                autocapitalize="none",
            )
        ),
    )
    error_fields = {"EntityAlreadyExists": "account_alias", "InvalidInput": "account_alias"}
