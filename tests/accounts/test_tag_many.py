"""Tagging many users, roles or policies: what each has is told before, by whom it may be read, and each is done by the gate."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role, User, UserTag
from accounts.operations.roles import create_role
from accounts.operations.tags import tag_role, tag_user
from accounts.operations.users import create_user
from operations.ids import unique_id
from operations.models import Event
from policies.models import ManagedPolicy
from policies.operations.managed_policies import create_policy
from policies.operations.policy_tags import tag_policy
from tests.accounts.browser import html_of, text_of
from tests.conftest import ACCOUNT, ADMINISTRATOR
from tests.every_page import TRUST
from tests.signing_in import sign_in

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ADDRESSES = {"user": "/users/tag/", "role": "/roles/tag/", "policy": "/policies/tag/"}
MODELS = {"user": User, "role": Role, "policy": ManagedPolicy}
PLURALS = {"user": "users", "role": "roles", "policy": "policies"}


def document(*actions, **condition):
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{**statement, **({"Condition": condition} if condition else {})}]}
    )


def make(system, kind, name):
    if kind == "user":
        create_user(system, user_name=name)
    elif kind == "role":
        create_role(system, role_name=name, assume_role_policy_document=TRUST % ROOT)
    else:
        create_policy(system, policy_name=name, policy_document=ADMINISTRATOR)


def give(system, kind, name, key, value):
    tags = [{"Key": key, "Value": value}]
    if kind == "user":
        tag_user(system, user_name=name, tags=tags)
    elif kind == "role":
        tag_role(system, role_name=name, tags=tags)
    else:
        tag_policy(system, policy_arn=f"arn:aws:iam::{ACCOUNT}:policy/{name}", tags=tags)


@pytest.fixture(params=["user", "role", "policy"])
def three(request, system):
    """Three of a kind: one has no tag, one has another value, one has the tag already."""
    kind = request.param
    for name in ("one", "other", "same"):
        make(system, kind, name)
    give(system, kind, "other", "team", "red")
    give(system, kind, "same", "team", "blue")
    return kind


def chosen(kind, *names, **more):
    rows = MODELS[kind].objects.filter(name__in=names)
    return {"select": list(rows.values_list("pk", flat=True)), **more}


def tags(kind):
    rows = MODELS[kind].objects.filter(name__in=("one", "other", "same")).order_by("name")
    return [{tag.key: tag.value for tag in row.tags.all()} for row in rows]


REVIEW = {"asked": "1", "review": "1", "key": "team", "value": "blue"}


def test_the_tag_is_asked_for_first(administrator, three):
    page = administrator.post(ADDRESSES[three], chosen(three, "one", "other"))
    assert f"<h1>Tag {PLURALS[three]}" in html_of(page)
    assert 'name="review"' in html_of(page)
    assert 'id="go-button"' not in html_of(page)


def test_the_review_tells_what_each_has_and_does_nothing(administrator, three):
    page = administrator.post(ADDRESSES[three], chosen(three, "one", "other", "same") | REVIEW)
    said = text_of(page)
    assert "one None Set team = blue" in said
    assert "other team = red Set team = blue" in said
    assert "Has this tag already: nothing changes same" in said
    assert "Tag 2 " in said
    assert tags(three) == [{}, {"team": "red"}, {"team": "blue"}]


def test_it_is_set_for_each_and_taken_back(administrator, three):
    sent = chosen(three, "one", "other", "same", go="1", key="team", value="blue")
    page = administrator.post(ADDRESSES[three], sent | {"change-reason:go": "OPS-7"})
    assert "<h1>2 " in html_of(page)
    assert "Tag: team = blue" in text_of(page)
    assert tags(three) == [{"team": "blue"}] * 3
    name = {"user": "TagUser", "role": "TagRole", "policy": "TagPolicy"}[three]
    events = [json.loads(event.record) for event in Event.objects.filter(name=name).order_by("id")][-2:]
    assert {event["additionalEventData"]["reason"] for event in events} == {"OPS-7"}
    token = html_of(page).partition('name="token" value="')[2].partition('"')[0]
    administrator.post("/undo/", {"token": token})
    assert tags(three) == [{}, {"team": "red"}, {"team": "blue"}]


def test_what_somebody_else_sets_meanwhile_stays(administrator, three, system):
    sent = chosen(three, "one", "other", key="team", value="blue")
    review = html_of(administrator.post(ADDRESSES[three], sent | {"asked": "1", "review": "1"}))
    give(system, three, "one", "team", "green")
    seen = review.partition('name="seen" value="')[2].partition('"')[0]
    page = text_of(administrator.post(ADDRESSES[three], sent | {"go": "1", "seen": seen}))
    assert "one Left as it is It was changed after the review." in page
    assert tags(three) == [{"team": "green"}, {"team": "blue"}, {"team": "blue"}]


def test_spellings_of_a_key_are_one_for_users_and_roles_and_two_for_policies(administrator, three):
    sent = chosen(three, "other", go="1", key="Team", value="green")
    page = administrator.post(ADDRESSES[three], sent)
    expected = {"team": "red", "Team": "green"} if three == "policy" else {"Team": "green"}
    assert tags(three)[1] == expected
    token = html_of(page).partition('name="token" value="')[2].partition('"')[0]
    administrator.post("/undo/", {"token": token})
    assert tags(three)[1] == {"team": "red"}


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("", "blue", "This field is required."),
        ("aws:team", "blue", "System tags starting with aws: cannot be set or modified."),
        ("te#am", "blue", "Use letters, digits, spaces and _ . : / = + - @ only."),
        ("team", "bl#ue", "Use letters, digits, spaces and _ . : / = + - @ only."),
    ],
)
@pytest.mark.parametrize("button", ["review", "go"])
def test_bad_input_is_told_at_its_field_and_kept(administrator, three, key, value, said, button):
    sent = chosen(three, "one", asked="1", key=key, value=value, **{button: "1"})
    page = html_of(administrator.post(ADDRESSES[three], sent))
    assert page.count(said) >= 2  # at the field, and above
    assert f'value="{value}"' in page
    assert tags(three)[0] == {}


def test_one_that_is_full_is_left_out(administrator, system):
    make(system, "user", "one")
    tag_user(system, user_name="one", tags=[{"Key": f"k{n}", "Value": ""} for n in range(50)])
    page = text_of(administrator.post("/users/tag/", chosen("user", "one") | REVIEW))
    assert "Has 50 tags, as many as it may have one" in page
    page = text_of(administrator.post("/users/tag/", chosen("user", "one") | REVIEW | {"key": "K7"}))
    assert "one k7 Set K7 = blue" in page


def test_policies_of_aws_have_no_tags(administrator, system):
    make(system, "policy", "one")
    ManagedPolicy.objects.create(
        account_id="aws",
        name="ReadOnly",
        name_key="readonly",
        arn="arn:aws:iam::aws:policy/ReadOnly",
        unique_id="ANPA1",
    )
    page = text_of(administrator.post("/policies/tag/", chosen("policy", "one", "ReadOnly") | REVIEW))
    assert "AWS managed policies have no tags. ReadOnly" in page
    assert "Tag 1 policy" in page


class TestPermissions:
    def test_whoever_may_list_only_learns_nothing(self, client, make_user, three):
        sign_in(
            client,
            make_user("vera", document(*(f"iam:List{name}" for name in ("Users", "Roles", "Policies")))),
            mfa=True,
        )
        for more in ({}, REVIEW, REVIEW | {"go": "1"}):
            page = text_of(client.post(ADDRESSES[three], chosen(three, "one", "other", "same") | more))
            assert "= red" not in page
            assert "already" not in page
        assert tags(three) == [{}, {"team": "red"}, {"team": "blue"}]

    def test_what_each_has_needs_reading(self, client, make_user, three):
        word = three.capitalize()
        may = (f"iam:List{word}s" if three != "policy" else "iam:ListPolicies", f"iam:Tag{word}")
        sign_in(client, make_user("vera", document(*may)), mfa=True)
        page = text_of(client.post(ADDRESSES[three], chosen(three, "one", "other", "same") | REVIEW))
        assert f"other Needs iam:List{word}Tags Set team = blue" in page
        assert "team = red" not in page
        assert "already" not in page

    def test_which_tag_and_whose_one_may_is_told_before(self, client, make_user, three):
        word = three.capitalize()
        listing = f"iam:List{word}s" if three != "policy" else "iam:ListPolicies"
        policy = json.loads(document(listing, f"iam:List{word}Tags"))
        policy["Statement"] += json.loads(
            document(
                f"iam:Tag{word}",
                StringEquals={"aws:ResourceTag/team": "red", "aws:RequestTag/team": "blue"},
            )
        )["Statement"]
        sign_in(client, make_user("vera", json.dumps(policy)), mfa=True)
        page = text_of(client.post(ADDRESSES[three], chosen(three, "one", "other") | REVIEW))
        assert f"You are not permitted to do this: iam:Tag{word} one" in page
        assert "Tag 1 " in page
        page = html_of(client.post(ADDRESSES[three], chosen(three, "one", "other") | REVIEW | {"value": "green"}))
        assert 'id="go-button"' not in page
        client.post(ADDRESSES[three], chosen(three, "one", "other", go="1", key="team", value="blue"))
        assert tags(three) == [{}, {"team": "blue"}, {"team": "blue"}]

    def test_it_is_offered_to_who_may(self, client, make_user, three):
        address = f"/{PLURALS[three]}/"
        listing = ("iam:ListUsers", "iam:ListRoles", "iam:ListPolicies")
        sign_in(client, make_user("vera", document(*listing)), mfa=True)
        assert f'formaction="{address}tag/"' not in html_of(client.get(address))
        tagging = ("iam:TagUser", "iam:TagRole", "iam:TagPolicy")
        sign_in(client, make_user("walt", document(*listing, *tagging)), mfa=True)
        assert f'formaction="{address}tag/"' in html_of(client.get(address))


def test_the_review_costs_the_same_number_of_queries_at_any_size(administrator, account):
    def grow(start, end):
        users = User.objects.bulk_create(
            User(account=account, name=f"u{n}", name_key=f"u{n}", unique_id=unique_id("AIDA"))
            for n in range(start, end)
        )
        UserTag.objects.bulk_create(UserTag(user=user, key="team", key_folded="team", value="red") for user in users)

    def count():
        with CaptureQueriesContext(connection) as asked:
            page = administrator.post("/users/tag/", {"all": "1", "state": "?q=u"} | REVIEW)
        assert page.status_code == 200
        return len(asked)

    grow(0, 10)
    count()
    few = count()
    grow(10, 1000)
    assert count() == few <= 15
