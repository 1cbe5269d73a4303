"""A second evaluator, written from the documentation alone: plain, slow and easy to check by eye.

It reads the JSON that `python -m engine decide` reads and knows nothing of the engine. Every list is walked from end to
end, every pattern is matched by a table, nothing is prepared or kept. (IAM User Guide, "Policy evaluation logic",
"Condition operators", "Policy variables"; the JSON of the input is taken to be well-formed.)
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

ALLOWED, EXPLICIT, IMPLICIT = "allowed", "explicitDeny", "implicitDeny"
ANY, ONE = object(), object()  # the wildcards * and ? once they are told from literal characters
RCP_SERVICES = ("s3", "sts", "kms", "sqs", "secretsmanager")
TRUST_ACTIONS = (
    "sts:assumerole",
    "sts:assumerolewithsaml",
    "sts:assumerolewithwebidentity",
    "sts:tagsession",
    "sts:setsourceidentity",
)
KINDS = {"service": "Service", "provider": "Federated"}
WEB_IDENTITY_PROVIDERS = (
    "accounts.google.com",
    "cognito-identity.amazonaws.com",
    "graph.facebook.com",
    "www.amazon.com",
)
FREE_ACTIONS = {
    "sts:getcalleridentity": ("root", "user", "session", "federated", "service"),
    "sts:getsessiontoken": ("root", "user"),
}


# ---------------------------------------------------------------- patterns


def glob(pattern: list[Any], text: str) -> bool:
    """Dynamic programming: row i says which prefixes of the text the first i signs of the pattern match."""
    row = [True] + [False] * len(text)
    for sign in pattern:
        following = [sign is ANY and row[0]]
        for position, character in enumerate(text, 1):
            if sign is ANY:
                following.append(row[position] or following[position - 1])
            else:
                following.append(row[position - 1] and (sign is ONE or sign == character))
        row = following
    return row[-1]


def wildcards(text: str) -> list[Any]:
    return [ANY if character == "*" else ONE if character == "?" else character for character in text]


def like(pattern: str, text: str) -> bool:
    return glob(wildcards(pattern), text)


def substitute(text: str, context: dict[str, list[str]], has_variables: bool, has_wildcards: bool) -> list[Any] | None:
    """The signs of a pattern with its variables replaced; None when one of them resolves to nothing."""
    signs: list[Any] = []
    while text:
        found = re.match(r"\$\{([^}]*)\}", text) if has_variables else None
        if found is None:
            signs += wildcards(text[0]) if has_wildcards else [text[0]]
            text = text[1:]
            continue
        text = text[found.end() :]
        inside = found.group(1)
        if inside in ("*", "?", "$"):
            signs.append(inside)
            continue
        default = re.fullmatch(r"(.*?)\s*,\s*'([^']*)'", inside, re.DOTALL)
        name = (default.group(1) if default else inside).strip().lower()
        values = context.get(name, [])
        if len(values) == 1:
            signs += values[0]
        elif default and not values:
            signs += default.group(2)
        else:
            return None
    return signs


def arn_like(pattern: str, text: str, context: dict[str, list[str]], has_variables: bool) -> bool:
    """The first five fields one by one, then the rest; variables stand in the rest alone. Fewer fields: plain text."""
    fields = pattern.split(":", 5)
    signs = substitute(fields[-1] if len(fields) == 6 else pattern, context, has_variables, True)
    if signs is None:
        return False
    if len(fields) < 6:
        return glob(signs, text)
    given = text.split(":", 5)
    if len(given) < 6:
        return False
    return all(like(field, value) for field, value in zip(fields[:5], given, strict=False)) and glob(signs, given[5])


# ---------------------------------------------------------------- the caller


class Caller:
    """What an ARN, a service's name or None says of who calls."""

    def __init__(self, principal: str | None, context: dict[str, Any]) -> None:
        ids = [value for key, value in context.items() if key.lower() == "aws:userid" and isinstance(value, str)]
        self.unique_id = ids[0].split(":")[0] if ids else None
        self.arn, self.account, self.kind, self.role, self.name = principal, None, "anonymous", None, None
        if principal is None:
            return
        if re.fullmatch("[0-9]{12}", principal):
            self.arn = f"arn:aws:iam::{principal}:root"
        if not str(self.arn).startswith("arn:"):
            self.kind = "provider" if principal in WEB_IDENTITY_PROVIDERS else "service"
            return
        fields = str(self.arn).split(":", 5)
        sort, _, rest = fields[5].partition("/")
        if sort in ("oidc-provider", "saml-provider"):
            self.kind = "provider"
            return
        self.account = fields[4]
        self.kind = {"root": "root", "user": "user", "assumed-role": "session", "role": "session", "federated-user": "federated"}[sort]
        self.name = rest.split("/")[-1]
        if sort == "role":
            self.role = principal
        elif self.kind == "session":
            self.role = f"{fields[0]}:{fields[1]}:iam::{self.account}:role/{rest.split('/')[0]}"

    def keys(self) -> dict[str, str]:
        types = {
            "root": "Account",
            "user": "User",
            "session": "AssumedRole",
            "federated": "FederatedUser",
            "anonymous": "Anonymous",
        }
        found = {
            "aws:principaltype": types.get(self.kind),
            "aws:principalaccount": "anonymous" if self.kind == "anonymous" else self.account,
            "aws:principalarn": self.role if self.kind == "session" else None if self.kind in KINDS else self.arn,
            "aws:principalisawsservice": "true" if self.kind == "service" else "false",
            "aws:username": self.name if self.kind == "user" else None,
            "aws:userid": {"root": self.account, "federated": f"{self.account}:{self.name}"}.get(self.kind),
            "aws:multifactorauthpresent": "false" if self.kind in ("session", "federated") else None,
            "aws:principalservicename": self.arn if self.kind == "service" else None,
            "aws:principalservicenameslist": self.arn if self.kind == "service" else None,
        }
        return {key: value for key, value in found.items() if value is not None}

    def identities(self) -> list[str]:
        """The names that must all stand in a NotPrincipal with Deny for it to leave this caller out."""
        return [str(self.arn), self.role] if self.role else [str(self.arn)]


