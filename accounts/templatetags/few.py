"""The first of many names in a sentence: `{% load few %}`."""

from collections.abc import Sequence

from django import template
from django.utils.translation import ngettext

from pages.components.shell import grouped

register = template.Library()
NAMED = 3


@register.filter
def few(names: Sequence[str]) -> str:
    """`ann, ben, cora and 4 more`."""
    said, more = ", ".join(names[:NAMED]), len(names) - NAMED
    if more <= 0:
        return said
    return ngettext("%(names)s and %(n)s more", "%(names)s and %(n)s more", more) % {"names": said, "n": grouped(more)}
