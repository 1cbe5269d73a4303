"""Service-linked roles belong to their service: nobody in the account changes them (IAM User Guide, «Service-linked roles»)."""

from accounts import resolve
from accounts.models import Role
from operations.errors import UnmodifiableEntity
from operations.gate import Call


def modifiable_role(call: Call) -> Role:
    """The call's role. Raises NoSuchEntity, and UnmodifiableEntity for a service-linked role."""
    role = resolve.require_role(call)
    if role.is_service_linked:
        raise UnmodifiableEntity(
            f"Cannot perform the operation on the protected role '{role.name}' - this role is only modifiable by AWS"
        )
    return role
