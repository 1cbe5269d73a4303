"""Session tokens: sealed with the installation's keys, carrying all that a decision about the session needs.

A token is Fernet cipher text (AES-128-CBC with HMAC-SHA-256, encrypted and then authenticated): nobody without the keys can read, change
or make one. Older keys still open what they sealed, until they are taken away.
"""

import json
import secrets
import string
import struct
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

from cryptography.fernet import InvalidToken

from operations.secrets import keyring

LONGEST = 4096  # bytes of a token, as AWS allows (STS API Reference: MinimumSessionTokenSize)
ALLOTTED = 2048  # bytes that session policies and tags may take, packed
_OVERHEAD = 57  # Fernet: version, time, vector, authentication code
_LENGTH = struct.Struct(">H")
_SECRET_ALPHABET = string.ascii_letters + string.digits + "+/"


@dataclass(frozen=True)
class Session:
    """Temporary credentials and what they stand for.

    `kind` is `role`, `user` (GetSessionToken) or `federated` (GetFederationToken); `subject` is the unique id of the role or user, the
    account's number for its root user. Moments are seconds since 1970. `transitive` names the tags that go on to further roles.
    """

    key_id: str
    secret: str
    kind: str
    account_id: str
    subject: str
    name: str
    issued_at: int
    expires_at: int
    source_arn: str
    mfa_at: int | None = None
    policy: str = ""
    policy_arns: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive: tuple[str, ...] = ()
    source_identity: str = ""

    @property
    def issued(self) -> datetime:
        return datetime.fromtimestamp(self.issued_at, UTC)

    @property
    def expires(self) -> datetime:
        return datetime.fromtimestamp(self.expires_at, UTC)


def new_secret() -> str:
    """A secret access key in AWS's shape."""
    return "".join(secrets.choice(_SECRET_ALPHABET) for _ in range(40))


def seal(session: Session, *, at_least: int = 0) -> str:
    """The session as a token, of `at_least` so many bytes (MinimumSessionTokenSize)."""
    text = json.dumps(asdict(session), separators=(",", ":"), ensure_ascii=False)
    data = zlib.compress(text.encode(), 9)
    padding = max(0, at_least * 3 // 4 - _OVERHEAD - _LENGTH.size - len(data))
    token = _sealed(data, padding)
    while len(token) < at_least:
        padding += 1
        token = _sealed(data, padding)
    return token


def unseal(token: str) -> Session | None:
    """The session in a token; None for a text that is no token of this installation."""
    if len(token) > 2 * LONGEST:
        return None
    try:
        frame = keyring().decrypt(token.encode("latin-1"))
        (length,) = _LENGTH.unpack_from(frame)
        data = json.loads(zlib.decompress(frame[_LENGTH.size : _LENGTH.size + length]))
        return Session(**{**data, "policy_arns": tuple(data["policy_arns"]), "transitive": tuple(data["transitive"])})
    except (InvalidToken, ValueError, TypeError, KeyError, struct.error, zlib.error):
        return None  # the keys seal other texts too, such as the message of a denial, which its reader may present here


def packed_size(policy: str, policy_arns: tuple[str, ...], tags: Mapping[str, str]) -> int:
    """How much of the allotted space session policies and tags take, in per cent (PackedPolicySize)."""
    packed = zlib.compress(json.dumps([policy, policy_arns, dict(tags)], separators=(",", ":")).encode(), 9)
    return -(-len(packed) * 100 // ALLOTTED)


def utilisation(token: str) -> int:
    """How much of the longest token this one is, in per cent (SessionTokenUtilization)."""
    return min(100, len(token) * 100 // LONGEST)


def _sealed(data: bytes, padding: int) -> str:
    return keyring().encrypt(_LENGTH.pack(len(data)) + data + bytes(padding)).decode()
