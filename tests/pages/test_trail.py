"""Every page says where it stands: by breadcrumbs, or because the side bar or the menu leads straight to it."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from operations.caller import Caller
from pages.navigation import ITEMS
from tests.every_page import Populated, pages, populate
from tests.signing_in import sign_in


@pytest.fixture(autouse=True)
def _console(settings: Any) -> None:
    settings.ROOT_URLCONF = "iamconsole.urls"


@pytest.fixture
def signed_in(client: Client, admin: Caller) -> Client:
    sign_in(client, User.objects.get(name="alice"), mfa=True)
    return client


@pytest.fixture
def made(account: Any, admin: Caller, nobody: Caller) -> Populated:
    return populate(account, admin, nobody)


def crumbs_of(html: str) -> list[tuple[str, str]]:
    """Labels with their addresses; the last, this page, has none."""
    found = re.search(r'<nav class="crumbs".*?</nav>', html, re.DOTALL)
    links = re.findall(r'<li><(?:a href="([^"]*)"|span[^>]*)>(.*?)</', found[0]) if found else []
    return [(unescape(label), unescape(href)) for href, label in links]


def test_every_page_below_the_side_bar_has_breadcrumbs(signed_in: Client, made: Populated) -> None:
    tops = {item.href() for item in ITEMS.values()}
    without = [
        name
        for name, address, html in pages(signed_in, made)
        if address not in tops and not name.startswith("accounts:sign-in") and not crumbs_of(html)
    ]
    assert without == []


def test_reviews_of_selected_rows_stand_below_what_they_are_about(signed_in: Client, made: Populated) -> None:
    arn = made.values["arn"]
    entities, group = reverse("policies:detach", args=[arn]), reverse("accounts:group-remove-users", args=["builders"])
    chosen = {"all": "1", "state": "?show=all"}

    def review(address: str) -> list[tuple[str, str]]:
        return crumbs_of(signed_in.post(address, chosen).content.decode())

    assert review(reverse("accounts:users-delete")) == [("Users", "/users/"), ("Delete users", "")]
    assert review(entities) == [("Policies", "/policies/"), ("reading", f"/policies/{arn}/"), ("Detach reading", "")]
    assert review(group) == [
        ("Groups", "/groups/"),
        ("builders", "/groups/builders/"),
        ("Remove users from builders", ""),
    ]
    outcome = signed_in.post(entities, chosen | {"go": "1"}).content.decode()
    assert [label for label, _href in crumbs_of(outcome)][:2] == ["Policies", "reading"]
    assert crumbs_of(signed_in.get("/search/?q=dora").content.decode()) == [("Dashboard", "/"), ("Find", "")]
