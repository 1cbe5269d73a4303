"""A role in use: its live sessions and who can really assume it."""

import json
import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Membership, Role, User
from accounts.operations.attachments import attach_group_policy
from accounts.operations.boundaries import put_user_permissions_boundary
from accounts.operations.groups import create_group
from accounts.operations.inline_policies import put_group_policy, put_role_policy
from accounts.operations.memberships import add_user_to_group
from accounts.operations.tags import tag_user
from federation.models import IssuedSession
from operations.clock import now
from operations.errors import AccessDenied
from operations.gate import REGISTRY
from operations.ids import unique_id
from operations.models import Event
from policies.operations.managed_policies import create_policy
from tests.conftest import ADMINISTRATOR
from tests.federation.conftest import allow
from tests.signing_in import sign_in

ROOT = "arn:aws:iam::123456789012:root"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
ID = {"StringEquals": {"sts:ExternalId": "4711"}}


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


def sessions_page(client, name="Reader", query=""):
    return text(client.get(reverse("federation:role-sessions", args=[name]) + query))


@pytest.fixture
def administrator(client, make_user):
    sign_in(client, make_user("alice", ADMINISTRATOR), mfa=True)
    return client


@pytest.fixture
def open_session(make_user, caller_of):
    """Somebody assumes the role."""

    def assume(name, role="Reader", source="vera"):
        user = User.objects.filter(name=source).first() or make_user(source, allow("sts:AssumeRole"))
        arn = f"arn:aws:iam::123456789012:role/{role}"
        return REGISTRY["sts:AssumeRole"](caller_of(user), role_arn=arn, role_session_name=name)

    return assume


# --- sessions -------------------------------------------------------------------------------------------------------------


def test_live_sessions_with_who_opened_them(administrator, make_role, open_session):
    make_role("Reader")
    make_role("Other")
    open_session("build-1")
    open_session("elsewhere", "Other")
    page = sessions_page(administrator)
    assert "build-1" in page
    assert "arn:aws:iam::123456789012:user/vera" in page
    assert "Live" in page
    assert "elsewhere" not in page


def test_a_session_leads_to_its_calls_for_who_reads_the_trail(client, make_user, make_role, open_session):
    make_role("Reader")
    key = open_session("build-1")["Credentials"]["AccessKeyId"]
    sign_in(client, make_user("rita", allow("iam:GetRole", "cloudtrail:LookupEvents")))
    calls = f"{reverse('audit:events')}?f=key:eq:{key}"
    assert calls not in sessions_page(client)
    IssuedSession.objects.update(last_used_at=now())
    assert calls in sessions_page(client)
    assert client.get(calls).status_code == 200
    sign_in(client, make_user("rosa", allow("iam:GetRole")))
    assert calls not in sessions_page(client)


def test_a_session_leaves_when_it_expires(administrator, make_role, open_session):
    make_role("Reader")
    open_session("build-1")
    with time_machine.travel(now() + timedelta(minutes=61)):
        IssuedSession.objects.update(issued_at=now())
        sign_in(administrator, User.objects.get(name="alice"))
        assert "build-1" not in sessions_page(administrator)


def test_one_session_is_revoked_and_the_other_goes_on(administrator, make_role, open_session):
    make_role("Reader")
    first = open_session("first")["Credentials"]["AccessKeyId"]
    open_session("second")
    url = reverse("federation:role-revoke-session", args=["Reader"])
    page = text(administrator.post(url, {"key_id": first}, follow=True))
    assert "The session is revoked." in page
    assert page.count("Revoke the session") == 1
    assert "Revoke the session second" in page
    assert json.loads(Event.objects.latest("id").record)["eventName"] in {"GetRole", "RevokeRoleSession"}
    assert Event.objects.filter(name="RevokeRoleSession", error_code="").count() == 1
    assert "first" not in sessions_page(administrator, query="?f=state:eq:live")
    assert "second" not in sessions_page(administrator, query="?f=state:eq:revoked")


