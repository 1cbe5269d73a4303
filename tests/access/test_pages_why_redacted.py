"""Whoever was denied and may not read the trail: each layer is named, with whom to ask, and nothing is told of any policy."""

import json
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.operations.boundaries import put_user_permissions_boundary
from accounts.operations.inline_policies import put_user_policy
from federation.models import IssuedSession
from operations.caller import Caller
from operations.gate import REGISTRY
from operations.models import Event
from pages.refusing import ALLOWING, FORBIDDING, LAYERS, Denial, layers_of, whom_to_ask
from policies.operations.managed_policies import create_policy
from tests.access.conftest import document
from tests.signing_in import sign_in

HIDDEN = {"Sid": "HiddenSid", "Condition": {"StringNotEquals": {"aws:PrincipalTag/hidden-key": "hidden-value"}}}
SECRETS = ("HiddenSid", "hidden-key", "hidden-value", "StringNotEquals", "secret-4711", "HiddenTrust", "amy")


def seen(client: Client) -> tuple[str, str]:
    """The refused page and its explanation, of the newest denial."""
    event = Event.objects.filter(error_code="AccessDenied").latest("id")
    page = client.get(reverse("access:why", args=[event.event_id]))
    assert page.status_code == 200
    assert page.context["explanation"] is None
    assert page.context["variants"] is None
    text = " ".join(unescape(page.content.decode()).split("<main")[1].split())
    for secret in SECRETS:
        assert secret not in text, secret
        assert secret not in page.context["text"], secret
    return text, event.event_id


def said(text: str, *sentences: Any) -> None:
    for each in sentences:
        assert str(each) in text, each


@pytest.fixture
def bob(client: Client, make_user: Any) -> User:
    user: User = make_user("bob", document(["iam:ListUsers", "sts:AssumeRole"]))
    sign_in(client, user)
    return user


def bound(admin: Caller, policy: str) -> None:
    arn = create_policy(admin, policy_name="limit", policy_document=policy)["Policy"]["Arn"]
    put_user_permissions_boundary(admin, user_name="bob", permissions_boundary=arn)


def refused(client: Client) -> str:
    page = client.get(reverse("accounts:users"))
    assert page.status_code == 403
    return " ".join(unescape(page.content.decode()).split())


def test_a_boundary_that_leaves_it_out(client: Client, admin: Caller, bob: User) -> None:
    bound(admin, document("s3:GetObject", Sid="HiddenSid"))
    page = refused(client)
    text, _event = seen(client)
    for each in (page, text):
        said(each, LAYERS["boundary"], ALLOWING["boundary"], "Give them the request ID")
        assert "An administrator can allow it." not in each


def test_a_boundary_that_forbids_it(client: Client, admin: Caller, bob: User) -> None:
    bound(admin, document("iam:ListUsers", effect="Deny", **HIDDEN))
    page = refused(client)
    text, _event = seen(client)
    for each in (page, text):
        said(each, "Refused by", LAYERS["boundary"], FORBIDDING["boundary"], "An explicit deny overrides every allow.")
        assert "An administrator can allow it." not in each


def test_identity_policies_that_forbid_it(client: Client, admin: Caller, bob: User) -> None:
    put_user_policy(
        admin, user_name="bob", policy_name="no", policy_document=document("iam:ListUsers", effect="Deny", **HIDDEN)
    )
    page = refused(client)
    text, _event = seen(client)
    for each in (page, text):
        said(each, LAYERS["identity"], "An explicit deny overrides every allow.")


def test_identity_policies_that_say_nothing(client: Client, admin: Caller, make_user: Any) -> None:
    sign_in(client, make_user("carl"))
    page = refused(client)
    text, _event = seen(client)
    for each in (page, text):
        said(each, "Missing in", LAYERS["identity"], ALLOWING["identity"])


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ({"Effect": "Allow", "Condition": {"StringEquals": {"sts:ExternalId": "secret-4711"}}}, ALLOWING["trust"]),
        ({"Effect": "Deny"}, FORBIDDING["trust"]),
    ],
)
def test_a_trust_policy(
    client: Client, admin: Caller, bob: User, make_user: Any, statement: Any, sentence: Any
) -> None:
    make_user("amy")
    trust = {"Sid": "HiddenTrust", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "sts:AssumeRole"}
    other = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:user/amy"}, "Action": "sts:AssumeRole"}
    REGISTRY["iam:CreateRole"](
        admin,
        role_name="target",
        assume_role_policy_document=json.dumps({"Version": "2012-10-17", "Statement": [trust | statement, other]}),
    )
    client.post(reverse("federation:switch-role"), {"role_arn": "arn:aws:iam::123456789012:role/target"})
    text, _event = seen(client)
    said(text, LAYERS["trust"], sentence)
    assert "Resource policy" not in text
    assert IssuedSession.objects.count() == 0


@pytest.mark.parametrize("layer", list(LAYERS))
def test_each_layer_has_somebody_to_ask(layer: str) -> None:
    assert whom_to_ask("implicitDeny", [layer])[0] == ALLOWING[layer]
    if layer != "identity":
        assert whom_to_ask("explicitDeny", [layer])[0] == FORBIDDING[layer]


def test_the_layers_of_a_denial() -> None:
    role = {"action": "sts:AssumeRole", "resource": "arn:aws:iam::123456789012:role/r"}
    bucket = {"action": "s3:GetObject", "resource": "arn:aws:s3:::b/k"}
    for found, expected in (
        (Denial("explicitDeny", blocked_by=["identity", "boundary"], kinds=["boundary"]), ["boundary"]),
        (Denial("explicitDeny", kinds=["aws-managed", "group"]), ["identity"]),
        (Denial("explicitDeny", kinds=["resource"], **role), ["trust"]),
        (Denial("explicitDeny", kinds=["resource"], **bucket), ["resource"]),
        (Denial("implicitDeny", blocked_by=["trust", "session"]), ["trust", "session"]),
        (Denial("implicitDeny", silent=["deny", "trust", "identity"]), ["trust", "identity"]),
        (Denial("implicitDeny", silent=["deny", "resource", "identity"]), ["identity"]),
        (Denial("implicitDeny"), ["identity"]),
    ):
        assert layers_of(found) == expected


def test_a_role_that_nobody_lets_in_names_both_layers(client: Client, admin: Caller, make_user: Any) -> None:
    sign_in(client, make_user("carl"))
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document_of = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    REGISTRY["iam:CreateRole"](admin, role_name="target", assume_role_policy_document=document_of)
    client.post(reverse("federation:switch-role"), {"role_arn": "arn:aws:iam::123456789012:role/target"})
    text, _event = seen(client)
    said(text, f"{LAYERS['trust']}, {LAYERS['identity']}", ALLOWING["trust"], ALLOWING["identity"])
