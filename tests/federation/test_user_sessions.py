"""GetSessionToken and GetFederationToken, and what their credentials may not do; who calls; whose key it is."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import User
from operations.gate import REGISTRY
from tests.federation.conftest import allow
from tests.federation.test_assume_role import ROLE, assume, refused

GONE = "The role or user of the session was deleted."
INVALID = "The security token included in the request is invalid"


def test_a_users_own_temporary_credentials(account, sts, sdk, make_role, last_event):
    make_role("worker")
    answer = sts.get_session_token(DurationSeconds=900)
    given = answer["Credentials"]
    assert set(answer) >= {"Credentials", "SessionTokenSize"}
    assert last_event()["additionalEventData"]["credentials"]["accessKeyId"] == given["AccessKeyId"]
    mine = sdk("sts", given)
    assert mine.get_caller_identity()["Arn"] == "arn:aws:iam::123456789012:user/alice"
    assert last_event()["userIdentity"]["sessionContext"]["attributes"]["mfaAuthenticated"] == "false"
    assert assume(mine)
    assert refused(sdk("iam", given).get_user) == ("InvalidClientTokenId", INVALID)
    assert last_event()["errorCode"] == "InvalidClientTokenId"
    assert refused(mine.get_session_token) == ("AccessDenied", "Cannot call GetSessionToken with session credentials")
    assert refused(mine.get_federation_token, Name="partner") == (
        "AccessDenied",
        "Cannot call GetFederationToken with session credentials",
    )
    assert refused(mine.get_access_key_info, AccessKeyId=given["AccessKeyId"]) == (
        "AccessDenied",
        "Cannot call GetAccessKeyInfo with session credentials",
    )


def test_get_session_token_cannot_be_denied(account, sdk, make_user, key_of):
    denied = '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}'
    client = sdk("sts", key_of(make_user("bob", denied)))
    given = client.get_session_token()["Credentials"]
    assert client.get_caller_identity()["Arn"].endswith("user/bob")
    assert sdk("sts", given).get_caller_identity()["Arn"].endswith("user/bob")


@pytest.mark.parametrize(("asked", "lasts"), [(None, 43200), (129600, 129600), (900, 900)])
def test_how_long_a_users_credentials_last(account, sts, asked, lasts):
    given = sts.get_session_token(**({"DurationSeconds": asked} if asked else {}))["Credentials"]
    assert abs(given["Expiration"] - datetime.now(UTC) - timedelta(seconds=lasts)) < timedelta(seconds=10)
    assert refused(sts.get_session_token, DurationSeconds=129601)[0] == "ValidationError"


def test_the_root_users_credentials_last_an_hour_at_most(account, sdk, key_of):
    root = User.everyone.get(is_root=True)
    client = sdk("sts", key_of(root))
    for asked in ({}, {"DurationSeconds": 129600}):
        given = client.get_session_token(**asked)["Credentials"]
        assert given["Expiration"] - datetime.now(UTC) <= timedelta(hours=1)
    assert sdk("sts", given).get_caller_identity()["Arn"] == "arn:aws:iam::123456789012:root"
    federated = client.get_federation_token(Name="partner", Policy=allow("iam:*"))
    assert federated["FederatedUser"]["Arn"] == "arn:aws:sts::123456789012:federated-user/partner"


def test_the_mfa_keys_of_each_kind_of_credential(account, sts, sdk, make_user, key_of, make_role):
    """Long-term keys have no such key, temporary ones have it with false (IAM User Guide, «MFA-protected API access»)."""
    absent = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "iam:ListUsers",
                "Resource": "*",
                "Condition": {"Null": {"aws:MultiFactorAuthPresent": "true", "aws:TokenIssueTime": "true"}},
            }
        ],
    }
    present = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "iam:ListUsers",
                "Resource": "*",
                "Condition": {
                    "Bool": {"aws:MultiFactorAuthPresent": "false"},
                    "Null": {"aws:TokenIssueTime": "false", "aws:MultiFactorAuthAge": "true"},
                },
            }
        ],
    }
    bob = make_user("bob", json.dumps(absent))
    assert sdk("iam", key_of(bob)).list_users()
    carol = make_user("carol", json.dumps(present))
    assert refused(sdk("iam", key_of(carol)).list_users)[0] == "AccessDenied"
    make_role("worker", policy=present)
    assert sdk("iam", assume(sts)["Credentials"]).list_users()


def test_the_keys_of_the_request_itself(account, sdk, make_user, key_of):
    condition = {
        "IpAddress": {"aws:SourceIp": "127.0.0.1/32"},
        "Bool": {"aws:SecureTransport": "false", "aws:ViaAWSService": "false", "aws:PrincipalIsAWSService": "false"},
        "StringLike": {
            "aws:UserAgent": "Boto3/*",
            "aws:username": "bob",
            "aws:userid": "AIDA*",
            "aws:PrincipalType": "User",
            "aws:PrincipalAccount": "123456789012",
        },
        "ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:user/bob"},
        "DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z", "aws:EpochTime": "1577836800"},
    }
    for operator, keys in condition.items():
        for key, value in keys.items():
            document = {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": "iam:ListUsers",
                        "Resource": "*",
                        "Condition": {operator: {key: value}},
                    }
                ],
            }
            user = User.objects.filter(name="bob").first() or make_user("bob")
            user.inline_policies.all().delete()
            user.inline_policies.create(name="p", name_key="p", document=json.dumps(document))
            from access import effective

            effective._bundles.clear()
            from access.credentials import forget_all

            forget_all()
            client = sdk("iam", user.access_keys.first() or key_of(user))
            assert client.list_users()["Users"], key


def test_a_federated_user(account, sts, sdk, make_user, key_of, last_event):
    bob = make_user("bob", allow("sts:GetFederationToken", "sts:TagSession", "iam:ListUsers"))
    vouching = sdk("sts", key_of(bob))
    answer = vouching.get_federation_token(
        Name="partner", Policy=allow("iam:*"), Tags=[{"Key": "team", "Value": "blue"}], DurationSeconds=900
    )
    assert answer["FederatedUser"] == {
        "FederatedUserId": "123456789012:partner",
        "Arn": "arn:aws:sts::123456789012:federated-user/partner",
    }
    assert 0 < answer["PackedPolicySize"] < 100
    assert vouching.get_federation_token(Name="partner", DurationSeconds=900)["PackedPolicySize"] == 0
    assert last_event()["resources"][0]["ARN"] == answer["FederatedUser"]["Arn"]
    given = answer["Credentials"]
    partner = sdk("sts", given)
    assert partner.get_caller_identity() | {"ResponseMetadata": None} == {
        "UserId": "123456789012:partner",
        "Account": "123456789012",
        "Arn": answer["FederatedUser"]["Arn"],
        "ResponseMetadata": None,
    }
    who = last_event()["userIdentity"]
    assert (who["type"], who["sessionContext"]["sessionIssuer"]["userName"]) == ("FederatedUser", "bob")
    assert refused(sdk("iam", given).list_users) == ("InvalidClientTokenId", INVALID)
    assert refused(partner.assume_role, RoleArn=ROLE, RoleSessionName="session") == (
        "AccessDenied",
        "Cannot call AssumeRole with session credentials",
    )


def test_what_a_federated_user_may_is_decided_by_both(account, sts, sdk, make_user, key_of):
    """Through the engine, as services that ask about it see it: the user's policies within the session policies, and nothing without them."""
    from access.callers import Connection, federated_caller
    from federation.tokens import unseal

    bob = make_user("bob", allow("sts:GetFederationToken", "s3:*"))
    vouching = sdk("sts", key_of(bob))

    def may(action, **params):
        given = vouching.get_federation_token(Name="partner", **params)["Credentials"]
        return federated_caller(unseal(given["SessionToken"]), bob, Connection(), datetime.now(UTC)).may(action, "*")

    assert may("s3:GetObject", Policy=allow("s3:Get*"))
    assert not may("s3:PutObject", Policy=allow("s3:Get*"))
    assert not may("ec2:RunInstances", Policy=allow("ec2:*"))
    assert not may("s3:GetObject")


