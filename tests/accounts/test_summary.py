"""GetAccountSummary."""

import pytest

from accounts.models import AccessKey, Account, LoginProfile, MfaDevice, User
from accounts.operations.groups import create_group
from accounts.operations.instance_profiles import create_instance_profile
from accounts.operations.roles import create_role
from accounts.operations.summary import get_account_summary
from operations import contract
from operations.errors import AccessDenied
from policies.models import AWS, ManagedPolicy, PolicyVersion
from tests.accounts.test_roles import TRUST


def summary(caller):
    return get_account_summary(caller)["SummaryMap"]


def make_policy(account_id, name, versions):
    row = ManagedPolicy.objects.create(
        account_id=account_id, name=name, name_key=name, arn=f"arn:{name}", unique_id=f"ANPA{name}"
    )
    PolicyVersion.objects.bulk_create(
        PolicyVersion(policy=row, number=number, document="{}") for number in range(1, versions + 1)
    )


def test_an_empty_account_has_every_key(admin):
    found = summary(admin)
    known = set(contract.service_model("iam").shape_for("summaryKeyType").enum)
    assert set(found) <= known
    assert known - set(found) == set()
    assert all(type(value) is int for value in found.values())
    assert (found["Users"], found["Groups"], found["Providers"], found["ServerCertificates"]) == (1, 0, 0, 0)
    assert (found["UsersQuota"], found["AssumeRolePolicySizeQuota"], found["PolicyVersionsInUseQuota"]) == (
        5000,
        2048,
        10000,
    )
    assert found["GlobalEndpointTokenVersion"] == 1


def test_entities_of_this_account_are_counted(admin, stranger):
    before = summary(admin)
    for caller, name in ((admin, "one"), (stranger, "two"), (stranger, "three")):
        create_group(caller, group_name=name)
        create_role(caller, role_name=name, assume_role_policy_document=TRUST)
        create_instance_profile(caller, instance_profile_name=name)
        make_policy(caller.account_id, name, versions=2)
    make_policy(AWS, "four", versions=1)
    after = summary(admin)
    assert {key: after[key] - before[key] for key in after if after[key] != before[key]} == {
        "Groups": 1,
        "Roles": 1,
        "InstanceProfiles": 1,
        "Policies": 1,
        "PolicyVersionsInUse": 2,
    }


def test_devices_and_the_root_user(admin):
    root = User.everyone.get(is_root=True)
    MfaDevice.objects.create(
        account_id=root.account_id, name="spare", serial_number="arn:aws:iam::123456789012:mfa/spare"
    )
    MfaDevice.objects.create(
        account_id=root.account_id, name="root", user=root, serial_number="arn:aws:iam::123456789012:mfa/root"
    )
    User.everyone.filter(pk=root.pk).update(mfa_device_count=1)
    AccessKey.objects.create(user=root, key_id="AKIA1", secret="x")
    profile = LoginProfile.objects.create(user=root)
    Account.objects.update(global_endpoint_token_version="v2Token")
    found = summary(admin)
    assert (found["MFADevices"], found["MFADevicesInUse"]) == (2, 1)
    assert (found["AccountMFAEnabled"], found["AccountAccessKeysPresent"], found["AccountPasswordPresent"]) == (1, 1, 0)
    assert found["GlobalEndpointTokenVersion"] == 2
    profile.password_hash = "x"
    profile.save()
    assert summary(admin)["AccountPasswordPresent"] == 1


def test_quotas_are_those_in_force(admin, settings):
    settings.QUOTAS = {"UsersQuota": "200000"}
    assert summary(admin)["UsersQuota"] == 200000


def test_denied(nobody):
    with pytest.raises(AccessDenied, match="iam:GetAccountSummary"):
        get_account_summary(nobody)
