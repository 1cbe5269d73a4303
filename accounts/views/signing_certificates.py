"""Uploading an X.509 signing certificate."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.certificates import MalformedCertificate
from accounts.credential_forms import posted
from accounts.forms.key_texts import SigningCertificateForm
from accounts.operations.signing_certificates import upload_signing_certificate
from accounts.owners import owner_of
from accounts.page_request import PageRequest
from accounts.reauthentication import fresh_factor_required
from accounts.views.other_credentials import around, whose
from policies.saving import admitted, save


@fresh_factor_required
def upload(request: PageRequest, user_name: str | None = None) -> HttpResponse:
    """Add a certificate to one's own user, the root user too, or to another."""
    owner, caller = owner_of(request, user_name), request.caller
    form = SigningCertificateForm(posted(request), request.FILES or None)
    made: dict[str, Any] = {}

    def change() -> None:
        body = form.cleaned_data["certificate_body"]
        try:
            made.update(upload_signing_certificate(caller, **whose(owner), certificate_body=body)["Certificate"])
        except MalformedCertificate:  # AWS repeats all of the text in its sentence
            form.add_error("certificate_body", _("This is no single X.509 certificate in PEM encoding."))

    permitted = admitted(form, lambda: owner.open_form(caller, "iam:UploadSigningCertificate"))
    if permitted and form.is_valid() and save(form, change) and made:
        messages.success(request, _("The certificate %(id)s is uploaded.") % {"id": made["CertificateId"]})
        return redirect(around(caller, owner)["back_url"])
    context = {**around(caller, owner), "form": form}
    return render(request, "accounts/security/upload_signing_certificate.html", context)
