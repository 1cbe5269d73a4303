"""The forms of the simulator and of trying a trust policy."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from access.simulator.question import Question
from access.web_identity.token import LONGEST, UnreadableToken, claims_of
from pages.forms import checked


def _area(rows: int, placeholder: Any = "", line: str = "", wrong: Any = "") -> forms.Textarea:
    attrs = {"rows": rows, "class": "mono", "spellcheck": "false", "autocapitalize": "none", "placeholder": placeholder}
    return forms.Textarea(attrs={**(checked(line, wrong, lines=True) if line else {}), **attrs})


class SimulatorForm(forms.Form):
    """The fields of a question that are always there; policies to edit and context keys are rows of their own."""

    principal = forms.CharField(
        label=_("User, group or role"),
        required=False,
        max_length=2048,
        widget=forms.TextInput(
            attrs={"list": "principals", "autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
        ),
        help_text=_(
            "A name (alice, group/ops, role/deploy) or an ARN. Leave it empty to simulate only policies added below."
        ),
    )
    action = forms.CharField(
        label=_("Actions"),
        required=False,
        widget=_area(
            5,
            "s3:GetObject\niam:Get*\nec2:* Write",
            r"\s*[\w\-]+:[\w*?]+(\s+\S.*|\s*)",
            _("Line {number}: “{line}” is no action; write service:action, as s3:GetObject."),
        ),
        help_text=_("One per line: an action, a pattern (s3:Get*), or a set by access level (s3:* Write)."),
    )
    resource = forms.CharField(
        label=_("Resources"),
        required=False,
        widget=_area(
            3,
            "*",
            r"\*|arn:[^:]+:[^:]+:[^:]*:[^:]*:.+",
            _("Line {number}: “{line}” is no ARN; * stands for all resources."),
        ),
        help_text=_("ARNs, one per line; * stands for all resources. Empty asks about all of them."),
    )
    policy = forms.CharField(
        label=_("Further policies"),
        required=False,
        widget=_area(6),
        help_text=_("JSON, one document after the other. Nothing is saved."),
    )
    boundary = forms.CharField(
        label=_("Another permissions boundary"),
        required=False,
        widget=_area(4),
        help_text=_("In the place of the stored one."),
    )
    resource_policy = forms.CharField(
        label=_("Resource policy"),
        required=False,
        widget=_area(5),
        help_text=_("The policy of every resource asked about."),
    )
    owner = forms.CharField(
        label=_("Account of the resources"),
        required=False,
        max_length=2048,
        help_text=_("For ARNs that name none, such as buckets."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    scp = forms.CharField(
        label=_("Service control policies"),
        required=False,
        widget=_area(5),
        help_text=_("One JSON value for each level, the organization's root first: a policy, or a list of policies."),
    )

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Actions are always asked for; a question that lacks them yet is no error, so they are demanded only of an empty form.
        self.fields["action"].required = not self.is_bound

    @staticmethod
    def of(question: Question) -> "SimulatorForm":
        """The form filled with a question, ready to take errors."""
        lines: dict[str, Any] = {"action": "\n".join(question.actions), "resource": "\n".join(question.resources)}
        form = SimulatorForm({**dict(question.pairs()), **lines})
        form.is_valid()
        form.fields["action"].required = True  # it is always asked for, and what lacks it is no error yet
        return form


class TryTokenForm(forms.Form):
    """A sample token, or its claims. The name of the field makes it a secret: nothing keeps or shows it elsewhere."""

    sample_token = forms.CharField(
        label=_("Sample token or its claims"),
        max_length=LONGEST,
        widget=_area(6, _('eyJhbGciOi… or {"iss": "https://…", "sub": "…", "aud": "…"}')),
        help_text=_(
            "An ID token (JWT), of which the payload alone is read, or the claims as a JSON object. It is neither stored nor "
            "recorded; better take one that has expired."
        ),
    )
    provider = forms.ChoiceField(
        label=_("Identity provider"), required=False, help_text=_("Those that the trust policy names.")
    )
    session_name = forms.RegexField(
        r"\A[\w+=,.@\-]{2,64}\Z",
        label=_("Session name"),
        initial="session",
        required=False,
        help_text=_("What the caller calls the session; a trust policy may ask for it (sts:RoleSessionName)."),
        error_messages={"invalid": _("Use 2 to 64 letters, digits and + = , . @ _ - only.")},
        widget=forms.TextInput(
            attrs=checked(r"[\w+=,.@\-]{2,64}", _("Use 2 to 64 letters, digits and + = , . @ _ - only."))
        ),
    )

    def __init__(self, *args: Any, providers: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["provider"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - it is one
        field.choices = [("", _("The one that the token names (iss)")), *((each, each) for each in providers)]

    def clean_sample_token(self) -> dict[str, Any]:
        """The claims."""
        try:
            return claims_of(self.cleaned_data["sample_token"])
        except UnreadableToken as error:
            raise forms.ValidationError(str(error)) from None


def _somebody(label: Any) -> forms.CharField:
    attrs = {"list": "principals", "autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
    return forms.CharField(label=label, max_length=2048, widget=forms.TextInput(attrs=attrs))


class CompareForm(forms.Form):
    """Whom to compare: names (alice, group/ops, role/deploy) or ARNs."""

    a = _somebody(_("User, group or role"))
    b = _somebody(_("Compare with"))

    def say_alike(self) -> None:
        """Say at its field that both are the same."""
        self.add_error("b", _("This is the same one: choose another."))
