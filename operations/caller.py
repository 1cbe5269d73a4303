"""The Caller: who asks, from where, with which policies and which session facts. It carries all that a decision needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine import Decision, Policies, Principal, Request, allowed_throughout, evaluate
from operations.ids import uuid

ContextValue = str | Sequence[str]


@dataclass(frozen=True, eq=False)
class Caller:
    """A principal in the act of calling.

    `account_id` is the account that is acted upon; `user_id` is the database id of the IAM or root user behind the call (None
    for role sessions, services and strangers); `identity` is CloudTrail's `userIdentity`; `context` holds the session's and the
    connection's condition keys (`aws:SourceIp`, `aws:MultiFactorAuthPresent` …); `door` is console, api, command, schedule or system;
    `reason` is why the caller does it, if that was said (operations.reasons).
    """

    account_id: str
    principal: Principal
    identity: Mapping[str, Any]
    policies: Policies = field(default_factory=Policies)
    context: Mapping[str, ContextValue] = field(default_factory=dict)
    user_id: int | None = None
    user_name: str | None = None
    access_key_id: str | None = None
    source_ip: str = ""
    user_agent: str = ""
    door: str = "console"
    request_id: str = field(default_factory=uuid)
    session_facts: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""

    @property
    def arn(self) -> str:
        """The ARN that AWS names in a denial and in the record."""
        return self.principal.arn or ""

    def at(
        self, context: Mapping[str, ContextValue], source_ip: str, user_agent: str, door: str, request_id: str
    ) -> "Caller":
        """The same principal in another request. Each request with a kept key makes one: what a copy of a dataclass costs is what its
        looking at each field costs.
        """
        made = object.__new__(Caller)
        made.__dict__.update(
            self.__dict__,
            context=context,
            source_ip=source_ip,
            user_agent=user_agent,
            door=door,
            request_id=request_id,
        )
        return made

    @property
    def is_root(self) -> bool:
        return self.principal.kind == "root"

    def request(self, action: str, resource: str, context: Mapping[str, ContextValue] | None = None) -> Request:
        """The engine's question for one action of this caller on one resource of its account."""
        merged = {**self.context, **(context or {})}
        return Request(self.principal, action, resource, merged, resource_account=self.account_id)

    def decide(
        self,
        action: str,
        resource: str = "*",
        context: Mapping[str, ContextValue] | None = None,
        *,
        trace: bool = False,
    ) -> Decision:
        """Ask the engine, without recording: for what a page shows, never in place of the gate."""
        return self.decide_on(self.request(action, resource, context), trace=trace)

    def decide_on(self, request: Request, *, trace: bool = False) -> Decision:
        """The same for a question that is there already (`request`)."""
        return evaluate(request, self.policies, trace=trace)

    def may(self, action: str, resource: str = "*", context: Mapping[str, ContextValue] | None = None) -> bool:
        """Whether a button or a tab should be offered."""
        return self.decide(action, resource, context).allowed

    def may_somehow(self, action: str, resource: str = "*", context: Mapping[str, ContextValue] | None = None) -> bool:
        """Whether the action may be allowed once all is known of it: the path of what is still to be made, the policy to attach."""
        decision = self.decide(action, resource, context)
        return decision.allowed or (decision.outcome != "explicitDeny" and self.policies.may_allow(action))

    def may_throughout(self, action: str, collection: str) -> bool:
        """Whether the action is allowed for each of a collection (`arn:…:user/*`): for what a list shows of all its rows, which are not
        asked one by one. On the safe side: who may do it to some of them, or may not do it to some, is told no."""
        return allowed_throughout(self.request(action, collection), self.policies)


def command_caller(account_id: str, partition: str = "aws") -> Caller:
    """The operator at the machine itself, as management commands act: recorded as a service, subject to no policy."""
    arn = f"arn:{partition}:iam::{account_id}:root"
    return Caller(
        account_id=account_id,
        principal=Principal.from_arn(arn),
        identity={"type": "AWSService", "invokedBy": "manage.py", "accountId": account_id},
        user_name=None,
        user_agent="manage.py",
        source_ip="127.0.0.1",
        door="command",
    )
