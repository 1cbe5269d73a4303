"""The gate: every change passes here. Validate → authorise → run → record, in one transaction.

    @operation("iam:CreateGroup", on=group_to_be)
    def create_group(call: Call, *, group_name: str, path: str = "/") -> Result:
        ...
        call.changed(after=describe(group))
        return {"Group": ...}

    create_group(caller, group_name="ops")      # what pages, the API and commands write

The resolver `on` is called before the authorisation with the call and finds what the call is about: it returns one Target (or
several, all of which must be allowed), each with the ARN, the stored entity (None when there is none yet) and the condition keys that the
entity brings. The operation's function gets the first Target's entity as `call.entity`.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property, update_wrapper
from itertools import groupby
from typing import Any, TypeVar

from django.db import transaction

from engine import Decision, Request, denial_message
from engine.trace import Trace
from operations import contract, journal, reasons, record, rehearsal
from operations.caller import Caller, ContextValue
from operations.errors import AccessDenied, ServiceError

logger = logging.getLogger(__name__)
Result = dict[str, Any]
T = TypeVar("T")
REGISTRY: dict[str, "Operation"] = {}
SOURCES = {"iam": "iam.amazonaws.com", "sts": "sts.amazonaws.com"}
TAKES_POLICY_ARN = frozenset(  # of all that have the parameter, these alone have the condition key
    f"iam:{verb}{kind}Policy" for verb in ("Attach", "Detach") for kind in ("Group", "Role", "User")
)
LONGEST_TRACE = 64_000  # characters; the deciding statements are kept whatever its length
READS = ("Get", "List", "Simulate", "Generate", "Decode", "Assume")
KEEPS_NOTHING = ("Get", "List", "Simulate", "Decode")  # of the reads, those that write nothing but the record
ISSUES_CREDENTIALS = ("Assume", "GetSessionToken", "GetFederationToken", "GetWebIdentityToken")


@dataclass
class Target:
    """What a call is about: its ARN, the stored entity if there is one, and the condition keys that come with it."""

    arn: str
    entity: Any = None
    context: Mapping[str, ContextValue] = field(default_factory=dict)
    type: str = ""  # CloudTrail's resource type, such as AWS::IAM::User
    named: str = ""  # the entity's name as the caller gave it, if a name was given: a denial says it in these letters


class Call:
    """One passage through the gate, as the operation's function sees it."""

    def __init__(self, caller: Caller, operation: "Operation", params: Mapping[str, Any]) -> None:
        self.caller = caller
        self.operation = operation
        self.params = params
        self.targets: Sequence[Target] = ()
        self.check: tuple[Request, Decision] | None = None  # the first, until one denies
        self.before: Any = None
        self.after: Any = None
        self.additional: dict[str, Any] = {}

    @property
    def account_id(self) -> str:
        return self.caller.account_id

    @property
    def entity(self) -> Any:
        return self.targets[0].entity if self.targets else None

    def changed(self, *, before: Any = None, after: Any = None) -> None:
        """Tell the record what the entity was and what it has become (plain JSON values, no secrets)."""
        self.before = before if before is not None else self.before
        self.after = after if after is not None else self.after

    def note(self, **additional: Any) -> None:
        """Add to the record's `additionalEventData`."""
        self.additional.update(additional)

    def authorise(self, action: str, target: Target) -> None:
        """Ask the engine for one action on one target; raise AccessDenied with AWS's sentence. For second checks (iam:PassRole) too."""
        context = {**target.context, **request_keys(action, self.params)}
        request = self.caller.request(action, target.arn, context)
        self.decided(request, self.caller.decide_on(request), target.named)

    def decided(self, request: Request, decision: Decision, named: str = "") -> None:
        """Keep a check for the record: the first, or the one that denied. Raises AccessDenied with AWS's sentence for a denial."""
        if self.check is None or not decision.allowed:
            self.check = request, decision
        if not decision.allowed:
            raise _denied(request, decision, named)


