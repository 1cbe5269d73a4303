"""GetAccountSummary: how many of everything there are, and how many there may be (IAM API Reference)."""

from collections.abc import Callable

from accounts import resolve
from accounts.models import AccessKey, Account, Group, InstanceProfile, LoginProfile, MfaDevice, Role, User
from accounts.operations.users import user_count
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

Counter = Callable[[str], int]
COUNTERS: dict[str, Counter] = {}


def counts(name: str) -> Callable[[Counter], Counter]:
    """Register what counts one kind of entity in an account. Entities of the packages above this one are counted by them."""

    def register(counter: Counter) -> Counter:
        COUNTERS[name] = counter
        return counter

    return register


@operation("iam:GetAccountSummary", on=resolve.whole_account)
def get_account_summary(call: Call) -> Result:
    """Numbers of entities and the quotas in force; all values are whole numbers."""
    summary = {name: quota(name) for name in QUOTAS}
    summary |= dict.fromkeys(("ServerCertificates", "Providers", "AccountSigningCertificatesPresent"), 0)
    summary |= {name: counter(call.account_id) for name, counter in COUNTERS.items()}
    return {"SummaryMap": summary | root_members(call.account_id)}


def root_members(account_id: str) -> dict[str, int]:
    """What AWS tells about the account itself and its root user: 0 or 1 each, and the version of the global endpoint's tokens."""
    account = Account.objects.get(pk=account_id)
    root = User.everyone.get(account=account, is_root=True)
    passwords = LoginProfile.objects.filter(user=root).exclude(password_hash="")
    return {
        "AccountMFAEnabled": int(root.mfa_device_count > 0),
        "AccountAccessKeysPresent": int(AccessKey.objects.filter(user=root).exists()),
        "AccountPasswordPresent": int(passwords.exists()),
        "GlobalEndpointTokenVersion": int(account.global_endpoint_token_version == "v2Token") + 1,
    }


@counts("Users")
def users(account_id: str) -> int:
    return user_count(account_id)


@counts("Groups")
def groups(account_id: str) -> int:
    return Group.objects.filter(account_id=account_id).count()


@counts("Roles")
def roles(account_id: str) -> int:
    return Role.objects.filter(account_id=account_id).count()


@counts("InstanceProfiles")
def instance_profiles(account_id: str) -> int:
    return InstanceProfile.objects.filter(account_id=account_id).count()


@counts("Policies")
def policies(account_id: str) -> int:
    """Customer managed policies; AWS's are not counted."""
    return ManagedPolicy.objects.filter(account_id=account_id).count()


@counts("PolicyVersionsInUse")
def policy_versions(account_id: str) -> int:
    return PolicyVersion.objects.filter(policy__account_id=account_id).count()


@counts("MFADevices")
def mfa_devices(account_id: str) -> int:
    """All MFA devices, assigned or not."""
    return MfaDevice.objects.filter(account_id=account_id).count()


@counts("MFADevicesInUse")
def mfa_devices_in_use(account_id: str) -> int:
    return MfaDevice.objects.filter(account_id=account_id, user__isnull=False).count()
