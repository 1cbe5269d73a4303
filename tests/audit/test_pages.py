"""The trail's pages: found, filtered, explained, refused."""

import json

import pytest
from django.http import QueryDict
from django.urls import reverse

from accounts.models import User
from accounts.operations.users import create_user, update_user
from audit.listing import events_of
from audit.queries import trail
from operations.errors import AccessDenied, EntityAlreadyExists
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
        ("f=at:ge:2026-01-01", "user/dora", "no such text"),
        ("f=at:lt:2026-01-01T00:00", "No match", "user/dora"),
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
@pytest.mark.sqlite
def test_an_index_finds_whole_values_in_the_order_of_time(db, query, index):
    rows = (
        trail("123456789012")
        .filter(State(events_of("123456789012"), QueryDict(query)).condition())
        .order_by("-time", "-id")[:50]
    )
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


def test_other_events_of_the_request_are_counted_and_lead_to_the_trail(auditor, admin):
    for n in range(25):
        create_user(admin, user_name=f"u{n:02}")
    with pytest.raises(EntityAlreadyExists):
        create_user(admin, user_name="u00")
    event = Event.objects.filter(name="CreateUser").first()
    page = auditor.get(reverse("audit:event", args=[event.event_id]))
    text = " ".join(page.content.decode().split())
    assert (len(page.context["related"].events), page.context["related"].count) == (20, 25)
    assert "The first 20 of 25" in text
    all_of_them = f"{reverse('audit:events')}?f=request:eq:{event.request_id}"
    assert f'href="{all_of_them}"' in text
    listed = auditor.get(all_of_them + "&size=100")
    assert listed.content.decode().count('<th scope="row"') == 26
    failed = Event.objects.get(error_code="EntityAlreadyExists")
    first = auditor.get(reverse("audit:event", args=[failed.event_id])).content.decode()
    assert "Allowed" in first.partition("In the same request")[2]


def test_an_event_has_its_ids_in_the_first_card_and_no_empty_facts(auditor, admin):
    create_user(admin, user_name="dora")
    event = Event.objects.get(name="CreateUser")
    text = auditor.get(reverse("audit:event", args=[event.event_id])).content.decode()
    first = text.partition("What happened")[2].partition("</section>")[0]
    assert f'data-copy="{event.request_id}"' in first
    assert f'data-copy="{event.event_id}"' in first
    facts = text.partition("<main")[2]
    assert "–</span></dd>" not in facts


def test_the_statement_that_allowed_is_told_in_words(auditor, make_user, caller_of):
    document = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
    create_user(caller_of(make_user("ben", document)), user_name="dora")
    event = Event.objects.get(name="CreateUser")
    text = auditor.get(reverse("audit:event", args=[event.event_id])).content.decode()
    assert '<b>given</b> <span class="sub">inline policy of user ben</span>' in text
    assert '<td class="nowrap">Statement 1</td>' in text


def test_a_denial_is_told_once_on_its_event_s_page(auditor, nobody):
    with pytest.raises(AccessDenied):
        create_user(nobody, user_name="dora")
    event = Event.objects.get(name="CreateUser")
    text = auditor.get(reverse("audit:event", args=[event.event_id])).content.decode().replace("<wbr>", "")
    assert text.count("Denied: no policy allows it") == 1
    assert text.count(">User: arn:aws:iam::123456789012:user/bob is not authorized to perform: iam:CreateUser") == 1


@pytest.mark.parametrize(
    ("query", "current"),
    [
        ("", "All"),
        ("show=all", "All"),
        ("f=outcome:eq:denied", "Denied"),
        ("f=read-only:eq:false&f=service:eq:iam.amazonaws.com&f=outcome:eq:allowed", "Changes"),
        ("f=outcome:eq:denied&q=dora", ""),
        ("f=user:eq:bob", ""),
    ],
)
def test_ready_filters_say_which_of_them_is_set(auditor, query, current):
    page = auditor.get(reverse("audit:events") + "?" + query)
    assert [str(each.label) for each in page.context["presets"] if each.is_current] == ([current] if current else [])
    assert page.content.decode().partition("<main")[2].count('aria-current="page"') == bool(current)


def test_all_is_all_also_where_the_trail_opens_with_a_saved_filter(auditor):
    address = reverse("audit:events")
    sent = {"name": "Refused", "query": "f=outcome:eq:denied", "default": "on", "next": address}
    auditor.post(reverse("pages:saved-filters", args=["trail"]), sent)
    assert auditor.get(address)["Location"] == f"{address}?f=outcome:eq:denied"
    assert f'<a href="{address}?show=all">All</a>' in auditor.get(f"{address}?f=outcome:eq:denied").content.decode()
    assert auditor.get(f"{address}?show=all").status_code == 200


def test_changes_are_the_same_in_the_trail_and_on_the_dashboard(client, make_user):
    sign_in(
        client, make_user("walt", '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}')
    )
    trail_page = client.get(reverse("audit:events"))
    changes = next(each.query for each in trail_page.context["presets"] if str(each.label) == "Changes")
    assert f'?{changes.replace("&", "&amp;")}"' in client.get("/").content.decode()


def test_times_are_to_the_second_and_have_their_date_those_of_today_too(auditor, account):
    old = Event(
        account_id=account.pk,
        sequence=1_000_000,
        event_id="00000000-0000-4000-8000-000000000000",
        time="2026-01-01T10:20:30Z",
        name="GetUser",
        source="iam.amazonaws.com",
        read_only=True,
        record="{}",
        previous_hash="",
        hash="",
    )
    old.save()
    text = auditor.get(reverse("audit:events")).content.decode()
    assert ">2026-01-01 10:20:30</time>" in text
    assert "ago\n2026-01-01 10:20:30 UTC" in text.replace("&#10;", "\n")
    newest = Event.objects.exclude(pk=old.pk).latest("id").time
    assert f">{newest:%Y-%m-%d %H:%M:%S}</time>" in auditor.get(reverse("audit:events")).content.decode()


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
    event = Event.objects.latest("id")
    assert event.error_code == "AccessDenied"
    assert json.loads(event.record)["errorMessage"] == (
        "User: arn:aws:iam::123456789012:user/bob is not authorized to perform: cloudtrail:LookupEvents "
        "because no identity-based policy allows the cloudtrail:LookupEvents action"
    )
    assert event.resource == "*"


@pytest.mark.parametrize(("resource", "offered"), [("*", True), ("arn:aws:cloudtrail::123456789012:trail", False)])
def test_the_trail_is_asked_for_as_a_whole_and_offered_so(client, make_user, resource, offered):
    allowed = {"Effect": "Allow", "Action": "cloudtrail:LookupEvents", "Resource": resource}
    read = {"Effect": "Allow", "Action": "iam:GetUser", "Resource": "*"}
    sign_in(client, make_user("vera", json.dumps({"Version": "2012-10-17", "Statement": [allowed, read]})))
    assert (client.get(reverse("audit:events")).status_code == 200) is offered
    make_user("dora")
    page = client.get(reverse("accounts:user", args=["dora"])).content.decode()
    assert (reverse("accounts:user-history", args=["dora"]) in page) is offered
    assert (reverse("accounts:user-activity", args=["dora"]) in page) is offered


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
