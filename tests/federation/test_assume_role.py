"""AssumeRole: who may, for how long, with what, and what comes of it."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from accounts.models import Role
from federation.models import IssuedSession
from federation.tokens import unseal
from operations.gate import REGISTRY
from operations.models import Event
from tests.federation.conftest import allow

ALICE = "arn:aws:iam::123456789012:user/alice"
ROLE = "arn:aws:iam::123456789012:role/worker"
OTHER = "210987654321"


def refused(call, **params):
    with pytest.raises(ClientError) as error:
        call(**params)
    return error.value.response["Error"]["Code"], error.value.response["Error"].get("Message")


def assume(client, role=ROLE, name="session", **params):
    return client.assume_role(RoleArn=role, RoleSessionName=name, **params)


def test_a_session_acts_as_its_role(account, sts, sdk, make_role, make_user, last_event):
    role = make_role("worker", policy=allow("iam:ListRoles"), path="/team/", max_session_duration=7200)
    answer = assume(sts, role.arn, "build-1", DurationSeconds=900)
    given = answer["Credentials"]
    assert given["AccessKeyId"].startswith("ASIA")
    assert len(given["SecretAccessKey"]) == 40
    assert timedelta(seconds=890) < given["Expiration"] - datetime.now(UTC) <= timedelta(seconds=900)
    assert answer["AssumedRoleUser"] == {
        "AssumedRoleId": f"{role.unique_id}:build-1",
        "Arn": "arn:aws:sts::123456789012:assumed-role/worker/build-1",
    }
    assert "PackedPolicySize" not in answer
    record = last_event()
    assert (record["eventName"], record["eventSource"], record["readOnly"]) == ("AssumeRole", "sts.amazonaws.com", True)
    assert record["additionalEventData"]["credentials"]["accessKeyId"] == given["AccessKeyId"]
    assert record["resources"][0] == {"ARN": role.arn, "type": "AWS::IAM::Role", "accountId": "123456789012"}
    text = Event.objects.latest("id").record
    assert given["SecretAccessKey"] not in text
    assert given["SessionToken"] not in text

    identity = sdk("sts", given).get_caller_identity()
    assert identity["Arn"] == "arn:aws:sts::123456789012:assumed-role/worker/build-1"
    assert identity["UserId"] == f"{role.unique_id}:build-1"
    worker = sdk("iam", given)
    assert [row["RoleName"] for row in worker.list_roles()["Roles"]] == ["worker"]
    who = last_event()["userIdentity"]
    assert who["type"] == "AssumedRole"
    assert who["sessionContext"]["sessionIssuer"] == {
        "type": "Role",
        "principalId": role.unique_id,
        "arn": role.arn,
        "accountId": "123456789012",
        "userName": "worker",
    }
    assert who["sessionContext"]["attributes"]["mfaAuthenticated"] == "false"
    assert who["sessionContext"]["assumedBy"] == ALICE
    _, message = refused(worker.list_users)
    assert message == (
        "User: arn:aws:sts::123456789012:assumed-role/worker/build-1 is not authorized to perform: iam:ListUsers on resource: "
        "arn:aws:iam::123456789012:user/ because no identity-based policy allows the iam:ListUsers action"
    )
    assert refused(worker.get_user) == (
        "ValidationError",
        "Must specify userName when calling with non-User credentials",
    )
    assert Role.objects.get(pk=role.pk).last_used_at
    assert refused(sts.assume_role, RoleArn=role.arn, RoleSessionName="x" * 2, DurationSeconds=7201) == (
        "ValidationError",
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    )


def test_who_is_trusted(account, sdk, make_role, make_user, key_of):
    """In one account a trust policy that names the caller is enough; one that names the account leaves it to the caller's policies."""
    bob, carol = make_user("bob"), make_user("carol", allow("sts:AssumeRole"))
    make_role("by-name", "arn:aws:iam::123456789012:user/bob")
    make_role("by-account")
    named, account_wide = "arn:aws:iam::123456789012:role/by-name", "arn:aws:iam::123456789012:role/by-account"
    of_bob, of_carol = sdk("sts", key_of(bob)), sdk("sts", key_of(carol))
    assert assume(of_bob, named)
    assert assume(of_carol, account_wide)
    for client, arn in ((of_bob, account_wide), (of_carol, named)):
        assert refused(client.assume_role, RoleArn=arn, RoleSessionName="session")[0] == "AccessDenied"


