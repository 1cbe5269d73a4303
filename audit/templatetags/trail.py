"""The trail in templates: `{% load trail %}`."""

from urllib.parse import urlencode

from django import template
from django.template import Context
from django.urls import reverse

from audit.endings import ending
from audit.queries import last_call, last_change
from operations.models import Event

register = template.Library()
register.filter("ending", ending)  # {% with how=event|ending %}: how a recorded call ended


@register.simple_tag
def changes_of(arn: str) -> str:
    """`{% changes_of row.arn as address %}`: the trail, with what changed one entity, or was refused, also under earlier names."""
    asked = [("f", f"entity:eq:{arn}"), ("f", "read-only:eq:false")]
    return f"{reverse('audit:events')}?{urlencode(asked)}"


@register.simple_tag(takes_context=True)
def last_change_of(context: Context, arn: str) -> Event | None:
    """`{% last_change_of row.arn as change %}`: the newest Event that changed an entity, for who may read the trail."""
    caller = context.get("caller")
    return last_change(caller, arn) if caller is not None else None


@register.simple_tag(takes_context=True)
def last_call_of(context: Context, names: str) -> Event | None:
    """`{% last_call_of "CreateRole DeleteRole" as change %}`: the newest Event of these names, for who may read the trail."""
    caller = context.get("caller")
    return last_call(caller, names.split()) if caller is not None else None
