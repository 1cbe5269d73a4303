"""What every page's frame needs."""

from typing import Any

from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """The caller of the request, for the frame around each page."""
    return {"caller": getattr(request, "caller", None)}
