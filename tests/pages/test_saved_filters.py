"""Saved filters of a list: saved, found again, the default, renamed, deleted, refused with what was typed, and how fresh the list is."""

from html import unescape
from re import findall, search

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from tests.pages.conftest import SignIn

LIST = "/design/list/"
ADDRESS = "/preferences/lists/design-users/filters/"
WITHOUT = "f=mfa:eq:none&q=user&join=or&f=path:eq:/people/&sort=-name"


def page(client: Client, query: str = "", **headers: str) -> str:
    response = client.get(LIST + query, headers=headers)
    assert response.status_code == 200, response
    return unescape(response.content.decode())


def save(client: Client, name: str, query: str = "f=mfa:eq:none", **more: str) -> str:
    sent = {"name": name, "query": query, "next": f"{LIST}?{query}", **more}
    response = client.post(ADDRESS, sent)
    assert response.status_code == 302
    return str(response["Location"])


def change(client: Client, was: str, name: str = "", **more: str) -> str:
    response = client.post(ADDRESS, {"was": was, "name": name or was, "next": f"{LIST}?sort=-name", **more})
    assert response.status_code == 302
    return str(response["Location"])


def names(html: str) -> list[str]:
    return findall(r'<a class="name" href="#(\w+)"', html)


def saved(html: str) -> dict[str, str]:
    """The saved filters in the menu: name and address."""
    menu = html.partition('<div class="saved-filters"')[2].partition("</div>\n")[2].partition("</ul>")[0]
    return {name: href for href, name in findall(r'<a class="item" href="([^"]*)"[^>]*><span>([^<]*)</span>', menu)}


def control(html: str, name: str) -> str:
    """The tag of the form's field."""
    return next(tag for tag in findall(r"<input[^>]*>", html) if f'id="list-design-users-saved-{name}"' in tag)


def kept(client: Client) -> list[dict[str, object]]:
    row = User.everyone.get(is_root=True)
    return list(row.preferences.get("lists", {}).get("design-users", {}).get("saved", []))


def test_what_the_list_shows_is_saved_and_found_again(root_client: Client, people: list[User]) -> None:
    shown = page(root_client, f"?{WITHOUT}&size=10&columns=name,path")
    query = search(r'name="query" value="([^"]*)"', shown)
    assert query
    assert (
        query[1] == "f=mfa:eq:none&f=path:eq:/people/&q=user&join=or&sort=-name"
    )  # size and columns have their own place
    next_url = search(r'action="[^"]*filters/".*?name="next" value="([^"]*)"', shown, 16)
    assert next_url
    save(root_client, "Without MFA", query[1])
    html = page(root_client)
    assert saved(html) == {"Without MFA": f"?{query[1]}"}
    assert names(page(root_client, saved(html)["Without MFA"])) == names(shown)
    assert 'aria-current="true"><span>Without MFA' in page(root_client, "?" + query[1])
    assert 'aria-current="true"><span>Without MFA' not in page(root_client, "?f=mfa:eq:none")


def test_size_and_columns_of_the_address_stay(root_client: Client, people: list[User]) -> None:
    save(root_client, "Without MFA")
    assert saved(page(root_client, "?size=10&q=x&sort=-name"))["Without MFA"] == "?size=10&f=mfa:eq:none"


def test_the_list_opens_with_the_default_and_says_so(root_client: Client, people: list[User]) -> None:
    save(root_client, "Without MFA", default="on")
    response = root_client.get(LIST)
    assert response.status_code == 302
    assert response["Location"] == f"{LIST}?f=mfa:eq:none"
    html = page(root_client, "?f=mfa:eq:none")
    assert "This is “Without MFA”, with which your list opens." in html
    assert names(html) == ["User00", "User03", "User06", "User09"]
    assert 'href="?show=all" id="list-design-users-all"' in html
    assert len(names(page(root_client, "?show=all"))) == 12
    assert "with which your list opens" not in page(root_client, "?show=all")


@pytest.mark.parametrize("query", ["?q=", "?sort=name", "?size=10", "?page=1", "?show=all", "?columns=name", "?add="])
def test_an_address_with_a_state_is_what_it_says(root_client: Client, people: list[User], query: str) -> None:
    save(root_client, "Without MFA", default="on")
    assert len(names(page(root_client, query))) > 4


def test_what_else_the_address_bears_stays(root_client: Client, people: list[User]) -> None:
    save(root_client, "Without MFA", default="on")
    assert root_client.get(LIST + "?tab=a")["Location"] == f"{LIST}?tab=a&f=mfa:eq:none"


