"""Help: every page has a topic of its own, in the panel and as a page, in the reader's language."""

from typing import Any

import pytest
from django.template.loader import get_template
from django.test import Client
from django.utils import translation

from accounts.models import User
from engine import catalog
from operations.caller import Caller
from operations.gate import REGISTRY
from pages.topics import GENERAL, TOPICS, Topic, register, topic_of
from tests.every_page import Populated, addresses, populate
from tests.pages.test_translations import Reader, mark
from tests.signing_in import sign_in

OUTSIDE = ("accounts:sign-in", "accounts:kept-form", "accounts:session-end", "federation:role-end")
GENERAL_PAGES = {
    "pages:search",
    "pages:help",
    "pages:pick",
    "pages:preferences",
    "pages:undo",
    "pages:draft",
    "pages:discard-draft",
}


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


def test_every_page_behind_the_sign_in_has_a_topic_of_its_own(made: Populated) -> None:
    inside = {name for name in addresses(made) if not name.startswith(OUTSIDE)}
    assert {name for name in inside if topic_of(name) is GENERAL} == GENERAL_PAGES


@pytest.mark.parametrize(
    ("page", "key"),
    [
        ("accounts:users", "users"),
        ("accounts:user", "user"),
        ("accounts:user-inline", "policy-editor"),
        ("accounts:user-security-credentials", "credentials"),
        ("governance:role-last-accessed", "roles"),
        ("policies:edit", "policy-editor"),
        ("federation:switch-role", "switch-role"),
        ("", "console"),
    ],
)
def test_the_most_exact_topic_is_a_pages_help(page: str, key: str) -> None:
    assert topic_of(page).key == key


def test_no_topic_is_registered_twice() -> None:
    with pytest.raises(KeyError):
        register(Topic("users", "Users"))


@pytest.mark.parametrize("key", sorted(TOPICS))
def test_a_topic_is_a_page_and_a_panel(signed_in: Client, key: str) -> None:
    page = signed_in.get(f"/help/{key}/").content.decode()
    panel = signed_in.get(f"/help/{key}/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" in page
    assert "<html" not in panel
    assert str(TOPICS[key].title) in panel
    assert 'hx-get="/help/' in panel


@pytest.mark.parametrize("key", sorted(TOPICS))
def test_a_topic_is_translated(signed_in: Client, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setattr(translation._trans, "gettext", mark)
    reader = Reader(set())
    reader.feed(signed_in.get(f"/help/{key}/", headers={"HX-Request": "true"}).content.decode())
    assert not reader.forgotten


def test_a_topic_that_is_none_is_no_page(signed_in: Client) -> None:
    assert signed_in.get("/help/nothing/").status_code == 404


def test_every_page_leads_to_its_help(signed_in: Client) -> None:
    assert 'href="/help/users/"' in signed_in.get("/users/").content.decode()
    assert 'href="/help/policies/"' in signed_in.get("/policies/").content.decode()


@pytest.mark.parametrize("key", sorted(TOPICS))
def test_the_permissions_that_a_topic_names_exist(key: str) -> None:
    source = get_template(TOPICS[key].template).template.source  # type: ignore[attr-defined]
    named = {part.partition("</code>")[0] for part in source.split("<code>")[1:]}
    assert not {name for name in named if not _exists(name)}


def _exists(name: str) -> bool:
    try:
        catalog.action(*name.split(":"))
    except LookupError:
        return name in REGISTRY
    return True
