"""Random cases for `decide` that come close to matching: the request is chosen first, then policies are made out of it.

Patterns are the request's own texts with pieces replaced by wildcards or variables, conditions ask for the request's own
values or near misses, principals are the caller's own names or its neighbours'. Without this bias nearly every random
policy would be about something else, and two evaluators that always say no would agree. All choices come from one
`Random`: hypothesis hands over its own, which it can shrink; a plain seeded one makes thousands of cases a second.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

ACCOUNTS = ("111122223333", "444455556666")
A, B = ACCOUNTS
PRINCIPALS: tuple[str | None, ...] = (
    f"arn:aws:iam::{A}:user/alice",
    f"arn:aws:iam::{A}:user/team/carol",
    f"arn:aws:sts::{A}:assumed-role/app/s1",
    f"arn:aws:iam::{A}:role/app",
    f"arn:aws:sts::{A}:federated-user/fred",
    f"arn:aws:iam::{A}:root",
    "sns.amazonaws.com",
    None,
)
NAMES = (
    *(name for name in PRINCIPALS if name and name.startswith("arn:")),
    A,
    B,
    f"arn:aws:iam::{A}:role/app",
    f"arn:aws:iam::{B}:root",
    f"arn:aws:iam::{B}:user/bob",
    f"arn:aws:sts::{A}:assumed-role/app/s2",
    "*",
)
TARGETS: tuple[tuple[str, str], ...] = (
    ("s3:GetObject", "arn:aws:s3:::data/alice/report.txt"),
    ("s3:ListBucket", "arn:aws:s3:::data"),
    ("sqs:SendMessage", f"arn:aws:sqs:us-east-1:{A}:jobs"),
    ("sqs:SendMessage", f"arn:aws:sqs:us-east-1:{B}:jobs"),
    ("kms:Decrypt", f"arn:aws:kms:us-east-1:{A}:key/1234"),
    ("kms:Decrypt", f"arn:aws:kms:us-east-1:{B}:key/1234"),
    ("sts:AssumeRole", f"arn:aws:iam::{A}:role/deploy"),
    ("sts:AssumeRole", f"arn:aws:iam::{B}:role/deploy"),
    ("ec2:RunInstances", f"arn:aws:ec2:us-east-1:{A}:instance/i-1"),
    ("iam:GetUser", f"arn:aws:iam::{A}:user/alice"),
    ("sts:GetCallerIdentity", "*"),
)
KEYS: dict[str, tuple[str, ...]] = {
    "s3:prefix": ("alice", "alice/docs", "Alice", "", "a*c", "${aws:username}"),
    "s3:max-keys": ("5", "10", "10.0", "-1", "ten", "1e1"),
    "aws:CurrentTime": (
        "2026-03-01T12:00:00Z",
        "2026-03-01T13:00:00+01:00",
        "1772366400",
        "1772366400000",
        "2026-03-02",
        "soon",
    ),
    "aws:SourceIp": ("192.0.2.7", "192.0.2.0", "198.51.100.1", "2001:db8::1", "nowhere"),
    "aws:SecureTransport": ("true", "false"),
    "aws:SourceArn": (
        f"arn:aws:sns:us-east-1:{A}:orders",
        f"arn:aws:sns:us-east-1:{A}:or:ders",
        "arn:aws:s3:::data",
        "orders",
    ),
    "x:bytes": ("QUJD", "QUI=", "REVG"),
    "aws:PrincipalTag/team": ("blue", "red", "*"),
}
SETS = ("aws:TagKeys", "aws:CalledVia")
SET_VALUES = ("env", "team", "cost", "Env")
DERIVED = (
    "aws:username",
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:PrincipalType",
    "aws:userid",
    "aws:ResourceAccount",
)
FAMILIES: dict[str, tuple[str, ...]] = {
    "String": ("Equals", "NotEquals", "EqualsIgnoreCase", "NotEqualsIgnoreCase", "Like", "NotLike"),
    "Numeric": ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"),
    "Date": ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"),
    "Arn": ("Equals", "NotEquals", "Like", "NotLike"),
}
OTHERS = {"aws:SourceIp": ("IpAddress", "NotIpAddress"), "aws:SecureTransport": ("Bool",), "x:bytes": ("BinaryEquals",)}
OF_KEY = {"s3:max-keys": "Numeric", "aws:CurrentTime": "Date", "aws:SourceArn": "Arn", "aws:PrincipalArn": "Arn"}
RANGES = ("192.0.2.0/24", "192.0.2.7", "0.0.0.0/0", "2001:db8::/32", "10.0.0.0/8", "none")
VARIABLES = (
    "${aws:username}",
    "${aws:PrincipalTag/team}",
    "${aws:username, 'alice'}",
    "${AWS:PrincipalTag/Team, 'blue'}",
    "${s3:prefix}",
    "${aws:TagKeys}",
    "${*}",
    "${?}",
    "${$}",
    "${",
)


def blurred(r: Random, text: str, variables: bool = True) -> str:
    """The text with up to two of its pieces replaced by a wildcard, a variable or nothing."""
    for _ in range(r.randint(0, 2)):
        start = r.randint(0, len(text))
        length = r.choice((0, 1, 1, 3, 5, 100))
        choices = ["*", "*", "*", "?", "", "x"] + (list(VARIABLES[:4]) if variables else [])
        text = text[:start] + r.choice(choices) + text[start + length :]
    return text


def action_pattern(r: Random, action: str) -> str:
    service, _, name = action.partition(":")
    kind = r.randint(0, 9)
    if kind == 0:
        return "*"
    if kind == 1:
        return blurred(r, action, variables=False) or "*"
    if kind == 2:
        return r.choice(TARGETS)[0]
    return f"{r.choice((service, service.upper()))}:{blurred(r, name, variables=False)}"


def resource_pattern(r: Random, resource: str) -> str:
    kind = r.randint(0, 9)
    if kind <= 1:
        return "*"
    if kind == 2:
        return r.choice(TARGETS)[1]
    fields = resource.split(":", 5)
    if len(fields) < 6:
        return blurred(r, resource)
    head = [r.choice((field, field, field, field, "*", field[:2] + "*")) for field in fields[2:5]]
    last = blurred(r, fields[5])
    if "alice" in last and r.randint(0, 1):
        last = last.replace("alice", r.choice(VARIABLES))
    return ":".join(["arn", "aws", *head, last])


def one_or_many(r: Random, each: Callable[[], str]) -> str | list[str]:
    values = [each() for _ in range(r.choice((1, 1, 2, 3)))]
    return values[0] if len(values) == 1 and r.randint(0, 1) else values


def wanted_value(r: Random, key: str, family: str, context: dict[str, Any]) -> str:
    if family == "Null":
        return r.choice(("true", "false"))
    if key == "aws:SourceIp" and family == "Ip":
        return r.choice(RANGES)
    known = [value for value in [context.get(key)] if isinstance(value, str)]
    known += KEYS.get(key, ()) or (SET_VALUES if key in SETS else (*NAMES[:3], "alice", A, "User"))
    value = r.choice(known)
    if family == "Arn" and value.startswith("arn:"):
        return resource_pattern(r, value)
    if family == "String" and r.randint(0, 1):
        return r.choice(VARIABLES) if r.randint(0, 1) else blurred(r, value)
    return value


def operator(r: Random, key: str) -> tuple[str, str]:
    """An operator for a key, mostly of the key's own family, and that family."""
    kind = r.choice(("own", "own", "own", "String", "Null"))
    if kind == "Null":
        return "Null", "Null"
    names = OTHERS.get(key, ()) if kind == "own" else ()
    family = (
        "Ip" if names and "Ip" in names[0] else "Own" if names else OF_KEY.get(key, "String") if kind == "own" else kind
    )
    name = r.choice(names or [family + suffix for suffix in FAMILIES[family]])
    prefixes = ("ForAllValues:", "ForAnyValue:") if key in SETS else ("", "", "", "", "ForAnyValue:", "ForAllValues:")
    return r.choice(prefixes) + name + r.choice(("", "", "", "IfExists")), family


