"""The form of a credential for one service."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class ServiceCredentialForm(forms.Form):
    """For which service it is, and how long it is taken."""

    error_fields = {
        "LimitExceeded": "service_name",
        "NotSupportedService": "service_name",
        "InvalidInput": "credential_age_days",
    }
    service_name = forms.ChoiceField(
        label=_("Service"),
        widget=forms.RadioSelect,
        choices=[
            ("codecommit.amazonaws.com", _("AWS CodeCommit: user name and password for Git over HTTPS")),
            ("cassandra.amazonaws.com", _("Amazon Keyspaces (for Apache Cassandra): user name and password")),
            ("bedrock.amazonaws.com", _("Amazon Bedrock: API key")),
        ],
        initial="codecommit.amazonaws.com",
    )
    credential_age_days = forms.IntegerField(
        label=_("Expires after (days)"),
        required=False,
        min_value=1,
        max_value=36_600,
        help_text=_("For API keys of Amazon Bedrock only, 1 to 36600. Empty: never."),
    )

    def asked(self) -> dict[str, Any]:
        """The parameters of the operation."""
        return {name: value for name, value in self.cleaned_data.items() if value is not None}
