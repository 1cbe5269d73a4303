"""Named slots: a block component may contain `{% slot "actions" %}…{% endslot %}`, which it then places where it belongs.

A slot's content travels inside the component's own content between control characters that no page contains; components render
from the inside out, so each one takes exactly the slots that were written directly in it.
"""

import re
from collections.abc import Mapping

from django.utils.safestring import SafeString, mark_safe

OPEN, NAMED, CLOSE = "\x02", "\x03", "\x04"
SLOT = re.compile(f"{OPEN}([a-z_]+){NAMED}(.*?){CLOSE}", re.DOTALL)


def slot(content: SafeString, name: str) -> SafeString:
    """Mark the content as the enclosing component's slot of that name."""
    return mark_safe(f"{OPEN}{name}{NAMED}{content}{CLOSE}")  # noqa: S308 - rendered template content


def take_slots(content: SafeString) -> tuple[SafeString, Mapping[str, SafeString]]:
    """The content without its slots, and the slots by name."""
    found = {match[1]: mark_safe(match[2].strip()) for match in SLOT.finditer(content)}  # noqa: S308 - rendered template content
    return mark_safe(SLOT.sub("", content).strip()), found  # noqa: S308 - rendered template content
