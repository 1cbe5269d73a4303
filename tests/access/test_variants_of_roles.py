"""The ways out of a denial that go by a role's trust policy, by another role, or by waiting."""

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from access.callers import Connection
from access.credentials import credential
from accounts.models import Role, User
from accounts.operations.groups import list_groups
from accounts.operations.inline_policies import put_role_policy, put_user_policy
from operations.caller import Caller
from operations.clock import now, text
from operations.errors import AccessDenied
from operations.gate import REGISTRY
from operations.models import Event
from tests.access.conftest import document
from tests.signing_in import sign_in

ACCOUNT = "arn:aws:iam::123456789012"
ROOT, BOB, TARGET = f"{ACCOUNT}:root", f"{ACCOUNT}:user/bob", f"{ACCOUNT}:role/target"
NOBODY_TOUCHED = "Touches nobody: no policy changes."
LESS_GUARDED = "Touches everybody whom the statement names: for them, too, the role is less guarded then."


def trusting(principal: Any, condition: Any = None, effect: str = "Allow", sid: str = "In") -> str:
    named = principal if isinstance(principal, dict) else {"AWS": principal}
    statement = {"Sid": sid, "Effect": effect, "Principal": named, "Action": "sts:AssumeRole"}
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [statement | ({"Condition": condition} if condition else {})]}
    )


def make_role(admin: Caller, name: str, trust: str, policy: str = "") -> None:
    REGISTRY["iam:CreateRole"](admin, role_name=name, assume_role_policy_document=trust)
    if policy:
        put_role_policy(admin, role_name=name, policy_name="own", policy_document=policy)


@pytest.fixture
def bob(make_user: Any) -> User:
    user: User = make_user("bob", document("sts:AssumeRole"))
    return user


@pytest.fixture
def refused(caller_of: Any) -> Any:
    """The Event of a role that somebody was not let into."""

    def assume(caller: Caller | None = None, name: str = "bob", **given: Any) -> Event:
        caller = caller or caller_of(User.objects.get(name=name))
        with pytest.raises(AccessDenied):
            REGISTRY["sts:AssumeRole"](caller, role_arn=TARGET, role_session_name="session", **given)
        return Event.objects.latest("id")

    return assume


def told(client: Client, event: Event) -> dict[str, tuple[str, str]]:
    page = client.get(reverse("access:why", args=[event.event_id]))
    return {each.change: (each.risk, each.href) for each in page.context["variants"].rows}


NAMED = "Name bob as a principal in the trust policy of target"


def test_who_is_not_trusted_is_named(signed_in: Client, admin: Caller, bob: User, refused: Any) -> None:
    make_role(admin, "target", trusting({"Service": "ec2.amazonaws.com"}))
    event = refused()
    assert told(signed_in, event) == {
        NAMED: ("Touches bob alone: whoever else it lets in stays as they are.", "/roles/target/trust/")
    }
    page = signed_in.get(reverse("access:why", args=[event.event_id]))
    assert "One of these is enough." in page.content.decode()
    assert f"- {NAMED}." in page.context["text"]


def test_being_named_is_enough_without_an_own_policy(
    signed_in: Client, admin: Caller, make_user: Any, refused: Any
) -> None:
    make_user("bob")
    make_role(admin, "target", trusting({"Service": "ec2.amazonaws.com"}))
    event = refused()
    assert list(told(signed_in, event)) == [NAMED]
    REGISTRY["iam:UpdateAssumeRolePolicy"](admin, role_name="target", policy_document=trusting(BOB))
    assert REGISTRY["sts:AssumeRole"](caller_for(bob_again()), role_arn=TARGET, role_session_name="session")


def bob_again() -> User:
    return User.objects.select_related("boundary", "account").prefetch_related("tags").get(name="bob")


def caller_for(user: User) -> Caller:
    from access.callers import user_caller

    return user_caller(user, Connection(), now())


def test_where_the_account_is_trusted_a_policy_or_the_name_is_enough(
    signed_in: Client, admin: Caller, make_user: Any, refused: Any
) -> None:
    make_user("bob")
    make_role(admin, "target", trusting(ROOT))
    ways = told(signed_in, refused())
    assert ways["Allow sts:AssumeRole on arn:aws:iam::123456789012:role/target in a policy of bob"] == (
        "Touches bob alone.",
        "/users/bob/inline/",
    )
    assert NAMED in ways


