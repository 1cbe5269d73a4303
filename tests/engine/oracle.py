"""A second evaluator, written from the documentation alone: plain, slow and easy to check by eye.

It reads the JSON that `python -m engine decide` reads and knows nothing of the engine. Every list is walked from end to
end, every pattern is matched by a table, nothing is prepared or kept. (IAM User Guide, "Policy evaluation logic",
"Condition operators", "Policy variables"; the JSON of the input is taken to be well-formed.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.engine.oracle_conditions import arn_like, conditions_hold, like, listed

ALLOWED, EXPLICIT, IMPLICIT = "allowed", "explicitDeny", "implicitDeny"
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
        self.kind = {"assumed-role": "session", "role": "session", "federated-user": "federated"}.get(sort, sort)
        self.name = rest.split("/")[-1]
        if sort == "role":
            self.role = principal
        elif self.kind == "session":
            self.role = f"{fields[0]}:{fields[1]}:iam::{self.account}:role/{rest.split('/')[0]}"

    @property
    def root(self) -> str:
        return f"arn:{str(self.arn).split(':')[1]}:iam::{self.account}:root"

    @property
    def own_names(self) -> list[tuple[str, str | None]]:
        """How a Principal element may call this very caller."""
        names: list[tuple[str, str | None]] = [(KINDS.get(self.kind, "AWS"), self.arn)]
        return [*names, ("AWS", self.unique_id)] if self.kind == "user" else names

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


# ---------------------------------------------------------------- statements


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
            if pattern and not pattern.strip("*"):
                return True
            service, _, name = pattern.lower().partition(":")
            asked_service, _, asked_name = self.action.lower().partition(":")
            if service == asked_service and like(name, asked_name):
                return True
        return False

    def resource_in(self, patterns: Any, has_variables: bool) -> bool:
        if self.wildcard_only:
            return any(pattern and not pattern.strip("*") for pattern in listed(patterns))
        return any(arn_like(pattern, self.resource, self.context, has_variables) for pattern in listed(patterns))

    def named(self, principals: Any) -> Iterator[str]:
        """By which forms a Principal element names the caller: `everybody`, `caller`, `role`, `account`."""
        forms = {"AWS": ["*"]} if principals == "*" else principals
        for kind, names in forms.items():
            for name in listed(names):
                if kind == "AWS" and name == "*":
                    yield "everybody"
                elif kind == "AWS" and self.caller.account and name in (self.caller.account, self.caller.root):
                    yield "caller" if self.caller.kind == "root" else "account"
                elif kind == "AWS" and self.caller.role and name in (self.caller.role, self.caller.unique_id):
                    yield "role"
                elif (kind, name) in self.caller.own_names:
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
    linked, managing = request.get("service_linked_role"), request.get("management_account")
    scp_levels = case.get("service_control_policies")
    if linked or managing or caller.kind in ("service", "provider", "anonymous"):
        scp_levels = None
    scps = [verdicts(question, level) for level in scp_levels or []]
    guarded = (
        service in RCP_SERVICES and not linked and not (managing and (question.same_account or not caller.account))
    )
    rcps = [verdicts(question, level) for level in (case.get("resource_control_policies") or []) if guarded]
    if caller.kind == "root":
        identity = boundary = (set(), False)
    if not caller.account:
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
    if caller.kind == "root" and question.action.lower() == "sts:assumerole":
        return False  # a root user never assumes a role
    if caller.kind == "root":
        if question.action.lower() == "sts:assumerole":
            return False  # STS refuses a root user
        named = question.same_account and bool(forms & {"caller", "everybody"})
        if case.get("session_policies") and not session and not named:
            return False  # a session of the root user (sts:AssumeRoot) has a task policy
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
