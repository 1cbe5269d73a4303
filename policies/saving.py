"""Saving what a form holds: errors onto their fields, and noticing what somebody else saved meanwhile."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from operations.errors import ServiceError
from pages.forms import apply_error


def save(form: forms.Form, change: Callable[[], Any]) -> bool:
    """Make a change; its error or refusal goes onto the form, and what was typed stays."""
    try:
        change()
    except ServiceError as error:
        apply_error(form, error)
        return False
    return True


def admitted(form: forms.Form, ask: Callable[[], None]) -> bool:
    """Whether the form may be filled in at all, as `ask` (authorise_form) says: one that is opened is refused as a page, by AccessDenied,
    and one that was sent stands there again with its refusal.
    """
    if form.is_bound:
        return save(form, ask)
    ask()
    return True


def mark(text: str) -> str:
    """What the reader saw, so that a later save can tell whether it is still so."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def renew(form: forms.Form, current: str, field: str = "seen") -> None:
    """Let the form, shown once more, say that its reader has now seen the current text."""
    form.data = form.data.copy()  # type: ignore[attr-defined]
    form.data[field] = mark(current)  # type: ignore[index]


def shown_values(form: forms.Form, values: Mapping[str, Any]) -> dict[str, str]:
    """The values of a form's fields as they are read, by the fields' labels, for comparing theirs and mine."""
    return {str(form.fields[name].label): _in_words(form.fields[name], value) for name, value in values.items()}


def _in_words(field: forms.Field, value: Any) -> str:
    if isinstance(field, forms.BooleanField):
        return _("Yes") if value else _("No")
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
    return "" if value is None else str(value)
