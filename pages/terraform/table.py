"""Which operation makes which change to a configuration; argument names as the provider hashicorp/aws documents them.

A policy's versions are no resources: Terraform keeps the text in force. Memberships are `aws_iam_user_group_membership`, which leaves the
other members alone; `aws_iam_group_membership` would take them out.
"""

from collections.abc import Iterable, Mapping

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from operations.rehearsal import Step
from pages.terraform import hcl
from pages.terraform.rows import (
    By,
    Change,
    Either,
    Joins,
    Makes,
    Nothing,
    Params,
    Removes,
    Row,
    Says,
    Sets,
    Source,
    Unnamed,
    Unsets,
    after_slash,
    always,
    by,
    by_arn,
    refers,
    refers_to_policy,
    tags,
)
from pages.terraform.snippet import Key, Snippet

NO_RESOURCE = _("Terraform has no resource for it")
OWN = _("an operation of this console's own, for which Terraform has no resource")
NO_STATE = _("it leaves nothing behind that Terraform could keep")
NEW_SECRET = _("Terraform sets a secret when it makes the resource, and does not change it later")
IN_STATE = _("Terraform makes the secret by itself and keeps it in its state, which therefore has to be guarded.")
TAGS_STAY = _("Its other tags stay.")
IDS_STAY = _("Its other client IDs stay.")

USER, GROUP, ROLE = "aws_iam_user", "aws_iam_group", "aws_iam_role"
POLICY, PROFILE, DEVICE = "aws_iam_policy", "aws_iam_instance_profile", "aws_iam_virtual_mfa_device"
CERTIFICATE, OIDC, SAML = "aws_iam_server_certificate", "aws_iam_openid_connect_provider", "aws_iam_saml_provider"
MEMBERSHIP, LOGIN, ALIAS = "aws_iam_user_group_membership", "aws_iam_user_login_profile", "aws_iam_account_alias"
ACCESS_KEY, SSH_KEY = "aws_iam_access_key", "aws_iam_user_ssh_key"
SIGNING, SERVICE_CREDENTIAL = "aws_iam_signing_certificate", "aws_iam_service_specific_credential"
PASSWORDS, SERVICE_ROLE = "aws_iam_account_password_policy", "aws_iam_service_linked_role"
STS_PREFERENCES, OUTBOUND = "aws_iam_security_token_service_preferences", "aws_iam_outbound_web_identity_federation"

BY_POLICY = by_arn("policy_arn")
ONE = always("account")


def _issuer(params: Params) -> Key:
    """An OpenID Connect provider by its URL without scheme, which its ARN has, too."""
    arn = params.get("open_id_connect_provider_arn")
    return (arn.partition("oidc-provider/")[2] if arn else str(params["url"]).partition("//")[2],)


def _encoding(params: Params) -> str:
    return "PEM" if str(params["ssh_public_key_body"]).lstrip().startswith("-----") else "SSH"


def _tagged(word: str, type: str, by: By, known: Mapping[str, Source]) -> dict[str, Row]:
    """The two operations for the tags of an entity; `known`: the arguments by which its block is found."""
    return {
        f"Tag{word}": Sets(type, by, {**known, "tags": tags}, also=TAGS_STAY),
        f"Untag{word}": Unsets(type, by, "tags", lambda params: list(params["tag_keys"])),
    }


def _holder(word: str, type: str) -> dict[str, Row]:
    """What users, groups and roles have in common: inline policies and attachments."""
    column, name = word.lower(), f"{word.lower()}_name"
    inline, attached = by(name, "policy_name"), by(name, "policy_arn")
    whose = {column: refers(type, name)}
    return {
        f"Put{word}Policy": Makes(
            f"{type}_policy", inline, {"name": "policy_name", **whose, "policy": "policy_document"}
        ),
        f"Delete{word}Policy": Removes(f"{type}_policy", inline),
        f"Attach{word}Policy": Makes(
            f"{type}_policy_attachment", attached, {**whose, "policy_arn": refers_to_policy("policy_arn")}
        ),
        f"Detach{word}Policy": Removes(f"{type}_policy_attachment", attached),
    }


