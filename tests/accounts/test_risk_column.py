"""The risk of users: the gravest fact that the reader may see, with all of these and where to act; a filter and an order."""

import base64
import json
from dataclasses import replace
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access.callers import Connection, user_caller
from accounts.models import AccessKey, User, UserInlinePolicy
from accounts.operations.access_keys import create_access_key, delete_access_key, update_access_key
from accounts.operations.attachments import (
    attach_group_policy,
    attach_user_policy,
    detach_group_policy,
    detach_user_policy,
)
from accounts.operations.boundaries import put_user_permissions_boundary
from accounts.operations.groups import create_group
from accounts.operations.inline_policies import put_group_policy, put_user_policy
from accounts.operations.memberships import add_user_to_group, remove_user_from_group
from accounts.operations.users import create_user
from api import last_used
from governance.queries.standing import people
from operations.clock import now
from operations.ids import unique_id
from policies.operations.managed_policies import create_policy
from policies.operations.policy_versions import create_policy_version, set_default_policy_version
from tests.accounts.browser import html_of, text_of
from tests.conftest import ACCOUNT
from tests.signing_in import sign_in

LONG_AGO = timedelta(days=120)
NAMES = ("careless", "dormant", "fresh", "hoarder", "keyed")


@pytest.fixture
def cast(administrator, system):
    """One for each severity, and one who is no risk."""
    for name in NAMES:
        create_user(system, user_name=name)
    moment = now()
    given = {
        "careless": {"console_access": True, "password_changed_at": moment, "last_activity_at": moment - LONG_AGO},
        "dormant": {"created_at": moment - LONG_AGO},
        "fresh": {"last_activity_at": moment},
        "hoarder": {"active_key_count": 2, "oldest_active_key_at": moment, "last_activity_at": moment},
        "keyed": {"active_key_count": 1, "oldest_active_key_at": moment - LONG_AGO, "last_activity_at": moment},
    }
    for name, columns in given.items():
        User.objects.filter(name=name).update(**columns)


def document(*actions):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]})


def names(client, value):
    answer = client.get(f"/users/?f=risk:eq:{value}&export=json&columns=name,risk")
    rows = json.loads(b"".join(answer.streaming_content))
    return [row["name"] for row in rows if row["name"] in NAMES]


def test_the_gravest_fact_is_shown_with_all_of_them_and_where_to_act(administrator, cast):
    page = administrator.get("/users/?columns=risk&q=careless")
    assert "High risk 2 reasons Console password without MFA No activity for 90 days" in text_of(page)
    assert 'href="/users/careless/security-credentials/#mfa"' in html_of(page)
    page = text_of(administrator.get("/users/?columns=risk"))
    assert "Medium risk 1 reason Active access key older than 90 days" in page
    assert "Low risk 1 reason Older than 90 days and never active" in page
    assert "Low risk 1 reason Two active access keys" in page
    assert "None found" in text_of(administrator.get("/users/?columns=risk&q=fresh"))
    assert "High risk" not in text_of(administrator.get("/users/"))


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("high", ["careless"]),
        ("medium", ["keyed"]),
        ("low", ["dormant", "hoarder"]),
        ("any", ["careless", "dormant", "hoarder", "keyed"]),
        ("none", ["fresh"]),
    ],
)
def test_it_can_be_filtered_by(administrator, cast, value, found):
    assert names(administrator, value) == found


def test_another_value_is_refused_with_those_there_are(administrator, cast):
    page = text_of(administrator.get("/users/?f=risk:eq:huge"))
    assert "Risk is one of: high, medium, low, any, none, without-mfa, old-keys, unused-keys, inactive, " in page


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("without-mfa", ["careless"]),
        ("old-keys", ["keyed"]),
        ("inactive", ["careless"]),
        ("never-active", ["dormant"]),
        ("two-keys", ["hoarder"]),
        ("unused-keys", []),
        ("administrator", []),
    ],
)
def test_it_can_be_filtered_by_each_fact(administrator, cast, value, found):
    assert names(administrator, value) == found


