"""Sessions that were issued, keys that were deleted, and identity providers."""

from federation.models.deleted_key import DeletedAccessKey
from federation.models.issued_session import IssuedSession

__all__ = ["DeletedAccessKey", "IssuedSession"]
