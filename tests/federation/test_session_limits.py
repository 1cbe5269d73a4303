"""What a session of a role is limited by, how it is sealed into a token, and how it ends."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from access.credentials import forget_all
from federation.models import IssuedSession
from operations.gate import REGISTRY
from tests.federation.conftest import allow
from tests.federation.test_assume_role import ALICE, ALICE_ROOTS, ROLE, assume, refused


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
