"""What pages call the services of service-specific credentials."""

from django import template

from accounts.other_credentials import SERVICES

register = template.Library()


@register.filter
def service(name: str) -> str:
    """`codecommit.amazonaws.com` → AWS CodeCommit."""
    return str(SERVICES.get(name, name))
