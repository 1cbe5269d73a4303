"""What IAM asks of a trust policy for an identity provider that many tenants share: a condition that picks the tenant.

Source: IAM User Guide, "Identity-provider controls for shared OIDC providers", and recorded answers of CreateRole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.json_tree import Node
from engine.operators import operator_named

COGNITO: Final = "cognito-identity.amazonaws.com"
GITHUB: Final = "token.actions.githubusercontent.com"

# Shared issuer → the claims of which one must be held to something narrower than everything.
SHARED_ISSUERS: Final[Mapping[str, tuple[str, ...]]] = {
    GITHUB: ("sub", "job_workflow_ref"),
    "vstoken.actions.githubusercontent.com": ("sub",),
    "oidc-configuration.audit-log.githubusercontent.com": ("sub",),
    "gitlab.com": ("sub",),
    "agent.buildkite.com": ("sub",),
    "app.terraform.io": ("sub",),
    "oidc.codefresh.io": ("sub",),
    "studio.datachain.ai/api": ("sub",),
    "scalr.io": ("sub",),
    "tokens.cloud.shisho.dev": ("sub",),
    "proidc.upbound.io": ("sub",),
    "api.pulumi.com/oidc": ("aud",),
    "sandboxes.cloud": ("aud",),
    "oidc.vercel.com": ("aud",),
}


def issuer_of(principal: str) -> str | None:
    """The issuer that an OIDC provider's ARN names; None for what is no such ARN."""
    _, found, issuer = principal.partition(":oidc-provider/")
    return issuer if found and issuer else None


def complaint_about(statement: Node) -> str | None:
    """IAM's sentence about an Allow that trusts a shared provider without picking the tenant; None when it does."""
    principal, effect = statement.get("Principal"), statement.get("Effect")
    federated = principal.get("Federated") if principal else None
    if federated is None or (effect is not None and effect.value != "Allow"):
        return None
    for value in federated.items if federated.kind == "array" else (federated,):
        text = str(value.value)
        if text == COGNITO:
            condition = statement.get("Condition")
            if condition is None or not condition.members:
                return "A condition block must be present for the Cognito provider"
        issuer = issuer_of(text)
        keys = [f"{issuer}:{claim}" for claim in SHARED_ISSUERS.get((issuer or "").lower(), ())]
        if keys and not any(_narrows(statement, key) for key in keys):
            return (
                f"Trust policy with trusted principal {text} must evaluate, using StringEquals, StringLike or "
                f"StringEqualsIgnoreCase, {' or '.join(keys)} which is not scoped to all."
            )
    return None


def _narrows(statement: Node, key: str) -> bool:
    """Whether a positive string operator holds the key to a value that is more than wildcards."""
    condition = statement.get("Condition")
    for operator in condition.members if condition else ():
        known = operator_named(operator.key)
        if known is None or known.family != "string" or known.negated:
            continue
        for member in operator.value.members:
            if member.key.lower() != key.lower():
                continue
            values = member.value.items if member.value.kind == "array" else (member.value,)
            if any(str(value.value).strip("*?") for value in values):
                return True
    return False
