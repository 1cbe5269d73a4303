"""One case of the data, as `python -m engine decide` reads it, put to the engine through its Python interface."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine import Decision, NamedPolicy, Policies, Policy, Principal, Request, evaluate

CASES = Path(__file__).parent / "cases"


def read_cases() -> Iterator[dict[str, Any]]:
    """All cases of all files; each file is a list of cases."""
    for path in sorted(CASES.glob("*/*.json")):
        yield from json.loads(path.read_text(encoding="utf-8"))


def policy(document: Any) -> Policy:
    return Policy.parse(json.dumps(document))


def named(documents: Any, kind: str) -> list[NamedPolicy]:
    return [NamedPolicy(f"{kind}{index or ''}", policy(each), kind) for index, each in enumerate(documents or ())]


def levels(given: Any, kind: str) -> list[list[NamedPolicy]] | None:
    return None if given is None else [named(level, kind) for level in given]


def policies_of(case: dict[str, Any], *, cache_decisions: bool = False) -> Policies:
    identity = case.get("identity_policies") or ()
    return Policies(
        identity=[NamedPolicy(each["name"], policy(each["document"]), "identity") for each in identity],
        resource=next(iter(named([case["resource_policy"]], "resource")), None)
        if case.get("resource_policy")
        else None,
        boundaries=named(case.get("permission_boundaries"), "boundary"),
        session=named(case.get("session_policies"), "session"),
        service_control=levels(case.get("service_control_policies"), "scp"),
        resource_control=levels(case.get("resource_control_policies"), "rcp"),
        vpc_endpoint=named(case.get("vpc_endpoint_policies"), "vpce"),
        cache_decisions=cache_decisions,
    )


def request_of(case: dict[str, Any]) -> Request:
    given = case["request"]
    given_ids = [value for key, value in given.get("context", {}).items() if key.lower() == "aws:userid"]
    return Request(
        Principal.from_arn(given["principal"], **({"user_id": given_ids[0]} if given_ids else {})),
        given["action"],
        given["resource"],
        given.get("context") or {},
        resource_account=given.get("resource_account"),
        management_account=bool(given.get("management_account")),
        service_linked_role=bool(given.get("service_linked_role")),
        wildcard_only_action=given.get("wildcard_only_action"),
    )


def decide(case: dict[str, Any], *, trace: bool = False) -> Decision:
    return evaluate(request_of(case), policies_of(case), trace=trace)
