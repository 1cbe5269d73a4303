"""Saving, changing and deleting the reader's own filters of a list. What cannot be saved leads back to the list, where the form stands
with what was typed and says what is wrong: all of it is in the address."""

from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from pages import preferences
from pages.listing.saved import LONGEST_QUERY, MOST_TEXT, SavedFilter, SavedFilterForm, named, query_of, saved_filters
from pages.views.preferences import back


@require_POST
def save_filter(request: HttpRequest, key: str) -> HttpResponse:
    """Save `query` as `name`, or rename the filter `was`, make it the default, or `delete` it."""
    key, was = key[:64], request.POST.get("was", "")
    saved = saved_filters(preferences.of_list(request, key))
    changed = named(saved, was) if was else None
    if was and changed is None:
        messages.error(request, _("There is no saved filter “%(name)s” any more.") % {"name": was[:64]})
        return redirect(back(request))
    if changed and "delete" in request.POST:
        _keep(request, key, [one for one in saved if one != changed])
        messages.success(request, _deleted(request, changed))
        return redirect(back(request))
    form = SavedFilterForm(request.POST, saved=saved, query=_query(request), changed=changed)
    if not form.is_valid():
        return redirect(_again(request, was))
    if not _keep(request, key, form.result()):
        messages.error(request, _("Your saved filters take too much room: delete some first."))
        return redirect(_again(request, was))
    messages.success(request, _("Filter “%(name)s” saved.") % {"name": form.cleaned_data["name"]})
    return redirect(back(request))


def _query(request: HttpRequest) -> str:
    """What the list shows, of the query that was posted; one that is far too long stays too long."""
    return query_of(QueryDict(request.POST.get("query", "")[: 10 * LONGEST_QUERY].lstrip("?")))


def _keep(request: HttpRequest, key: str, saved: list[SavedFilter]) -> bool:
    """Keep these as the list's, unless those of all lists would take too much room."""
    lists = {**preferences.read(request).get("lists", {}), key: {"saved": [one.kept for one in saved]}}
    size = sum(len(one.name) + len(one.query) for kept in lists.values() for one in saved_filters(kept))
    if size > MOST_TEXT:
        return False
    preferences.save_filters(request, key, [one.kept for one in saved])
    return True


def _again(request: HttpRequest, was: str) -> str:
    """The list's address with the form as it was typed."""
    path, _mark, query = back(request).partition("?")
    params = QueryDict(query, mutable=True)
    params.update({"saved": was, "named": request.POST.get("name", "")[:200]})
    if request.POST.get("default"):
        params["opens"] = "1"
    return f"{path}?{params.urlencode(safe=':=,/')}"


def _deleted(request: HttpRequest, gone: SavedFilter) -> str:
    """What was deleted, with a way to see its rows, from where it can be saved again."""
    text = _("Filter “%(name)s” deleted.") % {"name": gone.name}
    return format_html('{} <a href="{}?{}">{}</a>', text, urlsplit(back(request)).path, gone.query, _("Show its rows"))
