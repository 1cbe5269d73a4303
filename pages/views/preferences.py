"""Saving what a reader chose: appearance, time zone, columns of a list."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from pages import preferences


def back(request: HttpRequest) -> str:
    """Where the form came from, if that is a page of ours: a path, since a bare word would be looked up as a view's name."""
    wanted = request.POST.get("next", "")
    return wanted if wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, None) else "/"


@require_POST
def save_appearance(request: HttpRequest) -> HttpResponse:
    """Theme, contrast, density, single-letter keys and time zone: those that were sent."""
    changes: dict[str, str] = {
        name: request.POST[name] for name, choices in preferences.CHOICES.items() if request.POST.get(name) in choices
    }
    if "zone" in request.POST:
        changes["zone"] = request.POST["zone"][:64]
    preferences.save(request, changes)
    chosen = preferences.appearance(request)
    response: HttpResponse = (
        HttpResponse(status=204) if request.headers.get("X-Requested-With") == "fetch" else redirect(back(request))
    )
    value = ".".join(chosen[name] for name in ("theme", "contrast", "density"))
    response.set_cookie(
        preferences.COOKIE, value, max_age=365 * 86400, samesite="Lax", httponly=True, secure=request.is_secure()
    )
    return response


@require_POST
def save_list(request: HttpRequest, key: str) -> HttpResponse:
    """Columns, page size and looks of one list, or its own again."""
    sent = QueryDict() if "reset" in request.POST else request.POST
    size = sent.get("size", "")
    columns = list(dict.fromkeys(sent.getlist("columns")))
    preferences.save_list(
        request, key[:64], columns, int(size) if size in map(str, preferences.SIZES) else 0, sent.getlist("looks")
    )
    return redirect(back(request))
