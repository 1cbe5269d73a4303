"""Deleting an entity with everything that hangs on it, as AWS's console does: many operations, one change.

Each step is an operation of its own, authorised and recorded; when one is refused, nothing is deleted at all.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Group, Role, User
from accounts.operations.access_keys import delete_access_key
from accounts.operations.attachments import detach_group_policy, detach_role_policy, detach_user_policy
from accounts.operations.groups import delete_group
from accounts.operations.inline_policies import delete_group_policy, delete_role_policy, delete_user_policy
from accounts.operations.instance_profiles import remove_role_from_instance_profile
from accounts.operations.login_profiles import delete_login_profile
from accounts.operations.memberships import remove_user_from_group
from accounts.operations.mfa_devices import deactivate_mfa_device, delete_virtual_mfa_device
from accounts.operations.roles import delete_role
from accounts.operations.users import delete_user
from operations.caller import Caller
from operations.gate import REGISTRY, one_change

NAMED = 5  # names that a page shows before it counts the rest


@dataclass(frozen=True)
class Loss:
    """Something that goes with a deleted entity: how many, what becomes of them, and the first of their names."""

    count: int
    text: str
    names: tuple[str, ...] = ()

    @property
    def unnamed(self) -> int:
        """How many there are besides the names."""
        return self.count - len(self.names) if self.names else 0


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


# Credentials of programs: the user's relation, the operation that deletes one, and its parameter.
OTHER_CREDENTIALS = (
    ("ssh_public_keys", "iam:DeleteSSHPublicKey", "ssh_public_key_id"),
    ("signing_certificates", "iam:DeleteSigningCertificate", "certificate_id"),
    ("service_specific_credentials", "iam:DeleteServiceSpecificCredential", "service_specific_credential_id"),
)


def _delete_other_credentials(caller: Caller, user: User) -> None:
    for relation, action, parameter in OTHER_CREDENTIALS:
        if hasattr(user, relation):
            for row in getattr(user, relation).all():
                REGISTRY[action](caller, user_name=user.name, **{parameter: row.unique_id})


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
    """Delete a role with its policies; it leaves its instance profiles. Raises what any of the steps raises."""
    name = role.name
    with one_change():
        for profile in role.instance_profiles.all():
            remove_role_from_instance_profile(caller, instance_profile_name=profile.name, role_name=name)
        for inline in role.inline_policies.all():
            delete_role_policy(caller, role_name=name, policy_name=inline.name)
        for attachment in role.attachments.select_related("policy"):
            detach_role_policy(caller, role_name=name, policy_arn=attachment.policy.arn)
        delete_role(caller, role_name=name)


def losses_of_user(user: User) -> list[Loss]:
    """What is deleted with a user, and what the user leaves. A fixed number of queries."""
    keys = user.access_keys.order_by("id").values_list("key_id", "is_active")
    words = [f"{key_id} ({_('active') if active else _('inactive')})" for key_id, active in keys]
    devices = user.mfa_devices.order_by("name").values_list("name", flat=True)
    other = sum(
        getattr(user, relation).count() for relation, _action, _name in OTHER_CREDENTIALS if hasattr(user, relation)
    )
    inline = user.inline_policies.order_by("name_key").values_list("name", flat=True)
    groups = user.groups.order_by("name_key").values_list("name", flat=True)
    return _found(
        Loss(int(user.console_access), _("console password is deleted")),
        _loss(words, lambda n: ngettext("access key is deleted", "access keys are deleted", n)),
        _loss(devices, lambda n: ngettext("MFA device is deleted", "MFA devices are deleted", n)),
        Loss(other, ngettext("other credential is deleted (SSH keys, certificates, passwords of services)",
                             "other credentials are deleted (SSH keys, certificates, passwords of services)", other)),
        _loss(inline, lambda n: ngettext("inline policy is deleted", "inline policies are deleted", n)),
        _loss(_attached(user), lambda n: ngettext("policy is detached, it stays", "policies are detached, they stay", n)),
        _loss(groups, lambda n: ngettext("group is left", "groups are left", n)),
    )  # fmt: skip


def losses_of_group(group: Group) -> list[Loss]:
    """What goes with a group, and who leaves it. A fixed number of queries."""
    members = User.objects.filter(memberships__group=group).order_by("name_key").values_list("name", flat=True)
    inline = group.inline_policies.order_by("name_key").values_list("name", flat=True)
    return _found(
        _loss(
            members[: NAMED + 1],
            lambda n: ngettext("member loses what the group grants", "members lose what the group grants", n),
            group.member_count,
        ),
        _loss(inline, lambda n: ngettext("inline policy is deleted", "inline policies are deleted", n)),
        _loss(
            _attached(group), lambda n: ngettext("policy is detached, it stays", "policies are detached, they stay", n)
        ),
    )


def losses_of_role(role: Role) -> list[Loss]:
    """What goes with a role, and what loses it. A fixed number of queries."""
    inline = role.inline_policies.order_by("name_key").values_list("name", flat=True)
    profiles = role.instance_profiles.order_by("name").values_list("name", flat=True)
    return _found(
        _loss(inline, lambda n: ngettext("inline policy is deleted", "inline policies are deleted", n)),
        _loss(
            _attached(role), lambda n: ngettext("policy is detached, it stays", "policies are detached, they stay", n)
        ),
        _loss(profiles, lambda n: ngettext("instance profile loses it", "instance profiles lose it", n)),
    )


def _attached(row: User | Group | Role) -> Any:
    return row.attachments.order_by("policy__name_key").values_list("policy__name", flat=True)


def _loss(names: Iterable[str], text: Callable[[int], str], count: int | None = None) -> Loss:
    found = list(names)
    number = len(found) if count is None else count
    return Loss(number, text(number), tuple(found[:NAMED]))


def _found(*losses: Loss) -> list[Loss]:
    return [loss for loss in losses if loss.count]
