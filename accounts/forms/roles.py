"""Forms of the pages of roles."""

import re
from typing import Any, Final

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import trust_documents
from accounts.forms.permissions import ask_pickers
from accounts.operations.roles import RESERVED_PATHS
from operations.caller import Caller
from pages.durations import DurationField
from pages.forms import NameField, PathField, checked
from pages.picking import PickField
from policies.editor import DocumentField
from policies.forms import TagsForm

CUSTOM: Final = """{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {},
            "Action": "sts:AssumeRole"
        }
    ]
}
"""
ENTITIES: Final = [
    ("service", gettext_lazy("AWS service: a service acts in this account with the role")),
    ("account", gettext_lazy("AWS account: users and roles of this account or another one")),
    ("web_identity", gettext_lazy("Web identity: people or workloads with a token of an OpenID Connect provider")),
    ("saml", gettext_lazy("SAML 2.0: people who sign in through the directory of an organisation")),
    ("custom", gettext_lazy("Custom trust policy: written as JSON")),
]
# The fields that each type of trusted entity brings; those of the other types do not count.
FIELDS_OF: Final = {
    "service": ("service",),
    "account": ("account_id", "external_id", "require_mfa"),
    "web_identity": ("web_provider", "audience"),
    "saml": ("saml_provider",),
    "custom": ("policy_document",),
}


def _mono(**attrs: Any) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "mono", "autocomplete": "off", "spellcheck": "false", **attrs})


class AccountField(forms.CharField):
    """An account ID, also as it is shown: in groups of four digits."""

    def to_python(self, value: Any) -> str:
        """The digits alone."""
        return re.sub(r"[\s-]", "", str(super().to_python(value)))


class SessionForm(forms.Form):
    """A role's description and the longest session that can be asked for."""

    description = forms.CharField(label=gettext_lazy("Description"), max_length=1000, required=False)
    max_session_duration = DurationField(
        label=gettext_lazy("Maximum session duration"),
        offered=(3600, 7200, 14400, 28800, 43200),
        min_value=3600,
        max_value=43200,
        initial=3600,
        help_text=gettext_lazy("The longest session that can be asked for when the role is assumed: 1 to 12 hours."),
    )


class TrustForm(forms.Form):
    """A role's trust policy."""

    policy_document = DocumentField(label=gettext_lazy("Trust policy"), kind="trust", rows=16)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    error_fields = {"LimitExceeded": "policy_document"}


