"""The condition keys that AWS STS makes of a token's claims."""

import pytest

from engine.web_identity import SOURCE_IDENTITY, TAGS, audiences, context_keys

GITHUB = "token.actions.githubusercontent.com"


def test_every_issuer_s_audience_and_subject_have_keys():
    found = context_keys(
        "oidc.example.com/id/1", {"iss": "https://oidc.example.com/id/1", "sub": "a", "aud": "sts", "email": "x"}
    )
    assert found.keys == {"oidc.example.com/id/1:sub": "a", "oidc.example.com/id/1:aud": "sts"}
    assert found.unused == ("email",)


def test_what_github_says_besides_has_keys_of_its_own():
    found = context_keys(
        GITHUB, {"sub": "repo:o/r:ref:x", "aud": "sts", "repository_id": 42, "actor": "eve", "run_id": "7", "exp": 1}
    )
    assert found.keys[f"{GITHUB}:repository_id"] == "42"
    assert found.keys[f"{GITHUB}:actor"] == "eve"
    assert found.unused == ("run_id",)
    enterprise = context_keys(f"{GITHUB}/acme", {"actor": "eve"})
    assert enterprise.keys == {f"{GITHUB}/acme:actor": "eve"}
    assert context_keys("example.com", {"actor": "eve"}).keys == {}


def test_a_claim_within_another_and_one_with_a_slash():
    assert context_keys("accounts.google.com", {"google": {"organization_number": 12}}).keys == {
        "accounts.google.com:google/organization_number": "12"
    }
    circle = "oidc.circleci.com/org/abc"
    assert context_keys(circle, {"oidc.circleci.com/project-id": "p"}).keys == {
        f"{circle}:oidc.circleci.com/project-id": "p"
    }


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"aud": "a"}, ("a",)),
        ({"aud": ["a"]}, ("a",)),
        ({"aud": ["a", "b"]}, ("a", "b")),
        ({"aud": ["a", "b"], "azp": "c"}, ("c",)),
        ({"aud": "a", "azp": "c"}, ("a",)),
        ({}, ()),
        ({"aud": {"x": 1}}, ()),
    ],
)
def test_of_several_audiences_the_authorised_party_counts(claims, expected):
    assert audiences(claims) == expected


def test_google_puts_the_party_first():
    keys = context_keys("accounts.google.com", {"aud": "client", "azp": "party"}).keys
    assert keys["accounts.google.com:aud"] == "party"
    assert keys["accounts.google.com:oaud"] == "client"


def test_lists_truth_and_nothing():
    found = context_keys("example.com", {"amr": ["pwd", "mfa"], "sub": True, "azp": None, "aud": [["x"]]})
    assert found.keys == {"example.com:amr": ("pwd", "mfa"), "example.com:sub": "true"}
    assert set(found.unused) == {"azp", "aud"}


def test_session_tags_and_source_identity_ask_for_more():
    claims = {
        TAGS: {"principal_tags": {"team": ["ops"], "cost": "1"}, "transitive_tag_keys": ["team"]},
        SOURCE_IDENTITY: "eve",
    }
    found = context_keys("example.com", claims)
    assert found.keys == {
        "aws:RequestTag/team": "ops",
        "aws:RequestTag/cost": "1",
        "aws:TagKeys": ("team", "cost"),
        "sts:TransitiveTagKeys": ("team",),
        "sts:SourceIdentity": "eve",
    }
    assert found.actions == ("sts:TagSession", "sts:SetSourceIdentity")


@pytest.mark.parametrize(
    "tags",
    [
        [],
        "x",
        {},
        {"principal_tags": []},
        {"principal_tags": {"a": ["b", "c"]}},
        {"principal_tags": {}, "transitive_tag_keys": [1]},
    ],
)
def test_session_tags_that_aws_sts_would_not_take(tags):
    found = context_keys("example.com", {TAGS: tags, SOURCE_IDENTITY: 7})
    assert found.wrong == (TAGS, SOURCE_IDENTITY)
    assert found.keys == {}