def test_several_sessions_are_revoked_after_a_review(administrator, make_role, open_session):
    make_role("Reader")
    make_role("Other")
    for name in ("one", "two", "three"):
        open_session(name)
    open_session("elsewhere", "Other")
    IssuedSession.objects.filter(name="three").update(revoked_at=now())
    url = reverse("federation:role-revoke-sessions", args=["Reader"])
    assert url in sessions_page(administrator)
    chosen = {"all": "1", "state": "?sort=name"}
    review = text(administrator.post(url, chosen))
    assert "1 of 3 sessions will be left unchanged." in review
    assert "Revoked already" in review
    assert "arn:aws:iam::123456789012:user/vera" in review
    assert "Revoke 2 sessions</button>" in review
    done = text(administrator.post(url, chosen | {"go": "1"}))
    assert "<h1>2 sessions revoked" in done
    assert [each.name for each in IssuedSession.objects.filter(revoked_at=None)] == ["elsewhere"]
    assert Event.objects.filter(name="RevokeRoleSession", error_code="").count() == 2


def test_sessions_are_sorted_and_asked_for_by_what_is_shown(administrator, make_role, open_session):
    make_role("Reader")
    for name in ("one", "two"):
        open_session(name)
    IssuedSession.objects.filter(name="two").update(last_used_at=now(), source_identity="dora", source_ip="192.0.2.7")
    for sort in ("used", "identity", "address", "key", "state", "source", "expires"):
        for sign in ("", "-"):
            page = sessions_page(administrator, query=f"?sort={sign}{sort}")
            assert "one" in page
            assert "two" in page
    for query in ("used:eq:never", "identity:eq:(none)", "address:ne:192.0.2.7", "name:eq:one"):
        page = sessions_page(administrator, query=f"?f={query}")
        assert ">one<" in page, query
        assert ">two<" not in page, query
    exported = administrator.get(reverse("federation:role-sessions", args=["Reader"]) + "?export=csv")
    head = b"".join(exported.streaming_content).decode().splitlines()[0]
    assert head == "Session,Opened by,Issued,Expires,Last used,Status", "no column of buttons"


def test_who_may_not_revoke_chooses_none(client, make_user, make_role, open_session):
    make_role("Reader")
    open_session("build-1")
    sign_in(client, make_user("rita", allow("iam:GetRole")))
    url = reverse("federation:role-revoke-sessions", args=["Reader"])
    assert url not in sessions_page(client)
    review = text(client.post(url, {"all": "1", "state": "?"}))
    assert "You are not permitted to do this: iam:PutRolePolicy" in review
    client.post(url, {"all": "1", "state": "?", "go": "1"})
    assert IssuedSession.objects.get().revoked_at is None


def test_a_session_of_another_role_is_not_found(administrator, make_role, open_session):
    make_role("Reader")
    make_role("Other")
    key = open_session("elsewhere", "Other")["Credentials"]["AccessKeyId"]
    url = reverse("federation:role-revoke-session", args=["Reader"])
    assert administrator.post(url, {"key_id": key}).status_code == 404
    assert IssuedSession.objects.get().revoked_at is None


def test_all_sessions_revoked_by_their_time_are_shown_so(administrator, make_role, open_session):
    make_role("Reader")
    open_session("before")
    administrator.post(reverse("accounts:role-sessions", args=["Reader"]))
    with time_machine.travel(now() + timedelta(seconds=2)):
        open_session("after")
        page = sessions_page(administrator)
        assert "All sessions issued before this moment were revoked:" in page
        assert "Revoke the session after" in page
        assert "Revoke the session before" not in page


def test_a_switch_in_the_console_is_a_session_too(administrator, make_role, make_user, client):
    make_role("Reader", policy=allow("iam:*"))
    client.post("/switch-role/", {"account": "123456789012", "role_name": "Reader"})
    page = sessions_page(client)
    assert "Revoke the session alice" in page
    key = IssuedSession.objects.get().key_id
    client.post(reverse("federation:role-revoke-session", args=["Reader"]), {"key_id": key})
    assert client.get(reverse("accounts:users"))["Location"] == "/switch-role/"


