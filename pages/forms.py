"""Forms render through the project's own templates, and take an operation's error onto the field it is about."""

import re
from contextvars import ContextVar
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from operations.errors import AccessDenied, ServiceError
from operations.reasons import PARAMETER as REASON
from pages import engine_texts
from pages.errors import Refusal

# AWS STS names the value in between.
_VALUE_AT = r"Value (?:null |'.*?' )?at '"
FAILURE = re.compile(
    rf"{_VALUE_AT}([^']+)' failed to satisfy constraint: (.*?)(?=; {_VALUE_AT}[^']+' failed to satisfy|$)", re.DOTALL
)
# Where an error goes that names no parameter, unless the form's own `error_fields` says otherwise.
FIELDS = {
    "MalformedPolicyDocument": "policy_document",
    "PasswordPolicyViolation": "password",
    "InvalidAuthenticationCode": "authentication_code",
}
# What the expressions of AWS's model ask for, in words.
SENTENCES = {
    r"[\w+=,.@-]+": gettext_lazy("Use letters, digits and + = , . @ _ - only."),
    r"pattern: (\u002F)|(\u002F[\u0021-\u007E]+\u002F)": gettext_lazy(
        "Begin and end with a slash; between them, use letters, digits and signs of ASCII, without spaces: /team/"
    ),
    r"pattern: ((/[A-Za-z0-9\.,\+@=_-]+)*)/": gettext_lazy(
        "Begin and end with a slash; between slashes, use letters, digits and + = , . @ _ - only: /team/"
    ),
    r"pattern: [\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*": gettext_lazy(
        "Use letters, digits and signs of Latin-1 only: no curly quotation marks, long dashes, emoji or other alphabets."
    ),
    r"pattern: [\u0009\u000A\u000D\u0020-\u00FF]+": gettext_lazy(
        "Use letters, digits and signs of Latin-1 only: no curly quotation marks, long dashes, emoji or other alphabets."
    ),
    r"pattern: [a-zA-Z0-9-]+:[a-zA-Z0-9]+": gettext_lazy(
        "Name one action with its service, without wildcards: s3:GetObject"
    ),
}
# A refusal that has gone onto a form and not been shown yet: no page may keep silent about it (pages.middleware.ErrorPages).
unsaid: ContextVar[AccessDenied | None] = ContextVar("unsaid", default=None)


class ConsoleFormRenderer(TemplatesSetting):
    """`{{ form }}` and `{{ field }}` come from templates/django/forms/."""


class AgreementField(forms.BooleanField):
    """A box whose label is a sentence that is agreed to; the error summary names it by the `short_label`."""

    def __init__(self, *, short_label: str, **options: Any) -> None:
        super().__init__(**options)
        self.short_label = short_label


def checked(pattern: str, wrong: Any, *, lines: bool = False, **attrs: Any) -> dict[str, Any]:
    """Attributes of a control that is checked in the browser as soon as it is left: against the expression, or with `lines` each of its
    lines; `wrong` is what is said then, of lines with their `{number}` and what stands there as `{line}`. The server checks it again.
    """
    return {"data-lines" if lines else "pattern": pattern, "data-wrong": wrong, "spellcheck": "false", **attrs}


class NameField(forms.CharField):
    """The name of an entity: what it may consist of is checked in the browser as soon as the field is left, and by the operation."""

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        wrong = gettext_lazy("Use letters, digits and + = , . @ _ - only.")
        return super().widget_attrs(widget) | checked(r"[\w+=,.@\-]+", wrong, autocapitalize="none")


class PathField(forms.CharField):
    """The path of an entity (IAM User Guide, «IAM identifiers»): checked before a review is shown, and by the operation."""

    form = "/([!-~]+/)?"
    wrong = gettext_lazy("Begin and end with a slash, without spaces: /team/")

    def __init__(self, **given: Any) -> None:
        texts = {"label": gettext_lazy("Path"), "help_text": gettext_lazy("Begins and ends with a slash.")}
        told: dict[str, Any] = {"max_length": 512, "validators": [RegexValidator(rf"\A{self.form}\Z", self.wrong)]}
        super().__init__(**{**texts, **told, **given})

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return super().widget_attrs(widget) | checked(self.form, self.wrong)


