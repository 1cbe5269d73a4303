"""The encrypted message that a denial carries: whoever may decode it reads the decision (STS API Reference: DecodeAuthorizationMessage)."""

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from cryptography.fernet import InvalidToken

from engine import Condition, Decision, Request, Statement
from federation.errors import InvalidAuthorizationMessage
from operations.secrets import keyring

LONGEST = 7_000  # characters: what any proxy lets pass as one header; the parameter EncodedMessage allows more
LONGEST_RESOURCE = 500  # characters of the resource that are always kept
LISTS = ("principals", "actions", "resources", "conditions")  # the members of a statement that can be long


class Measure(NamedTuple):
    """How much of a decision is told: the longest value, as characters of JSON, and the number of statements."""

    longest: int
    statements: int


LESS = (Measure(1_000, 100), Measure(200, 30), Measure(0, 5))


def encode(request: Request, decision: Decision, account_id: str) -> str:
    """A denial as a text that only this installation reads, for the account in which it happened.

    Where it would be longer than a header may be, the largest values are left out, so that every denial has one.
    """
    message = as_message(request, decision)
    sealed = _sealed(account_id, message)
    for measure in LESS:
        if len(sealed) <= LONGEST:
            break
        sealed = _sealed(account_id, _shortened(message, measure))
    return sealed


def _sealed(account_id: str, message: Mapping[str, Any]) -> str:
    text = json.dumps({"account": account_id, "decision": message}, separators=(",", ":"), default=str)
    return keyring().encrypt(zlib.compress(text.encode(), 9)).decode().rstrip("=")


def _shortened(message: Mapping[str, Any], measure: Measure) -> dict[str, Any]:
    """The message without the values that are longer than the measure; a statement then lacks the member."""

    def fits(value: Any) -> bool:
        return len(json.dumps(value, default=str)) <= measure.longest

    matched, context = message["matchedStatements"]["items"][: measure.statements], message["context"]
    kept = [{key: value for key, value in one.items() if key not in LISTS or fits(value)} for one in matched]
    conditions = [one for one in context["conditions"]["items"] if fits(one)]
    shorter = {"resource": context["resource"][:LONGEST_RESOURCE], "conditions": {"items": conditions}}
    return {**message, "matchedStatements": {"items": kept}, "context": {**context, **shorter}}


def decode(message: str, account_id: str) -> str:
    """The decision in an encoded message, as JSON text. Raises InvalidAuthorizationMessage, also for another account's message."""
    try:
        token = message.encode("ascii") + b"=" * (-len(message) % 4)
        held = json.loads(zlib.decompress(keyring().decrypt(token)))
    except (InvalidToken, UnicodeEncodeError, ValueError, zlib.error):
        held = {}
    if held.get("account") != account_id:
        raise InvalidAuthorizationMessage(f"Message `{message[:64]}` is invalid")
    return json.dumps(held["decision"], separators=(",", ":"))


def as_message(request: Request, decision: Decision) -> dict[str, Any]:
    """The members that AWS gives: allowed, explicitDeny, matchedStatements, failures, context (AWS CLI, «decode-authorization-message»).

    Each statement says beside AWS's members which policy it stands in.
    """
    principal = request.principal
    matched = [
        {
            "statementId": match.sid or "",
            "effect": match.effect.upper(),
            **_elements(match.compiled.statement, principal.user_id or ""),
            "sourcePolicyId": match.policy,
            "sourcePolicyType": match.kind,
        }
        for match in decision.matched
    ]
    name = {"name": principal.username} if principal.username else {}
    return {
        "allowed": decision.allowed,
        "explicitDeny": decision.outcome == "explicitDeny",
        "matchedStatements": {"items": matched},
        "failures": {"items": []},
        "context": {
            "principal": {"id": principal.user_id or "", **name, "arn": principal.arn or "anonymous"},
            "action": request.action,
            "resource": request.resource,
            "conditions": {"items": _conditions(request.context)},
        },
    }


def _elements(statement: Statement, caller_id: str) -> dict[str, Any]:
    """What a statement says. The caller stands for the principal where the statement names none; Not… elements are not told apart."""
    named = statement.principal or statement.not_principal
    principals = (*named.aws, *named.service, *named.federated, *named.canonical_user) if named else (caller_id,)
    return {
        "principals": _items(principals),
        "principalGroups": _items(()),
        "actions": _items(statement.actions or statement.not_actions or ()),
        "resources": _items(statement.resources or statement.not_resources or ()),
        "conditions": {"items": list(_of_statement(statement.conditions))},
    }


def _of_statement(conditions: Iterable[Condition]) -> Iterator[dict[str, Any]]:
    for condition in conditions:
        yield {"key": condition.key, "values": _items(condition.values)}


def _conditions(context: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"key": key, "values": _items([value] if isinstance(value, str) else value)} for key, value in context.items()
    ]


def _items(values: Iterable[Any]) -> dict[str, Any]:
    return {"items": [{"value": value} for value in values]}
