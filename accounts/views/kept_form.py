"""What was typed into forms that met no session: sent again, or discarded."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts import kept_forms
from accounts.page_request import PageRequest


@never_cache
def kept_form(request: PageRequest) -> HttpResponse:
    """The forms that wait, each with a button that sends it to its own address and one that discards it."""
    if request.method == "POST":
        page = kept_forms.forget(request, request.POST.get("discard", ""))
        messages.success(request, _("What you typed is discarded."))
        return redirect(page or "/")
    kept = kept_forms.waiting(request)
    if not kept:
        return redirect("/")
    context = {
        "kept": kept,
        "field": kept_forms.SENT,
        "role": request.role.arn if request.role else "",
        "name": request.person.name if request.person and not request.person.is_root else _("the root user"),
    }
    return render(request, "accounts/signin/kept.html", context)
