"""Where a page stands: the rule by which pages have breadcrumbs.

A page of the side bar or the user menu is the top and has none. Every other one has the page of the side bar under whose address it lies
(the dashboard, where there is no other), the entity that its address names, and itself.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest
from django.urls import Resolver404, resolve, reverse

from pages.entity_names import EntityName
from pages.navigation import ITEMS, Item

HOME = "home"
NAMED_BY = ("name", "user_name", "arn")  # what addresses call the entity that a page is about


def trail(request: HttpRequest) -> list[tuple[str, str]]:
    """Labels and addresses of what a page lies under, from the top; the page itself is not among them."""
    return _above(request.path, request.resolver_match.kwargs if request.resolver_match else {})


def in_words(path: str) -> str:
    """An address as what it leads to: `Users / dora / Attach`; as it stands where no page is."""
    try:
        match = resolve(path)
    except Resolver404:
        return path
    above = _above(path, match.kwargs)
    last = path.rstrip("/").rpartition("/")[2]
    is_told = not last or any(href.rstrip("/") == path.rstrip("/") for _label, href in above)
    own = [] if is_told else [last.replace("-", " ").capitalize()]
    return " / ".join([*(label for label, _href in above), *own])


def _above(path: str, given: Mapping[str, Any]) -> list[tuple[str, str]]:
    tops = {href: item for item in ITEMS.values() if (href := item.href())}
    above = [href for href, item in tops.items() if path.startswith(href) and item.group != HOME]
    homes = [href for href, item in tops.items() if item.group == HOME]
    top = max(above, key=len) if above else next(iter(homes), "")
    found = [(str(tops[top].label), top)] if top else []
    entity = next((str(given[key]) for key in NAMED_BY if given.get(key)), "")
    if entity and above:
        found.append(_entity(top, tops[top], entity))
    return found


def _entity(top: str, item: Item, name: str) -> tuple[str, str]:
    if name.startswith("arn:"):
        return name.rpartition("/")[2], reverse(f"{item.url_name.partition(':')[0]}:policy", args=[name])
    return name, f"{top}{quote(EntityName().to_url(name))}/"
