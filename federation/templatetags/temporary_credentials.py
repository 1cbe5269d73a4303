"""What the pages of a user's credentials, which lie below federation, show of temporary ones."""

from typing import Any

from django import template
from django.template import Context

from accounts.owners import Owner
from federation.operations.temporary_credentials import list_temporary_credentials
from pages.errors import Part, part

register = template.Library()


@register.simple_tag(takes_context=True)
def temporary_credentials(context: Context, owner: Owner) -> "Part[Any]":
    """The temporary credentials of an owner, as far as the reader may see them."""
    caller = context["request"].caller
    return part(lambda: list_temporary_credentials(caller, user_name=owner.name))
