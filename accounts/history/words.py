"""What one recorded change did, as a sentence: who did it, when and how it ended stand beside it."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.history.events import record_of
from accounts.history.facets import BY_NAME
from audit.earlier_names import RENAMES
from audit.endings import DENIED_CODE
from operations.models import Event
from pages.components.state_changes import Change, changes_between

SENTENCES: Final[Mapping[str, Promise]] = {
    "AddUserToGroup": gettext_lazy("%(user)s was added to the group %(group)s"),
    "AttachPolicy": gettext_lazy("The policy %(policy)s was attached"),
    "ChangePassword": gettext_lazy("The password was changed by its owner"),
    "ConfirmRecoveryCodes": gettext_lazy("New recovery codes were taken into use"),
    "ContainUser": gettext_lazy("All credentials were contained: keys inactive, sessions ended"),
    "Create": gettext_lazy("It was created"),
    "CreateAccessRequest": gettext_lazy("Access was asked for"),
    "CreateServiceLinkedRole": gettext_lazy("It was created for a service"),
    "DeclineAccessRequest": gettext_lazy("Access that was asked for was declined"),
    "DiscardMFADevice": gettext_lazy("An MFA device that was not taken into use was discarded"),
    "GrantAccessRequest": gettext_lazy("Access that was asked for was granted"),
    "WithdrawAccessRequest": gettext_lazy("A request for access was withdrawn"),
    "CreateAccessKey": gettext_lazy("An access key was created"),
    "CreateLoginProfile": gettext_lazy("Console access was given, with a password"),
    "CreatePasswordLink": gettext_lazy("A link for choosing a password was made"),
    "CreateRecoveryCodes": gettext_lazy("Recovery codes were made"),
    "CreateServiceSpecificCredential": gettext_lazy("A service-specific credential was created"),
    "DeactivateMFADevice": gettext_lazy("An MFA device was removed"),
    "DeleteAccessKey": gettext_lazy("The access key %(key)s was deleted"),
    "DeleteLoginProfile": gettext_lazy("Console access was taken away"),
    "DeleteMembershipRule": gettext_lazy("The membership rule was removed"),
    "DeletePermissionsBoundary": gettext_lazy("The permissions boundary was removed"),
    "DeletePolicy": gettext_lazy("The inline policy %(inline)s was deleted"),
    "DeleteSSHPublicKey": gettext_lazy("An SSH public key was deleted"),
    "DeleteServiceSpecificCredential": gettext_lazy("A service-specific credential was deleted"),
    "DeleteSigningCertificate": gettext_lazy("A signing certificate was deleted"),
    "DetachPolicy": gettext_lazy("The policy %(policy)s was detached"),
    "EnableMFADevice": gettext_lazy("An MFA device was added"),
    "EndConsoleSessions": gettext_lazy("Console sessions were ended"),
    "InviteUser": gettext_lazy("The user was invited to choose a password"),
    "PutMembershipRule": gettext_lazy("The membership rule was set"),
    "PutPermissionsBoundary": gettext_lazy("The permissions boundary %(boundary)s was set"),
    "PutPolicy": gettext_lazy("The inline policy %(inline)s was saved"),
    "RegisterPasskey": gettext_lazy("A passkey was added"),
    "RemoveUserFromGroup": gettext_lazy("%(user)s was removed from the group %(group)s"),
    "ResetServiceSpecificCredential": gettext_lazy("The password of a service-specific credential was reset"),
    "ResetUserMFA": gettext_lazy("All MFA devices were reset"),
    "ResyncMFADevice": gettext_lazy("An MFA device was resynchronised"),
    "RevokeTemporaryCredentials": gettext_lazy("Temporary credentials were revoked"),
    "RevokeRoleSession": gettext_lazy("A session of the role was revoked"),
    "Tag": gettext_lazy("Tags were set"),
    "Untag": gettext_lazy("Tags were removed"),
    "UpdateRole": gettext_lazy("Description or maximum session duration were changed"),
    "UpdateAccessKey": gettext_lazy("The access key %(key)s became %(status)s"),
    "UpdateAccessKeyDetails": gettext_lazy("The details of the access key %(key)s were changed"),
    "UpdateAssumeRolePolicy": gettext_lazy("The trust policy was changed"),
    "UpdateLoginProfile": gettext_lazy("Password or console access was changed"),
    "UpdateDescription": gettext_lazy("The description was changed"),
    "UpdateSSHPublicKey": gettext_lazy("An SSH public key became %(status)s"),
    "UpdateServiceSpecificCredential": gettext_lazy("A service-specific credential became %(status)s"),
    "UpdateSigningCertificate": gettext_lazy("A signing certificate became %(status)s"),
    "UpdateEmail": gettext_lazy("The email address for notices was changed"),
    "UploadSSHPublicKey": gettext_lazy("An SSH public key was added"),
    "UploadSigningCertificate": gettext_lazy("A signing certificate was added"),
}  # fmt: skip
STATUSES: Final = {"Active": gettext_lazy("active"), "Inactive": gettext_lazy("inactive")}
STATES: Final = ("before", "after")
NO_CHANGE: Final = frozenset({"arn", "user"})  # are the ARN of whose history it is, in every state


def sentence(event: Event) -> str:
    """What the call did. Of one that was refused or failed, that nothing came of it: what it asked for is on its own page."""
    if event.error_code:
        words = _("Denied: %(call)s") if event.error_code == DENIED_CODE else _("Failed: %(call)s")
        return words % {"call": event.name}
    if event.name in RENAMES:
        return _renamed(event)
    if {event.name, _of_any(event.name)} & BY_NAME.keys() and not differences(event):
        if event.name == "ContainUser":  # the end of sessions is no state of the user
            return _("All sessions were ended; no access key was active")
        return _("Nothing changed: %(call)s") % {"call": event.name}
    said = SENTENCES.get(event.name) or SENTENCES.get(_of_any(event.name))
    return str(said) % _facts(event) if said is not None else event.name


def differences(event: Event) -> list[Change]:
    """What became different, field by field; nothing where the call failed."""
    record = record_of(event)
    before, after = ({k: v for k, v in (record.get(each) or {}).items() if k not in NO_CHANGE} for each in STATES)
    return changes_between(before, after)


def _renamed(event: Event) -> str:
    """What a rename did to name and path."""
    record = record_of(event)
    before, after = (record.get(each) or {} for each in STATES)
    name = "userName" if event.name == "UpdateUser" else "groupName"
    said = []
    if before.get(name) != after.get(name):
        said.append(_("It was renamed from %(old)s to %(new)s") % {"old": before.get(name), "new": after.get(name)})
    if before.get("path") != after.get("path"):
        said.append(_("It was moved to the path %(path)s") % {"path": after.get("path")})
    return ". ".join(said) or _("Name and path stayed as they were")


def _of_any(name: str) -> str:
    """The operation without the kind of what it is about: AttachUserPolicy and AttachRolePolicy do the same."""
    for verb in ("Attach", "Detach", "Put", "Delete", "Create", "Update", "Tag", "Untag"):
        for kind in ("User", "Group", "Role"):
            if name.startswith(verb + kind):
                return verb + name.removeprefix(verb + kind)
    return name


def _facts(event: Event) -> dict[str, Any]:
    """What sentences name, as far as the call says it."""
    given = record_of(event).get("requestParameters") or {}
    return {
        "user": given.get("userName", ""),
        "group": given.get("groupName", ""),
        "policy": _name(given.get("policyArn")),
        "inline": given.get("policyName", ""),
        "boundary": _name(given.get("permissionsBoundary")),
        "key": given.get("accessKeyId", ""),
        "status": STATUSES.get(given.get("status", ""), given.get("status", "")),
    }


def _name(arn: Any) -> str:
    return str(arn or "").rpartition("/")[2]
