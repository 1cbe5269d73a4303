"""The simulator remarks on resources that the actions cannot meet in a request."""

import pytest

from access.simulator.fitting import remarks_on

BUCKET, KEY = "arn:aws:s3:::logs", "arn:aws:kms:us-east-1:123456789012:key/1"


@pytest.mark.parametrize(
    ("actions", "resource", "because"),
    [
        (["s3:GetObject"], "arn:aws:s3:::logs/today", "an object is what it reads"),
        (["s3:GetObject"], "*", "every resource is one of the right kind, too"),
        (["s3:GetObject"], "arn:aws:*:::logs", "a wildcard may be the right service"),
        (["nosuch:Action"], BUCKET, "nobody knows what an unknown action works on"),
        (["sts:AssumeRole"], "arn:aws:iam::123456789012:role/deploy", "STS works on resources of IAM"),
    ],
)
def test_nothing_is_said_of_a_resource_that_fits(actions: list[str], resource: str, because: str) -> None:
    assert remarks_on(actions, [resource]) == [], because


def test_a_resource_of_another_service_is_remarked_on() -> None:
    (said,) = remarks_on(["s3:GetObject", "s3:PutObject", "kms:Decrypt"], [KEY])
    assert said.startswith(f"{KEY} is no resource of a kind that s3:GetObject (and 1 more) works on.")


def test_an_action_without_resources_is_remarked_on() -> None:
    (said,) = remarks_on(["s3:ListAllMyBuckets"], [BUCKET])
    assert said.startswith("s3:ListAllMyBuckets works on no particular resource")


def test_each_is_said_once() -> None:
    assert len(remarks_on(["s3:GetObject"], [KEY, KEY, "arn:aws:kms:us-east-1:123456789012:key/2"])) == 2
