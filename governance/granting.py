"""What granting a request puts: an inline policy that allows exactly what was asked, and ends by itself where an end was given.

The end is a condition of the policy, so the engine that enforces ends the grant at its second; nothing has to run for it.
"""

import json
from datetime import datetime
from typing import Any

from accounts.holders import KINDS, inline_policy
from engine import rules
from governance.models import AccessRequest
from governance.operations.access_requests import grant_access_request
from operations.caller import Caller
from operations.clock import text
from operations.gate import one_change


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
    with one_change():
        name = policy_name(request)
        document = grant_document(request, ends_at)
        KINDS[request.principal_kind].call(
            caller, "Put", "Policy", holder.name, policy_name=name, policy_document=document
        )
        grant_access_request(
            caller,
            access_request_id=request.request_id,
            policy_name=name,
            end_date=ends_at,
            message=message or None,
        )


def left_policy(request: AccessRequest, holder: Any) -> Any:
    """The inline policy of a grant as it is now; None where it was taken away. At most one query."""
    return inline_policy(holder, request.policy_name) if holder is not None and request.policy_name else None
