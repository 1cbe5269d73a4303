"""Small components that stand in a line of text: status, badge, copyable, time, action."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.middleware.csrf import get_token
from django.template import Context
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from engine import rules
from operations.gate import resource_keys
from pages import asking, icons, outcomes, times
from pages.components.source import commands

SHORT = 16  # characters of a status that stay in one line, also where the screen is narrow


def status(kind: str, text: str = "", *, pill: bool = False) -> SafeString:
    """The outcome with its colour, icon and word; `text` replaces the word (`No device`)."""
    found = outcomes.outcome(kind)
    word = str(text or found.word)
    return format_html(
        '<span class="status {}{}{}">{}{}</span>',
        found.css,
        " pill" if pill else "",
        " long" if len(word) > SHORT else "",
        icons.icon(found.icon),
        word,
    )


def badge(text: Any, kind: str = "") -> SafeString:
    """A small label: kind is empty, accent, info, success, warning or danger."""
    return format_html('<span class="badge {}">{}</span>', kind, text)


def slashes(text: Any) -> SafeString:
    """A sentence in which a line end may divide an ARN or an address behind a slash, and no other word."""
    pieces = re.split(r"(?<=\w/)(?=\w)", str(text))
    return format_html_join(SafeString("<wbr>"), "{}", ((piece,) for piece in pieces))


def copyable(text: str, label: str = "", *, shown: str = "", mono: bool = True) -> SafeString:
    """The text with a copy button; `shown` is what is displayed instead of it, `label` names it (`ARN`)."""
    return SafeString(
        render_to_string(
            "components/copyable.html",
            {"text": text, "shown": breakable(shown or text), "label": label or shown or text, "mono": mono},
        )
    )


def breakable(text: Any) -> SafeString:
    """A text that a line end divides at its signs (of an ARN, an address) or the humps of a name (GetObject) rather than within a word."""
    pieces = re.split(r"(?<=[:/?&])(?=[^:/?&])|(?<=[a-z])(?=[A-Z][a-z])", str(text))
    return format_html_join(SafeString("<wbr>"), "{}", ((piece,) for piece in pieces))


def moment(value: datetime | None, empty: str = "", *, quiet: bool = False, full: bool = False) -> SafeString:
    """How long ago, with the exact moment in UTC and the reader's zone on hover and focus.

    `empty` is shown when there is none; `quiet` keeps it out of the tab order (rows of a table); `full` shows the exact moment itself.
    """
    if value is None:
        return format_html('<span class="faint">{}</span>', empty or "–")
    shown = times.exact(value).split("\n")[0] if full else times.ago(value)
    return format_html(
        '<time class="nowrap" datetime="{}" title="{}"{}{}>{}</time>',
        value.isoformat(),
        times.exact(value),
        "" if quiet else SafeString(' tabindex="0"'),
        SafeString(" data-exact") if full else "",
        shown,
    )


def _permitted(caller: Any, permission: str, on: str, tags: Iterable[Any]) -> bool:
    """Whether the caller may do it on an ARN with these tags; where it is not known yet on which, whether on any. An action that is
    about no resource is asked as it will be.
    """
    if on == "*" and not rules.supports_no_resource(permission.lower()):
        return bool(caller.may_somehow(permission))
    return bool(caller.may(permission, on, resource_keys(tags)))


def entity(context: Context, name: str, href: str, permission: str, on: str) -> SafeString:
    """The name of an entity: a link to its page for who may perhaps open it (`permission` on the ARN `on`), else the bare name."""
    caller = context.get("caller")
    if caller is not None and caller.may_somehow(permission, on):
        return format_html('<a class="name" href="{}">{}</a>', href, breakable(name))
    return format_html('<span class="name">{}</span>', breakable(name))


def action(
    context: Context,
    label: str,
    href: str,
    permission: str = "",
    on: str = "*",
    *,
    kind: str = "",
    icon: str = "",
    post: bool = False,
    explain: bool = False,
    key: str = "",
    blocked: str = "",
    fields: Mapping[str, str] | None = None,
    names: str = "",
    tags: Iterable[Any] = (),
    told: bool = False,
) -> SafeString:
    """A button to another page (or with `post` a form's button), there only for who has `permission` (one action, or several with blanks
    between) on the ARN `on`, whose `tags` bring their condition keys.

    With `explain` it stays for the others too: focusable, without effect, saying which permission is missing, beside it the way to
    ask for it; `blocked` is another reason why it cannot be used now. `key` is the single-letter shortcut that presses it; `fields` are
    sent along by `post`. One of many alike, in the rows of a table, is told apart by what it `names`. A `post` that changes something
    is `told` as code.
    """
    caller = context.get("caller")
    keys = list(tags)
    asked = (each for each in permission.split() if caller is None or not _permitted(caller, each, on, keys))
    permission = next(asked, "")
    missing = bool(permission)
    if missing and not explain:
        return SafeString("")
    why = _("Needs %(permission)s") % {"permission": permission} if missing else blocked
    request = context.get("request")
    values = {
        "label": label, "href": href, "kind": kind, "icon": icon, "post": post, "why": why, "key": key, "fields": fields or {},
        "names": names,
        "ask": asking.address_for(caller, permission, on, resource_keys(keys)) if missing else "",
        "commands": commands(context, address=href) if post and told else "",
        "csrf_token": get_token(request) if post and request is not None else "",
    }  # fmt: skip
    return SafeString(render_to_string("components/action.html", values))
