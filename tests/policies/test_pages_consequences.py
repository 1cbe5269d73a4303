"""What stands beside the editor of what the document would do: as much as the reader may know, at a bounded cost."""

import json
import re
import time
from dataclasses import replace

import pytest
from django.core import signing
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from access import live_consequences
from accounts.models import Group, Membership, User, UserInlinePolicy
from accounts.operations.attachments import attach_group_policy, attach_role_policy, attach_user_policy
from accounts.operations.boundaries import put_user_permissions_boundary
from accounts.operations.groups import create_group, list_groups
from accounts.operations.inline_policies import delete_user_policy, put_user_policy
from accounts.operations.memberships import add_user_to_group
from accounts.operations.roles import create_role
from operations import clock, journal
from operations.models import Event
from policies.consequences import Known, note_of, noted
from policies.models import ManagedPolicy
from policies.operations.policy_tests import put_policy_test
from tests.every_page import TRUST
from tests.policies.conftest import document
from tests.signing_in import sign_in

ACCOUNT = "123456789012"
EVERYTHING = document("*")
READS = ("LookupEvents", "GetAccountAuthorizationDetails", "GetPolicyVersion")


def may(*actions, resource="*"):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": resource}]})  # fmt: skip


@pytest.fixture
def administrator(client, admin):
    sign_in(client, User.objects.get(pk=admin.user_id))
    return client


@pytest.fixture
def arn(make_policy):
    return make_policy("reading", document("s3:GetObject"))


def ask(client, address, text, **more):
    return client.post(address, json.dumps({"document": text, **more}), content_type="application/json")


def told(client, arn, text, **more):
    return words(ask(client, reverse("policies:consequences", args=[arn]), text, **more).json()["html"])


