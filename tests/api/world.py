"""An account with one of everything, and parameters with which every operation succeeds in it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha512
from typing import Any, TypeVar

from cryptography.hazmat.primitives.asymmetric import rsa
from django.db import transaction

from access import effective
from access.credentials import forget_all
from accounts.mfa import code_at, step_at
from accounts.models import Account, MfaDevice, User
from federation.models import OidcProvider
from operations.gate import REGISTRY
from policies.models import AWS, ManagedPolicy, PolicyVersion
from tests.accounts.test_certificates import certificate, pem, ssh
from tests.api.declared import POLICY, SERVICE_ROLE_POLICY, arn
from tests.federation.test_providers import metadata

Case = TypeVar("Case")
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":["sts:AssumeRole","sts:TagSession"]}]}'
EVERYTHING = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
PASSWORD = "A-long-passw0rd!"
LARGE = [{"Key": f"k{number}", "Value": sha512(bytes([number])).hexdigest() * 2} for number in range(40)]
TAGS = [{"Key": "team", "Value": "blue"}]


def made(system: Any) -> dict[str, Any]:
    """Make it; what its parts are called, by AWS's parameter names."""

    def call(operation: str, /, **params: Any) -> dict[str, Any]:
        return REGISTRY[f"iam:{operation}"](system, **params)

    call("CreateUser", user_name="dora")
    call("CreateUser", user_name="emil")
    call("CreateGroup", group_name="ops")
    call("CreateGroup", group_name="crew")
    call("AddUserToGroup", group_name="ops", user_name="dora")
    policy = call("CreatePolicy", policy_name="reading", policy_document=POLICY)["Policy"]["Arn"]
    call("CreatePolicyVersion", policy_arn=policy, policy_document=POLICY)
    call("CreateRole", role_name="worker", assume_role_policy_document=TRUST)
    call("PutRolePolicy", role_name="worker", policy_name="all", policy_document=EVERYTHING)
    linked = call("CreateServiceLinkedRole", aws_service_name="autoscaling.amazonaws.com")["Role"]["RoleName"]
    for kind, name in (("User", "dora"), ("Group", "ops"), ("Role", "worker")):
        who = {f"{kind.lower()}_name": name}
        call(f"Attach{kind}Policy", policy_arn=policy, **who)
        call(f"Put{kind}Policy", policy_name="own", policy_document=POLICY, **who)
    call("CreateInstanceProfile", instance_profile_name="machines")
    call("AddRoleToInstanceProfile", instance_profile_name="machines", role_name="worker")
    call("CreateInstanceProfile", instance_profile_name="spare")
    call("CreateLoginProfile", user_name="dora", password=PASSWORD)
    key = call("CreateAccessKey", user_name="dora")["AccessKey"]["AccessKeyId"]
    serial = call("CreateVirtualMFADevice", virtual_mfa_device_name="phone")["VirtualMFADevice"]["SerialNumber"]
    _enabled(serial)
    spare = call("CreateVirtualMFADevice", virtual_mfa_device_name="tablet")["VirtualMFADevice"]["SerialNumber"]
    uploaded = certificate(KEY)
    other = call("CreatePolicy", policy_name="writing", policy_document=POLICY)["Policy"]["Arn"]
    public = call("UploadSSHPublicKey", user_name="dora", ssh_public_key_body=ssh(KEY))["SSHPublicKey"]
    signing = call("UploadSigningCertificate", user_name="dora", certificate_body=uploaded)["Certificate"]
    server = {"certificate_body": certificate(KEY), "private_key": pem(KEY)}
    call("UploadServerCertificate", server_certificate_name="site", **server)
    credential = call("CreateServiceSpecificCredential", user_name="dora", service_name="codecommit.amazonaws.com")[
        "ServiceSpecificCredential"
    ]
    oidc = call("CreateOpenIDConnectProvider", url="https://issuer.example.com", client_id_list=["app"])
    saml = call("CreateSAMLProvider", name="idp", saml_metadata_document=metadata(KEY))
    call("CreateAccountAlias", account_alias="acme")
    job = call("GenerateServiceLastAccessedDetails", arn=arn("user/dora"))["JobId"]
    service_role = ManagedPolicy.objects.create(
        account_id=AWS,
        name="linked",
        name_key="linked",
        path="/aws-service-role/",
        arn=SERVICE_ROLE_POLICY.replace("policy/", "policy/aws-service-role/"),
        unique_id="ANPALINKED",
    )
    PolicyVersion.objects.create(policy=service_role, number=1, document=POLICY)
    return {
        "UserName": "dora",
        "GroupName": "ops",
        "RoleName": "worker",
        "PolicyName": "own",
        "PolicyArn": policy,
        "PolicySourceArn": arn("user/dora"),
        "PermissionsBoundary": policy,
        "PolicyDocument": POLICY,
        "AssumeRolePolicyDocument": TRUST,
        "InstanceProfileName": "machines",
        "AccessKeyId": key,
        "SerialNumber": serial,
        "SSHPublicKeyId": public["SSHPublicKeyId"],
        "SSHPublicKeyBody": ssh(KEY),
        "CertificateId": signing["CertificateId"],
        "CertificateBody": certificate(KEY),
        "PrivateKey": pem(KEY),
        "ServerCertificateName": "site",
        "ServiceSpecificCredentialId": credential["ServiceSpecificCredentialId"],
        "ServiceName": "codecommit.amazonaws.com",
        "OpenIDConnectProviderArn": oidc["OpenIDConnectProviderArn"],
        "SAMLProviderArn": saml["SAMLProviderArn"],
        "SAMLMetadataDocument": metadata(KEY),
        "Url": "https://issuer.example.com",
        "AccountAlias": "acme",
        "JobId": job,
        "VersionId": "v1",
        "Password": PASSWORD,
        "Tags": TAGS,
        "TagKeys": ["team"],
        "AWSServiceName": "autoscaling.amazonaws.com",
        "Linked": linked,
        "SpareDevice": spare,
        "UploadedCertificate": uploaded,
        "OtherPolicy": other,
        "OtherPublicKey": ssh(OTHER),
        "ServiceRolePolicy": service_role.arn,
    }


