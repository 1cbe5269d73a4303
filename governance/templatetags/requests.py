"""How a request for access stands, in its colour and word."""

from django import template
from django.utils.safestring import SafeString

from governance.models import AccessRequest
from governance.request_listings import STATES
from pages.components.words import status

register = template.Library()


@register.simple_tag
def request_status(request: AccessRequest) -> SafeString:
    """Open, granted, declined, withdrawn, ended."""
    kind, word = STATES[request.status]
    return status(kind, str(word))
