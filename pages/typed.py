"""What was typed into a form that could not be taken: which of it may be kept, and how it is shown."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pages.reasons import FIELD

Fields = list[tuple[str, str]]

SECRET = ("password", "code", "secret", "token", "passkey", "repeated", "sample")
# Fields of the account's rules, which say something about passwords and are none.
NO_SECRET = {
    "allow_users_to_change_password",
    "max_password_age",
    "minimum_password_length",
    "password_reuse_prevention",
}
TICKED = {"1", "on"}
MARKS = {"next", "seen", "state"}
# The buttons that forms are sent by, by their names.
BUTTONS = {
    "attach": gettext_lazy("Attach"), "changed": gettext_lazy("Change"), "create": gettext_lazy("Create"),
    "delete": gettext_lazy("Delete"), "give": gettext_lazy("Give"), "go": gettext_lazy("Confirm"),
    "import": gettext_lazy("Import"), "join": gettext_lazy("Join"), "propose": gettext_lazy("Request review"),
    "remove": gettext_lazy("Remove"), "removed": gettext_lazy("Remove"), "review": gettext_lazy("Review"), "save": gettext_lazy("Save"),
}  # fmt: skip


def is_secret(name: str) -> bool:
    """Whether a field holds a password, a code or a token: it is never kept and never shown."""
    return name not in NO_SECRET and any(word in name.lower() for word in SECRET)


def resendable(request: HttpRequest) -> Fields:
    """The fields of a form, to be sent again with a fresh token."""
    return [(name, value) for name in request.POST if not is_secret(name) for value in request.POST.getlist(name)]


def shown(fields: Iterable[tuple[str, str]], *, whole: bool = False) -> list[tuple[str, str]]:
    """What somebody wrote into a form, by a name to read: without the page's own marks.

    Boxes that were ticked and the button that was pressed are told only of the `whole`, for who has not just pressed it.
    """
    return [
        _told(name, value)
        for name, value in fields
        if value.strip() and (whole or value.strip() not in TICKED) and name not in MARKS and not name.startswith("_")
    ]


def _told(name: str, value: str) -> tuple[str, str]:
    if value in TICKED and name in BUTTONS:
        return _("Button"), str(BUTTONS[name])
    return _label(name), _("yes") if value in TICKED else value


def _label(name: str) -> str:
    return _("Reason") if name.partition(":")[0] == FIELD else name.replace("_", " ").capitalize()


def again(request: HttpRequest) -> Fields:
    """The fields of a form that has failed as a whole, to be shown and sent again; none of one into which nothing was written."""
    is_ours = request.method == "POST" and getattr(request, "csrf_processing_done", False)
    fields = resendable(request) if is_ours and not request.headers.get("HX-Request") else []
    return fields if shown(fields) else []
