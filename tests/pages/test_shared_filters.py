"""Shared filters of a list: who may share, what everybody sees, taken back, renamed, deleted, refused, and what the trail says."""

import json
from html import unescape
from re import findall

import pytest
from django.test import Client

from accounts.models import Account, SharedFilter, User
from accounts.operations.inline_policies import put_user_policy
from accounts.operations.shared_filters import MOST_OF_ACCOUNT, delete_shared_filter, put_shared_filter
from operations.caller import Caller
from operations.errors import AccessDenied, InvalidInput, LimitExceeded, NoSuchEntity
from operations.models import Event
from tests.conftest import ACCOUNT
from tests.pages.conftest import SignIn

LIST = "/design/list/"
KEY = "design-users"
ADDRESS = f"/preferences/lists/{KEY}/filters/"
WITHOUT = "f=mfa:eq:none"


def page(client: Client, query: str = "") -> str:
    response = client.get(LIST + query)
    assert response.status_code == 200, response
    return unescape(response.content.decode())


def save(client: Client, name: str, query: str = WITHOUT, **more: str) -> str:
    response = client.post(ADDRESS, {"name": name, "query": query, "next": f"{LIST}?{query}", **more})
    assert response.status_code == 302
    return str(response["Location"])


def change(client: Client, was: str, name: str = "", *, whose: str = "all", **more: str) -> str:
    sent = {"was": was, "whose": whose, "name": name or was, "next": f"{LIST}?sort=-name", **more}
    response = client.post(ADDRESS, sent)
    assert response.status_code == 302
    return str(response["Location"])


def menu(html: str) -> dict[str, list[str]]:
    """The filters in the menu with their badges."""
    items = html.partition('<div class="saved-filters"')[2].partition("</ul>")[0]
    found = findall(r'<a class="item"[^>]*><span>([^<]*)</span>(.*?)</a>', items)
    return {name: findall(r'class="badge[^"]*">([^<]*)<', badges) for name, badges in found}


def shared() -> dict[str, str]:
    return dict(SharedFilter.objects.order_by("name_key").values_list("name", "query"))


def own(user: User) -> dict[str, object]:
    user.refresh_from_db()
    return dict(user.preferences.get("lists", {}).get(KEY, {}))


@pytest.fixture
def root_user(account: Account) -> User:
    return User.everyone.get(account=account, is_root=True)


@pytest.fixture
def second_root_client(other_account: Account, sign_in: SignIn) -> Client:
    return sign_in(User.everyone.get(account=other_account, is_root=True))


@pytest.fixture
def reader(people: list[User], sign_in: SignIn) -> Client:
    """Somebody who may change nothing."""
    return sign_in(people[0])


@pytest.fixture
def sharer(people: list[User], sign_in: SignIn, root: Caller) -> Client:
    """Somebody who may share, and not take away."""
    document = json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:PutSharedFilter", "Resource": "*"}]}
    )
    put_user_policy(root, user_name=people[1].name, policy_name="share", policy_document=document)
    return sign_in(people[1])


def test_what_is_shared_everybody_in_the_account_has(root_client: Client, reader: Client) -> None:
    save(root_client, "  No   MFA ", share="on")
    assert shared() == {"No MFA": WITHOUT}
    assert "Filter “No MFA” saved and shared with everybody in this account." in page(root_client)
    assert menu(page(reader)) == {"No MFA": ["shared"]}
    assert f'href="?{WITHOUT}"' in page(reader)
    event = json.loads(Event.objects.get(name="PutSharedFilter").record)
    assert event["after"] == {"list": KEY, "name": "No MFA", "query": WITHOUT}
    assert event["requestParameters"] == {"listName": KEY, "filterName": "No MFA", "query": WITHOUT}


def test_only_whoever_may_share_is_offered_it(root_client: Client, reader: Client, sharer: Client) -> None:
    label = "Share with everybody in this account"
    assert label in page(root_client, f"?{WITHOUT}")
    assert label in page(sharer, f"?{WITHOUT}")
    assert label not in page(reader, f"?{WITHOUT}")


def test_whoever_may_not_share_saves_nothing_by_a_box_that_was_not_offered(reader: Client, people: list[User]) -> None:
    address = save(reader, "Mine", share="on", default="on")
    assert (shared(), own(people[0])) == ({}, {})
    html = page(reader, address.partition(LIST)[2])
    assert "You may not share filters: you need iam:PutSharedFilter." in html
    assert 'value="Mine"' in html
    assert not Event.objects.filter(name="PutSharedFilter").exists()
    save(reader, "Mine", default="on")
    assert menu(page(reader, "?show=all")) == {"Mine": ["default"]}
    again = change(reader, "Mine", "Yours", whose="", share="on")
    assert "You may not share filters" in page(reader, again.partition(LIST)[2])
    assert menu(page(reader, "?show=all")) == {"Mine": ["default"]}