def _bounded(word: str, type: str) -> dict[str, Row]:
    """The boundary of a user or role."""
    name = f"{word.lower()}_name"
    boundary = {"name": name, "permissions_boundary": refers_to_policy("permissions_boundary")}
    return {
        f"Put{word}PermissionsBoundary": Sets(type, by(name), boundary),
        f"Delete{word}PermissionsBoundary": Unsets(type, by(name), "permissions_boundary"),
    }


IDENTITIES: dict[str, Row] = {
    "CreateUser": Makes(
        USER,
        by("user_name"),
        {
            "name": "user_name",
            "path": "path",
            "permissions_boundary": refers_to_policy("permissions_boundary"),
            "tags": tags,
        },
    ),
    "UpdateUser": Sets(
        USER,
        by("user_name"),
        {"name": lambda params: params.get("new_user_name") or params["user_name"], "path": "new_path"},
        renamed="new_user_name",
    ),
    "DeleteUser": Removes(USER, by("user_name")),
    "CreateGroup": Makes(GROUP, by("group_name"), {"name": "group_name", "path": "path"}),
    "UpdateGroup": Sets(
        GROUP,
        by("group_name"),
        {"name": lambda params: params.get("new_group_name") or params["group_name"], "path": "new_path"},
        renamed="new_group_name",
    ),
    "DeleteGroup": Removes(GROUP, by("group_name")),
    "AddUserToGroup": Joins(
        MEMBERSHIP,
        by("user_name"),
        {"user": refers(USER, "user_name")},
        list="groups",
        item=refers(GROUP, "group_name"),
    ),
    "RemoveUserFromGroup": Unsets(MEMBERSHIP, by("user_name"), "groups", lambda params: [params["group_name"]]),
    "CreateRole": Makes(
        ROLE,
        by("role_name"),
        {
            "name": "role_name",
            "path": "path",
            "description": "description",
            "assume_role_policy": "assume_role_policy_document",
            "max_session_duration": "max_session_duration",
            "permissions_boundary": refers_to_policy("permissions_boundary"),
            "tags": tags,
        },
    ),
    "UpdateRole": Sets(
        ROLE,
        by("role_name"),
        {"name": "role_name", "description": "description", "max_session_duration": "max_session_duration"},
    ),
    "UpdateRoleDescription": Sets(ROLE, by("role_name"), {"name": "role_name", "description": "description"}),
    "UpdateAssumeRolePolicy": Sets(
        ROLE, by("role_name"), {"name": "role_name", "assume_role_policy": "policy_document"}
    ),
    "DeleteRole": Removes(ROLE, by("role_name")),
    "CreateServiceLinkedRole": Makes(
        SERVICE_ROLE,
        lambda params: tuple(filter(None, (params["aws_service_name"], params.get("custom_suffix")))),
        {"aws_service_name": "aws_service_name", "custom_suffix": "custom_suffix", "description": "description"},
    ),
    "DeleteServiceLinkedRole": Removes(SERVICE_ROLE, by("role_name")),
    "CreateInstanceProfile": Makes(
        PROFILE, by("instance_profile_name"), {"name": "instance_profile_name", "path": "path", "tags": tags}
    ),
    "AddRoleToInstanceProfile": Sets(
        PROFILE, by("instance_profile_name"), {"name": "instance_profile_name", "role": refers(ROLE, "role_name")}
    ),
    "RemoveRoleFromInstanceProfile": Unsets(PROFILE, by("instance_profile_name"), "role"),
    "DeleteInstanceProfile": Removes(PROFILE, by("instance_profile_name")),
    **_holder("User", USER),
    **_holder("Group", GROUP),
    **_holder("Role", ROLE),
    **_bounded("User", USER),
    **_bounded("Role", ROLE),
    **_tagged("User", USER, by("user_name"), {"name": "user_name"}),
    **_tagged("Role", ROLE, by("role_name"), {"name": "role_name"}),
    **_tagged("InstanceProfile", PROFILE, by("instance_profile_name"), {"name": "instance_profile_name"}),
}

