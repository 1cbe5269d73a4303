"""Forms that met no session: what was typed waits until its writer has signed in again, and is sent again by pressing a button only.

Kept is what passed the CSRF check, for the reader to whom this browser showed pages last (a signed cookie says who, and as which role).
It waits encrypted in the browser's session, half an hour at most; passwords, codes and files never do. Whoever else signs in on this
browser discards it, so nobody is handed a form that somebody else has prepared.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from accounts import reauthentication
from accounts.models import ConsoleSession, User
from accounts.page_request import PageRequest
from operations.clock import now
from operations.secrets import decrypt, digest, encrypt
from pages.trail import in_words
from pages.typed import Fields, is_secret, shown

KEY, OWNER = "kept_forms", "kept_for"
SENT = "_kept"  # says of a form that it is one of these
LASTS = timedelta(minutes=30)
LARGEST = 512 * 1024  # characters of all forms of one browser, encrypted
MOST = 5
BROWSERS = 8  # that may keep something for one person while nobody is signed in on them
COOKIE, SALT, KNOWN_FOR = "iamconsole_reader", "reader", 30 * 24 * 3600
HELD_BACK = {"csrfmiddlewaretoken", reauthentication.FIELD, SENT}


@dataclass(frozen=True)
class KeptForm:
    """One form: where it goes, the page it stood on, its fields, and the role that its writer acted as (empty: none)."""

    token: str
    role: str
    path: str
    page: str
    fields: list[list[str]]
    is_whole: bool

    @property
    def title(self) -> str:
        """Where it goes, in words."""
        return in_words(urlsplit(self.path).path)

    @property
    def typed(self) -> list[tuple[str, str]]:
        return shown(((name, value) for name, value in self.fields), whole=True)


def keep(request: PageRequest) -> None:
    """Keep the form of a request that may not go on, and say so. What is no form of a page, or nobody's, is let go."""
    fields, path, whole = _form(request)
    reader, has_file = _reader(request), bool(request.FILES)
    if reader is None or (request.person is not None and _owner(request.person) != reader[0]):
        return
    if not fields and not (has_file and _is_form(request)):
        return
    form = {"path": path, "page": page_of(request), "fields": [list(field) for field in fields], "is_whole": whole}
    mine = [entry for entry in _entries(request) if entry["owner"] == reader[0]]
    mine = [entry for entry in mine if json.loads(decrypt(entry["form"])) != form]
    entry = {
        "token": secrets.token_urlsafe(16),
        "at": now().isoformat(),
        "owner": reader[0],
        "role": reader[1],
        "form": encrypt(json.dumps(form)) if _size(fields) <= LARGEST else "",
        "is_file": not fields,  # nothing waits then but the word that the file is to be chosen again
    }
    kept = [*mine, entry]
    if not entry["form"] or len(kept) > MOST or sum(len(each["form"]) for each in kept) > LARGEST:
        messages.warning(request, _("What you typed was too much to be kept."))
        kept = mine
    elif entry["is_file"]:
        messages.warning(request, _("Files are never kept: choose yours again as soon as you can go on."))
        kept = mine if request.person else kept
    else:
        messages.info(request, _("What you typed is kept. It is shown to you as soon as you can go on."))
    _put(request, kept, reader[0])


def page_of(request: HttpRequest) -> str:
    """The page on which a form stood: where it was sent from, if that is one of ours, else its own address."""
    parts = urlsplit(request.headers.get("Referer", ""))
    from_here = parts.netloc == request.get_host()
    page = f"{parts.path}?{parts.query}" if parts.query else parts.path
    safe = from_here and page and url_has_allowed_host_and_scheme(page, allowed_hosts=None)
    return page if safe else request.get_full_path()


def carry(request: HttpRequest) -> None:
    """Take over what waited in a session that has ended by itself."""
    entries = getattr(request, "ended_session", {}).get(KEY)
    if entries:
        _put(request, entries, entries[0]["owner"])


def taken(request: HttpRequest) -> list[dict[str, Any]]:
    """What waits, before a new session takes this one's place."""
    return list(request.session.get(KEY, []))


def put_back(request: HttpRequest, entries: list[dict[str, Any]]) -> None:
    """What waited goes on waiting: its writer has still to prove a second factor."""
    if entries:
        _put(request, entries, entries[0]["owner"])