def in_order(client, sort, size=10):
    """The names of the users in the order of the list, page by page, forwards; and the same backwards from its end."""
    query, there, back = f"sort={sort}&size={size}", [], []
    while query:
        page = client.get(f"/users/?{query}").context["list"]
        there += [row.name for row in page.rows]
        query = page.next_url.lstrip("?")
    query = f"sort={sort}&size={size}&last=1"
    while query:
        page = client.get(f"/users/?{query}").context["list"]
        back = [row.name for row in page.rows] + back
        query = page.previous_url.lstrip("?")
    assert list(dict.fromkeys(reversed(back))) == there[::-1]  # the first page is a whole one, also from behind
    return there


def test_it_is_sorted_by_the_gravest_fact(administrator, cast):
    up, down = ([name for name in in_order(administrator, sort) if name in NAMES] for sort in ("risk", "-risk"))
    assert down[:2] == ["careless", "keyed"]
    assert sorted(down[2:4]) == ["dormant", "hoarder"]
    assert down[4] == "fresh"
    assert up == down[::-1]
    answer = administrator.get("/users/?sort=-risk&export=json&columns=name,risk")
    exported = json.loads(b"".join(answer.streaming_content))
    assert [row["name"] for row in exported if row["name"] in NAMES] == down
    assert exported[0]["risk"][0] == "High risk: Console password without MFA"


def test_its_order_goes_on_from_page_to_page_and_by_number(administrator, cast, account):
    User.objects.bulk_create(
        User(
            account=account,
            name=f"u{n:02}",
            name_key=f"u{n:02}",
            unique_id=unique_id("AIDA"),
            last_activity_at=now() - LONG_AGO * (n % 2),
            active_key_count=n % 3,
        )
        for n in range(45)
    )
    order = in_order(administrator, "-risk")
    assert len(order) == len(set(order)) == User.objects.count()
    for number in (1, 3, 4, 5):
        rows = administrator.get(f"/users/?sort=-risk&size=10&page={number}").context["list"].rows
        assert [row.name for row in rows] == order[(number - 1) * 10 : number * 10]


@pytest.mark.parametrize("cursor", [["x", 1, 0], [7, 1, 0], [None, 1, 0], [True, "a", 0], [1, "no", 0]])
def test_a_cursor_of_another_order_is_none_of_this(administrator, cast, cursor):
    after = base64.urlsafe_b64encode(json.dumps(cursor).encode()).decode().rstrip("=")
    shown = administrator.get(f"/users/?sort=-risk&after={after}")
    assert shown.status_code == 200
    assert shown.context["list"].rows


def test_the_order_tells_a_reader_no_more_than_the_column(client, make_user, cast):
    sign_in(client, make_user("vera", document("iam:ListUsers", "iam:ListAccessKeys")), mfa=True)
    found = [name for name in in_order(client, "-risk") if name in NAMES]
    assert found[:2] == ["keyed", "hoarder"]
    assert found[2:] == [row.name for row in User.objects.filter(name__in=found[2:]).order_by("-pk")]


