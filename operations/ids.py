"""Unique ids, access key ids and ARNs in AWS's shapes (IAM User Guide, «IAM identifiers»)."""

import os
import secrets
from threading import local

from django.conf import settings

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"  # base32


def unique_id(prefix: str) -> str:
    """A new unique id: the four-letter prefix of its kind (AIDA user, AGPA group, AROA role …) and 17 characters."""
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(17))


def access_key_id(prefix: str = "AKIA") -> str:
    """A new access key id: AKIA for long-term keys, ASIA for temporary ones, and 16 characters."""
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(16))


class _Random(local):
    """Random bytes in store: asking the system for each id's own costs every request a change of threads."""

    store = b""


_random = _Random()
os.register_at_fork(after_in_child=lambda: setattr(_random, "store", b""))  # no two processes draw the same
STORED = 256 * 16


def uuid() -> str:
    """A new random UUID (RFC 9562, version 4), as requests and Events are numbered with."""
    if not _random.store:
        _random.store = os.urandom(STORED)
    taken, _random.store = _random.store[:16], _random.store[16:]
    text = taken.hex()
    variant = "89ab"[taken[8] >> 6]  # the two bits that RFC 9562 sets there
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"


def iam_arn(account_id: str, resource: str) -> str:
    """`arn:aws:iam::123456789012:user/division/bob` from the account and `user/division/bob`."""
    return f"arn:{settings.PARTITION}:iam::{account_id}:{resource}"


def any_instance_arn(account_id: str) -> str:
    """Every EC2 instance of an account: what a role in an instance profile may come to be associated with."""
    return f"arn:{settings.PARTITION}:ec2:*:{account_id}:instance/*"


def sts_arn(account_id: str, resource: str) -> str:
    """`arn:aws:sts::123456789012:assumed-role/Admin/session` from the account and the rest."""
    return f"arn:{settings.PARTITION}:sts::{account_id}:{resource}"
