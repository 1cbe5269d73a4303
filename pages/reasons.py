"""The reason of a change, as a form lets it be said beside its commands: read from what was sent, and shown again with it.

A form may have several buttons, each with a reason of its own: `change-reason:action=save` is that of the button which sends
`action=save`. So the rows of a table, whose fields are all sent at once, are told apart.
"""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.utils.translation import ngettext

from operations.reasons import LONGEST, READ, cleaned

FIELD = "change-reason"


def field_name(press: str) -> str:
    """The field of the reason for a button that sends `press`."""
    return f"{FIELD}:{press}" if press else FIELD


def fields_of(request: HttpRequest) -> list[tuple[str, str]]:
    """The reasons that came with a form, by the names of their fields."""
    return [(name, request.POST[name]) for name in request.POST if name.partition(":")[0] == FIELD]


def sent(request: HttpRequest) -> str:
    """The reason of the button that was pressed; where none of the known ones was, what was said beside any of them."""
    found = [text for name, text in _pressed(request)] or [text for _name, text in fields_of(request)]
    return next((text for text in map(cleaned, found) if text), "")


def _pressed(request: HttpRequest) -> Iterator[tuple[str, str]]:
    for name, text in fields_of(request):
        field, _equals, value = name.partition(":")[2].partition("=")
        if field and (value in request.POST.getlist(field) if value else field in request.POST):
            yield name, text


def give(request: HttpRequest) -> None:
    """Put the reason that was sent on the request's callers: every call of the request bears it."""
    if request.method != "POST" or not (reason := sent(request)):
        return
    for name in ("caller", "original"):  # while the console acts as a role, that of whoever signed in, too
        if (caller := getattr(request, name, None)) is not None:
            setattr(request, name, replace(caller, reason=reason))


def typed(request: HttpRequest | None, name: str, address: str) -> str:
    """What was typed into the field of a form that goes to `address`, if it is shown again; a next step takes it over."""
    if request is None or request.method != "POST" or urlsplit(address).path != request.path:
        return ""
    return request.POST[name][:READ] if name in request.POST else sent(request)


def wrong(text: str) -> str:
    """What is wrong with a reason, or an empty text."""
    if len(cleaned(text)) <= LONGEST:
        return ""
    said = ngettext("Use at most %(number)d character.", "Use at most %(number)d characters.", LONGEST)
    return said % {"number": LONGEST}
