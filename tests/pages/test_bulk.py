"""Bulk actions: the selection, its review, the doing with an outcome for each row, piece by piece."""

from dataclasses import replace
from html import unescape
from re import findall, search
from typing import Any

import pytest
from django.db.models import Q
from django.http import HttpRequest, QueryDict
from django.test import Client, RequestFactory

from accounts.models import User
from operations.errors import AccessDenied, DeleteConflict
from pages.listing import BulkRun, Refused, bulk, selection
from pages.listing.page import ListPage
from pages.listing.state import State
from pages.views.design import example_listing

BULK = "/design/list/bulk/"


def posted(data: dict[str, Any]) -> HttpRequest:
    return RequestFactory().post("/", data)


def chosen(data: dict[str, Any]) -> list[str]:
    return [user.name for user in selection(posted(data).POST, example_listing(), User.objects.all()).rows]


def test_ticked_rows_are_selected(people: list[User]) -> None:
    assert chosen({"select": [people[3].pk, people[1].pk, "x'", "99999999"]}) == ["User01", "User03"]
    assert chosen({}) == []


def test_all_means_all_that_match_and_no_more(people: list[User]) -> None:
    assert chosen({"all": "1", "state": "?f=mfa:eq:none&size=10"}) == ["User00", "User03", "User06", "User09"]
    assert len(chosen({"all": "1", "state": "?"})) == 12
    assert chosen({"all": "1", "state": "?f=mfa:eq:perhaps"}) == []


def test_rows_of_somebody_else_are_never_selected(people: list[User], make_user: Any, other_account: Any) -> None:
    foreign = make_user("foreign", account_id=other_account.pk)
    rows = User.objects.filter(account_id=people[0].account_id)
    assert list(selection(posted({"select": [foreign.pk]}).POST, example_listing(), rows).rows) == []


def test_the_review_names_each_row_and_why_it_is_left_out(root_client: Client, people: list[User]) -> None:
    html = unescape(root_client.post(BULK, {"select": [people[0].pk, people[1].pk]}).content.decode())
    assert "2 users" in html
    assert "User00" in html
    assert "a machine does not answer" in html
    assert "1 of 2 users will be left unchanged." in html
    assert "Greet 1 user</button>" in html
    assert f'name="select" value="{people[0].pk}"' in html


def test_a_review_of_rows_that_are_all_left_out_offers_no_doing(root_client: Client, people: list[User]) -> None:
    html = root_client.post(BULK, {"select": [people[1].pk, people[3].pk]}).content.decode()
    assert "2 of 2 users will be left unchanged." in html
    assert "button primary" not in html.partition("form-actions")[2].partition("</main>")[0]


def test_confirming_gives_an_outcome_for_each(root_client: Client, people: list[User]) -> None:
    html = root_client.post(BULK, {"select": [people[0].pk, people[1].pk], "go": "1"}).content.decode()
    assert "<h1>1 user greeted" in html
    assert "Hello User00" in html
    assert "Left as it is" in html
    assert html.count("1 user greeted") == 3, "the page's title, its place and its heading"
    assert 'role="status">Not done: 1 of 2 users.</td>' in html


def test_an_outcome_says_each_thing_once(people: list[User], monkeypatch: pytest.MonkeyPatch) -> None:
    def end(done: Any = None, **more: str) -> str:
        run = BulkRun(title="t", button="b", back="/", perform=lambda row, data: None, done=done)
        request = posted({"select": [people[0].pk, people[1].pk], "go": "1", **more})
        html = bulk.bulk_page(request, example_listing(), User.objects.all(), run).content.decode()
        return html.partition('class="end-of-run"')[2].partition("</td>")[0].rpartition(">")[2]

    def greeted(number: int) -> str:
        return f"{number} users greeted"

    assert end(greeted) == "", "the heading says it"
    assert end() == "Finished: 2 users."
    earlier = {"after": str(people[0].pk), "number": "1", "succeeded": "1", "total": "2"}
    assert end(greeted, **earlier) == "2 users greeted.", "the heading of the first piece could not know it"
    assert end(greeted, **{**earlier, "succeeded": "0"}) == "1 users greeted. Not done: 1 of 2 users."


