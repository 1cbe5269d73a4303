"""The one-time link on which the root user of a new account chooses email address and password."""

from django.db import transaction

from accounts.models import User
from accounts.password_links import SETUP_LIFETIME, new_link


def make_setup_link(root: User) -> str:
    """The path of a new link, valid for 24 hours; a link made before stops working."""
    with transaction.atomic():
        return new_link(root, SETUP_LIFETIME).path
