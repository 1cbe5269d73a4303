"""Instance profiles: create, get, delete, list, and the role in them (IAM API Reference)."""

from dataclasses import replace
from typing import Any

from django.db.models import QuerySet

from accounts import describe, resolve, trust
from accounts.models import InstanceProfile, InstanceProfileTag
from operations.clock import now
from operations.errors import DeleteConflict, EntityAlreadyExists, LimitExceeded, NoSuchEntity
from operations.gate import Call, Result, operation
from operations.ids import any_instance_arn, unique_id
from operations.paging import page
from operations.quotas import enforce
from policies.listing import under_path
from policies.tag_rules import check_tags

TYPE = "AWS::IAM::InstanceProfile"


@operation("iam:CreateInstanceProfile", on=resolve.to_be("instance-profile", "instance_profile_name", TYPE))
def create_instance_profile(
    call: Call, *, instance_profile_name: str, path: str = "/", tags: list[dict[str, str]] | None = None
) -> Result:
    """Create an empty instance profile. Raises EntityAlreadyExists, LimitExceeded, InvalidInput (tags)."""
    profiles = InstanceProfile.objects.filter(account_id=call.account_id)
    if profiles.filter(name_key=instance_profile_name.lower()).exists():
        raise EntityAlreadyExists(f"Instance Profile {instance_profile_name} already exists.")
    enforce("InstanceProfilesQuota", profiles.count() + 1)
    check_tags(tags or [], fold=False)
    profile = InstanceProfile.objects.create(
        account_id=call.account_id,
        name=instance_profile_name,
        name_key=instance_profile_name.lower(),
        path=path,
        unique_id=unique_id("AIPA"),
        created_at=now(),
    )
    InstanceProfileTag.objects.bulk_create(
        InstanceProfileTag(instance_profile=profile, key=tag["Key"], value=tag["Value"]) for tag in tags or []
    )
    call.changed(after=state(profile))
    given = describe.tags(profile.tags.order_by("id"))
    return {"InstanceProfile": describe.instance_profile(profile, []) | ({"Tags": given} if given else {})}


@operation("iam:GetInstanceProfile", on=resolve.instance_profile)
def get_instance_profile(call: Call, *, instance_profile_name: str) -> Result:
    """An instance profile with its role and its tags. Raises NoSuchEntity."""
    profile = resolve.require_instance_profile(call)
    return {"InstanceProfile": described([profile])[0] | {"Tags": describe.tags(profile.tags.order_by("id"))}}


@operation("iam:DeleteInstanceProfile", on=resolve.instance_profile)
def delete_instance_profile(call: Call, *, instance_profile_name: str) -> Result:
    """Delete an instance profile without a role. Raises NoSuchEntity, DeleteConflict."""
    profile = resolve.require_instance_profile(call)
    if profile.role_id:
        raise DeleteConflict("Cannot delete entity, must remove roles from instance profile first.")
    call.changed(before=state(profile))
    profile.delete()
    return {}


@operation("iam:ListInstanceProfiles", on=resolve.collection("instance-profile"))
def list_instance_profiles(
    call: Call, *, path_prefix: str | None = None, marker: str | None = None, max_items: int | None = None
) -> Result:
    """Instance profiles by name, whatever their path; tags are not shown here."""
    rows = InstanceProfile.objects.filter(account_id=call.account_id)
    return listed(under_path(rows, path_prefix) if path_prefix else rows, marker, max_items)


@operation("iam:ListInstanceProfilesForRole", on=resolve.role)
def list_instance_profiles_for_role(
    call: Call, *, role_name: str, marker: str | None = None, max_items: int | None = None
) -> Result:
    """The instance profiles that hold a role, by name. Raises NoSuchEntity."""
    return listed(resolve.require_role(call).instance_profiles.all(), marker, max_items)


@operation("iam:AddRoleToInstanceProfile", on=resolve.instance_profile)
def add_role_to_instance_profile(call: Call, *, instance_profile_name: str, role_name: str) -> Result:
    """Put a role into an instance profile, which holds one; the caller needs iam:PassRole on it.

    Raises NoSuchEntity, LimitExceeded, UnmodifiableEntity, AccessDenied.
    """
    profile = resolve.require_instance_profile(call)
    target = resolve.role_target(call.account_id, role_name, "iam:PassRole")
    passed = {
        **target.context,
        "iam:PassedToService": "ec2.amazonaws.com",
        "iam:AssociatedResourceArn": any_instance_arn(call.account_id),
    }
    call.authorise("iam:PassRole", replace(target, context=passed))
    role = resolve.existing_role(target.entity, role_name)
    resolve.refuse_protected(role)
    if profile.role_id:
        raise LimitExceeded("Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
    before = state(profile)
    profile.role = role
    profile.save(update_fields=["role"])
    call.changed(before=before, after=state(profile))
    return {}


@operation("iam:RemoveRoleFromInstanceProfile", on=resolve.instance_profile)
def remove_role_from_instance_profile(call: Call, *, instance_profile_name: str, role_name: str) -> Result:
    """Take the role out of an instance profile. Raises NoSuchEntity, UnmodifiableEntity."""
    profile = resolve.require_instance_profile(call)
    role = resolve.existing_role(resolve.find_role(call.account_id, role_name), role_name)
    resolve.refuse_protected(role)
    if profile.role_id != role.pk:
        raise NoSuchEntity(f"Role {role.name} in Instance Profile {profile.name} cannot be found.")
    before = state(profile)
    profile.role = None
    profile.save(update_fields=["role"])
    call.changed(before=before, after=state(profile))
    return {}


def listed(rows: QuerySet[InstanceProfile], marker: str | None, max_items: int | None) -> Result:
    """A page of instance profiles as AWS's answer."""
    found, paging = page(rows.select_related("role"), "name_key", marker, max_items)
    return {"InstanceProfiles": described(found), **paging}


def described(profiles: list[InstanceProfile]) -> list[dict[str, Any]]:
    """Instance profiles with their roles, whose trust policies are read in one go."""
    documents = trust.readable_forms([profile.role.trust_policy if profile.role else "" for profile in profiles])
    return [
        describe.instance_profile(profile, [describe.role(profile.role, document)] if profile.role else [])
        for profile, document in zip(profiles, documents, strict=True)
    ]


def state(profile: InstanceProfile) -> dict[str, Any]:
    """An instance profile as the record keeps it."""
    return {
        "arn": profile.arn,
        "instanceProfileId": profile.unique_id,
        "instanceProfileName": profile.name,
        "path": profile.path,
        "role": profile.role.arn if profile.role else None,
        "tags": {tag.key: tag.value for tag in profile.tags.order_by("id")},
    }
