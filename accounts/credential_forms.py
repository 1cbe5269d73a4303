"""Forms of sign-in and credentials. They check nothing that the operations check; their errors come from there."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import AccessKey
from pages.forms import NameField, checked


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, also when every field of it is empty; None for a page that is only opened."""
    return request.POST if request.method == "POST" else None


def focus_first_empty(form: forms.Form) -> None:
    """The cursor into the first field that waits to be filled. A form that came back with errors shows those first instead."""
    if form.is_bound:
        return
    for bound in form.visible_fields():
        if not bound.value():
            bound.field.widget.attrs["autofocus"] = True
            return


def _asks(text: Any) -> dict[str, Any]:
    """What a field says when it was left empty: what to do."""
    return {"required": text}


def password_field(label: Any, autocomplete: str, empty: Any) -> forms.CharField:
    """A password; what was typed is never sent back. Blanks at its ends belong to it."""
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete}, render_value=False)
    return forms.CharField(label=label, strip=False, max_length=128, widget=widget, error_messages=_asks(empty))


def code_field(label: Any, empty: Any, **options: Any) -> forms.CharField:
    """A code of an MFA device."""
    attributes = {
        "autocomplete": "one-time-code",
        "inputmode": "numeric",
        "class": "code-input",
        "maxlength": "7",
        **checked(r"\s*[0-9]{3}\s*[0-9]{3}\s*", _("A code has six digits.")),
    }
    return forms.CharField(
        label=label, widget=forms.TextInput(attrs=attributes), error_messages=_asks(empty), **options
    )


def name_field(label: Any, longest: int, autocomplete: str, empty: Any) -> forms.CharField:
    """A name at sign-in: never corrected by the device."""
    attributes = {"autocomplete": autocomplete, "autocapitalize": "none", "spellcheck": "false"}
    widget = forms.TextInput(attrs=attributes)
    return forms.CharField(label=label, max_length=longest, widget=widget, error_messages=_asks(empty))


class UserSignInForm(forms.Form):
    account = name_field(
        _("Account ID (12 digits) or account alias"), 63, "organization", _("Enter your account ID or account alias.")
    )
    user_name = name_field(_("IAM user name"), 128, "username", _("Enter your user name."))
    password = password_field(_("Password"), "current-password", _("Enter your password."))


class RootSignInForm(forms.Form):
    email = forms.CharField(
        label=_("Root user's email address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
        error_messages=_asks(_("Enter the root user's email address.")),
    )
    password = password_field(_("Password"), "current-password", _("Enter your password."))


class FactorForm(forms.Form):
    code = forms.CharField(
        label=_("MFA code"),
        max_length=32,
        help_text=_("Six digits from your authenticator app, or a recovery code."),
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "class": "code-input", "autofocus": True, "spellcheck": "false"}
        ),
    )


class NewPasswordForm(forms.Form):
    """Choosing a password on a link."""

    error_fields = {"PasswordPolicyViolation": "new_password"}
    new_password = password_field(_("New password"), "new-password", _("Enter a new password."))
    repeated = password_field(_("New password again"), "new-password", _("Enter the new password again."))

    def __init__(self, *args: Any, rules: Sequence[str], **kwargs: Any) -> None:
        """`rules` are the sentences that help with the new password; new_password_fields.html shows them as a list."""
        super().__init__(*args, **kwargs)
        self.rules = rules
        self.fields["new_password"].help_text = " ".join(rules)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("new_password") and given.get("repeated") and given["new_password"] != given["repeated"]:
            self.add_error("repeated", _("The two passwords differ."))
        return given


class SetupForm(NewPasswordForm):
    """The root user's first page."""

    error_fields = {"PasswordPolicyViolation": "new_password", "EntityAlreadyExists": "email"}
    email = forms.EmailField(
        label=_("Email address"),
        max_length=254,
        help_text=_("The root user signs in with it."),
        error_messages=_asks(_("Enter an email address.")),
    )
    field_order = ["email", "new_password", "repeated"]


