"""What the record says to a change of a policy: calls that were really made, decided once more before it is saved."""

import re
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from access.bundles import bundles
from access.callers import Connection, role_caller
from access.effective import policies_of_role, policies_of_user
from accounts.models import Role, User
from accounts.operations.attachments import attach_group_policy, attach_role_policy, attach_user_policy
from accounts.operations.boundaries import put_user_permissions_boundary
from accounts.operations.groups import create_group, delete_group, get_group
from accounts.operations.inline_policies import put_group_policy, put_user_policy
from accounts.operations.memberships import add_user_to_group
from accounts.operations.roles import create_role
from federation.operations.assume_role import assume_role
from federation.tokens import Session
from operations.clock import now
from operations.errors import ServiceError
from operations.models import Event
from policies.models import ManagedPolicy
from policies.operations.managed_policies import create_policy
from policies.operations.policy_versions import create_policy_version
from policies.saving import mark
from tests.access.conftest import document
from tests.signing_in import sign_in

TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}]}'
PLACE = Connection(source_ip="192.0.2.10", user_agent="tests", secure=True)


@pytest.fixture
def arn(admin):
    return create_policy(
        admin, policy_name="grouping", policy_document=document(["iam:CreateGroup", "iam:ListGroups", "iam:GetGroup"])
    )["Policy"]["Arn"]


@pytest.fixture
def eve(admin, arn, make_user, caller_of):
    """Somebody with the policy, as a Caller."""
    eve = make_user("eve")
    attach_user_policy(admin, user_name="eve", policy_arn=arn)
    return caller_of(eve)


@pytest.fixture
def ask(signed_in, admin, arn):
    """The page before another text of the policy comes into force: its answer, and the page's text."""

    def asked(text):
        made = create_policy_version(admin, policy_arn=arn, policy_document=text)["PolicyVersion"]["VersionId"]
        response = signed_in.get(reverse("policies:set-default", args=[arn]) + f"?version={made}")
        return response.context["replay"].value, words(response)

    return asked


def words(response):
    return re.sub(r"\s+", " ", response.content.decode())


def calling(operation, caller, **given):
    with suppress(ServiceError):
        operation(caller, **given)


def in_session(name, **facts):
    """The Caller of a session of a role."""
    role, moment = Role.objects.get(name=name), now()
    begun = int(moment.timestamp())
    session = Session("ASIA1", "s", "role", role.account_id, role.unique_id, "work", begun, begun + 3600, "a", **facts)
    return role_caller(session, role, PLACE, moment)


def test_calls_that_would_be_denied_and_allowed_are_told_with_the_way_to_their_events(ask, eve, signed_in):
    for name in ("one", "two", "two"):
        calling(create_group, eve, group_name=name)  # the third fails, but it was allowed
    calling(delete_group, eve, group_name="one")
    calling(get_group, eve, group_name="one")
    answer, text = ask(document(["iam:DeleteGroup", "iam:GetGroup"]))
    assert "3 calls by 1 principal that were allowed would be denied." in text
    assert "1 call by 1 principal that was denied would be allowed." in text
    assert [(row.action, row.resource.rpartition("/")[2], row.number) for row in answer.losses.rows] == [
        ("iam:CreateGroup", "two", 2),
        ("iam:CreateGroup", "one", 1),
    ]
    assert [row.action for row in answer.gains.rows] == ["iam:DeleteGroup"]
    assert answer.looked.number == 5
    assert "Looked at: 5 calls since" in text
    found = signed_in.get(f"{reverse('audit:events')}?{answer.losses.rows[0].query}")
    assert [row.name for row in found.context["list"].rows] == ["CreateGroup", "CreateGroup"]
    assert Event.objects.filter(name="LookupEvents").exists(), "reading the record is recorded"


def test_only_what_this_change_does_counts(ask, admin, eve):
    """What is denied today already, or what another policy allows as well, is decided as it is without the change."""
    calling(create_group, eve, group_name="one")
    deny = create_policy(admin, policy_name="no", policy_document=document("iam:CreateGroup", effect="Deny"))
    attach_user_policy(admin, user_name="eve", policy_arn=deny["Policy"]["Arn"])
    answer, text = ask(document("iam:GetGroup"))
    assert "No call that was made would be decided otherwise." in text
    assert not answer.sides
    assert answer.looked.number == 1


