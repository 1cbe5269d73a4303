"""How each error that AWS's model declares for an operation is provoked, or why it cannot occur here.

A provocation is a change of the parameters with which the operation would succeed in the prepared account (`tests.api.world`). What is not
listed here is provoked by its code alone: see `tests/api/test_declared_errors.py`.
"""

ACCOUNT = "123456789012"


def arn(resource: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:{resource}"


POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'
SERVICE_ROLE_POLICY = arn("policy/linked").replace(ACCOUNT, "aws")
NEVER = {
    "ServiceFailure": "a fault of the service itself; tests/api/test_wire.py provokes one",
    "ConcurrentModification": "two writers at one moment; tests/api/test_live.py makes fifty",
    "RegionDisabledException": "every region is accepted",
    "EntityTemporarilyUnmodifiable": "changes take hold at once: no entity is ever on its way",
    "OpenIdIdpCommunicationError": "no identity provider is contacted",
    "ReportExpired": "a report is made anew whenever it is asked for",
    "ReportInProgress": "a report is finished when its making is answered",
    "PolicyEvaluation": "a policy that is accepted can always be evaluated",
    "InvalidCertificate": "what cannot be used is MalformedCertificate already",
    "ExpiredTokenException": "the token that has expired is that of the request: ExpiredToken (tests/federation/test_assume_role.py)",
}
# The operations of which something comes that a quota counts. AWS declares LimitExceeded for others too; they cannot exceed anything here.
COUNTED = {
    "AddClientIDToOpenIDConnectProvider",
    "AddRoleToInstanceProfile",
    "AddUserToGroup",
    "AttachGroupPolicy",
    "AttachRolePolicy",
    "AttachUserPolicy",
    "CreateAccessKey",
    "CreateGroup",
    "CreateInstanceProfile",
    "CreateOpenIDConnectProvider",
    "CreatePolicy",
    "CreatePolicyVersion",
    "CreateRole",
    "CreateSAMLProvider",
    "CreateServiceLinkedRole",
    "CreateServiceSpecificCredential",
    "CreateUser",
    "EnableMFADevice",
    "PutGroupPolicy",
    "PutRolePolicy",
    "PutUserPolicy",
    "TagInstanceProfile",
    "TagMFADevice",
    "TagOpenIDConnectProvider",
    "TagPolicy",
    "TagRole",
    "TagSAMLProvider",
    "TagServerCertificate",
    "TagUser",
    "UpdateAssumeRolePolicy",
    "UploadSSHPublicKey",
    "UploadServerCertificate",
    "UploadSigningCertificate",
}
# Parameters that provoke an error where the code alone does not say how; `=` names a part of the world.
PROVOKED = {
    "InvalidInput": {
        "CreateInstanceProfile": {"InstanceProfileName": "neu", "Tags": "twice"},
        "CreateOpenIDConnectProvider": {"Url": "https://other.example.com", "ThumbprintList": ["z" * 40]},
        "CreatePolicy": {"PolicyName": "neu", "Tags": "twice"},
        "CreateRole": {"RoleName": "neu", "Path": "/aws-service-role/x/"},
        "CreateSAMLProvider": {"Name": "neu", "SAMLMetadataDocument": "<x>" + "y" * 1000 + "</x>"},
        "CreateServiceLinkedRole": {"AWSServiceName": "nothing.amazonaws.com"},
        "CreateUser": {"UserName": "neu", "Tags": "twice"},
        "CreateVirtualMFADevice": {"VirtualMFADeviceName": "neu", "Tags": "twice"},
        "GenerateServiceLastAccessedDetails": {"Arn": arn("nonsense/x")},
        "GetContextKeysForCustomPolicy": {"PolicyInputList": ["{"]},
        "GetContextKeysForPrincipalPolicy": {"PolicySourceArn": arn("nonsense/x")},
        "GetHumanReadableSummary": {"EntityArn": arn("nonsense/x")},
        "ListPoliciesGrantingServiceAccess": {"Arn": arn("nonsense/x")},
        "PutAccountProperties": {"Properties": {"SignIn/Nothing": "x"}},
        "PutRolePermissionsBoundary": {"PermissionsBoundary": arn("role/xxxxxxxxxxxx")},
        "PutUserPermissionsBoundary": {"PermissionsBoundary": arn("role/xxxxxxxxxxxx")},
        "SimulateCustomPolicy": {"PolicyInputList": ["{"]},
        "SimulatePrincipalPolicy": {"PolicySourceArn": arn("nonsense/x")},
        "UpdateAccessKey": {"Status": "Expired"},
        "UpdateOpenIDConnectProviderThumbprint": {"ThumbprintList": ["z" * 40]},
        "UpdateSAMLProvider": {"SAMLMetadataDocument": "<x>" + "y" * 1000 + "</x>"},
        "UpdateSSHPublicKey": {"Status": "Expired"},
        "UpdateSigningCertificate": {"Status": "Expired"},
        "TagInstanceProfile": {"Tags": "twice"},
        "TagMFADevice": {"Tags": "twice"},
        "TagOpenIDConnectProvider": {"Tags": "twice"},
        "TagPolicy": {"Tags": "twice"},
        "TagRole": {"Tags": "twice"},
        "TagSAMLProvider": {"Tags": "twice"},
        "TagServerCertificate": {"Tags": "twice"},
        "TagUser": {"Tags": "twice"},
        "UploadServerCertificate": {"ServerCertificateName": "neu", "Tags": "twice"},
    },
    "EntityAlreadyExists": {
        "CreateAccountAlias": {"AccountAlias": "taken"},
        "CreatePolicy": {"PolicyName": "reading"},
        "CreateSAMLProvider": {"Name": "idp"},
        "UpdateUser": {"NewUserName": "emil"},
        "UpdateGroup": {"NewGroupName": "crew"},
        "UpdateServerCertificate": {"NewServerCertificateName": "shop"},
        "CreateVirtualMFADevice": {"VirtualMFADeviceName": "phone"},
    },
    "LimitExceeded": {
        "CreateUser": {"UserName": "neu"},
        "CreateGroup": {"GroupName": "neu"},
        "CreateRole": {"RoleName": "neu"},
        "CreatePolicy": {"PolicyName": "neu"},
        "CreateInstanceProfile": {"InstanceProfileName": "neu"},
        "CreateSAMLProvider": {"Name": "neu"},
        "CreateOpenIDConnectProvider": {"Url": "https://other.example.com"},
        "CreateServiceLinkedRole": {"AWSServiceName": "elasticbeanstalk.amazonaws.com"},
        "AddUserToGroup": {"UserName": "emil"},
        "AttachUserPolicy": {"UserName": "emil"},
        "AttachGroupPolicy": {"GroupName": "crew"},
        "AttachRolePolicy": {"PolicyArn": "=OtherPolicy"},
        "UpdateAssumeRolePolicy": {"PolicyDocument": "=AssumeRolePolicyDocument"},
        "UploadSSHPublicKey": {"SSHPublicKeyBody": "=OtherPublicKey"},
        "EnableMFADevice": {"SerialNumber": "=SpareDevice"},
        "UploadServerCertificate": {"ServerCertificateName": "neu"},
    },
    "PolicyNotAttachable": {
        "AttachGroupPolicy": {"PolicyArn": "=ServiceRolePolicy"},
        "AttachRolePolicy": {"PolicyArn": "=ServiceRolePolicy"},
        "AttachUserPolicy": {"PolicyArn": "=ServiceRolePolicy"},
        "PutRolePermissionsBoundary": {"PermissionsBoundary": "=ServiceRolePolicy"},
        "PutUserPermissionsBoundary": {"PermissionsBoundary": "=ServiceRolePolicy"},
    },
    "PasswordPolicyViolation": {
        "ChangePassword": {"NewPassword": "x"},
        "CreateLoginProfile": {"UserName": "emil", "Password": "x"},
        "UpdateLoginProfile": {"Password": "x"},
    },
    "DeleteConflict": {"DeletePolicyVersion": {"VersionId": "v1"}},
    "UnmodifiableEntity": {"UpdateRole": {"RoleName": "=Linked", "MaxSessionDuration": 7200}},
    "MalformedPolicyDocument": {
        "CreatePolicy": {"PolicyName": "neu", "PolicyDocument": "{"},
        "CreateRole": {"RoleName": "neu", "AssumeRolePolicyDocument": "{"},
        "AssumeRole": {"Policy": "{"},
        "GetFederationToken": {"Policy": "{"},
    },
    "PackedPolicyTooLarge": {
        "AssumeRole": {"Tags": "large"},
        "GetFederationToken": {"Tags": "large"},
    },
    "NotSupportedService": {
        "CreateServiceSpecificCredential": {"ServiceName": "nothing.amazonaws.com"},
        "ListServiceSpecificCredentials": {"ServiceName": "nothing.amazonaws.com"},
    },
    "InvalidAuthenticationCode": {"EnableMFADevice": {"SerialNumber": "=SpareDevice"}, "ResyncMFADevice": {}},
    "UnrecognizedPublicKeyEncoding": {
        "UploadSSHPublicKey": {"SSHPublicKeyBody": "ssh-nothing AAAA"},
    },
    "InvalidPublicKey": {"UploadSSHPublicKey": {"SSHPublicKeyBody": "ssh-rsa AAAA"}},
    "DuplicateSSHPublicKey": {"UploadSSHPublicKey": {}},
    "MalformedCertificate": {
        "UploadServerCertificate": {"ServerCertificateName": "neu", "CertificateBody": "nonsense"},
        "UploadSigningCertificate": {"CertificateBody": "nonsense"},
    },
    "KeyPairMismatch": {"UploadServerCertificate": {"ServerCertificateName": "neu", "PrivateKey": "other"}},
    "DuplicateCertificate": {"UploadSigningCertificate": {"CertificateBody": "=UploadedCertificate"}},
    "FeatureDisabled": {"DisableOutboundWebIdentityFederation": {}, "GetOutboundWebIdentityFederationInfo": {}},
    "FeatureEnabled": {"EnableOutboundWebIdentityFederation": {}},
    "ReportNotPresent": {"GetCredentialReport": {}},
    "InvalidUserType": {"ChangePassword": {}},
    "InvalidAuthorizationMessageException": {"DecodeAuthorizationMessage": {"EncodedMessage": "nonsense"}},
    "OutboundWebIdentityFederationDisabledException": {
        "GetWebIdentityToken": {"Audience": ["a"], "SigningAlgorithm": "RS256"}
    },
    "SessionDurationEscalationException": {
        "GetWebIdentityToken": {"Audience": ["a"], "SigningAlgorithm": "RS256", "DurationSeconds": 3600}
    },
    "JWTPayloadSizeExceededException": {
        "GetWebIdentityToken": {"Audience": ["a"], "SigningAlgorithm": "RS256", "Tags": "large"}
    },
}

BAD_ARN = "a text that is no ARN of the kind is a ValidationError, as it was recorded of AWS"
NO_SUCH = "what names nothing, in whatever form, is NoSuchEntity"
CONTRACT = "the contract takes no value that could be wrong: ValidationError comes first"
UNREACHABLE: dict[str, dict[str, str]] = {
    "InvalidInput": {
        **dict.fromkeys(
            [
                "AttachGroupPolicy",
                "AttachRolePolicy",
                "AttachUserPolicy",
                "CreatePolicyVersion",
                "DeletePolicy",
                "DeletePolicyVersion",
                "DetachGroupPolicy",
                "DetachRolePolicy",
                "DetachUserPolicy",
                "GetPolicy",
                "GetPolicyVersion",
                "ListEntitiesForPolicy",
                "ListPolicyTags",
                "ListPolicyVersions",
                "SetDefaultPolicyVersion",
                "UntagPolicy",
            ],
            BAD_ARN,
        ),
        **dict.fromkeys(
            [
                "DeleteSAMLProvider",
                "GetOpenIDConnectProvider",
                "GetSAMLProvider",
                "GetServiceLastAccessedDetails",
                "GetServiceLastAccessedDetailsWithEntities",
                "GetServiceLinkedRoleDeletionStatus",
                "ListMFADeviceTags",
                "ListOpenIDConnectProviderTags",
                "ListSAMLProviderTags",
                "UntagInstanceProfile",
                "UntagMFADevice",
                "UntagOpenIDConnectProvider",
                "UntagSAMLProvider",
                "UntagServerCertificate",
                "RemoveClientIDFromOpenIDConnectProvider",
            ],
            NO_SUCH,
        ),
        **dict.fromkeys(
            [
                "AddClientIDToOpenIDConnectProvider",
                "GetAccountProperties",
                "ListAttachedGroupPolicies",
                "ListAttachedRolePolicies",
                "ListAttachedUserPolicies",
            ],
            CONTRACT,
        ),
        "DeleteOpenIDConnectProvider": NO_SUCH,
    },
    "NoSuchEntity": {
        "CreateGroup": "no other entity is named",
        "CreateServiceLinkedRole": "a service without such a role is InvalidInput",
        "UpdateAccountPasswordPolicy": "a policy that is not there is made",
    },
    "EntityAlreadyExists": {
        "AddRoleToInstanceProfile": "a profile holds one role, and that is LimitExceeded",
        "UploadSigningCertificate": "the same certificate again is DuplicateCertificate",
    },
    "DeleteConflict": {"DeleteServerCertificate": "no service of this console uses server certificates"},
    "MalformedPolicyDocument": {"UpdateAccountPasswordPolicy": "a password policy is no document"},
    "UnmodifiableEntity": {
        "UpdateRoleDescription": "a service-linked role's description can be changed (IAM User Guide)"
    },
    "UnrecognizedPublicKeyEncoding": {"GetSSHPublicKey": CONTRACT},
}
