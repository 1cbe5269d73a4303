"""The risk of users: the gravest fact that the reader may see, with all of these and where to act; a filter, but no order."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.operations.users import create_user
from governance.queries.standing import people
from operations.clock import now
from operations.ids import unique_id
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
    assert "Risk is one of: high, medium, low, any, none." in text_of(administrator.get("/users/?f=risk:eq:huge"))


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
    few = (count(""), count("&columns=risk"), count("&columns=risk&f=risk:eq:low"))
    assert few[0] == few[1]
    grow(150, 1000)
    assert (count(""), count("&columns=risk"), count("&columns=risk&f=risk:eq:low")) == few
