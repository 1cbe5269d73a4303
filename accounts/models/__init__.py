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
from accounts.models.deletion_task import RoleDeletionTask
from accounts.models.form_draft import FormDraft
from accounts.models.group import Group
from accounts.models.instance_profile import InstanceProfile, InstanceProfileTag
from accounts.models.membership_rule import MembershipRule
from accounts.models.mfa import MfaDevice, MfaDeviceTag
from accounts.models.password import LoginProfile, PasswordChecks, PasswordHistory, PasswordLink, PasswordPolicy
from accounts.models.recovery import RecoveryCode
from accounts.models.role import Role, RoleTag
from accounts.models.server_certificate import ServerCertificate, ServerCertificateTag
from accounts.models.service_credential import ServiceSpecificCredential
from accounts.models.session import ConsoleSession
from accounts.models.shared_filter import SharedFilter
from accounts.models.signing_certificate import SigningCertificate
from accounts.models.ssh_public_key import SshPublicKey
from accounts.models.throttle import Throttle
from accounts.models.user import HAS_PASSWORD, IS_INVITED, Membership, User, UserTag

__all__ = [
    "HAS_PASSWORD",
    "IS_INVITED",
    "AccessKey",
    "Account",
    "ConsoleSession",
    "FormDraft",
    "Group",
    "GroupAttachment",
    "GroupInlinePolicy",
    "InstanceProfile",
    "InstanceProfileTag",
    "LoginProfile",
    "Membership",
    "MembershipRule",
    "MfaDevice",
    "MfaDeviceTag",
    "PasswordChecks",
    "PasswordHistory",
    "PasswordLink",
    "PasswordPolicy",
    "RecoveryCode",
    "Role",
    "RoleAttachment",
    "RoleDeletionTask",
    "RoleInlinePolicy",
    "RoleTag",
    "ServerCertificate",
    "ServerCertificateTag",
    "ServiceSpecificCredential",
    "SharedFilter",
    "SigningCertificate",
    "SshPublicKey",
    "Throttle",
    "User",
    "UserAttachment",
    "UserInlinePolicy",
    "UserTag",
]
