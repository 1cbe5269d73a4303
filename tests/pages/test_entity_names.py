"""Users, groups and roles whose names are something else in an address, or nothing a browser would ask for, are reached all the same."""

from html import unescape
from re import findall

import pytest
from django.test import Client
from django.urls import resolve, reverse

from accounts.operations.groups import create_group
from accounts.operations.memberships import add_user_to_group
from accounts.operations.roles import create_role
from accounts.operations.users import create_user
from operations.caller import Caller
from pages.entity_names import TAKEN, EntityName
from tests.every_page import TRUST

NAMES = sorted(TAKEN)


@pytest.mark.parametrize("kind", ["user", "group", "role"])
def test_no_name_is_taken_for_a_page(kind: str) -> None:
    """Every address directly below the list is a page of ours that `TAKEN` knows, or an entity's."""
    start = reverse(f"accounts:{kind}s")
    for name in [*NAMES, "alice", "Create", "a~b"]:
        address = reverse(f"accounts:{kind}", args=[name])
        assert resolve(address).kwargs["name"] == name
        assert not {".", ".."} & set(address.split("/"))
    for pattern in _patterns():
        first, _slash, rest = pattern.removeprefix(start.lstrip("/")).partition("/")
        if pattern.startswith(start.lstrip("/")) and first and not first.startswith("<") and not rest:
            assert first in TAKEN, pattern


def _patterns() -> list[str]:
    from accounts import urls_identities, urls_roles

    found = [*urls_identities.user_urls, *urls_identities.group_urls, *urls_roles.role_urls]
    return [str(one.pattern) for one in found]


@pytest.mark.parametrize("name", NAMES)
def test_lists_lead_to_it_and_its_pages_say_where_they_are(root_client: Client, root: Caller, name: str) -> None:
    create_user(root, user_name=name)
    create_group(root, group_name=name)
    create_role(root, role_name=name, assume_role_policy_document=TRUST % "arn:aws:iam::123456789012:root")
    add_user_to_group(root, group_name=name, user_name=name)
    for kind in ("user", "group", "role"):
        html = unescape(root_client.get(reverse(f"accounts:{kind}s")).content.decode())
        address = next(
            href for href, text in findall(r'<a class="name" href="([^"]*)"[^>]*>([^<]*)', html) if text == name
        )
        page = root_client.get(address)
        assert page.status_code == 200
        assert f"<h1>{name}" in page.content.decode().replace('<span class="name">', "")
        below = unescape(root_client.get(address + ("rename/" if kind != "role" else "trust/")).content.decode())
        crumbs = below.partition('<nav class="crumbs"')[2].partition("</nav>")[0]
        assert f'href="{address}"' in crumbs or kind == "role"


def test_an_address_without_the_mark_is_the_page(root_client: Client, root: Caller) -> None:
    create_user(root, user_name="create")
    assert b"<h1>Create user" in root_client.get("/users/create/").content
    assert EntityName().to_url("create") == "~create"
