"""Keys and signatures on the wire: who is let in, which requests are refused and recorded, and with which error."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from botocore import UNSIGNED
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from django.test import Client

from operations.models import Event
from tests.api.conftest import BASE, SECRET
from tests.api.sending import IAM, INVALID, error_of, refusal, send


def test_without_a_signature(account):
    assert error_of(send()) == (403, "MissingAuthenticationToken", "Request is missing Authentication Token", IAM)
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("alter", "code", "part"),
    [
        (
            lambda h, b, p: (b + b"&UserName=bob", p),
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match",
        ),
        (
            lambda h, b, p: h.update({"X-Amz-Date": "20200101T000000Z"}),
            "SignatureDoesNotMatch",
            "Signature expired: 20200101T000000Z is now earlier than ",
        ),
        (
            lambda h, b, p: h.update({"Authorization": re.sub(r"/\d{8}/", "/20200101/", h["Authorization"])}),
            "SignatureDoesNotMatch",
            "Date in Credential scope does not match YYYYMMDD",
        ),
        (lambda h, b, p: h.update({"Host": "elsewhere"}), "SignatureDoesNotMatch", "The request signature"),
        (
            lambda h, b, p: h.update({"X-Amz-Extra": "1"}),
            "SignatureDoesNotMatch",
            "'x-amz-extra' must be a 'SignedHeader'",
        ),
        (
            lambda h, b, p: h.update({"Authorization": h["Authorization"].replace("/iam/", "/s3/")}),
            "SignatureDoesNotMatch",
            "Credential should be scoped to correct service: 'iam'.",
        ),
        (
            lambda h, b, p: h.update({"Authorization": h["Authorization"].replace("Credential=", "Credential=x")}),
            "InvalidClientTokenId",
            INVALID,
        ),
        (
            lambda h, b, p: h.update({"Authorization": "AWS4-HMAC-SHA256 Credential=a"}),
            "IncompleteSignature",
            "Authorization header requires 'Signature' parameter.",
        ),
        (lambda h, b, p: h.update({"X-Amz-Security-Token": "x"}), "InvalidClientTokenId", INVALID),
    ],
)
def test_each_altered_part_gets_its_error(account, admin_key, alter, code, part):
    status, found, message, _ = error_of(send(key=admin_key.key_id, alter=alter))
    assert (found, status) == (code, 400 if code == "IncompleteSignature" else 403)
    assert message.startswith(part)


def test_a_wrong_secret_and_an_unknown_key(account, admin_key):
    assert error_of(send(key=admin_key.key_id, secret="x" * 40))[1] == "SignatureDoesNotMatch"
    assert error_of(send(key="AKIAAAAAAAAAAAAAAAAA"))[1:3] == ("InvalidClientTokenId", INVALID)


def test_a_key_that_does_not_count_is_told_before_the_scope_and_the_clock(account, admin_user, key_of, last_event):
    def astray(headers, _body, _path):
        headers["Authorization"] = headers["Authorization"].replace("/iam/", "/s3/")
        headers["X-Amz-Date"] = "20200101T000000Z"

    assert error_of(send(key="AKIAAAAAAAAAAAAAAAAA", alter=astray))[1:3] == ("InvalidClientTokenId", INVALID)
    inactive = key_of(admin_user, is_active=False)
    assert error_of(send(key=inactive.key_id, alter=astray))[1:3] == ("InvalidClientTokenId", INVALID)
    assert refusal(last_event)[-1] == "The access key is inactive."
    good = key_of(admin_user)
    assert error_of(send(key=good.key_id, alter=astray))[2].startswith("Signature expired")


def test_a_replay_after_a_quarter_of_an_hour(account, admin_key):
    with time_machine.travel(datetime.now(UTC) - timedelta(minutes=16)):
        request = AWSRequest(
            method="POST", url=f"{BASE}/", data=b"Action=GetUser", headers={"Host": "iam.test.example"}
        )
        SigV4Auth(Credentials(admin_key.key_id, SECRET), "iam", "us-east-1").add_auth(request)
    answer = Client().generic("POST", "/", b"Action=GetUser", headers=dict(request.headers.items()))
    assert error_of(answer)[:2] == (403, "SignatureDoesNotMatch")
    assert b"Signature expired: " in answer.content


def test_inactive_and_expired_keys_are_refused_and_recorded(account, admin_user, key_of, last_event):
    inactive = key_of(admin_user, is_active=False)
    expired = key_of(admin_user, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    for key, reason in ((inactive, "The access key is inactive."), (expired, "The access key has expired.")):
        assert error_of(send(key=key.key_id))[1:3] == ("InvalidClientTokenId", INVALID)
        assert refusal(last_event) == ("InvalidClientTokenId", "GetUser", "alice", key.key_id, reason)
        assert last_event()["sourceIPAddress"] == "127.0.0.1"


def test_whoever_knows_only_a_keys_id_fills_no_record(account, admin_user, key_of):
    inactive, other = key_of(admin_user, is_active=False), key_of(admin_user, is_active=False)
    for _ in range(15):
        assert error_of(send(key=inactive.key_id, secret="x" * 40))[1] == "InvalidClientTokenId"
    assert Event.objects.count() == 10
    send(key=other.key_id, secret="x" * 40)
    assert Event.objects.count() == 11


def test_a_key_that_expires_while_it_is_held_in_memory(account, admin_user, key_of):
    moment = datetime.now(UTC)
    key = key_of(admin_user, expires_at=moment + timedelta(minutes=5))
    with time_machine.travel(moment):
        assert send(key=key.key_id).status_code == 200
    with time_machine.travel(moment + timedelta(minutes=5)):
        assert error_of(send(key=key.key_id))[1] == "InvalidClientTokenId"


def test_keys_that_are_bound_to_addresses(account, admin_user, key_of, last_event):
    allowed = key_of(admin_user, allowed_sources=["127.0.0.0/8", "2001:db8::/32"])
    refused = key_of(admin_user, allowed_sources=["192.0.2.0/24"])
    assert send(key=allowed.key_id).status_code == 200
    status, code, message, _ = error_of(send(key=refused.key_id))
    assert (status, code) == (403, "AccessDenied")
    assert message == (
        "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: iam:GetUser "
        f"because the access key {refused.key_id} does not allow the source address 127.0.0.1"
    )
    assert refusal(last_event)[:4] == ("AccessDenied", "GetUser", "alice", refused.key_id)


def test_a_key_is_gone_at_once_with_its_status_its_row_and_its_user(account, iam, sdk, admin_key):
    iam.create_user(UserName="carol")
    made = iam.create_access_key(UserName="carol")["AccessKey"]
    carol = sdk("sts", made)
    assert carol.get_caller_identity()["Arn"].endswith("user/carol")
    iam.update_access_key(UserName="carol", AccessKeyId=made["AccessKeyId"], Status="Inactive")
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        carol.get_caller_identity()
    iam.update_access_key(UserName="carol", AccessKeyId=made["AccessKeyId"], Status="Active")
    assert carol.get_caller_identity()
    iam.delete_access_key(UserName="carol", AccessKeyId=made["AccessKeyId"])
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        carol.get_caller_identity()


def test_a_deleted_key_is_refused_and_still_recorded_where_it_belonged(account, iam, sdk, last_event):
    iam.create_user(UserName="carol")
    made = iam.create_access_key(UserName="carol")["AccessKey"]
    iam.delete_access_key(UserName="carol", AccessKeyId=made["AccessKeyId"])
    iam.delete_user(UserName="carol")
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        sdk("sts", made).get_caller_identity()
    record = last_event()
    assert (record["errorCode"], record["userIdentity"]["accessKeyId"]) == ("InvalidClientTokenId", made["AccessKeyId"])
    assert record["additionalEventData"]["reason"] == "The access key was deleted."


def test_a_right_taken_away_is_gone_on_the_next_request(account, iam, sdk, make_user, key_of):
    bob = make_user("bob")
    client = sdk("iam", key_of(bob))
    for _ in range(2):
        with pytest.raises(ClientError, match="AccessDenied"):
            client.list_users()
        iam.put_user_policy(
            UserName="bob",
            PolicyName="p",
            PolicyDocument='{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*"}}',
        )
        assert client.list_users()["Users"]
        iam.delete_user_policy(UserName="bob", PolicyName="p")


@pytest.mark.parametrize("signed", [False, True])
def test_calls_with_somebody_elses_token(account, sdk, admin_key, last_event, signed):
    """A signature is not needed, and adds nothing."""
    if signed:
        body = (
            "Action=AssumeRoleWithSAML&Version=2011-06-15&RoleArn=arn:aws:iam::123456789012:role/worker"
            "&PrincipalArn=arn:aws:iam::123456789012:saml-provider/none&SAMLAssertion=none"
        )
        assert error_of(send(body, key=admin_key.key_id, service="sts"))[1] == "InvalidIdentityToken"
    client = sdk("sts", admin_key if signed else None)
    if not signed:
        client.meta.config.signature_version = UNSIGNED
    import base64

    claims = base64.urlsafe_b64encode(b'{"iss":"https://idp.example.com"}').decode().rstrip("=")
    for token, message in (
        (
            "not-a-token",
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
        ),
        (f"e30.{claims}.sig", "No OpenIDConnect provider found in your account for https://idp.example.com"),
    ):
        with pytest.raises(ClientError) as refused:
            client.assume_role_with_web_identity(
                RoleArn="arn:aws:iam::123456789012:role/worker", RoleSessionName="session", WebIdentityToken=token
            )
        assert refused.value.response["Error"] == {"Type": "Sender", "Code": "InvalidIdentityToken", "Message": message}
    assert last_event()["eventName"] == "AssumeRoleWithWebIdentity"
    before = Event.objects.count()
    with pytest.raises(ClientError):
        client.assume_role_with_web_identity(
            RoleArn="arn:aws:iam::999999999999:role/worker", RoleSessionName="session", WebIdentityToken="a.b.c"
        )
    assert Event.objects.count() == before
