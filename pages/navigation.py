"""The side bar: apps say which pages they have, a reader sees those that exist and are permitted.

An app's `navigation.py` (loaded at start) registers its pages:

    register(Item(_("Users"), "accounts:users", "user", "identities", action="iam:ListUsers", on="user/", key="u"))
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from operations.caller import Caller
from pages.icons import ICONS

Text = str | Promise
GROUPS: dict[str, Text] = {
    "home": "",
    "identities": _("Identities"),
    "access": _("Access"),
    "understand": _("Understand"),
    "govern": _("Govern"),
    "records": _("Records"),
    "settings": _("Settings"),
    "me": _("Your own"),  # in the user menu
}


@dataclass(frozen=True)
class Item:
    """A page of the side bar.

    `action` is the permission that makes it visible (none: everybody who is signed in), asked on `on`: a whole ARN, `*`, `self` for the
    reader's own, or the part after the account number (`user/`). `key` is the letter after `g` that leads there. `order` moves it
    within its group.
    `users_only` pages are for users in their own name: a role's session has no password, devices or keys.
    """

    label: Text
    url_name: str
    icon: str
    group: str
    action: str = ""
    on: str = "*"
    key: str = ""
    order: int = 0
    users_only: bool = False

    def href(self) -> str:
        """Its address, or an empty text while the page does not exist."""
        try:
            return reverse(self.url_name)
        except NoReverseMatch:
            return ""

    def permitted(self, caller: Caller) -> bool:
        if self.users_only and caller.user_id is None:
            return False
        return not self.action or caller.may(self.action, self.resource(caller))

    def resource(self, caller: Caller) -> str:
        """The ARN that the permission is asked on."""
        if self.on == "self":
            return caller.principal.arn or "*"
        if self.on == "*" or self.on.startswith("arn:"):
            return self.on
        return f"arn:{settings.PARTITION}:iam::{caller.account_id}:{self.on}"


@dataclass(frozen=True)
class Link:
    """An item as a reader sees it."""

    item: Item
    href: str
    current: bool


ITEMS: dict[str, Item] = {}


def register(*items: Item) -> None:
    """Add pages; the same url name twice replaces the earlier item. Raises KeyError for a group or an icon that is none."""
    for item in items:
        if item.group not in GROUPS or item.icon not in ICONS:
            raise KeyError(f"{item.url_name}: group {item.group} or icon {item.icon} is unknown")
        ITEMS[item.url_name] = item


def links(caller: Caller | None, path: str, group: str | None = None) -> list[Link]:
    """The items that exist and that the caller may use; the one with the longest fitting address is current."""
    if caller is None:
        return []
    found = [(item, item.href()) for item in ITEMS.values() if group is None or item.group == group]
    usable = [(item, href) for item, href in found if href and item.permitted(caller)]
    fitting = [href for _, href in usable if path == href or (href != "/" and path.startswith(href))]
    current = max(fitting, key=len, default="")
    return [Link(item, href, href == current) for item, href in sorted(usable, key=lambda pair: pair[0].order)]


def groups(caller: Caller | None, path: str) -> Iterator[tuple[str, Text, list[Link]]]:
    """The groups of the side bar that have something in them: key, title, links."""
    found = links(caller, path)
    for key, title in GROUPS.items():
        inside = [link for link in found if link.item.group == key]
        if inside and key != "me":
            yield key, title, inside
