"""The kinds of credentials besides passwords, MFA devices and access keys: by which operations and parameters AWS handles each."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Kind(NamedTuple):
    """One kind: the user's relation, the operation that deletes one, its parameter, and the column of that; `key` is the word for it in
    the names of addresses, `of_root` says whether the root user may have some.
    """

    relation: str
    deletes: str
    parameter: str
    column: str
    updates: str
    lists: str
    key: str
    label: Promise
    of_root: bool = False
    service: str = ""  # the column of the service that one is for

    def keys(self, row: Any) -> Mapping[str, str]:
        """The condition keys that one brings besides those of its user."""
        return {"iam:ServiceSpecificCredentialServiceName": getattr(row, self.service)} if self.service else {}


SSH_PUBLIC_KEYS = Kind(
    "ssh_public_keys",
    "iam:DeleteSSHPublicKey",
    "ssh_public_key_id",
    "key_id",
    "iam:UpdateSSHPublicKey",
    "iam:ListSSHPublicKeys",
    "ssh-public-key",
    _("SSH public keys"),
)
SIGNING_CERTIFICATES = Kind(
    "signing_certificates",
    "iam:DeleteSigningCertificate",
    "certificate_id",
    "certificate_id",
    "iam:UpdateSigningCertificate",
    "iam:ListSigningCertificates",
    "signing-certificate",
    _("Signing certificates"),
    of_root=True,
)
SERVICE_CREDENTIALS = Kind(
    "service_credentials",
    "iam:DeleteServiceSpecificCredential",
    "service_specific_credential_id",
    "credential_id",
    "iam:UpdateServiceSpecificCredential",
    "iam:ListServiceSpecificCredentials",
    "service-credential",
    _("Service-specific credentials"),
    service="service",
)
OTHER_CREDENTIALS = (SSH_PUBLIC_KEYS, SERVICE_CREDENTIALS, SIGNING_CERTIFICATES)

# The services that take credentials of their own (IAM User Guide, «Service-specific credentials»).
SERVICES: Mapping[str, Promise] = {
    "codecommit.amazonaws.com": _("AWS CodeCommit"),
    "cassandra.amazonaws.com": _("Amazon Keyspaces (for Apache Cassandra)"),
    "bedrock.amazonaws.com": _("Amazon Bedrock"),
}
