"""What was typed into a form that could not be taken: which of it may be kept, and how it is shown."""

from collections.abc import Iterable, Iterator

from django.http import HttpRequest

Fields = list[tuple[str, str]]

SECRET = ("password", "code", "secret", "token", "passkey", "repeated", "sample")
# Fields of the account's rules, which say something about passwords and are none.
NO_SECRET = {
    "allow_users_to_change_password",
    "max_password_age",
    "minimum_password_length",
    "password_reuse_prevention",
}
MARKS = {"next", "seen", "state"}


def is_secret(name: str) -> bool:
    """Whether a field holds a password, a code or a token: it is never kept and never shown."""
    return name not in NO_SECRET and any(word in name.lower() for word in SECRET)


def resendable(request: HttpRequest) -> Fields:
    """The fields of a form, to be sent again with a fresh token."""
    return [(name, value) for name in request.POST if not is_secret(name) for value in request.POST.getlist(name)]


def shown(fields: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """What somebody wrote into a form, by a name to read: without the page's own marks and without the button that was pressed."""
    for name, value in fields:
        if value.strip() not in ("", "1", "on") and name not in MARKS and not name.startswith("_"):
            yield name.replace("_", " ").capitalize(), value
