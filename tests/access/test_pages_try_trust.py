"""A trust policy tried with a sample token: what becomes of the claims, what is decided, and that nothing of a token stays anywhere."""

import base64
import json
import logging

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from federation.models import OidcProvider
from operations.gate import REGISTRY
from operations.models import Event
from tests.access.conftest import document
from tests.signing_in import sign_in

GITHUB = "token.actions.githubusercontent.com"
ARN = f"arn:aws:iam::123456789012:oidc-provider/{GITHUB}"
CLAIMS = {
    "iss": f"https://{GITHUB}",
    "sub": "repo:acme/web:ref:refs/heads/main",
    "aud": "sts.amazonaws.com",
    "iat": 1_600_000_000,
    "exp": 4_000_000_000,
    "repository": "acme/web",
    "run_id": "99",
}


def jwt(claims, *, signature="c2ln"):
    parts = ({"alg": "RS256"}, claims)
    return ".".join(
        [*(base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=") for each in parts), signature]
    )


@pytest.fixture
def deploy(admin):
    REGISTRY["iam:CreateOpenIDConnectProvider"](admin, url=f"https://{GITHUB}", client_id_list=["sts.amazonaws.com"])
    statement = {
        "Sid": "Main",
        "Effect": "Allow",
        "Principal": {"Federated": ARN},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"},
            "StringLike": {f"{GITHUB}:sub": "repo:acme/web:*"},
        },
    }
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    REGISTRY["iam:CreateRole"](admin, role_name="deploy", assume_role_policy_document=trust)
    return Role.objects.get(name="deploy")


URL = "/roles/deploy/trust/try/"


def tried(client, claims=CLAIMS, **data):
    return client.post(URL, {"sample_token": claims if isinstance(claims, str) else jwt(claims), **data})


def checks(page):
    return {each.label: (each.word, each.note) for each in page.context["trial"].checks}


def test_a_token_that_opens_the_role(signed_in, deploy):
    page = tried(signed_in)
    trial = page.context["trial"]
    assert trial.outcome == "allowed"
    assert trial.provider == ARN
    assert {each.key: each.values for each in trial.keys} == {
        f"{GITHUB}:sub": [CLAIMS["sub"]],
        f"{GITHUB}:aud": ["sts.amazonaws.com"],
        f"{GITHUB}:repository": ["acme/web"],
    }
    assert trial.unused == ("run_id",)
    assert checks(page)["Signature"][0] == "Not checked"
    assert checks(page)["Provider and audience"] == ("Right", "The provider knows the audience.")
    assert checks(page)["Issuer"][0] == checks(page)["Claims"][0] == checks(page)["Expiry"][0] == "Right"


def test_a_condition_that_fails_shows_both_values(signed_in, deploy):
    page = tried(signed_in, {**CLAIMS, "sub": "repo:evil/web:ref:refs/heads/main"})
    text = page.content.decode().replace("<wbr>", "")
    assert page.context["trial"].outcome == "implicitDeny"
    assert "repo:evil/web:ref:refs/heads/main" in text
    assert "repo:acme/web:*" in text
    near = page.context["trial"].explanations[0].near[0]
    assert [(each.key, each.matched) for each in near.conditions] == [(f"{GITHUB}:aud", True), (f"{GITHUB}:sub", False)]


def test_claims_are_taken_as_json_too_and_the_credential_is_not_given_back(signed_in, deploy):
    token = jwt(CLAIMS, signature="VerySecretSignature")
    page = tried(signed_in, token)
    text = page.content.decode()
    assert "VerySecretSignature" not in text
    assert token.split(".")[1] not in text
    assert page["Cache-Control"] == "no-store"
    again = page.context["form"].initial["sample_token"]
    assert json.loads(again) == CLAIMS
    assert tried(signed_in, again).context["trial"].outcome == "allowed"


def test_nothing_of_a_token_is_recorded_or_logged(signed_in, deploy, caplog):
    caplog.set_level(logging.DEBUG)
    tried(signed_in, {**CLAIMS, "sub": "repo:acme/web:SecretBranch"})
    tried(signed_in, "SecretBranch.SecretBranch.x")
    assert not [each for each in Event.objects.all() if "SecretBranch" in each.record]
    assert "SecretBranch" not in caplog.text
    assert "SecretBranch" not in json.dumps(dict(signed_in.session.items()), default=str)
    assert {"GetRole", "SimulateCustomPolicy", "GetOpenIDConnectProvider"} <= set(
        Event.objects.values_list("name", flat=True)
    )


def test_a_form_that_meets_no_session_keeps_no_token(client, signed_in, deploy):
    token = jwt(CLAIMS)
    signed_in.get(URL)
    session = signed_in.session
    session.flush()
    tried(signed_in, token)
    assert token not in json.dumps(dict(client.session.items()), default=str)
    assert token not in client.get("/sign-in/").content.decode()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "This field is required."),
        ("abc", "A token has three parts"),
        ("a.b.c.d.e", "encrypted"),
        ("a.!!!.c", "not base64url"),
        ("a." + base64.urlsafe_b64encode(b"\xff\xfe").decode() + ".c", "not base64url"),
        ("{", "line 1, column 2"),
        ('{"a": 1, "a": 2}', "stands twice"),
        ('{"a": NaN}', "does not know"),
        ('{"a": ' + "[" * 9000 + "}", "nested too deeply"),
        ('{"a": ' + "[" * 9000 + "]" * 9000 + "}", "nested too deeply"),
        ('{"a": ' + "9" * 5000 + "}", "too large a number"),
        ('{"sub": "a\\u0000b"}', "half of one"),
        ('{"sub": "a\\ud800b"}', "half of one"),
        ("{" + ",".join(f'"k{n}": 1' for n in range(300)) + "}", "more than 200 claims"),
        ("a." + base64.urlsafe_b64encode(b"[1]").decode() + ".c", "not a JSON object"),
        ("x" * 20_001, "at most 20000 characters"),
        ('{"sub": "a"}', "name no issuer"),
        ('{"iss": 7}', "name no issuer"),
    ],
)
def test_what_is_no_token_gets_an_error_at_its_field(signed_in, deploy, typed, said):
    page = tried(signed_in, typed)
    assert page.status_code == 400
    assert page.context["trial"] is None
    assert said in str(page.context["form"].errors).replace("&#x27;", "'")
    if len(typed) < 100 and "\\u" not in typed:
        assert page.context["form"].data["sample_token"] == typed


