"""OIDC providers: create, get, change, delete, list, and their tags (IAM API Reference)."""

import re
from typing import Any
from urllib.parse import urlsplit

from accounts import describe, resolve
from accounts.operations.tags import listed_tags, remove_tags, set_tags
from federation.models import OidcProvider, OidcProviderTag
from operations.clock import now
from operations.errors import EntityAlreadyExists, InvalidInput, LimitExceeded, NoSuchEntity, ValidationError
from operations.gate import Call, Result, Target, operation
from operations.ids import iam_arn
from operations.quotas import enforce
from policies.tag_rules import check_tags

TYPE = "AWS::IAM::OIDCProvider"
MOST_CLIENT_IDS = 100
MOST_THUMBPRINTS = 5
_THUMBPRINT = re.compile(r"[0-9a-fA-F]{40}")


def provider(call: Call) -> Target:
    """The provider that `open_id_connect_provider_arn` names."""
    arn = call.params["open_id_connect_provider_arn"]
    url = arn.partition(":oidc-provider/")[2]
    row = OidcProvider.objects.filter(account_id=call.account_id, url=url).first()
    if row is not None and row.arn != arn:
        row = None
    return Target(arn, row, resolve.resource_tags(row) if row else {}, TYPE)


def provider_to_be(call: Call) -> Target:
    """The ARN that the provider will have."""
    return Target(iam_arn(call.account_id, f"oidc-provider/{_without_scheme(call.params['url'])}"), None, {}, TYPE)


@operation("iam:CreateOpenIDConnectProvider", on=provider_to_be)
def create_open_id_connect_provider(
    call: Call,
    *,
    url: str,
    client_id_list: list[str] | None = None,
    thumbprint_list: list[str] | None = None,
    tags: list[dict[str, str]] | None = None,
) -> Result:
    """Make an issuer known. Nothing is asked over the network.

    Raises ValidationError (URL), InvalidInput (thumbprints, tags), EntityAlreadyExists, LimitExceeded.
    """
    check_url(url)
    clients, prints = list(dict.fromkeys(client_id_list or [])), list(dict.fromkeys(thumbprint_list or []))
    check_client_ids(clients)
    check_thumbprints(prints)
    check_tags(tags or [], fold=False)
    rows = OidcProvider.objects.filter(account_id=call.account_id)
    if rows.filter(url=_without_scheme(url)).exists():
        raise EntityAlreadyExists(f"Provider with url {url} already exists.")
    enforce("OIDCProvidersQuota", rows.count() + 1)
    row = OidcProvider.objects.create(
        account_id=call.account_id, url=_without_scheme(url), client_ids=clients, thumbprints=prints, created_at=now()
    )
    OidcProviderTag.objects.bulk_create(
        OidcProviderTag(provider=row, key=tag["Key"], value=tag["Value"]) for tag in tags or []
    )
    call.changed(after=state(row))
    return {"OpenIDConnectProviderArn": row.arn} | ({"Tags": tags} if tags else {})


@operation("iam:GetOpenIDConnectProvider", on=provider)
def get_open_id_connect_provider(call: Call, *, open_id_connect_provider_arn: str) -> Result:
    """A provider; its URL comes without scheme. Raises NoSuchEntity."""
    row = require_provider(call)
    shown: dict[str, Any] = {
        "Url": row.url,
        "ClientIDList": row.client_ids,
        "ThumbprintList": row.thumbprints,
        "CreateDate": row.created_at,
    }
    return shown | {"Tags": describe.tags(row.tags.order_by("key"))}


@operation("iam:DeleteOpenIDConnectProvider", on=provider)
def delete_open_id_connect_provider(call: Call, *, open_id_connect_provider_arn: str) -> Result:
    """Delete a provider. Trust policies that name it stay as they are.

    Raises NoSuchEntity, as it was recorded of AWS, where the IAM API Reference has no error for one that is not there.
    """
    row: OidcProvider | None = call.entity
    if row is None:
        raise NoSuchEntity(f"OpenId connect Provider {open_id_connect_provider_arn} cannot be found.")
    call.changed(before=state(row))
    row.delete()
    return {}


def all_providers(call: Call) -> Target:
    """The resource that AWS names where the listing is denied."""
    return Target(iam_arn(call.account_id, "oidc-provider/*"))


@operation("iam:ListOpenIDConnectProviders", on=all_providers)
def list_open_id_connect_providers(call: Call) -> Result:
    """All providers of the account; AWS does not page this listing."""
    rows = OidcProvider.objects.filter(account_id=call.account_id).order_by("url")
    return {"OpenIDConnectProviderList": [{"Arn": row.arn} for row in rows]}


