"""A list as a page: order, pages, columns, counts, fragment, export, query count."""

import csv
import json
from html import unescape
from io import StringIO
from re import findall, search

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, User
from operations.ids import unique_id

LIST = "/design/list/"


def names(html: str) -> list[str]:
    return findall(r'<a class="name" href="#(\w+)"', html)


def page(client: Client, query: str = "", **headers: str) -> str:
    return client.get(LIST + query, headers=headers).content.decode()


def link(html: str, id: str) -> str:
    found = search(rf'id="list-design-users-{id}"[^>]*href="([^"]+)"', html)
    assert found, f"no link {id}"
    return unescape(found[1])


def test_it_shows_the_first_page_in_its_order(root_client: Client, people: list[User]) -> None:
    html = page(root_client, "?size=10")
    assert names(html) == [f"User{number:02}" for number in range(10)]
    assert "1–10 of 12 users" in html
    assert 'aria-sort="ascending"' in html


def test_next_previous_first_and_last_keep_the_state(root_client: Client, people: list[User]) -> None:
    html = page(root_client, "?size=10&f=path:has:/&sort=-name")
    following = link(html, "next")
    assert "f=path:has:/" in following
    assert "sort=-name" in following
    second = page(root_client, following)
    assert names(second) == ["User01", "User00"]
    assert "11–12 of 12 users" in second
    assert names(page(root_client, link(second, "previous"))) == names(html)
    assert names(page(root_client, link(second, "first"))) == names(html)
    assert names(page(root_client, link(html, "last"))) == [f"User{number:02}" for number in range(9, -1, -1)]
    assert names(page(root_client, "?size=10&page=2")) == ["User10", "User11"]


def test_a_broken_cursor_shows_the_first_page(root_client: Client, people: list[User]) -> None:
    for query in ("?after=zzz", "?before=!", "?page=x", "?page=0", "?sort=nonsense", "?size=7", "?columns=nonsense"):
        assert names(page(root_client, query))[0] == "User00"


def test_sorting_turns_around_on_the_second_click(root_client: Client, people: list[User]) -> None:
    html = page(root_client)
    assert link(html, "by-activity") == "?sort=activity"
    assert link(page(root_client, "?sort=activity"), "by-activity") == "?sort=-activity"
    assert names(page(root_client, "?sort=activity"))[:4] == ["User00", "User03", "User06", "User09"]
    assert names(page(root_client, "?sort=-activity"))[:2] == ["User01", "User02"]


def test_filters_count_against_all(root_client: Client, people: list[User]) -> None:
    html = page(root_client, "?f=mfa:eq:none")
    assert "4 of 12" in html
    assert "MFA = none" in html
    assert names(html) == ["User00", "User03", "User06", "User09"]


def test_an_invalid_filter_says_so_and_shows_no_row(root_client: Client, people: list[User]) -> None:
    html = page(root_client, "?f=mfa:eq:perhaps")
    assert "MFA is one of: none, any." in unescape(html)
    assert names(html) == []


def test_a_typed_filter_becomes_a_token(root_client: Client, people: list[User]) -> None:
    response = root_client.get(LIST, {"q": "mfa = none", "sort": "-name"})
    assert response.status_code == 302
    assert response["Location"] == f"{LIST}?sort=-name&f=mfa:eq:none"


def test_both_empty_states(root_client: Client, people: list[User]) -> None:
    assert "No match" in page(root_client, "?q=zzz")
    assert 'href="?"' in page(root_client, "?q=zzz")
    User.objects.all().delete()
    html = page(root_client)
    assert "No users yet" in html
    assert "No match" not in html


def test_htmx_gets_the_list_alone(root_client: Client, people: list[User]) -> None:
    html = page(root_client, "?f=mfa:eq:none", **{"HX-Request": "true", "HX-Target": "list-design-users"})
    assert "<html" not in html
    assert html.lstrip().startswith("{#") is False
    assert 'id="list-design-users"' in html
    assert '<div id="announcer" hx-swap-oob="innerHTML"><span data-count="4 of 12">4 users</span></div>' in html
    assert "HX-Request" in root_client.get(LIST)["Vary"]


