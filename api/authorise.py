"""GetAccessDecisions: other services ask whether somebody may do something, up to a thousand questions at once.

Who may ask about whom is decided by policies: the action is `iam:GetAccessDecisions`, the resource the principal asked about.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from api.principals import Asked, missing, of_session, principals
from engine import Decision, NamedPolicy, Policy, PolicySyntaxError, Request, denial_message, evaluate
from engine.context import account_of
from engine.global_keys import global_key
from federation.trust import with_resource
from operations import clock
from operations.errors import MalformedPolicyDocument, ServiceError, ValidationError
from operations.gate import Call, Result, Target, operation
from policies import last_decided
from policies.last_decided import Decider

# What the principal brings with it although the User Guide lists it among the keys of a session.
OF_THE_PRINCIPAL = frozenset({"aws:sourceidentity", "aws:federatedprovider"})
MOST_SESSIONS = 20  # in one call: each is looked up on its own


def principals_asked_about(call: Call) -> Sequence[Target]:
    """Everybody whom the questions name, once each."""
    return [Target(arn) for arn in dict.fromkeys(question["Principal"] for question in call.params["questions"])]


@operation("iam:GetAccessDecisions", on=principals_asked_about)
def get_access_decisions(call: Call, *, questions: list[dict[str, Any]], detail: str = "outcome") -> Result:
    """Decide questions about principals of the caller's account. `detail`: the outcome alone, with reasons, or with the whole trace.

    A principal that is not there is denied, and its decision says so; so is one whose session token does not count. Raises ValidationError,
    MalformedPolicyDocument (a resource policy).
    """
    moment = clock.now()
    known = everybody_in(call.account_id, questions, moment)
    given = time_keys(moment)
    deciders: set[Decider] = set()
    telling = {
        name: deciders
        for name, asked in known.items()
        if not isinstance(asked, str) and last_decided.is_worth_asking(call.account_id, asked.policies, moment)
    }
    decisions: list[dict[str, Any]] = []
    for question in questions:
        name = question["Principal"], question.get("SessionToken")
        asked = known[name]
        if isinstance(asked, str):
            decisions.append({"Outcome": "implicitDeny", "Allowed": False, "Error": asked})
        else:
            context = given | context_of(question, signed="SessionToken" in question) | dict(asked.context)
            decisions.append(decide(asked, question, context, call.account_id, detail, telling.get(name)))
    allowed = sum(decision["Allowed"] for decision in decisions)
    last_decided.of_decisions(call.account_id, deciders, moment)
    call.note(questions=len(decisions), allowed=allowed, denied=len(decisions) - allowed)
    return {"Decisions": decisions}


Named = tuple[str, str | None]  # an ARN, and the token of temporary credentials where one is given


def everybody_in(
    account_id: str, questions: Sequence[Mapping[str, Any]], moment: datetime
) -> Mapping[Named, Asked | str]:
    """Whom the questions ask about, or why nobody is known by such a name. Raises ValidationError for more sessions than are looked up."""
    named = dict.fromkeys((question["Principal"], question.get("SessionToken")) for question in questions)
    known = principals(account_id, [arn for arn, token in named if token is None])
    if sum(token is not None for _arn, token in named) > MOST_SESSIONS:
        raise ValidationError(f"One call can ask about up to {MOST_SESSIONS} sessions by their tokens.")
    found: dict[Named, Asked | str] = {}
    for arn, token in named:
        if token is None:
            found[arn, None] = known.get(arn) or missing(account_id, arn)
            continue
        try:
            found[arn, token] = of_session(account_id, arn, token, moment)
        except ServiceError as error:
            found[arn, token] = error.message
    return found


def decide(
    asked: Asked,
    question: Mapping[str, Any],
    context: Mapping[str, Any],
    account_id: str,
    detail: str,
    deciders: set[Decider] | None = None,
) -> dict[str, Any]:
    """One question, decided in its whole context. `account_id` owns resources without an account; who decided is added to `deciders`,
    where anybody wants to know: finding out takes as long as deciding.
    """
    owner = question.get("ResourceAccount") or account_of(question["Resource"]) or account_id
    request = Request(asked.principal, question["Action"], question["Resource"], context, resource_account=owner)
    policies = asked.policies
    if "ResourcePolicy" in question:
        policies = with_resource(
            policies, NamedPolicy("resource policy", resource_policy(question["ResourcePolicy"]), "resource")
        )
    decision = evaluate(request, policies, trace=detail == "trace")
    if deciders is not None:
        deciders.update((match.kind, match.policy) for match in decision.matched)
    return described(request, decision, detail)


def described(request: Request, decision: Decision, detail: str) -> dict[str, Any]:
    """A decision with as much of its reasons as was asked for."""
    shown: dict[str, Any] = {"Outcome": decision.outcome, "Allowed": decision.allowed}
    if detail == "outcome":
        return shown
    shown["Matched"] = [
        {
            "Policy": match.policy,
            "Kind": match.kind,
            "Arn": match.named.arn,
            "Statement": match.statement,
            "Sid": match.sid,
            "Effect": match.effect,
        }
        for match in decision.matched
    ]
    shown["MissingContext"] = list(decision.missing_context)
    if not decision.allowed:
        shown["Message"] = denial_message(request, decision)
    if decision.trace is not None:
        shown["Trace"] = json.dumps(decision.trace.as_dict(), ensure_ascii=False, default=str)
    return shown


def context_of(question: Mapping[str, Any], *, signed: bool = False) -> dict[str, Any]:
    """The condition keys of a question; a list of one is a single value. `signed`: it is about a request with a credential.

    Raises ValidationError for a key that follows from the principal, or from the credential of a signed request.
    """
    found: dict[str, Any] = {}
    for key, values in question.get("Context", {}).items():
        source = source_of(key)
        if source == "principal" or (signed and source == "credential"):
            raise ValidationError(f"The condition key {key} follows from the {source} and cannot be given.")
        found[key] = values[0] if len(values) == 1 else values
    return found


def source_of(key: str) -> str:
    """Whether a condition key, in any case, follows from the principal or from its credential; empty for what the asker has to tell."""
    lower = key.lower()
    known = global_key(lower)
    if lower.startswith("aws:principal") or lower in OF_THE_PRINCIPAL or (known and known.group == "principal"):
        return "principal"
    return "credential" if known and known.group == "session" else ""


def resource_policy(document: str) -> Policy:
    """The resource's own policy. Raises MalformedPolicyDocument."""
    try:
        return Policy.parse(document)
    except PolicySyntaxError as error:
        raise MalformedPolicyDocument(f"The resource policy cannot be read: {error}") from None


def time_keys(moment: datetime) -> dict[str, str]:
    """The time of the decision, unless the question gives another."""
    return {
        "aws:CurrentTime": clock.text(moment),
        "aws:EpochTime": str(int(moment.timestamp())),
    }
