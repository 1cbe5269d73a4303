"""Saving, changing, sharing and deleting filters of a list. What cannot be saved leads back to the list, where the form stands with what
was typed and says what is wrong: all of it is in the address."""

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from operations.caller import Caller
from operations.errors import LimitExceeded, NoSuchEntity
from operations.gate import one_change
from pages import preferences
from pages.listing.saved import (
    LONGEST_QUERY,
    MOST_TEXT,
    SavedFilter,
    SavedFilterForm,
    named,
    query_of,
    saved_filters,
    shared_default,
)
from pages.listing.saving import SHARED
from pages.listing.shared import rights_of, shared_filters, store
from pages.views.preferences import back


@dataclass(frozen=True)
class Kept:
    """What the reader's preferences hold for a list: the own filters, and the name of the shared one with which it opens."""

    own: list[SavedFilter]
    opens: str

    def changed(self, was: SavedFilter | None, wanted: SavedFilter | None) -> "Kept":
        """The same after a filter has become another; None is one that was not, or is no more."""
        own = [one for one in self.own if one != was]
        opens = "" if was and was.shared and was.name == self.opens else self.opens
        if wanted and wanted.default:
            own = [replace(one, default=False) for one in own]
            opens = wanted.name if wanted.shared else ""
        return Kept([*own, wanted] if wanted and not wanted.shared else own, opens)


@require_POST
def save_filter(request: HttpRequest, key: str) -> HttpResponse:
    """Save `query` as `name`, or change the filter `was` (of `whose`), share it, open the list with it, or `delete` it."""
    key, was = key[:64], request.POST.get("was", "")
    caller = getattr(request, "caller", None)
    chosen = preferences.of_list(request, key)
    kept = Kept(saved_filters(chosen), shared_default(chosen))
    shared = [replace(one, default=one.name == kept.opens) for one in shared_filters(caller, key)]
    changed = named(shared if request.POST.get("whose") == SHARED else kept.own, was) if was else None
    if was and changed is None:
        return _is_gone(request, was)
    saved, rights = [*kept.own, *shared], rights_of(caller)
    form = SavedFilterForm(request.POST, saved=saved, query=_query(request), changed=changed, rights=rights)
    wanted: SavedFilter | None
    if changed and "delete" in request.POST:
        wanted = None
    elif form.is_valid():
        wanted = form.result
    else:
        return redirect(_again(request, was))
    after = kept.changed(changed, wanted)
    if not _has_room(request, key, after.own):
        messages.error(request, _("Your saved filters take too much room: delete some first."))
        return redirect(_again(request, was))
    try:
        _share(caller, key, changed, wanted)
    except LimitExceeded as error:
        messages.error(request, error.message)
        return redirect(_again(request, was))
    except NoSuchEntity:
        return _is_gone(request, was)
    if after != kept:
        preferences.save_filters(request, key, [one.kept for one in after.own], after.opens)
    messages.success(request, _told(request, changed, wanted))
    return redirect(back(request))


def _share(caller: Caller | None, key: str, was: SavedFilter | None, wanted: SavedFilter | None) -> None:
    """Change what everybody in the account has, if that changes. Raises AccessDenied, LimitExceeded, NoSuchEntity."""
    before = was.name if was and was.shared else ""
    after = wanted.name if wanted and wanted.shared else ""
    if caller is None or before == after:
        return
    with one_change():
        if before and before.casefold() != after.casefold():
            store().delete(caller, key, before)
        if wanted and after:
            store().put(caller, key, after, wanted.query)


def _query(request: HttpRequest) -> str:
    """What the list shows, of the query that was posted; one that is far too long stays too long."""
    return query_of(QueryDict(request.POST.get("query", "")[: 10 * LONGEST_QUERY].lstrip("?")))


def _has_room(request: HttpRequest, key: str, own: list[SavedFilter]) -> bool:
    """Whether the reader's own filters of all lists have room, with these as the list's."""
    lists = {**preferences.read(request).get("lists", {}), key: {"saved": [one.kept for one in own]}}
    return sum(len(one.name) + len(one.query) for kept in lists.values() for one in saved_filters(kept)) <= MOST_TEXT


def _is_gone(request: HttpRequest, was: str) -> HttpResponse:
    messages.error(request, _("There is no saved filter “%(name)s” any more.") % {"name": was[:64]})
    return redirect(back(request))


def _again(request: HttpRequest, was: str) -> str:
    """The list's address with the form as it was typed."""
    path, _mark, query = back(request).partition("?")
    params = QueryDict(query, mutable=True)
    params.update({"saved": was, "named": request.POST.get("name", "")[:200]})
    if request.POST.get("whose") == SHARED:
        params["whose"] = SHARED
    for typed, name in (("default", "opens"), ("share", "share")):
        if request.POST.get(typed):
            params[name] = "1"
    return f"{path}?{params.urlencode(safe=':=,/')}"


def _told(request: HttpRequest, was: SavedFilter | None, wanted: SavedFilter | None) -> str:
    """What was done; of what was deleted with a way to see its rows, from where it can be saved again."""
    if was and wanted is None:
        text, shown = _("Filter “%(name)s” deleted.") % {"name": was.name}, _("Show its rows")
        return format_html('{} <a href="{}?{}">{}</a>', text, urlsplit(back(request)).path, was.query, shown)
    if wanted and wanted.shared and not (was and was.shared):
        return _("Filter “%(name)s” saved and shared with everybody in this account.") % {"name": wanted.name}
    return _("Filter “%(name)s” saved.") % {"name": wanted.name if wanted else ""}
