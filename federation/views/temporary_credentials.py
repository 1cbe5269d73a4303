"""Ending temporary credentials of one's own, or of another user."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.owners import owner_of
from accounts.page_request import PageRequest
from federation.operations.temporary_credentials import revoke_temporary_credentials


@require_POST
def revoke(request: PageRequest, user_name: str | None = None) -> HttpResponse:
    """End one set of credentials: it is refused from now on."""
    owner = owner_of(request, user_name)
    key_id = request.POST.get("key_id", "")
    revoke_temporary_credentials(request.caller, user_name=owner.name, access_key_id=key_id)
    messages.success(request, _("The temporary credentials are revoked."))
    return redirect(owner.home)