POLICIES: dict[str, Row] = {
    "CreatePolicy": Makes(
        POLICY,
        by("policy_name"),
        {
            "name": "policy_name",
            "path": "path",
            "description": "description",
            "policy": "policy_document",
            "tags": tags,
        },
    ),
    "CreatePolicyVersion": Either(
        lambda params: bool(params.get("set_as_default")),
        then=Sets(
            POLICY, BY_POLICY, {"name": lambda params: after_slash(params["policy_arn"]), "policy": "policy_document"}
        ),
        otherwise=Nothing(_("a version that is not the default has no resource in Terraform")),
    ),
    "SetDefaultPolicyVersion": Says(
        POLICY,
        BY_POLICY,
        _("Put the text of version %(version)s into policy in %(address)s"),
        {"version": "version_id"},
    ),
    "DeletePolicyVersion": Nothing(_("a version that is not the default has no resource in Terraform")),
    "DeletePolicy": Removes(POLICY, BY_POLICY),
    **_tagged("Policy", POLICY, BY_POLICY, {"name": lambda params: after_slash(params["policy_arn"])}),
}

CREDENTIALS: dict[str, Row] = {
    "CreateLoginProfile": Makes(
        LOGIN,
        by("user_name"),
        {"user": refers(USER, "user_name"), "password_reset_required": "password_reset_required"},
        note=IN_STATE,
    ),
    "UpdateLoginProfile": Nothing(NEW_SECRET),
    "DeleteLoginProfile": Removes(LOGIN, by("user_name")),
    "ChangePassword": Nothing(NEW_SECRET),
    "CreateAccessKey": Makes(ACCESS_KEY, by("user_name"), {"user": refers(USER, "user_name")}, note=IN_STATE),
    "UpdateAccessKey": Sets(
        ACCESS_KEY, by("user_name", "access_key_id"), {"user": refers(USER, "user_name"), "status": "status"}
    ),
    "DeleteAccessKey": Removes(ACCESS_KEY, by("user_name", "access_key_id")),
    "UploadSSHPublicKey": Makes(
        SSH_KEY,
        by("user_name"),
        {"username": refers(USER, "user_name"), "encoding": _encoding, "public_key": "ssh_public_key_body"},
    ),
    "UpdateSSHPublicKey": Sets(
        SSH_KEY, by("user_name", "ssh_public_key_id"), {"username": refers(USER, "user_name"), "status": "status"}
    ),
    "DeleteSSHPublicKey": Removes(SSH_KEY, by("user_name", "ssh_public_key_id")),
    "UploadSigningCertificate": Makes(
        SIGNING, by("user_name"), {"user_name": refers(USER, "user_name"), "certificate_body": "certificate_body"}
    ),
    "UpdateSigningCertificate": Sets(
        SIGNING, by("user_name", "certificate_id"), {"user_name": refers(USER, "user_name"), "status": "status"}
    ),
    "DeleteSigningCertificate": Removes(SIGNING, by("user_name", "certificate_id")),
    "CreateServiceSpecificCredential": Makes(
        SERVICE_CREDENTIAL,
        by("user_name", "service_name"),
        {"user_name": refers(USER, "user_name"), "service_name": "service_name"},
        note=IN_STATE,
    ),
    "UpdateServiceSpecificCredential": Sets(
        SERVICE_CREDENTIAL,
        by("user_name", "service_specific_credential_id"),
        {"user_name": refers(USER, "user_name"), "status": "status"},
    ),
    "ResetServiceSpecificCredential": Nothing(NEW_SECRET),
    "DeleteServiceSpecificCredential": Removes(SERVICE_CREDENTIAL, by("user_name", "service_specific_credential_id")),
    "CreateVirtualMFADevice": Makes(
        DEVICE,
        by("virtual_mfa_device_name"),
        {"virtual_mfa_device_name": "virtual_mfa_device_name", "path": "path", "tags": tags},
        note=IN_STATE,
    ),
    "EnableMFADevice": Nothing(_("it takes two codes of the device, for which Terraform has no resource")),
    "DeactivateMFADevice": Nothing(NO_RESOURCE),
    "ResyncMFADevice": Nothing(NO_STATE),
    "DeleteVirtualMFADevice": Removes(DEVICE, by_arn("serial_number")),
    **_tagged(
        "MFADevice",
        DEVICE,
        by_arn("serial_number"),
        {"virtual_mfa_device_name": lambda params: after_slash(params["serial_number"])},
    ),
    "UploadServerCertificate": Makes(
        CERTIFICATE,
        by("server_certificate_name"),
        {
            "name": "server_certificate_name",
            "path": "path",
            "certificate_body": "certificate_body",
            "certificate_chain": "certificate_chain",
            "tags": tags,
        },
        secrets=("private_key",),
    ),
    "UpdateServerCertificate": Sets(
        CERTIFICATE,
        by("server_certificate_name"),
        {
            "name": lambda params: params.get("new_server_certificate_name") or params["server_certificate_name"],
            "path": "new_path",
        },
        renamed="new_server_certificate_name",
    ),
    "DeleteServerCertificate": Removes(CERTIFICATE, by("server_certificate_name")),
    **_tagged("ServerCertificate", CERTIFICATE, by("server_certificate_name"), {"name": "server_certificate_name"}),
}

