"""Trust policies in sentences."""

import json

import pytest

from accounts.trust_words import trust_sentences

OWN = "123456789012"


def said(principal, action="sts:AssumeRole", condition=None, effect="Allow"):
    statement = {"Effect": effect, "Principal": principal, "Action": action}
    if condition:
        statement["Condition"] = condition
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return trust_sentences(document, OWN)[0]


@pytest.mark.parametrize(
    ("principal", "sentence"),
    [
        ({"Service": "ec2.amazonaws.com"}, "The service ec2.amazonaws.com may assume the role."),
        ({"AWS": f"arn:aws:iam::{OWN}:root"}, "Any user or role of this account whose own policies allow it may assume the role."),
        ({"AWS": "210987654321"}, "Any user or role of account 210987654321 whose policies there allow it may assume the role."),
        ({"AWS": f"arn:aws:iam::{OWN}:user/team/dora"}, "The user dora may assume the role."),
        ({"AWS": "arn:aws:iam::210987654321:role/ci"}, "The role ci of account 210987654321 may assume the role."),
        ({"AWS": "AIDAEXAMPLE"}, "Somebody who was deleted (AIDAEXAMPLE) may assume the role."),
        ({"AWS": [f"arn:aws:iam::{OWN}:user/a", f"arn:aws:iam::{OWN}:user/b"]}, "The user a and the user b may assume the role."),
        ("*", "Anybody, of any account may assume the role."),
        ({}, "Nobody may assume the role."),
    ],
)  # fmt: skip
def test_who(principal, sentence):
    assert str(said(principal)) == sentence


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, ", only while MFA was used in the session."),
        ({"StringEquals": {"sts:ExternalId": "x-1"}}, ", only while the external ID is x-1."),
        ({"StringEquals": {"sts:ExternalId": ["x-1", "x-2"]}}, ", only while the external ID is x-1 or x-2."),
        ({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, ", only while the source address is in 192.0.2.0/24."),
        ({"StringLike": {"aws:PrincipalTag/team": "ops*"}}, ", only while the caller's tag team matches ops*."),
        (
            {"StringNotEquals": {"id.example.com:sub": "ci"}, "StringEquals": {"id.example.com:aud": "console"}},
            ", only while id.example.com:aud is console, unless id.example.com:sub is ci.",
        ),
        (
            {"Bool": {"aws:MultiFactorAuthPresent": "true"}, "StringEquals": {"sts:ExternalId": "x-1"}},
            ", only while MFA was used in the session, and the external ID is x-1.",
        ),
    ],
)
def test_under_which_conditions(condition, sentence):
    assert str(said({"AWS": OWN}, condition=condition)).endswith(sentence)


def test_how_and_denied():
    web = said({"Federated": f"arn:aws:iam::{OWN}:oidc-provider/id.example.com"}, "sts:AssumeRoleWithWebIdentity")
    assert str(web) == (
        "Whoever signs in through id.example.com may assume the role with a token of their identity provider."
    )
    tags = said({"AWS": OWN}, ["sts:AssumeRole", "sts:TagSession"])
    assert str(tags).endswith("may assume the role and pass session tags.")
    denied = said({"AWS": OWN}, effect="Deny")
    assert not denied.allows
    assert "may not assume the role" in str(denied)


def test_a_role_for_everybody_is_marked():
    assert said("*").open
    assert said({"AWS": "*"}).open
    assert not said("*", condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}).open
    assert not said({"AWS": OWN}).open


def test_a_condition_that_does_not_say_who_leaves_the_role_open_and_is_noted():
    with_mfa = said("*", condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    assert with_mfa.open
    assert with_mfa.note == "That does not say who: whoever meets it may come, from any account."
    assert said("*").note == said({"AWS": OWN}, condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}).note == ""


def test_what_a_statement_opens_another_one_may_close():
    both = [{"Effect": effect, "Principal": "*", "Action": "sts:AssumeRole"} for effect in ("Allow", "Deny")]
    opened, denied = trust_sentences(json.dumps({"Version": "2012-10-17", "Statement": both}), OWN)
    assert not opened.open
    assert not denied.open


def test_everybody_but_one_is_open():
    statement = {
        "Effect": "Allow",
        "NotPrincipal": {"AWS": f"arn:aws:iam::{OWN}:user/dora"},
        "Action": "sts:AssumeRole",
    }
    (found,) = trust_sentences(json.dumps({"Version": "2012-10-17", "Statement": [statement]}), OWN)
    assert str(found) == "Everybody except the user dora may assume the role."
    assert found.open


def test_a_text_that_is_no_policy_has_no_sentences():
    assert trust_sentences("nonsense", OWN) == []