@contextmanager
def taken_back() -> Iterator[None]:
    """One case of several in the same world: what it changes is undone, and what the process holds of it is dropped."""
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        forget_all()
        effective._bundles.clear()


def parts(cases: Iterable[Case], count: int = 6) -> list[list[Case]]:
    """The cases in parts of about the same size: making the world costs more than most cases, so each part makes it once."""
    every = list(cases)
    return [every[number::count] for number in range(count)]


def _enabled(serial: str) -> None:
    """The device is dora's and in force, without waiting for two codes."""
    dora = User.objects.get(name="dora")
    MfaDevice.objects.filter(serial_number=serial).update(user=dora, enabled_at=datetime.now(UTC))
    User.objects.filter(pk=dora.pk).update(mfa_device_count=1)


def codes(serial: str, offset: int = 2) -> dict[str, str]:
    """Two codes in a row of a device."""
    seed, step = MfaDevice.objects.get(serial_number=serial).seed, step_at(datetime.now(UTC)) + offset
    return {"AuthenticationCode1": code_at(seed, step), "AuthenticationCode2": code_at(seed, step + 1)}


def before(  # noqa: C901 - a table in the form of cases
    code: str, action: str, params: dict[str, Any], key: Any, key_of: Any, sdk: Any, system: Any
) -> Any:
    """What has to happen before the call so that it fails in this way; the key with which it is then made."""

    def call(operation: str, /, **values: Any) -> dict[str, Any]:
        return REGISTRY[f"iam:{operation}"](system, **values)

    match code, action:
        case "InvalidUserType", _:
            return key_of(User.everyone.get(account_id="123456789012", is_root=True))
        case "PasswordPolicyViolation", "ChangePassword":
            call("PutUserPolicy", user_name="dora", policy_name="all", policy_document=EVERYTHING)
            params["OldPassword"] = PASSWORD
            return key_of(User.objects.get(name="dora"))
        case "EntityAlreadyExists", "CreateAccountAlias":
            Account.objects.create(id="210987654321", alias="taken")
        case "EntityAlreadyExists", "UpdateServerCertificate":
            call(
                "UploadServerCertificate",
                server_certificate_name="shop",
                certificate_body=certificate(KEY),
                private_key=pem(KEY),
            )
        case "LimitExceeded", "CreateServiceSpecificCredential":
            call("CreateServiceSpecificCredential", user_name="dora", service_name="codecommit.amazonaws.com")
        case "LimitExceeded", "AddClientIDToOpenIDConnectProvider":
            OidcProvider.objects.update(client_ids=[f"app-{number}" for number in range(100)])
        case "LimitExceeded", "EnableMFADevice":
            params |= codes(params["SerialNumber"])
        case "FeatureEnabled" | "SessionDurationEscalationException" | "JWTPayloadSizeExceededException", _:
            call("EnableOutboundWebIdentityFederation")
            if code.startswith("Session"):
                return sdk("sts", key).assume_role(
                    RoleArn=arn("role/worker"), RoleSessionName="short", DurationSeconds=900
                )["Credentials"]
    return key
