"""The search over everything: kinds in the order of the navigation, or by fit; and the way to what a page leaves out."""

import pytest
from django.test import Client

from accounts.models import User
from operations.caller import Caller
from operations.ids import unique_id
from pages import search
from pages.search import Hit, Kind
from tests.conftest import ACCOUNT
from tests.signing_in import sign_in


@pytest.fixture
def finders(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {
        "policies": Kind("Policies", "policy", lambda *_: [Hit("CentralBenefits", "/p/")], "policies:policies"),
        "tags": Kind("Tagged", "tag", lambda *_: [Hit("dora", "/t/", "team=ben")]),
        "users": Kind(
            "Users", "user", lambda *_: [Hit("rubens", "/u/2"), Hit("ben.whitfield", "/u/1")], "accounts:users"
        ),
        "groups": Kind("Groups", "group", lambda *_: [], "accounts:groups"),
    }
    monkeypatch.setattr(search, "_finders", found)


@pytest.fixture
def console(settings, _design_pages: None) -> None:
    settings.ROOT_URLCONF = "iamconsole.urls"


def titles(found: list[search.Found]) -> list[str]:
    return [str(group.title) for group in found]


def test_the_page_has_the_order_of_the_navigation(admin: Caller, finders: None, console: None) -> None:
    assert titles(search.search(admin, "zz")) == ["Users", "Policies", "Tagged"]


def test_suggestions_begin_with_what_fits_best(admin: Caller, finders: None, console: None) -> None:
    found = search.search(admin, "ben", by_fit=True)
    assert titles(found) == ["Users", "Policies", "Tagged"]
    assert [hit.label for hit in found[0].hits] == ["ben.whitfield", "rubens"]
    assert titles(search.search(admin, "central", by_fit=True)) == ["Policies", "Users", "Tagged"]


@pytest.fixture
def crowd(account, console: None) -> None:
    User.objects.bulk_create(
        User(account=account, name=f"crew{n:02}", name_key=f"crew{n:02}", unique_id=unique_id("AIDA"))
        for n in range(search.MOST + 1)
    )


def test_more_hits_than_a_page_has_lead_to_the_list(crowd: None, client: Client, make_user) -> None:
    sign_in(client, make_user("alice", document_of_reader()))
    page = client.get("/search/?q=crew").content.decode()
    assert '<span class="count">25+</span>' in page
    assert '<a href="/users/?q=crew">All in Users</a>' in page
    assert "crew25" in client.get("/users/?q=crew").content.decode()
    few = client.get("/search/?q=crew1").content.decode()
    assert '<span class="count">10</span>' in few
    assert "All in Users" not in few


def test_the_list_is_asked_as_it_can_answer(admin: Caller, crowd: None) -> None:
    listed = {str(kind.title): kind for kind in search._finders.values()}
    assert listed["Users"].all_of("team=blue") == "/users/?f=tag%3Aeq%3Ateam%3Dblue"
    assert listed["Users"].all_of(f"arn:aws:iam::{ACCOUNT}:user/") == ""
    assert listed["Groups"].all_of("team=blue") == ""
    assert (
        listed["Policies"].all_of("arn:aws:iam::aws:policy/A") == "/policies/?q=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FA"
    )


def test_suggestions_end_with_all_results(crowd: None, client: Client, make_user) -> None:
    sign_in(client, make_user("alice", document_of_reader()))
    fragment = client.get("/search/", {"q": "crew"}, headers={"HX-Request": "true"}).content.decode()
    assert fragment.count("crew0") >= 5
    assert fragment.rindex("All results for “crew”") > fragment.rindex("crew04")
    assert 'href="/search/?q=crew"' in fragment


def test_the_empty_page_says_what_can_be_found(admin_page: Client) -> None:
    page = admin_page.get("/search/").content.decode()
    for example in ("team=blue", "AKIA…", f"arn:aws:iam::{ACCOUNT}:role/"):
        assert example in page


@pytest.fixture
def admin_page(client: Client, make_user, console: None) -> Client:
    sign_in(client, make_user("alice", document_of_reader()))
    return client


def document_of_reader() -> str:
    return '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
