"""Membership rules of groups: set, get, delete, list. Operations of our own; who may add and remove users may have a rule do it.

A rule by tags tells by its members who has them. So setting it takes the permission to list users, and their tags where it asks for some.
"""

from typing import Any, Final

from accounts import resolve
from accounts.models import Group, Membership, MembershipRule
from accounts.queries.membership_rules import rule_of
from operations.absent import once_absent
from operations.caller import Caller
from operations.clock import now
from operations.errors import InvalidInput, NoSuchEntity
from operations.gate import Call, Result, Target, operation
from operations.ids import iam_arn
from operations.paging import page
from policies.tag_rules import check_tags

AGENT: Final = "membership rule"  # acts in the name of whoever set it
ADD, REMOVE = "iam:AddUserToGroup", "iam:RemoveUserFromGroup"
Pairs = list[list[str]]


@operation("iam:PutMembershipRule", on=resolve.group, permission=ADD)
def put_membership_rule(
    call: Call,
    *,
    group_name: str,
    path_prefix: str | None = None,
    user_name_prefix: str | None = None,
    user_tags: list[dict[str, str]] | None = None,
) -> Result:
    """Have the members of a group follow from users' paths, names and tags; it takes the place of the rule that is there.

    Raises NoSuchEntity, InvalidInput (no condition; reserved or repeated tags; a caller who is no user, or who is allowed it with a
    second factor or from some addresses alone, which nobody brings then).
    """
    group = resolve.require_group(call)
    for action, resource in needed(group, tags=bool(user_tags)):
        call.authorise(action, Target(resource))
    before = rule_of(group)
    row = proposed(call.caller, group, path_prefix=path_prefix, user_name_prefix=user_name_prefix, user_tags=user_tags)
    if before is not None:
        row.pk = before.pk
        row.applied_at = before.applied_at
    row.save(force_insert=before is None, force_update=before is not None)
    call.changed(before=state(group, before), after=state(group, row))
    return {"MembershipRule": described(row)}


@operation("iam:GetMembershipRule", on=resolve.group, permission="iam:GetGroup")
def get_membership_rule(call: Call, *, group_name: str) -> Result:
    """The rule of a group, and how far it is carried out. Raises NoSuchEntity."""
    return {"MembershipRule": described(require_rule(resolve.require_group(call)))}


@operation("iam:DeleteMembershipRule", on=resolve.group, permission=ADD)
def delete_membership_rule(call: Call, *, group_name: str, remove_users: bool = False) -> Result:
    """Delete a rule. Whom it has added stays as if added by hand; with `remove_users` they leave first, as calls of the caller.

    Raises NoSuchEntity, and with `remove_users` InvalidInput as setting a rule does.
    """
    group = resolve.require_group(call)
    call.authorise(REMOVE, call.targets[0])
    row = require_rule(group)
    before = state(group, row)
    if remove_users:
        kept = {"path_prefix": row.path_prefix, "name_prefix": row.name_prefix, "tags": row.tags}
        setter = _setter(call.caller, group)
        MembershipRule(pk=row.pk, group=group, is_ending=True, applied_at=row.applied_at, **kept, **setter).save()
    else:
        Membership.objects.filter(group=group, by_rule=True).update(by_rule=False)
        row.delete()
    call.changed(before=before, after=state(group, None))
    return {}


@operation("iam:ListMembershipRules", on=resolve.collection("group"), permission="iam:ListGroups")
def list_membership_rules(call: Call, *, marker: str | None = None, max_items: int | None = None) -> Result:
    """The rules of the account's groups. Raises ValidationError."""
    rows = MembershipRule.objects.select_related("group").filter(group__account_id=call.account_id)
    found, paging = page(rows, "id", marker, max_items)
    return {"MembershipRules": [described(row) for row in found], **paging}


def needed(group: Group, *, tags: bool) -> list[tuple[str, str]]:
    """What setting a rule asks for besides adding users: each action, and what it is asked about."""
    users = iam_arn(group.account_id, "user/")
    return [(REMOVE, group.arn), ("iam:ListUsers", users), *([("iam:ListUserTags", f"{users}*")] if tags else [])]


def proposed(
    caller: Caller,
    group: Group,
    *,
    path_prefix: str | None = None,
    user_name_prefix: str | None = None,
    user_tags: list[dict[str, str]] | None = None,
) -> MembershipRule:
    """The rule as it would be, not saved. Raises InvalidInput, LimitExceeded as `put_membership_rule` does."""
    tags = user_tags or []
    if not (path_prefix or user_name_prefix or tags):
        raise InvalidInput("A membership rule needs at least one condition. The path / is that of all users.")
    check_tags(tags, fold=True)
    given = {
        "path_prefix": path_prefix or "",
        "name_prefix": user_name_prefix or "",
        "tags": [[tag["Key"], tag["Value"]] for tag in tags],
    }
    return MembershipRule(group=group, **given, **_setter(caller, group))


def require_rule(group: Group) -> MembershipRule:
    """Raises NoSuchEntity."""
    row = rule_of(group)
    if row is None:
        raise NoSuchEntity(f"The group with name {group.name} has no membership rule.")
    return row


def state(group: Group, row: MembershipRule | None) -> dict[str, Any]:
    """A group's rule as the record keeps it."""
    conditions = None
    if row is not None:
        given = {"pathPrefix": row.path_prefix, "userNamePrefix": row.name_prefix, "userTags": dict(row.tags)}
        conditions = {name: value for name, value in given.items() if value}
    return {"arn": group.arn, "groupName": group.name, "membershipRule": conditions}


def described(row: MembershipRule) -> dict[str, Any]:
    """A rule as answers show it."""
    optional = {"PathPrefix": row.path_prefix, "UserNamePrefix": row.name_prefix, "AppliedDate": row.applied_at}
    return {
        "GroupName": row.group.name,
        "UserTags": [{"Key": key, "Value": value} for key, value in row.tags],
        "SetDate": row.set_at,
        "State": row.state,
        "UsersWaiting": row.waiting,
        "UsersNotAdded": row.full,
        **{name: value for name, value in optional.items() if value},
    }


def _setter(caller: Caller, group: Group) -> dict[str, Any]:
    """Whose calls the rule makes, as columns. Raises InvalidInput."""
    if caller.principal.kind not in ("user", "root") or caller.user_id is None:
        raise InvalidInput("Only a user can set a membership rule: a session is over when it is carried out.")
    absent = once_absent(caller)
    if not all(absent.may(action, group.arn) for action in (ADD, REMOVE)):
        raise InvalidInput(
            f"Your policies allow {ADD} and {REMOVE} only together with what a request brings, such as a second factor or a source "
            "address. Nobody brings that when a membership rule is carried out."
        )
    return {
        "set_by": caller.arn,
        "setter_id": str(caller.identity["principalId"]),
        "set_at": now(),
        "note": caller.reason,
    }
