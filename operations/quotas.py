"""AWS's quotas, each a setting with AWS's default (IAM User Guide, «IAM and AWS STS quotas»).

The names are those of `GetAccountSummary`, so that what is enforced and what is reported cannot differ. An operator changes one
with `QUOTAS="UsersQuota=200000,RolesQuota=5000"`.
"""

from collections.abc import Mapping

from django.conf import settings

from operations.errors import LimitExceeded

DEFAULTS: Mapping[str, int] = {
    "UsersQuota": 5000,
    "GroupsQuota": 300,
    "RolesQuota": 1000,
    "PoliciesQuota": 1500,
    "InstanceProfilesQuota": 1000,
    "ServerCertificatesQuota": 20,
    "GroupsPerUserQuota": 10,
    "AccessKeysPerUserQuota": 2,
    "SigningCertificatesPerUserQuota": 2,
    "SSHPublicKeysPerUserQuota": 5,
    "MFADevicesPerUserQuota": 8,
    "AttachedPoliciesPerUserQuota": 10,
    "AttachedPoliciesPerGroupQuota": 10,
    "AttachedPoliciesPerRoleQuota": 10,
    "PolicySizeQuota": 6144,
    "UserPolicySizeQuota": 2048,
    "GroupPolicySizeQuota": 5120,
    "RolePolicySizeQuota": 10240,
    "AssumeRolePolicySizeQuota": 2048,
    "VersionsPerPolicyQuota": 5,
    "PolicyVersionsInUseQuota": 10000,
    "TagsPerResourceQuota": 50,
    "SAMLProvidersQuota": 100,
    "OIDCProvidersQuota": 100,
}

# What AWS calls a quota in the sentence «Cannot exceed quota for X: N».
NAMES: Mapping[str, str] = {
    "UsersQuota": "UsersPerAccount",
    "GroupsQuota": "GroupsPerAccount",
    "RolesQuota": "RolesPerAccount",
    "PoliciesQuota": "PoliciesPerAccount",
    "InstanceProfilesQuota": "InstanceProfilesPerAccount",
    "ServerCertificatesQuota": "ServerCertificatesPerAccount",
    "GroupsPerUserQuota": "GroupsPerUser",
    "AccessKeysPerUserQuota": "AccessKeysPerUser",
    "SigningCertificatesPerUserQuota": "CertificatesPerUser",
    "SSHPublicKeysPerUserQuota": "SSHPublicKeysPerUser",
    "MFADevicesPerUserQuota": "MFADevicesPerUser",
    "AttachedPoliciesPerUserQuota": "PoliciesPerUser",
    "AttachedPoliciesPerGroupQuota": "PoliciesPerGroup",
    "AttachedPoliciesPerRoleQuota": "PoliciesPerRole",
    "PolicySizeQuota": "PolicySize",
    "UserPolicySizeQuota": "UserPolicySize",
    "GroupPolicySizeQuota": "GroupPolicySize",
    "RolePolicySizeQuota": "RolePolicySize",
    "AssumeRolePolicySizeQuota": "ACLSizePerRole",
}
# Quotas for which AWS has a sentence without name and number.
SENTENCES: Mapping[str, str] = {"TagsPerResourceQuota": "The number of tags has reached the maximum limit."}


def quota(name: str) -> int:
    """The quota in force."""
    return int(settings.QUOTAS.get(name, DEFAULTS[name]))


def enforce(name: str, number: int) -> None:
    """Refuse with AWS's sentence when `number` (the count or size after the change) is above the quota. Raises LimitExceeded."""
    limit = quota(name)
    if number > limit:
        sentence = SENTENCES.get(name) or f"Cannot exceed quota for {NAMES.get(name, name)}: {limit}"
        raise LimitExceeded(sentence, quota=name, limit=limit)
