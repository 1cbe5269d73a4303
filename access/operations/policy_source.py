"""The user, group or role whose policies an operation is about (`PolicySourceArn`)."""

from collections.abc import Callable, Mapping
from typing import Any

from access.operations.simulation_input import ENTITY_ARN, entity_of
from access.sources import Entity
from accounts import resolve
from operations.errors import InvalidInput, NoSuchEntity
from operations.gate import Call, Target

FIND: Mapping[str, Callable[[str, str], Any]] = {
    "user": resolve.find_user,
    "group": resolve.find_group,
    "role": resolve.find_role,
}


def policy_source(call: Call) -> Target:
    """What the call is about. As in AWS the name decides, whatever the path in the ARN."""
    arn = call.params["policy_source_arn"]
    found = ENTITY_ARN.fullmatch(arn)
    row = FIND[found[2]](call.account_id, found[3]) if found and found[1] == call.account_id else None
    if row is None:
        return Target(arn)
    keys = resolve.keys_of(row, call.operation.action) if found and found[2] != "group" else {}
    return Target(row.arn, row, keys, f"AWS::IAM::{type(row).__name__}")


def require_policy_source(call: Call) -> Entity:
    """The call's entity. Raises InvalidInput for another ARN or another account's, NoSuchEntity."""
    account, kind, name = entity_of(call.params["policy_source_arn"])
    if account != call.account_id:
        raise InvalidInput(
            f"Invalid Policy Source Arn: caller's account {call.account_id} does not have access to policies in "
            f"account {account}"
        )
    if call.entity is None:
        raise NoSuchEntity(f"The {kind} with name {name} cannot be found.")
    found: Entity = call.entity
    return found
