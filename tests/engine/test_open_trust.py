"""Which trust policies let in whoever comes. Each case is also asked of the engine: a stranger is let in where it says open, and only there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine import NamedPolicy, Policies, Policy, Principal, Request, evaluate
from engine.open_trust import open_statements

DATA = Path(__file__).parent / "open_trust"
CASES = [
    pytest.param(case, id=f"{path.stem}-{number}")
    for path in sorted(DATA.glob("*.json"))
    for number, case in enumerate(json.loads(path.read_text(encoding="utf-8")))
]
ROLE = "arn:aws:iam::123456789012:role/deploy"
ALL = Policy.parse('{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}')
STRANGER = Principal.from_arn("arn:aws:iam::999999999999:user/mallory", user_id="AIDAMALLORY123456789")
WITH_TOKEN = Principal(kind="federated", account=None, arn=None, federated_provider="id.example.com")


def policy_of(case: dict[str, Any]) -> Policy:
    return Policy.parse(json.dumps({"Version": case.get("version", "2012-10-17"), "Statement": case["statements"]}))


@pytest.mark.parametrize("case", CASES)
def test_open(case: dict[str, Any]) -> None:
    assert sorted(open_statements(policy_of(case))) == case["open"], case["because"]


@pytest.mark.parametrize("case", CASES)
def test_a_stranger_is_let_in_where_it_is_open(case: dict[str, Any]) -> None:
    action = case.get("action", "sts:AssumeRole")
    who = WITH_TOKEN if "action" in case else STRANGER
    request = Request(who, action, ROLE, case.get("brings", {}), resource_account="123456789012")
    policies = Policies(
        identity=[NamedPolicy("all", ALL, "user")] if who is STRANGER else None,
        resource=NamedPolicy("trust policy", policy_of(case), "resource"),
    )
    assert evaluate(request, policies).allowed is bool(case["open"]), case["because"]


def test_a_document_of_an_identity_lets_nobody_in() -> None:
    assert open_statements(ALL) == frozenset()
