"""Undoing what was done a moment ago: the opposite operations, called through the gate as any others.

A view that has changed something says so with `done(request, text, steps, on=arn)`, and the message has a button. The steps stand in the
session for ten minutes, and for the caller who made the change.
"""

from collections.abc import Iterable
from time import time
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _

from operations import rehearsal
from operations.caller import Caller
from operations.errors import ServiceError
from operations.gate import REGISTRY, one_change
from operations.models import Event
from operations.rehearsal import Step

KEY = "undo"
MOST = 10  # changes that are kept, the last ones
SECONDS = 600
LARGEST = 40_000  # characters of a session's row that steps may take; documents are at most some thousand


class TooLate(ServiceError):
    """It cannot be undone any more, for the reason that the message gives."""

    code, status = "TooLate", 409


def done(
    request: HttpRequest, text: str, steps: Iterable[Step], *, on: str, replaces: bool = False, back: str = ""
) -> None:
    """Say what was done, and offer to undo it where the caller may.

    `on` is the ARN of what was changed. With `replaces` the steps put a former state in the place of the present one: they are
    refused when somebody changed it meanwhile. `back` is where one is afterwards, if not where the message was.
    """
    if token := offered(request, text, steps, on=on, replaces=replaces, back=back):
        text = format_html(
            '{} <button class="link-button" form="undo" name="token" value="{}">{}</button>', text, token, _("Undo")
        )
    messages.success(request, text)


def offered(
    request: HttpRequest, text: str, steps: Iterable[Step], *, on: str, replaces: bool = False, back: str = ""
) -> str:
    """Keep the steps that undo what was done, as `done` does; the token of the button, empty where the caller may not."""
    found = list(steps)
    if not found or rehearsal.is_on() or not all(_caller(request).may_somehow(_action(step), on) for step in found):
        return ""
    return _keep(request, found, {"text": str(text), "on": on if replaces else "", "back": back})


def undo(request: HttpRequest) -> tuple[str, str]:
    """Take back the change that was offered by `token`; what it was, and where to go.

    Raises TooLate and what the operations raise: then nothing is undone.
    """
    entry = _kept(request).pop(request.POST.get("token", ""), None)
    request.session.modified = True
    if entry is None or entry["until"] < time() or entry["by"] != str(_caller(request).arn):
        raise TooLate(_("This can be undone no more: use the page's own forms."))
    if entry["on"] and _changed_since(_caller(request), entry["on"], entry["after"]):
        raise TooLate(_("It was changed again meanwhile, so nothing was undone. Look at its present state first."))
    with one_change():
        for action, params in entry["steps"]:
            REGISTRY[action](_caller(request), **params)
    return entry["text"], entry["back"]


def _keep(request: HttpRequest, steps: list[Step], about: dict[str, str]) -> str:
    """Put the steps into the session, under a name of their own."""
    token, kept = uuid4().hex, _kept(request)
    kept[token] = {
        **about,
        "steps": [[_action(step), dict(step.params)] for step in steps],
        "by": str(_caller(request).arn),
        "after": _last_change(_caller(request), about["on"]) if about["on"] else 0,
        "until": time() + SECONDS,
    }
    while len(kept) > MOST or (len(kept) > 1 and len(str(kept)) > LARGEST):
        del kept[next(iter(kept))]
    request.session[KEY] = kept
    return token


def _caller(request: HttpRequest) -> Caller:
    caller: Caller = request.caller  # type: ignore[attr-defined]
    return caller


def _action(step: Step) -> str:
    return f"{step.service}:{step.name}"


def _kept(request: HttpRequest) -> dict[str, Any]:
    found: dict[str, Any] = request.session.get(KEY, {})
    return found


def _last_change(caller: Caller, arn: str) -> int:
    """The number of the last recorded change of something."""
    changes = Event.objects.filter(account_id=caller.account_id, resource=arn, read_only=False, error_code="")
    return changes.order_by("-time", "-id").values_list("sequence", flat=True).first() or 0


def _changed_since(caller: Caller, arn: str, number: int) -> bool:
    return _last_change(caller, arn) > number
