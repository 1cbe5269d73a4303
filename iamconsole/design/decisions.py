"""Explained decisions for the living page: allowed, denied by a statement, by nobody's allow, and by a policy that may not be read."""

from engine import NamedPolicy, Policies, Policy, Principal, Request, evaluate
from engine.trace import Trace
from pages.explanation import Explanation, explain

BUILD_BOT = Principal.from_arn("arn:aws:iam::123456789012:user/build-bot")
LEDGER = "arn:aws:s3:::ledger-2026/january.csv"
READ = (
    '{"Version":"2012-10-17","Statement":{"Sid":"Read","Effect":"Allow","Action":"s3:Get*",'
    '"Resource":"arn:aws:s3:::ledger-*","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}}'
)
GUARD = (
    '{"Version":"2012-10-17","Statement":{"Sid":"KeepLedgers","Effect":"Deny","Action":"s3:Delete*",'
    '"Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}}'
)


def explanations() -> dict[str, Explanation]:
    """One explanation for each kind of outcome."""
    policies = Policies(
        identity=[NamedPolicy("read-ledgers", Policy.parse(READ), "user-managed")],
        boundaries=[NamedPolicy("guard", Policy.parse(GUARD), "boundary")],
    )
    alone = Policies(identity=[NamedPolicy("read-ledgers", Policy.parse(READ), "user-managed")])
    home, away = {"aws:SourceIp": "203.0.113.9"}, {"aws:SourceIp": "192.0.2.10"}
    return {
        "allowed": _explained("s3:GetObject", alone, home),
        "denied": _explained("s3:DeleteObject", policies, {"aws:MultiFactorAuthPresent": "false"}),
        "silent": _explained("s3:GetObject", alone, away),
        "hidden": _explained("s3:DeleteObject", policies, {}, hidden=[("guard", "")]),
    }


def _explained(
    action: str, policies: Policies, context: dict[str, str], hidden: list[tuple[str, str]] | None = None
) -> Explanation:
    decision = evaluate(Request(BUILD_BOT, action, LEDGER, context), policies, trace=True)
    return explain(Trace(decision.explanation).as_dict(), hidden or [])
