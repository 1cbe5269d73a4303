"""Public keys and certificates: typed as text, or read from a file into the field of the text."""

from typing import Any, ClassVar, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

LONGEST = 16_384  # characters of a key or certificate (IAM API Reference)
PRIVATE = "PRIVATE KEY-----"  # how each PEM block of a private key begins, encrypted or not


def text_field(label: Any, help_text: Any, empty: Any, **attrs: Any) -> forms.CharField:
    """The text itself."""
    widget = forms.Textarea(
        attrs={"rows": 7, "class": "mono", "spellcheck": "false", "autocapitalize": "none", **attrs}
    )
    return forms.CharField(
        label=label, help_text=help_text, max_length=LONGEST, widget=widget, error_messages={"required": empty}
    )


def file_field(into: str, accept: str) -> forms.FileField:
    """A file whose text goes into the field `into`: at once where scripts run, else when the form is sent."""
    attrs = {
        "accept": accept,
        "data-into": f"id_{into}",
        "data-most": LONGEST,
        "data-said": gettext_lazy("The file was read into the field above."),
    }
    return forms.FileField(
        label=gettext_lazy("Or a file"),
        required=False,
        widget=forms.FileInput(attrs=attrs),
        help_text=gettext_lazy("Read into the field above."),
    )


class KeyTextForm(forms.Form):
    """A form with such a text, in the field that `text` names, and its `file`; all that an operation says is about the text."""

    text: ClassVar[str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unreadable = ""
        if self.files.get("file"):
            self._read(cast("UploadedFile[Any]", self.files["file"]))

    def _read(self, file: "UploadedFile[Any]") -> None:
        """What the file says stands in the field of the text from here on."""
        if str(self.data.get(self.text, "")).strip():
            self.unreadable = _("Type the text or choose a file. Nothing was taken from the file.")
        elif (file.size or 0) > LONGEST:
            self.unreadable = _("The file is too large: at most 16 kB are read.")
        else:
            try:
                self._put(file.read().decode("utf-8-sig"))
            except UnicodeDecodeError:
                self.unreadable = _("The file is no text. Choose one in PEM encoding, not in DER.")

    def _put(self, text: str) -> None:
        data = cast("QueryDict", self.data).copy()
        data[self.text] = text
        self.data = data

    def clean(self) -> dict[str, Any]:
        """A private key is neither taken nor shown again: whoever sees this page need not have it."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if self.unreadable:
            self.add_error("file", self.unreadable)
            self.errors.pop(self.text, None)  # it is empty for that reason
        text = given.get(self.text, "")
        if PRIVATE in text:
            self._put("")
            self.add_error(
                self.text,
                _("This is a private key, and was not kept. Keep it to yourself; only the public part is needed."),
            )
        elif text:
            given[self.text] = text.replace("\r\n", "\n")
        return given


class SSHPublicKeyForm(KeyTextForm):
    """A public key as `ssh-keygen` writes it."""

    text = "ssh_public_key_body"
    error_fields = dict.fromkeys(
        ("InvalidPublicKey", "UnrecognizedPublicKeyEncoding", "DuplicateSSHPublicKey", "LimitExceeded"), text
    )
    ssh_public_key_body = text_field(
        gettext_lazy("Public key"),
        gettext_lazy("An RSA key of 2,048 bits or more, in the encoding ssh-rsa or PEM: the file that ends in .pub."),
        gettext_lazy("Enter the public key."),
        placeholder=gettext_lazy("ssh-rsa AAAA…"),
    )
    file = file_field("ssh_public_key_body", ".pub,.pem,text/plain")


class SigningCertificateForm(KeyTextForm):
    """An X.509 certificate."""

    text = "certificate_body"
    error_fields = dict.fromkeys(("InvalidCertificate", "DuplicateCertificate", "LimitExceeded"), text)
    certificate_body = text_field(
        gettext_lazy("Certificate"),
        gettext_lazy("One X.509 certificate in PEM encoding, which has not expired."),
        gettext_lazy("Enter the certificate."),
        placeholder=gettext_lazy("-----BEGIN CERTIFICATE-----"),
    )
    file = file_field("certificate_body", ".pem,.crt,.cer,text/plain")