ACCOUNT: dict[str, Row] = {
    "CreateAccountAlias": Makes(ALIAS, ONE, {"account_alias": "account_alias"}),
    "DeleteAccountAlias": Removes(ALIAS, ONE),
    "UpdateAccountPasswordPolicy": Makes(
        PASSWORDS,
        ONE,
        {
            "minimum_password_length": "minimum_password_length",
            "require_symbols": "require_symbols",
            "require_numbers": "require_numbers",
            "require_uppercase_characters": "require_uppercase_characters",
            "require_lowercase_characters": "require_lowercase_characters",
            "allow_users_to_change_password": "allow_users_to_change_password",
            "max_password_age": "max_password_age",
            "password_reuse_prevention": "password_reuse_prevention",
            "hard_expiry": "hard_expiry",
        },
    ),
    "DeleteAccountPasswordPolicy": Removes(PASSWORDS, ONE),
    "SetSecurityTokenServicePreferences": Makes(
        STS_PREFERENCES, ONE, {"global_endpoint_token_version": "global_endpoint_token_version"}
    ),
    "EnableOutboundWebIdentityFederation": Makes(
        OUTBOUND, ONE, {}, note=_("The provider has this resource from its version 6.26.0 on.")
    ),
    "DisableOutboundWebIdentityFederation": Removes(OUTBOUND, ONE),
    "PutAccountProperties": Nothing(NO_RESOURCE),
    "GetRequestSigner": Nothing(NO_STATE),
}

PROVIDERS: dict[str, Row] = {
    "CreateOpenIDConnectProvider": Makes(
        OIDC,
        _issuer,
        {
            "url": "url",
            "client_id_list": lambda params: params.get("client_id_list") or hcl.Expression("[]"),
            "thumbprint_list": "thumbprint_list",
            "tags": tags,
        },
    ),
    "AddClientIDToOpenIDConnectProvider": Sets(
        OIDC, _issuer, {"client_id_list": lambda params: [params["client_id"]]}, also=IDS_STAY
    ),
    "RemoveClientIDFromOpenIDConnectProvider": Unsets(
        OIDC, _issuer, "client_id_list", lambda params: [params["client_id"]]
    ),
    "UpdateOpenIDConnectProviderThumbprint": Sets(OIDC, _issuer, {"thumbprint_list": "thumbprint_list"}),
    "DeleteOpenIDConnectProvider": Removes(OIDC, _issuer),
    **_tagged("OpenIDConnectProvider", OIDC, _issuer, {}),
    "CreateSAMLProvider": Makes(
        SAML, by("name"), {"name": "name", "saml_metadata_document": "saml_metadata_document", "tags": tags}
    ),
    "UpdateSAMLProvider": Sets(
        SAML,
        by_arn("saml_provider_arn"),
        {
            "name": lambda params: after_slash(params["saml_provider_arn"]),
            "saml_metadata_document": "saml_metadata_document",
        },
    ),
    "DeleteSAMLProvider": Removes(SAML, by_arn("saml_provider_arn")),
    **_tagged(
        "SAMLProvider",
        SAML,
        by_arn("saml_provider_arn"),
        {"name": lambda params: after_slash(params["saml_provider_arn"])},
    ),
}