def words(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def test_who_gains_and_who_loses_is_told_with_all_else_that_they_hold(administrator, admin, arn, make_user):
    for name in ("dora", "eve", "finn"):
        make_user(name)
        attach_user_policy(admin, user_name=name, policy_arn=arn)
    put_user_policy(admin, user_name="eve", policy_name="own", policy_document=document("s3:*"))
    put_user_policy(admin, user_name="finn", policy_name="own", policy_document=document("s3:GetObject"))
    text = told(administrator, arn, document("s3:PutObject"))
    assert "1 more action, 1 fewer action" in text
    assert "3 users have it attached: dora , eve , finn" in text
    assert "Gain and lose access 1 : dora" in text
    assert "Gain access 1 : finn" in text
    assert "No change 1" in text
    assert "Lose access" not in text
    html = ask(administrator, reverse("policies:consequences", args=[arn]), document("s3:PutObject")).json()["html"]
    assert f'href="{reverse("accounts:user", args=["dora"])}"' in html


def test_a_boundary_gives_nothing_by_itself(administrator, admin, arn, make_user):
    make_user("dora", document("s3:GetObject"))
    make_user("eve", document("sqs:*"))
    for name in ("dora", "eve"):
        put_user_permissions_boundary(admin, user_name=name, permissions_boundary=arn)
    text = told(administrator, arn, document("sqs:SendMessage"))
    assert "It is the permissions boundary of 2 users" in text
    assert "Lose access 1 : dora" in text
    assert "Gain access 1 : eve" in text


def test_a_role_and_the_members_of_a_group_are_among_them(administrator, admin, arn, make_user):
    create_role(admin, role_name="deploy", assume_role_policy_document=TRUST % f"arn:aws:iam::{ACCOUNT}:root")
    attach_role_policy(admin, role_name="deploy", policy_arn=arn)
    create_group(admin, group_name="crew")
    attach_group_policy(admin, group_name="crew", policy_arn=arn)
    make_user("dora")
    add_user_to_group(admin, group_name="crew", user_name="dora")
    text = told(administrator, arn, document("s3:*"))
    assert re.search(r"Gain access 2 : (dora , deploy|deploy , dora)", text)
    assert "1 group and 1 role have it attached" in text


def test_calls_that_would_be_decided_otherwise_are_counted(administrator, admin, make_policy, make_user, caller_of):
    arn = make_policy("listing", document("iam:ListGroups"))
    dora = make_user("dora")
    attach_user_policy(admin, user_name="dora", policy_arn=arn)
    list_groups(caller_of(dora))
    text = told(administrator, arn, document("iam:ListUsers"))
    assert "1 call by 1 principal that was allowed would be denied." in text
    assert "Looked at: 1 call." in text
    assert "None would be decided otherwise." in told(administrator, arn, may("iam:ListGroups", "iam:ListUsers"))


def test_failing_tests_are_named(administrator, admin, arn):
    put_policy_test(
        admin,
        policy_arn=arn,
        test_name="reads",
        action_name="s3:GetObject",
        resource_arn="*",
        expected_decision="allowed",
    )
    assert "1 test fails: reads" in told(administrator, arn, document("s3:PutObject"))
    assert "The test passes" in told(administrator, arn, document("s3:*"))


def test_a_document_that_says_the_same_asks_nobody(administrator, arn):
    text = told(administrator, arn, document("s3:GetObject"))
    assert "Nothing changes: every request is decided as before." in text
    assert "Calls of" not in text


def test_administrator_access_is_warned_of(administrator, arn):
    assert "Administrator access" in told(administrator, arn, EVERYTHING)
    assert "Administrator access" not in told(administrator, arn, document("s3:*"))


@pytest.mark.parametrize("text", ["{", "[]", '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]}', document("s3:" + "x" * 7_000)])  # fmt: skip
def test_what_cannot_be_saved_has_no_consequences(administrator, arn, text):
    answer = ask(administrator, reverse("policies:consequences", args=[arn]), text).json()
    assert answer["html"] == ""
    assert answer["unread"].startswith("As it is, the document cannot be saved:")


NO_TEXT = [
    json.dumps({"document": EVERYTHING, key: f"own{bad}"}) for key in ("name", "note") for bad in ("\ud800", "\0")
]
BODIES = [*NO_TEXT, json.dumps({"document": EVERYTHING, "name": "n" * 129}), "", "[]", "{}", '{"document": 5}', '{"document": ""}', json.dumps({"document": "x" * 60_001}), '{"document": "{}", "note": 1}']  # fmt: skip


@pytest.mark.parametrize("body", BODIES)
def test_what_is_no_question_is_refused(administrator, arn, body):
    for address in (reverse("policies:consequences", args=[arn]), reverse("policies:consequences-of-new")):
        assert administrator.post(address, body, content_type="application/json").status_code == 400


@pytest.mark.parametrize("body", NO_TEXT)
def test_what_no_inline_policy_is_called_is_refused(administrator, make_user, body):
    make_user("dora")
    address = reverse("accounts:user-inline-consequences", args=["dora"])
    assert administrator.post(address, body, content_type="application/json").status_code == 400


@pytest.mark.parametrize("bad", ["\ud800", "\0", r"\ud800", r"\u0000"])
@pytest.mark.parametrize("place", ['"Version"', "s3:Put", "Resource", '"*"]'])
def test_a_document_that_nobody_can_store_has_no_consequences(administrator, admin, arn, make_user, bad, place):
    make_user("dora")
    attach_user_policy(admin, user_name="dora", policy_arn=arn)
    put_user_policy(admin, user_name="dora", policy_name="own", policy_document=document("s3:GetObject"))
    text = json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Put*", "Resource": ["*"]}]}
    )
    assert place in text
    text = text.replace(place, place[:-2] + bad + place[-2:])
    for address, more in (
        (reverse("policies:consequences", args=[arn]), {}),
        (reverse("policies:consequences-of-new"), {}),
        (reverse("accounts:user-inline-consequences", args=["dora"]), {"name": "own"}),
    ):
        answer = ask(administrator, address, text, **more)
        assert answer.status_code == 200
        assert "unread" in answer.json() or bad == r"\u0000", "an escaped NUL is stored as it is written"


def test_an_address_that_no_database_takes_is_not_found(administrator):
    nobody = reverse("accounts:user-inline-consequences", args=["dora"]).replace("dora", "do%00ra")
    for address in (
        nobody,
        f"/policies/consequences/arn:aws:iam::{ACCOUNT}:policy/re%00ading/",
        "/policies/consequences/arn:aws:%ED%A0%80x/",
    ):
        assert ask(administrator, address, EVERYTHING).status_code == 404


