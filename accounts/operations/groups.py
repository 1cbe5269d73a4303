"""Groups: create, get, update, delete, list (IAM API Reference)."""

from typing import Any

from accounts import describe, resolve
from accounts.models import Group
from operations.clock import now
from operations.errors import DeleteConflict, EntityAlreadyExists
from operations.gate import Call, Result, Target, operation
from operations.ids import iam_arn, unique_id
from operations.paging import page
from operations.quotas import enforce
from policies.listing import under_path


@operation("iam:CreateGroup", on=resolve.to_be("group", "group_name", "AWS::IAM::Group"))
def create_group(call: Call, *, group_name: str, path: str = "/") -> Result:
    """Create a group. Raises EntityAlreadyExists, LimitExceeded."""
    refuse_taken_name(call.account_id, group_name)
    enforce("GroupsQuota", Group.objects.filter(account_id=call.account_id).count() + 1)
    group = Group.objects.create(
        account_id=call.account_id,
        name=group_name,
        name_key=group_name.lower(),
        path=path,
        unique_id=unique_id("AGPA"),
        created_at=now(),
    )
    call.changed(after=state(group))
    return {"Group": describe.group(group)}


@operation("iam:GetGroup", on=resolve.group)
def get_group(call: Call, *, group_name: str, marker: str | None = None, max_items: int | None = None) -> Result:
    """A group and a page of its members by name. Raises NoSuchEntity."""
    group = resolve.require_group(call)
    found, paging = page(group.members.all(), "name_key", marker, max_items)
    return {"Group": describe.group(group), "Users": [describe.user(user) for user in found], **paging}


def update_targets(call: Call) -> list[Target]:
    """A rename needs the permission on the old and on the new ARN."""
    old = resolve.group(call)
    group: Group | None = old.entity
    path = call.params.get("new_path") or (group.path if group else "/")
    name = call.params.get("new_group_name") or (group.name if group else call.params["group_name"])
    new = iam_arn(call.account_id, f"group{path}{name}")
    return [old] if new == old.arn else [old, Target(new, None, old.context, old.type)]


@operation("iam:UpdateGroup", on=update_targets)
def update_group(
    call: Call, *, group_name: str, new_path: str | None = None, new_group_name: str | None = None
) -> Result:
    """Rename a group or move it to another path; members and policies stay. Raises NoSuchEntity, EntityAlreadyExists."""
    group = resolve.require_group(call)
    before = state(group)
    if new_group_name and new_group_name.lower() != group.name_key:
        refuse_taken_name(call.account_id, new_group_name)
    group.name = new_group_name or group.name
    group.name_key = group.name.lower()
    group.path = new_path or group.path
    group.save(update_fields=["name", "name_key", "path"])
    call.changed(before=before, after=state(group))
    return {}


@operation("iam:DeleteGroup", on=resolve.group)
def delete_group(call: Call, *, group_name: str) -> Result:
    """Delete a group that has neither members nor policies. Raises NoSuchEntity, DeleteConflict."""
    group = resolve.require_group(call)
    for what, rows in dependants(group):
        if rows.exists():
            raise DeleteConflict(f"Cannot delete entity, must {what} first.")
    call.changed(before=state(group))
    group.delete()
    return {}


@operation("iam:ListGroups", on=resolve.collection("group"))
def list_groups(
    call: Call, *, path_prefix: str | None = None, marker: str | None = None, max_items: int | None = None
) -> Result:
    """Groups by name, whatever their path."""
    rows = Group.objects.filter(account_id=call.account_id)
    if path_prefix:
        rows = under_path(rows, path_prefix)
    found, paging = page(rows, "name_key", marker, max_items)
    return {"Groups": [describe.group(group) for group in found], **paging}


def refuse_taken_name(account_id: str, name: str) -> None:
    """Names are unique without regard to case. Raises EntityAlreadyExists."""
    if Group.objects.filter(account_id=account_id, name_key=name.lower()).exists():
        raise EntityAlreadyExists(f"Group with name {name} already exists.")


def dependants(group: Group) -> list[tuple[str, Any]]:
    """What must be gone before a group can be deleted, in AWS's words, with the rows that are still there."""
    return [
        ("remove users from group", group.memberships),
        ("delete policies", group.inline_policies),
        ("detach all policies", group.attachments),
    ]


def state(group: Group) -> dict[str, Any]:
    """A group as the record keeps it."""
    return {"arn": group.arn, "groupId": group.unique_id, "groupName": group.name, "path": group.path}