def test_suggestions_are_served_and_work_without_script(root_client: Client, people: list[User]) -> None:
    assert "MFA" in page(root_client, "?suggest=1&add=mf")
    html = page(root_client, "?add=MFA%20%3D%20")
    assert "?f=mfa:eq:none" in unescape(html)
    assert 'value="MFA = "' in html


def test_columns_and_size_come_from_address_then_preferences(root_client: Client, people: list[User]) -> None:
    html = page(root_client, "?columns=path,name")
    assert findall(r'id="list-design-users-by-(\w+)"', html) == ["path", "name"]
    sent = {"columns": ["name", "path", "arn"], "size": "10", "next": f"{LIST}?f=mfa:eq:none"}
    response = root_client.post("/preferences/lists/design-users/", sent)
    assert response["Location"] == f"{LIST}?f=mfa:eq:none"
    html = page(root_client)
    assert findall(r'id="list-design-users-by-(\w+)"', html) == ["name", "path"]
    assert "arn:aws:iam::123456789012:user/people/User00" in html
    assert len(names(html)) == 10
    root_client.post("/preferences/lists/design-users/", {"reset": "1"})
    assert "Last activity" in page(root_client)


def test_how_the_table_looks_is_kept_for_the_reader(root_client: Client, people: list[User]) -> None:
    assert "<table data-rows>" in page(root_client)
    sent = {"columns": ["name"], "looks": ["pinned", "striped", "x y"], "next": LIST}
    root_client.post("/preferences/lists/design-users/", sent)
    html = page(root_client)
    assert '<table data-rows class="striped pinned">' in html
    assert 'class="naming" aria-sort="ascending"><a id="list-design-users-by-name"' in html
    assert findall(r'name="looks" value="(\w+)"( checked)?', html) == [
        ("unwrapped", ""),
        ("striped", " checked"),
        ("pinned", " checked"),
    ]
    root_client.post("/preferences/lists/design-users/", {"columns": ["name"], "next": LIST})
    assert "<table data-rows>" in page(root_client)


def read(client: Client, query: str) -> str:
    return b"".join(client.get(LIST + query).streaming_content).decode()  # type: ignore[attr-defined]


def test_csv_has_all_matching_rows_in_order(root_client: Client, people: list[User]) -> None:
    rows = list(csv.reader(StringIO(read(root_client, "?export=csv&size=10&sort=-activity&columns=name,activity"))))
    assert rows[0] == ["User", "Last activity"]
    assert len(rows) == 13
    assert rows[1][0] == "User01"
    assert rows[-1][1] == ""
    assert rows[1][1].endswith("Z")


def test_csv_defuses_formulas(root_client: Client, account: Account) -> None:
    for number, name in enumerate(["=1+1", "+cmd", "-2", "@SUM", "plain"]):
        User.objects.create(account=account, name=name, name_key=name, unique_id=unique_id(f"AID{number}"))
    rows = list(csv.reader(StringIO(read(root_client, "?export=csv&columns=name"))))
    assert sorted(row[0] for row in rows[1:]) == ["'+cmd", "'-2", "'=1+1", "'@SUM", "plain"]


def test_json_keeps_types(root_client: Client, people: list[User]) -> None:
    rows = json.loads(read(root_client, "?export=json&f=mfa:eq:none&columns=name,groups,activity"))
    assert [row["name"] for row in rows] == ["User00", "User03", "User06", "User09"]
    assert rows[1]["groups"] == 3
    assert rows[0]["activity"] is None


def test_export_of_nothing_is_valid(root_client: Client, account: Account) -> None:
    assert json.loads(read(root_client, "?export=json")) == []


@pytest.mark.parametrize("query", ["", "?f=mfa:eq:none&f=tag:ne:team&sort=-activity", "?page=2&size=10&sort=activity"])
def test_the_number_of_queries_does_not_grow(root_client: Client, people: list[User], query: str) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            page(root_client, query)
        return len([one for one in queries if "accounts_user" in one["sql"] and "is_root" in one["sql"]])

    few = count()
    User.objects.bulk_create(
        User(
            account_id=people[0].account_id, name=f"more{number}", name_key=f"more{number}", unique_id=unique_id("AIDA")
        )
        for number in range(300)
    )
    assert count() <= few + 2  # the neighbours and the count of a list that now has more than one page
    assert count() <= 6
