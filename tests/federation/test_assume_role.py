"""AssumeRole: who may, for how long, with what, and what comes of it."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from botocore.exceptions import ClientError

from access.credentials import forget_all
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


def test_a_source_identity_needs_its_own_permission(account, sts, make_role):
    make_role("worker", ALICE_ROOTS)
    code, message = refused(sts.assume_role, RoleArn=ROLE, RoleSessionName="session", SourceIdentity="alice")
    assert (code, "sts:SetSourceIdentity on resource: " + ROLE in message) == ("AccessDenied", True)
    code, message = refused(sts.assume_role, RoleArn=ROLE, RoleSessionName="session", Tags=[{"Key": "a", "Value": "b"}])
    assert (code, "sts:TagSession on resource: " + ROLE in message) == ("AccessDenied", True)


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


def test_session_policies_limit_the_role(account, sts, sdk, iam, make_role):
    make_role("worker", policy=allow("iam:List*"))
    inline = assume(sts, Policy=allow("iam:ListUsers", "iam:CreateUser"))
    assert 0 < inline["PackedPolicySize"] <= 100
    limited = sdk("iam", inline["Credentials"])
    assert limited.list_users()["Users"]
    _, message = refused(limited.list_roles)
    assert message.endswith("because no session policy allows the iam:ListRoles action")
    assert refused(limited.create_user, UserName="dora")[0] == "AccessDenied"
    policy = iam.create_policy(PolicyName="roles", PolicyDocument=allow("iam:ListRoles"))["Policy"]
    managed = sdk("iam", assume(sts, PolicyArns=[{"arn": policy["Arn"]}])["Credentials"])
    assert managed.list_roles()["Roles"]
    assert refused(managed.list_users)[0] == "AccessDenied"
    both = sdk("iam", assume(sts, PolicyArns=[{"arn": policy["Arn"]}], Policy=allow("iam:ListUsers"))["Credentials"])
    assert both.list_users()
    assert both.list_roles()
    iam.delete_policy(PolicyArn=policy["Arn"])
    assert refused(managed.list_roles)[0] == "AccessDenied"
    wish = {"RoleArn": ROLE, "RoleSessionName": "session"}
    assert refused(sts.assume_role, **wish, PolicyArns=[{"arn": policy["Arn"]}])[0] == "MalformedPolicyDocument"
    assert refused(sts.assume_role, **wish, Policy="{")[0] == "MalformedPolicyDocument"
    assert refused(sts.assume_role, **wish, Policy=" " * 2049)[0] == "ValidationError"
    assert (
        refused(sts.assume_role, **wish, PolicyArns=[{"arn": f"{policy['Arn']}{number}"} for number in range(11)])[0]
        == "ValidationError"
    )


def test_what_does_not_fit_into_a_token(account, sts, make_role):
    import secrets

    make_role("worker", actions=("sts:AssumeRole", "sts:TagSession"))
    tags = [{"Key": f"k{number}", "Value": secrets.token_hex(100)} for number in range(40)]
    code, message = refused(sts.assume_role, RoleArn=ROLE, RoleSessionName="session", Tags=tags)
    assert code == "PackedPolicyTooLarge"
    assert message.startswith("Packed size of session tags consumes ")
    tags = [{"Key": f"k{number}", "Value": "v" * 256} for number in range(50)]
    answer = assume(sts, Tags=tags)
    assert answer["PackedPolicySize"] <= 100
    assert len(answer["Credentials"]["SessionToken"]) < 4096


def test_the_size_of_tokens(account, sts, sdk, make_role):
    make_role("worker")
    plain = assume(sts)
    assert plain["SessionTokenSize"] == len(plain["Credentials"]["SessionToken"])
    padded = assume(sts, MinimumSessionTokenSize=3000)
    assert 3000 <= padded["SessionTokenSize"] == len(padded["Credentials"]["SessionToken"]) < 3100
    assert padded["SessionTokenUtilization"] == 73
    assert sdk("sts", padded["Credentials"]).get_caller_identity()


def test_tokens_that_are_wrong_missing_or_somebody_elses(account, sts, sdk, make_role, admin_key):
    make_role("worker")
    one, two = assume(sts)["Credentials"], assume(sts)["Credentials"]
    token = one["SessionToken"]
    middle = len(token) // 2
    flipped = token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1 :]
    wrong = [
        one | {"SessionToken": None},
        one | {"SessionToken": two["SessionToken"]},
        one | {"SessionToken": flipped},
        one | {"SessionToken": "x" * 10_000},
        {"AccessKeyId": admin_key.key_id, "SecretAccessKey": admin_key.secret, "SessionToken": token},
    ]
    for given in wrong:
        assert refused(sdk("sts", given).get_caller_identity) == (
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        )
    assert (
        refused(sdk("sts", one | {"SecretAccessKey": two["SecretAccessKey"]}).get_caller_identity)[0]
        == "SignatureDoesNotMatch"
    )


def test_a_session_ends_with_its_time_its_role_or_by_hand(account, sts, sdk, iam, make_role, last_event):
    make_role("worker")
    given = assume(sts, DurationSeconds=900)["Credentials"]
    client = sdk("sts", given)
    assert client.get_caller_identity()
    with time_machine.travel(given["Expiration"] + timedelta(seconds=1)):
        assert refused(client.get_caller_identity) == (
            "ExpiredToken",
            "The security token included in the request is expired",
        )
        for _held in (True, False):  # by the process that has the session in memory, and by one that has not
            record = last_event()
            assert (record["errorCode"], record["additionalEventData"]["reason"]) == (
                "ExpiredToken",
                "The session has expired.",
            )
            assert record["userIdentity"]["arn"] == "arn:aws:sts::123456789012:assumed-role/worker/session"
            forget_all()
            assert refused(client.get_caller_identity)[0] == "ExpiredToken"
    from operations.caller import command_caller
    from operations.gate import REGISTRY

    system = command_caller("123456789012")
    listed = REGISTRY["iam:ListRoleSessions"](system, role_name="worker")["Sessions"]
    assert [(row["AccessKeyId"], row["RoleSessionName"], row["SourceArn"]) for row in listed] == [
        (given["AccessKeyId"], "session", ALICE)
    ]
    REGISTRY["iam:RevokeRoleSession"](system, role_name="worker", access_key_id=given["AccessKeyId"])
    assert refused(client.get_caller_identity)[0] == "InvalidClientTokenId"
    record = last_event()
    assert (record["errorCode"], record["additionalEventData"]["reason"]) == (
        "InvalidClientTokenId",
        "The session was revoked.",
    )
    again = assume(sts)["Credentials"]
    role_id = iam.get_role(RoleName="worker")["Role"]["RoleId"]
    iam.delete_role(RoleName="worker")
    assert refused(sdk("sts", again).get_caller_identity)[0] == "InvalidClientTokenId"
    record = last_event()
    assert record["additionalEventData"]["reason"] == "The role or user of the session was deleted."
    who = record["userIdentity"]
    assert (who["principalId"], who["accessKeyId"]) == (f"{role_id}:session", again["AccessKeyId"])
    make_role("worker")
    assert refused(sdk("sts", again).get_caller_identity)[0] == "InvalidClientTokenId"  # a namesake is another role


def test_sessions_are_revoked_by_their_time_of_issue(account, sts, sdk, iam, make_role):
    make_role("worker", policy=allow("iam:ListUsers"))
    old = sdk("iam", assume(sts)["Credentials"])
    assert old.list_users()
    later = datetime.now(UTC) + timedelta(seconds=2)
    deny = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Action": ["*"],
                "Resource": ["*"],
                "Condition": {"DateLessThan": {"aws:TokenIssueTime": later.strftime("%Y-%m-%dT%H:%M:%SZ")}},
            }
        ],
    }
    iam.put_role_policy(RoleName="worker", PolicyName="AWSRevokeOlderSessions", PolicyDocument=json.dumps(deny))
    assert refused(old.list_users)[0] == "AccessDenied"
    with time_machine.travel(later + timedelta(seconds=1)):
        fresh = sdk("iam", assume(sts)["Credentials"])
        assert fresh.list_users()


def test_a_trust_policy_counts_when_a_role_is_assumed_not_later(account, sts, sdk, iam, make_role):
    make_role("worker", policy=allow("iam:ListUsers"))
    client = sdk("iam", assume(sts)["Credentials"])
    closed = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
    iam.update_assume_role_policy(RoleName="worker", PolicyDocument=json.dumps(closed))
    assert client.list_users()
    assert refused(sts.assume_role, RoleArn=ROLE, RoleSessionName="session")[0] == "AccessDenied"


def test_a_role_needs_to_be_trusted_to_assume_itself(account, sts, sdk, make_role, iam):
    make_role("worker", ALICE_ROOTS, policy=allow("iam:ListUsers"))
    given = assume(sts)["Credentials"]
    assert refused(sdk("sts", given).assume_role, RoleArn=ROLE, RoleSessionName="again")[0] == "AccessDenied"
    iam.put_role_policy(RoleName="worker", PolicyName="self", PolicyDocument=allow("sts:AssumeRole", resource=ROLE))
    assert assume(sdk("sts", given), name="again")


def test_contexts_of_providers_that_nobody_knows_are_not_ignored(account, sts, make_role):
    make_role("worker")
    context = [{"ProviderArn": "arn:aws:iam::aws:contextProvider/IdentityCenter", "ContextAssertion": "abcd"}]
    assert (
        refused(sts.assume_role, RoleArn=ROLE, RoleSessionName="session", ProvidedContexts=context)[0]
        == "ValidationError"
    )


def test_sessions_that_ended_long_ago_are_forgotten(account, sts, make_role):
    make_role("worker")
    given = assume(sts)["Credentials"]
    IssuedSession.objects.filter(key_id=given["AccessKeyId"]).update(expires_at=datetime.now(UTC) - timedelta(days=2))
    assume(sts)
    assert not IssuedSession.objects.filter(key_id=given["AccessKeyId"]).exists()


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::123456789012:user/alice",
        "arn:aws:iam::123456789012:policy/worker",
        "arn:aws:iam::123456789012:worker/role",
        "arn:aws:sts::123456789012:assumed-role/worker/session",
        "arn:aws:iam::aws:role/worker",
        "arn:aws:iam:123456789012",
    ],
)
def test_what_is_no_role_cannot_be_assumed(account, sts, make_role, arn):
    make_role("worker")
    assert refused(sts.assume_role, RoleArn=arn, RoleSessionName="session") == ("ValidationError", f"{arn} is invalid")
