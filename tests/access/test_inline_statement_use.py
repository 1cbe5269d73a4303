"""When each statement of an inline policy decided last, on its page in a user, a group and a role."""

from contextlib import suppress

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from access.callers import Connection, user_caller
from accounts.models import Group, User
from accounts.operations.groups import create_group, delete_group
from accounts.operations.inline_policies import put_group_policy, put_role_policy, put_user_policy
from accounts.operations.memberships import add_user_to_group
from accounts.operations.roles import create_role
from accounts.operations.users import create_user
from operations.clock import now
from operations.errors import ServiceError
from operations.models import Event
from tests.access.test_pages_replay import in_session
from tests.access.test_pages_statement_use import DOCUMENT, uses, words
from tests.every_page import TRUST
from tests.signing_in import sign_in

ASSUME = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}'


def page_of(kind, name="eve", used="?used=1", policy="grouping"):
    return reverse(f"accounts:{kind}-inline", args=[name, policy]) + used


def caller(name):
    row = User.objects.select_related("account", "boundary").get(name=name)
    return user_caller(row, Connection(), now())


def act(who):
    """A call that the first statement allows, and one that the third denies."""
    create_group(who, group_name="ops")
    with suppress(ServiceError):
        delete_group(who, group_name="ops")


@pytest.fixture
def user(admin):
    create_user(admin, user_name="eve")
    put_user_policy(admin, user_name="eve", policy_name="grouping", policy_document=DOCUMENT)
    return "eve"


@pytest.fixture
def group(admin):
    create_user(admin, user_name="eve")
    create_group(admin, group_name="devs")
    add_user_to_group(admin, group_name="devs", user_name="eve")
    put_group_policy(admin, group_name="devs", policy_name="grouping", policy_document=DOCUMENT)
    return "devs"


def told(response):
    return {name: bool(use.last) for name, use in uses(response).items()}


EXPECTED = {"Make": True, "Never": False, "Keep": True, "Quiet": False, "Pass": False}


def test_a_user_s(signed_in, user):
    act(caller("eve"))
    response = signed_in.get(page_of("user"))
    assert told(response) == EXPECTED
    assert [name for name, use in uses(response).items() if use.is_unused] == ["Never"]
    shown = words(response)
    assert shown.count("Decided nothing") == 1
    assert shown.count("Cannot be told") == 1
    assert "nothing from before the policy was saved last" in shown
    assert page_of("user", used="?without=2") in shown


def test_a_group_s_is_decided_by_its_members(signed_in, group):
    act(caller("eve"))
    response = signed_in.get(page_of("group", "devs"))
    assert told(response) == EXPECTED
    assert [name for name, use in uses(response).items() if use.is_unused] == ["Never"]


def test_which_of_two_groups_decided_is_not_told_where_both_have_one_of_that_name(signed_in, admin, group):
    create_group(admin, group_name="others")
    put_group_policy(admin, group_name="others", policy_name="grouping", policy_document=DOCUMENT)
    act(caller("eve"))
    assert told(signed_in.get(page_of("group", "devs"))) == EXPECTED, "eve is not in the other one"
    add_user_to_group(admin, group_name="others", user_name="eve")
    for name in ("devs", "others"):
        found = uses(signed_in.get(page_of("group", name)))
        assert not any(use.last for use in found.values())
        assert (
            found["Make"].unknown
            == "Who made the calls is in another group, too, with an inline policy named grouping."
        )
        assert found["Never"].is_unused, "it decided nothing, whichever group it is"


def test_a_role_s_is_decided_by_its_sessions(signed_in, admin, account):
    create_role(admin, role_name="deploy", assume_role_policy_document=TRUST % f"arn:aws:iam::{account.pk}:root")
    put_role_policy(admin, role_name="deploy", policy_name="grouping", policy_document=DOCUMENT)
    act(in_session("deploy"))
    assert told(signed_in.get(page_of("role", "deploy"))) == EXPECTED


