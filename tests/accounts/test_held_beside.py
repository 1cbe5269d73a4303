"""What a picker of policies says beside each step: how many are attached then, what is new, and what is covered already."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from accounts.operations.attachments import attach_group_policy, attach_user_policy
from accounts.operations.boundaries import put_user_permissions_boundary
from accounts.operations.groups import create_group
from accounts.operations.inline_policies import put_user_policy
from accounts.operations.memberships import add_user_to_group
from engine import catalog
from operations.caller import Caller
from operations.models import Event
from pages.picking import Picking
from policies.models import ManagedPolicy
from policies.operations.managed_policies import create_policy
from tests.conftest import ADMINISTRATOR
from tests.signing_in import sign_in


def saying(*actions: str, effect: str = "Allow", resource: str = "*", **more: Any) -> str:
    statement = {"Effect": effect, "Action": list(actions), "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


QUEUES = len(catalog.actions("sqs"))
DOCUMENTS = {
    "reading": saying("s3:GetObject"),
    "buckets": saying("s3:Get*", "s3:List*"),
    "one-bucket": saying("s3:*", resource="arn:aws:s3:::one/*"),
    "queues": saying("sqs:*"),
    "forbids": saying("s3:GetObject", effect="Deny"),
}


@pytest.fixture
def arns(system: Caller) -> dict[str, str]:
    return {
        name: create_policy(system, policy_name=name, policy_document=document)["Policy"]["Arn"]
        for name, document in DOCUMENTS.items()
    }


@pytest.fixture
def dora(make_user: Any, system: Caller) -> User:
    user: User = make_user("dora")
    create_group(system, group_name="ops")
    add_user_to_group(system, group_name="ops", user_name="dora")
    return user


@pytest.fixture
def signed_in(client: Client, make_user: Any) -> Client:
    sign_in(client, make_user("sam", ADMINISTRATOR), mfa=True)
    return client


def step(client: Client, *chosen: str, beside: str = "holder user/dora", **more: str) -> Picking:
    """A step in the picker of the form that attaches policies to dora."""
    asked = {"name": "policy_arn", "policy_arn": chosen, "beside": beside, **more}
    answer = client.get(reverse("pages:pick", args=["policies"]), asked)
    assert answer.status_code == 200
    found: Picking = answer.context["picking"]
    return found


def lines(found: Picking) -> list[str]:
    return [str(words) for _kind, words in found.sum.lines]


def covered(found: Picking) -> dict[str, str]:
    return {each.label: str(each.covered) for each in (*found.chosen, *found.offered) if each.covered}


class TestTotals:
    def test_the_total_runs_with_the_choice(
        self, signed_in: Client, dora: User, arns: dict[str, str], system: Caller
    ) -> None:
        attach_user_policy(system, user_name="dora", policy_arn=arns["reading"])
        assert lines(step(signed_in)) == ["1 of 10 policies are attached."]
        assert lines(step(signed_in, arns["queues"]))[0] == "2 of 10 policies are attached afterwards."
        assert lines(step(signed_in, arns["queues"], arns["buckets"]))[0] == "3 of 10 policies are attached afterwards."

    def test_the_form_itself_says_the_same_without_scripts(
        self, signed_in: Client, dora: User, arns: dict[str, str], system: Caller
    ) -> None:
        put_user_policy(system, user_name="dora", policy_name="own", policy_document=saying("sqs:SendMessage"))
        typed = {"policy_arn": [arns["queues"]], "policy_arn-q": "read bucket", "policy_arn-search": "1"}
        page = signed_in.post("/users/dora/attach/", typed).content.decode()
        assert "1 of 10 policies are attached afterwards." in page
        assert f"New access: {QUEUES - 1} actions of Amazon SQS" in page
        assert "From least to most privilege" in page

    def test_what_is_held_is_not_new(self, signed_in: Client, dora: User, arns: dict[str, str], system: Caller) -> None:
        attach_group_policy(system, group_name="ops", policy_arn=arns["queues"])
        found = step(signed_in, arns["reading"], arns["queues"])
        assert lines(found)[1] == "New access: 1 action of Amazon S3"
        assert covered(found) == {"queues": "Already through group ops"}

    def test_nothing_new_is_said(self, signed_in: Client, dora: User, arns: dict[str, str], system: Caller) -> None:
        attach_user_policy(system, user_name="dora", policy_arn=arns["buckets"])
        assert lines(step(signed_in, arns["reading"]))[1].startswith("No new action")

    def test_what_the_boundary_leaves_out_is_not_new(
        self, signed_in: Client, dora: User, arns: dict[str, str], system: Caller
    ) -> None:
        put_user_permissions_boundary(system, user_name="dora", permissions_boundary=arns["reading"])
        assert lines(step(signed_in, arns["queues"], arns["buckets"]))[1] == "New access: 1 action of Amazon S3"

    def test_for_somebody_new_it_is_told_what_all_allow_together(self, signed_in: Client, arns: dict[str, str]) -> None:
        assert lines(step(signed_in, beside="")) == []
        assert lines(step(signed_in, arns["reading"], arns["queues"], beside="")) == [
            f"Together: {QUEUES + 1} actions of Amazon S3, Amazon SQS"
        ]
        assert lines(step(signed_in, arns["forbids"], beside="")) == ["What is chosen allows nothing by itself."]

    def test_a_boundary_is_not_summed_up(self, signed_in: Client, arns: dict[str, str]) -> None:
        assert lines(step(signed_in, arns["reading"], beside="", single="1")) == []

    def test_groups_and_roles_have_it_too(
        self, signed_in: Client, dora: User, arns: dict[str, str], system: Caller
    ) -> None:
        assert lines(step(signed_in, arns["queues"], beside="holder group/ops"))[0].startswith("1 of 10")
        for nonsense in ("holder user/nobody", "holder ship/dora", "holder", "nothing dora", "holder user/"):
            assert lines(step(signed_in, arns["queues"], beside=nonsense))[0].startswith("Together"), nonsense


class TestCovered:
    def test_what_others_allow_everywhere_is_covered(
        self, signed_in: Client, dora: User, arns: dict[str, str], system: Caller
    ) -> None:
        attach_user_policy(system, user_name="dora", policy_arn=arns["buckets"])
        assert covered(step(signed_in, without=arns["buckets"])) == {"reading": "Already covered"}

    def test_what_is_chosen_covers_too(self, signed_in: Client, dora: User, arns: dict[str, str]) -> None:
        assert covered(step(signed_in, arns["buckets"])) == {"reading": "Already covered"}
        assert covered(step(signed_in, arns["buckets"], arns["reading"])) == {"reading": "Already covered"}
        assert covered(step(signed_in, arns["reading"], arns["buckets"])) == {}, (
            "the second adds something to the first"
        )

    def test_a_part_covers_nothing(self, signed_in: Client, dora: User, arns: dict[str, str]) -> None:
        assert covered(step(signed_in, arns["one-bucket"])) == {}

    def test_a_deny_adds_something(self, signed_in: Client, dora: User, arns: dict[str, str], system: Caller) -> None:
        everything = create_policy(system, policy_name="zz", policy_document=saying("*"))["Policy"]["Arn"]
        found = covered(step(signed_in, everything))
        assert set(found) == {"reading", "buckets", "one-bucket", "queues"}

    def test_actions_that_the_catalogue_does_not_know_are_not_taken_for_covered(
        self, signed_in: Client, dora: User, arns: dict[str, str], system: Caller
    ) -> None:
        create_policy(system, policy_name="shop", policy_document=saying("shop:Sell"))
        create_policy(system, policy_name="shops", policy_document=saying("shop:*"))
        assert covered(step(signed_in, arns["queues"])) == {}
        shops = ManagedPolicy.objects.get(name="shops").arn
        assert covered(step(signed_in, shops)) == {"shop": "Already covered"}


class TestWhoIsTold:
    def test_without_what_is_held_no_total_and_nothing_new(
        self, client: Client, make_user: Any, dora: User, arns: dict[str, str], system: Caller
    ) -> None:
        attach_user_policy(system, user_name="dora", policy_arn=arns["buckets"])
        may = ("iam:ListPolicies", "iam:GetPolicyVersion")
        sign_in(client, make_user("liz", saying(*may)))
        found = step(client, arns["reading"])
        assert lines(found) == ["Together: 1 action of Amazon S3"], "what the chosen ones say, and nothing of dora"
        assert covered(found) == {}
        assert not Event.objects.filter(outcome="denied").exists(), "nobody asked for it"

    def test_who_may_not_open_the_form_is_told_nothing_of_its_user(
        self, client: Client, make_user: Any, dora: User, arns: dict[str, str], system: Caller
    ) -> None:
        attach_group_policy(system, group_name="ops", policy_arn=arns["reading"])
        may = ("iam:ListPolicies", "iam:ListAttachedUserPolicies", "iam:GetPolicyVersion")
        for name, more, told in (("liz", (), False), ("may", ("iam:GetUser",), True)):
            sign_in(client, make_user(name, saying(*may, *more)))
            found = step(client)
            assert ("Already through group ops" in covered(found).values()) is told
            assert ("0 of 10 policies are attached." in lines(found)) is told

    def test_without_the_documents_the_total_alone(
        self, client: Client, make_user: Any, dora: User, arns: dict[str, str], system: Caller
    ) -> None:
        attach_user_policy(system, user_name="dora", policy_arn=arns["buckets"])
        sign_in(client, make_user("liz", saying("iam:GetUser", "iam:ListPolicies", "iam:ListAttachedUserPolicies")))
        found = step(client, arns["reading"])
        assert lines(found) == ["2 of 10 policies are attached afterwards."]
        assert covered(found) == {}
        assert not any(each.contents for each in found.offered)

    def test_without_the_inline_policies_nothing_new_is_told(
        self, client: Client, make_user: Any, dora: User, arns: dict[str, str], system: Caller
    ) -> None:
        put_user_policy(system, user_name="dora", policy_name="own", policy_document=saying("s3:*"))
        may = ("iam:GetUser", "iam:ListPolicies", "iam:ListAttachedUserPolicies", "iam:GetPolicyVersion")
        sign_in(client, make_user("liz", saying(*may)))
        found = step(client, arns["reading"])
        assert lines(found) == ["1 of 10 policies are attached afterwards."]
        assert covered(found) == {}


def test_a_step_costs_the_same_whatever_is_chosen_held_and_there(
    signed_in: Client, dora: User, arns: dict[str, str], system: Caller
) -> None:
    put_user_policy(system, user_name="dora", policy_name="own", policy_document=saying("*"))
    attach_user_policy(system, user_name="dora", policy_arn=arns["queues"])
    step(signed_in, arns["reading"], **{"policy_arn-q": "read bucket"})
    with CaptureQueriesContext(connection) as few:
        step(signed_in, arns["reading"], **{"policy_arn-q": "read bucket"})
    more = [
        create_policy(system, policy_name=f"p{n:02}", policy_document=DOCUMENTS["buckets"])["Policy"]["Arn"]
        for n in range(15)
    ]
    for arn in more[:5]:
        attach_user_policy(system, user_name="dora", policy_arn=arn)
    step(signed_in, *more[5:9], **{"policy_arn-q": "read bucket"})
    with CaptureQueriesContext(connection) as many:
        step(signed_in, *more[5:9], **{"policy_arn-q": "read bucket"})
    assert len(many) == len(few) <= 15, [each["sql"][:120] for each in many]
