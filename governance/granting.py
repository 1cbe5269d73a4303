"""What granting a request puts: an inline policy that allows exactly what was asked, and ends by itself where an end was given.

The end is a condition of the policy, so the engine that enforces ends the grant at its second; nothing has to run for it.
"""

import json
from datetime import datetime
from typing import Any

from accounts.holders import KINDS, Kind, inline_policy
from accounts.models import Role
from accounts.operations import inline_policies
from accounts.resolve import refuse_protected
from engine import rules
from governance import askers
from governance.models import AccessRequest
from governance.operations.access_requests import check_grant, check_open, grant_access_request
from operations import contract, reasons
from operations.caller import Caller
from operations.clock import text
from operations.gate import authorise_form, one_change


def policy_name(request: AccessRequest) -> str:
    """The name of the inline policy, by which everybody sees where it comes from."""
    return f"AccessRequest-{request.request_id}"


def grant_document(request: AccessRequest, ends_at: datetime | None) -> str:
    """The policy document of the grant. `aws:CurrentTime` is in every request (IAM User Guide, «AWS global condition context keys»)."""
    statement: dict[str, Any] = {
        "Sid": request.request_id,
        "Effect": "Allow",
        "Action": request.action,
        "Resource": exactly(request.action, request.resource),
    }
    if ends_at is not None:
        statement["Condition"] = {"DateLessThan": {"aws:CurrentTime": text(ends_at)}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)


def exactly(action: str, resource: str) -> str:
    """A resource as an element of a policy that means this one: its signs * ? $ as such (IAM User Guide, «Policy variables»).

    Actions without resource-level permissions, such as iam:ListUsers, are allowed on `*` alone, whatever a denial names (Service
    Authorization Reference).
    """
    if resource == "*" or rules.supports_no_resource(action.lower()):
        return "*"
    return resource.replace("$", "${$}").replace("*", "${*}").replace("?", "${?}")


def grant(caller: Caller, request: AccessRequest, holder: Any, ends_at: datetime | None, message: str) -> None:
    """Put the policy and note the grant, both or neither, with the caller's own rights. Raises what the two operations raise."""
    kind, put, noted = _calls(request, ends_at, message)
    with one_change():
        kind.call(caller, "Put", "Policy", holder.name, **put)
        grant_access_request(caller, **noted)


def check(caller: Caller, request: AccessRequest, holder: Any, ends_at: datetime | None, message: str) -> None:
    """Refuse before the review what `grant` would refuse after it, without doing it. Two queries at most. Raises what `grant` raises."""
    kind, put, noted = _calls(request, ends_at, message)
    contract.validate("iam", f"Put{kind.word}Policy", {kind.parameter: holder.name, **put})
    reasons.check(caller.reason)
    authorise_form(caller, kind.put_action, holder.arn, kind.keys(holder, kind.put_action))
    if isinstance(holder, Role):
        refuse_protected(holder)
    inline_policies.check(inline_policies.KINDS[kind.key], holder, put["policy_name"], put["policy_document"])
    contract.validate("iam", "GrantAccessRequest", {key: value for key, value in noted.items() if value is not None})
    authorise_form(caller, askers.GRANT, holder.arn, askers.keys(holder))
    check_open(request)
    check_grant(caller, request, noted["policy_name"], ends_at)


def _calls(
    request: AccessRequest, ends_at: datetime | None, message: str
) -> tuple[Kind, dict[str, Any], dict[str, Any]]:
    """The parameters of the two operations that a grant is."""
    name = policy_name(request)
    put = {"policy_name": name, "policy_document": grant_document(request, ends_at)}
    noted = {
        "access_request_id": request.request_id, "policy_name": name, "end_date": ends_at, "message": message or None,
    }  # fmt: skip
    return KINDS[request.principal_kind], put, noted


def left_policy(request: AccessRequest, holder: Any) -> Any:
    """The inline policy of a grant as it is now; None where it was taken away. At most one query."""
    return inline_policy(holder, request.policy_name) if holder is not None and request.policy_name else None
