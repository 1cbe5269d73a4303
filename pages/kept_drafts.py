"""Drafts: what stands in a form is kept on the server while somebody writes, and offered when the form is opened again.

A view of such a form is marked `@keeps_draft`, and its template's form bears `{{ request.draft_attribute }}`, by which
static/js/draft.js knows it, and `{{ request.draft_field }}`, by which it is known to come without scripts: then each step that is no end
keeps the draft. A form takes a draft up like one that was left for a while (`pages.drafts.taken`). Passwords and codes are never in it.
The app that owns users registers where drafts are kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Protocol
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import Resolver404, resolve, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from operations import rehearsal
from pages.drafts import LONGEST, UNSENT
from pages.reasons import FIELD as REASON
from pages.typed import BUTTONS, Fields, is_secret

__all__ = ["LONGEST", "Draft", "continuing", "discard", "keep", "keeps_draft", "register"]

CONTINUE = "continue"
UNSCRIPTED = "_unscripted"  # comes with forms of browsers that run no scripts
_FIELD = format_html('<noscript><input type="hidden" name="{}" value="1"></noscript>', UNSCRIPTED)
# What a form sends besides what was written into it: its buttons, and what its pickers look up.
HELD_BACK = {"csrfmiddlewaretoken", "edit", UNSENT, *BUTTONS}
LOOKED_UP = ("-search", "-page", "-create")

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Draft:
    """What was kept of a form, and when."""

    saved_at: datetime
    fields: Fields


class Store(Protocol):
    """Where drafts are kept: of the person and role of a request, by the path of the form."""

    def read(self, request: HttpRequest, path: str) -> Draft | None: ...

    def write(self, request: HttpRequest, path: str, fields: Fields) -> bool: ...

    def drop(self, request: HttpRequest, path: str) -> None: ...


_stores: list[Store] = []


def register(store: Store) -> None:
    """Register where drafts are kept."""
    _stores[:] = [store]


def keeps_draft(view: View) -> View:
    """A view whose form is kept as a draft until it is sent: a redirect says that it was."""

    @wraps(view)
    def kept(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if not _stores or "into" in request.GET or getattr(request, "htmx", False) or rehearsal.is_on():
            return view(request, *args, **kwargs)
        if request.method != "POST":
            _offer(request)
            return view(request, *args, **kwargs)
        _ask_for(request)
        response = view(request, *args, **kwargs)
        if 300 <= response.status_code < 400:
            if not getattr(request, "form_left", False):
                _stores[0].drop(request, request.path)
        elif UNSCRIPTED in request.POST and response.status_code < 500:
            _stores[0].write(request, request.path, _fields(request.POST))
        return response

    kept.keeps_draft = True  # type: ignore[attr-defined]
    return kept


def keep(request: HttpRequest, path: str) -> bool | None:
    """Keep what a script has sent of the form at a path. None where no such form is; False for what is too long."""
    if not _keeps(path):
        return None
    return bool(_stores) and _stores[0].write(request, path, _fields(request.POST))


def discard(request: HttpRequest, path: str) -> bool:
    """Forget the draft of the form at a path. False where no such form is."""
    if not _keeps(path):
        return False
    if _stores:
        _stores[0].drop(request, path)
    return True


def continuing(draft: Draft) -> QueryDict:
    """A draft as what a form was sent with; it is shown unchecked, because nobody has sent it."""
    data = QueryDict(mutable=True)
    for name, value in draft.fields:
        data.appendlist(name, value)
    data[UNSENT] = "1"
    return data


def _offer(request: Any) -> None:
    """Give the form its draft, or offer that; until it is taken up or discarded, nothing takes its place.

    A form that somebody comes back to (`pages.drafts.taken`) has what was typed already.
    """
    draft = None if "draft" in request.GET else _stores[0].read(request, request.path)
    request.draft, request.draft_continued = draft, CONTINUE in request.GET
    if draft is not None and request.draft_continued:
        request.continued = continuing(draft)
    if draft is None or request.draft_continued:
        _ask_for(request)


def _ask_for(request: Any) -> None:
    """Let the form be kept; one that was sent and comes back has what is not kept yet."""
    address = f"{reverse('pages:draft')}?{urlencode({'form': request.path})}"
    request.draft_attribute = format_html(
        ' data-draft="{}" data-draft-words="{}"{}',
        address,
        _("Draft kept at %(time)s"),
        SafeString(" data-draft-sent" if request.method == "POST" else ""),
    )
    request.draft_field = _FIELD


def _keeps(path: str) -> bool:
    try:
        return getattr(resolve(path).func, "keeps_draft", False)
    except Resolver404:
        return False


def _fields(sent: QueryDict) -> Fields:
    names = [name for name in sent if name not in HELD_BACK and not name.startswith("_") and not is_secret(name)]
    names = [name for name in names if not name.endswith(LOOKED_UP) and name.partition(":")[0] != REASON]
    return [(name, str(value)) for name in names for value in sent.getlist(name)]
