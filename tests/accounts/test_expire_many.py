"""Deactivating the old keys of many users: each key is told before, only to who may know it, and it can be taken back."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AccessKey, User
from accounts.operations.access_keys import create_access_key, update_access_key
from accounts.operations.users import create_user
from operations.clock import now
from operations.ids import unique_id
from operations.models import Event
from tests.accounts.browser import html_of, text_of
from tests.signing_in import sign_in

ADDRESS = "/users/deactivate-keys/"
REVIEW = {"asked": "1", "review": "1", "days": "90", "since": "created"}


def allowing(*actions):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]})


ALL = ("iam:ListUsers", "iam:ListAccessKeys", "iam:UpdateAccessKey", "iam:GetAccessKeyLastUsed")


def key_of(system, name, created, used=None, *, active=True):
    key_id = create_access_key(system, user_name=name)["AccessKey"]["AccessKeyId"]
    moments = {"created_at": now() - timedelta(days=created)}
    if used is not None:
        moments["last_used_at"] = now() - timedelta(days=used)
    AccessKey.objects.filter(key_id=key_id).update(**moments)
    if not active:
        update_access_key(system, user_name=name, access_key_id=key_id, status="Inactive")
    return key_id


@pytest.fixture
def people(administrator, system):
    """dora has an old key and a new one, erin an old one in use and one that is inactive, frank a new one, grace none."""
    for name in ("dora", "erin", "frank", "grace"):
        create_user(system, user_name=name)
    keys = {
        "old": key_of(system, "dora", 200),
        "new": key_of(system, "dora", 10, 1),
        "used": key_of(system, "erin", 400, 2),
        "off": key_of(system, "erin", 300, active=False),
        "fresh": key_of(system, "frank", 1),
    }
    return {**keys, "select": list(User.objects.filter(name__in=("dora", "erin", "frank", "grace")).values_list("pk", flat=True))}  # fmt: skip


def chosen(people, **more):
    return {"select": people["select"], **more}


def active():
    return set(AccessKey.objects.filter(is_active=True).values_list("key_id", flat=True))


class TestReview:
    def test_the_age_is_asked_for_first(self, administrator, people):
        page = administrator.post(ADDRESS, chosen(people))
        assert "<h1>Deactivate access keys" in html_of(page)
        assert 'name="days" value="90"' in html_of(page)
        assert 'name="review"' in html_of(page)
        assert people["old"] not in html_of(page)

    def test_each_key_is_told_with_its_age_and_use(self, administrator, people):
        page = administrator.post(ADDRESS, chosen(people) | REVIEW)
        said = text_of(page)
        assert f"{people['old']} becomes inactive, 200 days old, never used" in said
        assert f"{people['new']} stays active, 10 days old last used" in said
        assert f"{people['used']} becomes inactive, 400 days old last used" in said
        assert f"{people['off']} is inactive already, 300 days old, never used" in said
        assert "2 of 4 users will be left unchanged." in said
        assert "No active key is that old frank" in said
        assert "Has no access key grace" in said
        assert f"frank No active key is that old {people['fresh']} stays active, 1 day old" in said
        assert "Active keys that are at least 90 days old." in said
        assert "Deactivate keys of 2 users" in said
        assert len(active()) == 4

    def test_the_age_can_count_from_the_last_use(self, administrator, people):
        said = text_of(administrator.post(ADDRESS, chosen(people) | REVIEW | {"since": "used"}))
        assert f"{people['old']} becomes inactive" in said
        assert "No active key is that old erin, frank" in said

    def test_what_is_read_is_recorded(self, administrator, people):
        administrator.post(ADDRESS, chosen(people) | REVIEW)
        for name in ("ListAccessKeys", "GetAccessKeyLastUsed"):
            resources = set(Event.objects.filter(name=name, error_code="").values_list("resource", flat=True))
            assert {arn.rpartition("/")[2] for arn in resources} >= {"dora", "erin"}

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"days": ""}, "This field is required."),
            ({"days": "-1"}, "Ensure this value is greater than or equal to 0."),
            ({"days": "9999999"}, "Ensure this value is less than or equal to 3650."),
            ({"days": "soon"}, "Enter a whole number."),
            ({"since": "never"}, "Select a valid choice."),
        ],
    )
    @pytest.mark.parametrize("button", ["review", "go"])
    def test_bad_input_is_told_at_its_field_and_kept(self, administrator, people, given, said, button):
        sent = {**chosen(people), "asked": "1", "days": "90", "since": "created", **given, button: "1"}
        page = html_of(administrator.post(ADDRESS, sent))
        assert said in page
        if given.get("days"):
            assert f'name="days" value="{given["days"]}"' in page
        assert len(active()) == 4


class TestDoing:
    def test_they_become_inactive_and_active_again(self, administrator, people):
        sent = chosen(people, go="1", days="90", since="created")
        page = administrator.post(ADDRESS, sent | {"change-reason:go": "OPS-9"})
        assert "<h1>Access keys of 2 users deactivated" in html_of(page)
        assert "Active keys that are at least 90 days old" in text_of(page)
        assert people["old"] in text_of(page)
        assert active() == {people["new"], people["fresh"]}
        assert dict(User.objects.values_list("name", "active_key_count")) == {
            "alice": 0, "dora": 1, "erin": 0, "frank": 1, "grace": 0,
        }  # fmt: skip
        events = Event.objects.filter(name="UpdateAccessKey", read_only=False).order_by("-id")[:2]
        assert {json.loads(each.record)["additionalEventData"]["reason"] for each in events} == {"OPS-9"}
        token = html_of(page).partition('name="token" value="')[2].partition('"')[0]
        administrator.post("/undo/", {"token": token})
        assert active() == {people["old"], people["new"], people["used"], people["fresh"]}

    def test_both_keys_of_one_come_back(self, administrator, people):
        dora = {"select": [User.objects.get(name="dora").pk], "days": "0", "since": "created", "go": "1"}
        page = administrator.post(ADDRESS, dora)
        assert not active() & {people["old"], people["new"]}
        token = html_of(page).partition('name="token" value="')[2].partition('"')[0]
        administrator.post("/undo/", {"token": token})
        assert active() >= {people["old"], people["new"]}

    def test_it_asks_for_a_fresh_factor_when_it_is_done(self, client, make_user, people):
        sign_in(client, make_user("vera", allowing(*ALL)), at=now() - timedelta(minutes=20))
        assert "Deactivate keys of 2 users" in text_of(client.post(ADDRESS, chosen(people) | REVIEW))
        assert "Confirm that it is you" in text_of(client.post(ADDRESS, chosen(people) | REVIEW | {"go": "1"}))
        assert len(active()) == 4


class TestPermissions:
    @pytest.mark.parametrize("missing", ["iam:ListAccessKeys", "iam:UpdateAccessKey"])
    @pytest.mark.parametrize("more", [{}, REVIEW, REVIEW | {"go": "1"}], ids=["form", "review", "outcome"])
    def test_without_one_of_them_nothing_is_told_or_done(self, client, make_user, people, missing, more):
        sign_in(client, make_user("vera", allowing(*(each for each in ALL if each != missing))), mfa=True)
        page = text_of(client.post(ADDRESS, chosen(people) | more))
        assert "AKIA" not in page
        assert "that old" not in page
        if "go" not in more:
            assert f"You are not permitted to do this: {missing}" in page
        assert len(active()) == 4

    @pytest.mark.parametrize("since", ["created", "used"])
    def test_the_outcome_tells_nobody_who_has_an_old_key(self, client, make_user, people, since):
        sign_in(client, make_user("heidi", allowing("iam:ListUsers", "iam:UpdateAccessKey")))
        told = set()
        for name in ("dora", "grace"):
            row = User.objects.get(name=name)
            given = {"asked": "1", "go": "1", "days": "90", "since": since, "select": row.pk}
            told.add(text_of(client.post(ADDRESS, given)).replace(name, ""))
        assert len(told) == 1
        assert "Not permitted" in told.pop()

    def test_the_last_use_needs_a_permission_of_its_own(self, client, make_user, people):
        sign_in(client, make_user("vera", allowing(*ALL[:3])), mfa=True)
        said = text_of(client.post(ADDRESS, chosen(people) | REVIEW))
        assert f"{people['old']} becomes inactive, 200 days old" in said
        assert "never used" not in said
        assert "last used" not in said
        said = text_of(client.post(ADDRESS, chosen(people) | REVIEW | {"since": "used"}))
        assert "You are not permitted to do this: iam:GetAccessKeyLastUsed" in said
        client.post(ADDRESS, chosen(people, go="1", days="90", since="used"))
        assert len(active()) == 4

    def test_it_is_offered_to_who_may(self, client, make_user, people):
        sign_in(client, make_user("vera", allowing("iam:ListUsers")), mfa=True)
        assert f'formaction="{ADDRESS}"' not in html_of(client.get("/users/"))
        sign_in(client, make_user("walt", allowing(*ALL)), mfa=True)
        assert f'formaction="{ADDRESS}"' in html_of(client.get("/users/"))


def test_the_review_costs_the_same_number_of_queries_at_any_size(administrator, account):
    def grow(start, end):
        users = User.objects.bulk_create(
            User(account=account, name=f"u{n}", name_key=f"u{n}", unique_id=unique_id("AIDA"))
            for n in range(start, end)
        )
        AccessKey.objects.bulk_create(
            AccessKey(user=user, key_id=unique_id("AKIA"), secret="s", created_at=now() - timedelta(days=100))
            for user in users
        )

    def count():
        with CaptureQueriesContext(connection) as asked:
            page = administrator.post(ADDRESS, {"all": "1", "state": "?q=u"} | REVIEW)
        assert page.status_code == 200
        return len(asked)

    grow(0, 10)
    count()
    few = count()
    grow(10, 1000)
    assert count() == few <= 15
