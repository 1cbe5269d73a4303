"""Changes in templates: `{% load history %}`."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.template import Context

from accounts.history.restoring import lacking_for, restorable
from accounts.history.words import differences, sentence
from accounts.holders import Kind
from operations.models import Event
from policies.deletable import not_permitted

register = template.Library()
register.filter("did", sentence)  # {{ event|did }}: what a change did
register.filter("differences", differences)  # {% with rows=event|differences %}


@register.filter
def restore_address(holder: Kind, name: str) -> str:
    """`{{ holder|restore_address:row.name }}`: what stands before an Event's id in the address of its restoring."""
    return f"{holder.address(name, 'history')}restore/"


@dataclass(frozen=True)
class Offer:
    """Whether a change can be taken back: why not, or what is not permitted, or neither and it can; `failed`: nothing was done."""

    why_not: str = ""
    lacks: str = ""
    failed: bool = False


@register.simple_tag(takes_context=True)
def restoring(context: Context, holder: Kind, entity: Any, event: Event) -> Offer:
    """`{% restoring holder entity row as offer %}`: what is offered beside a change."""
    found = restorable(holder, entity, event)
    if not found.facets:
        return Offer(found.why_not, failed=bool(event.error_code))
    lacking = lacking_for(context["caller"], holder, entity, found)
    return Offer(lacks=not_permitted(lacking) if lacking else "")
