"""Random cases for `decide` that come close to matching: the request is drawn first, then policies are made out of it.

Patterns are the request's own texts with pieces replaced by wildcards or variables, conditions ask for the request's own
values or near misses, principals are the caller's own names or its neighbours'. Without this bias nearly every random
policy would be about something else, and two evaluators that always say no would agree.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

ACCOUNTS = ("111122223333", "444455556666")
A, B = ACCOUNTS
PRINCIPALS: tuple[str | None, ...] = (
    f"arn:aws:iam::{A}:user/alice",
    f"arn:aws:iam::{A}:user/team/carol",
    f"arn:aws:sts::{A}:assumed-role/app/s1",
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
    "aws:CurrentTime": ("2026-03-01T12:00:00Z", "2026-03-01T13:00:00+01:00", "1772366400", "1772366400000", "2026-03-02", "soon"),
    "aws:SourceIp": ("192.0.2.7", "192.0.2.0", "198.51.100.1", "2001:db8::1", "nowhere"),
    "aws:SecureTransport": ("true", "false"),
    "aws:SourceArn": (f"arn:aws:sns:us-east-1:{A}:orders", f"arn:aws:sns:us-east-1:{A}:or:ders", "arn:aws:s3:::data", "orders"),
    "x:bytes": ("QUJD", "QUI=", "REVG"),
    "aws:PrincipalTag/team": ("blue", "red", "*"),
}
SETS = ("aws:TagKeys", "aws:CalledVia")
SET_VALUES = ("env", "team", "cost", "Env")
DERIVED = ("aws:username", "aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalType", "aws:userid", "aws:ResourceAccount")
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


@st.composite
def blurred(draw: st.DrawFn, text: str, variables: bool = True) -> str:
    """The text with up to two of its pieces replaced by a wildcard, a variable or nothing."""
    for _ in range(draw(st.integers(0, 2))):
        start = draw(st.integers(0, len(text)))
        length = draw(st.sampled_from((0, 1, 1, 3, 5, 100)))
        choices = ["*", "*", "*", "?", "", "x"] + (list(VARIABLES[:4]) if variables else [])
        text = text[:start] + draw(st.sampled_from(choices)) + text[start + length :]
    return text


@st.composite
def action_pattern(draw: st.DrawFn, action: str) -> str:
    service, _, name = action.partition(":")
    kind = draw(st.integers(0, 9))
    if kind == 0:
        return "*"
    if kind == 1:
        return draw(blurred(action, variables=False)) or "*"
    if kind == 2:
        return draw(st.sampled_from([target for target, _ in TARGETS]))
    return f"{draw(st.sampled_from([service, service.upper()]))}:{draw(blurred(name, variables=False))}"


@st.composite
def resource_pattern(draw: st.DrawFn, resource: str) -> str:
    kind = draw(st.integers(0, 9))
    if kind <= 1:
        return "*"
    if kind == 2:
        return draw(st.sampled_from([target for _, target in TARGETS]))
    fields = resource.split(":", 5)
    if len(fields) < 6:
        return draw(blurred(resource))
    head = [draw(st.sampled_from([field, field, field, field, "*", field[:2] + "*"])) for field in fields[2:5]]
    last = draw(blurred(fields[5]))
    if "alice" in last and draw(st.booleans()):
        last = last.replace("alice", draw(st.sampled_from(VARIABLES)))
    return ":".join(["arn", "aws", *head, last])


@st.composite
def one_or_many(draw: st.DrawFn, each: st.SearchStrategy[str]) -> str | list[str]:
    values = draw(st.lists(each, min_size=1, max_size=3))
    return values[0] if len(values) == 1 and draw(st.booleans()) else values


@st.composite
def wanted_value(draw: st.DrawFn, key: str, family: str, context: dict[str, Any]) -> str:
    if family == "Null":
        return draw(st.sampled_from(["true", "false"]))
    if key == "aws:SourceIp" and family == "Ip":
        return draw(st.sampled_from(RANGES))
    known: list[str] = [value for value in [context.get(key)] if isinstance(value, str)]
    known += KEYS.get(key, ()) or (SET_VALUES if key in SETS else (*NAMES[:3], "alice", A, "User"))
    value = draw(st.sampled_from(known))
    if family == "Arn" and value.startswith("arn:"):
        return draw(resource_pattern(value))
    if family == "String" and draw(st.booleans()):
        return draw(st.sampled_from(VARIABLES)) if draw(st.booleans()) else draw(blurred(value))
    return value


@st.composite
def condition(draw: st.DrawFn, context: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(draw(st.sampled_from((0, 0, 1, 1, 1, 2)))):
        key = draw(st.sampled_from([*(list(context) or ["s3:prefix"]), *KEYS, *SETS, *DERIVED]))
        family = draw(st.sampled_from(["own", "own", "own", "String", "Null"]))
        operators = ("Null",)
        if family != "Null":
            names = OTHERS.get(key, ()) if family == "own" else ()
            family = "Ip" if names and "Ip" in names[0] else "Own" if names else OF_KEY.get(key, "String") if family == "own" else family
            operators = names or tuple(family + suffix for suffix in FAMILIES[family])
        name = draw(st.sampled_from(operators))
        if name != "Null":
            name += draw(st.sampled_from(["", "", "", "IfExists"]))
            name = draw(st.sampled_from(["ForAllValues:", "ForAnyValue:"] if key in SETS else ["", "", "", "ForAnyValue:"])) + name
        values = draw(one_or_many(wanted_value(key, family, context)))
        found.setdefault(name, {})[draw(st.sampled_from([key, key.upper()])) if key != "x:bytes" else key] = values
    return found


@st.composite
def named(draw: st.DrawFn, principal: str | None) -> Any:
    if draw(st.integers(0, 5)) == 0:
        return "*"
    own = [principal] if principal and principal.startswith("arn:") else ["*"]
    found: dict[str, Any] = {"AWS": draw(one_or_many(st.sampled_from([*own, *own, *NAMES])))}
    if draw(st.booleans()) or principal == "sns.amazonaws.com":
        found["Service"] = draw(st.sampled_from(["sns.amazonaws.com", "ec2.amazonaws.com"]))
        if draw(st.booleans()):
            del found["AWS"]
    return found


@st.composite
def statement(draw: st.DrawFn, request: dict[str, Any], with_principal: bool = False, deny: int = 4) -> dict[str, Any]:
    action = draw(one_or_many(action_pattern(request["action"])))
    resource = draw(one_or_many(resource_pattern(request["resource"])))
    found: dict[str, Any] = {"Effect": "Deny" if draw(st.integers(0, deny)) == 0 else "Allow"}
    if with_principal:
        negated = found["Effect"] == "Deny" and draw(st.integers(0, 3)) == 0
        found["NotPrincipal" if negated else "Principal"] = draw(named(request["principal"]))
    found["NotAction" if draw(st.integers(0, 6)) == 0 else "Action"] = action
    if not (with_principal and request["action"].startswith("sts:Assume")):
        found["NotResource" if draw(st.integers(0, 6)) == 0 else "Resource"] = resource
    conditions = draw(condition(request["context"]))
    if conditions:
        found["Condition"] = conditions
    return found


@st.composite
def document(draw: st.DrawFn, request: dict[str, Any], with_principal: bool = False, deny: int = 4, most: int = 3) -> dict[str, Any]:
    statements = draw(st.lists(statement(request, with_principal, deny), min_size=1, max_size=most))
    version = draw(st.sampled_from(["2012-10-17"] * 4 + ["2008-10-17", ""]))
    found: dict[str, Any] = {"Version": version} if version else {}
    found["Statement"] = statements[0] if len(statements) == 1 and draw(st.booleans()) else statements
    return found


@st.composite
def request_of(draw: st.DrawFn) -> dict[str, Any]:
    action, resource = draw(st.sampled_from(TARGETS))
    context: dict[str, Any] = {}
    for key in draw(st.lists(st.sampled_from([*KEYS, *SETS]), max_size=4, unique=True)):
        context[key] = (
            draw(st.lists(st.sampled_from(SET_VALUES), max_size=3)) if key in SETS else draw(st.sampled_from(KEYS[key]))
        )
    found: dict[str, Any] = {
        "principal": draw(st.sampled_from(PRINCIPALS)),
        "action": draw(st.sampled_from([action, action, action.upper()])),
        "resource": resource,
        "resource_account": resource.split(":")[4] if resource.count(":") > 4 and resource.split(":")[4] else draw(st.sampled_from((A, A, B))),
        "context": context,
        "wildcard_only_action": draw(st.integers(0, 9)) == 0,
    }
    for flag in ("management_account", "service_linked_role"):
        if draw(st.integers(0, 7)) == 0:
            found[flag] = True
    return found


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    """One line of input for `decide`."""
    request = draw(request_of())

    def some(chance: int, least: int = 0, most: int = 2, with_principal: bool = False, deny: int = 4) -> list[dict[str, Any]]:
        if draw(st.integers(0, chance)):
            return []
        return draw(st.lists(document(request, with_principal, deny), min_size=least, max_size=most))

    identity = [] if draw(st.integers(0, 4)) == 0 else draw(st.lists(document(request), min_size=1, max_size=3))
    found: dict[str, Any] = {
        "id": "random",
        "identity_policies": [{"name": f"policy{index}", "document": each} for index, each in enumerate(identity)],
        "resource_policy": next(iter(some(1, 1, 1, with_principal=True)), None),
        "permission_boundaries": some(3, 1, 1, deny=9) or None,
        "session_policies": some(2 if "sts" in str(request["principal"]) else 6, 1, 2, deny=9) or None,
        "vpc_endpoint_policies": some(7, 1, 1, with_principal=True, deny=9) or None,
        "service_control_policies": [some(0, 1, 2, deny=9) for _ in range(draw(st.integers(1, 2)))] if draw(st.integers(0, 3)) == 0 else None,
        "resource_control_policies": [some(0, 1, 1, with_principal=True, deny=1)] if draw(st.integers(0, 5)) == 0 else None,
        "request": request,
    }
    return found