class TestAdministratorAccess:
    """A policy that allows everything, by each way, unless a boundary allows less."""

    @pytest.fixture
    def everything(self, system, cast):
        given = {"policy_name": "everything", "policy_document": document("*")}
        return create_policy(system, **given)["Policy"]["Arn"]

    def found(self, client):
        filtered = names(client, "administrator")
        shown = [
            name for name in NAMES if "Administrator access" in text_of(client.get(f"/users/?columns=risk&q={name}"))
        ]
        assert shown == filtered
        return filtered

    def test_attached_and_detached(self, administrator, system, everything):
        attach_user_policy(system, user_name="fresh", policy_arn=everything)
        assert self.found(administrator) == ["fresh"]
        assert 'href="/users/fresh/"' in html_of(administrator.get("/users/?columns=risk&q=fresh"))
        detach_user_policy(system, user_name="fresh", policy_arn=everything)
        assert self.found(administrator) == []

    def test_by_a_group(self, administrator, system, everything):
        create_group(system, group_name="ops")
        add_user_to_group(system, group_name="ops", user_name="fresh")
        attach_group_policy(system, group_name="ops", policy_arn=everything)
        assert self.found(administrator) == ["fresh"]
        detach_group_policy(system, group_name="ops", policy_arn=everything)
        assert self.found(administrator) == []
        put_group_policy(system, group_name="ops", policy_name="own", policy_document=document("*"))
        assert self.found(administrator) == ["fresh"]
        remove_user_from_group(system, group_name="ops", user_name="fresh")
        assert self.found(administrator) == []

    def test_inline(self, administrator, system, cast):
        put_user_policy(system, user_name="fresh", policy_name="own", policy_document=document("*"))
        assert self.found(administrator) == ["fresh"]
        put_user_policy(system, user_name="fresh", policy_name="own", policy_document=document("s3:*"))
        assert self.found(administrator) == []

    def test_another_version_in_force(self, administrator, system, everything):
        attach_user_policy(system, user_name="fresh", policy_arn=everything)
        narrow = {"policy_arn": everything, "policy_document": document("s3:*"), "set_as_default": True}
        create_policy_version(system, **narrow)
        assert self.found(administrator) == []
        set_default_policy_version(system, policy_arn=everything, version_id="v1")
        assert self.found(administrator) == ["fresh"]

    def test_a_boundary_that_allows_less(self, administrator, system, everything):
        attach_user_policy(system, user_name="fresh", policy_arn=everything)
        narrow = create_policy(system, policy_name="narrow", policy_document=document("s3:*"))["Policy"]["Arn"]
        put_user_permissions_boundary(system, user_name="fresh", permissions_boundary=narrow)
        assert self.found(administrator) == []
        put_user_permissions_boundary(system, user_name="fresh", permissions_boundary=everything)
        assert self.found(administrator) == ["fresh"]

    def test_who_may_not_read_policies_is_not_told(self, client, make_user, system, everything):
        attach_user_policy(system, user_name="fresh", policy_arn=everything)
        sign_in(client, make_user("vera", document("iam:ListUsers", "iam:GetCredentialReport")), mfa=True)
        assert "Administrator access" not in text_of(client.get("/users/?columns=risk"))
        assert "fresh" in names(client, "none")
        assert "Risk is one of" in text_of(client.get("/users/?f=risk:eq:administrator"))


class TestUnusedKeys:
    """The oldest active key that was never used, as a date on the user."""

    def unused(self):
        return User.objects.get(name="fresh").unused_key_at

    def test_the_operations_keep_it(self, system, cast):
        key = create_access_key(system, user_name="fresh")["AccessKey"]["AccessKeyId"]
        assert self.unused() == AccessKey.objects.get(key_id=key).created_at
        update_access_key(system, user_name="fresh", access_key_id=key, status="Inactive")
        assert self.unused() is None
        update_access_key(system, user_name="fresh", access_key_id=key, status="Active")
        assert self.unused()
        delete_access_key(system, user_name="fresh", access_key_id=key)
        assert self.unused() is None

    def test_it_ends_with_the_first_use(self, system, cast):
        key = create_access_key(system, user_name="fresh")["AccessKey"]["AccessKeyId"]
        user = User.objects.get(name="fresh")
        caller = replace(user_caller(user, Connection(source_ip="192.0.2.1"), now()), access_key_id=key)
        last_used.forget_all()
        last_used.note(caller, "iam", "us-east-1", now())
        assert self.unused() is None

    def test_it_is_a_risk_after_45_days(self, administrator, cast):
        User.objects.filter(name="fresh").update(unused_key_at=now() - timedelta(days=44))
        assert names(administrator, "unused-keys") == []
        User.objects.filter(name="fresh").update(unused_key_at=now() - timedelta(days=46))
        assert names(administrator, "unused-keys") == ["fresh"]
        page = text_of(administrator.get("/users/?columns=risk&q=fresh"))
        assert "Medium risk 1 reason Active access key that was not used once in 45 days" in page