# ---------------------------------------------------------------- conditions


def number(text: str) -> Decimal | None:
    if not re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?", text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def moment(text: str) -> datetime | None:
    """A date in ISO 8601, or in seconds or (from 13 digits on) milliseconds since 1970."""
    if re.fullmatch("-?[0-9]{5,}(\\.[0-9]+)?", text):
        seconds = float(text)
        return datetime.fromtimestamp(seconds / 1000 if abs(seconds) >= 10**11 else seconds, UTC)
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2}))?", text):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def octets(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return None


def ordered(read: Callable[[str], Any], compare: Callable[[Any, Any], bool]) -> Callable[[str, str], bool]:
    def test(given: str, wanted: str) -> bool:
        left, right = read(given), read(wanted)
        return left is not None and right is not None and compare(left, right)

    return test


def address_in(given: str, wanted: str) -> bool:
    left, right = network(given), network(wanted)
    return left is not None and right is not None and left.version == right.version and left.subnet_of(right)


COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": lambda given, wanted: given == wanted,
    "LessThan": lambda given, wanted: given < wanted,
    "LessThanEquals": lambda given, wanted: given <= wanted,
    "GreaterThan": lambda given, wanted: given > wanted,
    "GreaterThanEquals": lambda given, wanted: given >= wanted,
}


def value_matches(operator: str, wanted: str, given: str, context: dict[str, list[str]], has_variables: bool) -> bool:
    """Whether one given value matches one wanted value under a positive operator."""
    if operator.startswith("Arn"):
        return arn_like(wanted, given, context, has_variables)
    if operator.startswith("String"):
        signs = substitute(wanted, context, has_variables, operator == "StringLike")
        if signs is None:
            return False
        if operator == "StringEqualsIgnoreCase":
            return "".join(signs).lower() == given.lower()
        return glob(signs, given)
    if operator == "Bool":
        return given.lower() == wanted.lower() and wanted.lower() in ("true", "false")
    if operator == "BinaryEquals":
        return ordered(octets, COMPARISONS["Equals"])(given, wanted)
    if operator == "IpAddress":
        return address_in(given, wanted)
    read = number if operator.startswith("Numeric") else moment
    return ordered(read, COMPARISONS[operator.removeprefix("Numeric").removeprefix("Date")])(given, wanted)