def test_a_reader_sees_sessions_and_revokes_none(client, make_user, make_role, open_session):
    make_role("Reader")
    key = open_session("build-1")["Credentials"]["AccessKeyId"]
    sign_in(client, make_user("rita", allow("iam:GetRole")))
    page = sessions_page(client)
    assert "build-1" in page
    assert 'id="revoke-form"' not in page
    url = reverse("federation:role-revoke-session", args=["Reader"])
    assert client.post(url, {"key_id": key}).status_code == 403
    assert client.get(url).status_code == 405


@pytest.mark.parametrize("name", ["role-sessions", "role-who-can-assume"])
def test_who_may_not_see_the_role(client, make_user, make_role, name):
    make_role("Reader")
    sign_in(client, make_user("rita"))
    assert client.get(reverse(f"federation:{name}", args=["Reader"])).status_code == 403


@pytest.mark.parametrize("name", ["role-sessions", "role-who-can-assume"])
def test_a_role_that_is_not_there(administrator, name):
    assert administrator.get(reverse(f"federation:{name}", args=["Nobody"])).status_code == 404


# --- who can assume -------------------------------------------------------------------------------------------------------


def assumers(client, kind="user", **query):
    """Name → (what is needed, allowed by)."""
    page = text(client.get(reverse("federation:role-who-can-assume", args=["Reader"]), {"kind": kind, **query}))
    table = page.partition("<tbody>")[2].partition("</tbody>")[0]
    rows = [re.sub(r"<[^>]+>", "|", row) for row in table.split("<tr>")[1:]]
    cells = [[cell.strip() for cell in row.split("|") if cell.strip()] for row in rows]
    return {row[0]: (row[1], row[2]) for row in cells}


@pytest.fixture
def people(make_user, system):
    """Users who have the permission in every way there is, and some who do not."""
    make_user("inline", allow("sts:AssumeRole"))
    make_user("narrow", allow("sts:AssumeRole", resource="arn:aws:iam::123456789012:role/Other"))
    make_user("nobody")
    denied = json.loads(allow("sts:AssumeRole"))
    denied["Statement"].append({"Effect": "Deny", "Action": "sts:*", "Resource": "*"})
    make_user("denied", json.dumps(denied))
    create_group(system, group_name="ops")
    put_group_policy(system, group_name="ops", policy_name="AssumeRoles", policy_document=allow("sts:AssumeRole"))
    create_group(system, group_name="dev")
    arn = create_policy(system, policy_name="Assume", policy_document=allow("sts:*"))["Policy"]["Arn"]
    attach_group_policy(system, group_name="dev", policy_arn=arn)
    for name, group in (("via-inline", "ops"), ("via-managed", "dev"), ("bounded", "ops")):
        make_user(name)
        add_user_to_group(system, group_name=group, user_name=name)
    limit = create_policy(system, policy_name="Limit", policy_document=allow("s3:*"))["Policy"]["Arn"]
    put_user_permissions_boundary(system, user_name="bounded", permissions_boundary=limit)


def test_the_account_is_trusted_and_the_users_policies_decide(administrator, make_role, people):
    make_role("Reader")
    assert assumers(administrator) == {
        "alice": ("Yes", "given"),
        "inline": ("Yes", "given"),
        "via-inline": ("Yes", "AssumeRoles"),
        "via-managed": ("Yes", "Assume"),
    }


