"""Where the users of an account sign in."""

from django.conf import settings
from django.urls import reverse


def sign_in_address(account: str) -> str:
    """The address for an account's number or alias; both work (IAM User Guide, «Your AWS account ID and its alias»)."""
    return f"{settings.BASE_URL}{reverse('accounts:sign-in-account', args=[account])}"