def test_another_account_has_others(root_client: Client, second_root_client: Client) -> None:
    save(root_client, "No MFA", share="on")
    assert menu(page(second_root_client)) == {}
    assert change(second_root_client, "No MFA", delete="1") == f"{LIST}?sort=-name"
    assert shared() == {"No MFA": WITHOUT}


def test_a_reader_chooses_whether_the_list_opens_with_it_and_no_more(
    root_client: Client, reader: Client, people: list[User]
) -> None:
    save(root_client, "No MFA", share="on")
    html = page(reader, "?sort=-name&saved=No MFA&whose=all")
    form = html.partition('class="saved-title"')[2].partition("</form>")[0]
    assert ">No MFA<" in form
    assert "Open this list with it" in form
    assert 'type="text"' not in form
    assert "Delete" not in form
    change(reader, "No MFA", "Other", default="on")
    assert shared() == {"No MFA": WITHOUT}


def test_the_list_opens_with_a_shared_one(root_client: Client, reader: Client, people: list[User]) -> None:
    save(root_client, "No MFA", share="on")
    save(reader, "Mine", "sort=-name", default="on")
    change(reader, "No MFA", default="on")
    assert own(people[0]) == {"saved": [{"name": "Mine", "query": "sort=-name"}], "opens": "No MFA"}
    assert reader.get(LIST)["Location"] == f"{LIST}?{WITHOUT}"
    html = page(reader, f"?{WITHOUT}")
    assert "This is “No MFA”, with which your list opens." in html
    assert menu(html) == {"Mine": [], "No MFA": ["shared", "default"]}
    assert 'href="?show=all" aria-label="Clear filters"' in html
    assert root_client.get(LIST).status_code == 200  # it is the reader's own choice
    change(reader, "Mine", whose="", default="on")
    assert reader.get(LIST)["Location"] == f"{LIST}?sort=-name"
    assert "opens" not in own(people[0])


def test_the_choice_is_kept_beside_columns(root_client: Client, reader: Client, people: list[User]) -> None:
    save(root_client, "No MFA", share="on")
    change(reader, "No MFA", default="on")
    reader.post(f"/preferences/lists/{KEY}/", {"columns": ["name", "path"], "size": "10", "next": LIST})
    assert own(people[0]) == {"size": 10, "columns": ["name", "path"], "opens": "No MFA"}
    change(reader, "No MFA")
    assert own(people[0]) == {"size": 10, "columns": ["name", "path"]}


def test_one_of_ones_own_becomes_shared_and_ones_own_again(
    root_client: Client, people: list[User], root_user: User
) -> None:
    save(root_client, "No MFA", default="on")
    change(root_client, "No MFA", whose="", share="on", default="on")
    assert (shared(), own(root_user)) == ({"No MFA": WITHOUT}, {"opens": "No MFA"})
    change(root_client, "No MFA", "Mine", default="on")
    kept = [{"name": "Mine", "query": WITHOUT, "default": True}]
    assert (shared(), own(root_user)) == ({}, {"saved": kept})
    assert json.loads(Event.objects.get(name="DeleteSharedFilter").record)["before"]["name"] == "No MFA"


def test_renamed_it_is_still_shared_and_the_default(root_client: Client, root_user: User) -> None:
    save(root_client, "No MFA", share="on", default="on")
    change(root_client, "No MFA", "Without", share="on", default="on")
    assert (shared(), own(root_user)) == ({"Without": WITHOUT}, {"opens": "Without"})
    change(root_client, "Without", "WITHOUT", share="on")
    assert shared() == {"WITHOUT": WITHOUT}
    assert Event.objects.filter(name="DeleteSharedFilter").count() == 1  # other letters are the same name


def test_deleted_it_is_gone_for_everybody(root_client: Client, reader: Client) -> None:
    save(root_client, "No MFA", share="on")
    change(reader, "No MFA", default="on")
    assert "Delete this filter for everybody" in page(root_client, "?sort=name&saved=No MFA&whose=all")
    change(root_client, "No MFA", delete="1")
    assert shared() == {}
    assert f'<a href="{LIST}?{WITHOUT}">Show its rows</a>' in page(root_client)
    assert reader.get(LIST).status_code == 200  # opens as if nothing had been chosen
    assert "There is no saved filter “No MFA” any more." in page(reader, "?" + _query(change(reader, "No MFA")))


def test_whoever_may_only_share_changes_none_that_is_there(root_client: Client, sharer: Client) -> None:
    save(root_client, "No MFA", share="on")
    save(sharer, "Newest", "sort=-name", share="on")
    assert "Delete" not in page(sharer, "?sort=name&saved=No MFA&whose=all").partition('class="saved-title"')[2][:2000]
    change(sharer, "No MFA", "Other", share="on")
    assert shared() == {"Newest": "sort=-name", "No MFA": WITHOUT}


