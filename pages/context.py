"""What every page's frame needs."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from pages import preferences, topics

# One ES module per behaviour; each is bound by data- attributes and knows nothing of the others.
NAMES = (
    "announce bulk callout combobox copy count dialog filter form fresh menu offers on_demand picker reorder rows session "
    "shortcuts tabs theme time tip unsent"
)
MODULES = tuple(f"js/{name}.js" for name in NAMES.split())


def shell(request: HttpRequest) -> dict[str, Any]:
    """The caller, the reader's row and account, the appearance, and the modules to load."""
    row = preferences.row_of(request)
    acting = getattr(request, "role", None) or row  # the account is that of the role which the console acts as
    return {
        "caller": getattr(request, "caller", None),
        "reader": row,
        "account": acting.account if acting is not None else None,
        "appearance": SimpleLazyObject(lambda: preferences.appearance(request)),
        "modules": MODULES,
        "help_topic": topics.topic_of(getattr(request.resolver_match, "view_name", "")),
        "request_id": getattr(request, "request_id", ""),
    }
