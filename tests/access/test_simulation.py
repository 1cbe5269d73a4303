"""The simulator's Python side, which the console's page uses."""

import json

import pytest

from access.simulation import WhatIf, simulate
from access.sources import effective_sources
from accounts.models import Group, Membership, Role, User
from accounts.operations.attachments import attach_group_policy, attach_user_policy
from accounts.operations.boundaries import put_user_permissions_boundary
from accounts.operations.inline_policies import put_group_policy, put_role_policy, put_user_policy
from operations.errors import InvalidInput
from operations.ids import unique_id
from policies.operations.managed_policies import create_policy
from tests.conftest import ACCOUNT

BUCKET = "arn:aws:s3:::reports"


def document(action="s3:GetObject", resource="*", effect="Allow", **more):
    statement = {"Effect": effect, "Action": action, "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)


@pytest.fixture
def make_policy(admin):
    return lambda name, text: create_policy(admin, policy_name=name, policy_document=text)["Policy"]["Arn"]


@pytest.fixture
def dora(admin, account, make_user, make_policy):
    """A user with one policy by each way: inline, of a group, managed, managed by a group, and a boundary."""
    dora = make_user("dora")
    group = Group.objects.create(account=account, name="Ops", name_key="ops", unique_id=unique_id("AGPA"))
    Membership.objects.create(user=dora, group=group)
    put_user_policy(admin, user_name="dora", policy_name="own", policy_document=document("s3:GetObject"))
    put_group_policy(admin, group_name="Ops", policy_name="shared", policy_document=document("s3:PutObject"))
    managed = make_policy("managed", document("s3:ListBucket"))
    attach_user_policy(admin, user_name="dora", policy_arn=managed)
    attach_group_policy(admin, group_name="Ops", policy_arn=managed)
    attach_group_policy(
        admin, group_name="Ops", policy_arn=make_policy("denying", document("s3:Delete*", effect="Deny"))
    )
    return User.objects.get(pk=dora.pk)


def outcomes(verdicts):
    return {verdict.action: verdict.outcome for verdict in verdicts}


def test_sources_say_where_each_policy_comes_from(dora, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        found = effective_sources(dora)
    shown = [(source.kind, source.key, source.holders) for source in found.identity if not source.is_implicit]
    assert shown == [
        ("user", "user/dora/own", (("user", "dora"),)),
        ("group", "group/Ops/shared", (("group", "Ops"),)),
        ("user-managed", f"arn:aws:iam::{ACCOUNT}:policy/managed", (("user", "dora"), ("group", "Ops"))),
        ("user-managed", f"arn:aws:iam::{ACCOUNT}:policy/denying", (("group", "Ops"),)),
    ]
    assert [source.source_id for source in found.identity][:3] == ["user_dora_own", "group_Ops_shared", "managed"]


def test_what_is_stored_decides_as_in_reality(dora, caller_of):
    actions = ["s3:GetObject", "s3:PutObject", "s3:ListBucket", "s3:DeleteObject", "iam:CreateUser"]
    verdicts = simulate(dora, actions, [BUCKET])
    assert outcomes(verdicts) == {
        "s3:GetObject": "allowed",
        "s3:PutObject": "allowed",
        "s3:ListBucket": "allowed",
        "s3:DeleteObject": "explicitDeny",
        "iam:CreateUser": "implicitDeny",
    }
    caller = caller_of(dora)
    assert all(verdict.decision.allowed == caller.may(verdict.action, BUCKET) for verdict in verdicts)


def test_a_verdict_points_at_the_statement(dora):
    get, delete = simulate(dora, ["s3:GetObject", "s3:DeleteObject"], [BUCKET])
    (match,) = get.matched
    assert (match.source.key, match.statement, match.effect) == ("user/dora/own", 0, "Allow")
    text = match.source.document[match.span.start_offset : match.span.end_offset]
    assert json.loads(text)["Action"] == "s3:GetObject"
    assert delete.matched[0].source.name == "denying"


def test_policies_can_be_added_edited_and_left_out(dora):
    actions = ["s3:GetObject", "s3:DeleteObject", "iam:CreateUser"]
    what_if = WhatIf(
        extra=[document("iam:*")],
        edited={"user/dora/own": document("s3:DeleteObject")},
        left_out={f"arn:aws:iam::{ACCOUNT}:policy/denying"},
    )
    verdicts = simulate(dora, actions, [BUCKET], what_if)
    assert outcomes(verdicts) == {
        "s3:GetObject": "implicitDeny",
        "s3:DeleteObject": "allowed",
        "iam:CreateUser": "allowed",
    }
    assert verdicts[1].matched[0].source.key == "user/dora/own"
    assert verdicts[2].matched[0].source.name == "PolicyInputList.1"
    assert simulate(dora, ["s3:GetObject"])[0].outcome == "allowed"


def test_the_boundary_cuts_and_can_be_replaced_or_left_out(admin, dora, make_policy):
    arn = make_policy("boundary", document("s3:PutObject"))
    put_user_permissions_boundary(admin, user_name="dora", permissions_boundary=arn)
    dora.refresh_from_db()
    actions = ["s3:GetObject", "s3:PutObject"]
    assert list(outcomes(simulate(dora, actions)).values()) == ["implicitDeny", "allowed"]
    replaced = WhatIf(boundary=document("s3:GetObject"))
    assert list(outcomes(simulate(dora, actions, what_if=replaced)).values()) == ["allowed", "implicitDeny"]
    edited = WhatIf(edited={"boundary": document("s3:*")})
    assert list(outcomes(simulate(dora, actions, what_if=edited)).values()) == ["allowed", "allowed"]
    assert list(outcomes(simulate(dora, actions, what_if=WhatIf(left_out=["boundary"]))).values()) == ["allowed"] * 2
    assert simulate(dora, ["s3:GetObject"])[0].decision.blocked_by == ("boundary",)


def test_a_resource_policy_and_its_owner(dora):
    grant = document("iam:GetRole", Principal={"AWS": dora.arn})
    deny = document("s3:*", effect="Deny", Principal="*")
    allow = document("s3:GetObject", Principal={"AWS": dora.arn})
    assert simulate(dora, ["s3:GetObject"], [BUCKET], WhatIf(resource_policy=deny))[0].outcome == "explicitDeny"
    foreign = WhatIf(resource_policy=grant, resource_owner="999999999999")
    assert simulate(dora, ["s3:GetObject"], [BUCKET], foreign)[0].outcome == "implicitDeny"
    both = WhatIf(resource_policy=allow, resource_owner="999999999999")
    assert simulate(dora, ["s3:GetObject"], [BUCKET], both)[0].outcome == "allowed"
    matched = simulate(dora, ["s3:GetObject"], [BUCKET], both)[0].matched
    assert {match.source.kind for match in matched} == {"resource", "user"}


def test_service_control_policies_by_level(dora):
    full, none = document("*"), document("s3:PutObject")
    for levels, expected in (
        ([[full], [full]], "allowed"),
        ([[full], [none]], "implicitDeny"),
        ([[full], []], "implicitDeny"),
    ):
        verdict = simulate(dora, ["s3:GetObject"], [BUCKET], WhatIf(service_control=levels))[0]
        assert verdict.outcome == expected
    denied = WhatIf(service_control=[[full, document("s3:*", effect="Deny")]])
    assert simulate(dora, ["s3:GetObject"], [BUCKET], denied)[0].outcome == "explicitDeny"


def test_context_and_what_is_missing_of_it(admin, dora):
    condition = {
        "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}, "StringEquals": {"aws:PrincipalTag/team": "ops"}}
    }
    put_user_policy(
        admin, user_name="dora", policy_name="near", policy_document=document("ec2:StartInstances", **condition)
    )
    verdict = simulate(dora, ["ec2:StartInstances"])[0]
    assert verdict.outcome == "implicitDeny"
    assert verdict.missing_context == ("aws:PrincipalTag/team", "aws:SourceIp")
    dora.tags.create(key="team", key_folded="team", value="ops")
    given = WhatIf(context={"aws:SourceIp": "192.0.2.7"})
    assert simulate(dora, ["ec2:StartInstances"], what_if=given)[0].outcome == "allowed"
    elsewhere = WhatIf(context={"aws:SourceIp": "198.51.100.7"})
    assert simulate(dora, ["ec2:StartInstances"], what_if=elsewhere)[0].outcome == "implicitDeny"


def test_groups_roles_and_the_root_user_can_be_asked_too(admin, dora, account):
    group = Group.objects.get()
    assert outcomes(simulate(group, ["s3:PutObject", "s3:GetObject"])) == {
        "s3:PutObject": "allowed",
        "s3:GetObject": "implicitDeny",
    }
    Role.objects.create(
        account=account, name="worker", name_key="worker", unique_id=unique_id("AROA"), trust_policy="{}"
    )
    put_role_policy(admin, role_name="worker", policy_name="own", policy_document=document("s3:GetObject"))
    role = Role.objects.get()
    assert simulate(role, ["s3:GetObject"])[0].matched[0].source.source_id == "role_worker_own"
    root = User.everyone.get(account=account, is_root=True)
    assert simulate(root, ["iam:CreateUser"])[0].outcome == "allowed"


def test_the_trust_policy_of_a_role_decides_about_assuming_it(admin, dora, account):
    put_user_policy(admin, user_name="dora", policy_name="own", policy_document=document("sts:AssumeRole"))
    role = Role.objects.create(
        account=account,
        name="worker",
        name_key="worker",
        unique_id=unique_id("AROA"),
        trust_policy=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": {
                    "Effect": "Allow",
                    "Principal": {"Service": "ec2.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                },
            }
        ),
    )
    verdict = simulate(dora, ["sts:AssumeRole"], [role.arn])[0]
    assert (verdict.outcome, verdict.decision.blocked_by) == ("implicitDeny", ("trust",))
    role.trust_policy = role.trust_policy.replace('{"Service": "ec2.amazonaws.com"}', f'{{"AWS": "{dora.unique_id}"}}')
    role.save()
    verdict = simulate(dora, ["sts:AssumeRole"], [role.arn])[0]
    assert verdict.outcome == "allowed"
    assert "Trust policy" in {match.source.name for match in verdict.matched}
    assert simulate(dora, ["sts:AssumeRole"], [role.arn], WhatIf(trust=False))[0].outcome == "allowed"


def test_the_trace_is_there_when_asked_for(dora):
    assert simulate(dora, ["s3:GetObject"])[0].decision.trace is None
    trace = simulate(dora, ["s3:GetObject"], trace=True)[0].decision.trace.as_dict()
    assert trace["decision"]["outcome"] == "allowed"
    assert json.dumps(trace)


@pytest.mark.parametrize(
    ("what_if", "document_name", "line"),
    [
        (WhatIf(extra=[document(), '{"Version":\n oops}']), "PolicyInputList.2", 2),
        (WhatIf(edited={"user/dora/own": "{}"}), "user/dora/own", 1),
        (WhatIf(boundary="[]"), "PermissionsBoundaryPolicyInputList.1", 1),
        (WhatIf(resource_policy="x"), "ResourcePolicy", 1),
        (WhatIf(service_control=[[document()], ["{"]]), "OrderedOrganizationPolicyInputList.2.1", 1),
        (WhatIf(extra=[document(Principal="*")]), "PolicyInputList.1", 8),
    ],
)
def test_a_document_that_cannot_be_read_is_named_with_the_place(dora, what_if, document_name, line):
    with pytest.raises(InvalidInput) as refused:
        simulate(dora, ["s3:GetObject"], what_if=what_if)
    assert (refused.value.details["document"], refused.value.details["line"]) == (document_name, line)


@pytest.mark.parametrize("action", ["s3", "s3:", ":GetObject", "s3:Get*", "*", "s3:GetObjec?"])
def test_only_full_action_names(dora, action):
    with pytest.raises(InvalidInput):
        simulate(dora, [action])


def test_a_thousand_decisions_ask_as_often_as_one(dora, django_assert_max_num_queries):
    actions = [f"s3:Action{number}" for number in range(50)]
    resources = [f"arn:aws:s3:::bucket-{number}" for number in range(20)]
    simulate(dora, actions[:1])
    with django_assert_max_num_queries(8):
        verdicts = simulate(dora, actions, resources)
    assert {verdict.outcome for verdict in verdicts} == {"implicitDeny"}
    assert all(verdict.matched == [] for verdict in verdicts)
    assert len(verdicts) == 1000
