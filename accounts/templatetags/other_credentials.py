"""What pages call the services of service-specific credentials, and what they say of certificates."""

from django import template

from accounts import certificates
from accounts.other_credentials import SERVICES

register = template.Library()


@register.filter
def service(name: str) -> str:
    """`codecommit.amazonaws.com` → AWS CodeCommit."""
    return str(SERVICES.get(name, name))


@register.filter
def certificate(pem: str) -> certificates.Facts | None:
    """What a certificate says of itself, if it can be read."""
    return certificates.facts(pem)