@pytest.mark.parametrize(
    ("condition", "needs", "keys"),
    [
        ({"StringEquals": {"sts:ExternalId": "secret-4711"}}, "the external ID", ["sts:ExternalId"]),
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, "MFA", ["aws:MultiFactorAuthPresent"]),
        (
            {"StringEquals": {"sts:ExternalId": "secret-4711"}, "Bool": {"aws:MultiFactorAuthPresent": "true"}},
            "the external ID and MFA",
            ["sts:ExternalId", "aws:MultiFactorAuthPresent"],
        ),
    ],
)
def test_what_a_statement_asks_for_is_brought_or_changed(
    signed_in: Client, admin: Caller, bob: User, refused: Any, condition: Any, needs: str, keys: list[str]
) -> None:
    make_role(admin, "target", trusting(ROOT, condition))
    ways = told(signed_in, refused())
    assert ways.pop(f"Assume it with what In of the trust policy asks for: {needs}") == (NOBODY_TOUCHED, "")
    assert ways == {
        f"Change the condition on {key} in In of the trust policy of target": (LESS_GUARDED, "/roles/target/trust/")
        for key in keys
    }
    assert "secret-4711" not in "".join(ways)


def test_a_condition_that_nobody_can_bring(signed_in: Client, admin: Caller, bob: User, refused: Any) -> None:
    make_role(admin, "target", trusting(ROOT, {"StringEquals": {"aws:PrincipalTag/team": "ops"}}))
    assert list(told(signed_in, refused())) == [
        "Change the condition on aws:PrincipalTag/team in In of the trust policy of target"
    ]


def test_the_session_of_a_role_cannot_bring_mfa(signed_in: Client, admin: Caller, bob: User, refused: Any) -> None:
    make_role(admin, "target", trusting(ROOT, {"Bool": {"aws:MultiFactorAuthPresent": "true"}}))
    make_role(admin, "first", trusting(BOB), document("sts:AssumeRole"))
    given = REGISTRY["sts:AssumeRole"](
        caller_for(bob_again()), role_arn=f"{ACCOUNT}:role/first", role_session_name="session"
    )
    keys = given["Credentials"]
    session = credential(keys["AccessKeyId"], keys["SessionToken"], now()).caller(Connection(), now())
    assert list(told(signed_in, refused(session))) == [
        "Change the condition on aws:MultiFactorAuthPresent in In of the trust policy of target"
    ]


def test_a_denial_in_the_trust_policy(signed_in: Client, admin: Caller, bob: User, refused: Any) -> None:
    trust = json.loads(trusting(ROOT))
    trust["Statement"] += json.loads(trusting(BOB, effect="Deny", sid="Out"))["Statement"]
    make_role(admin, "target", json.dumps(trust))
    assert told(signed_in, refused()) == {
        "Leave it out of Out in trust policy": ("Touches everybody whom the statement names.", "")
    }


def test_another_role_counts_only_where_the_trust_policy_lets_it_in(
    signed_in: Client, admin: Caller, make_user: Any, refused: Any
) -> None:
    make_user("bob")
    make_role(admin, "open", trusting(BOB), document("sts:AssumeRole"))
    make_role(admin, "target", trusting({"Service": "ec2.amazonaws.com"}))
    switch = "Switch to the role open, which allows it already"
    assert switch not in told(signed_in, refused())
    REGISTRY["iam:UpdateAssumeRolePolicy"](admin, role_name="target", policy_document=trusting(ROOT))
    ways = told(signed_in, refused())
    assert ways[switch][1] == "/roles/open/"
    assert "Switch to the role target, which allows it already" not in ways


def test_whoever_may_not_read_the_role_learns_nothing_of_its_trust_policy(
    client: Client, admin: Caller, bob: User, refused: Any, make_user: Any
) -> None:
    make_role(admin, "target", trusting(ROOT, {"StringEquals": {"sts:ExternalId": "secret-4711"}}))
    event = refused()
    sign_in(client, make_user("ute", document(["cloudtrail:LookupEvents", "iam:GetUser"])))
    assert told(client, event) == {NAMED: ("Touches bob alone: whoever else it lets in stays as they are.", "")}
    sign_in(client, make_user("vera", document(["cloudtrail:LookupEvents"])))
    assert told(client, event) == {}