def test_taking_the_last_filter_away_does_not_bring_the_default_back(root_client: Client, people: list[User]) -> None:
    save(root_client, "Without MFA", default="on")
    html = page(root_client, "?f=mfa:eq:none")
    assert 'href="?show=all" aria-label="Clear filters"' in html
    assert 'href="?show=all" aria-label="Remove filter MFA = none"' in html
    assert '<input type="hidden" name="show"' not in page(root_client, "?show=all")  # what is typed then is the state


def test_exports_and_posts_are_not_led_elsewhere(root_client: Client, people: list[User]) -> None:
    save(root_client, "Without MFA", default="on")
    lines = b"".join(root_client.get(LIST + "?export=csv").streaming_content)  # type: ignore[attr-defined]
    assert lines.count(b"User") == 13  # the head and all twelve
    assert root_client.post(LIST).status_code == 200


def test_one_filter_at_most_is_the_default(root_client: Client, people: list[User]) -> None:
    save(root_client, "A", default="on")
    save(root_client, "B", "sort=-name", default="on")
    assert [one["name"] for one in kept(root_client) if one.get("default")] == ["B"]
    assert root_client.get(LIST)["Location"] == f"{LIST}?sort=-name"
    change(root_client, "B")  # saved without the box
    assert root_client.get(LIST).status_code == 200


def test_renaming_keeps_what_it_finds(root_client: Client, people: list[User]) -> None:
    save(root_client, "A", default="on")
    form = page(root_client, "?sort=-name&saved=A")
    assert 'value="A"' in control(form, "name")
    assert "autofocus" in control(form, "name")
    assert "checked" in control(form, "default")
    assert change(root_client, "A", "  Without   MFA ", default="on") == f"{LIST}?sort=-name"
    assert kept(root_client) == [{"name": "Without MFA", "query": "f=mfa:eq:none", "default": True}]
    change(root_client, "Without MFA", "without mfa")  # its own name in other letters
    assert saved(page(root_client)) == {"without mfa": "?f=mfa:eq:none"}


def test_a_deleted_one_is_gone_and_its_rows_can_be_shown(root_client: Client, people: list[User]) -> None:
    save(root_client, "A <b>", default="on")
    change(root_client, "A <b>", delete="1")
    response = root_client.get(LIST)
    assert response.status_code == 200
    html = response.content.decode()
    assert "Filter “A &lt;b&gt;” deleted." in html
    assert f'<a href="{LIST}?f=mfa:eq:none">Show its rows</a>' in html
    assert kept(root_client) == []


def test_what_is_gone_meanwhile_says_so(root_client: Client, people: list[User]) -> None:
    for more in ({}, {"delete": "1"}):
        assert change(root_client, "A", "B", **more) == f"{LIST}?sort=-name"
        assert "There is no saved filter “A” any more." in page(root_client, "?sort=-name")