class ChangePasswordForm(NewPasswordForm):
    error_fields = {"PasswordPolicyViolation": "new_password", "AccessDenied": "old_password"}
    old_password = password_field(_("Current password"), "current-password", _("Enter your current password."))
    field_order = ["old_password", "new_password", "repeated"]


FIRST, SECOND = _("Enter the code that the app shows."), _("Enter the code that the app shows next.")
NEXT = _("Wait until the app shows the next code: at most 30 seconds.")


class DeviceForm(forms.Form):
    """Enrolling a virtual MFA device."""

    error_fields = {"EntityAlreadyExists": "name", "InvalidAuthenticationCode": "code1"}
    name = NameField(
        label=_("Device name"),
        max_length=128,
        help_text=_("Letters, digits and + = , . @ _ - only."),
        error_messages=_asks(_("Enter a name for the device.")),
    )
    code1 = code_field(_("First code"), FIRST)
    code2 = code_field(_("Second code"), SECOND, help_text=NEXT)


class ResyncForm(forms.Form):
    error_fields = {"InvalidAuthenticationCode": "code1"}
    code1 = code_field(_("First code"), FIRST)
    code2 = code_field(_("Second code"), SECOND, help_text=NEXT)


class PasskeyForm(forms.Form):
    error_fields = {"EntityAlreadyExists": "name"}
    name = NameField(
        label=_("Passkey name"),
        max_length=64,
        help_text=_("Letters, digits and + = , . @ _ - only."),
        error_messages=_asks(_("Enter a name for the passkey.")),
    )
    passkey = forms.CharField(
        widget=forms.HiddenInput, max_length=20_000, error_messages=_asks(_("Create the passkey on your device first."))
    )


class RecoveryCodeForm(forms.Form):
    recovery_code = name_field(_("Type one of the codes"), 32, "off", _("Type one of the codes."))


class ReasonForm(forms.Form):
    """A reason that is recorded."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages=_asks(_("Enter a reason.")),
    )

    def __init__(self, *args: Any, sent: bool, **kwargs: Any) -> None:
        """`sent`: whether the owner is told the reason, which takes an address."""
        super().__init__(*args, **kwargs)
        recorded, both = (
            _("It is recorded in the audit trail."),
            _("It is recorded in the audit trail and in the notice."),
        )
        self.fields["reason"].help_text = both if sent else recorded


class AccessKeyForm(forms.Form):
    """What AWS's keys do not have."""

    description = forms.CharField(
        label=_("Description"), required=False, max_length=256, help_text=_("Where the key is used, and by what.")
    )
    expires_on = forms.DateField(
        label=_("Expires on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("From this day on (UTC) the key is refused."),
    )
    allowed_sources = forms.CharField(
        label=_("Allowed source IP addresses"),
        required=False,
        widget=forms.Textarea(
            attrs=checked(
                r"[0-9a-fA-F:.]*[:.][0-9a-fA-F:.]*(?:\/\d{1,3})?",
                _("Line {number}: “{line}” is no address or network, such as 192.0.2.7 or 192.0.2.0/24."),
                lines=True,
                rows=3,
                placeholder="192.0.2.0/24",
            )
        ),
        help_text=_("IP addresses or networks, one per line. Empty: every address."),
    )

    @classmethod
    def of(cls, key: AccessKey) -> "AccessKeyForm":
        """The form as it stands for a stored key."""
        expires = key.expires_at.date() if key.expires_at else None
        return cls(
            initial={
                "description": key.description,
                "expires_on": expires,
                "allowed_sources": "\n".join(key.allowed_sources),
            }
        )


class RootKeyForm(AccessKeyForm):
    understood = forms.BooleanField(
        label=_("I understand that this key can do everything in the account and cannot be restricted by any policy."),
        error_messages=_asks(_("Tick this box to create the key.")),
    )


class EmailForm(forms.Form):
    """Where a user's notices go. `seen` says what its reader saw."""

    error_fields = {"InvalidInput": "email"}
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    email = forms.CharField(
        label=_("Email address for notices"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"class": "control", "autocomplete": "off"}),
    )