def test_a_managed_policy_of_the_same_name_is_not_meant(signed_in, admin, user):
    from accounts.operations.attachments import attach_user_policy
    from policies.operations.managed_policies import create_policy

    put_user_policy(
        admin, user_name="eve", policy_name="grouping", policy_document=ASSUME.replace("sts:AssumeRole", "iam:GetGroup")
    )
    arn = create_policy(admin, policy_name="grouping", policy_document=DOCUMENT)["Policy"]["Arn"]
    attach_user_policy(admin, user_name="eve", policy_arn=arn)
    create_group(caller("eve"), group_name="ops")
    (use,) = uses(signed_in.get(page_of("user"))).values()
    assert use.last is None


def test_what_was_decided_before_it_was_saved_last_does_not_count(signed_in, admin, user):
    act(caller("eve"))
    put_user_policy(admin, user_name="eve", policy_name="grouping", policy_document=DOCUMENT.replace("Make", "Made"))
    assert not any(use.last for use in uses(signed_in.get(page_of("user"))).values())


def test_it_is_asked_for_and_told_to_who_may_read_the_trail_only(signed_in, client, make_user, user):
    act(caller("eve"))
    before = words(signed_in.get(page_of("user", used="")))
    assert "When statements decided last" in before
    assert "Last decided" not in before
    reader = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:GetUser","iam:GetUserPolicy"],"Resource":"*"}]}'
    sign_in(client, make_user("liz", reader))
    assert "When statements decided last" not in words(client.get(page_of("user", used="")))
    response = client.get(page_of("user"))
    shown = words(response)
    assert "cloudtrail:LookupEvents" in shown
    for word in ("Last decided", "Decided nothing", "Looked at", "?without="):
        assert word not in shown
    assert all(use is None for use in uses(response).values())


def test_who_may_read_the_trail_but_not_save_is_not_offered_the_editor(client, make_user, user):
    act(caller("eve"))
    reader = ASSUME.replace('"sts:AssumeRole"', '["iam:GetUser","iam:GetUserPolicy","cloudtrail:LookupEvents"]')
    sign_in(client, make_user("liz", reader))
    shown = words(client.get(page_of("user")))
    assert "Decided nothing" in shown
    assert "?without=" not in shown
    assert 'href="#line-' in shown, "the document stands below"


def test_the_editor_opens_without_the_statement_and_nothing_is_saved(signed_in, user):
    begun = signed_in.get(page_of("user", used="?without=2")).context["form"]["policy_document"].value()
    assert "Never" not in begun
    assert "Make" in begun
    assert User.objects.get(name="eve").inline_policies.get().document == DOCUMENT
    for number in ("0", "6", "-1", "x", "²", "9" * 50):
        assert signed_in.get(page_of("user", used=""), {"without": number}).status_code == 404
    saved = signed_in.post(
        page_of("user", used="?without=2"),
        {"policy_document": begun, "seen": signed_in.get(page_of("user")).context["form"]["seen"].value(), "save": "1"},
    )
    assert saved.status_code == 302
    assert "Never" not in User.objects.get(name="eve").inline_policies.get().document


def test_the_number_of_queries_does_not_grow(signed_in, admin, group):
    act(caller("eve"))
    signed_in.get(page_of("group", "devs"))
    with CaptureQueriesContext(connection) as few:
        signed_in.get(page_of("group", "devs"))
    made = Event.objects.filter(name="CreateGroup", user_name="eve").latest("id")
    same = {field.name: getattr(made, field.name) for field in Event._meta.concrete_fields if field.name != "id"}
    Event.objects.bulk_create(
        Event(**{**same, "sequence": 10_000 + n, "event_id": f"copy{n}", "time": now()}) for n in range(1_000)
    )
    for number in range(20):
        create_user(admin, user_name=f"more-{number}")
        add_user_to_group(admin, group_name="devs", user_name=f"more-{number}")
    assert Group.objects.get(name="devs").member_count == 21
    signed_in.get(page_of("group", "devs"))  # the process prepares the reader's policies anew
    with CaptureQueriesContext(connection) as many:
        signed_in.get(page_of("group", "devs"))
    assert len(few) == len(many) <= 15
