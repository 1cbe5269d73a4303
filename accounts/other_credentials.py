"""The kinds of credentials besides passwords, MFA devices and access keys: by which operations and parameters AWS handles each."""

from typing import NamedTuple

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
)
OTHER_CREDENTIALS = (SSH_PUBLIC_KEYS, SERVICE_CREDENTIALS, SIGNING_CERTIFICATES)