def test_it_says_how_many_of_how_many_and_by_what(administrator, make_role, people):
    role = make_role("Reader")
    url = reverse("federation:role-who-can-assume", args=["Reader"])
    page = text(administrator.get(url))
    assert f"4 of {User.objects.count()} users can assume it" in page
    own, grouped = "/users/inline/inline/given/", "/groups/ops/inline/AssumeRoles/"
    assert (
        f'<a href="{own}"><code>given</code></a> <span class="soft small">inline policy of user inline</span>' in page
    )
    by_group = 'by the group <a href="/groups/{0}/">{0}</a></span>'
    assert (
        f'<a href="{grouped}"><code>AssumeRoles</code></a> <span class="soft small">inline policy of a group, {by_group.format("ops")}'
        in page
    )
    managed = "/policies/arn:aws:iam::123456789012:policy/Assume/"
    assert (
        f'<a href="{managed}"><code>Assume</code></a> <span class="soft small">customer managed policy, {by_group.format("dev")}'
        in page
    )
    for address in (own, grouped, managed, "/groups/ops/", "/groups/dev/"):
        assert administrator.get(address).status_code == 200, address
    assert '<a href="?kind=user" aria-current="page">Users</a>' in page
    assert '<a href="?kind=role" aria-current="page">Roles</a>' in text(administrator.get(url + "?kind=role"))
    trusted = json.loads(role.trust_policy)
    trusted["Statement"][0]["Principal"] = {"AWS": User.objects.get(name="nobody").unique_id}
    Role.objects.filter(pk=role.pk).update(trust_policy=json.dumps(trusted))
    assert f"1 of {User.objects.count()} users can assume it" in text(administrator.get(url))


def test_users_named_in_the_trust_policy_need_no_policy(administrator, make_role, people):
    make_role("Reader", ["arn:aws:iam::123456789012:user/nobody", "arn:aws:iam::123456789012:user/denied"])
    assert assumers(administrator) == {"nobody": ("Yes", "The trust policy by itself")}


@pytest.mark.parametrize(
    ("condition", "needs"),
    [
        (MFA, "With MFA"),
        (ID, "With the external ID, by the API"),
        ({**MFA, **ID}, "With MFA and the external ID, by the API"),
    ],
)
def test_what_is_needed_besides(administrator, make_role, people, condition, needs):
    make_role("Reader", condition=condition)
    User.objects.filter(name="inline").update(mfa_device_count=1)
    assert assumers(administrator)["inline"] == (needs, "given")


def test_who_has_no_device_for_the_mfa_that_is_asked_for_is_not_said_to_be_able_to(administrator, make_role, people):
    make_role("Reader", condition={**MFA, **ID})
    User.objects.filter(name__in=("alice", "inline")).update(mfa_device_count=1)
    url = reverse("federation:role-who-can-assume", args=["Reader"])
    found = assumers(administrator)
    assert found["inline"] == ("With MFA and the external ID, by the API", "given")
    assert found["via-inline"] == ("Only with MFA and the external ID, by the API", "Has no device, so cannot now")
    said = "2 of them have no MFA device, which the role asks for, and so cannot assume it now."
    assert said in text(administrator.get(url))
    User.objects.update(mfa_device_count=1)
    assert "cannot" not in text(administrator.get(url)).partition("<main")[2].partition("</main>")[0]


def test_a_policy_by_several_ways_is_named_by_each(administrator, make_role, people, system):
    make_role("Reader")
    create_group(system, group_name="crew")
    for group in ("crew", "ops"):
        put_group_policy(system, group_name=group, policy_name="given", policy_document=allow("sts:AssumeRole"))
        add_user_to_group(system, group_name=group, user_name="inline")
    page = text(administrator.get(reverse("federation:role-who-can-assume", args=["Reader"])))
    row = page.partition('href="/users/inline/"')[2].partition("</tr>")[0]
    for address in (
        "/users/inline/inline/given/",
        "/groups/crew/inline/given/",
        "/groups/ops/inline/given/",
    ):
        assert row.count(f'<a href="{address}">') == 1, address


def test_conditions_on_tags_are_asked_with_the_tags(administrator, make_role, people, system):
    make_role("Reader", condition={"StringEquals": {"aws:PrincipalTag/team": "ops"}})
    tag_user(system, user_name="inline", tags=[{"Key": "team", "Value": "ops"}])
    assert list(assumers(administrator)) == ["inline"]


