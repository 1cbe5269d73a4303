"""Server certificates: upload, get, update, delete, list, and their tags (IAM API Reference)."""

from typing import Any

from accounts import certificates, describe, resolve
from accounts.models import ServerCertificate, ServerCertificateTag
from accounts.operations.tags import listed_tags, remove_tags, set_tags
from operations.clock import now
from operations.errors import EntityAlreadyExists, NoSuchEntity
from operations.gate import Call, Result, Target, operation
from operations.ids import iam_arn, unique_id
from operations.paging import page
from operations.quotas import enforce
from policies.listing import under_path
from policies.tag_rules import check_tags

TYPE = "AWS::IAM::ServerCertificate"


def server_certificate(call: Call) -> Target:
    """The server certificate that `server_certificate_name` names."""
    name = call.params["server_certificate_name"]
    row = ServerCertificate.objects.filter(account_id=call.account_id, name_key=name.lower()).first()
    arn = row.arn if row else iam_arn(call.account_id, f"server-certificate/{name}")
    return Target(arn, row, resolve.resource_tags(row) if row else {}, TYPE)


@operation("iam:UploadServerCertificate", on=resolve.to_be("server-certificate", "server_certificate_name", TYPE))
def upload_server_certificate(
    call: Call,
    *,
    server_certificate_name: str,
    certificate_body: str,
    private_key: str,
    path: str = "/",
    certificate_chain: str = "",
    tags: list[dict[str, str]] | None = None,
) -> Result:
    """Store a certificate with its private key.

    Raises EntityAlreadyExists, LimitExceeded, MalformedCertificate, KeyPairMismatch, InvalidInput (tags).
    """
    refuse_taken_name(call.account_id, server_certificate_name)
    enforce("ServerCertificatesQuota", ServerCertificate.objects.filter(account_id=call.account_id).count() + 1)
    check_tags(tags or [], fold=False)
    body = certificates.certificate(certificate_body)
    certificates.check_pair(body, private_key)
    if certificate_chain:
        certificates.certificates(certificate_chain)
    row = ServerCertificate.objects.create(
        account_id=call.account_id,
        name=server_certificate_name,
        name_key=server_certificate_name.lower(),
        path=path,
        unique_id=unique_id("ASCA"),
        body=certificate_body,
        chain=certificate_chain,
        private_key=private_key,
        uploaded_at=now(),
        expires_at=certificates.expiry(body),
    )
    ServerCertificateTag.objects.bulk_create(
        ServerCertificateTag(certificate=row, key=tag["Key"], value=tag["Value"]) for tag in tags or []
    )
    call.changed(after=state(row))
    return {"ServerCertificateMetadata": metadata(row)} | ({"Tags": tags} if tags else {})


@operation("iam:GetServerCertificate", on=server_certificate)
def get_server_certificate(call: Call, *, server_certificate_name: str) -> Result:
    """A certificate with its chain and tags, never its key. Raises NoSuchEntity."""
    row = require_certificate(call)
    shown: dict[str, Any] = {"ServerCertificateMetadata": metadata(row), "CertificateBody": row.body}
    if row.chain:
        shown["CertificateChain"] = row.chain
    tags = describe.tags(row.tags.order_by("key"))
    return {"ServerCertificate": shown | ({"Tags": tags} if tags else {})}


@operation("iam:UpdateServerCertificate", on=server_certificate)
def update_server_certificate(
    call: Call,
    *,
    server_certificate_name: str,
    new_path: str | None = None,
    new_server_certificate_name: str | None = None,
) -> Result:
    """Rename or move a certificate; the caller needs the permission on the new ARN too. Raises NoSuchEntity, EntityAlreadyExists."""
    row = require_certificate(call)
    before = state(row)
    name, path = new_server_certificate_name or row.name, new_path or row.path
    arn = iam_arn(call.account_id, f"server-certificate{path}{name}")
    if arn != row.arn:
        call.authorise(call.operation.action, Target(arn, None, resolve.resource_tags(row), TYPE))
    if name.lower() != row.name_key:
        refuse_taken_name(call.account_id, name)
    row.name, row.name_key, row.path = name, name.lower(), path
    row.save(update_fields=["name", "name_key", "path"])
    call.changed(before=before, after=state(row))
    return {}


@operation("iam:DeleteServerCertificate", on=server_certificate)
def delete_server_certificate(call: Call, *, server_certificate_name: str) -> Result:
    """Delete a certificate with its key. Raises NoSuchEntity."""
    row = require_certificate(call)
    call.changed(before=state(row))
    row.delete()
    return {}


@operation("iam:ListServerCertificates", on=resolve.collection("server-certificate"))
def list_server_certificates(
    call: Call, *, path_prefix: str | None = None, marker: str | None = None, max_items: int | None = None
) -> Result:
    """Certificates by name, whatever their path; tags are not shown here."""
    rows = ServerCertificate.objects.filter(account_id=call.account_id)
    if path_prefix:
        rows = under_path(rows, path_prefix)
    found, paging = page(rows, "name_key", marker, max_items)
    return {"ServerCertificateMetadataList": [metadata(row) for row in found], **paging}


@operation("iam:TagServerCertificate", on=server_certificate)
def tag_server_certificate(call: Call, *, server_certificate_name: str, tags: list[dict[str, str]]) -> Result:
    """Set tags on a server certificate. Raises NoSuchEntity, InvalidInput, LimitExceeded."""
    return set_tags(call, require_certificate(call), tags)


@operation("iam:UntagServerCertificate", on=server_certificate)
def untag_server_certificate(call: Call, *, server_certificate_name: str, tag_keys: list[str]) -> Result:
    """Take tags off a server certificate; keys that it does not have are passed over. Raises NoSuchEntity."""
    return remove_tags(call, require_certificate(call), tag_keys)


@operation("iam:ListServerCertificateTags", on=server_certificate)
def list_server_certificate_tags(
    call: Call, *, server_certificate_name: str, marker: str | None = None, max_items: int | None = None
) -> Result:
    """The tags of a server certificate by key. Raises NoSuchEntity."""
    return listed_tags(require_certificate(call), marker, max_items)


def refuse_taken_name(account_id: str, name: str) -> None:
    """Names are unique without regard to case. Raises EntityAlreadyExists."""
    if ServerCertificate.objects.filter(account_id=account_id, name_key=name.lower()).exists():
        raise EntityAlreadyExists(f"The Server Certificate with name {name} already exists.")


def require_certificate(call: Call) -> ServerCertificate:
    """The call's certificate. Raises NoSuchEntity."""
    row: ServerCertificate | None = call.entity
    if row is None:
        raise NoSuchEntity(
            f"The Server Certificate with name {call.params['server_certificate_name']} cannot be found."
        )
    return row


def metadata(row: ServerCertificate) -> dict[str, Any]:
    """The members that every answer with a certificate has."""
    return {
        "Path": row.path,
        "ServerCertificateName": row.name,
        "ServerCertificateId": row.unique_id,
        "Arn": row.arn,
        "UploadDate": row.uploaded_at,
        "Expiration": row.expires_at,
    }


def state(row: ServerCertificate) -> dict[str, Any]:
    """A certificate as the record keeps it."""
    return {
        "arn": row.arn,
        "serverCertificateId": row.unique_id,
        "expiration": row.expires_at.isoformat(),
        "tags": {tag.key: tag.value for tag in row.tags.order_by("key")},
    }
