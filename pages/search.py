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
    """What fits the text, kind by kind; pages of the console come first."""
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
    return [group for group in found if group.hits]