SILENT: dict[str, Row] = {
    **dict.fromkeys(
        ("AssumeRole", "GetFederationToken", "GetSessionToken", "GetWebIdentityToken"),
        Nothing(_("it hands out credentials and leaves nothing behind")),
    ),
    **dict.fromkeys(
        (
            "AcceptPolicyProposal",
            "CancelPolicyActivation",
            "ChangeRootPassword",
            "ConfirmRecoveryCodes",
            "ContainUser",
            "CreateAccessRequest",
            "CreateAccount",
            "CreatePasswordLink",
            "CreateRecoveryCodes",
            "DeclineAccessRequest",
            "DeclinePolicyProposal",
            "DeleteMembershipRule",
            "DeletePolicyComment",
            "DeletePolicyTest",
            "DeleteSharedFilter",
            "DiscardMFADevice",
            "EndConsoleSessions",
            "GrantAccessRequest",
            "ImportAccountAuthorizationDetails",
            "InviteUser",
            "ProposePolicyVersion",
            "PutMembershipRule",
            "PutPolicyComment",
            "PutPolicyTest",
            "PutSharedFilter",
            "RegisterPasskey",
            "ResetUserMFA",
            "RevokeRoleSession",
            "RevokeTemporaryCredentials",
            "SchedulePolicyActivation",
            "StartPolicyTrial",
            "StopPolicyTrial",
            "UpdateAccessKeyDetails",
            "UpdateAccountPasswordChecks",
            "UpdateAccountSignInSettings",
            "UpdateUserEmail",
            "WithdrawAccessRequest",
            "WithdrawPolicyProposal",
        ),
        Nothing(OWN),
    ),
}

TABLE: dict[str, Row] = {**IDENTITIES, **POLICIES, **CREDENTIALS, **ACCOUNT, **PROVIDERS, **SILENT}
# Operations of our own that do what one of AWS's does.
TABLE["CreateVirtualMFADeviceFromSeed"] = TABLE["CreateVirtualMFADevice"]
TABLE["DiscardMFADevice"] = TABLE["DeleteVirtualMFADevice"]


def told(steps: Iterable[Step]) -> str:
    """What these operations leave behind, one after the other, as one piece of HCL."""
    snippet = Snippet()
    for step in steps:
        row = row_of(step)
        try:
            if not isinstance(row, Nothing):
                row.apply(snippet, step.params)
        except Unnamed:
            row = Nothing(_("Terraform has no resource for the root user"))
        if isinstance(row, Nothing):
            snippet.say(f"{step.name}: {row.why}")
    return snippet.text()


def row_of(step: Step) -> Change | Nothing:
    """The row of an operation; of two possible ones that which the call's parameters choose."""
    row = TABLE.get(step.name, Nothing(NO_RESOURCE))
    return row.chosen(step.params) if isinstance(row, Either) else row


def provider() -> str:
    """How the provider is pointed at this console."""
    address = f"{settings.BASE_URL}/api/"
    endpoints = hcl.block("endpoints", {"iam": address, "sts": address})
    return hcl.block('provider "aws"', {"region": settings.REGION}, (endpoints,))
