"""The frame: navigation by permission, user menu, preferences, search, and a page that a strict policy lets through."""

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from django.shortcuts import render
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts.models import User
from operations.caller import Caller
from pages import navigation, preferences, search
from pages.navigation import Item
from tests.pages.conftest import SignIn

LIST_ONLY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*"}]}'


@pytest.fixture
def items(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navigation, "ITEMS", {})
    navigation.register(
        Item("Users", "pages:design-list", "user", "identities", action="iam:ListUsers", on="user/"),
        Item("Components", "design", "policy", "access", action="iam:ListPolicies"),
        Item("Ghosts", "pages:no-such-page", "who", "understand"),
        Item("Find", "pages:search", "search", "home"),
        Item("Mine", "pages:design-plain", "key", "me"),
    )


def labels(caller: Caller | None, path: str = "/") -> list[str]:
    return [str(link.item.label) for _key, _title, links in navigation.groups(caller, path) for link in links]


def test_only_what_exists_and_is_permitted_is_shown(
    items: None, root: Caller, nobody: Caller, make_user: Callable[..., User], caller_of: Callable[..., Caller]
) -> None:
    assert labels(root) == ["Find", "Users", "Components"]
    assert labels(nobody) == ["Find"]
    assert labels(caller_of(make_user("lister", LIST_ONLY))) == ["Find", "Users"]
    assert labels(None) == []


def test_the_longest_address_is_current(items: None, root: Caller) -> None:
    current = {link.href for link in navigation.links(root, "/design/list/bulk/") if link.current}
    assert current == {"/design/list/"}


@pytest.mark.parametrize("item", [Item("x", "y", "no-such-icon", "home"), Item("x", "y", "user", "no-such-group")])
def test_a_wrong_item_is_refused_at_once(item: Item) -> None:
    with pytest.raises(KeyError):
        navigation.register(item)


def test_the_side_bar_and_the_menu_are_in_the_page(items: None, root_client: Client) -> None:
    html = root_client.get("/design/list/").content.decode()
    assert '<a href="/design/list/" aria-current="page"' in html
    assert "Mine" in html
    assert "Ghosts" not in html
    assert "1234-5678-9012" in html


# --- preferences -----------------------------------------------------------------------------------------------------------


def test_appearance_is_kept_and_shown(root_client: Client) -> None:
    response = root_client.post(
        "/preferences/", {"theme": "dark", "contrast": "more", "density": "compact", "keys": "off", "next": "/design/"}
    )
    assert response["Location"] == "/design/"
    html = root_client.get("/design/").content.decode()
    assert 'data-theme="dark" data-contrast="more" data-density="compact" data-keys="off"' in html


def test_pages_for_nobody_keep_the_theme(root_client: Client, rf: RequestFactory) -> None:
    rf.cookies[preferences.COOKIE] = (
        root_client.post("/preferences/", {"theme": "dark"}).cookies[preferences.COOKIE].value
    )
    request = rf.get("/")
    request.session = {}  # type: ignore[assignment]
    assert 'data-theme="dark"' in render(request, "errors/not_found.html").content.decode()


@pytest.mark.parametrize("wrong", [{"theme": "pink"}, {"theme": '"><script>'}, {"density": ""}])
def test_what_is_no_choice_is_not_kept(root_client: Client, wrong: dict[str, str]) -> None:
    root_client.post("/preferences/", wrong)
    assert (
        'data-theme="system" data-contrast="system" data-density="comfortable"'
        in root_client.get("/design/").content.decode()
    )


