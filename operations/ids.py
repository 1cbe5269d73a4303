"""Unique ids, access key ids and ARNs in AWS's shapes (IAM User Guide, «IAM identifiers»)."""

import secrets

from django.conf import settings

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"  # base32


def unique_id(prefix: str) -> str:
    """A new unique id: the four-letter prefix of its kind (AIDA user, AGPA group, AROA role …) and 17 characters."""
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(17))


def access_key_id(prefix: str = "AKIA") -> str:
    """A new access key id: AKIA for long-term keys, ASIA for temporary ones, and 16 characters."""
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(16))


def iam_arn(account_id: str, resource: str) -> str:
    """`arn:aws:iam::123456789012:user/division/bob` from the account and `user/division/bob`."""
    return f"arn:{settings.PARTITION}:iam::{account_id}:{resource}"


def any_instance_arn(account_id: str) -> str:
    """Every EC2 instance of an account: what a role in an instance profile may come to be associated with."""
    return f"arn:{settings.PARTITION}:ec2:*:{account_id}:instance/*"


def sts_arn(account_id: str, resource: str) -> str:
    """`arn:aws:sts::123456789012:assumed-role/Admin/session` from the account and the rest."""
    return f"arn:{settings.PARTITION}:sts::{account_id}:{resource}"
