"""SAML providers: create, get, update, delete, list, and their tags (IAM API Reference)."""

from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from accounts import describe, resolve
from accounts.operations.tags import listed_tags, remove_tags, set_tags
from federation import saml_metadata
from federation.models import SamlPrivateKey, SamlProvider, SamlProviderTag
from operations.clock import now
from operations.errors import EntityAlreadyExists, InvalidInput, LimitExceeded, NoSuchEntity
from operations.gate import Call, Result, Target, operation
from operations.ids import iam_arn, unique_id
from operations.quotas import enforce
from policies.tag_rules import check_tags

TYPE = "AWS::IAM::SAMLProvider"
MOST_PRIVATE_KEYS = 2


def provider(call: Call) -> Target:
    """The provider that `saml_provider_arn` names."""
    arn = call.params["saml_provider_arn"]
    row = SamlProvider.objects.filter(account_id=call.account_id, name=arn.rpartition("/")[2]).first()
    if row is not None and row.arn != arn:
        row = None
    return Target(arn, row, resolve.resource_tags(row) if row else {}, TYPE)


def provider_to_be(call: Call) -> Target:
    """The ARN that the provider will have."""
    return Target(iam_arn(call.account_id, f"saml-provider/{call.params['name']}"), None, {}, TYPE)


@operation("iam:CreateSAMLProvider", on=provider_to_be)
def create_saml_provider(
    call: Call,
    *,
    saml_metadata_document: str,
    name: str,
    tags: list[dict[str, str]] | None = None,
    assertion_encryption_mode: str | None = None,
    add_private_key: str | None = None,
) -> Result:
    """Make an identity provider known by its metadata. Raises InvalidInput, EntityAlreadyExists, LimitExceeded."""
    read = saml_metadata.read(saml_metadata_document)
    check_tags(tags or [], fold=False)
    rows = SamlProvider.objects.filter(account_id=call.account_id)
    if rows.filter(name=name).exists():
        raise EntityAlreadyExists(f"SAML Provider {name} already exists.")
    enforce("SAMLProvidersQuota", rows.count() + 1)
    row = SamlProvider.objects.create(
        account_id=call.account_id,
        name=name,
        uuid=_new_id(),
        metadata=saml_metadata_document,
        entity_id=read.entity_id,
        created_at=now(),
        valid_until=read.valid_until,
        encryption_mode=assertion_encryption_mode or "",
    )
    if add_private_key:
        add_key(row, add_private_key)
    require_key_for_mode(row)
    SamlProviderTag.objects.bulk_create(
        SamlProviderTag(provider=row, key=tag["Key"], value=tag["Value"]) for tag in tags or []
    )
    call.changed(after=state(row))
    return {"SAMLProviderArn": row.arn} | ({"Tags": tags} if tags else {})


@operation("iam:GetSAMLProvider", on=provider)
def get_saml_provider(call: Call, *, saml_provider_arn: str) -> Result:
    """A provider with its metadata, and its keys by their ids. Raises NoSuchEntity."""
    row = require_provider(call)
    shown: dict[str, Any] = {
        "SAMLProviderUUID": row.uuid,
        "SAMLMetadataDocument": row.metadata,
        "CreateDate": row.created_at,
        "ValidUntil": row.valid_until,
        "Tags": describe.tags(row.tags.order_by("key")),
    }
    keys = [{"KeyId": key.key_id, "Timestamp": key.added_at} for key in row.private_keys.order_by("id")]
    return shown | {"AssertionEncryptionMode": row.encryption_mode or "Allowed", "PrivateKeyList": keys}


@operation("iam:UpdateSAMLProvider", on=provider)
def update_saml_provider(
    call: Call,
    *,
    saml_provider_arn: str,
    saml_metadata_document: str | None = None,
    assertion_encryption_mode: str | None = None,
    add_private_key: str | None = None,
    remove_private_key: str | None = None,
) -> Result:
    """Replace the metadata, the mode or the keys; what is not given stays. Raises NoSuchEntity, InvalidInput, LimitExceeded."""
    row = require_provider(call)
    before = state(row)
    if saml_metadata_document is not None:
        read = saml_metadata.read(saml_metadata_document)
        row.metadata, row.entity_id, row.valid_until = saml_metadata_document, read.entity_id, read.valid_until
    row.encryption_mode = assertion_encryption_mode or row.encryption_mode
    if remove_private_key and not row.private_keys.filter(key_id=remove_private_key).delete()[0]:
        raise NoSuchEntity(f"The private key {remove_private_key} cannot be found.")
    if add_private_key:
        add_key(row, add_private_key)
    require_key_for_mode(row)
    row.save()
    call.changed(before=before, after=state(row))
    return {"SAMLProviderArn": row.arn}