def test_an_export_names_the_facts(administrator, cast):
    answer = administrator.get("/users/?q=careless&export=csv&columns=risk")
    said = b"".join(answer.streaming_content).decode()
    assert "High risk: Console password without MFA, Medium risk: No activity for 90 days" in said


def test_only_what_the_reader_may_see_counts(client, make_user, cast):
    sign_in(client, make_user("vera", document("iam:ListUsers", "iam:ListAccessKeys")), mfa=True)
    page = text_of(client.get("/users/?columns=risk"))
    assert "Console password" not in page
    assert "No activity" not in page
    assert "never active" not in page
    assert "Active access key older than 90 days" in page
    assert "security-credentials" not in html_of(client.get("/users/?columns=risk&q=keyed")).partition("<main")[2]
    assert [names(client, value) for value in ("high", "medium", "low")] == [[], ["keyed"], ["hoarder"]]
    assert names(client, "none") == ["careless", "dormant", "fresh"]


def test_who_may_see_none_of_them_has_neither_column_nor_filter(client, make_user, cast):
    sign_in(client, make_user("vera", document("iam:ListUsers")), mfa=True)
    page = client.get("/users/?columns=risk")
    assert 'type="checkbox" name="columns" value="risk"' not in html_of(page)
    assert "reason" not in text_of(page).partition("User name")[2].partition("Updated")[0]
    assert "to filter by “Risk”" in text_of(client.get("/users/?f=risk:eq:high"))


def test_a_bulk_action_takes_those_whom_the_filter_finds(administrator, cast):
    sent = {"all": "1", "state": "?f=risk:eq:high", "asked": "1", "review": "1", "key": "a", "value": "b"}
    page = text_of(administrator.post("/users/tag/", sent))
    assert "careless None Set a = b" in page
    assert "Tag 1 user" in page


def test_the_dashboard_counts_the_same(administrator, cast):
    found = people(ACCOUNT)
    assert (found.without_mfa, found.old_keys, found.inactive, found.never_active) == (1, 1, 1, 1)


def test_the_list_costs_the_same_number_of_queries_at_any_size(administrator, account):
    def grow(start, end):
        User.objects.bulk_create(
            User(
                account=account,
                name=f"u{n}",
                name_key=f"u{n}",
                unique_id=unique_id("AIDA"),
                created_at=now() - LONG_AGO,
            )
            for n in range(start, end)
        )

    def count(query):
        with CaptureQueriesContext(connection) as asked:
            administrator.get(f"/users/?size=100{query}")
        return len(asked)

    grow(0, 150)
    count("")
    asked = ("", "&columns=risk", "&columns=risk&f=risk:eq:low", "&columns=risk&sort=risk", "&columns=risk&sort=-risk")
    few = [count(query) for query in asked]
    assert few[0] == few[1]
    assert max(few) <= 15
    grow(150, 1000)
    assert [count(query) for query in asked] == few


def test_what_exists_is_filled_in(system, cast):
    """The facts of what was there before they were kept."""
    for name, text in (("fresh", document("*")), ("dormant", document("s3:*"))):
        put_user_policy(system, user_name=name, policy_name="own", policy_document=text)
    key = create_access_key(system, user_name="fresh")["AccessKey"]["AccessKeyId"]
    UserInlinePolicy.objects.update(allows_everything=False)
    User.objects.update(unused_key_at=None)
    import_module("accounts.migrations.0006_risk_facts").fill(apps, None)
    filled = UserInlinePolicy.objects.filter(allows_everything=True)
    assert list(filled.values_list("user__name", "name")) == [("alice", "given"), ("fresh", "own")]
    found = dict(User.objects.filter(unused_key_at__isnull=False).values_list("name", "unused_key_at"))
    assert found == {"fresh": AccessKey.objects.get(key_id=key).created_at}
