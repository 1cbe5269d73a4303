"""`python -m engine decide`: policy tests as JSON lines, one case in and one answer out, in order."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from engine.document import Policy, decoded_json
from engine.evaluate import evaluate
from engine.json_tree import NumberText, PolicySyntaxError, decode
from engine.policies import NamedPolicy, Policies
from engine.request import ContextValue, Principal, Request

_FLAGS: Final = ("management_account", "service_linked_role", "wildcard_only_action")


class CaseError(ValueError):
    """A line is no case; says what is wrong with it."""


def answers(lines: Iterable[bytes | str], *, trace: bool = False) -> Iterator[str]:
    """One line of JSON for every line that is not blank; a bad line gives `{"id", "error"}`."""
    for line in lines:
        if line.strip():
            yield json.dumps(
                answer(line.rstrip(b"\r\n") if isinstance(line, bytes) else line.rstrip("\r\n"), trace=trace)
            )


def answer(line: bytes | str, *, trace: bool = False) -> dict[str, Any]:
    """The answer to one line."""
    identifier: Any = None
    try:
        case = decoded_json(decode(line))
        identifier = _plain(case.get("id")) if isinstance(case, dict) else None
        request, policies = read_case(case)
        return {"id": identifier, **evaluate(request, policies, trace=trace).as_dict()}
    except (CaseError, PolicySyntaxError) as error:
        return {"id": identifier, "error": str(error)}


def read_case(case: Any) -> tuple[Request, Policies]:
    """The request and the policies of a case. Raises CaseError for what is no case, PolicySyntaxError for a document."""
    if not isinstance(case, dict):
        raise CaseError("a case is a JSON object")
    policies = Policies(
        identity=_named_documents(case.get("identity_policies")),
        resource=_policy(case.get("resource_policy"), "resource_policy", "resource"),
        boundaries=_documents(case, "permission_boundaries", "boundary"),
        session=_documents(case, "session_policies", "session"),
        service_control=_levels(case, "service_control_policies", "scp"),
        resource_control=_levels(case, "resource_control_policies", "rcp"),
        vpc_endpoint=_documents(case, "vpc_endpoint_policies", "vpce"),
    )
    return read_request(case.get("request")), policies


def read_request(value: Any) -> Request:
    """The request of a case. Raises CaseError."""
    if not isinstance(value, dict):
        raise CaseError("request is an object with principal, action and resource")
    context = _context(value.get("context"))
    for name in ("action", "resource"):
        if not _is_text(value.get(name)):
            raise CaseError(f"request.{name} is a string")
    flags = {name: value.get(name) for name in _FLAGS}
    for name, flag in flags.items():
        if not isinstance(flag, bool | None):
            raise CaseError(f"request.{name} is true or false")
    account = value.get("resource_account")
    if account is not None and not _is_text(account):
        raise CaseError("request.resource_account is a string")
    return Request(
        _principal(value.get("principal"), context),
        value["action"],
        value["resource"],
        context,
        resource_account=account,
        management_account=bool(flags["management_account"]),
        service_linked_role=bool(flags["service_linked_role"]),
        wildcard_only_action=flags["wildcard_only_action"],
    )


def _principal(given: Any, context: Mapping[str, ContextValue]) -> Principal:
    """The caller, with what the context says about it beyond its ARN: unique ids and the path of a session's role."""
    if given is not None and not _is_text(given):
        raise CaseError("request.principal is an ARN, a service name or null")
    try:
        principal = Principal.from_arn(given)
    except ValueError as error:
        raise CaseError(f"request.principal: {error}") from None
    facts = {key.lower(): value for key, value in context.items() if isinstance(value, str)}
    if "aws:userid" in facts:
        principal = replace(principal, user_id=facts["aws:userid"])
    role = facts.get("aws:principalarn", "")
    known = principal.role_arn or ""
    if principal.kind == "role_session" and ":role/" in role and role.rsplit("/", 1)[-1] == known.rsplit("/", 1)[-1]:
        principal = replace(principal, role_arn=role)
    if "aws:federatedprovider" in facts:
        principal = replace(principal, federated_provider=facts["aws:federatedprovider"])
    return principal


def _context(given: Any) -> dict[str, ContextValue]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise CaseError("request.context is an object of strings and lists of strings")
    context: dict[str, ContextValue] = {}
    seen: set[str] = set()
    for key, value in given.items():
        if key.lower() in seen:
            raise CaseError(f"request.context holds {key} twice")
        seen.add(key.lower())
        if value is None:
            continue
        if isinstance(value, list):
            context[key] = [_text(each, key) for each in value]
        else:
            context[key] = _text(value, key)
    return context


def _text(value: Any, key: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return str(value)
    raise CaseError(f"request.context: the value of {key} is a string or a list of strings")


def _named_documents(given: Any) -> list[NamedPolicy]:
    if given is None:
        return []
    if not isinstance(given, list):
        raise CaseError("identity_policies is a list of {name, document}")
    found = []
    for index, each in enumerate(given):
        if not isinstance(each, dict) or "document" not in each:
            raise CaseError(f"identity_policies[{index}] is an object with name and document")
        name = each.get("name", f"identity_policies[{index}]")
        if not _is_text(name):
            raise CaseError(f"identity_policies[{index}].name is a string")
        found.append(NamedPolicy(name, _document(each["document"], f"identity_policies[{index}]"), "identity"))
    return found


def _documents(case: dict[str, Any], key: str, kind: str) -> list[NamedPolicy]:
    given = case.get(key)
    if given is None:
        return []
    if not isinstance(given, list):
        raise CaseError(f"{key} is a list of policy documents")
    return [NamedPolicy(f"{key}[{i}]", _document(each, f"{key}[{i}]"), kind) for i, each in enumerate(given)]


def _levels(case: dict[str, Any], key: str, kind: str) -> list[list[NamedPolicy]] | None:
    given = case.get(key)
    if given is None:
        return None
    if not isinstance(given, list) or not all(isinstance(level, list) for level in given):
        raise CaseError(f"{key} is a list of levels, each a list of policy documents")
    return [
        [
            NamedPolicy(f"{key}[{i}][{j}]", _document(each, f"{key}[{i}][{j}]"), kind)
            for j, each in enumerate(level)
        ]
        for i, level in enumerate(given)
    ]  # fmt: skip


def _policy(given: Any, name: str, kind: str) -> NamedPolicy | None:
    return None if given is None else NamedPolicy(name, _document(given, name), kind)


def _document(given: Any, place: str) -> Policy:
    try:
        return Policy.parse(given) if _is_text(given) else Policy.from_value(given)
    except PolicySyntaxError as error:
        raise CaseError(f"{place}: {error.message}") from None


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and not isinstance(value, NumberText)


def _plain(value: Any) -> Any:
    if isinstance(value, NumberText):
        return float(value) if any(mark in value for mark in ".eE") else int(value)
    return value
