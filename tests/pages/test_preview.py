"""A row beside its list: what it says, its neighbours, what can be done with it, and that links elsewhere leave it behind."""

from html import unescape
from re import findall, search

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.operations.inline_policies import put_user_policy
from operations.caller import Caller
from tests.pages.conftest import SignIn

LIST = "/design/list/"
PLACE = "list-design-users-preview"


def page(client: Client, query: str = "", **headers: str) -> str:
    response = client.get(LIST + query, headers=headers)
    assert response.status_code == 200, response
    return unescape(response.content.decode())


def panel(html: str) -> str:
    return html.partition(f'id="{PLACE}"')[2].partition("</section>")[0]


def facts(html: str) -> dict[str, str]:
    return {label: " ".join(value.split()) for label, value in findall(r"<dt>([^<]*)</dt><dd>(.*?)</dd>", panel(html))}


def link(html: str, label: str) -> str:
    found = search(rf'href="([^"]*)"[^>]*aria-label="{label}"', panel(html))
    return found[1] if found else ""


def test_each_row_leads_to_its_preview(root_client: Client, people: list[User]) -> None:
    html = page(root_client, "?sort=-name&size=10")
    peeks = findall(
        r'<a class="peek icon-button" href="([^"]*)" data-peek="(\d+)"[^>]*aria-label="Preview (\w+)"', html
    )
    assert [name for _href, _key, name in peeks] == [f"User{number:02}" for number in range(11, 1, -1)]
    assert peeks[0][0] == f"?sort=-name&size=10&preview={people[11].pk}"
    assert "hidden" in panel(html)
    assert facts(html) == {}


def test_it_says_all_that_the_list_knows_whatever_columns_are_shown(root_client: Client, people: list[User]) -> None:
    row = people[3]
    html = page(root_client, f"?columns=name&preview={row.pk}")
    assert '<tr class="previewed">' in html
    assert 'aria-label="Preview of User03"' in panel(html)
    assert f'<a class="name" href="#{row.name}">' in panel(html).partition("</h2>")[0]
    found = facts(html)
    assert found["Path"] == "/machines/"
    assert len(found) > 3


def test_neighbours_are_those_of_the_page_in_its_order(root_client: Client, people: list[User]) -> None:
    first = page(root_client, f"?sort=-name&size=10&preview={people[11].pk}")
    assert link(first, "Preview the previous row") == ""
    assert link(first, "Preview the next row") == f"?sort=-name&size=10&preview={people[10].pk}"
    last = page(root_client, f"?sort=-name&size=10&preview={people[2].pk}")
    assert link(last, "Preview the next row") == ""
    assert link(last, "Preview the previous row") == f"?sort=-name&size=10&preview={people[3].pk}"


def test_closing_keeps_the_page_and_other_links_leave_it_behind(root_client: Client, people: list[User]) -> None:
    start = page(root_client, "?size=10")
    following = search(r'href="(\?[^"]*after=[^"]*)"', start)
    assert following
    here = following[1]
    html = page(root_client, f"{here}&preview={people[11].pk}")
    assert link(html, "Close the preview") == here
    rest = html.replace(panel(html), "")
    others = [href for href in findall(r'href="(\?[^"]*)"', rest) if "preview=" in href]
    assert sorted(others) == sorted(f"{here}&preview={row.pk}" for row in people[9:] if f"&preview={row.pk}" in rest)
    assert 'name="preview"' not in html


def test_htmx_gets_the_panel_alone(root_client: Client, people: list[User]) -> None:
    asked = {"HX-Request": "true", "HX-Target": PLACE}
    html = page(root_client, f"?preview={people[3].pk}", **asked)
    assert html.strip().startswith(f'<section class="preview" id="{PLACE}" data-preview="{people[3].pk}"')
    assert "<table" not in html
    empty = page(root_client, "?sort=-name", **asked)
    assert f'id="{PLACE}" data-preview="" hidden' in empty


@pytest.mark.parametrize("key", ["0", "-1", "x", "99999999999999999999", "1%00", "", "١"])
def test_what_is_no_row_of_the_page_shows_none(root_client: Client, people: list[User], key: str) -> None:
    assert "hidden" in panel(page(root_client, f"?preview={key}"))


def test_a_row_that_the_filters_exclude_shows_none(root_client: Client, people: list[User]) -> None:
    assert facts(page(root_client, f"?f=path:eq:/people/&preview={people[1].pk}")) == {}


def test_what_can_be_done_with_the_row_leads_to_its_review(root_client: Client, people: list[User]) -> None:
    html = page(root_client, f"?sort=-name&preview={people[3].pk}")
    form = panel(html).partition("<form")[2]
    assert f'name="select" value="{people[3].pk}"' in form
    assert 'name="state" value="?sort=-name"' in form
    address = search(r'formaction="([^"]*)"', form)
    assert address
    review = root_client.post(address[1], {"select": people[3].pk, "state": "?sort=-name"})
    assert b"User03" in review.content


def test_whoever_may_only_list_is_offered_nothing_to_do(people: list[User], root: Caller, sign_in: SignIn) -> None:
    listing = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*"}]}'
    put_user_policy(root, user_name=people[0].name, policy_name="list", policy_document=listing)
    html = unescape(sign_in(people[0]).get(f"/users/?preview={people[3].pk}").content.decode())
    shown = html.partition('id="list-users-preview"')[2].partition("</section>")[0]
    assert "User03" in shown
    assert "<form" not in shown


def test_it_asks_the_database_no_more(root_client: Client, people: list[User]) -> None:
    def count(query: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            page(root_client, query)
        return len(asked)

    assert count(f"?preview={people[3].pk}") == count("")


def test_names_that_break_html_stay_text(root_client: Client, people: list[User]) -> None:
    User.objects.filter(pk=people[3].pk).update(name='<i id="x">')
    response = root_client.get(f"{LIST}?preview={people[3].pk}")
    assert b"<i id=" not in response.content
    assert b"Preview of &lt;i id=&quot;x&quot;&gt;" in response.content