def one_condition(name: str, key: str, wanted: list[str], context: dict[str, list[str]], has_variables: bool) -> bool:
    quantifier, _, operator = name.rpartition(":")
    if_exists = operator.endswith("IfExists")
    operator = operator.removesuffix("IfExists")
    given = context.get(key.lower(), [])
    if operator == "Null":
        return ("true" if not given else "false") in wanted
    negated = "Not" in operator
    operator = operator.replace("Not", "")
    if quantifier:
        given = [value for value in given if value] if given == [""] else given
    if not given:
        return if_exists or quantifier == "ForAllValues" or (negated and not quantifier)

    if not quantifier and len(given) > 1:
        return False  # a key with many values needs a set operator

    def holds(value: str) -> bool:
        return any(value_matches(operator, each, value, context, has_variables) for each in wanted) != negated

    return (any if quantifier == "ForAnyValue" else all)(holds(value) for value in given)


def conditions_hold(statement: dict[str, Any], context: dict[str, list[str]], has_variables: bool) -> bool:
    for name, keys in statement.get("Condition", {}).items():
        for key, values in keys.items():
            if not one_condition(name, key, [as_text(value) for value in listed(values)], context, has_variables):
                return False
    return True


# ---------------------------------------------------------------- statements


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def as_text(value: Any) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


class Question:
    """One request with its context made ready: keys in lower case, values as lists."""

    def __init__(self, request: dict[str, Any]) -> None:
        self.caller = Caller(request["principal"], request.get("context", {}))
        self.action, self.resource = request["action"], request["resource"]
        self.wildcard_only = bool(request.get("wildcard_only_action"))
        fields = self.resource.split(":", 5)
        self.context = {key: [value] for key, value in self.caller.keys().items()}
        owner = request.get("resource_account") or (fields[4] if len(fields) == 6 else "")
        if owner:
            self.context["aws:resourceaccount"] = [owner]
        self.same_account = self.caller.account == (owner or self.caller.account)
        for key, value in request.get("context", {}).items():
            self.context[key.lower()] = listed(value)

    def action_in(self, patterns: Any) -> bool:
        for pattern in listed(patterns):
            if pattern == "*":
                return True
            service, _, name = pattern.lower().partition(":")
            asked_service, _, asked_name = self.action.lower().partition(":")
            if service == asked_service and like(name, asked_name):
                return True
        return False

    def resource_in(self, patterns: Any, has_variables: bool) -> bool:
        if self.wildcard_only:
            return "*" in listed(patterns)
        return any(arn_like(pattern, self.resource, self.context, has_variables) for pattern in listed(patterns))

    def named(self, principals: Any) -> Iterator[str]:
        """By which forms a Principal element names the caller: `everybody`, `caller`, `role`, `account`."""
        forms = {"AWS": ["*"]} if principals == "*" else principals
        for kind, names in forms.items():
            for name in listed(names):
                if kind == "AWS" and name == "*":
                    yield "everybody"
                elif kind == "AWS" and self.caller.account and name in (
                    self.caller.account,
                    f"arn:aws:iam::{self.caller.account}:root",
                ):
                    yield "caller" if self.caller.kind == "root" else "account"
                elif kind == "AWS" and self.caller.role and name in (self.caller.role, self.caller.unique_id):
                    yield "role"
                elif kind == "AWS" and self.caller.kind == "user" and name == self.caller.unique_id:
                    yield "caller"
                elif name == self.caller.arn and kind == KINDS.get(self.caller.kind, "AWS"):
                    yield "caller"

    def left_out(self, principals: Any) -> bool:
        """Whether a NotPrincipal leaves the caller out: every identity it calls under must be named."""
        names = ["*"] if principals == "*" else [name for value in principals.values() for name in listed(value)]
        full = [f"arn:aws:iam::{name}:root" if re.fullmatch("[0-9]{12}", name) else name for name in names]
        return "*" in full or all(name in full for name in self.caller.identities())

    def statement_forms(self, statement: dict[str, Any], has_variables: bool, boundary: bool) -> set[str]:
        """How a statement applies: empty when it does not, else the forms by which it names the caller."""
        if "Action" in statement and not self.action_in(statement["Action"]):
            return set()
        if "NotAction" in statement and self.action_in(statement["NotAction"]):
            return set()
        if "Resource" in statement and not self.resource_in(statement["Resource"], has_variables):
            return set()
        if "NotResource" in statement and self.resource_in(statement["NotResource"], has_variables):
            return set()
        if not conditions_hold(statement, self.context, has_variables):
            return set()
        if "Principal" in statement:
            return set(self.named(statement["Principal"]))
        if "NotPrincipal" in statement:
            if statement["Effect"] == "Deny":
                return set() if self.left_out(statement["NotPrincipal"]) and not boundary else {"everybody"}
            return set() if set(self.named(statement["NotPrincipal"])) else {"everybody"}
        return {"holder"}


