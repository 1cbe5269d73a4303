"""The self-management policies that the IAM User Guide publishes, word for word."""

import json

OWN = "arn:aws:iam::*:user/${aws:username}"


def _allow(sid, actions, resource):
    return {"Sid": sid, "Effect": "Allow", "Action": [f"iam:{action}" for action in actions], "Resource": resource}


DENY_WITHOUT_MFA = {
    "Sid": "DenyAllExceptListedIfNoMFA",
    "Effect": "Deny",
    "NotAction": [
        "iam:CreateVirtualMFADevice",
        "iam:EnableMFADevice",
        "iam:GetUser",
        "iam:ListMFADevices",
        "iam:ListVirtualMFADevices",
        "iam:ResyncMFADevice",
        "sts:GetSessionToken",
    ],
    "Resource": "*",
    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
}

FULL = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            _allow("AllowViewAccountInfo", ["GetAccountPasswordPolicy", "ListVirtualMFADevices"], "*"),
            _allow("AllowManageOwnPasswords", ["ChangePassword", "GetUser"], OWN),
            _allow(
                "AllowManageOwnAccessKeys",
                ["CreateAccessKey", "DeleteAccessKey", "ListAccessKeys", "UpdateAccessKey"],
                OWN,
            ),
            _allow(
                "AllowManageOwnSigningCertificates",
                [
                    "DeleteSigningCertificate",
                    "ListSigningCertificates",
                    "UpdateSigningCertificate",
                    "UploadSigningCertificate",
                ],
                OWN,
            ),
            _allow(
                "AllowManageOwnSSHPublicKeys",
                [
                    "DeleteSSHPublicKey",
                    "GetSSHPublicKey",
                    "ListSSHPublicKeys",
                    "UpdateSSHPublicKey",
                    "UploadSSHPublicKey",
                ],
                OWN,
            ),
            _allow(
                "AllowManageOwnGitCredentials",
                [
                    "CreateServiceSpecificCredential",
                    "DeleteServiceSpecificCredential",
                    "ListServiceSpecificCredentials",
                    "ResetServiceSpecificCredential",
                    "UpdateServiceSpecificCredential",
                ],
                OWN,
            ),
            _allow("AllowManageOwnVirtualMFADevice", ["CreateVirtualMFADevice"], "arn:aws:iam::*:mfa/*"),
            _allow(
                "AllowManageOwnUserMFA",
                ["DeactivateMFADevice", "EnableMFADevice", "ListMFADevices", "ResyncMFADevice"],
                OWN,
            ),
            DENY_WITHOUT_MFA,
        ],
    }
)

MFA_ONLY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            _allow("AllowViewAccountInfo", ["ListVirtualMFADevices"], "*"),
            _allow("AllowManageOwnVirtualMFADevice", ["CreateVirtualMFADevice"], "arn:aws:iam::*:mfa/*"),
            _allow(
                "AllowManageOwnUserMFA",
                ["DeactivateMFADevice", "EnableMFADevice", "GetUser", "ListMFADevices", "ResyncMFADevice"],
                OWN,
            ),
            DENY_WITHOUT_MFA,
        ],
    }
)

NO_MFA = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            _allow("AllowViewAccountInfo", ["GetAccountPasswordPolicy", "GetAccountSummary"], "*"),
            _allow("AllowManageOwnPasswords", ["ChangePassword", "GetUser"], OWN),
            _allow(
                "AllowManageOwnAccessKeys",
                ["CreateAccessKey", "DeleteAccessKey", "ListAccessKeys", "UpdateAccessKey"],
                OWN,
            ),
        ],
    }
)

PASSWORD_ONLY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            _allow("ViewAccountPasswordRequirements", ["GetAccountPasswordPolicy"], "*"),
            _allow("ChangeOwnPassword", ["GetUser", "ChangePassword"], OWN),
        ],
    }
)