def test_many_rows_are_done_in_pieces_each_once(
    root_client: Client, people: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "PIECE", 5)
    data: dict[str, Any] = {"all": "1", "state": "?", "go": "1"}
    greeted: list[str] = []
    for expected in ("5 of 12", "10 of 12", "6 users greeted. Not done: 6 of 12 users."):
        html = root_client.post(BULK, data, headers={"HX-Request": "true"} if "after" in data else {}).content.decode()
        greeted += findall(r"Hello (User\d+)", html)
        assert expected in html
        data |= dict(findall(r'name="(after|number|succeeded|total)" value="(\d+)"', html))
    assert greeted == [f"User{number:02}" for number in range(0, 12, 2)]
    assert search(r"<html", html) is None


def test_rows_stand_as_in_the_list(root_client: Client, people: list[User]) -> None:
    data: dict[str, Any] = {"select": [row.pk for row in people[:4]], "state": "?sort=-name"}
    for extra in ({}, {"go": "1"}):
        table = root_client.post(BULK, data | extra).content.decode().partition("<tbody>")[2]
        assert list(dict.fromkeys(findall(r"User0\d", table))) == ["User03", "User02", "User01", "User00"]
    assert 'name="state" value="?sort=-name"' in root_client.post(BULK, data).content.decode()


def test_what_is_said_of_nobody_has_no_column(people: list[User]) -> None:
    def page(message: str) -> str:
        run = BulkRun(
            title="t", button="b", back="/", perform=lambda row, data: message, address=lambda row: f"/{row.pk}/"
        )
        request = posted({"select": [people[0].pk], "go": "1"})
        return bulk.bulk_page(request, example_listing(), User.objects.all(), run).content.decode()

    assert "Message</th>" not in page("")
    assert "Message</th>" in page("done well")
    assert f'<a class="name" href="/{people[0].pk}/">User00</a>' in page("")


def test_an_error_of_one_row_stops_no_other(people: list[User]) -> None:
    def perform(row: User, data: Any) -> str | None:
        if row.name == "User00":
            raise AccessDenied("no")
        if row.name == "User01":
            raise DeleteConflict("still in use")
        return None

    run = BulkRun(title="t", button="b", back="/", perform=perform)
    done = [bulk._one(run, row.name, row, {}) for row in people[:3]]
    assert [(item.outcome, item.message) for item in done] == [
        ("implicitDeny", "no"),
        ("warning", "still in use"),
        ("allowed", ""),
    ]


def test_looking_at_the_address_leads_back(root_client: Client) -> None:
    assert root_client.get(BULK)["Location"] == "/design/list/"


@pytest.mark.parametrize("pressed", [{}, {"go": "1"}, {"go": "1", "total": "3"}])
def test_nothing_selected_leads_back_to_the_list_and_says_so(
    root_client: Client, people: list[User], pressed: dict[str, str]
) -> None:
    for selected, said in (
        ({}, "Nothing was selected."),
        ({"select": ["x"]}, "Nothing was selected."),
        ({"select": ["999999"]}, "Nothing of what was selected is there any more."),
        ({"all": "1", "state": "?f=name:eq:nobody"}, "Nothing of what was selected is there any more."),
    ):
        answer = root_client.post(BULK, {"state": "?sort=-name", **selected, **pressed})
        assert answer["Location"] == "/design/list/?" + str(selected.get("state", "?sort=-name"))[1:]
        assert said in unescape(root_client.get(answer["Location"]).content.decode())


def test_a_further_piece_of_which_nothing_is_left_ends_the_run(root_client: Client, people: list[User]) -> None:
    data = {"select": [people[0].pk], "go": "1", "after": str(people[-1].pk), "number": "3", "total": "3"}
    answer = root_client.post(BULK, data)
    assert answer.status_code == 200
    assert "0 users greeted. Not done: 3 of 3 users." in answer.content.decode()


def test_the_selection_of_an_address_reads_its_state(people: list[User]) -> None:
    sent = posted({"all": "1", "state": "?f=mfa:eq:none"}).POST
    fields = selection(sent, example_listing(), User.objects.all()).fields
    assert fields == [("all", "1"), ("state", "?f=mfa:eq:none")]
    assert QueryDict(fields[1][1].lstrip("?")).getlist("f") == ["mfa:eq:none"]


