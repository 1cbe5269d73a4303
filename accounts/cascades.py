"""Deleting an entity with everything that hangs on it, as AWS's console does: many operations, one change.

Each step is an operation of its own, authorised and recorded; when one is refused, nothing is deleted at all.
"""

from accounts.models import Group, Role, User
from accounts.operations.access_keys import delete_access_key
from accounts.operations.attachments import detach_group_policy, detach_role_policy, detach_user_policy
from accounts.operations.groups import delete_group
from accounts.operations.inline_policies import delete_group_policy, delete_role_policy, delete_user_policy
from accounts.operations.instance_profiles import delete_instance_profile, remove_role_from_instance_profile
from accounts.operations.login_profiles import delete_login_profile
from accounts.operations.memberships import remove_user_from_group
from accounts.operations.mfa_devices import deactivate_mfa_device, delete_virtual_mfa_device
from accounts.operations.roles import delete_role
from accounts.operations.service_linked_roles import delete_service_linked_role
from accounts.operations.users import delete_user
from accounts.other_credentials import OTHER_CREDENTIALS
from operations.caller import Caller
from operations.gate import REGISTRY, one_change


def delete_user_completely(caller: Caller, user: User) -> None:
    """Delete a user with password, keys, devices, certificates, policies and memberships. Raises what any of the steps raises."""
    name = user.name
    with one_change():
        if hasattr(user, "login_profile"):
            delete_login_profile(caller, user_name=name)
        for key in user.access_keys.all():
            delete_access_key(caller, user_name=name, access_key_id=key.key_id)
        for device in user.mfa_devices.all():
            deactivate_mfa_device(caller, user_name=name, serial_number=device.serial_number)
            if ":mfa/" in device.serial_number:
                delete_virtual_mfa_device(caller, serial_number=device.serial_number)
        _delete_other_credentials(caller, user)
        for inline in user.inline_policies.all():
            delete_user_policy(caller, user_name=name, policy_name=inline.name)
        for attachment in user.attachments.select_related("policy"):
            detach_user_policy(caller, user_name=name, policy_arn=attachment.policy.arn)
        for membership in user.memberships.select_related("group"):
            remove_user_from_group(caller, user_name=name, group_name=membership.group.name)
        delete_user(caller, user_name=name)


def _delete_other_credentials(caller: Caller, user: User) -> None:
    for kind in OTHER_CREDENTIALS:
        for row in getattr(user, kind.relation).all():
            REGISTRY[kind.deletes](caller, user_name=user.name, **{kind.parameter: getattr(row, kind.column)})


def delete_group_completely(caller: Caller, group: Group) -> None:
    """Delete a group: its members leave it, its policies go. Raises what any of the steps raises."""
    name = group.name
    with one_change():
        for membership in group.memberships.select_related("user"):
            remove_user_from_group(caller, group_name=name, user_name=membership.user.name)
        for inline in group.inline_policies.all():
            delete_group_policy(caller, group_name=name, policy_name=inline.name)
        for attachment in group.attachments.select_related("policy"):
            detach_group_policy(caller, group_name=name, policy_arn=attachment.policy.arn)
        delete_group(caller, group_name=name)


def delete_role_completely(caller: Caller, role: Role) -> None:
    """Delete a role with its policies and the instance profile of its name, which was made with it; it leaves other ones.

    Raises what any of the steps raises.
    """
    name = role.name
    with one_change():
        for profile in role.instance_profiles.all():
            remove_role_from_instance_profile(caller, instance_profile_name=profile.name, role_name=name)
            if profile.name == name:
                delete_instance_profile(caller, instance_profile_name=name)
        if role.is_service_linked:  # its policy goes with it
            delete_service_linked_role(caller, role_name=name)
            return
        for inline in role.inline_policies.all():
            delete_role_policy(caller, role_name=name, policy_name=inline.name)
        for attachment in role.attachments.select_related("policy"):
            detach_role_policy(caller, role_name=name, policy_arn=attachment.policy.arn)
        delete_role(caller, role_name=name)
