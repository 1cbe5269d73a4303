"""What a call is about: from its parameters to the stored entity, its ARN and the condition keys that it brings.

Names are found without regard to case. An entity that does not exist still has an ARN (with the path `/`), on which the caller is
authorised first: only who may ask learns that it is missing.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS
from django.db.models import F, QuerySet

from accounts.models import Group, InstanceProfile, Role, User, UserTag
from engine import catalog
from operations.caller import Caller, ContextValue
from operations.errors import NoSuchEntity, UnmodifiableEntity, ValidationError
from operations.gate import Call, Target, authorise_form, resource_keys
from operations.ids import iam_arn
from operations.prepared import Prepared, children, remember
from policies.models import ManagedPolicy

Resolver = Callable[[Call], Target]
Bounded = TypeVar("Bounded", User, Role)


def whole_account(call: Call) -> Target:
    """For operations without resource-level permissions: the resource is `*`."""
    return Target("*")


def collection(kind: str) -> Resolver:
    """For listings: the resource that AWS names is the collection, such as `arn:aws:iam::123456789012:user/`."""

    def resolve(call: Call) -> Target:
        prefix = call.params.get("path_prefix") or "/"
        return Target(iam_arn(call.account_id, f"{kind}{prefix}"))

    return resolve


# Names are unique, so no order is needed. The words are samples, in whose place the values go.
_users = Prepared(lambda account, key: User.objects.filter(account_id=account, name_key=key), "account", "key")
_groups = Prepared(lambda account, key: Group.objects.filter(account_id=account, name_key=key), "account", "key")
_roles = Prepared(lambda account, key: Role.objects.filter(account_id=account, name_key=key), "account", "key")
_boundaries = Prepared(lambda policy: ManagedPolicy.objects.filter(pk=policy), -1)  # few have one: asked for apart
_FOR_LISTS = (  # what no operation that reads one user answers
    "email",
    "preferences",
    "last_activity_at",
    "mfa_device_count",
    "active_key_count",
    "oldest_active_key_at",
    "unused_key_at",
    "group_count",
)


def _joined(rows: "QuerySet[User]") -> "QuerySet[User]":
    """Users with their tags, a row for each tag."""
    columns = {"tag_id": "id", "tag_key": "key", "tag_folded": "key_folded", "tag_value": "value"}
    return rows.annotate(**{name: F(f"tags__{column}") for name, column in columns.items()}).order_by("tags__id")


_users_with_tags = Prepared(
    lambda account, key: _joined(User.objects.filter(account_id=account, name_key=key).defer(*_FOR_LISTS)),
    "account",
    "key",
)
_users_shown = Prepared(
    lambda account, key: _joined(
        User.objects.select_related("account", "boundary").filter(account_id=account, name_key=key)
    ),
    "account",
    "key",
)
_people = Prepared(lambda pk: _joined(User.everyone.select_related("account", "boundary").filter(pk=pk)), -1)
_users_by_id = Prepared(
    lambda account, unique_id: _joined(
        User.objects.select_related("account", "boundary").filter(account_id=account, unique_id=unique_id)
    ),
    "account",
    "id",
)
_TAG_COLUMNS = ["id", "user_id", "key", "key_folded", "value"]  # in the order of the fields, as from_db takes them


def find_user(account_id: str, name: str) -> User | None:
    return _with_boundary(_users.first(account_id, name.lower()))


def find_user_with_tags(account_id: str, name: str) -> User | None:
    """A user whose tags are there already, in one query."""
    found = _users_with_tags.first_with(account_id, name.lower())
    return _with_boundary(_tagged(*found)) if found else None


def find_user_shown(account_id: str, name: str) -> User | None:
    """A user whom a page is about: with all columns, account, boundary and tags, in one query."""
    found = _users_shown.first_with(account_id, name.lower())
    return _tagged(*found) if found else None


def find_person(pk: int) -> User | None:
    """The user of a console session, which may be the root user, with account, boundary and tags, in one query."""
    found = _people.first_with(pk)
    return _tagged(*found) if found else None


def find_user_by_id(account_id: str, unique_id: str) -> User | None:
    """The user of a unique id, whatever the name is now, with account, boundary and tags, in one query."""
    found = _users_by_id.first_with(account_id, unique_id)
    return _tagged(*found) if found else None


def find_role_by_id(account_id: str, unique_id: str) -> Role | None:
    """The role of a unique id with the same, in two queries."""
    rows = Role.objects.select_related("account", "boundary").prefetch_related("tags")
    return rows.filter(account_id=account_id, unique_id=unique_id).first()


def _tagged(row: User, tags: list[tuple[Any, ...]]) -> User:
    given = [
        UserTag.from_db(DEFAULT_DB_ALIAS, _TAG_COLUMNS, [pk, row.pk, *rest]) for pk, *rest in tags if pk is not None
    ]
    remember(row, "tags", given)
    return row


def find_group(account_id: str, name: str) -> Group | None:
    return _groups.first(account_id, name.lower())


def find_role(account_id: str, name: str) -> Role | None:
    return _with_boundary(_roles.first(account_id, name.lower()))


def find_role_with_tags(account_id: str, name: str) -> Role | None:
    """A role whose tags are there already."""
    row = find_role(account_id, name)
    if row is not None:
        remember(row, "tags", list(row.tags.all()))
    return row


def _with_boundary(row: Bounded | None) -> Bounded | None:
    if row is not None and row.boundary_id is not None:
        row.boundary = _boundaries.first(row.boundary_id)
    return row


def find_instance_profile(account_id: str, name: str) -> InstanceProfile | None:
    return InstanceProfile.objects.select_related("role").filter(account_id=account_id, name_key=name.lower()).first()


def user(call: Call) -> Target:
    """The IAM user that `user_name` names."""
    name = call.params["user_name"]
    # The condition keys and the answer of a read need the same tags; what changes a user's tags reads them itself.
    find = find_user_with_tags if call.operation.read else find_user
    row = find(call.account_id, name)
    return user_target(call.account_id, name, row, call.operation.action)


def user_or_self(call: Call) -> Target:
    """The user that `user_name` names; without it the caller itself, which may be the root user.

    Raises ValidationError for a caller that is no user, as AWS does.
    """
    if "user_name" in call.params:
        return user(call)
    row = (
        User.everyone.select_related("boundary").filter(pk=call.caller.user_id).first() if call.caller.user_id else None
    )
    if row is None:
        raise ValidationError("Must specify userName when calling with non-User credentials")
    return user_target(call.account_id, row.name, row, call.operation.action)


def user_target(account_id: str, name: str, row: User | None, action: str = "") -> Target:
    """A user, stored or not, as what a call is about; `action` is the one that is to be authorised on it."""
    arn = row.arn if row else iam_arn(account_id, f"user/{name}")
    return Target(arn, row, keys_of(row, action) if row else {}, "AWS::IAM::User", name)


def group(call: Call) -> Target:
    """The group that `group_name` names."""
    name = call.params["group_name"]
    row = find_group(call.account_id, name)
    return Target(row.arn if row else iam_arn(call.account_id, f"group/{name}"), row, {}, "AWS::IAM::Group", name)


def role(call: Call) -> Target:
    """The role that `role_name` names."""
    return role_target(call.account_id, call.params["role_name"], call.operation.action)


def role_target(account_id: str, name: str, action: str) -> Target:
    """A role, stored or not, as what a call is about; `action` is the one that is to be authorised on it."""
    row = find_role(account_id, name)
    arn = row.arn if row else iam_arn(account_id, f"role/{name}")
    return Target(arn, row, keys_of(row, action) if row else {}, "AWS::IAM::Role", name)


def instance_profile(call: Call) -> Target:
    """The instance profile that `instance_profile_name` names."""
    name = call.params["instance_profile_name"]
    row = find_instance_profile(call.account_id, name)
    arn = row.arn if row else iam_arn(call.account_id, f"instance-profile/{name}")
    return Target(arn, row, resource_tags(row) if row else {}, "AWS::IAM::InstanceProfile", name)


def to_be(kind: str, parameter: str, type: str) -> Resolver:
    """For creations: the ARN that the entity will have, from `path` and the name parameter."""

    def resolve(call: Call) -> Target:
        return Target(
            iam_arn(call.account_id, f"{kind}{call.params.get('path', '/')}{call.params[parameter]}"), None, {}, type
        )

    return resolve


def keys_of(row: User | Role, action: str) -> Mapping[str, ContextValue]:
    """The condition keys that a user or role brings: its tags, and its boundary to the actions that carry that key.

    Source: Service Authorization Reference, «Actions, resources, and condition keys for IAM».
    """
    keys = resource_tags(row)
    if row.boundary_id and row.boundary and carries_boundary(action):
        keys["iam:PermissionsBoundary"] = row.boundary.arn
    return keys


def carries_boundary(action: str) -> bool:
    """Whether the boundary of a user or role is a condition key of an action on it."""
    service, _, name = action.partition(":")
    try:
        return catalog.carries_key(service, name, "iam:PermissionsBoundary")
    except catalog.NotFound:  # an operation of our own, which AWS's reference does not know
        return False


def resource_tags(row: Any) -> dict[str, ContextValue]:
    """The condition keys of an entity's tags, under both of their names."""
    return resource_keys(children(row, "tags"))


