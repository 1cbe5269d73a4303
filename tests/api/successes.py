"""One success of every operation, as an administrator's programs call them: by noun, in an order in which each finds what it needs.

Each story takes the account as it is, with nothing of its own in it, and leaves nothing behind but what it says.
"""

import json
from contextlib import suppress
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric import rsa

from accounts.mfa import code_at, step_at
from tests.accounts.test_certificates import certificate, pem, ssh
from tests.federation.test_providers import metadata

ACCOUNT = "123456789012"
READ = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'
WRITE = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}],
    }
)
TAGS = [{"Key": "team", "Value": "blue"}]
PASSWORD = "A-long-passw0rd!"


def arn(resource: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:{resource}"


def users(iam):
    """Users with their policies, boundary and tags."""
    limits = iam.create_policy(PolicyName="limits", PolicyDocument=READ)["Policy"]["Arn"]
    made = iam.create_user(UserName="dora", Path="/ops/", PermissionsBoundary=limits, Tags=TAGS)["User"]
    assert made["Arn"] == arn("user/ops/dora")
    shown = iam.get_user(UserName="dora")["User"]
    assert (shown["Tags"], shown["PermissionsBoundary"]["PermissionsBoundaryArn"]) == (TAGS, limits)
    assert "dora" in [each["UserName"] for each in iam.list_users(PathPrefix="/ops/")["Users"]]
    iam.tag_user(UserName="dora", Tags=[{"Key": "cost", "Value": "7"}])
    assert len(iam.list_user_tags(UserName="dora")["Tags"]) == 2
    iam.untag_user(UserName="dora", TagKeys=["cost"])
    iam.attach_user_policy(UserName="dora", PolicyArn=limits)
    assert iam.list_attached_user_policies(UserName="dora")["AttachedPolicies"][0]["PolicyName"] == "limits"
    iam.put_user_policy(UserName="dora", PolicyName="own", PolicyDocument=READ)
    assert iam.get_user_policy(UserName="dora", PolicyName="own")["PolicyDocument"] == json.loads(READ)
    assert iam.list_user_policies(UserName="dora")["PolicyNames"] == ["own"]
    iam.delete_user_permissions_boundary(UserName="dora")
    iam.put_user_permissions_boundary(UserName="dora", PermissionsBoundary=limits)
    iam.update_user(UserName="dora", NewUserName="doro")
    iam.delete_user_policy(UserName="doro", PolicyName="own")
    iam.detach_user_policy(UserName="doro", PolicyArn=limits)
    iam.delete_user(UserName="doro")
    iam.delete_policy(PolicyArn=limits)


def groups(iam):
    """Groups with members and policies."""
    policy = iam.create_policy(PolicyName="reading", PolicyDocument=READ)["Policy"]["Arn"]
    iam.create_user(UserName="emil")
    iam.create_group(GroupName="ops")
    iam.add_user_to_group(GroupName="ops", UserName="emil")
    assert [each["UserName"] for each in iam.get_group(GroupName="ops")["Users"]] == ["emil"]
    assert iam.list_groups_for_user(UserName="emil")["Groups"][0]["GroupName"] == "ops"
    assert iam.list_groups()["Groups"]
    iam.attach_group_policy(GroupName="ops", PolicyArn=policy)
    assert iam.list_attached_group_policies(GroupName="ops")["AttachedPolicies"]
    iam.put_group_policy(GroupName="ops", PolicyName="own", PolicyDocument=READ)
    assert iam.get_group_policy(GroupName="ops", PolicyName="own")["PolicyName"] == "own"
    assert iam.list_group_policies(GroupName="ops")["PolicyNames"] == ["own"]
    iam.update_group(GroupName="ops", NewGroupName="crew")
    iam.delete_group_policy(GroupName="crew", PolicyName="own")
    iam.detach_group_policy(GroupName="crew", PolicyArn=policy)
    iam.remove_user_from_group(GroupName="crew", UserName="emil")
    iam.delete_group(GroupName="crew")
    iam.delete_user(UserName="emil")
    iam.delete_policy(PolicyArn=policy)


def policies(iam):
    """Managed policies with versions and tags."""
    policy = iam.create_policy(PolicyName="bucket", PolicyDocument=READ, Tags=TAGS)["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=policy, PolicyDocument=WRITE)
    assert iam.get_policy_version(PolicyArn=policy, VersionId="v2")["PolicyVersion"]["Document"] == json.loads(WRITE)
    iam.set_default_policy_version(PolicyArn=policy, VersionId="v2")
    assert iam.get_policy(PolicyArn=policy)["Policy"]["DefaultVersionId"] == "v2"
    assert len(iam.list_policy_versions(PolicyArn=policy)["Versions"]) == 2
    assert "bucket" in [each["PolicyName"] for each in iam.list_policies(Scope="Local")["Policies"]]
    iam.tag_policy(PolicyArn=policy, Tags=[{"Key": "cost", "Value": "7"}])
    assert len(iam.list_policy_tags(PolicyArn=policy)["Tags"]) == 2
    iam.untag_policy(PolicyArn=policy, TagKeys=["cost"])
    iam.create_user(UserName="fred")
    iam.attach_user_policy(UserName="fred", PolicyArn=policy)
    assert iam.list_entities_for_policy(PolicyArn=policy)["PolicyUsers"][0]["UserName"] == "fred"
    granting = iam.list_policies_granting_service_access(Arn=arn("user/fred"), ServiceNamespaces=["s3"])
    assert granting["PoliciesGrantingServiceAccess"][0]["Policies"][0]["PolicyName"] == "bucket"
    summary = iam.get_human_readable_summary(EntityArn=policy)
    assert summary
    iam.detach_user_policy(UserName="fred", PolicyArn=policy)
    iam.delete_user(UserName="fred")
    iam.delete_policy_version(PolicyArn=policy, VersionId="v1")
    iam.delete_policy(PolicyArn=policy)


def roles(iam, sts):
    """Roles, instance profiles, service-linked roles, and sessions."""
    policy = iam.create_policy(PolicyName="working", PolicyDocument=READ)["Policy"]["Arn"]
    made = iam.create_role(RoleName="worker", AssumeRolePolicyDocument=TRUST, Tags=TAGS)["Role"]
    assert made["Arn"] == arn("role/worker")
    assert iam.get_role(RoleName="worker")["Role"]["MaxSessionDuration"] == 3600
    assert "worker" in [each["RoleName"] for each in iam.list_roles()["Roles"]]
    iam.update_role(RoleName="worker", MaxSessionDuration=7200, Description="works")
    assert iam.update_role_description(RoleName="worker", Description="works hard")["Role"]["RoleName"] == "worker"
    iam.update_assume_role_policy(RoleName="worker", PolicyDocument=TRUST)
    iam.tag_role(RoleName="worker", Tags=[{"Key": "cost", "Value": "7"}])
    assert len(iam.list_role_tags(RoleName="worker")["Tags"]) == 2
    iam.untag_role(RoleName="worker", TagKeys=["cost"])
    iam.attach_role_policy(RoleName="worker", PolicyArn=policy)
    assert iam.list_attached_role_policies(RoleName="worker")["AttachedPolicies"]
    iam.put_role_policy(RoleName="worker", PolicyName="own", PolicyDocument=READ)
    assert iam.get_role_policy(RoleName="worker", PolicyName="own")["PolicyName"] == "own"
    assert iam.list_role_policies(RoleName="worker")["PolicyNames"] == ["own"]
    iam.put_role_permissions_boundary(RoleName="worker", PermissionsBoundary=policy)
    session = sts.assume_role(RoleArn=arn("role/worker"), RoleSessionName="nightly")
    assert session["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/nightly"
    iam.create_instance_profile(InstanceProfileName="machines", Tags=TAGS)
    iam.add_role_to_instance_profile(InstanceProfileName="machines", RoleName="worker")
    shown = iam.get_instance_profile(InstanceProfileName="machines")["InstanceProfile"]
    assert shown["Roles"][0]["RoleName"] == "worker"
    assert iam.list_instance_profiles()["InstanceProfiles"]
    assert iam.list_instance_profiles_for_role(RoleName="worker")["InstanceProfiles"]
    iam.tag_instance_profile(InstanceProfileName="machines", Tags=[{"Key": "cost", "Value": "7"}])
    assert len(iam.list_instance_profile_tags(InstanceProfileName="machines")["Tags"]) == 2
    iam.untag_instance_profile(InstanceProfileName="machines", TagKeys=["cost"])
    iam.remove_role_from_instance_profile(InstanceProfileName="machines", RoleName="worker")
    iam.delete_instance_profile(InstanceProfileName="machines")
    iam.delete_role_permissions_boundary(RoleName="worker")
    iam.delete_role_policy(RoleName="worker", PolicyName="own")
    iam.detach_role_policy(RoleName="worker", PolicyArn=policy)
    iam.delete_role(RoleName="worker")
    iam.delete_policy(PolicyArn=policy)
    linked = iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")["Role"]["RoleName"]
    task = iam.delete_service_linked_role(RoleName=linked)["DeletionTaskId"]
    assert iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"] == "SUCCEEDED"


def credentials(iam, client_of):
    """Passwords, access keys, MFA devices, and the keys of other services."""
    iam.create_user(UserName="gina")
    iam.put_user_policy(UserName="gina", PolicyName="own-password", PolicyDocument=_allow("iam:ChangePassword"))
    iam.create_login_profile(UserName="gina", Password=PASSWORD)
    assert iam.get_login_profile(UserName="gina")["LoginProfile"]["UserName"] == "gina"
    iam.update_login_profile(UserName="gina", Password=PASSWORD + "2", PasswordResetRequired=False)
    key = iam.create_access_key(UserName="gina")["AccessKey"]
    client_of("iam", key).change_password(OldPassword=PASSWORD + "2", NewPassword=PASSWORD + "3")
    assert iam.list_access_keys(UserName="gina")["AccessKeyMetadata"][0]["AccessKeyId"] == key["AccessKeyId"]
    assert iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["UserName"] == "gina"
    iam.update_access_key(UserName="gina", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    iam.delete_access_key(UserName="gina", AccessKeyId=key["AccessKeyId"])
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone", Tags=TAGS)["VirtualMFADevice"]
    serial, seed = device["SerialNumber"], device["Base32StringSeed"].decode()
    iam.enable_mfa_device(UserName="gina", SerialNumber=serial, **_codes(seed, -1))
    assert iam.get_mfa_device(SerialNumber=serial, UserName="gina")["SerialNumber"] == serial
    assert iam.list_mfa_devices(UserName="gina")["MFADevices"]
    assert iam.list_virtual_mfa_devices()["VirtualMFADevices"]
    iam.tag_mfa_device(SerialNumber=serial, Tags=[{"Key": "cost", "Value": "7"}])
    assert len(iam.list_mfa_device_tags(SerialNumber=serial)["Tags"]) == 2
    iam.untag_mfa_device(SerialNumber=serial, TagKeys=["cost"])
    iam.resync_mfa_device(UserName="gina", SerialNumber=serial, **_codes(seed, 1))
    iam.deactivate_mfa_device(UserName="gina", SerialNumber=serial)
    iam.delete_virtual_mfa_device(SerialNumber=serial)
    iam.delete_login_profile(UserName="gina")
    _keys_of_services(iam)
    iam.delete_user_policy(UserName="gina", PolicyName="own-password")
    iam.delete_user(UserName="gina")


def _keys_of_services(iam):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = iam.upload_ssh_public_key(UserName="gina", SSHPublicKeyBody=ssh(key))["SSHPublicKey"]["SSHPublicKeyId"]
    assert iam.get_ssh_public_key(UserName="gina", SSHPublicKeyId=public, Encoding="PEM")["SSHPublicKey"]
    assert iam.list_ssh_public_keys(UserName="gina")["SSHPublicKeys"]
    iam.update_ssh_public_key(UserName="gina", SSHPublicKeyId=public, Status="Inactive")
    iam.delete_ssh_public_key(UserName="gina", SSHPublicKeyId=public)
    signing = iam.upload_signing_certificate(UserName="gina", CertificateBody=certificate(key))["Certificate"]
    assert iam.list_signing_certificates(UserName="gina")["Certificates"]
    iam.update_signing_certificate(UserName="gina", CertificateId=signing["CertificateId"], Status="Inactive")
    iam.delete_signing_certificate(UserName="gina", CertificateId=signing["CertificateId"])
    iam.upload_server_certificate(
        ServerCertificateName="site", CertificateBody=certificate(key), PrivateKey=pem(key), Tags=TAGS
    )
    assert iam.get_server_certificate(ServerCertificateName="site")["ServerCertificate"]["CertificateBody"]
    assert iam.list_server_certificates()["ServerCertificateMetadataList"]
    iam.tag_server_certificate(ServerCertificateName="site", Tags=[{"Key": "cost", "Value": "7"}])
    assert len(iam.list_server_certificate_tags(ServerCertificateName="site")["Tags"]) == 2
    iam.untag_server_certificate(ServerCertificateName="site", TagKeys=["cost"])
    iam.update_server_certificate(ServerCertificateName="site", NewServerCertificateName="shop")
    iam.delete_server_certificate(ServerCertificateName="shop")
    made = iam.create_service_specific_credential(UserName="gina", ServiceName="codecommit.amazonaws.com")
    number = made["ServiceSpecificCredential"]["ServiceSpecificCredentialId"]
    assert iam.list_service_specific_credentials(UserName="gina")["ServiceSpecificCredentials"]
    iam.reset_service_specific_credential(UserName="gina", ServiceSpecificCredentialId=number)
    iam.update_service_specific_credential(UserName="gina", ServiceSpecificCredentialId=number, Status="Inactive")
    iam.delete_service_specific_credential(UserName="gina", ServiceSpecificCredentialId=number)


def providers(iam):
    """OpenID Connect and SAML providers."""
    made = iam.create_open_id_connect_provider(
        Url="https://issuer.example.com", ClientIDList=["app"], ThumbprintList=["a" * 40], Tags=TAGS
    )
    oidc = made["OpenIDConnectProviderArn"]
    iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=oidc, ClientID="other")
    assert len(iam.get_open_id_connect_provider(OpenIDConnectProviderArn=oidc)["ClientIDList"]) == 2
    iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=oidc, ClientID="other")
    iam.update_open_id_connect_provider_thumbprint(OpenIDConnectProviderArn=oidc, ThumbprintList=["b" * 40])
    assert iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    iam.tag_open_id_connect_provider(OpenIDConnectProviderArn=oidc, Tags=[{"Key": "cost", "Value": "7"}])
    assert len(iam.list_open_id_connect_provider_tags(OpenIDConnectProviderArn=oidc)["Tags"]) == 2
    iam.untag_open_id_connect_provider(OpenIDConnectProviderArn=oidc, TagKeys=["cost"])
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=oidc)
    document = metadata(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    saml = iam.create_saml_provider(Name="idp", SAMLMetadataDocument=document, Tags=TAGS)["SAMLProviderArn"]
    assert iam.get_saml_provider(SAMLProviderArn=saml)["SAMLMetadataDocument"] == document
    assert iam.list_saml_providers()["SAMLProviderList"]
    assert iam.update_saml_provider(SAMLProviderArn=saml, SAMLMetadataDocument=document)["SAMLProviderArn"] == saml
    iam.tag_saml_provider(SAMLProviderArn=saml, Tags=[{"Key": "cost", "Value": "7"}])
    assert len(iam.list_saml_provider_tags(SAMLProviderArn=saml)["Tags"]) == 2
    iam.untag_saml_provider(SAMLProviderArn=saml, TagKeys=["cost"])
    iam.delete_saml_provider(SAMLProviderArn=saml)


def account(iam):
    """The account's own settings, figures and reports."""
    iam.create_account_alias(AccountAlias="acme")
    assert iam.list_account_aliases()["AccountAliases"] == ["acme"]
    iam.delete_account_alias(AccountAlias="acme")
    iam.update_account_password_policy(MinimumPasswordLength=12)
    assert iam.get_account_password_policy()["PasswordPolicy"]["MinimumPasswordLength"] == 12
    iam.delete_account_password_policy()
    assert iam.get_account_summary()["SummaryMap"]["UsersQuota"] == 5000
    iam.put_account_properties(Properties={"SignIn/SessionIdleMinutes": "30"})
    assert iam.get_account_properties()["Properties"]["SignIn/SessionIdleMinutes"] == "30"
    iam.set_security_token_service_preferences(GlobalEndpointTokenVersion="v2Token")
    assert iam.get_account_authorization_details(Filter=["User"])["UserDetailList"]
    assert iam.generate_credential_report()["State"] in {"STARTED", "COMPLETE"}
    assert iam.get_credential_report()["Content"].startswith(b"user,arn,")
    iam.create_user(UserName="hans")
    job = iam.generate_service_last_accessed_details(Arn=arn("user/hans"))["JobId"]
    assert iam.get_service_last_accessed_details(JobId=job)["JobStatus"] == "COMPLETED"
    assert "EntityDetailsList" in iam.get_service_last_accessed_details_with_entities(JobId=job, ServiceNamespace="iam")
    iam.delete_user(UserName="hans")


def simulation(iam):
    """The simulator over the API."""
    iam.create_user(UserName="ina")
    asked = iam.simulate_custom_policy(PolicyInputList=[READ], ActionNames=["s3:GetObject", "s3:PutObject"])
    assert [each["EvalDecision"] for each in asked["EvaluationResults"]] == ["allowed", "implicitDeny"]
    asked = iam.simulate_principal_policy(PolicySourceArn=arn("user/ina"), ActionNames=["s3:GetObject"])
    assert asked["EvaluationResults"][0]["EvalDecision"] == "implicitDeny"
    keyed = READ.replace('"Resource":"*"', '"Resource":"*","Condition":{"StringEquals":{"aws:UserAgent":"x"}}')
    assert iam.get_context_keys_for_custom_policy(PolicyInputList=[keyed])["ContextKeyNames"] == ["aws:UserAgent"]
    assert iam.get_context_keys_for_principal_policy(PolicySourceArn=arn("user/ina"))["ContextKeyNames"] == []
    iam.delete_user(UserName="ina")


def tokens(iam, sts, client_of):
    """Temporary credentials, and who one is."""
    assert sts.get_caller_identity()["Arn"] == arn("user/administrator")
    session = sts.get_session_token()["Credentials"]
    assert client_of("sts", session).get_caller_identity()["Arn"] == arn("user/administrator")
    federated = sts.get_federation_token(Name="guest", Policy=READ)
    assert federated["FederatedUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:federated-user/guest"
    denied = client_of("iam", _denied_key(iam))
    message = _encoded(denied)
    assert json.loads(sts.decode_authorization_message(EncodedMessage=message)["DecodedMessage"])["allowed"] is False
    key = iam.list_access_keys()["AccessKeyMetadata"][0]["AccessKeyId"]
    assert sts.get_access_key_info(AccessKeyId=key)["Account"] == ACCOUNT
    iam.enable_outbound_web_identity_federation()
    assert iam.get_outbound_web_identity_federation_info()["JwtVendingEnabled"] is True
    assert sts.get_web_identity_token(Audience=["app"], SigningAlgorithm="RS256")["WebIdentityToken"].count(".") == 2
    iam.disable_outbound_web_identity_federation()


def _denied_key(iam):
    iam.create_user(UserName="nobody")
    return iam.create_access_key(UserName="nobody")["AccessKey"]


def _encoded(iam) -> str:
    found = {}
    iam.meta.events.register("after-call.iam.*", lambda http_response, **_: found.update(http_response.headers))
    with suppress(iam.exceptions.ClientError):
        iam.list_users()
    return next(value for name, value in found.items() if name.lower() == "x-amzn-encodedauthorizationmessage")


def _allow(action: str) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]})


def _codes(seed: str, offset: int) -> dict[str, str]:
    """Two codes in a row, some steps away from now."""
    step = step_at(datetime.now(UTC)) + offset
    return {"AuthenticationCode1": code_at(seed, step), "AuthenticationCode2": code_at(seed, step + 1)}