class PasswordPolicyForm(forms.Form):
    """AWS's fields, with AWS's ranges; empty numbers mean «not set». `seen` says what its reader saw."""

    custom = forms.ChoiceField(
        label=_("Password policy"),
        choices=[("default", _("AWS's default policy")), ("custom", _("Custom policy"))],
        widget=forms.RadioSelect,
    )
    minimum_password_length = forms.IntegerField(
        label=_("Minimum length"), min_value=6, max_value=128, initial=8, required=False
    )
    require_uppercase_characters = forms.BooleanField(
        label=_("Require at least one uppercase letter (A-Z)"), required=False
    )
    require_lowercase_characters = forms.BooleanField(
        label=_("Require at least one lowercase letter (a-z)"), required=False
    )
    require_numbers = forms.BooleanField(label=_("Require at least one number"), required=False)
    require_symbols = forms.BooleanField(
        label=_("Require at least one symbol (! @ # $ % ^ & * ( ) _ + - = [ ] { } | ')"), required=False
    )
    max_password_age = forms.IntegerField(
        label=_("Passwords expire after (days)"),
        min_value=1,
        max_value=1095,
        required=False,
        help_text=_("1 to 1095; empty: never."),
    )
    hard_expiry = forms.BooleanField(label=_("An expired password needs an administrator's reset"), required=False)
    allow_users_to_change_password = forms.BooleanField(
        label=_("Allow users to change their own password"), required=False
    )
    password_reuse_prevention = forms.IntegerField(
        label=_("Number of passwords to remember"),
        min_value=1,
        max_value=24,
        required=False,
        help_text=_("1 to 24; empty: all earlier passwords can be used again."),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """What stands in the fields of a custom policy does not matter where none is chosen: they are not even shown."""
        given = super().clean() or {}
        if given.get("custom") == "default":
            for name in [name for name in self.errors if name != "custom"]:
                del self.errors[name]
        return given


class PasswordChecksForm(forms.Form):
    """The account's own checks beside AWS's policy."""

    refuse_breached = forms.BooleanField(label=_("Refuse passwords known from breaches"), required=False)
    minimum_strength = forms.TypedChoiceField(
        label=_("Minimum strength"),
        coerce=int,
        choices=[
            (0, _("No check")),
            (1, _("1: not guessed at once")),
            (2, _("2: somewhat guessable")),
            (3, _("3: safely unguessable")),
            (4, _("4: very unguessable")),
        ],
    )

    def __init__(self, *args: Any, list_installed: bool, **kwargs: Any) -> None:
        """Without a list there is nothing to refuse by; a check that is on from earlier can be switched off all the same."""
        super().__init__(*args, **kwargs)
        field = self.fields["refuse_breached"]
        if not list_installed:
            field.help_text = _("No list of breached passwords is installed (setting BREACHED_PASSWORDS_FILE).")
            field.disabled = not self.initial.get("refuse_breached")


class SignInSettingsForm(forms.Form):
    """The account's demands at sign-in. `settings_seen` says what its reader saw."""

    settings_seen = forms.CharField(required=False, widget=forms.HiddenInput)
    require_mfa = forms.BooleanField(
        label=_("Require MFA for everybody who signs in to the console"),
        required=False,
        help_text=_("Whoever has no device must add one before anything else."),
    )
    session_idle_minutes = forms.IntegerField(
        label=_("Console sessions end after (idle minutes)"),
        min_value=5,
        max_value=720,
        help_text=_("5 to 720. Every session ends after twelve hours at the latest."),
        error_messages=_asks(_("Enter a number of minutes.")),
    )
