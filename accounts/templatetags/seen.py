"""What a reader may be told of one user, in templates: `{% load seen %}`."""

from django import template
from django.template import Context

from accounts.listings import users
from accounts.models import User
from operations.gate import resource_keys
from pages.listing.needs import sees_of

register = template.Library()


@register.simple_tag(takes_context=True)
def seen_of(context: Context, row: User) -> dict[str, bool]:
    """`{% seen_of row as seen %}`: by its name, whether the reader may see what the list of users tells for the same permission."""
    needs = {
        "password": users.SEE_PASSWORD,
        "mfa": (*users.SEE_MFA, users.REPORT),
        "keys": users.SEE_KEYS,
        "activity": users.SEE_ACTIVITY,
    }
    keys = resource_keys(row.tags.all())
    return {name: sees_of(context.get("caller"), ways, row.arn, keys) for name, ways in needs.items()}
