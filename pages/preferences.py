"""What pages remember for a person: theme, contrast, density, columns, page size, filters, time zone, keys, as
what code forms are shown.

Pages read them from the signed-in user's row. Writing belongs to the app that owns users, which registers its writer here; for a
caller without a user row (a federated session) they live in the browser session.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest

Preferences = Mapping[str, Any]
Writer = Callable[[HttpRequest, dict[str, Any]], None]

CHOICES = {
    "theme": ("system", "light", "dark"),
    "contrast": ("system", "normal", "more"),
    "density": ("comfortable", "compact"),
    "keys": ("on", "off"),
    "told": ("cli", "terraform"),
}
SIZES = (10, 25, 50, 100)
# Of a list's table: long lines are cut, every other row is shaded, the names stay in sight.
LOOKS = ("unwrapped", "striped", "pinned")
FILTERS = ("saved", "opens")
MOST_LISTS = 100  # of which something is kept; the longest kept go first
COOKIE = "appearance"  # so that the sign-in page, too, comes in the chosen theme
_writers: list[Writer] = []


def register_writer(writer: Writer) -> Writer:
    """Register the function that stores all preferences of `request.user_row`."""
    _writers[:] = [writer]
    return writer


def row_of(request: HttpRequest) -> Any:
    """The row of the person who reads: also while the console acts as a role. None for nobody in particular."""
    return getattr(request, "person", None) or getattr(request, "user_row", None)


def read(request: HttpRequest) -> Preferences:
    """The reader's preferences; empty for nobody in particular."""
    row = row_of(request)
    if row is not None and _writers:
        return row.preferences or {}
    session = getattr(request, "session", None)
    return session.get("preferences", {}) if session is not None else {}


def save(request: HttpRequest, changes: Mapping[str, Any]) -> None:
    """Merge the changes into the reader's preferences; a value of None removes the name."""
    merged = {name: value for name, value in {**read(request), **changes}.items() if value is not None}
    if row_of(request) is not None and _writers:
        _writers[0](request, merged)
    else:
        request.session["preferences"] = merged


def appearance(request: HttpRequest) -> dict[str, str]:
    """Theme, contrast and density as the html element bears them; unknown values count as the first choice."""
    chosen: Preferences = read(request)
    if not chosen:
        chosen = dict(zip(("theme", "contrast", "density"), request.COOKIES.get(COOKIE, "").split("."), strict=False))
    return {name: chosen[name] if chosen.get(name) in choices else choices[0] for name, choices in CHOICES.items()}


def of_list(request: HttpRequest, key: str) -> Preferences:
    """What was chosen for one list: `columns`, `size`, `looks`, `saved` filters, and the shared one with which it `opens`."""
    found = read(request).get("lists", {})
    chosen = found.get(key, {}) if isinstance(found, Mapping) else {}
    return chosen if isinstance(chosen, Mapping) else {}


def save_list(request: HttpRequest, key: str, columns: list[str], size: int, looks: list[str]) -> None:
    """Keep columns (in their order), page size and looks of one list; without columns its own are shown again."""
    chosen: dict[str, Any] = {"size": size} if size in SIZES else {}
    chosen |= {"looks": kept} if (kept := [name for name in LOOKS if name in looks]) else {}
    chosen |= {"columns": [name[:64] for name in columns[:64]]} if columns else {}
    _keep_list(request, key, chosen | {name: kept for name, kept in of_list(request, key).items() if name in FILTERS})


def save_filters(request: HttpRequest, key: str, saved: list[dict[str, Any]], opens: str = "") -> None:
    """Keep the reader's filters of one list (pages.listing.saved) beside its columns and size; `opens`: the shared one it opens with."""
    chosen = {name: kept for name, kept in of_list(request, key).items() if name not in FILTERS}
    _keep_list(request, key, chosen | ({"saved": saved} if saved else {}) | ({"opens": opens} if opens else {}))


def _keep_list(request: HttpRequest, key: str, chosen: dict[str, Any]) -> None:
    """Keep what was chosen for one list. Of too many lists, those go first that have no saved filters, and were kept longest."""
    lists = {name: kept for name, kept in read(request).get("lists", {}).items() if name != key}
    spare = sorted(lists, key=lambda name: "saved" in lists[name])
    for name in spare[: max(0, len(lists) + 1 - MOST_LISTS)]:
        del lists[name]
    save(request, {"lists": {**lists, key: chosen}})
