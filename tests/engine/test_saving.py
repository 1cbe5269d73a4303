"""What AWS refuses on saving is refused in its words and at the place; what it accepts is never refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine import Policy
from engine.grammar import KINDS, MalformedPolicyDocument, check_saving, size
from tests.engine.managed_policies import managed_policies

DATA = Path(__file__).parent / "saving"
CASES = [
    pytest.param(case, id=f"{path.stem}-{number}")
    for path in sorted(DATA.glob("*.json"))
    for number, case in enumerate(json.loads(path.read_text(encoding="utf-8")))
]


@pytest.mark.parametrize("case", CASES)
def test_saving(case: dict[str, Any]) -> None:
    text = case["text"] if "text" in case else json.dumps(case["document"], indent=4)
    if case["message"] is None:
        assert isinstance(check_saving(text, case["kind"]), Policy), case["because"]
        return
    with pytest.raises(MalformedPolicyDocument) as refusal:
        check_saving(text, case["kind"])
    error = refusal.value
    assert error.message == case["message"], case["because"]
    assert str(error) == case["message"]
    assert error.code == case.get("code", "MalformedPolicyDocument")
    assert error.line == case.get("line", error.line)
    assert error.column == case.get("column", error.column)
    lines = text.split("\n")
    assert sum(len(line) + 1 for line in lines[: error.line - 1]) + error.column - 1 == error.offset


def test_the_place_is_that_of_the_fault() -> None:
    text = '{\n  "Version": "2012-10-17",\n  "Statement": [{\n    "Effect": "Allow",\n    "Action": ["s3:Get*", "GetObject"],\n    "Resource": "*"\n  }]\n}'
    with pytest.raises(MalformedPolicyDocument) as refusal:
        check_saving(text, "identity")
    assert (refusal.value.line, refusal.value.column) == (5, 27)
    assert text[refusal.value.offset :].startswith('"GetObject"')


def test_a_partition_of_ones_own_is_accepted() -> None:
    text = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:mycloud:s3:::x"}}'
    with pytest.raises(MalformedPolicyDocument, match="Partition"):
        check_saving(text, "identity")
    assert check_saving(text, "identity", partition="mycloud").statements[0].resources == ("arn:mycloud:s3:::x",)


def test_what_says_nothing_is_saved_and_dropped() -> None:
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": [None, "*"], "Condition": {"nosuch": {}}}
    policy = check_saving(json.dumps({"Version": "2012-10-17", "Statement": statement}), "identity")
    assert policy.statements[0].resources == ("*",)
    assert policy.statements[0].conditions == ()


def test_an_unknown_kind_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="no kind of policy"):
        check_saving("{}", "acl")  # type: ignore[arg-type]
    assert KINDS == ("identity", "resource", "trust", "scp", "rcp", "session", "boundary")


def test_size_leaves_white_space_out() -> None:
    assert size('{"Version":\t"2012-10-17",\r\n "Id": "a b"}') == len('{"Version":"2012-10-17","Id":"ab"}')


def test_every_managed_policy_of_aws_is_accepted() -> None:
    policies = managed_policies()
    assert len(policies) > 1_500
    for name, policy in policies.items():
        text = json.dumps(policy["Document"], indent=4)
        assert check_saving(text, "identity").statements, name
