"""The trail's pages: found, filtered, explained, refused."""

import pytest
from django.db import connection
from django.http import QueryDict
from django.urls import reverse

from accounts.models import User
from accounts.operations.users import create_user, update_user
from audit.listing import EVENTS
from audit.queries import trail
from operations.errors import AccessDenied
from operations.models import Event
from pages.listing import State
from tests.signing_in import sign_in

READ_TRAIL = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"cloudtrail:LookupEvents","Resource":"*"}}'


@pytest.fixture
def auditor(client, make_user):
    sign_in(client, make_user("vera", READ_TRAIL))
    return client


def test_the_newest_event_comes_first(auditor, admin):
    create_user(admin, user_name="dora")
    create_user(admin, user_name="emil")
    page = auditor.get(reverse("audit:events") + "?f=read-only:eq:false").content.decode()
    assert page.index("user/emil") < page.index("user/dora")


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("f=outcome:eq:denied", "user/forbidden", "user/dora"),
        ("f=outcome:eq:allowed", "user/dora", "user/forbidden"),
        ("f=user:eq:bob", "user/forbidden", "user/dora"),
        ("f=user:eq:BOB", "No match", "user/forbidden"),
        ("f=user:has:BOB", "user/forbidden", "user/dora"),
        ("f=resource:has:dora", "user/dora", "user/forbidden"),
        ("f=time:gt:30", "No match", "user/dora"),
    ],
)
def test_the_trail_is_filtered(auditor, admin, nobody, query, shown, hidden):
    create_user(admin, user_name="dora")
    with pytest.raises(AccessDenied):
        create_user(nobody, user_name="forbidden")
    page = auditor.get(reverse("audit:events") + "?" + query).content.decode()
    assert shown.lower() in page.lower()
    assert hidden not in page.split("<tbody")[-1]


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("f=name:eq:CreateUser", "event_name"),
        ("f=user:eq:bob", "event_user"),
        ("f=principal:eq:arn", "event_principal"),
    ],
)
def test_an_index_finds_whole_values_in_the_order_of_time(db, query, index):
    if connection.vendor != "sqlite":
        pytest.skip("reads SQLite's plan")
    rows = trail("123456789012").filter(State(EVENTS, QueryDict(query)).condition()).order_by("-time", "-id")[:50]
    plan = rows.explain()
    assert f"INDEX {index} " in plan
    assert "TEMP B-TREE" not in plan


def test_a_denial_is_explained_with_the_layer_and_what_would_allow_it(auditor, nobody):
    with pytest.raises(AccessDenied):
        create_user(nobody, user_name="dora")
    event = Event.objects.get(name="CreateUser")
    page = auditor.get(reverse("audit:event", args=[event.event_id])).content.decode()
    assert "because no identity-based policy allows the iam:CreateUser action" in page
    assert "Why was this denied?" in page
    assert "Identity policies must allow iam:CreateUser." in page


def test_an_explicit_deny_names_its_statement(auditor, make_user, caller_of):
    document = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Sid":"NoNewPeople","Effect":"Deny","Action":"iam:CreateUser","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}]}'
    with pytest.raises(AccessDenied):
        create_user(caller_of(make_user("ben", document)), user_name="dora")
    event = Event.objects.get(name="CreateUser")
    page = auditor.get(reverse("audit:event", args=[event.event_id])).content.decode()
    assert "Sign in with a second factor: NoNewPeople in given denies only without one." in page


def test_a_change_is_shown_before_and_after(auditor, admin):
    create_user(admin, user_name="dora")
    update_user(admin, user_name="dora", new_user_name="dorothea")
    event = Event.objects.get(name="UpdateUser")
    page = auditor.get(reverse("audit:event", args=[event.event_id])).content.decode()
    assert "What it changed" in page
    assert "dorothea" in page


def test_the_cloudtrail_record_itself_is_given_as_json(auditor, admin):
    create_user(admin, user_name="dora")
    event = Event.objects.get(name="CreateUser")
    record = auditor.get(reverse("audit:event", args=[event.event_id]) + "?format=json").json()
    assert (record["eventName"], record["eventID"]) == ("CreateUser", event.event_id)


def test_without_the_permission_the_page_says_which_one_is_missing(client, make_user):
    sign_in(client, make_user("bob"))
    response = client.get(reverse("audit:events"))
    assert response.status_code == 403
    assert "cloudtrail:LookupEvents" in response.content.decode()
    assert Event.objects.latest("id").error_code == "AccessDenied"


def test_an_event_of_another_account_does_not_exist(auditor, stranger):
    create_user(stranger, user_name="elsewhere")
    event = Event.objects.get(name="CreateUser")
    assert auditor.get(reverse("audit:event", args=[event.event_id])).status_code == 404


def test_reading_the_trail_is_itself_in_the_trail(auditor):
    auditor.get(reverse("audit:events"))
    event = Event.objects.latest("id")
    assert (event.name, event.user_name, event.read_only) == ("LookupEvents", "vera", True)


@pytest.mark.parametrize("number", [10, 1000])
def test_the_page_costs_the_same_number_of_queries_at_any_size(auditor, account, number, django_assert_max_num_queries):
    Event.objects.bulk_create(
        Event(
            account_id=account.pk,
            sequence=n + 1_000_000,
            event_id=f"00000000-0000-4000-8000-{n:012}",
            time="2026-01-01T00:00:00Z",
            name="GetUser",
            source="iam.amazonaws.com",
            read_only=True,
            record="{}",
            previous_hash="",
            hash="",
        )
        for n in range(number)
    )
    auditor.get(reverse("audit:events"))
    with django_assert_max_num_queries(15):
        auditor.get(reverse("audit:events"))
    assert User.objects.exists()