def test_what_is_not_there_is_not_found(administrator, make_aws_policy):
    for arn in (f"arn:aws:iam::{ACCOUNT}:policy/none", make_aws_policy().arn):
        assert ask(administrator, reverse("policies:consequences", args=[arn]), EVERYTHING).status_code == 404


# --- what the reader may know ---------------------------------------------------------------------------------------------


def test_who_may_not_read_the_versions_is_told_nothing(client, arn, make_user):
    sign_in(client, make_user("nora", may("iam:GetPolicy")))
    answer = ask(client, reverse("policies:consequences", args=[arn]), EVERYTHING)
    assert answer.status_code == 403
    assert Event.objects.filter(name="GetPolicyVersion", error_code="AccessDenied").count() == 1


def test_who_may_read_the_versions_alone_is_told_what_the_documents_say(client, admin, arn, make_user):
    make_user("dora")
    attach_user_policy(admin, user_name="dora", policy_arn=arn)
    put_policy_test(
        admin,
        policy_arn=arn,
        test_name="reads",
        action_name="s3:GetObject",
        resource_arn="*",
        expected_decision="allowed",
    )
    sign_in(client, make_user("nora", may("iam:GetPolicyVersion")))
    text = told(client, arn, document("s3:PutObject"))
    assert "1 more action, 1 fewer action" in text
    assert "1 test fails" in text
    assert "dora" not in text
    assert "attached" not in text
    assert "Which calls would be decided otherwise is shown to whoever may read the audit trail." in text
    assert not Event.objects.filter(error_code="AccessDenied").exists(), "nobody has asked for what is not told"


@pytest.mark.parametrize(
    ("action", "seen"),
    [
        ("iam:ListEntitiesForPolicy", "1 user has it attached: dora"),
        ("iam:GetAccountAuthorizationDetails", "Gain access 1 : dora"),
        ("cloudtrail:LookupEvents", "Calls of the last 7 days"),
    ],
)
def test_each_part_is_told_to_who_may_read_it(client, admin, arn, make_user, action, seen):
    make_user("dora")
    attach_user_policy(admin, user_name="dora", policy_arn=arn)
    sign_in(client, make_user("nora", may("iam:GetPolicyVersion", action)))
    text = told(client, arn, document("s3:*"))
    assert seen in text
    others = {"1 user has it attached: dora", "Gain access 1 : dora", "Calls of the last 7 days"} - {seen}
    assert not [each for each in others if each in text]


def recorded(caller):
    journal.settle()
    return [Event.objects.filter(name=name, principal_arn=caller.arn).count() for name in READS]


def test_looking_again_while_one_writes_is_one_look_in_the_record(administrator, admin, arn):
    address = reverse("policies:consequences", args=[arn])
    note = ask(administrator, address, document("s3:*")).json()["note"]
    assert recorded(admin) == [1, 1, 1]
    assert ask(administrator, address, document("s3:Get*"), note=note).json()["note"] == note
    assert recorded(admin) == [1, 1, 1]
    assert ask(administrator, address, "{", note=note).json()["note"] == note
    ask(administrator, address, document("s3:Get*"), note="forged")
    assert recorded(admin) == [2, 2, 2]
    ask(administrator, address, document("s3:Get*"), note=f"{note[:-1]}é")
    assert recorded(admin) == [3, 3, 3]


def test_a_look_is_recorded_again_after_a_quarter_of_an_hour_however_often_one_writes(
    administrator, admin, arn, monkeypatch
):
    address, begun, note, found = reverse("policies:consequences", args=[arn]), time.time(), "", []
    for minutes in (0, 10, 14, 16, 26, 32):
        monkeypatch.setattr(signing.time, "time", lambda minutes=minutes: begun + 60 * minutes)
        note = ask(administrator, address, document("s3:*"), note=note).json()["note"]
        found.append(recorded(admin)[0])
    assert found == [1, 1, 1, 2, 2, 3]


