"""Policies to work on."""

import json
from collections.abc import Callable

import pytest

from operations.caller import Caller
from operations.ids import unique_id
from policies.models import AWS, ManagedPolicy, PolicyVersion
from policies.operations.managed_policies import create_policy


def document(action: str = "s3:GetObject", resource: str = "*", effect: str = "Allow") -> str:
    statement = {"Effect": effect, "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def make_policy(admin: Caller) -> Callable[..., str]:
    """A customer managed policy made through the operation; its ARN."""

    def make(name: str = "reading", text: str | None = None, **given: object) -> str:
        return create_policy(admin, policy_name=name, policy_document=text or document(), **given)["Policy"]["Arn"]

    return make


@pytest.fixture
def make_aws_policy(db: None) -> Callable[..., ManagedPolicy]:
    """An AWS managed policy, as the loader stores it."""

    def make(name: str = "ReadOnlyAccess", path: str = "/", text: str | None = None) -> ManagedPolicy:
        policy = ManagedPolicy.objects.create(
            account_id=AWS,
            name=name,
            name_key=name.lower(),
            path=path,
            arn=f"arn:aws:iam::aws:policy{path}{name}",
            unique_id=unique_id("ANPA"),
            default_version=3,
            latest_version=3,
        )
        PolicyVersion.objects.create(policy=policy, number=3, document=text or document("s3:*"))
        return policy

    return make
