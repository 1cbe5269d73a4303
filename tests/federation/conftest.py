"""Roles, and clients of AWS STS."""

import json
from collections.abc import Callable

import pytest
import time_machine

from accounts.models import Role
from operations.clock import now
from operations.gate import REGISTRY
from tests.api.conftest import *  # noqa: F403 - the SDK clients are the same
from tests.signing_in import sign_in


@pytest.fixture
def make_role(account, system) -> Callable[..., Role]:
    """A role with a trust policy: of the statements given, or of one principal."""

    def make(
        name: str,
        trusted: object = "arn:aws:iam::123456789012:root",
        *,
        actions=("sts:AssumeRole",),
        policy: object = None,
        **options,
    ) -> Role:
        condition = options.pop("condition", None)
        statement = {"Effect": "Allow", "Principal": {"AWS": trusted}, "Action": list(actions)} | (
            {"Condition": condition} if condition else {}
        )
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        REGISTRY["iam:CreateRole"](system, role_name=name, assume_role_policy_document=document, **options)
        if policy:
            REGISTRY["iam:PutRolePolicy"](
                system,
                role_name=name,
                policy_name="given",
                policy_document=policy if isinstance(policy, str) else json.dumps(policy),
            )
        return Role.objects.get(account=account, name=name)

    return make


def allow(*actions: str, resource: str = "*") -> str:
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": resource}]}
    )


@pytest.fixture
def clock():
    with time_machine.travel(now(), tick=False) as traveller:
        yield traveller


@pytest.fixture
def vera(make_user):
    """A user who may assume any role, and nothing else."""
    return make_user("vera", allow("sts:AssumeRole"))


@pytest.fixture
def reader(make_role):
    """A role that reads IAM."""
    return make_role("Reader", policy=allow("iam:List*", "iam:Get*"))


@pytest.fixture
def browser(client, vera):
    sign_in(client, vera)
    return client