# ---------------------------------------------------------------- the decision


def verdicts(question: Question, documents: list[Any], boundary: bool = False) -> tuple[set[str], bool]:
    """Over all statements of all documents: the forms of the Allows that apply, and whether a Deny applies."""
    forms: set[str] = set()
    denied = False
    for document in documents:
        has_variables = document.get("Version") == "2012-10-17"
        for statement in listed(document["Statement"]):
            found = question.statement_forms(statement, has_variables, boundary)
            if found and statement["Effect"] == "Deny":
                denied = True
            elif found:
                forms |= found
    return forms, denied


def decide(case: dict[str, Any]) -> str:
    """`allowed`, `explicitDeny` or `implicitDeny` for one case of `python -m engine decide`."""
    request = case["request"]
    question = Question(request)
    caller = question.caller
    service = question.action.lower().split(":")[0]
    if caller.kind in FREE_ACTIONS.get(question.action.lower(), ()):
        return ALLOWED

    boundaries, sessions = case.get("permission_boundaries"), case.get("session_policies")
    bound = bool(boundaries) and caller.kind in ("user", "session", "federated")
    identity = verdicts(question, [each["document"] for each in case.get("identity_policies") or []])
    boundary = verdicts(question, boundaries or [])
    session = verdicts(question, sessions or [])
    resource = verdicts(question, [case["resource_policy"]] if case.get("resource_policy") else [], bound)
    endpoint = verdicts(question, case.get("vpc_endpoint_policies") or [])
    controlled = not (request.get("management_account") or request.get("service_linked_role"))
    scp_levels = case.get("service_control_policies")
    if not controlled or caller.kind in ("service", "provider", "anonymous"):
        scp_levels = None
    scps = [verdicts(question, level) for level in scp_levels or []]
    guarded = controlled and service in RCP_SERVICES
    rcps = [verdicts(question, level) for level in (case.get("resource_control_policies") or []) if guarded]
    if caller.kind == "root":
        identity = boundary = session = (set(), False)

    if any(denied for _, denied in [identity, boundary, session, resource, endpoint, *scps, *rcps]):
        return EXPLICIT
    if scp_levels is not None and not all(forms for forms, _ in scps):
        return IMPLICIT
    if case.get("vpc_endpoint_policies") and not endpoint[0]:
        return IMPLICIT
    granted = granted_by_policies(question, case, identity[0], boundary[0], session[0], resource[0])
    return ALLOWED if granted else IMPLICIT


def granted_by_policies(
    question: Question, case: dict[str, Any], identity: set[str], boundary: set[str], session: set[str], forms: set[str]
) -> bool:
    """The rows of "resource-based policies and implicit denies in other policy types", and the cross-account rule."""
    caller = question.caller
    must_allow = question.action.lower() in TRUST_ACTIONS or (
        question.action.lower().startswith("kms:") and ":key/" in question.resource
    )
    if caller.kind in ("service", "provider", "anonymous"):
        return bool(forms & {"caller", "everybody"})
    if caller.kind == "root":
        return bool(forms) if must_allow or not question.same_account else True
    within_boundary = not case.get("permission_boundaries") or bool(boundary)
    within_session = bool(session) if case.get("session_policies") or caller.kind == "federated" else True
    own = bool(identity) and within_boundary and within_session
    if not question.same_account:
        return own and bool(forms)
    if forms & {"caller", "everybody"}:
        return True
    if "role" in forms:
        return within_boundary and within_session
    if must_allow:
        return own and "account" in forms
    return own
