"""Where pages keep what they remember for a signed-in user."""

from typing import Any

from django.http import HttpRequest

from accounts.models import User
from pages.preferences import register_writer, row_of


@register_writer
def write(request: HttpRequest, preferences: dict[str, Any]) -> None:
    """Store all preferences of the reader."""
    user: User = row_of(request)
    user.preferences = preferences
    User.everyone.filter(pk=user.pk).update(preferences=preferences)