class Operation:
    """A registered operation: calling it with a Caller and keyword arguments sends the call through the gate."""

    def __init__(
        self,
        action: str,
        function: Callable[..., Result | None],
        on: Callable[[Call], Target | Sequence[Target]],
        permission: str | None = None,
    ) -> None:
        self.action = (
            permission or action
        )  # what the engine is asked; an operation of our own may go by an action of AWS's
        self.service, self.name = action.split(":")
        self.function = function
        self.on = on
        self.read = self.name.startswith(READS)
        self.at_once = not self.read or self.name.startswith(ISSUES_CREDENTIALS)  # recorded before it is answered
        self.repeatable = not self.at_once and self.name.startswith(KEEPS_NOTHING)  # may be done anew unnoticed
        update_wrapper(self, function)

    @cached_property
    def model(self) -> Any:
        return contract.operation_model(self.service, self.name)

    def __call__(self, caller: Caller, **params: Any) -> Result:
        call = Call(caller, self, {key: value for key, value in params.items() if value is not None})
        try:
            contract.validate(self.service, self.name, call.params)
            if self.read:
                result = self._run(call)
                self._record(call, result)
                if self.at_once:
                    rehearsal.note(self.service, self.name, call.params)
            else:
                reasons.check(caller.reason)
                with journal.apart(), transaction.atomic():
                    record.lock(caller.account_id)
                    result = self._run(call)
                    self._record(call, result)
                rehearsal.note(self.service, self.name, call.params)
        except ServiceError as error:
            _record_failure(self._draft(call, error=error), error)
            raise
        return result

    def _run(self, call: Call) -> Result:
        found = self.on(call)
        call.targets = [found] if isinstance(found, Target) else list(found)
        for target in call.targets:
            call.authorise(self.action, target)
        return self.function(call, **call.params) or {}

    def _record(self, call: Call, result: Result) -> None:
        draft = self._draft(call, result=result)
        if self.at_once:
            record.append(draft, changed=not self.read)
        else:
            _keep_reads([draft])

    def _draft(self, call: Call, *, result: Result | None = None, error: ServiceError | None = None) -> record.Draft:
        names = contract.parameter_names(self.service, self.name)
        given = {names[key]: value for key, value in call.params.items() if key in names}
        return record.Draft(
            name=self.name,
            caller=call.caller,
            source=SOURCES[self.service],
            read_only=self.read,
            request=contract.recordable(self.model.input_shape, given),
            response=contract.recordable(self.model.output_shape, result) if result and not self.read else None,
            resources=[
                {"ARN": target.arn, "type": target.type, "accountId": call.account_id} for target in call.targets
            ],
            decision=_decision(*call.check) if call.check else None,
            before=None if error else call.before,
            after=None if error else call.after,
            additional=call.additional or None,
            error_code=error.code if error else "",
            error_message=error.message if error else "",
        )


def operation(
    action: str, *, on: Callable[[Call], Target | Sequence[Target]], permission: str | None = None
) -> Callable[[Callable[..., Result | None]], Operation]:
    """Register a function as the operation of AWS's name (`iam:CreateUser`).

    `permission` is for operations of our own: the action of AWS's that they need in place of their own name, so that policies which people
    have written for AWS mean the same here.
    """

    def register(function: Callable[..., Result | None]) -> Operation:
        if action in REGISTRY:
            raise RuntimeError(f"{action} is registered twice")
        REGISTRY[action] = Operation(action, function, on, permission)
        return REGISTRY[action]

    return register


def authorise_read(
    caller: Caller,
    action: str,
    resource: str,
    context: Mapping[str, ContextValue] | None = None,
    *,
    type: str = "",
    named: str = "",
) -> None:
    """Authorise and record a page's read that is no operation call of its own (a filtered list, a search). `named` is as in a Target.

    Raises AccessDenied with AWS's sentence; the Event is the same as that of the API call of that name.
    """
    draft, denied = _asked(caller, action, resource, context, type, named)
    if denied is not None:
        _record_failure(draft, denied)
        raise denied
    _keep_reads([draft])


def refusal_of(
    caller: Caller, action: str, resource: str, context: Mapping[str, ContextValue] | None = None
) -> AccessDenied | None:
    """Why a part of a page is not shown, or None where it may be. Nothing is read by asking, so nothing is recorded: whoever opens a page
    has not asked for each of its parts.
    """
    return _asked(caller, action, resource, context)[1]


def authorise_form(
    caller: Caller,
    action: str,
    resource: str,
    context: Mapping[str, ContextValue] | None = None,
    *,
    unfinished: bool = False,
    named: str = "",
) -> None:
    """Open a form's page only for whom the operation behind it may be allowed; the operation itself decides when the form is sent.
    `unfinished`: what is typed there takes part in the decision (a name, a path, the policy to attach), so that being allowed for
    some of it is enough.

    Raises AccessDenied, recorded as that call; an opened form is no call and is not recorded.
    """
    if (caller.may_somehow if unfinished else caller.may)(action, resource, context):
        return
    draft, denied = _asked(caller, action, resource, context, named=named)
    if denied is not None:
        draft.read_only = False
        _record_failure(draft, denied)
        raise denied


Read = (
    tuple[str, str] | tuple[str, str, Mapping[str, ContextValue]]
)  # an action, its resource, the condition keys that it brings


def authorise_reads(caller: Caller, reads: Iterable[Read]) -> None:
    """Authorise several reads of one page and record them at once.

    Raises AccessDenied for the first that is denied; then that one alone is recorded, for nothing was read.
    """
    drafts = []
    for action, resource, *keys in reads:
        draft, denied = _asked(caller, action, resource, keys[0] if keys else None)
        if denied is not None:
            _record_failure(draft, denied)
            raise denied
        drafts.append(draft)
    if drafts:
        _keep_reads(drafts)


