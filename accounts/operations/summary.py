"""GetAccountSummary: how many of everything there are, and how many there may be (IAM API Reference)."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import CharField, Count, Exists, F, OuterRef, QuerySet, Value

from accounts import resolve
from accounts.models import (
    AccessKey,
    Account,
    Group,
    InstanceProfile,
    LoginProfile,
    MfaDevice,
    Role,
    ServerCertificate,
    User,
)
from operations.gate import Call, Result, operation
from operations.quotas import quota
from policies.models import ManagedPolicy, PolicyVersion

QUOTAS = (
    "UsersQuota",
    "GroupsQuota",
    "ServerCertificatesQuota",
    "UserPolicySizeQuota",
    "GroupPolicySizeQuota",
    "RolePolicySizeQuota",
    "GroupsPerUserQuota",
    "SigningCertificatesPerUserQuota",
    "AccessKeysPerUserQuota",
    "AttachedPoliciesPerGroupQuota",
    "AttachedPoliciesPerRoleQuota",
    "AttachedPoliciesPerUserQuota",
    "PoliciesQuota",
    "PolicySizeQuota",
    "PolicyVersionsInUseQuota",
    "VersionsPerPolicyQuota",
    "AssumeRolePolicySizeQuota",
    "InstanceProfilesQuota",
    "RolesQuota",
)

# The rows that are counted. Users are not: they may be very many, and the account keeps their number.
COUNTED: Mapping[str, Callable[[str], "QuerySet[Any]"]] = {
    "Groups": lambda account_id: Group.objects.filter(account_id=account_id),
    "Roles": lambda account_id: Role.objects.filter(account_id=account_id),
    "InstanceProfiles": lambda account_id: InstanceProfile.objects.filter(account_id=account_id),
    "Policies": lambda account_id: ManagedPolicy.objects.filter(account_id=account_id),  # AWS's are not counted
    "PolicyVersionsInUse": lambda account_id: PolicyVersion.objects.filter(policy__account_id=account_id),
    "ServerCertificates": lambda account_id: ServerCertificate.objects.filter(account_id=account_id),
    "MFADevices": lambda account_id: MfaDevice.objects.filter(account_id=account_id),  # assigned or not
    "MFADevicesInUse": lambda account_id: MfaDevice.objects.filter(account_id=account_id, user__isnull=False),
}


@operation("iam:GetAccountSummary", on=resolve.whole_account)
def get_account_summary(call: Call) -> Result:
    """Numbers of entities and the quotas in force; all values are whole numbers. Two queries."""
    summary = {name: quota(name) for name in QUOTAS}
    summary |= dict.fromkeys(("Providers", "AccountSigningCertificatesPresent"), 0)
    return {"SummaryMap": summary | _numbers(call.account_id) | _root_members(call.account_id)}


def _numbers(account_id: str) -> dict[str, int]:
    """How many there are of each kind."""
    accounts: QuerySet[Any] = Account.objects.filter(pk=account_id)
    parts = [
        rows(account_id)
        .order_by()
        .annotate(counted=Value(name, CharField()))
        .values("counted")
        .annotate(number=Count("pk"))
        .values_list("counted", "number")
        for name, rows in COUNTED.items()
    ]
    users = accounts.values_list(Value("Users", CharField()), F("user_count"))
    return {**dict.fromkeys(COUNTED, 0), **dict(users.union(*parts, all=True))}


def _root_members(account_id: str) -> dict[str, int]:
    """What AWS tells about the account itself and its root user: 0 or 1 each, and the version of the global endpoint's tokens."""
    passwords = LoginProfile.objects.filter(user=OuterRef("pk")).exclude(password_hash="")
    keys = AccessKey.objects.filter(user=OuterRef("pk"))
    rows = User.everyone.select_related("account").annotate(has_keys=Exists(keys), may_sign_in=Exists(passwords))
    root = rows.get(account=account_id, is_root=True)
    return {
        "AccountMFAEnabled": int(root.mfa_device_count > 0),
        "AccountAccessKeysPresent": int(root.has_keys),
        "AccountPasswordPresent": int(root.may_sign_in),
        "GlobalEndpointTokenVersion": int(root.account.global_endpoint_token_version == "v2Token") + 1,
    }