def test_federation_tokens_need_a_permission(account, sdk, make_user, key_of):
    client = sdk("sts", key_of(make_user("bob", allow("sts:GetFederationToken"))))
    assert refused(client.get_federation_token, Name="partner", Tags=[{"Key": "a", "Value": "b"}])[0] == "AccessDenied"
    nobody = sdk("sts", key_of(make_user("carol")))
    _, message = refused(nobody.get_federation_token, Name="partner")
    assert message.startswith(
        "User: arn:aws:iam::123456789012:user/carol is not authorized to perform: sts:GetFederationToken on resource: arn:aws:sts::123456789012:federated-user/partner "
    )


def test_a_users_sessions_end_with_the_user(account, iam, sts, sdk, last_event):
    iam.create_user(UserName="carol")
    key = iam.create_access_key(UserName="carol")["AccessKey"]
    given = sdk("sts", key).get_session_token()["Credentials"]
    iam.delete_access_key(UserName="carol", AccessKeyId=key["AccessKeyId"])
    assert sdk("sts", given).get_caller_identity()
    iam.delete_user(UserName="carol")
    assert refused(sdk("sts", given).get_caller_identity)[0] == "InvalidClientTokenId"
    record = last_event()
    assert (record["errorCode"], record["additionalEventData"]) == ("InvalidClientTokenId", {"reason": GONE})
    assert record["userIdentity"]["arn"] == "arn:aws:iam::123456789012:user/carol"
    assert record["userIdentity"]["accessKeyId"] == given["AccessKeyId"]


