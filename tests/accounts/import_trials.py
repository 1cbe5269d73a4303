"""Importing a file in a test, and looking at what came of it."""

import json
from typing import Any

from accounts.management.commands.export_account_authorization_details import decoded
from accounts.models import Group, InstanceProfile, Membership, Role, User, UserAttachment
from accounts.operations.authorization_details import (
    get_account_authorization_details,
    import_account_authorization_details,
)
from policies.models import ManagedPolicy, PolicyUsage, PolicyVersion

LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
KINDS = ("Users", "Groups", "Roles", "InstanceProfiles", "Policies")


def load(caller, content: Any, **parameters: Any) -> dict[str, Any]:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return import_account_authorization_details(caller, authorization_details=data, **parameters)


def printed(caller) -> dict[str, Any]:
    return decoded({name: get_account_authorization_details(caller, max_items=1000)[name] for name in LISTS})


def in_order(details: dict[str, Any]) -> dict[str, Any]:
    return {name: sorted(details[name], key=lambda entity: entity["Arn"]) for name in LISTS}


def counts(answer: dict[str, Any]) -> dict[str, tuple[int, int, int]]:
    return {kind: tuple(answer[kind].values()) for kind in KINDS}


def everything() -> list[Any]:
    """All rows that an import touches, to see whether anything was touched."""
    models = (User, Group, Role, InstanceProfile, Membership, UserAttachment, ManagedPolicy, PolicyVersion, PolicyUsage)
    return [list(model._base_manager.order_by("pk").values()) for model in models]


NOTHING_NEW = {
    "Users": (0, 0, 2),
    "Groups": (0, 0, 2),
    "Roles": (0, 0, 3),
    "InstanceProfiles": (0, 0, 2),
    "Policies": (0, 0, 4),
}