def test_an_unknown_role_is_refused_like_one_that_does_not_trust(account, sdk, make_role, make_user, key_of):
    make_user("bob")
    make_role("worker", "arn:aws:iam::123456789012:user/bob")
    client = sdk("sts", key_of(make_user("carol", allow("sts:*"))))
    nowhere = ROLE.replace("worker", "nowhere")
    code, message = refused(client.assume_role, RoleArn=ROLE, RoleSessionName="session")
    assert code == "AccessDenied"
    assert refused(client.assume_role, RoleArn=nowhere, RoleSessionName="session") == (
        code,
        message.replace(ROLE, nowhere),
    )
    assert (
        refused(client.assume_role, RoleArn="arn:aws:s3:::bucket/some/thing", RoleSessionName="session")[0]
        == "ValidationError"
    )
    assert (
        refused(client.assume_role, RoleArn=ROLE.replace("role/", "role/wrong/path/"), RoleSessionName="session")[0]
        == "AccessDenied"
    )


def test_between_accounts_both_sides_must_allow(account, other_account, sdk, make_role, make_user, key_of):
    abroad = make_user("erin", allow("sts:AssumeRole"), OTHER)
    idle = make_user("frank", None, OTHER)
    make_role("worker", f"arn:aws:iam::{OTHER}:root")
    make_role("closed")
    answer = assume(sdk("sts", key_of(abroad)))
    assert sdk("sts", answer["Credentials"]).get_caller_identity()["Account"] == "123456789012"
    assert refused(sdk("sts", key_of(idle)).assume_role, RoleArn=ROLE, RoleSessionName="session")[0] == "AccessDenied"
    assert (
        refused(
            sdk("sts", key_of(abroad)).assume_role, RoleArn=ROLE.replace("worker", "closed"), RoleSessionName="session"
        )[0]
        == "AccessDenied"
    )
    here = json.loads(Event.objects.filter(account_id="123456789012", name="AssumeRole").latest("id").record)
    assert here["userIdentity"] == {"type": "AWSAccount", "principalId": abroad.unique_id, "accountId": OTHER}
    assert here["additionalEventData"]["credentials"]["accessKeyId"] == answer["Credentials"]["AccessKeyId"]
    assert Event.objects.filter(account_id=OTHER, name="AssumeRole", error_code="").count() == 1


def test_the_root_user_may_not_assume_roles(account, sdk, make_role, key_of, root):
    from accounts.models import User

    make_role("worker", "*")
    client = sdk("sts", key_of(User.everyone.get(is_root=True)))
    assert refused(client.assume_role, RoleArn=ROLE, RoleSessionName="session") == (
        "AccessDenied",
        "Roles may not be assumed by root accounts.",
    )


def test_external_id_source_identity_and_session_name_in_the_trust_policy(account, sts, make_role):
    condition = {
        "StringEquals": {"sts:ExternalId": "4711", "sts:RoleSessionName": "nightly"},
        "StringLike": {"sts:SourceIdentity": "al*"},
    }
    make_role("worker", actions=("sts:AssumeRole", "sts:SetSourceIdentity"), condition=condition)
    answer = assume(sts, name="nightly", ExternalId="4711", SourceIdentity="alice")
    assert answer["SourceIdentity"] == "alice"
    for change in (
        {"ExternalId": "4712"},
        {"ExternalId": None},
        {"SourceIdentity": "bob"},
        {"SourceIdentity": None},
        {"RoleSessionName": "daily"},
    ):
        wish = {"RoleArn": ROLE, "RoleSessionName": "nightly", "ExternalId": "4711", "SourceIdentity": "alice"} | change
        assert refused(sts.assume_role, **{key: value for key, value in wish.items() if value})[0] == "AccessDenied"


def test_a_source_identity_needs_its_own_permission(account, sts, make_role, last_event):
    make_role("worker", ALICE_ROOTS)
    code, message = refused(sts.assume_role, RoleArn=ROLE, RoleSessionName="session", SourceIdentity="alice")
    assert (code, "sts:SetSourceIdentity on resource: " + ROLE in message) == ("AccessDenied", True)
    record = last_event()
    assert (record["eventName"], record["decision"]["action"]) == ("AssumeRole", "sts:SetSourceIdentity")
    code, message = refused(sts.assume_role, RoleArn=ROLE, RoleSessionName="session", Tags=[{"Key": "a", "Value": "b"}])
    assert (code, "sts:TagSession on resource: " + ROLE in message) == ("AccessDenied", True)
    assert last_event()["decision"]["action"] == "sts:TagSession"


