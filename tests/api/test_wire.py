"""The wire: how requests are read and how answers and errors look."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
import time_machine
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from django.test import Client

from accounts.models import User
from operations.models import Event
from tests.api.conftest import BASE, SECRET
from tests.api.sending import FAULT, IAM, STS, error_of, send


def test_an_answer_in_awss_form(account, admin_key):
    answer = send(key=admin_key.key_id)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/xml")
    root = ET.fromstring(answer.content)
    assert root.tag == f"{{{IAM}}}GetUserResponse"
    user = root.find(f"{{{IAM}}}GetUserResult/{{{IAM}}}User")
    assert user.findtext(f"{{{IAM}}}UserName") == "alice"
    assert user.findtext(f"{{{IAM}}}CreateDate").endswith("Z")
    assert "." not in user.findtext(f"{{{IAM}}}CreateDate")
    assert root.findtext(f"{{{IAM}}}ResponseMetadata/{{{IAM}}}RequestId") == answer["x-amzn-RequestId"]
    assert "Set-Cookie" not in answer.headers
    event = Event.objects.latest("id")
    assert (event.name, event.access_key_id, event.request_id) == (
        "GetUser",
        admin_key.key_id,
        answer["x-amzn-RequestId"],
    )


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/"), ("POST", "/api/"), ("GET", "/"), ("GET", "/api/"), ("GET", "/api")]
)
def test_root_and_path_of_its_own_by_post_and_get(account, admin_key, method, path):
    fields = "Action=ListUsers&Version=2010-05-08&PathPrefix=%2F"
    answer = send(
        fields if method == "POST" else b"",
        key=admin_key.key_id,
        method=method,
        path=path,
        query=fields if method == "GET" else "",
    )
    assert answer.status_code == 200
    assert b"<IsTruncated>false</IsTruncated>" in answer.content


def test_a_presigned_request(account, admin_key):
    fields = "Action=GetCallerIdentity&Version=2011-06-15"
    answer = send(b"", key=admin_key.key_id, method="GET", query=fields, service="sts", presign=True)
    assert answer.status_code == 200
    assert STS.encode() in answer.content
    with time_machine.travel(datetime.now(UTC) - timedelta(minutes=16)):
        late = AWSRequest(method="GET", url=f"{BASE}/?{fields}", headers={"Host": "iam.test.example"})
        SigV4QueryAuth(Credentials(admin_key.key_id, SECRET), "sts", "us-east-1", expires=3600).add_auth(late)
    refused = Client().generic("GET", late.url.removeprefix(BASE), headers={"Host": "iam.test.example"})
    assert error_of(refused)[1] == "SignatureDoesNotMatch"


def test_a_host_of_its_own_serves_nothing_else(account, admin_key, settings):
    settings.API_HOSTS = ["iam.test.example"]
    assert error_of(Client().get("/", headers={"Host": "iam.test.example:8443"}))[:2] == (400, "MissingAction")
    assert Client().get("/users", headers={"Host": "iam.test.example"}).status_code == 404
    assert send(key=admin_key.key_id).status_code == 200
    assert Client().get("/healthz", headers={"Host": "iam.test.example"}).status_code == 200


@pytest.mark.parametrize(
    ("fields", "code", "message"),
    [
        ("Version=2010-05-08", "MissingAction", "The request is missing an action or a required parameter."),
        (
            "Action=Nothing&Version=2010-05-08",
            "InvalidAction",
            "Could not find operation Nothing for version 2010-05-08",
        ),
        (
            "Action=GetUser&Version=1999-01-01",
            "InvalidAction",
            "Could not find operation GetUser for version 1999-01-01",
        ),
        (
            "Action=GetCallerIdentity&Version=2010-05-08",
            "InvalidAction",
            "Could not find operation GetCallerIdentity for version 2010-05-08",
        ),
        ("Action=Nothing", "InvalidAction", "Could not find operation Nothing for version NO_VERSION_SPECIFIED"),
    ],
)
def test_errors_before_a_service_is_known(account, admin_key, fields, code, message):
    assert error_of(send(fields, key=admin_key.key_id)) == (400, code, message, FAULT)


def test_without_a_version_the_scope_or_the_action_tells_the_service(account, admin_key):
    assert send("Action=GetCallerIdentity", key=admin_key.key_id, service="sts").status_code == 200
    assert send("Action=GetUser", key=admin_key.key_id).status_code == 200


def test_a_denial_in_awss_words_with_its_decision_encrypted(account, sdk, sts, make_user, key_of):
    bob = make_user(
        "bob",
        '{"Version":"2012-10-17","Statement":{"Sid":"Never","Effect":"Deny","Action":"iam:*","Resource":"*",'
        '"Condition":{"StringEquals":{"aws:PrincipalType":"User"}}}}',
    )
    with pytest.raises(ClientError) as refused:
        sdk("iam", key_of(bob)).create_user(UserName="dora")
    answer = refused.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert answer["Error"] == {
        "Type": "Sender",
        "Code": "AccessDenied",
        "Message": "User: arn:aws:iam::123456789012:user/bob is not authorized to perform: iam:CreateUser on resource: "
        "arn:aws:iam::123456789012:user/dora with an explicit deny in an identity-based policy",
    }
    encoded = answer["ResponseMetadata"]["HTTPHeaders"]["x-amzn-encodedauthorizationmessage"]
    decoded = json.loads(sts.decode_authorization_message(EncodedMessage=encoded)["DecodedMessage"])
    assert (decoded["allowed"], decoded["explicitDeny"]) == (False, True)
    (statement,) = decoded["matchedStatements"]["items"]
    assert statement == {
        "statementId": "Never",
        "effect": "DENY",
        "principals": {"items": [{"value": bob.unique_id}]},
        "principalGroups": {"items": []},
        "actions": {"items": [{"value": "iam:*"}]},
        "resources": {"items": [{"value": "*"}]},
        "conditions": {"items": [{"key": "aws:PrincipalType", "values": {"items": [{"value": "User"}]}}]},
        "sourcePolicyId": "given",
        "sourcePolicyType": "user",
    }
    assert decoded["context"]["action"] == "iam:CreateUser"
    assert decoded["context"]["principal"] == {
        "id": bob.unique_id,
        "name": "bob",
        "arn": "arn:aws:iam::123456789012:user/bob",
    }


def test_a_denial_about_much_has_a_message_without_the_largest_values(account, sdk, sts, make_user, key_of):
    noise = [f"{number:02d}{hashlib.sha512(bytes([number])).hexdigest()}{'ä' * 126}" for number in range(50)]
    condition = {"StringNotEquals": {"aws:PrincipalTag/team": [text[:60] for text in noise]}}
    never = {"Sid": "Never", "Effect": "Deny", "Action": "iam:*", "Resource": "*", "Condition": condition}
    bob = make_user("bob", json.dumps({"Version": "2012-10-17", "Statement": never}))
    client = sdk("iam", key_of(bob))
    for tags in (noise[:1], noise):
        with pytest.raises(ClientError) as refused:
            client.create_user(UserName="dora", Tags=[{"Key": text[:100], "Value": text[:256]} for text in tags])
        encoded = refused.value.response["ResponseMetadata"]["HTTPHeaders"]["x-amzn-encodedauthorizationmessage"]
        assert 0 < len(encoded) <= 7000
        decoded = json.loads(sts.decode_authorization_message(EncodedMessage=encoded)["DecodedMessage"])
        (statement,) = decoded["matchedStatements"]["items"]
        assert (statement["statementId"], decoded["explicitDeny"]) == ("Never", True)
        keys = {one["key"] for one in decoded["context"]["conditions"]["items"]}
        assert "aws:SourceIp" in keys
        assert ("conditions" in statement, any("RequestTag" in key for key in keys)) == (len(tags) == 1, len(tags) == 1)


def test_a_denied_listing_of_policies_names_their_path(account, sdk, make_user, key_of):
    client = sdk("iam", key_of(make_user("bob")))
    for params, path in (({}, "/"), ({"PathPrefix": "/team/"}, "/team/")):
        with pytest.raises(ClientError) as refused:
            client.list_policies(**params)
        assert refused.value.response["Error"]["Message"] == (
            "User: arn:aws:iam::123456789012:user/bob is not authorized to perform: iam:ListPolicies on resource: "
            f"policy path {path} because no identity-based policy allows the iam:ListPolicies action"
        )


def test_messages_that_cannot_be_decoded(account, other_account, sts, sdk, make_user, key_of):
    for text in ("x", "a" * 200, "ä"):
        with pytest.raises(ClientError, match="InvalidAuthorizationMessageException"):
            sts.decode_authorization_message(EncodedMessage=text)
    bob = make_user("bob")
    with pytest.raises(ClientError) as refused:
        sdk("iam", key_of(bob)).list_users()
    message = refused.value.response["ResponseMetadata"]["HTTPHeaders"]["x-amzn-encodedauthorizationmessage"]
    abroad = sdk(
        "sts",
        key_of(
            make_user(
                "mallory",
                '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}',
                other_account.pk,
            )
        ),
    )
    with pytest.raises(ClientError, match="InvalidAuthorizationMessageException"):
        abroad.decode_authorization_message(EncodedMessage=message)


def test_the_last_use_of_a_key_is_kept(account, iam, sdk, admin_user, key_of):
    key = key_of(admin_user)
    sdk("sts", key, region="eu-west-1").get_caller_identity()
    used = iam.get_access_key_last_used(AccessKeyId=key.key_id)
    assert used["UserName"] == "alice"
    assert (used["AccessKeyLastUsed"]["ServiceName"], used["AccessKeyLastUsed"]["Region"]) == ("sts", "eu-west-1")
    assert datetime.now(UTC) - used["AccessKeyLastUsed"]["LastUsedDate"] < timedelta(minutes=1)
    assert User.objects.get(name="alice").last_activity_at


def test_documents_come_back_byte_for_byte(account, iam):
    document = '{"Version":"2012-10-17",\n "Statement":[{"Sid":"A","Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::b/100%25+ä é/*"}]}'
    iam.create_user(UserName="carol")
    iam.put_user_policy(UserName="carol", PolicyName="p", PolicyDocument=document)
    raw = []
    iam.meta.events.register(
        "before-parse.iam.GetUserPolicy", lambda response_dict, **_: raw.append(response_dict["body"])
    )
    assert iam.get_user_policy(UserName="carol", PolicyName="p")["PolicyDocument"] == json.loads(document)
    from urllib.parse import unquote

    encoded = raw[0].decode().partition("<PolicyDocument>")[2].partition("</PolicyDocument>")[0]
    assert unquote(encoded) == document
    assert "%20" in encoded
    assert "+" not in encoded


def test_empty_and_absent(account, iam):
    iam.create_user(UserName="carol")
    answer = iam.list_groups_for_user(UserName="carol")
    assert (answer["Groups"], answer["IsTruncated"]) == ([], False)
    assert "Marker" not in answer
    assert "Tags" not in iam.get_user(UserName="carol")["User"]


def test_paging_with_boto3s_paginator(account, iam):
    for number in range(7):
        iam.create_user(UserName=f"user{number}")
    pages = list(iam.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 3}))
    assert [len(page["Users"]) for page in pages] == [3, 3, 2]
    assert [user["UserName"] for page in pages for user in page["Users"]] == [
        "alice",
        *(f"user{number}" for number in range(7)),
    ]


def test_every_failure_of_a_request_in_one_sentence(account, iam):
    with pytest.raises(ClientError) as refused:
        iam.create_user(UserName="so bad", Path="x")
    message = refused.value.response["Error"]["Message"]
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    assert message.startswith("2 validation errors detected: Value at '")
    assert (
        "Value at 'userName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]+"
        in message
    )


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            "RoleSessionName=Session1:2",
            (
                "Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: "
                r"[\w+=,.@-]*"
            ),
        ),
        (
            f"RoleSessionName={'s' * 65}",
            f"Value '{'s' * 65}' at 'roleSessionName' failed to satisfy constraint: Member must have length less than or equal to 64",
        ),
        ("", "Value null at 'roleSessionName' failed to satisfy constraint: Member must not be null"),
        (
            "RoleSessionName=session&DurationSeconds=60",
            "Value '60' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
        ),
        (
            "RoleSessionName=session&TokenCode=12345",
            "Value at 'tokenCode' failed to satisfy constraint: Member must have length greater than or equal to 6",
        ),
        (
            "RoleSessionName=session&TransitiveTagKeys.member.1=ok&TransitiveTagKeys.member.2=not%3Fok",
            (
                "Value '[ok, not?ok]' at 'transitiveTagKeys' failed to satisfy constraint: Member must satisfy constraint: [Member must have "
                "length less than or equal to 128, Member must have length greater than or equal to 1, Member must satisfy regular expression "
                r"pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+, Member must not be null]"
            ),
        ),
    ],
)
def test_sts_names_the_value_that_it_refuses_unless_it_is_a_secret(account, admin_key, last_event, fields, sentence):
    body = f"Action=AssumeRole&Version=2011-06-15&RoleArn=arn:aws:iam::123456789012:role/worker&{fields}"
    answer = send(body, key=admin_key.key_id, service="sts")
    assert error_of(answer)[1:3] == ("ValidationError", f"1 validation error detected: {sentence}")
    assert last_event()["errorMessage"] == f"1 validation error detected: {sentence}"


@pytest.mark.parametrize("keys", [["k" * 129], ["fine", "bad?key"]])
def test_a_list_with_a_bad_member_is_told_with_all_that_a_member_must_satisfy(account, iam, keys):
    with pytest.raises(ClientError) as refused:
        iam.untag_role(RoleName="worker", TagKeys=keys)
    assert refused.value.response["Error"]["Message"] == (
        "1 validation error detected: Value at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: [Member must have "
        "length less than or equal to 128, Member must have length greater than or equal to 1, Member must satisfy regular expression "
        r"pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+, Member must not be null]"
    )


def test_a_report_that_is_not_there_has_no_message(account, iam, admin_key):
    answer = send("Action=GetCredentialReport&Version=2010-05-08", key=admin_key.key_id)
    assert (answer.status_code, b"<Message" in answer.content) == (410, False)
    with pytest.raises(ClientError) as refused:
        iam.get_credential_report()
    assert refused.value.response["Error"] == {"Type": "Sender", "Code": "ReportNotPresent"}


def test_a_refused_operation_says_why(account, iam):
    with pytest.raises(ClientError) as refused:
        iam.list_delegation_requests()
    assert refused.value.response["Error"]["Code"] == "InvalidAction"
    assert (
        "delegation requests are a workflow between AWS and its partners" in refused.value.response["Error"]["Message"]
    )


@pytest.mark.parametrize(
    "body",
    [
        b"&".join([b"a=1"] * 10_000),
        b"Action=GetUser&UserName=%ff%fe",
        b"Action=GetUser&UserName=%00",
        b"Action=GetUser&UserName=\xc3\x28",
        b"Action=ListUsers&MaxItems=abc",
        b"Action=ListUsers&MaxItems=99999999999999999999",
        b"Action=ListRoleSessions&RoleName=worker&Marker=ImFiYyI",
        b"Action=ListUsers&Marker=%22",
        b"Action=TagUser&Tags.member.1=x&Tags.member.x.Key=1&Tags=1&UserName=x",
        b"Action=TagUser&UserName=alice&Tags.member.1.Key=%26%3Cx%3E%5D%5D%3E&Tags.member.1.Value=%01",
        b"Action=CreateUser&UserName=%3C%2FUser%3E",
        b"Action=GetUser&UserName=" + b"x" * 100_000,
        b"Action=" + b"x" * 10_000,
        b"Action=TagUser&UserName=x&" + b"Tags." * 5000 + b"=1",
        b"\xff\xfe\x00",
        b"Action=PutUserPolicy&UserName=alice&PolicyName=p&PolicyDocument=" + b"[" * 100_000,
        b"Action=SimulateCustomPolicy&PolicyInputList.member.1=%7B&ActionNames.member.1=x",
        b"Action=GetPolicy&PolicyArn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2F%F0%9F%98%80%00",
        b"Action=CreateAccountAlias&AccountAlias=%0a",
        b"Action=UploadSSHPublicKey&UserName=alice&SSHPublicKeyBody=%00",
    ],
    ids=range(20),
)
def test_hostile_bodies_get_awss_errors_and_never_a_500(account, admin_key, iam, body):
    trust = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}}'
    iam.create_role(RoleName="worker", AssumeRolePolicyDocument=trust)
    answer = send(body, key=admin_key.key_id)
    status, code, _, _ = error_of(answer)
    assert 400 <= status < 500, (status, code)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
def test_other_methods_are_not_the_apis(account, admin_key, method):
    assert send(b"", key=admin_key.key_id, method=method, path="/api/").status_code in {404, 405}


def test_bodies_beyond_the_limit(account, admin_key):
    over = Client().generic("POST", "/", b"x", headers={"Host": "iam.test.example", "Content-Length": "10000001"})
    assert (over.status_code, over.content) == (413, b"")
    free = Client().generic("POST", "/", b"Action=GetUser&x=" + b"y" * 1_100_000)
    assert error_of(free)[1] == "MissingAuthenticationToken"
    known = send(b"Action=GetUser&x=" + b"y" * 1_100_000, key=admin_key.key_id)
    assert known.status_code == 200


def test_a_body_that_is_cut_off(account, admin_key):
    import io

    from django.core.handlers.wsgi import WSGIRequest

    from api import views

    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/",
        "CONTENT_LENGTH": "100",
        "wsgi.input": io.BytesIO(b"Action=GetUser"),
        "REMOTE_ADDR": "192.0.2.1",
        "SERVER_NAME": "x",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
    }
    assert error_of(views.serve(WSGIRequest(environ)).as_response())[:2] == (400, "IncompleteBody")


def test_throttling_is_told_in_awss_words(account, admin_key, sdk, monkeypatch):
    from api import throttle

    monkeypatch.setattr(throttle, "principals", throttle.Buckets(1, clock=lambda: 0.0))
    client = sdk("sts", admin_key)
    assert [client.get_caller_identity()["Account"] for _ in range(2)] == ["123456789012"] * 2
    with pytest.raises(ClientError) as refused:
        client.get_caller_identity()
    assert refused.value.response["Error"] == {"Type": "Sender", "Code": "Throttling", "Message": "Rate exceeded"}


def test_buckets_fill_again_at_their_rate():
    from api.throttle import Buckets

    moment = [0.0]
    buckets = Buckets(10, clock=lambda: moment[0])
    assert [buckets.take("a") for _ in range(21)] == [True] * 20 + [False]
    assert buckets.take("b")
    moment[0] = 0.35
    assert [buckets.take("a") for _ in range(4)] == [True] * 3 + [False]
    assert all(Buckets(0).take("a") for _ in range(1000))


def test_an_unforeseen_error_says_nothing_of_itself(account, admin_key, monkeypatch, caplog):
    from operations.gate import REGISTRY

    def broken(*_, **__):
        raise RuntimeError("secret details")

    monkeypatch.setitem(REGISTRY, "iam:GetUser", broken)
    answer = send(key=admin_key.key_id)
    status, code, message, _ = error_of(answer)
    assert (status, code) == (500, "InternalFailure")
    assert "secret details" not in answer.content.decode()
    assert "<Type>Receiver</Type>" in answer.content.decode()
    assert answer["x-amzn-RequestId"] in caplog.text
