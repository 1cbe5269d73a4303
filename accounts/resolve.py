"""What a call is about: from its parameters to the stored entity, its ARN and the condition keys that it brings.

Names are found without regard to case. An entity that does not exist still has an ARN (with the path `/`), on which the caller is
authorised first: only who may ask learns that it is missing.
"""

from collections.abc import Callable, Mapping
from typing import Any

from accounts.models import Group, InstanceProfile, Role, User
from operations.caller import ContextValue
from operations.errors import NoSuchEntity, ValidationError
from operations.gate import Call, Target
from operations.ids import iam_arn

Resolver = Callable[[Call], Target]


def whole_account(call: Call) -> Target:
    """For operations without resource-level permissions: the resource is `*`."""
    return Target("*")


def collection(kind: str) -> Resolver:
    """For listings: the resource that AWS names is the collection, such as `arn:aws:iam::123456789012:user/`."""

    def resolve(call: Call) -> Target:
        prefix = call.params.get("path_prefix") or "/"
        return Target(iam_arn(call.account_id, f"{kind}{prefix}"))

    return resolve


def find_user(account_id: str, name: str) -> User | None:
    return User.objects.select_related("boundary").filter(account_id=account_id, name_key=name.lower()).first()


def find_group(account_id: str, name: str) -> Group | None:
    return Group.objects.filter(account_id=account_id, name_key=name.lower()).first()


def find_role(account_id: str, name: str) -> Role | None:
    return Role.objects.select_related("boundary").filter(account_id=account_id, name_key=name.lower()).first()


def find_instance_profile(account_id: str, name: str) -> InstanceProfile | None:
    return InstanceProfile.objects.select_related("role").filter(account_id=account_id, name_key=name.lower()).first()


def user(call: Call) -> Target:
    """The IAM user that `user_name` names."""
    return user_target(call.account_id, call.params["user_name"], find_user(call.account_id, call.params["user_name"]))


def user_or_self(call: Call) -> Target:
    """The user that `user_name` names; without it the caller itself, which may be the root user.

    Raises ValidationError for a caller that is no user, as AWS does.
    """
    if "user_name" in call.params:
        return user(call)
    row = User.everyone.select_related("boundary").filter(pk=call.caller.user_id).first() if call.caller.user_id else None
    if row is None:
        raise ValidationError("Must specify userName when calling with non-User credentials")
    return user_target(call.account_id, row.name, row)


def user_target(account_id: str, name: str, row: User | None) -> Target:
    arn = row.arn if row else iam_arn(account_id, f"user/{name}")
    return Target(arn, row, keys_of(row) if row else {}, "AWS::IAM::User")


def group(call: Call) -> Target:
    """The group that `group_name` names."""
    name = call.params["group_name"]
    row = find_group(call.account_id, name)
    return Target(row.arn if row else iam_arn(call.account_id, f"group/{name}"), row, {}, "AWS::IAM::Group")


def role(call: Call) -> Target:
    """The role that `role_name` names."""
    name = call.params["role_name"]
    row = find_role(call.account_id, name)
    arn = row.arn if row else iam_arn(call.account_id, f"role/{name}")
    return Target(arn, row, keys_of(row) if row else {}, "AWS::IAM::Role")


def instance_profile(call: Call) -> Target:
    """The instance profile that `instance_profile_name` names."""
    name = call.params["instance_profile_name"]
    row = find_instance_profile(call.account_id, name)
    arn = row.arn if row else iam_arn(call.account_id, f"instance-profile/{name}")
    return Target(arn, row, _resource_tags(row) if row else {}, "AWS::IAM::InstanceProfile")


def to_be(kind: str, parameter: str, type: str) -> Resolver:
    """For creations: the ARN that the entity will have, from `path` and the name parameter."""

    def resolve(call: Call) -> Target:
        return Target(iam_arn(call.account_id, f"{kind}{call.params.get('path', '/')}{call.params[parameter]}"), None, {}, type)

    return resolve


def keys_of(row: User | Role) -> Mapping[str, ContextValue]:
    """Condition keys that a user or role brings: its tags, and its boundary for operations that have `iam:PermissionsBoundary`."""
    keys = dict(_resource_tags(row))
    if row.boundary_id and row.boundary:
        keys["iam:PermissionsBoundary"] = row.boundary.arn
    return keys


def _resource_tags(row: Any) -> dict[str, ContextValue]:
    keys: dict[str, ContextValue] = {}
    for tag in row.tags.all():
        keys[f"aws:ResourceTag/{tag.key}"] = keys[f"iam:ResourceTag/{tag.key}"] = tag.value
    return keys


def require_user(call: Call) -> User:
    """The call's user, or NoSuchEntity in AWS's words."""
    if call.entity is None:
        raise NoSuchEntity(f"The user with name {call.params['user_name']} cannot be found.")
    found: User = call.entity
    return found


def require_group(call: Call) -> Group:
    if call.entity is None:
        raise NoSuchEntity(f"The group with name {call.params['group_name']} cannot be found.")
    found: Group = call.entity
    return found


def require_role(call: Call) -> Role:
    if call.entity is None:
        raise NoSuchEntity(f"The role with name {call.params['role_name']} cannot be found.")
    found: Role = call.entity
    return found


def require_instance_profile(call: Call) -> InstanceProfile:
    if call.entity is None:
        raise NoSuchEntity(f"Instance Profile {call.params['instance_profile_name']} cannot be found.")
    found: InstanceProfile = call.entity
    return found