ALICE_ROOTS = "arn:aws:iam::123456789012:root"


def test_mfa_in_the_trust_policy(account, sts, sdk, make_role, admin_user):
    from accounts.mfa import code_at, new_seed, step_at
    from accounts.models import MfaDevice

    seed = new_seed()
    serial = "arn:aws:iam::123456789012:mfa/alice"
    MfaDevice.objects.create(
        account_id="123456789012",
        user=admin_user,
        name="alice",
        serial_number=serial,
        seed=seed,
        enabled_at=datetime.now(UTC),
    )
    make_role(
        "worker",
        condition={
            "Bool": {"aws:MultiFactorAuthPresent": "true"},
            "NumericLessThan": {"aws:MultiFactorAuthAge": "300"},
        },
    )
    wish = {"RoleArn": ROLE, "RoleSessionName": "session"}
    assert refused(sts.assume_role, **wish)[0] == "AccessDenied"
    code = code_at(seed, step_at(datetime.now(UTC)))
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert refused(sts.assume_role, **wish, SerialNumber=serial, TokenCode=wrong)[0] == "AccessDenied"
    assert refused(sts.assume_role, **wish, SerialNumber=serial + "x", TokenCode=code)[0] == "AccessDenied"
    answer = sts.assume_role(**wish, SerialNumber=serial, TokenCode=code)
    assert unseal(answer["Credentials"]["SessionToken"]).mfa_at is None
    assert (
        refused(sts.assume_role, **wish, SerialNumber=serial, TokenCode=code)[0] == "AccessDenied"
    )  # a code counts once


@pytest.mark.parametrize(
    "half", [{"SerialNumber": "arn:aws:iam::123456789012:mfa/alice"}, {"TokenCode": "123456"}], ids=["serial", "code"]
)
def test_half_a_second_factor_is_none(account, sts, make_role, half):
    make_role("worker")
    both = "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code."
    assert refused(sts.assume_role, RoleArn=ROLE, RoleSessionName="session", **half) == ("AccessDenied", both)
    assert refused(sts.get_session_token, **half) == ("AccessDenied", both)
    assert not IssuedSession.objects.exists()


def test_the_region_of_a_call(account, sdk, make_user, key_of, make_role):
    """STS has a Region of its own for each call; IAM's one endpoint stands in us-east-1 (IAM User Guide, aws:RequestedRegion)."""
    where = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
    statement = {"Effect": "Allow", "Action": ["sts:*", "iam:ListUsers"], "Resource": "*", "Condition": where}
    key = key_of(make_user("bob", json.dumps({"Version": "2012-10-17", "Statement": [statement]})))
    make_role("worker")
    assert sdk("sts", key, region="eu-west-1").get_federation_token(Name="partner")
    assert assume(sdk("sts", key, region="eu-west-1"))
    assert refused(sdk("sts", key).get_federation_token, Name="partner")[0] == "AccessDenied"
    assert refused(assume, client=sdk("sts", key))[0] == "AccessDenied"
    assert refused(sdk("iam", key, region="eu-west-1").list_users)[0] == "AccessDenied"