def apply_error(form: forms.Form, error: ServiceError) -> None:
    """Put an operation's error onto the form: on the field that it is about, else on top. A denial stands there as its refusal.

    A ValidationError names its parameters itself. For other codes the form may say which field is meant:
    `error_fields = {"EntityAlreadyExists": "user_name"}`.
    """
    if error.code == "ValidationError" and (failures := FAILURE.findall(error.message)):
        for where, constraint in failures:
            if where == REASON:  # stands outside of the form, beside its button
                form.add_error(None, f"{_('Reason')}: {readable(constraint)}")
                continue
            name = _field_of(form, where)
            form.add_error(name, said_of(where, constraint) if name else f"{where}: {readable(constraint)}")
        return
    name = {**FIELDS, **getattr(form, "error_fields", {})}.get(error.code)
    if isinstance(error, AccessDenied) and (name not in form.fields or "decision" in error.details):
        form.refusal = Refusal(error)  # type: ignore[attr-defined]
        unsaid.set(error)
        form.add_error(None, error.message)
        return
    if name in form.fields:
        text = error.said
        if line := error.details.get("line"):
            text = _("Line %(line)s: %(message)s") % {"line": line, "message": text}
        if explanation := error.details.get("explanation"):
            text = f"{text} {engine_texts.translated(explanation).rstrip('.')}."
        form.add_error(name, text)
    else:
        form.add_error(None, error.said)


def _field_of(form: forms.Form, where: str) -> str | None:
    """`tags.1.member.key` → the form's field `tags`; `sSHPublicKeyBody` → `ssh_public_key_body`; every document is in `policy_document`.
    A form may say what it calls a parameter: `fields_of = {"user_tags": "tags"}`.
    """
    name = where.partition(".")[0].lower()
    if name.endswith("policydocument"):
        name = "policydocument"
    called = {key.replace("_", ""): field for key, field in getattr(form, "fields_of", {}).items()}
    return called.get(name) or next((each for each in form.fields if each.replace("_", "") == name), None)


def said_of(where: str, constraint: str) -> str:
    """What a value does not satisfy, said at the field that holds it; among several tags, of which one."""
    if where in {"tags", "userTags"} and (match := re.search(r"length less than or equal to (\d+)", constraint)):
        most = int(match[1])
        return ngettext("Use at most %(n)d tag.", "Use at most %(n)d tags.", most) % {"n": most}
    if match := re.match(r"(?:t|userT)ags\.(\d+)\.", where):
        return _("Tag %(number)s: %(problem)s") % {"number": match[1], "problem": readable(constraint)}
    return readable(constraint)


def readable(constraint: str) -> str:
    """AWS's constraint as a sentence that says what to do; one that we do not know stays as AWS words it."""
    if match := re.fullmatch(r"Member must satisfy constraint: \[(.*)\]", constraint):
        parts = [part for part in re.split(r", (?=Member must )", match[1]) if part != "Member must not be null"]
        return " ".join(readable(part) for part in parts)
    if match := re.fullmatch(r"Member must have length (greater|less) than or equal to (\d+)", constraint):
        number = int(match[2])
        if match[1] == "less":
            return ngettext("Use at most %(number)d character.", "Use at most %(number)d characters.", number) % {
                "number": number
            }
        return ngettext("Use at least %(number)d character.", "Use at least %(number)d characters.", number) % {
            "number": number
        }
    if match := re.fullmatch(r"Member must have value (greater|less) than or equal to (-?\d+)", constraint):
        if match[1] == "less":
            return _("Use at most %(number)s.") % {"number": match[2]}
        return _("Use at least %(number)s.") % {"number": match[2]}
    if constraint == "Member must not be null":
        return _("This is needed.")
    if sentence := _of_pattern(constraint):
        return sentence
    if match := re.fullmatch(r"Member must satisfy enum value set: \[(.*)\]", constraint):
        return _("Use one of: %(values)s.") % {"values": match[1]}
    return constraint


def _of_pattern(constraint: str) -> str:
    """What one of the expressions asks for, or an empty text."""
    if constraint.endswith(("]+", "]*")) and r"\p{L}\p{Z}\p{N}_.:/=+\-@" in constraint:  # of tags
        return _("Use letters, digits, spaces and _ . : / = + - @ only.")
    return next((str(sentence) for ending, sentence in SENTENCES.items() if constraint.endswith(ending)), "")