def test_roles_that_can_assume_the_role(administrator, make_role, system):
    chained = make_role("Chained", policy=allow("sts:AssumeRole"))
    make_role("Idle")
    make_role("Reader", [ROOT, chained.arn])
    assert assumers(administrator, "role")["Chained"][0] == "Yes"
    assert set(assumers(administrator, "role")) == {"Chained"}


def test_a_role_for_a_service_is_assumed_by_nobody_of_the_account(administrator, make_role, people):
    role = make_role("Reader")
    trusted = json.loads(role.trust_policy)
    trusted["Statement"][0]["Principal"] = {"Service": "ec2.amazonaws.com"}
    Role.objects.filter(pk=role.pk).update(trust_policy=json.dumps(trusted))
    assert assumers(administrator) == {}
    page = text(administrator.get(reverse("federation:role-who-can-assume", args=["Reader"])))
    assert "Nobody of this kind can assume the role." in page


def test_it_says_what_the_operation_says(administrator, make_role, people, caller_of, system):
    """The list and AssumeRole itself never disagree."""
    make_role("Reader")
    put_role_policy(system, role_name="Reader", policy_name="p", policy_document=allow("s3:*"))
    can = set(assumers(administrator))
    for user in User.objects.all():
        try:
            REGISTRY["sts:AssumeRole"](
                caller_of(user), role_arn="arn:aws:iam::123456789012:role/Reader", role_session_name="session"
            )
            did = True
        except AccessDenied:
            did = False
        assert did is (user.name in can), user.name


def test_it_is_for_whoever_may_read_everybodys_policies(client, make_user, make_role):
    make_role("Reader")
    sign_in(client, make_user("rita", allow("iam:GetRole")))
    page = text(client.get(reverse("federation:role-who-can-assume", args=["Reader"])))
    assert "iam:GetAccountAuthorizationDetails" in page
    assert "can assume it" not in page


def test_a_wrong_kind(administrator, make_role):
    make_role("Reader")
    assert administrator.get(reverse("federation:role-who-can-assume", args=["Reader"]) + "?kind=x").status_code == 404


def test_pages_lead_through_many(administrator, account, make_role, system):
    make_role("Reader")
    create_group(system, group_name="ops")
    put_group_policy(system, group_name="ops", policy_name="p", policy_document=allow("sts:AssumeRole"))
    users = User.objects.bulk_create(
        User(account=account, name=f"U{n:03}", name_key=f"u{n:03}", unique_id=unique_id("AIDA")) for n in range(120)
    )
    group = account.groups.get()
    Membership.objects.bulk_create(Membership(user=user, group=group) for user in users)
    system_stamp = REGISTRY["iam:TagRole"]
    system_stamp(system, role_name="Reader", tags=[{"Key": "a", "Value": "b"}])
    first = assumers(administrator)
    assert len(first) == 50
    second = assumers(administrator, after=list(first)[-1].lower())
    third = assumers(administrator, after=list(second)[-1].lower())
    assert len({*first, *second, *third}) == 121
    page = text(administrator.get(reverse("federation:role-who-can-assume", args=["Reader"])))
    assert "after=u048" in page
    assert "50 of the 50 that this page asked about can assume it" in page


@pytest.mark.parametrize("number", [1, 300])
def test_pages_cost_few_queries(administrator, account, make_role, people, open_session, number):
    make_role("Reader")
    make_role("Second", policy=allow("sts:AssumeRole"))
    User.objects.bulk_create(
        User(account=account, name=f"u{n}", name_key=f"u{n}", unique_id=unique_id("AIDA")) for n in range(number)
    )
    for n in range(min(number, 20)):
        open_session(f"s{n}")
    for name, query in (("role-sessions", ""), ("role-who-can-assume", ""), ("role-who-can-assume", "?kind=role")):
        url = reverse(f"federation:{name}", args=["Reader"]) + query
        administrator.get(url)
        with CaptureQueriesContext(connection) as done:
            administrator.get(url)
        asked = [query["sql"] for query in done if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
        assert len(asked) <= 15, (name, asked)