REFUSED = {
    "": "Enter a name.",
    "   ": "Enter a name.",
    "x" * 65: "Ensure this value has at most 64 characters (it has 65).",
    "a": "There is a saved filter “A” already.",
    "x\x7fy": "Use characters that can be seen.",
    "x\u202ey": "Use characters that can be seen.",
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_name_is_told_at_its_field_and_nothing_is_lost(
    root_client: Client, people: list[User], name: str
) -> None:
    save(root_client, "A")
    address = save(root_client, name, "f=mfa:eq:any&sort=-name", default="on")
    assert address.startswith(f"{LIST}?f=mfa:eq:any&sort=-name&saved=&named=")
    html = unescape(root_client.get(address).content.decode())
    typed = control(html, "name")
    assert REFUSED[name] in html
    assert 'aria-invalid="true"' in typed
    assert "autofocus" in typed
    assert f'value="{name}"' in typed or not name
    assert "checked" in control(html, "default")
    assert '<details class="menu" data-menu open>' in html
    assert names(html) == names(page(root_client, "?f=mfa:eq:any&sort=-name"))
    assert [one["name"] for one in kept(root_client)] == ["A"]


def test_renaming_to_a_name_that_is_taken_keeps_both(root_client: Client, people: list[User]) -> None:
    save(root_client, "A")
    save(root_client, "B", "sort=-name")
    html = page(root_client, change(root_client, "B", "a").removeprefix(LIST))
    assert "There is a saved filter “A” already." in html
    assert 'name="was" value="B"' in html
    assert [one["name"] for one in kept(root_client)] == ["A", "B"]


def test_nothing_too_much_and_too_long_are_refused(root_client: Client, people: list[User]) -> None:
    assert "There is nothing to save" in page(root_client, save(root_client, "A", "").removeprefix(LIST))
    assert "There is nothing to save" in page(root_client, save(root_client, "A", "size=10&after=x").removeprefix(LIST))
    long = "&".join(f"f=name:has:{'x' * 90}{number}" for number in range(12))
    assert "too long to be saved" in page(root_client, save(root_client, "A", long).removeprefix(LIST))
    for number in range(20):
        save(root_client, f"A{number}")
    assert "A list keeps up to 20 saved filters" in page(root_client, save(root_client, "B").removeprefix(LIST))
    assert len(kept(root_client)) == 20


def test_all_lists_together_take_bounded_room(root_client: Client, people: list[User]) -> None:
    long = f"q={'x' * 900}"
    for number in range(120):
        sent = {"name": f"A{number}", "query": long, "next": LIST}
        root_client.post(f"/preferences/lists/list-{number // 20}/filters/", sent)
    assert "take too much room" in page(root_client, "?show=all")
    lists = User.everyone.get(is_root=True).preferences["lists"]
    assert sum(len(kept["saved"]) for kept in lists.values()) == 110


def test_columns_keep_the_filters_and_filters_the_columns(root_client: Client, people: list[User]) -> None:
    columns = {"columns": ["name", "path"], "size": "10", "next": LIST}
    root_client.post("/preferences/lists/design-users/", columns)
    save(root_client, "A")
    root_client.post("/preferences/lists/design-users/", columns | {"size": "25"})
    found = User.everyone.get(is_root=True).preferences["lists"]["design-users"]
    assert found == {"size": 25, "columns": ["name", "path"], "saved": [{"name": "A", "query": "f=mfa:eq:none"}]}
    root_client.post("/preferences/lists/design-users/", {"reset": "1"})
    assert saved(page(root_client)) == {"A": "?f=mfa:eq:none"}


def test_many_other_lists_do_not_push_saved_filters_out(root_client: Client, people: list[User]) -> None:
    save(root_client, "A")
    for number in range(101):
        root_client.post(f"/preferences/lists/list-{number}/", {"size": "25"})
    assert kept(root_client) != []
    assert len(User.everyone.get(is_root=True).preferences["lists"]) == 100


def test_they_are_the_readers_own(root_client: Client, people: list[User], sign_in: SignIn) -> None:
    save(root_client, "A", default="on")
    other = sign_in(people[0])
    assert other.get(LIST).status_code == 200
    assert saved(page(other)) == {}


def test_spoiled_preferences_open_the_list(root_client: Client, people: list[User]) -> None:
    for spoiled in ("x", [1, {"name": "A"}, {"query": ""}], {"name": "A"}, None):
        User.everyone.filter(is_root=True).update(preferences={"lists": {"design-users": {"saved": spoiled}}})
        assert saved(page(root_client)) == {}


def test_a_default_that_the_list_does_not_understand_says_so(root_client: Client, people: list[User]) -> None:
    save(root_client, "Old", "f=gone:eq:1", default="on")
    html = page(root_client, root_client.get(LIST)["Location"].removeprefix(LIST))
    assert "This list has no property “gone”." in html
    assert 'href="?show=all"' in html


def test_only_a_post_saves_and_it_leads_to_our_pages_only(root_client: Client, people: list[User]) -> None:
    assert root_client.get(ADDRESS).status_code == 405
    sent = {"name": "A", "query": "f=mfa:eq:none", "next": "https://evil.example/"}
    assert root_client.post(ADDRESS, sent)["Location"] == "/"
    assert root_client.post(ADDRESS, sent)["Location"].startswith("/?saved=&named=A")


def test_saved_filters_cost_no_query(root_client: Client, people: list[User]) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            page(root_client, "?f=mfa:eq:none")
        return len(asked)

    before = count()
    for number in range(20):
        save(root_client, f"A{number}", f"f=tag:eq:team:{number}&f=group:eq:ops", default="on")
    page(root_client, "?show=all")  # the messages are read
    assert count() == before


# --- freshness -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["?f=mfa:eq:none&size=10", "?q=nobody-is-called-so", "?f=mfa:eq:perhaps"])
def test_the_list_says_when_it_was_read(root_client: Client, people: list[User], query: str) -> None:
    html = page(root_client, query)
    foot = html.partition("data-fresh")[2].partition("</p>")[0]
    assert search(r'Updated <time class="nowrap" datetime="\d{4}-\d\d-\d\dT[^"]+" title="[^"]* UTC', foot)
    assert search(r">\d+ \w{3} \d\d:\d\d:\d\d</time>", foot)  # true without scripts, whenever it is looked at
    assert f'href="{query}"' in foot
    assert "Refresh</a>" in foot


def test_refreshing_is_said_aloud(root_client: Client, people: list[User]) -> None:
    asked = {"HX-Request": "true", "HX-Target": "list-design-users"}
    html = page(root_client, "?f=mfa:eq:none", **asked, **{"HX-Trigger": "list-design-users-refresh"})
    assert '<span data-count="4 of 12">Updated: 4 users</span>' in html
    assert '<span data-count="4 of 12">4 users</span>' in page(root_client, "?f=mfa:eq:none", **asked)