class CreateRoleForm(SessionForm):
    """A new role: whom it trusts, what it may do, what it is called."""

    trusted = forms.ChoiceField(
        label=gettext_lazy("Trusted entity"), choices=ENTITIES, initial="service", widget=forms.RadioSelect
    )
    service = forms.CharField(
        label=gettext_lazy("Service"),
        max_length=128,
        widget=_mono(
            **checked(r"[a-z0-9.\-]+\.[a-z.]+", gettext_lazy("A service is named as in ec2.amazonaws.com.")),
            list="trusted-services",
        ),
        help_text=gettext_lazy(
            "Its principal, such as ec2.amazonaws.com. A role for EC2 gets an instance profile of the same name."
        ),
        validators=[
            RegexValidator(r"^[a-z0-9.-]+\.[a-z.]+$", gettext_lazy("A service is named as in ec2.amazonaws.com."))
        ],
    )
    account_id = AccountField(
        label=gettext_lazy("Account ID"),
        required=False,
        widget=_mono(
            **checked(r"\s*[0-9]{4}\-?[0-9]{4}\-?[0-9]{4}\s*", gettext_lazy("An account ID has 12 digits.")),
            inputmode="numeric",
        ),
        help_text=gettext_lazy("12 digits. Empty: this account."),
        validators=[RegexValidator(r"^[0-9]{12}$", gettext_lazy("An account ID has 12 digits."))],
    )
    external_id = forms.CharField(
        label=gettext_lazy("External ID"),
        required=False,
        min_length=2,
        max_length=1224,
        widget=_mono(**checked(r"[\w+=,.@:\/\-]*", gettext_lazy("Use letters, digits and + = , . @ : / - _ only."))),
        help_text=gettext_lazy(
            "For another company's account: it must send this ID, which is no secret. The console cannot switch to such a role."
        ),
        validators=[
            RegexValidator(r"^[\w+=,.@:/-]*$", gettext_lazy("Use letters, digits and + = , . @ : / - _ only."))
        ],
    )
    require_mfa = forms.BooleanField(label=gettext_lazy("Require MFA for whoever assumes the role"), required=False)
    web_provider = forms.CharField(
        label=gettext_lazy("Identity provider"),
        max_length=2048,
        widget=_mono(
            **checked(
                r"\S+:oidc-provider\/\S+|" + "|".join(map(re.escape, trust_documents.WELL_KNOWN)),
                gettext_lazy("Type the provider's ARN, arn:aws:iam::…:oidc-provider/…"),
            ),
            list="web-providers",
        ),
        help_text=gettext_lazy(
            "The ARN of an OpenID Connect provider of this account, or a provider that AWS knows by name."
        ),
    )
    audience = forms.CharField(
        label=gettext_lazy("Audience"),
        max_length=255,
        widget=_mono(),
        help_text=gettext_lazy("The client id that tokens are made for, such as sts.amazonaws.com."),
    )
    saml_provider = forms.CharField(
        label=gettext_lazy("SAML provider"),
        max_length=2048,
        widget=_mono(
            **checked(
                r"arn:[\w\-]+:iam::\d{12}:saml-provider\/[\w._\-]+",
                gettext_lazy("The ARN of a SAML provider is arn:aws:iam::111122223333:saml-provider/Name."),
            )
        ),
        help_text=gettext_lazy("The ARN of a SAML provider of this account."),
    )
    policy_document = DocumentField(label=gettext_lazy("Trust policy"), kind="trust", rows=14, initial=CUSTOM)
    policies = PickField("policies", label=gettext_lazy("Policies to attach"), required=False)
    permissions_boundary = PickField(
        "policies",
        single=True,
        label=gettext_lazy("Permissions boundary"),
        required=False,
        help_text=gettext_lazy("The policy beyond which nothing goes that is attached to the role."),
    )
    role_name = NameField(
        label=gettext_lazy("Role name"),
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "required": True}),
        help_text=gettext_lazy(
            "Up to 64 characters: letters, digits and +\u00a0=\u00a0,\u00a0.\u00a0@\u00a0_\u00a0-. It cannot be changed later."
        ),
    )
    path = PathField(initial="/")
    tags = TagsForm.base_fields["tags"]
    use_required_attribute = False
    error_fields = {
        "EntityAlreadyExists": "role_name",
        "InvalidInput": "tags",
        "NoSuchEntity": "policies",
        "PolicyNotAttachable": "policies",
    }
    clean_tags = TagsForm.clean_tags

    def __init__(self, *args: Any, caller: Caller, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.own_account = caller.account_id
        self.fields["tags"].widget.attrs["rows"] = 3
        ask_pickers(self, caller, policies="AttachedPoliciesPerRoleQuota")

    def clean_path(self) -> str:
        """No path that only AWS uses."""
        path = str(self.cleaned_data["path"])
        if path.startswith(RESERVED_PATHS):
            raise forms.ValidationError(_("The path %(path)s is reserved for roles that AWS creates.") % {"path": path})
        return path

    def clean_web_provider(self) -> str:
        """A provider of the account by its ARN, or one of those that AWS knows."""
        name = str(self.cleaned_data["web_provider"])
        if name and name not in trust_documents.WELL_KNOWN and ":oidc-provider/" not in name:
            raise forms.ValidationError(_("Type the provider's ARN, arn:aws:iam::…:oidc-provider/…"))
        return name

    def full_clean(self) -> None:
        """Check the form; what belongs to a type of trusted entity that is not chosen is neither needed nor wrong."""
        chosen = FIELDS_OF.get(self.data.get(self.add_prefix("trusted"), ""), ())
        others = [name for names in FIELDS_OF.values() for name in names if name not in chosen]
        needed = [name for name in others if self.fields[name].required]
        for name in needed:
            self.fields[name].required = False
        super().full_clean()
        for name in needed:
            self.fields[name].required = True
        for name in others:
            self.errors.pop(name, None)

    @property
    def trust_policy(self) -> str:
        """The trust policy that the valid form asks for."""
        data = self.cleaned_data
        match data["trusted"]:
            case "service":
                return trust_documents.for_service(data["service"])
            case "account":
                account = data["account_id"] or self.own_account
                return trust_documents.for_account(account, external_id=data["external_id"], mfa=data["require_mfa"])
            case "web_identity":
                return trust_documents.for_web_identity(data["web_provider"], data["audience"])
            case "saml":
                return trust_documents.for_saml(data["saml_provider"])
        return str(data["policy_document"])
