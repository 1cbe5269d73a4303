"""What takes a change of memberships, boundaries and required passwords back: the opposite operation, as it is before the change."""

from accounts.holders import Kind
from accounts.models import Role, User
from operations.rehearsal import Step


def membership(operation: str, user_name: str, group_name: str) -> Step:
    """AddUserToGroup or RemoveUserFromGroup."""
    return Step("iam", operation, {"group_name": group_name, "user_name": user_name})


def leaving(user: User, group_name: str) -> Step | None:
    """The opposite of joining a group; None for a member, whom joining once more does not change."""
    if user.memberships.filter(group__name=group_name).exists():
        return None
    return membership("RemoveUserFromGroup", user.name, group_name)


def no_longer_demanding(user: User) -> Step:
    """The opposite of requiring a new password of whom none was required."""
    return Step("iam", "UpdateLoginProfile", {"user_name": user.name, "password_reset_required": False})


def bounding(holder: Kind, row: User | Role) -> Step:
    """The opposite of setting or removing a permissions boundary: putting back the one that is there, or none."""
    if row.boundary:
        return holder.step("Put", "PermissionsBoundary", row.name, permissions_boundary=row.boundary.arn)
    return holder.step("Delete", "PermissionsBoundary", row.name)