@pytest.mark.parametrize("exp", [True, "x", -1, 1e400, 10**30, None, []])
def test_an_expiry_that_is_no_moment(signed_in, deploy, exp):
    page = tried(signed_in, json.dumps({**CLAIMS, "exp": exp}).replace("Infinity", "1e400"))
    assert checks(page)["Expiry"][0] == "Wrong"


def test_an_expired_token_is_decided_about_all_the_same(signed_in, deploy):
    page = tried(signed_in, {**CLAIMS, "exp": 1_700_000_000})
    assert checks(page)["Expiry"][0] == "Expired"
    assert "2023-11-14 22:13:20 UTC" in checks(page)["Expiry"][1]
    assert page.context["trial"].outcome == "allowed"


def test_another_issuer_and_audience(signed_in, deploy):
    page = tried(signed_in, {**CLAIMS, "iss": "https://gitlab.com", "aud": "other"}, provider=ARN)
    assert checks(page)["Issuer"] == ("Wrong", f"The token comes from gitlab.com, the provider is {GITHUB}.")
    assert checks(page)["Provider and audience"] == (
        "Wrong",
        "Audience of the token: other. The provider knows: sts.amazonaws.com.",
    )
    assert "AWS STS would refuse the token before it looked at the policy." in page.content.decode()
    by_issuer = tried(signed_in, {**CLAIMS, "iss": "https://gitlab.com"})
    assert by_issuer.context["trial"].provider == "arn:aws:iam::123456789012:oidc-provider/gitlab.com"
    assert by_issuer.context["trial"].outcome == "implicitDeny"
    assert checks(by_issuer)["Provider and audience"][1] == "The account has no such provider."


def test_claims_that_are_missing(signed_in, deploy):
    page = tried(signed_in, {"iss": CLAIMS["iss"], "sub": "x"})
    assert checks(page)["Claims"] == ("Wrong", "Missing: aud, exp, iat")


def test_session_tags_must_be_allowed_too(signed_in, deploy):
    claims = {**CLAIMS, "https://aws.amazon.com/tags": {"principal_tags": {"team": ["ops"]}}}
    page = tried(signed_in, claims)
    assert [each.action for each in page.context["trial"].explanations] == [
        "sts:AssumeRoleWithWebIdentity",
        "sts:TagSession",
    ]
    assert page.context["trial"].outcome == "implicitDeny"


def test_the_session_s_name_counts(signed_in, deploy, admin):
    trust = json.loads(deploy.trust_policy)
    trust["Statement"][0]["Condition"]["StringEquals"]["sts:RoleSessionName"] = "build"
    REGISTRY["iam:UpdateAssumeRolePolicy"](admin, role_name="deploy", policy_document=json.dumps(trust))
    assert tried(signed_in).context["trial"].outcome == "implicitDeny"
    assert tried(signed_in, session_name="build").context["trial"].outcome == "allowed"
    assert tried(signed_in, session_name="no spaces!").status_code == 400


def test_a_trust_policy_without_such_a_provider(signed_in, admin, deploy):
    trust = document("sts:AssumeRole").replace('"Resource": "*"', '"Principal": {"Service": "ec2.amazonaws.com"}')
    REGISTRY["iam:UpdateAssumeRolePolicy"](admin, role_name="deploy", policy_document=trust)
    assert "names no OpenID Connect provider" in signed_in.get(URL).content.decode()
    assert tried(signed_in).context["trial"].outcome == "implicitDeny"


def test_the_tab_leads_there_whoever_may(client, signed_in, deploy, make_user):
    assert URL in signed_in.get(reverse("accounts:role-trust", args=["deploy"])).content.decode()
    sign_in(client, make_user("rita", document("iam:GetRole")))
    assert URL not in client.get(reverse("accounts:role-trust", args=["deploy"])).content.decode()
    assert client.get(URL).status_code == 403
    assert tried(client).status_code == 403
    sign_in(client, make_user("sid", document("iam:SimulateCustomPolicy")))
    assert client.get(URL).status_code == 403


def test_who_may_not_read_the_provider_is_told_nothing_about_it(client, deploy, make_user):
    sign_in(client, make_user("rita", document(["iam:GetRole", "iam:SimulateCustomPolicy"])))
    known = checks(tried(client))["Provider and audience"]
    OidcProvider.objects.all().delete()
    assert checks(tried(client))["Provider and audience"] == known
    assert known == ("Not checked", "You may not read the provider (iam:GetOpenIDConnectProvider).")


def test_it_costs_few_queries(signed_in, deploy):
    signed_in.get(URL)
    with CaptureQueriesContext(connection) as done:
        tried(signed_in)
    asked = [query["sql"] for query in done if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(asked) <= 15, "\n".join(each[:160] for each in asked)
