"""Search over everything: each app registers a function that finds its own things for a caller.

@register(_("Users"), "user")
def users(caller: Caller, text: str, limit: int) -> Iterable[Hit]: ...     # in <app>/searches.py
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from operations.caller import Caller
from pages import navigation

Text = str | Promise


@dataclass(frozen=True)
class Hit:
    """Something found: its name, address, and what tells it apart (an ARN, an id, the tag that fitted)."""

    label: Text
    href: str
    note: Text = ""


Finder = Callable[[Caller, str, int], Iterable[Hit]]


@dataclass(frozen=True)
class Found:
    """The hits of one kind."""

    title: Text
    icon: str
    hits: list[Hit] = field(default_factory=list)


_finders: dict[str, tuple[Text, str, Finder]] = {}


def register(title: Text, icon: str) -> Callable[[Finder], Finder]:
    """Register a finder under a title; it returns only what the caller may see."""

    def add(finder: Finder) -> Finder:
        _finders[f"{finder.__module__}.{finder.__name__}"] = (title, icon, finder)
        return finder

    return add


def search(caller: Caller | None, text: str, limit: int = 6) -> list[Found]:
    """What fits the text, kind by kind: the kind with the best hit first, pages of the console before others that fit as well."""
    text = text.strip()[:200]
    if caller is None or not text:
        return []
    pages = [
        Hit(link.item.label, link.href)
        for link in navigation.links(caller, "")
        if text.lower() in str(link.item.label).lower()
    ]
    found = [Found(_("Pages"), "arrow-right", pages[:limit])]
    found += [
        Found(title, icon, list(finder(caller, text, limit))[:limit]) for title, icon, finder in _finders.values()
    ]
    return sorted(
        (group for group in found if group.hits), key=lambda group: min(_distance(hit, text) for hit in group.hits)
    )


def _distance(hit: Hit, text: str) -> int:
    """How well a hit fits: its name is the text, begins with it, has it, or it was found by something else."""
    name, wanted = str(hit.label).lower(), text.lower()
    return 0 if name == wanted else 1 if name.startswith(wanted) else 2 if wanted in name else 3
