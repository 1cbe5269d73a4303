"""Questions about temporary credentials, which their session token tells: within the session's own policies, with its tags and second factor."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from operations.gate import REGISTRY
from tests.api.asking import BOB, OTHER, ask, issued, post, question
from tests.federation.conftest import allow


@pytest.fixture
def worker(system):
    """A role that may read and write, for everybody in the account."""
    trust = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":["sts:AssumeRole","sts:TagSession"]}}'
    REGISTRY["iam:CreateRole"](system, role_name="worker", assume_role_policy_document=trust)
    REGISTRY["iam:PutRolePolicy"](system, role_name="worker", policy_name="p", policy_document=allow("s3:*"))
    return "arn:aws:iam::123456789012:role/worker"


def test_a_session_is_asked_about_within_its_own_policies(account, gateway, make_user, key_of, sdk, worker):
    bob = key_of(make_user("bob", allow("sts:AssumeRole", "sts:TagSession")))
    session = issued(
        sdk,
        bob,
        "assume_role",
        RoleArn=worker,
        RoleSessionName="bob",
        Policy=allow("s3:Get*"),
        Tags=[{"Key": "team", "Value": "blue"}],
    )
    arn = "arn:aws:sts::123456789012:assumed-role/worker/bob"
    tagged = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "*",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:PrincipalTag/team": "blue", "aws:MultiFactorAuthPresent": "false"}},
        },
    }
    its = {"principal": arn, "session_token": session["SessionToken"]}
    answers = ask(
        gateway,
        question(principal=arn, action="s3:PutObject"),
        question(**its),
        question(**its, action="s3:PutObject"),
        question(**its, resource_policy=tagged),
        detail="reasons",
    )
    assert [answer["outcome"] for answer in answers] == ["allowed", "allowed", "implicitDeny", "explicitDeny"]
    assert "because no session policy allows the s3:PutObject action" in answers[2]["message"]


def test_a_federated_user_is_asked_about_by_its_token(account, gateway, make_user, key_of, sdk):
    bob = key_of(make_user("bob", allow("sts:GetFederationToken", "s3:Get*")))
    token = issued(sdk, bob, "get_federation_token", Name="visitor", Policy=allow("s3:*"))["SessionToken"]
    empty = issued(sdk, bob, "get_federation_token", Name="visitor")["SessionToken"]
    arn = "arn:aws:sts::123456789012:federated-user/visitor"
    its = {"principal": arn, "session_token": token}
    answers = ask(
        gateway,
        question(**its),
        question(**its, action="s3:PutObject"),
        question(principal=arn, session_token=empty),
        question(principal=arn),
    )
    assert [answer["allowed"] for answer in answers] == [True, False, False, False]
    assert answers[3]["error"] == f"The federated user {arn} is known by its session token alone."


def test_a_users_session_brings_its_second_factor(account, gateway, make_user, key_of, sdk):
    denied = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"},'
        '{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}}]}'
    )
    token = issued(sdk, key_of(make_user("bob", denied)), "get_session_token")["SessionToken"]
    plain, of_session = ask(gateway, question(), question(session_token=token))
    assert (plain["outcome"], of_session["outcome"]) == ("allowed", "explicitDeny")
    status, answer = post(
        "/authorize",
        {"questions": [question(session_token=token, context={"aws:MultiFactorAuthPresent": "true"})]},
        gateway,
    )
    assert (status, answer["code"]) == (400, "ValidationError")
    assert "follows from the credential" in answer["message"]


def test_tokens_that_do_not_count(
    account, other_account, gateway, make_user, key_of, sdk, system, worker, admin_key, last_event
):
    bob = key_of(make_user("bob", allow("*")))
    session = issued(sdk, bob, "assume_role", RoleArn=worker, RoleSessionName="bob")
    abroad = issued(sdk, key_of(make_user("erin", allow("*"), OTHER)), "get_session_token")
    arn, invalid = "arn:aws:sts::123456789012:assumed-role/worker/bob", "The security token included in the request is "

    def told(token, principal=arn):
        (answer,) = ask(gateway, question(principal=principal, session_token=token))
        assert (answer["outcome"], answer["allowed"]) == ("implicitDeny", False)
        return answer["error"]

    assert told("nonsense") == f"{invalid}invalid."
    assert told(abroad["SessionToken"], f"arn:aws:iam::{OTHER}:user/erin") == f"{invalid}invalid."
    assert told(session["SessionToken"], BOB) == f"The session token is not one of {BOB}."
    assert told(session["SessionToken"], f"{arn}by").startswith("The session token is not one of ")
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=2)):
        assert told(session["SessionToken"]) == f"{invalid}expired"
    REGISTRY["iam:RevokeRoleSession"](system, role_name="worker", access_key_id=session["AccessKeyId"])
    assert told(session["SessionToken"]) == f"{invalid}invalid."
    assert session["SessionToken"] not in json.dumps(last_event())
    many = [question(principal=arn, session_token=f"token-{number}") for number in range(21)]
    assert "up to 20 sessions" in ask(gateway, *many, status=400)["message"]
    assert len(ask(gateway, *many[:20])) == 20