def _asked(
    caller: Caller,
    action: str,
    resource: str,
    context: Mapping[str, ContextValue] | None = None,
    type: str = "",
    named: str = "",
) -> tuple[record.Draft, AccessDenied | None]:
    service, name = action.split(":")
    request = caller.request(action, resource, context)
    decision = caller.decide_on(request)
    draft = record.Draft(
        name=name,
        caller=caller,
        source=SOURCES.get(service, f"{service}.amazonaws.com"),
        read_only=True,
        resources=[{"ARN": resource, "type": type, "accountId": caller.account_id}],
        decision=_decision(request, decision),
    )
    if decision.allowed:
        return draft, None
    denied = _denied(request, decision, named)
    draft.error_code, draft.error_message = AccessDenied.code, denied.message
    return draft, denied


def _denied(request: Request, decision: Decision, named: str) -> AccessDenied:
    message = denial_message(request, decision, named)
    return AccessDenied(message, decision=decision, request=request, named=named)


def request_keys(action: str, params: Mapping[str, Any]) -> dict[str, ContextValue]:
    """The condition keys that an action takes from a call's parameters alone (Service Authorization Reference, IAM)."""
    keys: dict[str, ContextValue] = {}
    if "tags" in params:
        keys.update({f"aws:RequestTag/{tag['Key']}": tag.get("Value", "") for tag in params["tags"]})
        keys["aws:TagKeys"] = [tag["Key"] for tag in params["tags"]]
    if "tag_keys" in params:
        keys["aws:TagKeys"] = list(params["tag_keys"])
    if "policy_arn" in params and action in TAKES_POLICY_ARN:
        keys["iam:PolicyARN"] = params["policy_arn"]
    if "permissions_boundary" in params:
        keys["iam:PermissionsBoundary"] = params["permissions_boundary"]
    if "aws_service_name" in params:
        keys["iam:AWSServiceName"] = params["aws_service_name"]
    return keys


def resource_keys(tags: Iterable[Any]) -> dict[str, ContextValue]:
    """The condition keys that an entity's tags give, under both of their names."""
    keys: dict[str, ContextValue] = {}
    for tag in tags:
        keys[f"aws:ResourceTag/{tag.key}"] = keys[f"iam:ResourceTag/{tag.key}"] = tag.value
    return keys


def _decision(request: Request, decision: Decision) -> dict[str, Any]:
    """The decision as the record keeps it: enough to explain it later without asking again. A denial keeps its whole explanation, for the
    policies that caused it may be gone by then.
    """
    kept = {
        "action": request.action,
        "resource": request.resource,
        "context": dict(request.context),
        "outcome": decision.outcome,
        "blockedBy": [] if decision.allowed else list(decision.blocked_by),
        "matched": [match.as_dict() for match in decision.matched],
        "missingContext": list(decision.missing_context),
    }
    if not decision.allowed:
        trace = Trace(decision.explanation).as_dict()
        if len(record.canonical(trace)) <= LONGEST_TRACE:
            kept["trace"] = trace
    return kept


# --- several operations as one change -------------------------------------------------------------------------------------

_held: ContextVar[list[record.Draft] | None] = ContextVar("held_failures", default=None)


@contextmanager
def one_change() -> Iterator[None]:
    """Run several operations as one change: all of them or none.

    Each is authorised and recorded as usual. When one fails, the changes and the records of the others are rolled back, and the failed
    call itself is recorded afterwards, so that a denial is never lost.
    """
    if _held.get() is not None:
        with rehearsal.as_one():
            yield
        return
    failures: list[record.Draft] = []
    token = _held.set(failures)
    try:
        with journal.apart(), transaction.atomic():
            yield
    finally:
        _held.reset(token)
        for _, of_account in groupby(failures, lambda draft: draft.caller.account_id):
            record.append_all(list(of_account))


def rehearse(run: Callable[[], T]) -> tuple[T, rehearsal.Rehearsal]:
    """Run something, take back whatever it changed, and answer what it answered and what was noted meanwhile."""
    try:
        with one_change():
            rehearsal.run_noting(run)
    except rehearsal.TakeBack as taken_back:
        answer: tuple[T, rehearsal.Rehearsal] = taken_back.answer
        return answer


def _keep_reads(drafts: Sequence[record.Draft]) -> None:
    """Record allowed reads; those of a rehearsal after it, for its transaction is taken back."""
    held = _held.get() if rehearsal.is_on() else None
    if held is not None:
        held.extend(drafts)
    else:
        journal.keep(drafts)


def _record_failure(draft: record.Draft, error: ServiceError) -> None:
    """Record a failed call; the error then carries the id of its Event, so that a page can lead there."""
    error.details = {**error.details, "event_id": draft.event_id}
    rehearsal.note_refusal(error.code, error.message)
    held = _held.get()
    if held is not None:
        held.append(draft)
    else:
        with journal.apart():
            record.append(draft)
