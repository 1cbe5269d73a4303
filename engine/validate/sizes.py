"""Documents against their quotas (IAM User Guide, "IAM and AWS STS quotas"; Organizations, "Quotas")."""

from __future__ import annotations

from typing import Final

from engine.grammar import size
from engine.validate.context import Context
from engine.validate.model import opening

IDENTITY_QUOTA: Final = 6_144
TRUST_QUOTA: Final = 2_048
ORGANIZATIONS_QUOTA: Final = 5_120
# Resource-based policies are measured by their own services, white space included.
RESOURCE_QUOTAS: Final = {"s3": 20_480, "s3-object-lambda": 20_480, "dynamodb": 20_480, "kms": 32_768, "lambda": 20_480}


def check(context: Context) -> None:
    """All checks of this module."""
    plain, full = size(context.text), len(context.text)
    if context.kind in ("identity", "boundary"):
        _compare(context, "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA", plain, IDENTITY_QUOTA)
    elif context.kind == "trust":
        _compare(context, "POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA", plain, TRUST_QUOTA)
    elif context.kind == "scp":
        _compare(context, "POLICY_SIZE_EXCEEDS_SCP_QUOTA", full, ORGANIZATIONS_QUOTA)
    elif context.kind == "rcp":
        _compare(context, "POLICY_SIZE_EXCEEDS_RCP_QUOTA", full, ORGANIZATIONS_QUOTA)
    elif context.service is not None and context.service in RESOURCE_QUOTAS:
        _compare(context, "POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA", full, RESOURCE_QUOTAS[context.service])


def _compare(context: Context, code: str, found: int, quota: int) -> None:
    if found > quota:
        where = opening(context.document.root)
        context.report(code, where, (), size=found, quota=quota, resource_type=context.resource_words)