def hand_on(request: HttpRequest, user: User, entries: list[dict[str, Any]]) -> bool:
    """Give what waited to the user who has signed in, if it is that user's, and say whether something was typed.

    Anything else is discarded, and said to be; so it is said that a file has to be chosen again.
    """
    mine = [entry for entry in entries if entry["owner"] == _owner(user)]
    typed = [entry for entry in mine if not entry.get("is_file")]
    if typed:
        request.session[KEY] = typed
    if len(typed) < len(mine):
        messages.warning(
            request, _("You were signed out before your file arrived, and files are never kept: choose it again.")
        )
    if len(mine) < len(entries):
        messages.warning(request, _("What another user had typed on this browser is discarded."))
    return bool(typed)


def waiting(request: PageRequest) -> list[KeptForm]:
    """The forms that wait for whoever is signed in."""
    owner = _owner(request.person) if request.person else ""
    return [
        KeptForm(entry["token"], entry["role"], **json.loads(decrypt(entry["form"])))
        for entry in _entries(request)
        if entry["owner"] == owner
    ]


def count(request: HttpRequest) -> int:
    """How many wait; those that have waited for too long are dropped."""
    stored = request.session.get(KEY)
    entries = _entries(request) if stored else []
    if stored is not None and len(entries) < len(stored):
        request.session[KEY] = entries
    return sum(not entry.get("is_file") for entry in entries)


def forget(request: HttpRequest, token: str) -> str:
    """Drop one form; the page it stood on, empty for one that is gone already."""
    found = next((entry for entry in _entries(request) if entry["token"] == token), None)
    if found is None:
        return ""
    request.session[KEY] = [entry for entry in _entries(request) if entry["token"] != token]
    return str(json.loads(decrypt(found["form"]))["page"])


def sent(request: HttpRequest, response: HttpResponse) -> None:
    """A kept form was sent again: it is dropped, unless it was refused."""
    if request.method == "POST" and request.session.get(KEY) and SENT in request.POST and response.status_code < 400:
        forget(request, request.POST[SENT])


def note_reader(request: PageRequest, response: HttpResponse, role: str) -> None:
    """Note in the browser to whom a page was shown, and as which role: that is whose form comes from there."""
    if request.person is None or (owner := _owner(request.person), role) == _reader(request):
        return
    response.set_signed_cookie(
        COOKIE,
        f"{owner} {role}",
        salt=SALT,
        max_age=KNOWN_FOR,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def _form(request: HttpRequest) -> tuple[Fields, str, bool]:
    """The fields of a form that may be kept, where it goes, and whether that is all of it."""
    if not _is_form(request):
        return [], "", True
    given, path, whole = dict(request.POST.lists()), request.get_full_path(), not request.FILES
    if reauthentication.FIELD in given:  # the form itself waited in the session that has ended
        given = reauthentication.waiting_in(getattr(request, "ended_session", {}), request)
    names = [name for name in given if name not in HELD_BACK]
    kept = [name for name in names if not is_secret(name)]
    return [(name, str(value)) for name in kept for value in given[name]], path, whole and kept == names


def _is_form(request: HttpRequest) -> bool:
    """Whether a person sent it: nothing that a script sent is kept, and nothing that did not pass the CSRF check."""
    mode = request.headers.get("Sec-Fetch-Mode", "navigate")
    by_script = mode != "navigate" or bool({"X-Requested-With", "HX-Request"} & set(request.headers))
    return request.method == "POST" and not by_script and bool(getattr(request, "csrf_processing_done", False))


def _size(fields: Fields) -> int:
    return sum(len(name) + len(value) for name, value in fields)


def _entries(request: HttpRequest) -> list[dict[str, Any]]:
    oldest = now() - LASTS
    return [entry for entry in request.session.get(KEY, []) if datetime.fromisoformat(entry["at"]) > oldest]


def _put(request: HttpRequest, entries: list[dict[str, Any]], owner: str) -> None:
    """Into the browser's session. Without a sign-in it is short, and there are few of one person's."""
    request.session[KEY] = entries
    if "user_id" in request.session:
        return
    if OWNER not in request.session:
        others = ConsoleSession.objects.filter(user=None, public_id=owner).order_by("-expire_date")
        ConsoleSession.objects.filter(pk__in=list(others.values_list("pk", flat=True)[BROWSERS - 1 :])).delete()
    request.session[OWNER] = owner
    request.session.set_expiry(now() + LASTS)


def _reader(request: HttpRequest) -> tuple[str, str] | None:
    """To whom this browser showed pages last, and as which role."""
    try:
        value = request.get_signed_cookie(COOKIE, "", salt=SALT, max_age=KNOWN_FOR) or ""
    except signing.BadSignature:
        return None
    owner, _space, role = value.partition(" ")
    return (owner, role) if owner else None


def _owner(user: User) -> str:
    """Who somebody is, as it stands in a browser and a column of 36 characters."""
    return digest(f"{SALT}:{user.account_id}:{user.unique_id}")[:36]
