"""SSH keys, signing and server certificates: what is taken, what is refused in which words, what is recorded."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

from operations.errors import (
    AccessDenied,
    DeleteConflict,
    EntityAlreadyExists,
    InvalidInput,
    LimitExceeded,
    NoSuchEntity,
    ServiceError,
)
from operations.gate import REGISTRY
from operations.models import Event

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def rsa_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def other_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def ssh(key, comment="alice@example"):
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode() + f" {comment}"


def pem(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def certificate(key, *, days=30, name="example.com"):
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    moment = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = (
        builder.serial_number(x509.random_serial_number())
        .not_valid_before(moment - 40 * DAY)
        .not_valid_after(moment + days * DAY)
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def call(name, caller, **params):
    return REGISTRY[f"iam:{name}"](caller, **params)


@pytest.fixture
def carol(system):
    call("CreateUser", system, user_name="carol")
    return "carol"


def test_ssh_keys_from_upload_to_deletion(system, carol, rsa_key, last_event):
    body = ssh(rsa_key)
    key = call("UploadSSHPublicKey", system, user_name=carol, ssh_public_key_body=body)["SSHPublicKey"]
    assert key["SSHPublicKeyId"].startswith("APKA")
    assert (key["Status"], key["SSHPublicKeyBody"], len(key["Fingerprint"])) == ("Active", body, 47)
    assert last_event()["after"]["fingerprint"] == key["Fingerprint"]
    identity = {"user_name": carol, "ssh_public_key_id": key["SSHPublicKeyId"]}
    as_pem = call("GetSSHPublicKey", system, **identity, encoding="PEM")["SSHPublicKey"]["SSHPublicKeyBody"]
    assert serialization.load_pem_public_key(as_pem.encode()).public_numbers() == rsa_key.public_key().public_numbers()
    assert (
        call("GetSSHPublicKey", system, **identity, encoding="SSH")["SSHPublicKey"]["SSHPublicKeyBody"]
        == body.rsplit(" ", 1)[0]
    )
    call("UpdateSSHPublicKey", system, **identity, status="Inactive")
    assert [row["Status"] for row in call("ListSSHPublicKeys", system, user_name=carol)["SSHPublicKeys"]] == [
        "Inactive"
    ]
    with pytest.raises(DeleteConflict, match="must delete SSH public keys first"):
        call("DeleteUser", system, user_name=carol)
    call("DeleteSSHPublicKey", system, **identity)
    with pytest.raises(NoSuchEntity):
        call("DeleteSSHPublicKey", system, **identity)


def test_ssh_keys_that_are_refused(system, carol, rsa_key):
    call("UploadSSHPublicKey", system, user_name=carol, ssh_public_key_body=ssh(rsa_key))
    as_pem = rsa_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    curve = (
        ec.generate_private_key(ec.SECP256R1())
        .public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )
    for body, code in [
        (ssh(rsa_key, "again"), "DuplicateSSHPublicKey"),
        (as_pem, "DuplicateSSHPublicKey"),
        ("ssh-rsa AAAA", "InvalidPublicKey"),
        (ssh(weak), "InvalidPublicKey"),
        (curve, "InvalidPublicKey"),
        ("-----BEGIN PUBLIC KEY-----\nxx\n-----END PUBLIC KEY-----", "InvalidPublicKey"),
        ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE", "UnrecognizedPublicKeyEncoding"),
        ("nothing", "UnrecognizedPublicKeyEncoding"),
    ]:
        with pytest.raises(ServiceError) as refused:
            call("UploadSSHPublicKey", system, user_name=carol, ssh_public_key_body=body)
        assert (refused.value.code, refused.value.status) == (code, 400), body
    with pytest.raises(NoSuchEntity):
        call("UploadSSHPublicKey", system, user_name="nobody", ssh_public_key_body=ssh(rsa_key))


def test_the_quota_of_ssh_keys(system, carol, rsa_key, other_key, settings):
    settings.QUOTAS = {"SSHPublicKeysPerUserQuota": "1"}
    call("UploadSSHPublicKey", system, user_name=carol, ssh_public_key_body=ssh(rsa_key))
    with pytest.raises(LimitExceeded, match="Cannot exceed quota for SSHPublicKeysPerUser: 1"):
        call("UploadSSHPublicKey", system, user_name=carol, ssh_public_key_body=ssh(other_key))


def test_signing_certificates(system, admin, carol, rsa_key, settings, last_event):
    body = certificate(rsa_key)
    made = call("UploadSigningCertificate", system, user_name=carol, certificate_body=body)["Certificate"]
    assert (made["UserName"], made["Status"], made["CertificateBody"]) == ("carol", "Active", body)
    with pytest.raises(ServiceError) as refused:
        call("UploadSigningCertificate", admin, certificate_body=body)
    assert (refused.value.code, refused.value.status) == ("DuplicateCertificate", 409)
    for text, code, message in [
        ("invalid-certificate-body", "MalformedCertificate", "Certificate invalid-certificate-body is malformed."),
        (body + body, "MalformedCertificate", f"Certificate {body}{body} is malformed."),
        (certificate(rsa_key, days=-1), "InvalidCertificate", "The certificate has expired."),
    ]:
        with pytest.raises(ServiceError) as refused:
            call("UploadSigningCertificate", system, user_name=carol, certificate_body=text)
        assert (refused.value.code, refused.value.message) == (code, message)
    call("UploadSigningCertificate", system, user_name=carol, certificate_body=certificate(rsa_key))
    with pytest.raises(LimitExceeded, match="Cannot exceed quota for CertificatesPerUser: 2"):
        call("UploadSigningCertificate", system, user_name=carol, certificate_body=certificate(rsa_key))
    call("UpdateSigningCertificate", system, user_name=carol, certificate_id=made["CertificateId"], status="Inactive")
    assert (last_event()["before"]["status"], last_event()["after"]["status"]) == ("Active", "Inactive")
    with pytest.raises(InvalidInput):
        call(
            "UpdateSigningCertificate", system, user_name=carol, certificate_id=made["CertificateId"], status="Expired"
        )
    assert [row["Status"] for row in call("ListSigningCertificates", system, user_name=carol)["Certificates"]] == [
        "Inactive",
        "Active",
    ]
    assert (
        call("UploadSigningCertificate", admin, certificate_body=certificate(rsa_key))["Certificate"]["UserName"]
        == "alice"
    )
    call("DeleteSigningCertificate", system, user_name=carol, certificate_id=made["CertificateId"])
    with pytest.raises(NoSuchEntity):
        call("DeleteSigningCertificate", system, user_name=carol, certificate_id=made["CertificateId"])


def test_server_certificates(system, nobody, rsa_key, other_key, last_event):
    body, key, chain = certificate(rsa_key), pem(rsa_key), certificate(other_key)
    tags = [{"Key": "team", "Value": "web"}]
    made = call(
        "UploadServerCertificate",
        system,
        server_certificate_name="web",
        certificate_body=body,
        private_key=key,
        certificate_chain=chain,
        path="/cdn/",
        tags=tags,
    )
    shown = made["ServerCertificateMetadata"]
    assert (shown["Arn"], made["Tags"]) == ("arn:aws:iam::123456789012:server-certificate/cdn/web", tags)
    assert shown["ServerCertificateId"].startswith("ASCA")
    assert "PRIVATE KEY" not in Event.objects.latest("id").record
    answer = call("GetServerCertificate", system, server_certificate_name="WEB")["ServerCertificate"]
    assert (answer["CertificateBody"], answer["CertificateChain"], answer["Tags"]) == (body, chain, tags)
    assert "PRIVATE" not in str(answer)
    for params, code in [
        ({"server_certificate_name": "Web"}, "EntityAlreadyExists"),
        ({"server_certificate_name": "b", "private_key": pem(other_key)}, "KeyPairMismatch"),
        ({"server_certificate_name": "b", "private_key": "x"}, "MalformedCertificate"),
        ({"server_certificate_name": "b", "certificate_body": "x"}, "MalformedCertificate"),
        ({"server_certificate_name": "b", "certificate_chain": "x"}, "MalformedCertificate"),
    ]:
        with pytest.raises(ServiceError) as refused:
            call("UploadServerCertificate", system, **{"certificate_body": body, "private_key": key} | params)
        assert refused.value.code == code
    call("UploadServerCertificate", system, server_certificate_name="api", certificate_body=body, private_key=key)
    with pytest.raises(EntityAlreadyExists, match="The Server Certificate with name API already exists."):
        call("UpdateServerCertificate", system, server_certificate_name="web", new_server_certificate_name="API")
    call(
        "UpdateServerCertificate",
        system,
        server_certificate_name="web",
        new_server_certificate_name="www",
        new_path="/",
    )
    names = [
        row["ServerCertificateName"] for row in call("ListServerCertificates", system)["ServerCertificateMetadataList"]
    ]
    assert names == ["api", "www"]
    assert call("ListServerCertificates", system, path_prefix="/cdn/")["ServerCertificateMetadataList"] == []
    call("TagServerCertificate", system, server_certificate_name="www", tags=[{"Key": "Team", "Value": "x"}])
    call("UntagServerCertificate", system, server_certificate_name="www", tag_keys=["team"])
    assert call("ListServerCertificateTags", system, server_certificate_name="www")["Tags"] == [
        {"Key": "Team", "Value": "x"}
    ]
    call("DeleteServerCertificate", system, server_certificate_name="www")
    with pytest.raises(NoSuchEntity, match="The Server Certificate with name www cannot be found."):
        call("GetServerCertificate", system, server_certificate_name="www")
    with pytest.raises(AccessDenied):
        call("GetServerCertificate", nobody, server_certificate_name="api")


def test_a_renamed_certificate_needs_the_permission_on_both_names(system, make_user, caller_of, rsa_key):
    arn = "arn:aws:iam::123456789012:server-certificate/web"
    document = (
        '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:UpdateServerCertificate","Resource":"%s"}}'
        % arn
    )
    call(
        "UploadServerCertificate",
        system,
        server_certificate_name="web",
        certificate_body=certificate(rsa_key),
        private_key=pem(rsa_key),
    )
    with pytest.raises(AccessDenied, match="server-certificate/other"):
        call(
            "UpdateServerCertificate",
            caller_of(make_user("dave", document)),
            server_certificate_name="web",
            new_server_certificate_name="other",
        )