def test_nobody_and_no_call(ask, signed_in, admin, arn, make_user):
    assert "No user and no role has the policy: no call would be decided otherwise." in ask(document())[1]
    make_user("eve")
    attach_user_policy(admin, user_name="eve", policy_arn=arn)
    assert "Nobody who has the policy made a call in the last 90 days." in ask(document("s3:Get*"))[1]


def test_conditions_meet_the_facts_of_the_call(ask, eve):
    """The source address and the second factor are those of the moment; a key that the call did not have was absent."""
    calling(create_group, eve, group_name="one")
    kept = {"Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}
    assert not ask(document("iam:CreateGroup", **kept))[0].sides
    other = {"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}
    assert ask(document("iam:CreateGroup", **other))[0].losses.number == 1
    factor = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
    answer = ask(document("iam:CreateGroup", **factor))[0]
    assert (answer.losses.number, answer.unknown.number) == (1, 0)


def test_what_the_record_does_not_have_cannot_be_told(ask, admin, arn):
    """A session's tags are not recorded; of its policy no more than a denial's explanation says."""
    create_role(admin, role_name="worker", assume_role_policy_document=TRUST)
    attach_role_policy(admin, role_name="worker", policy_arn=arn)
    limit = document(["iam:Create*", "iam:GetGroup"])
    calling(create_group, in_session("worker", tags={"team": "blue"}, policy=limit), group_name="one")
    calling(delete_group, in_session("worker", policy=limit), group_name="one")
    by_tag = {"Condition": {"StringEquals": {"aws:PrincipalTag/team": "blue"}}}
    answer, text = ask(document("iam:CreateGroup", **by_tag))
    assert (answer.losses.number, answer.unknown.number) == (0, 1)
    assert "Of 1 call by 1 principal it cannot be told" in text
    assert "Not in the record: aws:PrincipalTag/team" in text
    answer, _text = ask(document(["iam:GetGroup", "iam:DeleteGroup"]))
    assert (answer.losses.number, answer.gains.number, answer.unknown.number) == (1, 0, 0), "its own policy forbids it"
    calling(delete_group, in_session("worker"), group_name="one")
    answer, _text = ask(document(["iam:CreateGroup", "iam:DeleteGroup"]))
    assert (answer.losses.number, answer.gains.number, answer.unknown.number) == (0, 1, 0)


def test_a_boundary_and_a_group_concern_their_users_too(ask, admin, arn, make_user, caller_of):
    make_user("eve", document("iam:*"))
    put_user_permissions_boundary(admin, user_name="eve", permissions_boundary=arn)
    make_user("fred")
    create_group(admin, group_name="ops")
    add_user_to_group(admin, group_name="ops", user_name="fred")
    attach_group_policy(admin, group_name="ops", policy_arn=arn)
    for name in ("eve", "fred"):
        calling(create_group, caller_of(User.objects.get(name=name)), group_name=name)
    calling(delete_group, caller_of(User.objects.get(name="eve")), group_name="fred")
    answer, _text = ask(document(["iam:DeleteGroup", "iam:GetGroup"]))
    assert (answer.losses.number, answer.losses.principals) == (2, 2)
    assert answer.gains.number == 1, "what the boundary alone denied"


def test_who_may_not_read_the_trail_is_told_so(client, admin, eve, arn, make_user):
    calling(create_group, eve, group_name="one")
    create_policy_version(admin, policy_arn=arn, policy_document=document("iam:GetGroup"))
    allowed = document(["iam:GetPolicy*", "iam:ListPolicyVersions", "iam:SetDefaultPolicyVersion"])
    sign_in(client, make_user("vera", allowed))
    response = client.get(reverse("policies:set-default", args=[arn]) + "?version=v2")
    assert response.status_code == 200
    assert response.context["replay"].refusal.permission == "cloudtrail:LookupEvents"
    assert "is shown to whoever may read the audit trail" in words(response)
    assert "user/eve" not in words(response)


def test_the_editors_review_shows_it(signed_in, arn, eve):
    calling(create_group, eve, group_name="one")
    page = reverse("policies:edit", args=[arn])
    seen = re.search(r'name="seen" value="(\w+)"', words(signed_in.get(page)))[1]
    sent = {"policy_document": document("iam:GetGroup"), "seen": seen, "review": "1"}
    assert "1 call by 1 principal that was allowed would be denied." in words(signed_in.post(page, sent))


def test_the_review_of_an_inline_policy_shows_it(signed_in, admin, eve):
    """Of one that is there, and of a new one: a deny that the members of a group get."""
    calling(create_group, eve, group_name="one")
    add_user_to_group(admin, group_name=create_group(admin, group_name="ops")["Group"]["GroupName"], user_name="eve")
    page = reverse("accounts:group-inline-create", args=["ops"])
    sent = {"policy_name": "own", "policy_document": document("iam:*", effect="Deny"), "review": "1"}
    assert "1 call by 1 principal that was allowed would be denied." in words(signed_in.post(page, sent))
    assert signed_in.post(page, {key: sent[key] for key in ("policy_name", "policy_document")}).status_code == 302
    page = reverse("accounts:group-inline", args=["ops", "own"])
    seen = re.search(r'name="seen" value="(\w+)"', words(signed_in.get(page)))[1]
    changed = {"policy_document": document("iam:Get*", effect="Deny"), "seen": seen, "review": "1"}
    shown = words(signed_in.post(page, changed))
    assert "No call that was made would be decided otherwise." in shown, "it was denied by nothing then, and is today"


def test_the_number_of_queries_is_fixed(ask, eve):
    def asked(text):
        with CaptureQueriesContext(connection) as queries:
            answer = ask(text)[0]
        return answer, len(queries)

    for number in range(10):
        calling(create_group, eve, group_name=f"group{number}")
    asked(document("iam:ListGroups"))
    few, few_queries = asked(document("iam:GetGroup"))
    template = Event.objects.filter(name="CreateGroup").latest("id")
    same = {field.name: getattr(template, field.name) for field in Event._meta.concrete_fields if field.name != "id"}
    Event.objects.bulk_create(
        Event(
            **{
                **same,
                "sequence": 10_000 + n,
                "event_id": f"00000000-0000-4000-8000-{n:012}",
                "time": now() - timedelta(hours=n),
            }
        )
        for n in range(190)
    )
    many, many_queries = asked(document("iam:GetGroup", Sid="more"))
    assert (few.losses.number, many.losses.number) == (10, 200)
    assert few_queries == many_queries


def test_the_reviews_ask_few_queries_whoever_has_the_policy_and_whatever_they_did(
    signed_in, admin, arn, eve, caller_of
):
    """A user, a group's member, a bounded user and a role, all with tags and other policies; roles that were assumed."""
    User.objects.get(name="eve").tags.create(key="team", key_folded="team", value="blue")
    trust = {"role_name": "worker", "assume_role_policy_document": TRUST, "tags": [{"Key": "team", "Value": "blue"}]}
    role = create_role(admin, **trust)["Role"]["Arn"]
    wide = document(["iam:*Group*", "sts:AssumeRole"])
    limits = create_policy(admin, policy_name="limits", policy_document=wide)["Policy"]["Arn"]
    create_policy_version(admin, policy_arn=arn, policy_document=wide, set_as_default=True)
    create_policy_version(admin, policy_arn=arn, policy_document=document("iam:GetGroup"))
    attach_role_policy(admin, role_name="worker", policy_arn=arn)
    attach_user_policy(admin, user_name="eve", policy_arn=limits)
    put_user_permissions_boundary(admin, user_name="eve", permissions_boundary=arn)
    create_group(admin, group_name="ops")
    for change in (put_group_policy, put_user_policy):
        holder = {"group_name": "ops"} if change is put_group_policy else {"user_name": "eve"}
        change(admin, policy_name="own", policy_document=wide, **holder)
    attach_group_policy(admin, group_name="ops", policy_arn=arn)
    add_user_to_group(admin, group_name="ops", user_name="eve")
    calling(create_group, caller_of(User.objects.get(name="eve")), group_name="one")
    assume_role(caller_of(User.objects.get(name="eve")), role_arn=role, role_session_name="work")
    calling(create_group, in_session("worker"), group_name="two")
    default = reverse("policies:set-default", args=[arn]) + "?version=v3"
    edited = reverse("policies:edit", args=[arn])
    inline = [
        reverse(f"accounts:{kind}-inline", args=[name, "own"]) for kind, name in (("user", "eve"), ("group", "ops"))
    ]
    reviews = [(default, None)]
    for page in (edited, *inline):
        seen = re.search(r'name="seen" value="(\w+)"', words(signed_in.get(page)))[1]
        reviews.append((page, {"policy_document": document("iam:ListGroups"), "seen": seen, "review": "1"}))
    for page, sent in reviews:
        with CaptureQueriesContext(connection) as done:
            answer = signed_in.get(page) if sent is None else signed_in.post(page, sent)
        assert answer.context["replay"].value.looked.calls, page
        asked = [query["sql"] for query in done if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
        assert len(asked) <= 15, (page, asked)


def test_the_newest_of_each_are_looked_at(ask, eve, monkeypatch):
    monkeypatch.setattr("access.replay.calls.LOOKED_AT", 2)
    for name in ("one", "two", "three"):
        calling(create_group, eve, group_name=name)
    answer, text = ask(document("iam:GetGroup"))
    assert [row.resource.rpartition("/")[2] for row in answer.losses.rows] == ["three", "two"]
    assert "The calls of 1 principal reach the limit: of each, the newest 2 are looked at." in text


def test_many_bundles_are_what_each_principal_has(admin, dora, arn, eve):
    create_role(admin, role_name="worker", assume_role_policy_document=TRUST)
    attach_role_policy(admin, role_name="worker", policy_arn=arn)
    put_user_permissions_boundary(admin, user_name="dora", permissions_boundary=arn)
    rows = [*User.objects.all(), *Role.objects.all()]
    found = bundles(rows).of
    for row in rows:
        held = policies_of_user(row) if isinstance(row, User) else policies_of_role(row)
        bundle = found[row.unique_id]
        assert {(n.name, n.policy.text) for n in held.identity} == {(n.name, n.policy.text) for _, n in bundle.identity}
        assert [n.arn for n in held.boundaries] == ([bundle.boundary[1].arn] if bundle.boundary else [])


# --- another boundary -----------------------------------------------------------------------------------------------------


def reviewed(client, holder, **asked):
    """The review of another boundary: what the record says, and the page's text."""
    response = client.post(f"/{holder}/boundary/", asked)
    return response.context["replay"], words(response)


def test_a_boundary_that_is_set_tells_which_calls_it_would_deny(signed_in, admin, eve):
    calling(create_group, eve, group_name="one")
    calling(get_group, eve, group_name="one")
    calling(delete_group, eve, group_name="one")  # denied, and no boundary grants it
    within = create_policy(admin, policy_name="within", policy_document=document(["iam:GetGroup", "iam:DeleteGroup"]))[
        "Policy"
    ]["Arn"]
    found, text = reviewed(signed_in, "users/eve", permissions_boundary=within, seen=mark(""))
    assert [row.action for row in found.value.losses.rows] == ["iam:CreateGroup"]
    assert not found.value.gains.rows
    assert "1 call by 1 principal that was allowed would be denied." in text
    assert "under the boundary as it is and as it would be" in text
    assert "principals that have the policy" not in text


def test_a_boundary_that_is_removed_tells_which_calls_it_held_back(signed_in, admin, eve, make_user, caller_of):
    within = create_policy(admin, policy_name="within", policy_document=document(["iam:GetGroup"]))["Policy"]["Arn"]
    put_user_permissions_boundary(admin, user_name="eve", permissions_boundary=within)
    held = caller_of(User.objects.get(name="eve"))
    calling(create_group, held, group_name="one")
    calling(delete_group, held, group_name="one")
    found, text = reviewed(signed_in, "users/eve", remove="1", seen=mark(within))
    assert [row.action for row in found.value.gains.rows] == ["iam:CreateGroup"]
    assert "1 call by 1 principal that was denied would be allowed." in text


def test_a_boundary_of_who_made_no_call(signed_in, admin, eve):
    create_policy(admin, policy_name="within", policy_document=document(["iam:GetGroup"]))
    arn = ManagedPolicy.objects.get(name="within").arn
    _found, text = reviewed(signed_in, "users/eve", permissions_boundary=arn, seen=mark(""))
    assert "No call was made in the last 90 days." in text


def test_a_boundary_for_who_may_not_read_the_trail(client, admin, eve, make_user):
    rights = ["iam:Get*", "iam:List*", "iam:PutUserPermissionsBoundary"]
    sign_in(client, make_user("limiter", document(rights)))
    within = create_policy(admin, policy_name="within", policy_document=document(["iam:GetGroup"]))["Policy"]["Arn"]
    found, text = reviewed(client, "users/eve", permissions_boundary=within, seen=mark(""))
    assert found.refusal is not None
    assert "cloudtrail:LookupEvents" in text