def test_whose_key_it_is(account, iam, sts, sdk, make_role, admin_key, make_user, key_of):
    make_role("worker")
    session = assume(sts)["Credentials"]["AccessKeyId"]
    deleted = iam.create_access_key(UserName="alice")["AccessKey"]["AccessKeyId"]
    iam.delete_access_key(UserName="alice", AccessKeyId=deleted)
    for key_id in (admin_key.key_id, session, deleted):
        assert sts.get_access_key_info(AccessKeyId=key_id)["Account"] == "123456789012"
    assert refused(sts.get_access_key_info, AccessKeyId="AKIAAAAAAAAAAAAAAAAA")[0] == "ValidationError"
    assert refused(sdk("sts", key_of(make_user("bob"))).get_access_key_info, AccessKeyId=session)[0] == "AccessDenied"


def test_tokens_are_sealed_with_the_installations_keys(account, sts, sdk, settings):
    from cryptography.fernet import Fernet

    given = sts.get_session_token()["Credentials"]
    first = settings.ENCRYPTION_KEYS[0]
    newer = Fernet.generate_key().decode()
    from access.credentials import forget_all

    settings.ENCRYPTION_KEYS = [newer, first]
    forget_all()
    assert sdk("sts", given).get_caller_identity()
    settings.ENCRYPTION_KEYS = [newer]
    forget_all()
    assert refused(sdk("sts", given).get_caller_identity)[0] == "InvalidClientTokenId"


def test_containing_a_user_ends_all_temporary_credentials_of_the_user_at_once(
    account, iam, sdk, make_user, key_of, make_role, system
):
    make_role("worker")
    eve = make_user("eve", allow("sts:*", "iam:*"))
    hers = sdk("sts", key_of(eve))
    sessions = {
        "own": hers.get_session_token()["Credentials"],
        "federated": hers.get_federation_token(Name="partner", Policy=allow("sts:*"))["Credentials"],
        "role": assume(hers)["Credentials"],
    }
    others = sdk("sts", key_of(make_user("fay", allow("sts:*")))).get_session_token()["Credentials"]
    for given in (*sessions.values(), others):
        assert sdk("sts", given).get_caller_identity()
    answer = REGISTRY["iam:ContainUser"](system, user_name="eve", reason="laptop stolen")
    assert answer["EndedSessions"] == 3
    for name, given in sessions.items():
        assert refused(sdk("sts", given).get_caller_identity)[0] == "InvalidClientTokenId", name
    assert sdk("sts", others).get_caller_identity()
    assert REGISTRY["iam:ContainUser"](system, user_name="eve", reason="again")["EndedSessions"] == 0