# --- waiting --------------------------------------------------------------------------------------------------------------


def denied(caller: Caller) -> Event:
    with pytest.raises(AccessDenied):
        list_groups(caller)
    return Event.objects.latest("id")


def timed(conditions: Any, effect: str = "Allow") -> str:
    return document("iam:ListGroups", effect=effect, Sid="Window", Condition=conditions)


def waiting(client: Client, event: Event) -> list[str]:
    return [change for change in told(client, event) if change.startswith(("Wait", "Try"))]


def test_where_only_the_moment_is_wrong_one_waits(
    signed_in: Client, admin: Caller, make_user: Any, caller_of: Any
) -> None:
    bob = make_user("bob")
    begin = (now() + timedelta(days=2)).replace(microsecond=0)
    put_user_policy(admin, user_name="bob", policy_name="later", policy_document=timed(
        {"DateGreaterThanEquals": {"aws:CurrentTime": text(begin)}, "DateLessThan": {"aws:CurrentTime": "2099-01-01T00:00:00Z"}}))  # fmt: skip
    event = denied(caller_of(bob))
    assert waiting(signed_in, event) == [
        f"Wait until {begin:%Y-%m-%d %H:%M:%S} UTC: Window in later allows it from then on"
    ]
    with time_machine.travel(begin + timedelta(hours=1)):
        sign_in(signed_in, User.objects.get(name="sam"))
        assert waiting(signed_in, event) == [
            f"Try again: since {begin:%Y-%m-%d %H:%M:%S} UTC it is otherwise. Window in later allows it from then on"
        ]


@pytest.mark.parametrize(
    "conditions",
    [
        {"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}},
        {
            "DateGreaterThan": {"aws:CurrentTime": "2099-01-01T00:00:00Z"},
            "Bool": {"aws:MultiFactorAuthPresent": "true"},
        },
        {
            "DateGreaterThan": {"aws:CurrentTime": "2099-01-01T00:00:00Z"},
            "DateLessThan": {"aws:CurrentTime": "2098-01-01"},
        },
        {"DateGreaterThan": {"aws:TokenIssueTime": "2099-01-01T00:00:00Z"}},
        {"DateGreaterThan": {"aws:CurrentTime": "253402300800000"}},
    ],
)
def test_where_waiting_does_not_help_it_is_not_said(
    signed_in: Client, admin: Caller, make_user: Any, caller_of: Any, conditions: Any
) -> None:
    from accounts.models import UserInlinePolicy

    bob = make_user("bob")
    UserInlinePolicy.objects.create(user=bob, name="later", name_key="later", document=timed(conditions))
    assert waiting(signed_in, denied(caller_of(bob))) == []


def test_a_denial_up_to_a_moment_ends(signed_in: Client, admin: Caller, make_user: Any, caller_of: Any) -> None:
    bob = make_user("bob", document("iam:ListGroups"))
    put_user_policy(admin, user_name="bob", policy_name="freeze", policy_document=timed(
        {"NumericLessThan": {"aws:EpochTime": "4070908800"}}, "Deny"))  # fmt: skip
    assert waiting(signed_in, denied(caller_of(bob))) == [
        "Wait until 2099-01-01 00:00:00 UTC: Window in freeze denies it no longer then"
    ]


def test_a_trust_policy_that_opens_later(signed_in: Client, admin: Caller, bob: User, refused: Any) -> None:
    make_role(admin, "target", trusting(ROOT, {"DateGreaterThan": {"aws:CurrentTime": "2099-01-01T00:00:00Z"}}))
    assert waiting(signed_in, refused()) == [
        "Wait until 2099-01-01 00:00:01 UTC: In in trust policy allows it from then on"
    ]


@pytest.mark.parametrize("number", [2, 60])
def test_it_costs_the_same_however_many_roles(
    signed_in: Client, admin: Caller, make_user: Any, refused: Any, number: int
) -> None:
    make_user("bob")
    make_role(admin, "target", trusting(ROOT))
    for each in range(number):
        make_role(admin, f"r{each}", trusting(BOB), document("sts:AssumeRole"))
    event = refused()
    told(signed_in, event)
    assert Role.objects.count() == number + 1
    with CaptureQueriesContext(connection) as done:
        told(signed_in, event)
    asked = [query["sql"] for query in done if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(asked) <= 21, "\n".join(each[:150] for each in asked)