def test_a_look_at_another_policy_is_another(administrator, admin, arn, make_policy):
    note = ask(administrator, reverse("policies:consequences", args=[arn]), document("s3:*")).json()["note"]
    other = make_policy("other", document("s3:GetObject"))
    ask(administrator, reverse("policies:consequences", args=[other]), document("s3:*"), note=note)
    assert recorded(admin) == [2, 2, 2]
    new = ask(administrator, reverse("policies:consequences-of-new"), document("s3:*"), note=note).json()["note"]
    assert new == "", "nothing of anybody is read for it"


def test_what_one_may_read_meanwhile_is_recorded_when_it_is_first_told(client, admin, arn, make_user):
    nora, address = make_user("nora", may("iam:GetPolicyVersion")), reverse("policies:consequences", args=[arn])
    sign_in(client, nora)
    note = ask(client, address, document("s3:*")).json()["note"]
    assert recorded(nora) == [0, 0, 1]
    put_user_policy(admin, user_name="nora", policy_name="more", policy_document=may("cloudtrail:LookupEvents"))
    later = ask(client, address, document("s3:*"), note=note).json()["note"]
    assert recorded(nora) == [1, 0, 2]
    put_user_policy(
        admin, user_name="nora", policy_name="more", policy_document=may("iam:GetAccountAuthorizationDetails")
    )
    ask(client, address, document("s3:*"), note=later)
    assert recorded(nora) == [1, 1, 3]
    delete_user_policy(admin, user_name="nora", policy_name="more")
    ask(client, address, document("s3:*"), note=later)
    assert recorded(nora) == [1, 1, 3], "less is told than was recorded"


def test_a_note_is_of_one_user_and_not_of_the_name(administrator, admin, arn):
    about = f"{arn} own"
    note = note_of(admin, about, Known(holders=True, calls=True))
    namesake = replace(admin, identity={**admin.identity, "principalId": "AIDALATER"})
    assert noted(admin, about, note) == Known(holders=True, calls=True)
    assert noted(namesake, about, note) is None
    assert noted(admin, arn, note) is None


def test_a_note_gives_nobody_what_they_may_not_read_any_more(client, admin, arn, make_user):
    nora = make_user("nora", may("iam:GetPolicyVersion"))
    sign_in(client, nora)
    address = reverse("policies:consequences", args=[arn])
    note = ask(client, address, document("s3:*")).json()["note"]
    delete_user_policy(admin, user_name="nora", policy_name="given")
    assert ask(client, address, document("s3:*"), note=note).status_code == 403


# --- a new policy, and an inline one --------------------------------------------------------------------------------------


def test_a_new_policy_says_what_it_would_allow_at_most(administrator, client):
    address = reverse("policies:consequences-of-new")
    text = words(ask(administrator, address, EVERYTHING).json()["html"])
    assert "At most:" in text
    assert "Administrator access" in text
    assert "Nobody has the policy yet" in text
    denying = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}, {"Effect": "Deny", "Action": "sqs:PurgeQueue", "Resource": "*"},
    ]})  # fmt: skip
    text = words(ask(administrator, address, denying).json()["html"])
    assert "At most: 1 action allowed, 1 action denied" in text
    assert "Administrator" not in text


def test_who_may_create_no_policy_is_told_nothing_of_a_new_one(client, make_user):
    sign_in(client, make_user("nora"))
    assert ask(client, reverse("policies:consequences-of-new"), EVERYTHING).status_code == 403


def test_an_inline_policy_says_what_it_does_to_its_holder(administrator, admin, make_user):
    make_user("dora")
    put_user_policy(admin, user_name="dora", policy_name="own", policy_document=document("s3:GetObject"))
    address = reverse("accounts:user-inline-consequences", args=["dora"])
    text = words(ask(administrator, address, document("s3:PutObject"), name="own").json()["html"])
    assert "1 more action, 1 fewer action" in text
    assert "It holds for dora alone." in text
    assert "Gain and lose access 1 : dora" in text
    text = words(ask(administrator, address, document("s3:PutObject")).json()["html"])
    assert "At most: 1 action allowed" in text
    assert "Gain access 1 : dora" in text
    assert ask(administrator, address, EVERYTHING, name="none").status_code == 404


