"""What the pages of a user's credentials, which lie below federation, show of temporary ones."""

from typing import Any

from django import template
from django.template import Context

from accounts.looks import Looks
from accounts.owners import Owner
from federation.operations.temporary_credentials import lasting
from pages.errors import Part

register = template.Library()


@register.simple_tag(takes_context=True)
def temporary_credentials(context: Context, owner: Owner) -> "Part[Any]":
    """The temporary credentials of an owner, as far as the reader may see them: like the sessions, with which they are read."""
    looks: Looks = context["looks"]
    return looks.part("iam:ListConsoleSessions", lambda: lasting(owner.user))