def test_a_delete_that_was_not_offered_is_refused_and_recorded(root_client: Client, sharer: Client) -> None:
    save(root_client, "No MFA", share="on")
    response = sharer.post(ADDRESS, {"was": "No MFA", "whose": "all", "name": "No MFA", "delete": "1", "next": LIST})
    assert response.status_code == 403
    assert "iam:DeleteSharedFilter" in response.content.decode()
    assert shared() == {"No MFA": WITHOUT}
    assert Event.objects.get(name="DeleteSharedFilter").error_code == "AccessDenied"


def test_a_taken_name_is_told_at_its_field_and_nothing_is_lost(root_client: Client, reader: Client) -> None:
    save(root_client, "No MFA", share="on")
    for client in (root_client, reader):
        address = save(client, "no mfa", "sort=-name", share="on", default="on")
        html = unescape(client.get(address).content.decode())
        assert "There is a saved filter “No MFA” already." in html
        assert 'value="no mfa"' in html
    form = (
        unescape(root_client.get(address).content.decode()).partition('class="saved-title"')[2].partition("</form>")[0]
    )
    assert len(findall(r"<input[^>]*type=\"checkbox\"[^>]*checked", form)) == 2
    assert shared() == {"No MFA": WITHOUT}


def test_one_of_the_same_name_as_ones_own_can_still_be_chosen(
    root_client: Client, reader: Client, people: list[User]
) -> None:
    save(reader, "No MFA", "sort=-name", default="on")
    save(root_client, "No MFA", share="on")
    assert menu(page(reader, "?show=all")) == {"No MFA": ["shared"]}  # two of the name, the last one counted here
    change(reader, "No MFA", default="on")
    assert reader.get(LIST)["Location"] == f"{LIST}?{WITHOUT}"
    change(reader, "No MFA", whose="", default="on")
    assert reader.get(LIST)["Location"] == f"{LIST}?sort=-name"


def test_a_list_has_room_for_twenty(root_client: Client, root: Caller) -> None:
    for number in range(20):
        put_shared_filter(root, list_name=KEY, filter_name=f"A{number}", query="sort=-name")
    html = page(root_client, "?" + _query(save(root_client, "B", share="on")))
    assert "Up to 20 filters of a list can be shared: delete one first." in html
    save(root_client, "B")  # the own ones have their own room
    assert menu(page(root_client))["B"] == []
    with pytest.raises(LimitExceeded, match="SharedFiltersPerList: 20"):
        put_shared_filter(root, list_name=KEY, filter_name="B", query="sort=-name")
    put_shared_filter(root, list_name=KEY, filter_name="a0", query=WITHOUT)  # replaces
    assert shared()["a0"] == WITHOUT


def test_all_lists_together_have_bounded_room(root: Caller) -> None:
    rows = [
        SharedFilter(account_id=ACCOUNT, list=f"l{number // 20}", name=str(number), name_key=str(number), query="q=a")
        for number in range(MOST_OF_ACCOUNT)
    ]
    SharedFilter.objects.bulk_create(rows)
    with pytest.raises(LimitExceeded, match=f"SharedFiltersPerAccount: {MOST_OF_ACCOUNT}"):
        put_shared_filter(root, list_name="another", filter_name="B", query="sort=-name")


@pytest.mark.parametrize(
    ("name", "query"), [("\u202ex", "q=a"), ("  ", "q=a"), ("A", "size=10"), ("A", "?"), ("A", "q=" + "é" * 200)]
)
def test_what_is_no_filter_is_refused(root: Caller, name: str, query: str) -> None:
    with pytest.raises(InvalidInput):
        put_shared_filter(root, list_name=KEY, filter_name=name, query=query)
    assert shared() == {}


def test_what_says_nothing_of_the_rows_is_not_kept(root: Caller) -> None:
    put_shared_filter(root, list_name=KEY, filter_name="A", query=f"?{WITHOUT}&next=https://evil.example/&size=10")
    assert shared() == {"A": WITHOUT}


def test_the_operations_refuse_whoever_may_not(nobody: Caller) -> None:
    with pytest.raises(AccessDenied, match="iam:PutSharedFilter"):
        put_shared_filter(nobody, list_name=KEY, filter_name="A", query="q=a")
    with pytest.raises(AccessDenied, match="iam:DeleteSharedFilter"):
        delete_shared_filter(nobody, list_name=KEY, filter_name="A")


def test_one_that_is_not_there_cannot_be_deleted(root: Caller) -> None:
    with pytest.raises(NoSuchEntity, match="shared filter with name A cannot be found"):
        delete_shared_filter(root, list_name=KEY, filter_name="A")


def _query(address: str) -> str:
    return address.partition("?")[2]
