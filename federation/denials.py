"""The encrypted message that a denial carries: whoever may decode it reads the decision (STS API Reference: DecodeAuthorizationMessage)."""

import json
import zlib
from collections.abc import Mapping
from typing import Any

from cryptography.fernet import InvalidToken

from engine import Decision, Request
from federation.errors import InvalidAuthorizationMessage
from operations.secrets import keyring

LONGEST = 10_240  # characters, as the parameter EncodedMessage allows


def encode(request: Request, decision: Decision, account_id: str) -> str:
    """A denial as a text that only this installation reads, for the account in which it happened."""
    text = json.dumps(
        {"account": account_id, "decision": as_message(request, decision)}, separators=(",", ":"), default=str
    )
    message = keyring().encrypt(zlib.compress(text.encode(), 9)).decode().rstrip("=")
    return message if len(message) <= LONGEST else ""


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
    """The members that AWS gives: allowed, explicitDeny, matchedStatements, failures, context."""
    matched = [
        {
            "statementId": match.sid or str(match.statement),
            "effect": match.effect.upper(),
            "sourcePolicyId": match.policy,
            "sourcePolicyType": match.kind,
        }
        for match in decision.matched
    ]
    return {
        "allowed": decision.allowed,
        "explicitDeny": decision.outcome == "explicitDeny",
        "matchedStatements": {"items": matched},
        "failures": {"items": []},
        "context": {
            "principal": {"id": request.principal.user_id or "", "arn": request.principal.arn or "anonymous"},
            "action": request.action,
            "resource": request.resource,
            "conditions": {"items": _conditions(request.context)},
        },
    }


def _conditions(context: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"key": key, "values": {"items": [{"value": one} for one in ([value] if isinstance(value, str) else value)]}}
        for key, value in context.items()
    ]
