"""A form as AWS CLI commands and as Terraform: it is rehearsed, and every operation that it would make becomes a command or a resource."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render

from operations.contract import service_model
from operations.gate import rehearse
from operations.rehearsal import Step
from pages import cli, preferences, terraform

FIELD = "show-commands"
MOST = 100  # commands that are shown; a list of two hundred new users makes more than anybody reads

# Operations of our own that do what one of AWS's does, and the parameters that both have.
INSTEAD = {"DiscardMFADevice": ("DeleteVirtualMFADevice", ("serial_number",))}
CONSOLE_ONLY = frozenset(
    {"CreateRecoveryCodes", "RegisterPasskey", "ConfirmRecoveryCodes", "CreateVirtualMFADeviceFromSeed"}
)


def shown(request: HttpRequest, get_response: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
    """The page (or for htmx the panel) with the commands; where the form would be refused as it stands, that is said instead."""
    _press(request)
    session, messages = _Kept(request), getattr(request, "_messages", None)
    answer, found = rehearse(lambda: get_response(request))
    session.give_back(request)
    if messages is not None:
        messages._queued_messages.clear()  # noqa: SLF001 - what the rehearsed view said has not happened
    is_refused = answer.status_code >= 400 or not found.steps
    context = {
        **({} if is_refused else told(request, found.steps[:MOST])),
        "focused": True,
        "more": max(0, len(found.steps) - MOST),
        "left_out": found.left_out,
        "is_refused": is_refused,
        "refusals": found.refusals[:3] if is_refused else [],
    }
    name = "pages/commands_panel.html" if request.headers.get("HX-Request") else "pages/commands.html"
    return render(request, name, context)


def told(request: HttpRequest | None, steps: Sequence[Step]) -> dict[str, Any]:
    """Operations as code of both kinds, and which of them the reader has chosen: what components/told_as.html shows."""
    return {
        "commands": "\n\n".join(_command(step) for step in steps),
        "terraform": terraform.told(steps),
        "provider": terraform.provider(),
        "chosen": preferences.appearance(request)["told"] if request is not None else "",
        "csrf_token": get_token(request) if request is not None else "",
    }


def _press(request: HttpRequest) -> None:
    """Put what the form's own button sends in the place of the one that was pressed."""
    data = request.POST.copy()
    name, _equals, value = data.pop(FIELD)[-1].partition("=")
    if name:
        data[name] = value or "1"
    request.POST = data  # type: ignore[assignment]


def _command(step: Step) -> str:
    """What the AWS CLI calls it; an operation of our own as a signed call of our API, where programs may call it at all."""
    if step.name in service_model(step.service).operation_names:
        return cli.command(f"{step.service}:{step.name}", step.params)
    if step.name in INSTEAD:
        action, kept = INSTEAD[step.name]
        return cli.command(f"{step.service}:{action}", {key: step.params[key] for key in kept if key in step.params})
    said = f"# {step.name}: an operation of this console's own, for which the AWS CLI has no command"
    if step.name in CONSOLE_ONLY:
        return f"{said}; it can be done in the console only"
    return f"{said}\n{cli.own_call(step.service, step.name, step.params)}"


class _Kept:
    """The session as it was before the rehearsal."""

    def __init__(self, request: HttpRequest) -> None:
        session: Any = request.session
        self.content, self.modified, self.key = deepcopy(dict(session.items())), session.modified, session.session_key

    def give_back(self, request: HttpRequest) -> None:
        session: Any = request.session
        session._session_cache, session._session_key = self.content, self.key  # noqa: SLF001 - its rows were taken back
        session.modified = self.modified
