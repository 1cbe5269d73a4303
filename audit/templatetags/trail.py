"""The trail in templates: `{% load trail %}`."""

from urllib.parse import urlencode

from django import template
from django.urls import reverse

from audit.endings import ending

register = template.Library()
register.filter("ending", ending)  # {% with how=event|ending %}: how a recorded call ended


@register.simple_tag
def changes_of(arn: str) -> str:
    """`{% changes_of row.arn as address %}`: the trail, with what changed one entity, or was refused, also under earlier names."""
    asked = [("f", f"entity:eq:{arn}"), ("f", "read-only:eq:false")]
    return f"{reverse('audit:events')}?{urlencode(asked)}"
