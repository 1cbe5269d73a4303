"""Tags on users, roles and instance profiles (IAM API Reference, `Tag…`, `Untag…`, `List…Tags`)."""

from collections.abc import Callable
from typing import Any, Protocol

from accounts import describe, resolve
from accounts.models import Role, User
from operations.gate import Call, Result, operation
from operations.paging import page
from operations.quotas import enforce
from policies.tag_rules import check_tags


class Tagged(Protocol):
    """An entity with tags of its own."""

    tags: Any

    @property
    def arn(self) -> str: ...


@operation("iam:TagUser", on=resolve.user)
def tag_user(call: Call, *, user_name: str, tags: list[dict[str, str]]) -> Result:
    """Set tags on a user. Raises NoSuchEntity, InvalidInput, LimitExceeded."""
    return set_tags(call, resolve.require_user(call), tags)


@operation("iam:UntagUser", on=resolve.user)
def untag_user(call: Call, *, user_name: str, tag_keys: list[str]) -> Result:
    """Take tags off a user; keys that it does not have are passed over. Raises NoSuchEntity."""
    return remove_tags(call, resolve.require_user(call), tag_keys)


@operation("iam:ListUserTags", on=resolve.user)
def list_user_tags(call: Call, *, user_name: str, marker: str | None = None, max_items: int | None = None) -> Result:
    """The tags of a user by key. Raises NoSuchEntity."""
    return listed_tags(resolve.require_user(call), marker, max_items)


@operation("iam:TagRole", on=resolve.role)
def tag_role(call: Call, *, role_name: str, tags: list[dict[str, str]]) -> Result:
    """Set tags on a role, also on a service-linked one. Raises NoSuchEntity, InvalidInput, LimitExceeded."""
    return set_tags(call, resolve.require_role(call), tags)


@operation("iam:UntagRole", on=resolve.role)
def untag_role(call: Call, *, role_name: str, tag_keys: list[str]) -> Result:
    """Take tags off a role; keys that it does not have are passed over. Raises NoSuchEntity."""
    return remove_tags(call, resolve.require_role(call), tag_keys)


@operation("iam:ListRoleTags", on=resolve.role)
def list_role_tags(call: Call, *, role_name: str, marker: str | None = None, max_items: int | None = None) -> Result:
    """The tags of a role by key. Raises NoSuchEntity."""
    return listed_tags(resolve.require_role(call), marker, max_items)


@operation("iam:TagInstanceProfile", on=resolve.instance_profile)
def tag_instance_profile(call: Call, *, instance_profile_name: str, tags: list[dict[str, str]]) -> Result:
    """Set tags on an instance profile. Raises NoSuchEntity, InvalidInput, LimitExceeded."""
    return set_tags(call, resolve.require_instance_profile(call), tags)


@operation("iam:UntagInstanceProfile", on=resolve.instance_profile)
def untag_instance_profile(call: Call, *, instance_profile_name: str, tag_keys: list[str]) -> Result:
    """Take tags off an instance profile; keys that it does not have are passed over. Raises NoSuchEntity."""
    return remove_tags(call, resolve.require_instance_profile(call), tag_keys)


@operation("iam:ListInstanceProfileTags", on=resolve.instance_profile)
def list_instance_profile_tags(
    call: Call, *, instance_profile_name: str, marker: str | None = None, max_items: int | None = None
) -> Result:
    """The tags of an instance profile by key. Raises NoSuchEntity."""
    return listed_tags(resolve.require_instance_profile(call), marker, max_items)


def set_tags(call: Call, entity: Tagged, tags: list[dict[str, str]]) -> Result:
    """Add tags and overwrite those that are there; of two spellings of a folded key the newest stays."""
    column, known_as = _key(entity)
    check_tags(tags, fold=column == "key_folded")
    before = state(entity)
    children: Any = entity.tags
    rows = {getattr(row, column): row for row in children.all()}
    enforce("TagsPerResourceQuota", len(rows.keys() | {known_as(tag["Key"]) for tag in tags}))
    for tag in tags:
        key = known_as(tag["Key"])
        row = rows.get(key) or children.model(**{children.field.name: entity, column: key})
        row.key, row.value = tag["Key"], tag["Value"]
        row.save()
    call.changed(before=before, after=state(entity))
    return {}


def remove_tags(call: Call, entity: Tagged, keys: list[str]) -> Result:
    """Delete the tags that are there."""
    column, known_as = _key(entity)
    before = state(entity)
    entity.tags.filter(**{f"{column}__in": [known_as(key) for key in keys]}).delete()
    call.changed(before=before, after=state(entity))
    return {}


def listed_tags(entity: Tagged, marker: str | None, max_items: int | None) -> Result:
    """A page of an entity's tags as AWS's answer."""
    column, _ = _key(entity)
    found, paging = page(entity.tags.all(), column, marker, max_items)
    return {"Tags": describe.tags(found), **paging}


def _key(entity: Tagged) -> tuple[str, Callable[[str], str]]:
    """The column by which an entity's tags are known, and how a key is spelled in it: users' and roles' keys fold case."""
    return ("key_folded", str.lower) if isinstance(entity, User | Role) else ("key", str)


def state(entity: Tagged) -> dict[str, Any]:
    """The tags of an entity as the record keeps them."""
    return {"arn": entity.arn, "tags": {row.key: row.value for row in entity.tags.order_by("id")}}
