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
from accounts.models.mfa import MfaDevice, MfaDeviceTag
from accounts.models.password import LoginProfile, PasswordChecks, PasswordHistory, PasswordLink, PasswordPolicy
from accounts.models.recovery import RecoveryCode
from accounts.models.role import Role, RoleTag
from accounts.models.session import ConsoleSession
from accounts.models.throttle import Throttle
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
    "MfaDevice",
    "MfaDeviceTag",
    "PasswordChecks",
    "PasswordHistory",
    "PasswordLink",
    "PasswordPolicy",
    "RecoveryCode",
    "Role",
    "RoleAttachment",
    "RoleInlinePolicy",
    "RoleTag",
    "Throttle",
    "User",
    "UserAttachment",
    "UserInlinePolicy",
    "UserTag",
]