def test_the_ways_back_lead_to_the_list_as_it_was(root_client: Client, people: list[User]) -> None:
    state = "?f=mfa:eq:none&sort=-name&size=10&after=WyJVc2VyMDkiLDEsMTBd&suggest=1"
    back = 'href="/design/list/?f=mfa:eq:none&amp;sort=-name&amp;size=10&amp;after=WyJVc2VyMDkiLDEsMTBd"'
    for extra in ({}, {"go": "1"}):
        html = root_client.post(BULK, {"select": [people[0].pk], "state": state} | extra).content.decode()
        assert back in html
    assert 'href="/design/list/"' in root_client.post(BULK, {"select": [people[0].pk], "state": "?"}).content.decode()
    outside = root_client.post(BULK, {"select": [people[0].pk], "state": "//example.com/?a=b"}).content.decode()
    assert 'href="//example.com' not in outside


def reviewed(people: list[User], **given: Any) -> str:
    run = BulkRun(title="t", button="b", back="/", perform=lambda row, data: None, **given)
    request = posted({"all": "1", "state": "?"})
    return unescape(bulk.bulk_page(request, example_listing(), User.objects.all(), run).content.decode())


def test_what_is_left_out_is_counted_beyond_the_rows_shown(
    people: list[User], account: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eleven hundred of whom every second is left out: the page lists a hundred, and counts all."""
    User.objects.bulk_create(
        User(account=account, name=f"m{n}", name_key=f"m{n}", unique_id=f"AIDA{n}", group_count=n % 2)
        for n in range(1100)
    )
    given: dict[str, Any] = {"blocked": lambda row: "in a group" if row.group_count else ""}
    number = User.objects.count()
    left = User.objects.filter(group_count__gt=0).count()
    html = reviewed(people, **given)
    assert f"{left} of {number:,} users will be left unchanged." in html
    assert f"b · {number - left} users" in html
    assert "in a group" in html
    assert f"and {left - 5} more" in html
    monkeypatch.setattr("pages.listing.review.CHECKED", 200)
    html = reviewed(people, **given, left_out=Q(group_count__gt=0))
    assert f"{left} of {number:,} users will be left unchanged." in html, "counted in the database"
    assert "Not all of it is checked yet" not in html
    html = reviewed(people, **given)
    assert "looked up for the first 200." in html, "what was not looked at is said"


def test_what_the_caller_may_not_do_is_told_beforehand(people: list[User], monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(rows: Any) -> Refused:
        return Refused({row.pk: "not permitted" for row in rows if row.name == "User03"})

    html = reviewed(people, refused=refused, blocked=lambda row: "in use" if row.name in {"User02", "User03"} else "")
    assert "2 of 12 users will be left unchanged." in html
    assert "b · 10 users" in html
    assert 'in use <span class="soft">User02</span>' in html, "a row is left out once, for what its reader may know"
    assert 'not permitted <span class="soft">User03</span>' in html
    html = reviewed(people, refused=refused)
    assert "1 of 12 users will be left unchanged." in html
    assert "not permitted" in html
    html = reviewed(people, refused=lambda rows: Refused({}, complete=False))
    assert "Not all of it is checked yet" in html


def test_what_is_asked_for_seldom_stands_in_a_menu(root_client: Client, people: list[User]) -> None:
    bar = root_client.get("/design/list/").content.decode().partition('class="selection"')[2].partition("<table")[0]
    side, _menu, inside = bar.partition("<details")
    inside, _end, after = inside.partition("</details>")
    assert ("Greet" in side, "Delete" in after) == (True, True)
    assert [name in inside for name in ("Add tag", "Export", "Greet", "Delete")] == [True, True, False, False]


def test_a_single_one_of_these_needs_no_menu(people: list[User]) -> None:
    listing = example_listing()
    listing = replace(listing, bulk=tuple(each for each in listing.bulk if each.label != "Export"))
    page = ListPage(listing, User.objects.all(), State(listing, QueryDict()))
    assert page.bulk_more == []
    assert len(page.bulk_bar) == 3
