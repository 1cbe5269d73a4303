"""Whom a simulation is about: found by ARN or by name, and suggested while one types."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from access.sources import Entity
from accounts.models import Group, Role, User
from accounts.resolve import find_group, find_role, find_user_shown
from operations.caller import Caller
from operations.ids import iam_arn

FIND = {"user": find_user_shown, "role": find_role, "group": find_group}
LISTED = (("user", "iam:ListUsers", User), ("role", "iam:ListRoles", Role), ("group", "iam:ListGroups", Group))


@dataclass(frozen=True)
class Offer:
    """Somebody who could be meant."""

    arn: str
    name: str
    kind: str


def wanted_arn(account_id: str, text: str) -> str:
    """The ARN of whom a text names, whether or not there is such an entity: `alice` is a user, `role/deploy` a role."""
    if text.startswith("arn:"):
        return text
    kind, slash, _name = text.partition("/")
    return iam_arn(account_id, text if slash and kind in FIND else f"user/{text}")


def find_principal(account_id: str, text: str) -> Entity | None:
    """The user, group or role of this account that a text names: by ARN (also of a role's session), as `role/deploy`, or by its bare
    name, for which users come before roles and groups. `root` is the root user."""
    if text.startswith("arn:"):
        parts = text.split(":", 5)
        if len(parts) < 6 or parts[4] != account_id or parts[2] not in ("iam", "sts"):
            return None
        text = parts[5]
    if text == "root":
        return User.everyone.filter(account_id=account_id, is_root=True).first()
    kind, slash, rest = text.partition("/")
    if kind == "assumed-role":
        return find_role(account_id, rest.partition("/")[0])
    if slash and kind in FIND:
        return FIND[kind](account_id, rest.rsplit("/", 1)[-1])
    return next((found for find in FIND.values() if (found := find(account_id, text))), None)


def offers(caller: Caller, text: str, limit: int = 8) -> list[Offer]:
    """Users, roles and groups whose names have the text, of the kinds that the caller may list."""
    return list(_offers(caller, text.strip().lower(), limit))


def _offers(caller: Caller, text: str, limit: int) -> Iterator[Offer]:
    for kind, action, model in LISTED:
        if not caller.may(action, iam_arn(caller.account_id, f"{kind}/")):
            continue
        rows: QuerySet[Any] = model.objects.filter(account_id=caller.account_id)
        if text:
            rows = rows.filter(name_key__inside=text)
        for row in rows.order_by("name_key")[:limit]:
            yield Offer(row.arn, row.name, kind)