def condition(r: Random, context: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(r.choice((0, 0, 1, 1, 1, 2))):
        key = r.choice([*(list(context) or ["s3:prefix"]) * 4, *KEYS, *SETS, *DERIVED])
        name, family = operator(r, key)
        spelled = r.choice((key, key, key.upper()))
        found.setdefault(name, {})[spelled] = one_or_many(r, partial(wanted_value, r, key, family, context))
    return found


def named(r: Random, principal: str | None) -> Any:
    if r.randint(0, 5) == 0:
        return "*"
    own = [principal] * 6 if principal and principal.startswith("arn:") else ["*"]
    found: dict[str, Any] = {"AWS": one_or_many(r, lambda: r.choice([*own, *NAMES]))}
    if r.randint(0, 3) == 0 or principal == "sns.amazonaws.com":
        found["Service"] = r.choice(("sns.amazonaws.com", "sns.amazonaws.com", "ec2.amazonaws.com"))
        if r.randint(0, 1):
            del found["AWS"]
    return found


def statement(r: Random, request: dict[str, Any], with_principal: bool = False, deny: int = 4) -> dict[str, Any]:
    """One statement; every `deny + 1`th denies."""
    found: dict[str, Any] = {"Effect": "Deny" if r.randint(0, deny) == 0 else "Allow"}
    if with_principal:
        negated = r.randint(0, 3 if found["Effect"] == "Deny" else 9) == 0
        found["NotPrincipal" if negated else "Principal"] = named(r, request["principal"])
    found["NotAction" if r.randint(0, 6) == 0 else "Action"] = one_or_many(
        r, lambda: action_pattern(r, request["action"])
    )
    if not (with_principal and request["action"].lower().startswith("sts:assume")):
        element = "NotResource" if r.randint(0, 6) == 0 else "Resource"
        found[element] = one_or_many(r, lambda: resource_pattern(r, request["resource"]))
    conditions = condition(r, request["context"])
    if conditions:
        found["Condition"] = conditions
    return found


def document(r: Random, request: dict[str, Any], with_principal: bool = False, deny: int = 4) -> dict[str, Any]:
    statements = [statement(r, request, with_principal, deny) for _ in range(r.randint(1, 3))]
    version = r.choice(("2012-10-17",) * 4 + ("2008-10-17", ""))
    found: dict[str, Any] = {"Version": version} if version else {}
    found["Statement"] = statements[0] if len(statements) == 1 and r.randint(0, 1) else statements
    return found


def request(r: Random) -> dict[str, Any]:
    action, resource = r.choice(TARGETS)
    owner = resource.split(":")[4] if resource.startswith("arn:") else ""
    found: dict[str, Any] = {
        "principal": r.choice(PRINCIPALS),
        "action": r.choice((action, action, action.upper())),
        "resource": resource,
        "resource_account": owner or r.choice((A, A, B)),
        "context": {
            key: [r.choice(SET_VALUES) for _ in range(r.randint(0, 3))] if key in SETS else r.choice(KEYS[key])
            for key in r.sample([*KEYS, *SETS], r.randint(0, 5))
        },
        "wildcard_only_action": r.randint(0, 9) == 0,
    }
    for flag in ("management_account", "service_linked_role"):
        if r.randint(0, 9) == 0:
            found[flag] = True
    return found


def case(r: Random) -> dict[str, Any]:
    """One line of input for `decide`."""
    asked = request(r)

    def some(least: int, most: int, with_principal: bool = False, deny: int = 9) -> list[dict[str, Any]]:
        return [document(r, asked, with_principal, deny) for _ in range(r.randint(least, most))]

    def now_and_then(one_in: int) -> bool:
        return r.randint(1, one_in) == 1

    is_session = ":sts:" in str(asked["principal"])
    has_policies = str(asked["principal"]).startswith("arn:")  # neither services nor anonymous callers have any
    return {
        "id": "random",
        "identity_policies": [
            {"name": f"policy{index}", "document": each}
            for index, each in enumerate(some(0, 3, deny=4) if has_policies else ())
        ],
        "resource_policy": some(1, 1, True, 4)[0] if now_and_then(2) else None,
        "permission_boundaries": some(1, 1) if has_policies and now_and_then(4) else None,
        "session_policies": some(1, 2) if is_session and now_and_then(2) else None,
        "vpc_endpoint_policies": some(1, 1, True) if now_and_then(8) else None,
        "service_control_policies": [some(0, 2), some(1, 2)] if now_and_then(5) else None,
        "resource_control_policies": [some(0, 1, True, 1)] if now_and_then(6) else None,
        "request": asked,
    }


WORDS = ("alpha", "beta", "gamma", "al", "a", "report", "logs", "2026")


def path(r: Random) -> str:
    """A resource's own part, made of few words, so that patterns share beginnings, words and letters."""
    text = r.choice(("alpha", "gamma", "report"))
    for _ in range(r.randint(0, 4)):
        text += r.choice(("/", "/", "-", "_", ".", ":", "")) + r.choice(WORDS)
    return text


def many_statements(r: Random) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A case whose identity policies hold dozens of statements about one action, and requests to put to it."""
    paths = [path(r) for _ in range(40)]
    policies = r.choice((1, 3, 30))

    def pattern() -> str:
        text = r.choice(paths)
        kind = r.randint(0, 9)
        if kind <= 1:
            text = "*" + text[r.randint(0, len(text) - 3) :]
        elif kind == 2:
            text = text.replace("alpha", r.choice(VARIABLES[:4]))
        elif kind <= 4:
            text = text[: r.randint(3, len(text) + 3)] + "*"
        elif kind <= 7:
            start = r.randint(0, len(text))
            text = text[:start] + r.choice(("*", "?")) + text[start + r.choice((0, 1, 1, 2, 4)) :]
        return r.choice(("arn:aws:s3:::", "arn:aws:s3:::", "arn:aws:s3:*::", "arn:*:s3:::", "arn:aws:s3::*:")) + text

    def one() -> dict[str, Any]:
        found: dict[str, Any] = {"Effect": "Deny" if r.randint(0, 3) == 0 else "Allow"}
        found["Action"] = r.choice(("s3:GetObject", "s3:Get*", "*", "s3:PutObject"))
        found["Resource" if r.randint(0, 59) else "NotResource"] = one_or_many(r, pattern)
        if r.randint(0, 59) == 0:
            found["Resource"] = "*"
            found.pop("NotResource", None)
        if r.randint(0, 2) == 0 or found.get("Resource") == "*" or "NotResource" in found:
            owner = r.choice(("${aws:username}", "alpha", "nobody"))
            found["Condition"] = {"StringEquals": {"aws:ResourceTag/owner": owner}}
        return found

    documents = [
        {
            "Version": r.choice(("2012-10-17", "2012-10-17", "2008-10-17")),
            "Statement": [one() for _ in range(60 // policies)],
        }
        for _ in range(policies)
    ]
    asked = [
        {
            "principal": r.choice((f"arn:aws:iam::{A}:user/alpha", f"arn:aws:sts::{A}:assumed-role/app/s1")),
            "action": r.choice(("s3:GetObject", "S3:getobject", "s3:PutObject")),
            "resource": "arn:aws:s3:::" + r.choice((r.choice(paths), path(r))),
            "resource_account": A,
            "context": {"aws:ResourceTag/owner": r.choice(("alpha", "somebody"))},
            "wildcard_only_action": False,
        }
        for _ in range(6)
    ]
    case = {"identity_policies": [{"name": f"policy{index}", "document": each} for index, each in enumerate(documents)]}
    return case, asked