def require_user(call: Call) -> User:
    """The call's user. Raises NoSuchEntity in AWS's words."""
    found: User = _required(call.entity, "The user with name {} cannot be found.", call.params.get("user_name"))
    return found


def require_group(call: Call) -> Group:
    """The call's group. Raises NoSuchEntity."""
    found: Group = _required(call.entity, "The group with name {} cannot be found.", call.params["group_name"])
    return found


def groups_to_join(caller: Caller, names: Sequence[str]) -> list[Group]:
    """The groups of some names, in their order, before somebody is added to them. One query.

    Raises AccessDenied for the first that the caller may add nobody to, else NoSuchEntity, as the operation does.
    """
    rows = Group.objects.filter(account_id=caller.account_id, name_key__in=[name.lower() for name in names])
    known = {row.name_key: row for row in rows}
    found = []
    for name in names:
        row = known.get(name.lower())
        arn = row.arn if row else iam_arn(caller.account_id, f"group/{name}")
        authorise_form(caller, "iam:AddUserToGroup", arn, named=name)
        found.append(_required(row, "The group with name {} cannot be found.", name))
    return found


def require_role(call: Call) -> Role:
    """The call's role. Raises NoSuchEntity."""
    return existing_role(call.entity, call.params["role_name"])


def existing_role(row: Role | None, name: str) -> Role:
    """A role that was looked up. Raises NoSuchEntity."""
    found: Role = _required(row, "The role with name {} cannot be found.", name)
    return found


def refuse_protected(role: Role) -> None:
    """A service-linked role is AWS's to change (IAM User Guide, «Service-linked roles»). Raises UnmodifiableEntity."""
    if role.is_service_linked:
        raise UnmodifiableEntity(
            f"Cannot perform the operation on the protected role '{role.name}' - this role is only modifiable by AWS"
        )


def require_instance_profile(call: Call) -> InstanceProfile:
    """The call's instance profile. Raises NoSuchEntity."""
    name = call.params["instance_profile_name"]
    found: InstanceProfile = _required(call.entity, "Instance Profile {} cannot be found.", name)
    return found


def _required(row: Any, sentence: str, name: str | None) -> Any:
    if row is None:
        raise NoSuchEntity(sentence.format(name))
    return row
