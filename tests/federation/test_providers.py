"""OIDC and SAML providers: stored and validated, as federation will use them."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import load_pem_x509_certificate

from federation.models import OidcProvider, SamlPrivateKey
from operations.errors import (
    AccessDenied,
    EntityAlreadyExists,
    InvalidInput,
    LimitExceeded,
    NoSuchEntity,
    ValidationError,
)
from operations.gate import REGISTRY
from operations.models import Event
from tests.accounts.test_certificates import certificate

URL = "https://issuer.example.com/realms/main"
ARN = "arn:aws:iam::123456789012:oidc-provider/issuer.example.com/realms/main"
SAML_ARN = "arn:aws:iam::123456789012:saml-provider/idp"


def call(operation, caller, /, **params):
    return REGISTRY[f"iam:{operation}"](caller, **params)


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def metadata(key, *, until="", extra="", entity="https://idp.example.com"):
    der = base64.b64encode(load_pem_x509_certificate(certificate(key).encode()).public_bytes(Encoding.DER)).decode()
    date = f' validUntil="{until}"' if until else ""
    return f"""<?xml version="1.0"?>{extra}
<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{entity}"{date}>
  <IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>
      {der}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>
    <SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.com/sso"/>
  </IDPSSODescriptor>
</EntityDescriptor>"""


def test_an_oidc_provider(system, nobody, last_event):
    tags = [{"Key": "Team", "Value": "ci"}]
    made = call(
        "CreateOpenIDConnectProvider",
        system,
        url=URL,
        client_id_list=["sts.amazonaws.com"],
        thumbprint_list=["a" * 40],
        tags=tags,
    )
    assert made == {"OpenIDConnectProviderArn": ARN, "Tags": tags}
    shown = call("GetOpenIDConnectProvider", system, open_id_connect_provider_arn=ARN)
    assert (shown["Url"], shown["ClientIDList"], shown["ThumbprintList"]) == (
        URL.removeprefix("https://"),
        ["sts.amazonaws.com"],
        ["a" * 40],
    )
    with pytest.raises(EntityAlreadyExists, match="already exists"):
        call("CreateOpenIDConnectProvider", system, url=URL)
    for _ in range(2):
        call("AddClientIDToOpenIDConnectProvider", system, open_id_connect_provider_arn=ARN, client_id="app")
    call(
        "RemoveClientIDFromOpenIDConnectProvider",
        system,
        open_id_connect_provider_arn=ARN,
        client_id="sts.amazonaws.com",
    )
    call("RemoveClientIDFromOpenIDConnectProvider", system, open_id_connect_provider_arn=ARN, client_id="never")
    call("UpdateOpenIDConnectProviderThumbprint", system, open_id_connect_provider_arn=ARN, thumbprint_list=["b" * 40])
    assert last_event()["after"] == {
        "arn": ARN,
        "clientIDList": ["app"],
        "thumbprintList": ["b" * 40],
        "tags": {"Team": "ci"},
    }
    call("TagOpenIDConnectProvider", system, open_id_connect_provider_arn=ARN, tags=[{"Key": "team", "Value": "x"}])
    call("UntagOpenIDConnectProvider", system, open_id_connect_provider_arn=ARN, tag_keys=["Team"])
    assert call("ListOpenIDConnectProviderTags", system, open_id_connect_provider_arn=ARN)["Tags"] == [
        {"Key": "team", "Value": "x"}
    ]
    assert call("ListOpenIDConnectProviders", system) == {"OpenIDConnectProviderList": [{"Arn": ARN}]}
    with pytest.raises(AccessDenied):
        call("DeleteOpenIDConnectProvider", nobody, open_id_connect_provider_arn=ARN)
    call("DeleteOpenIDConnectProvider", system, open_id_connect_provider_arn=ARN)
    with pytest.raises(NoSuchEntity, match=f"OpenId connect Provider {ARN} cannot be found."):
        call("DeleteOpenIDConnectProvider", system, open_id_connect_provider_arn=ARN)
    with pytest.raises(AccessDenied) as denied:
        call("ListOpenIDConnectProviders", nobody)
    assert "on resource: arn:aws:iam::123456789012:oidc-provider/* because no" in denied.value.message
    assert not OidcProvider.objects.exists()
    with pytest.raises(NoSuchEntity, match=f"OpenIDConnect Provider not found for arn {ARN}"):
        call("GetOpenIDConnectProvider", system, open_id_connect_provider_arn=ARN)


@pytest.mark.parametrize(
    "url",
    [
        "http://issuer.example.com",
        "issuer.example.com",
        "https://",
        "https://i.example.com:8443",
        "https://i.example.com?x=1",
        "https://u@i.example.com",
        "https://i.example.com/a b",
        "https://[",
        "https://ä.example",
    ],
)
def test_issuers_that_are_refused(system, url):
    with pytest.raises(ValidationError, match="Invalid Open ID Connect Provider URL"):
        call("CreateOpenIDConnectProvider", system, url=url)


def test_the_bounds_of_an_oidc_provider(system, settings):
    for params, error in [
        ({"client_id_list": [f"c{number}" for number in range(101)]}, LimitExceeded),
        ({"thumbprint_list": [f"{number:040d}" for number in range(6)]}, InvalidInput),
        ({"thumbprint_list": ["z" * 40]}, InvalidInput),
    ]:
        with pytest.raises(error):
            call("CreateOpenIDConnectProvider", system, url=URL, **params)
    with pytest.raises(ValidationError) as refused:
        call(
            "CreateOpenIDConnectProvider", system, url=URL, client_id_list=["ok", "c" * 256], thumbprint_list=["b" * 41]
        )
    assert refused.value.message == (
        "2 validation errors detected: Value at 'clientIDList' failed to satisfy constraint: Member must satisfy constraint: [Member must "
        "have length less than or equal to 255, Member must have length greater than or equal to 1]; Value at 'thumbprintList' failed to "
        "satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 40, Member must have length "
        "greater than or equal to 40]"
    )
    settings.QUOTAS = {"OIDCProvidersQuota": "1"}
    call("CreateOpenIDConnectProvider", system, url=URL)
    with pytest.raises(LimitExceeded):
        call("CreateOpenIDConnectProvider", system, url="https://second.example.com")


def test_a_saml_provider(system, key, last_event):
    document = metadata(key, until="2040-01-01T00:00:00Z")
    made = call(
        "CreateSAMLProvider",
        system,
        saml_metadata_document=document,
        name="idp",
        tags=[{"Key": "a", "Value": "b"}],
        assertion_encryption_mode="Required",
        add_private_key=pem(key),
    )
    assert made["SAMLProviderArn"] == SAML_ARN
    assert "PRIVATE KEY" not in Event.objects.latest("id").record
    assert "PRIVATE KEY" not in str(SamlPrivateKey.objects.values_list("private_key", flat=True).query)
    shown = call("GetSAMLProvider", system, saml_provider_arn=SAML_ARN)
    assert shown["SAMLMetadataDocument"] == document
    assert shown["ValidUntil"] == datetime(2040, 1, 1, tzinfo=UTC)
    assert shown["AssertionEncryptionMode"] == "Required"
    (held,) = shown["PrivateKeyList"]
    plain = call("CreateSAMLProvider", system, saml_metadata_document=document, name="plain")["SAMLProviderArn"]
    shown = call("GetSAMLProvider", system, saml_provider_arn=plain)
    assert (shown["AssertionEncryptionMode"], shown["PrivateKeyList"]) == ("Allowed", [])
    call("DeleteSAMLProvider", system, saml_provider_arn=plain)
    with pytest.raises(InvalidInput, match="needs a private key"):
        call("UpdateSAMLProvider", system, saml_provider_arn=SAML_ARN, remove_private_key=held["KeyId"])
    call("UpdateSAMLProvider", system, saml_provider_arn=SAML_ARN, add_private_key=pem(key))
    with pytest.raises(LimitExceeded):
        call("UpdateSAMLProvider", system, saml_provider_arn=SAML_ARN, add_private_key=pem(key))
    call(
        "UpdateSAMLProvider",
        system,
        saml_provider_arn=SAML_ARN,
        remove_private_key=held["KeyId"],
        saml_metadata_document=metadata(key, entity="urn:new"),
    )
    assert last_event()["after"]["entityId"] == "urn:new"
    assert call("GetSAMLProvider", system, saml_provider_arn=SAML_ARN)["ValidUntil"] > datetime.now(UTC) + timedelta(
        days=30_000
    )
    assert [row["Arn"] for row in call("ListSAMLProviders", system)["SAMLProviderList"]] == [SAML_ARN]
    call("TagSAMLProvider", system, saml_provider_arn=SAML_ARN, tags=[{"Key": "c", "Value": "d"}])
    call("UntagSAMLProvider", system, saml_provider_arn=SAML_ARN, tag_keys=["a"])
    assert call("ListSAMLProviderTags", system, saml_provider_arn=SAML_ARN)["Tags"] == [{"Key": "c", "Value": "d"}]
    with pytest.raises(EntityAlreadyExists):
        call("CreateSAMLProvider", system, saml_metadata_document=document, name="idp")
    call("DeleteSAMLProvider", system, saml_provider_arn=SAML_ARN)
    with pytest.raises(NoSuchEntity, match=f"Manifest not found for arn {SAML_ARN}"):
        call("GetSAMLProvider", system, saml_provider_arn=SAML_ARN)


def test_metadata_that_is_refused(system, key):
    good = metadata(key)
    entities = "".join(f'<!ENTITY e{number} "&e{number - 1};&e{number - 1};">' for number in range(1, 20))
    bomb = f'<!DOCTYPE x [<!ENTITY e0 "boom">{entities}]>'
    outside = '<!DOCTYPE x [<!ENTITY file SYSTEM "file:///etc/passwd">]>'
    certificate_start = good.index("<X509Certificate>") + 40
    for document in (
        "x" * 1000,
        good.replace("</EntityDescriptor>", ""),
        good.replace("IDPSSODescriptor", "SPSSODescriptor"),
        good.replace("entityID", "other"),
        good.replace('use="signing"', 'use="encryption"'),
        good[:certificate_start] + "!!" + good[certificate_start:],
        metadata(key, until="tomorrow"),
        metadata(key, extra=bomb),
        metadata(key, extra=outside, entity="&file;"),
    ):
        with pytest.raises(InvalidInput):
            call("CreateSAMLProvider", system, saml_metadata_document=document, name="idp")
    with pytest.raises(InvalidInput):
        call("CreateSAMLProvider", system, saml_metadata_document=good, name="idp", add_private_key="x")
    with pytest.raises(InvalidInput):
        call(
            "CreateSAMLProvider", system, saml_metadata_document=good, name="idp", assertion_encryption_mode="Required"
        )
