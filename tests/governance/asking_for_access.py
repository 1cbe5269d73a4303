"""What the tests of requests for access have in common: somebody who is denied, their denial, and roles' sessions."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from access.callers import Connection, role_caller
from accounts.models import Role, User
from accounts.operations.groups import get_group
from federation.tokens import Session
from governance.models import AccessRequest
from governance.operations.access_requests import create_access_request
from operations.caller import Caller
from operations.errors import AccessDenied
from operations.models import Event

GROUP = "arn:aws:iam::123456789012:group/builders"


def document(*actions: str, effect: str = "Allow", resource: str = "*", **more: Any) -> str:
    statement = {"Effect": effect, "Action": list(actions), "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def denied(caller: Caller, group: str = "builders") -> str:
    """The id of the Event by which a caller was denied to look at a group."""
    with suppress(AccessDenied):
        get_group(caller, group_name=group)
    event = Event.objects.latest("id")
    assert event.error_code == "AccessDenied"
    return event.event_id


def asked(caller: Caller, group: str = "builders", **more: Any) -> AccessRequest:
    """A request for looking at a group."""
    given = {"reason": "On call this week", "duration_seconds": 3600, **more}
    answer = create_access_request(caller, event_id=denied(caller, group), **given)
    return AccessRequest.objects.get(request_id=answer["AccessRequest"]["AccessRequestId"])


def session_of(role: Role, source: User, name: str = "work") -> Caller:
    """The Caller of a session of a role that a user has assumed."""
    begun = int(datetime.now(UTC).timestamp())
    session = Session(
        "ASIAEXAMPLE1234567", "s", "role", role.account_id, role.unique_id, name, begun, begun + 3600, source.arn
    )
    row = Role.objects.select_related("account", "boundary").prefetch_related("tags").get(pk=role.pk)
    return role_caller(session, row, Connection(source_ip="192.0.2.10"), datetime.now(UTC))
