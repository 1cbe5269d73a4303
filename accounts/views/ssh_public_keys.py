"""Uploading an SSH public key."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.credential_forms import posted
from accounts.forms.key_texts import SSHPublicKeyForm
from accounts.operations.ssh_public_keys import upload_ssh_public_key
from accounts.owners import owner_of
from accounts.page_request import PageRequest
from accounts.reauthentication import fresh_factor_required
from accounts.views.other_credentials import around, kind_of
from policies.saving import admitted, save


@fresh_factor_required
def upload(request: PageRequest, user_name: str | None = None) -> HttpResponse:
    """Add a key to one's own user, or to another."""
    owner, caller = owner_of(request, user_name), request.caller
    kind_of(owner, "ssh-public-key")
    form, made = SSHPublicKeyForm(posted(request), request.FILES or None), {}

    def change() -> None:
        body = form.cleaned_data["ssh_public_key_body"]
        made.update(upload_ssh_public_key(caller, user_name=owner.user.name, ssh_public_key_body=body)["SSHPublicKey"])

    permitted = admitted(form, lambda: owner.open_form(caller, "iam:UploadSSHPublicKey"))
    if permitted and form.is_valid() and save(form, change):
        key_id = made["SSHPublicKeyId"]
        messages.success(request, _("The SSH public key %(id)s is uploaded.") % {"id": key_id})
        return redirect(around(caller, owner)["back_url"])
    context = {**around(caller, owner), "form": form}
    return render(request, "accounts/security/upload_ssh_public_key.html", context)
