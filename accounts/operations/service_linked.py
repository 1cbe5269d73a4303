"""Service-linked roles belong to their service: nobody in the account changes them (IAM User Guide, «Service-linked roles»)."""

from accounts import resolve
from accounts.models import Role
from operations.gate import Call


def modifiable_role(call: Call) -> Role:
    """The call's role. Raises NoSuchEntity, and UnmodifiableEntity for a service-linked role."""
    role = resolve.require_role(call)
    resolve.refuse_protected(role)
    return role