@operation("iam:AddClientIDToOpenIDConnectProvider", on=provider)
def add_client_id_to_open_id_connect_provider(
    call: Call, *, open_id_connect_provider_arn: str, client_id: str
) -> Result:
    """Add an audience; one that is there already is no error. Raises NoSuchEntity, InvalidInput, LimitExceeded."""
    row = require_provider(call)
    return _changed_clients(call, row, list(dict.fromkeys([*row.client_ids, client_id])))


@operation("iam:RemoveClientIDFromOpenIDConnectProvider", on=provider)
def remove_client_id_from_open_id_connect_provider(
    call: Call, *, open_id_connect_provider_arn: str, client_id: str
) -> Result:
    """Take an audience away; one that is not there is no error. Raises NoSuchEntity."""
    row = require_provider(call)
    return _changed_clients(call, row, [known for known in row.client_ids if known != client_id])


@operation("iam:UpdateOpenIDConnectProviderThumbprint", on=provider)
def update_open_id_connect_provider_thumbprint(
    call: Call, *, open_id_connect_provider_arn: str, thumbprint_list: list[str]
) -> Result:
    """Replace the thumbprints. Raises NoSuchEntity, InvalidInput."""
    row = require_provider(call)
    prints = list(dict.fromkeys(thumbprint_list))
    check_thumbprints(prints)
    before = state(row)
    row.thumbprints = prints
    row.save(update_fields=["thumbprints"])
    call.changed(before=before, after=state(row))
    return {}


@operation("iam:TagOpenIDConnectProvider", on=provider)
def tag_open_id_connect_provider(
    call: Call, *, open_id_connect_provider_arn: str, tags: list[dict[str, str]]
) -> Result:
    """Set tags on a provider. Raises NoSuchEntity, InvalidInput, LimitExceeded."""
    return set_tags(call, require_provider(call), tags)


@operation("iam:UntagOpenIDConnectProvider", on=provider)
def untag_open_id_connect_provider(call: Call, *, open_id_connect_provider_arn: str, tag_keys: list[str]) -> Result:
    """Take tags off a provider; keys that it does not have are passed over. Raises NoSuchEntity."""
    return remove_tags(call, require_provider(call), tag_keys)


@operation("iam:ListOpenIDConnectProviderTags", on=provider)
def list_open_id_connect_provider_tags(
    call: Call, *, open_id_connect_provider_arn: str, marker: str | None = None, max_items: int | None = None
) -> Result:
    """The tags of a provider by key. Raises NoSuchEntity."""
    return listed_tags(require_provider(call), marker, max_items)


def check_url(url: str) -> None:
    """An issuer begins with https:// and has neither port nor query (IAM User Guide, «Create an OIDC provider»). Raises ValidationError."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValidationError("Invalid Open ID Connect Provider URL") from None
    if parts.scheme != "https" or not parts.hostname or port or parts.query or parts.fragment or parts.username:
        raise ValidationError("Invalid Open ID Connect Provider URL")
    if any(character.isspace() or not character.isascii() for character in url):
        raise ValidationError("Invalid Open ID Connect Provider URL")


def check_client_ids(ids: list[str]) -> None:
    """Raises LimitExceeded."""
    if len(ids) > MOST_CLIENT_IDS:
        raise LimitExceeded(f"Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: {MOST_CLIENT_IDS}")


def check_thumbprints(prints: list[str]) -> None:
    """Raises InvalidInput for more than five, or for one that is no SHA-1 in hexadecimal."""
    if len(prints) > MOST_THUMBPRINTS:
        raise InvalidInput(f"Thumbprint list must contain fewer than {MOST_THUMBPRINTS} entries.")
    if any(not _THUMBPRINT.fullmatch(one) for one in prints):
        raise InvalidInput("Thumbprint must be 40 hexadecimal characters.")


def require_provider(call: Call) -> OidcProvider:
    """The call's provider. Raises NoSuchEntity."""
    row: OidcProvider | None = call.entity
    if row is None:
        raise NoSuchEntity(f"OpenIDConnect Provider not found for arn {call.params['open_id_connect_provider_arn']}")
    return row


def state(row: OidcProvider) -> dict[str, Any]:
    """A provider as the record keeps it."""
    return {
        "arn": row.arn,
        "clientIDList": row.client_ids,
        "thumbprintList": row.thumbprints,
        "tags": {tag.key: tag.value for tag in row.tags.order_by("key")},
    }


def _changed_clients(call: Call, row: OidcProvider, clients: list[str]) -> Result:
    check_client_ids(clients)
    before = state(row)
    row.client_ids = clients
    row.save(update_fields=["client_ids"])
    call.changed(before=before, after=state(row))
    return {}


def _without_scheme(url: str) -> str:
    return url.partition("://")[2] or url