def test_an_inline_policy_of_a_group_says_it_of_the_members(administrator, admin, make_user):
    create_group(admin, group_name="crew")
    for name in ("dora", "eve"):
        make_user(name)
        add_user_to_group(admin, group_name="crew", user_name=name)
    put_user_policy(admin, user_name="eve", policy_name="own", policy_document=document("s3:*"))
    address = reverse("accounts:group-inline-consequences", args=["crew"])
    text = words(ask(administrator, address, document("s3:PutObject")).json()["html"])
    assert "It holds for the 2 members of crew." in text
    assert "Gain access 1 : dora" in text
    assert "No change 1" in text


@pytest.mark.parametrize(("given", "name", "status"), [
    (may("iam:GetUser"), "", 403), (may("iam:GetUser", "iam:PutUserPolicy"), "", 200), (may("iam:GetUser", "iam:PutUserPolicy"), "own", 403),
    (may("iam:GetUser", "iam:GetUserPolicy"), "own", 200), (may("iam:GetUserPolicy", "iam:PutUserPolicy"), "own", 403),
])  # fmt: skip
def test_an_inline_policy_is_told_of_to_who_may_read_or_write_it(client, admin, make_user, given, name, status):
    make_user("dora")
    put_user_policy(admin, user_name="dora", policy_name="own", policy_document=document("s3:GetObject"))
    sign_in(client, make_user("nora", given))
    address = reverse("accounts:user-inline-consequences", args=["dora"])
    assert ask(client, address, document("s3:*"), name=name).status_code == status


# --- what it costs --------------------------------------------------------------------------------------------------------


def test_it_costs_the_same_for_ten_thousand_users(administrator, admin, arn, make_user, monkeypatch):
    create_group(admin, group_name="crew")
    attach_group_policy(admin, group_name="crew", policy_arn=arn)
    make_user("dora")
    add_user_to_group(admin, group_name="crew", user_name="dora")
    put_policy_test(
        admin,
        policy_arn=arn,
        test_name="reads",
        action_name="s3:GetObject",
        resource_arn="*",
        expected_decision="allowed",
    )
    compared = []
    difference = live_consequences.holders_difference
    monkeypatch.setattr(live_consequences, "holders_difference", lambda *given, **more: compared.append(given) or difference(*given, **more))  # fmt: skip

    def cost():
        with CaptureQueriesContext(connection) as queries:
            text = told(administrator, arn, document("s3:*"))
        return len(queries), text

    cost()  # what a process keeps of the caller
    few, _text = cost()
    group, moment = Group.objects.get(name="crew"), clock.now()
    users = User.objects.bulk_create(
        User(account_id=ACCOUNT, name=f"m-{n}", name_key=f"m-{n}", unique_id=f"AIDAMORE{n}", last_activity_at=moment)
        for n in range(10_000)
    )
    Membership.objects.bulk_create([Membership(user=user, group=group) for user in users], batch_size=1_000)
    UserInlinePolicy.objects.bulk_create(
        UserInlinePolicy(user=user, name="own", name_key="own", document=document(f"sqs:Send{n}"))
        for n, user in enumerate(users[-100:-80])
    )
    compared.clear()
    many, text = cost()
    assert many == few <= 15
    assert len(compared) == live_consequences.TOLD_APART
    assert "Of 10,001 users and roles that have it, the 50 that were active last were looked at." in text
    assert "Gain access 35" in text
    assert "Not compared 15" in text


def test_the_editor_itself_asks_for_no_more_than_before(administrator, arn):
    policy = ManagedPolicy.objects.get(arn=arn)
    page = administrator.get(reverse("policies:edit", args=[policy.arn])).content.decode()
    assert f'data-consequences="{reverse("policies:consequences", args=[arn])}"' in page
    assert not Event.objects.filter(name__in=("LookupEvents", "GetAccountAuthorizationDetails")).exists()
    assert "data-consequences" in administrator.get(reverse("policies:create")).content.decode()
    assert "data-consequences" not in administrator.get(reverse("policies:create") + "?into=policies").content.decode()
