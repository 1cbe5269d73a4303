"""Authorisation as a service: questions of other services, and who signed the requests that they received."""

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
import time_machine
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from engine import decision
from operations.gate import REGISTRY
from operations.models import Event
from policies import last_decided
from tests.api.asking import BOB, OTHER, ask, managed, post, question
from tests.federation.conftest import allow


def test_outcomes(account, gateway, make_user):
    document = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::reports/*", "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}},
        {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::reports/secret*"},
    ]}  # fmt: skip
    make_user("bob", json.dumps(document))
    near = {"aws:SourceIp": "192.0.2.7"}
    answers = ask(
        gateway,
        question(context=near),
        question(),
        question(resource="arn:aws:s3:::reports/secret.csv", context=near),
        question(context={"aws:SourceIp": ["192.0.2.9"]}),
        question(principal="arn:aws:iam::123456789012:user/nobody"),
    )
    assert [answer["outcome"] for answer in answers] == [
        "allowed",
        "implicitDeny",
        "explicitDeny",
        "allowed",
        "implicitDeny",
    ]
    assert [answer["allowed"] for answer in answers] == [True, False, False, True, False]
    assert answers[0] == {"outcome": "allowed", "allowed": True}
    assert answers[4]["error"] == "The principal arn:aws:iam::123456789012:user/nobody cannot be found."


def test_reasons_and_traces_on_request(account, gateway, make_user):
    make_user("bob", allow("s3:Get*"))
    (allowed, denied) = ask(gateway, question(), question(action="s3:PutObject"), detail="reasons")
    assert allowed["matched"] == [{"policy": "given", "kind": "user", "statement": 0, "effect": "Allow"}]
    assert denied["message"] == (
        f"User: {BOB} is not authorized to perform: s3:PutObject on resource: arn:aws:s3:::reports/2026.csv "
        "because no identity-based policy allows the s3:PutObject action"
    )
    assert "trace" not in allowed
    (traced,) = ask(gateway, question(), detail="trace")
    assert traced["trace"]["stages"]


def test_roles_sessions_and_the_root_user(account, gateway, system):
    trust = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}'
    REGISTRY["iam:CreateRole"](system, role_name="worker", path="/team/", assume_role_policy_document=trust)
    REGISTRY["iam:PutRolePolicy"](system, role_name="worker", policy_name="p", policy_document=allow("s3:*"))
    asked = [
        "arn:aws:iam::123456789012:role/team/worker",
        "arn:aws:sts::123456789012:assumed-role/worker/any",
        "arn:aws:iam::123456789012:root",
        "arn:aws:iam::123456789012:role/worker",
        "arn:aws:iam::123456789012:group/worker",
        "ec2.amazonaws.com",
    ]
    answers = ask(gateway, *(question(principal=arn) for arn in asked))
    assert [answer["allowed"] for answer in answers] == [True, True, True, False, False, False]


def test_a_resource_policy_takes_part(account, gateway, make_user):
    make_user("bob")
    grant = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": BOB}, "Action": "s3:GetObject", "Resource": "*"}],
    }
    answers = ask(
        gateway,
        question(),
        question(resource_policy=grant),
        question(resource_policy=json.dumps(grant)),
        question(resource_policy=grant, resource_account=OTHER),
    )
    assert [answer["allowed"] for answer in answers] == [False, True, True, False]
    assert ask(gateway, question(resource_policy="{"), status=400)["code"] == "MalformedPolicyDocument"


def test_who_may_ask_about_whom(account, other_account, make_user, key_of, last_event):
    make_user("bob", allow("*"))
    narrow = key_of(make_user("narrow", allow("iam:GetAccessDecisions", resource=BOB)))
    assert ask(narrow, question())[0]["allowed"]
    answer = ask(narrow, question(), question(principal="arn:aws:iam::123456789012:user/narrow"), status=403)
    assert answer["code"] == "AccessDenied"
    assert answer["message"].startswith(
        "User: arn:aws:iam::123456789012:user/narrow is not authorized to perform: iam:GetAccessDecisions on resource: user narrow "
    )
    assert ask(key_of(make_user("idle")), question(), status=403)["code"] == "AccessDenied"
    abroad = key_of(make_user("mallory", allow("*"), OTHER))
    assert ask(abroad, question())[0]["error"] == f"The principal {BOB} cannot be found."


def test_what_is_recorded_of_questions(account, gateway, make_user, last_event):
    make_user("bob", allow("s3:*"))
    ask(gateway, question(context={"app:secret": "value"}), question(action="ec2:RunInstances"))
    record = last_event()
    assert (record["eventName"], record["readOnly"]) == ("GetAccessDecisions", True)
    assert record["additionalEventData"] == {"questions": 2, "allowed": 1, "denied": 1}
    assert record["requestParameters"] == {"questions": "***"}
    assert "app:secret" not in Event.objects.latest("id").record


def test_a_thousand_questions_and_not_one_more(account, gateway, make_user):
    make_user("bob", allow("s3:Get*"))
    answers = ask(gateway, *(question(resource=f"arn:aws:s3:::reports/{number}") for number in range(1000)))
    assert len(answers) == 1000
    assert all(answer["allowed"] for answer in answers)
    assert ask(gateway, *[question()] * 1001, status=400)["code"] == "ValidationError"
    assert ask(gateway, status=400)["code"] == "ValidationError"


@pytest.mark.django_db
def test_questions_cost_a_fixed_number_of_queries(account, gateway, make_user, django_assert_max_num_queries):
    for name in ("bob", "carol", "dora"):
        make_user(name, allow("s3:*"))
    questions = [question(principal=f"arn:aws:iam::123456789012:user/{name}") for name in ("bob", "carol", "dora")]
    ask(gateway, *questions)
    with django_assert_max_num_queries(16):
        ask(gateway, *questions * 100)


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"", "must be a JSON object"),
        (b"[]", "must be a JSON object"),
        (b"{", "must be a JSON object"),
        (b"[" * 100_000, "must be a JSON object"),
        (b'{"questions":[{"principal":"a"}]}', "must not be null"),
        (
            b'{"questions":[{"principal":"a","action":"b","resource":"c","unknown":1}]}',
            "Unknown member questions[0].unknown",
        ),
        (b'{"questions":[{"principal":{},"action":true,"resource":null}]}', "action"),
        (b'{"questions":"x"}', "questions[0] must be an object"),
        (
            b'{"questions":[{"principal":"a","action":"no action","resource":"c"}]}',
            "Member must satisfy regular expression pattern",
        ),
        (b'{"questions":[{"principal":"a","action":"s3:Get","resource":"c","context":[]}]}', "must be an object"),
        (b'{"questions":[{"principal":"a","action":"s3:Get","resource":"\\u0000"}]}', "must be text"),
        (b'{"questions":[{"principal":"a","action":"s3:Get","resource":"\\ud800"}]}', "must be text"),
        (
            b'{"questions":[{"principal":"arn:aws:iam::123456789012:user/gateway","action":"s3:Get","resource":"*","context":{"AWS:UserName":"root"}}]}',
            "follows from the principal",
        ),
        (b'{"questions":[],"detail":"everything"}', "enum value set"),
        (b"\xff\xfe", "must be a JSON object"),
    ],
)
def test_hostile_questions(account, gateway, content, part):
    status, answer = post("/api/authorize", content, gateway)
    assert (status, answer["code"]) == (400, "ValidationError")
    assert part in answer["message"]


def test_unsigned_and_wrongly_signed_questions(account, gateway):
    assert post("/authorize", {"questions": []}, None) == (
        403,
        {"code": "MissingAuthenticationToken", "message": "Request is missing Authentication Token"},
    )
    gateway.secret = "wrong"
    assert post("/verify", {}, gateway)[1]["code"] == "SignatureDoesNotMatch"


def received(
    key,
    *,
    method="GET",
    url="https://files.example.com/reports/a%20b.csv?part=1",
    body=b"",
    service="files",
    token=None,
    presign=False,
    expires=3600,
    headers=None,
):
    """A request as another service receives it: signed by a user of ours, for that service."""
    request = AWSRequest(method=method, url=url, data=body, headers={"Host": url.split("/")[2], **(headers or {})})
    credentials = (
        Credentials(key.key_id, key.secret, token)
        if not isinstance(key, dict)
        else Credentials(key["AccessKeyId"], key["SecretAccessKey"], key["SessionToken"])
    )
    if presign:
        (S3SigV4QueryAuth if service == "s3" else SigV4QueryAuth)(
            credentials, service, "eu-west-1", expires=expires
        ).add_auth(request)
    else:
        (S3SigV4Auth if service == "s3" else SigV4Auth)(credentials, service, "eu-west-1").add_auth(request)
    path, _, query = request.url.split("/", 3)[3].partition("?")
    return {
        "method": method,
        "path": f"/{path}",
        "query": query,
        "headers": dict(request.headers.items()),
        "body_sha256": sha256(body).hexdigest(),
    }


@pytest.mark.parametrize(
    "given",
    [{}, {"method": "PUT", "body": b"text", "service": "s3"}, {"presign": True}, {"presign": True, "service": "s3"}],
)
def test_who_signed_a_request(account, gateway, make_user, key_of, given):
    bob = make_user("bob", allow("s3:*"))
    key = key_of(bob)
    status, answer = post(
        "/verify", {"request": received(key, **given), "service": given.get("service", "files")}, gateway
    )
    assert (status, answer["valid"]) == (200, True), answer
    assert answer["signer"] == {
        "arn": BOB,
        "account": "123456789012",
        "type": "IAMUser",
        "user_id": bob.unique_id,
        "user_name": "bob",
        "access_key_id": key.key_id,
    }
    key.refresh_from_db()
    assert (key.last_used_service, key.last_used_region) == (given.get("service", "files"), "eu-west-1")


def test_may_they(account, gateway, make_user, key_of):
    condition = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "files:Read", "Resource": "*", "Condition": condition}],
    }
    key = key_of(make_user("bob", json.dumps(document)))
    wish = {"action": "files:Read", "resource": "arn:aws:files:::reports/a b.csv"}
    for context, outcome in (
        ({"aws:SourceIp": "192.0.2.7"}, "allowed"),
        ({"aws:SourceIp": "198.51.100.1"}, "implicitDeny"),
        ({}, "implicitDeny"),
    ):
        _, answer = post(
            "/verify",
            {"request": received(key), "question": {**wish, "context": context}, "detail": "reasons"},
            gateway,
        )
        assert answer["decision"]["outcome"] == outcome
    assert answer["decision"]["message"].startswith(f"User: {BOB} is not authorized to perform: files:Read")


def test_sessions_and_signers_of_other_accounts(account, other_account, gateway, make_user, key_of, sdk, system):
    trust = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"210987654321"},"Action":"sts:AssumeRole"}}'
    REGISTRY["iam:CreateRole"](system, role_name="reader", assume_role_policy_document=trust)
    REGISTRY["iam:PutRolePolicy"](system, role_name="reader", policy_name="p", policy_document=allow("files:*"))
    abroad = key_of(make_user("erin", allow("*"), OTHER))
    session = sdk("sts", abroad).assume_role(RoleArn="arn:aws:iam::123456789012:role/reader", RoleSessionName="erin")[
        "Credentials"
    ]
    wish = {"action": "files:Read", "resource": "arn:aws:files:::x"}
    _, answer = post("/verify", {"request": received(session), "question": wish}, gateway)
    assert answer["decision"]["allowed"]
    signer = answer["signer"]
    assert (signer["arn"], signer["role_arn"], signer["session_name"], signer["type"]) == (
        "arn:aws:sts::123456789012:assumed-role/reader/erin",
        "arn:aws:iam::123456789012:role/reader",
        "erin",
        "AssumedRole",
    )
    assert signer["expires_at"].endswith("Z")
    _, answer = post("/verify", {"request": received(abroad), "question": wish, "detail": "trace"}, gateway)
    assert answer["signer"]["account"] == OTHER
    assert answer["decision"] == {
        "outcome": "implicitDeny",
        "allowed": False,
    }  # and nothing of the other account's policies
    shared = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "files:*", "Resource": "*"}],
    }
    _, answer = post("/verify", {"request": received(abroad), "question": {**wish, "resource_policy": shared}}, gateway)
    assert answer["decision"]["allowed"]


def test_requests_that_are_not_valid(account, gateway, make_user, key_of, last_event):
    bob = make_user("bob")
    key = key_of(bob)
    good = received(key)

    def verdict(request, **options):
        status, answer = post("/verify", {"request": request, **options}, gateway)
        assert status == 200
        assert answer["valid"] is False
        assert "signer" not in answer
        return answer["error_code"]

    assert verdict({**good, "path": "/reports/other.csv"}) == "SignatureDoesNotMatch"
    assert verdict({**good, "method": "DELETE"}) == "SignatureDoesNotMatch"
    assert verdict({**good, "body_sha256": sha256(b"x").hexdigest()}) == "SignatureDoesNotMatch"
    assert verdict(good, service="s3") == "SignatureDoesNotMatch"
    assert verdict({**good, "headers": {"Host": "x"}}) == "MissingAuthenticationToken"
    assert verdict({**good, "headers": {"Host": "x", "Authorization": "Basic abc"}}) == "IncompleteSignature"
    for columns, reason in (
        ({"is_active": False}, "The access key is inactive."),
        ({"expires_at": datetime.now(UTC) - timedelta(seconds=1)}, "The access key has expired."),
    ):
        worthless = key_of(bob, **columns)
        assert verdict(received(worthless)) == "InvalidClientTokenId"
        assert last_event()["additionalEventData"] == {
            "valid": False,
            "error": "InvalidClientTokenId",
            "accessKeyId": worthless.key_id,
            "reason": reason,
        }
    assert verdict(received(key_of(bob, allowed_sources=["192.0.2.0/24"]))) == "AccessDenied"
    for worth_nothing in ("-1", "1.5", "soon"):
        assert verdict(received(key, presign=True, expires=worth_nothing)) == "IncompleteSignature"
    with time_machine.travel(datetime.now(UTC) - timedelta(days=8)):
        last_week = received(key, presign=True, expires=10**12)
    assert verdict(last_week) == "SignatureDoesNotMatch"
    with time_machine.travel(datetime.now(UTC) - timedelta(minutes=20)):
        old, lasting, over = received(key), received(key, presign=True), received(key, presign=True, expires=600)
    assert verdict(old) == "SignatureDoesNotMatch"
    assert verdict(over) == "SignatureDoesNotMatch"
    assert post("/verify", {"request": lasting}, gateway)[1]["valid"]
    assert last_event()["additionalEventData"] == {"valid": True, "signer": BOB}
    assert key.key_id not in json.dumps(last_event()["requestParameters"])


def test_a_question_of_a_session_without_a_second_factor_is_refused_and_recorded(
    account, gateway, sdk, make_user, last_event
):
    given = sdk("sts", gateway).get_session_token()["Credentials"]
    key = Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    status, answer = post("/authorize", {"questions": [question()]}, key)
    assert (status, answer["code"]) == (403, "InvalidClientTokenId")
    record = last_event()
    assert (record["eventName"], record["errorCode"]) == ("GetAccessDecisions", "InvalidClientTokenId")
    assert record["userIdentity"]["accessKeyId"] == given["AccessKeyId"]


def test_who_may_verify(account, make_user, key_of):
    idle = key_of(make_user("idle"))
    status, answer = post("/verify", {"request": received(idle)}, idle)
    assert (status, answer["code"]) == (403, "AccessDenied")
    assert "iam:GetRequestSigner" in answer["message"]


OF_THE_PRINCIPAL = (
    "aws:PrincipalTag/team",
    "AWS:PRINCIPALTAG/Team",
    "aws:PrincipalTag",
    "aws:PrincipalArn",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalServiceName",
    "aws:PrincipalServiceNamesList",
    "aws:PrincipalOrgID",
    "aws:PrincipalSomethingNew",
    "aws:userid",
    "aws:UserName",
    "aws:SourceIdentity",
    "aws:federatedprovider",
)
OF_THE_CREDENTIAL = (
    "aws:TokenIssueTime",
    "AWS:tokenissuetime",
    "aws:MultiFactorAuthPresent",
    "aws:MultiFactorAuthAge",
    "aws:AssumedRoot",
    "ec2:SourceInstanceArn",
)


@pytest.mark.parametrize("key", OF_THE_PRINCIPAL)
def test_what_follows_from_the_principal_cannot_be_given(account, gateway, make_user, key_of, key):
    bob = make_user("bob", allow("*"))
    wish = {"action": "files:Read", "resource": "*", "context": {key: "true"}}
    refused = {
        "code": "ValidationError",
        "message": f"The condition key {key} follows from the principal and cannot be given.",
    }
    assert ask(gateway, {"principal": BOB, **wish}, status=400) == refused
    assert post("/verify", {"request": received(key_of(bob)), "question": wish}, gateway) == (400, refused)


@pytest.mark.parametrize("key", OF_THE_CREDENTIAL)
def test_what_follows_from_the_credential_can_be_given_only_where_there_is_none(
    account, gateway, make_user, key_of, key
):
    document = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {key: "true"}}}
    bob = make_user("bob", json.dumps({"Version": "2012-10-17", "Statement": document}))
    wish = {"action": "files:Read", "resource": "*", "context": {key: "true"}}
    assert ask(gateway, {"principal": BOB, **wish}, question()) == [
        {"outcome": "allowed", "allowed": True},
        {"outcome": "implicitDeny", "allowed": False},
    ]
    status, answer = post("/verify", {"request": received(key_of(bob)), "question": wish}, gateway)
    assert (status, answer["code"]) == (400, "ValidationError")
    assert answer["message"] == f"The condition key {key} follows from the credential and cannot be given."


def test_a_session_that_was_revoked_by_its_time_of_issue_stays_revoked(account, gateway, admin_key, sdk, system):
    trust = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}}'
    REGISTRY["iam:CreateRole"](system, role_name="reader", assume_role_policy_document=trust)
    REGISTRY["iam:PutRolePolicy"](system, role_name="reader", policy_name="p", policy_document=allow("files:*"))
    session = sdk("sts", admin_key).assume_role(
        RoleArn="arn:aws:iam::123456789012:role/reader", RoleSessionName="alice"
    )["Credentials"]
    later = (datetime.now(UTC) + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    revoked = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"DateLessThan": {"aws:TokenIssueTime": later}}}  # fmt: skip
    wish = {"action": "files:Read", "resource": "arn:aws:files:::x"}

    def decided():
        return post("/verify", {"request": received(session), "question": wish}, gateway)[1]["decision"]["outcome"]

    assert decided() == "allowed"
    document = json.dumps({"Version": "2012-10-17", "Statement": revoked})
    REGISTRY["iam:PutRolePolicy"](
        system, role_name="reader", policy_name="AWSRevokeOlderSessions", policy_document=document
    )
    assert decided() == "explicitDeny"


def test_what_other_services_ask_is_a_use_of_the_policies_that_decide_it(system, gateway, make_user, key_of):
    last_decided.forget_all()
    bob = make_user("bob")
    reading, writing = (managed(system, name, f"s3:{name}Object", "bob") for name in ("Get", "Put"))
    ask(gateway, question())
    assert reading.get().last_decided_at is not None
    assert writing.get().last_decided_at is None
    signed = received(key_of(bob))
    asked = {"action": "s3:PutObject", "resource": "arn:aws:s3:::reports/2026.csv"}
    status, answer = post("/verify", {"request": signed, "question": asked}, gateway)
    assert (status, answer["valid"], answer["decision"]["outcome"]) == (200, True, "allowed"), answer
    assert writing.get().last_decided_at is not None
    last_decided.forget_all()


def test_which_policy_decided_is_found_out_once_an_hour(
    account, gateway, system, make_user, monkeypatch, django_capture_on_commit_callbacks
):
    make_user("bob")
    reading = managed(system, "reading", "s3:GetObject", "bob")
    last_decided.forget_all()
    explained = []
    explain = decision.explain
    monkeypatch.setattr(
        decision, "explain", lambda request, policies: explained.append(request.action) or explain(request, policies)
    )
    with django_capture_on_commit_callbacks(execute=True):
        ask(gateway, question())
    assert explained.count("s3:GetObject") == 1
    assert reading.get().last_decided_at is not None
    assert [one["outcome"] for one in ask(gateway, question(), question(action="s3:PutObject"))] == [
        "allowed",
        "implicitDeny",
    ]
    assert explained.count("s3:GetObject") == 1
    assert "s3:PutObject" not in explained
    last_decided.forget_all()