@operation("iam:DeleteSAMLProvider", on=provider)
def delete_saml_provider(call: Call, *, saml_provider_arn: str) -> Result:
    """Delete a provider; roles that trust it stay, and nobody can assume them by it any more. Raises NoSuchEntity."""
    row = require_provider(call)
    call.changed(before=state(row))
    row.delete()
    return {}


@operation("iam:ListSAMLProviders", on=resolve.whole_account)
def list_saml_providers(call: Call) -> Result:
    """All providers of the account; AWS does not page this listing."""
    rows = SamlProvider.objects.filter(account_id=call.account_id).order_by("name")
    return {
        "SAMLProviderList": [
            {"Arn": row.arn, "ValidUntil": row.valid_until, "CreateDate": row.created_at}
            for row in rows.defer("metadata")
        ]
    }


@operation("iam:TagSAMLProvider", on=provider)
def tag_saml_provider(call: Call, *, saml_provider_arn: str, tags: list[dict[str, str]]) -> Result:
    """Set tags on a provider. Raises NoSuchEntity, InvalidInput, LimitExceeded."""
    return set_tags(call, require_provider(call), tags)


@operation("iam:UntagSAMLProvider", on=provider)
def untag_saml_provider(call: Call, *, saml_provider_arn: str, tag_keys: list[str]) -> Result:
    """Take tags off a provider; keys that it does not have are passed over. Raises NoSuchEntity."""
    return remove_tags(call, require_provider(call), tag_keys)


@operation("iam:ListSAMLProviderTags", on=provider)
def list_saml_provider_tags(
    call: Call, *, saml_provider_arn: str, marker: str | None = None, max_items: int | None = None
) -> Result:
    """The tags of a provider by key. Raises NoSuchEntity."""
    return listed_tags(require_provider(call), marker, max_items)


def add_key(row: SamlProvider, private_key: str) -> None:
    """Add a decryption key. Raises InvalidInput (no unencrypted PEM key), LimitExceeded (a third one)."""
    if row.private_keys.count() >= MOST_PRIVATE_KEYS:
        raise LimitExceeded(f"Cannot exceed quota for PrivateKeysPerSAMLProvider: {MOST_PRIVATE_KEYS}")
    try:
        load_pem_private_key(private_key.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise InvalidInput("The private key must be an unencrypted key in PEM format.") from None
    SamlPrivateKey.objects.create(provider=row, key_id=_new_id(), private_key=private_key, added_at=now())


def require_key_for_mode(row: SamlProvider) -> None:
    """Encrypted assertions can be required only of a provider with a key that reads them. Raises InvalidInput."""
    if row.encryption_mode == "Required" and not row.private_keys.exists():
        raise InvalidInput("AssertionEncryptionMode Required needs a private key.")


def require_provider(call: Call) -> SamlProvider:
    """The call's provider. Raises NoSuchEntity."""
    row: SamlProvider | None = call.entity
    if row is None:
        raise NoSuchEntity(f"Manifest not found for arn {call.params['saml_provider_arn']}")
    return row


def state(row: SamlProvider) -> dict[str, Any]:
    """A provider as the record keeps it: never its keys."""
    return {
        "arn": row.arn,
        "entityId": row.entity_id,
        "validUntil": row.valid_until.isoformat(),
        "assertionEncryptionMode": row.encryption_mode or None,
        "privateKeyList": list(row.private_keys.order_by("id").values_list("key_id", flat=True)),
        "tags": {tag.key: tag.value for tag in row.tags.order_by("key")},
    }


def _new_id() -> str:
    return unique_id("ASAM") + unique_id("")[:7]