@pytest.mark.parametrize("next_url", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_it_leads_back_to_our_own_pages_only(root_client: Client, next_url: str) -> None:
    assert root_client.post("/preferences/", {"theme": "dark", "next": next_url})["Location"] == "/"


def test_preferences_need_a_post(root_client: Client) -> None:
    assert root_client.get("/preferences/").status_code == 405
    assert root_client.get("/preferences/lists/users/").status_code == 405


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    store: dict[str, Any] = {}
    monkeypatch.setattr(
        preferences,
        "_writers",
        [lambda request, values: User.everyone.filter(pk=request.user_row.pk).update(preferences=values)],
    )
    return store


def test_a_registered_writer_keeps_them_in_the_users_row(kept: dict[str, Any], root_client: Client) -> None:
    root_client.post("/preferences/", {"theme": "dark"})
    root_client.post("/preferences/lists/users/", {"columns": ["name", "path"], "size": "25"})
    assert User.everyone.get(is_root=True).preferences == {
        "theme": "dark",
        "lists": {"users": {"columns": ["name", "path"], "size": 25}},
    }


def test_times_are_in_the_readers_zone(root_client: Client) -> None:
    seen: list[str] = []

    def look(request: Any) -> Any:
        seen.append(timezone.get_current_timezone_name())

    from pages.middleware import ReaderZone

    for cookie in ("Europe/Berlin", "Not/AZone", "../../etc/passwd", ""):
        request = type("Request", (), {"COOKIES": {"zone": cookie}, "session": {}})()
        ReaderZone(look)(request)
    assert seen == ["Europe/Berlin", "UTC", "UTC", "UTC"]


# --- search ----------------------------------------------------------------------------------------------------------------


def test_search_finds_pages_and_what_apps_find(
    items: None, root: Caller, nobody: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "_finders", {})
    monkeypatch.setattr(search, "_commands", [])

    @search.register("Users", "user")
    def users(caller: Caller, text: str, limit: int) -> list[search.Hit]:
        return (
            [search.Hit(f"{text}-{number}", "/") for number in range(limit)] if caller.may("iam:ListUsers", "*") else []
        )

    found = search.search(root, "comp", 3)
    assert [(group.title, [hit.label for hit in group.hits]) for group in found] == [
        ("Pages", ["Components"]),
        ("Users", ["comp-0", "comp-1", "comp-2"]),
    ]
    assert search.search(nobody, "comp") == []
    assert search.search(root, "   ") == []
    assert search.search(None, "comp") == []


def test_the_search_page_and_its_fragment(items: None, root_client: Client) -> None:
    assert "Components" in root_client.get("/search/?q=compo").content.decode()
    assert "Nothing found" in root_client.get("/search/?q=zzzzqq").content.decode()
    fragment = root_client.get("/search/?q=compo", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    assert 'href="/design/"' in fragment


def test_search_is_for_the_signed_in(client: Client, db: None) -> None:
    assert client.get("/search/?q=x").status_code == 302


# --- the Content Security Policy ---------------------------------------------------------------------------------------------


class Inline(HTMLParser):
    """Collects what a strict policy forbids."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if tag == "style" or (tag == "script" and "src" not in names):
            self.found.append(tag)
        self.found += [
            f"{tag} {name}" for name in names if name == "style" or (name.startswith("on") and name[2:].isalpha())
        ]
        self.found += [
            f"{tag} {value}" for value in names.values() if value and value.strip().lower().startswith("javascript:")
        ]


@pytest.mark.parametrize(
    "path", ["/design/", "/design/list/", "/design/plain/", "/design/error/denied/", "/search/?q=a", "/nothing/"]
)
def test_no_page_has_inline_script_or_style(root_client: Client, people: list[User], path: str) -> None:
    response = root_client.get(path)
    parser = Inline()
    parser.feed(response.content.decode())
    assert parser.found == []
    policy = response["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy


def test_every_form_that_posts_has_its_token(root_client: Client, people: list[User]) -> None:
    html = root_client.get("/design/list/").content.decode()
    assert html.count('method="post"') <= html.count("csrfmiddlewaretoken")


def test_a_session_of_a_user_shows_their_name(sign_in: SignIn, make_user: Callable[..., User]) -> None:
    html = sign_in(make_user("build-bot")).get("/design/").content.decode()
    assert "Menu of build-bot" in html
    assert ">BB<" in html