def test_a_session_token_with_mfa_carries_its_factor_into_the_trust_policy(account, sts, sdk, make_role, admin_user):
    from accounts.mfa import code_at, new_seed, step_at
    from accounts.models import MfaDevice

    seed = new_seed()
    serial = "arn:aws:iam::123456789012:mfa/alice"
    MfaDevice.objects.create(
        account_id="123456789012",
        user=admin_user,
        name="alice",
        serial_number=serial,
        seed=seed,
        enabled_at=datetime.now(UTC),
    )
    make_role("worker", condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    given = sts.get_session_token(SerialNumber=serial, TokenCode=code_at(seed, step_at(datetime.now(UTC))))[
        "Credentials"
    ]
    assert assume(sdk("sts", given))
    assert sdk("iam", given).get_user()["User"]["UserName"] == "alice"


def test_chaining_lasts_an_hour_and_keeps_what_must_last(account, sts, sdk, make_role, last_event):
    open_to_all = ("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity")
    make_role("worker", actions=open_to_all, policy=allow("sts:*"), tags=[{"Key": "Team", "Value": "own"}])
    second = make_role("second", actions=open_to_all, max_session_duration=43200, policy=allow("iam:*"))
    first = assume(
        sts,
        SourceIdentity="alice",
        Tags=[{"Key": "team", "Value": "blue"}, {"Key": "cost", "Value": "7"}],
        TransitiveTagKeys=["team"],
    )["Credentials"]
    chained = sdk("sts", first)
    wish = {"RoleArn": second.arn, "RoleSessionName": "second"}
    assert refused(chained.assume_role, **wish, DurationSeconds=3601) == (
        "ValidationError",
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    )
    assert refused(chained.assume_role, **wish, SourceIdentity="bob") == (
        "ValidationError",
        "The source identity is already set for this assume role session",
    )
    for key in ("team", "TEAM"):
        assert refused(chained.assume_role, **wish, Tags=[{"Key": key, "Value": "red"}]) == (
            "InvalidParameterValue",
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
        )
    answer = chained.assume_role(**wish, DurationSeconds=3600)
    assert answer["SourceIdentity"] == "alice"
    session = unseal(answer["Credentials"]["SessionToken"])
    assert (dict(session.tags), session.transitive, session.source_identity) == ({"team": "blue"}, ("team",), "alice")
    sdk("iam", answer["Credentials"]).list_roles()
    assert last_event()["userIdentity"]["sessionContext"]["sourceIdentity"] == "alice"
    assert (
        last_event()["userIdentity"]["sessionContext"]["assumedBy"]
        == "arn:aws:sts::123456789012:assumed-role/worker/session"
    )


def test_session_tags_stand_over_the_roles_tags(account, sts, sdk, make_role):
    policy = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "iam:ListUsers",
                    "Resource": "*",
                    "Condition": {"StringEquals": {"aws:PrincipalTag/team": "blue"}},
                }
            ],
        }
    )
    make_role(
        "worker", actions=("sts:AssumeRole", "sts:TagSession"), policy=policy, tags=[{"Key": "Team", "Value": "red"}]
    )
    plain = assume(sts)["Credentials"]
    assert refused(sdk("iam", plain).list_users)[0] == "AccessDenied"
    tagged = assume(sts, Tags=[{"Key": "TEAM", "Value": "blue"}])
    assert sdk("iam", tagged["Credentials"]).list_users()["Users"]
    assert tagged["PackedPolicySize"] > 0
    for tags, keys, code, message in (
        (
            [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}],
            [],
            "InvalidParameterValue",
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        ),
        (
            [{"Key": "a", "Value": "1"}],
            ["b"],
            "InvalidParameterValue",
            "The specified transitive tag key must be included in the requested tags.",
        ),
        (
            [{"Key": "aws:x", "Value": "1"}],
            [],
            "ValidationError",
            "Tag key aws:x is invalid: system tags may not be requested.",
        ),
    ):
        wish = {"RoleArn": ROLE, "RoleSessionName": "session", "Tags": tags, "TransitiveTagKeys": keys}
        assert refused(sts.assume_role, **wish) == (code, message)


def test_a_trust_policy_that_denies(account, sts, make_role, system):
    make_role("worker", trusted=ALICE)
    document = json.loads(Role.objects.get(name="worker").trust_policy)
    document["Statement"].append({"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"})
    REGISTRY["iam:UpdateAssumeRolePolicy"](system, role_name="worker", policy_document=json.dumps(document))
    code, message = refused(sts.assume_role, RoleArn=ROLE, RoleSessionName="session")
    assert code == "AccessDenied"
    assert message == (
        f"User: {ALICE} is not authorized to perform: sts:AssumeRole on resource: {ROLE} with an explicit deny in the role trust policy"
    )


def test_tags_in_the_trust_policy(account, sts, make_role):
    make_role(
        "worker",
        actions=("sts:AssumeRole", "sts:TagSession"),
        condition={
            "StringEquals": {"aws:RequestTag/team": "blue"},
            "ForAllValues:StringEquals": {"aws:TagKeys": ["team"], "sts:TransitiveTagKeys": ["team"]},
        },
    )
    assert assume(sts, Tags=[{"Key": "team", "Value": "blue"}], TransitiveTagKeys=["team"])
    wish = {"RoleArn": ROLE, "RoleSessionName": "session"}
    assert refused(sts.assume_role, **wish, Tags=[{"Key": "team", "Value": "red"}])[0] == "AccessDenied"
    assert (
        refused(sts.assume_role, **wish, Tags=[{"Key": "team", "Value": "blue"}, {"Key": "x", "Value": "y"}])[0]
        == "AccessDenied"
    )
