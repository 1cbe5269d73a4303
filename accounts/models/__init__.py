"""Accounts and the identities in them, one file per noun."""

from accounts.models.access_key import AccessKey
from accounts.models.account import Account
from accounts.models.attachment import (
    GroupAttachment,
    GroupInlinePolicy,
    RoleAttachment,
    RoleInlinePolicy,
    UserAttachment,
    UserInlinePolicy,
)
from accounts.models.group import Group
from accounts.models.instance_profile import InstanceProfile, InstanceProfileTag
from accounts.models.password import LoginProfile, PasswordHistory, PasswordLink, PasswordPolicy
from accounts.models.role import Role, RoleTag
from accounts.models.session import ConsoleSession
from accounts.models.user import Membership, User, UserTag

__all__ = [
    "AccessKey",
    "Account",
    "ConsoleSession",
    "Group",
    "GroupAttachment",
    "GroupInlinePolicy",
    "InstanceProfile",
    "InstanceProfileTag",
    "LoginProfile",
    "Membership",
    "PasswordHistory",
    "PasswordLink",
    "PasswordPolicy",
    "Role",
    "RoleAttachment",
    "RoleInlinePolicy",
    "RoleTag",
    "User",
    "UserAttachment",
    "UserInlinePolicy",
    "UserTag",
]
