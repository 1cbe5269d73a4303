"""Sessions that were issued, and identity providers."""

from federation.models.issued_session import IssuedSession

__all__ = ["IssuedSession"]
