"""The cookie by which a browser shows that a user has signed in on it before; it opens nothing, it only keeps an attacker's delays away."""

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from operations.secrets import digest

COOKIE = "iamconsole_known"
LASTS = 400 * 24 * 3600
MOST = 8
SALT = "known-browser"


def is_known(request: HttpRequest, user: User) -> bool:
    """Whether this user has signed in on this browser."""
    return _name_of(user) in _names(request)


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Note a sign-in in the browser's cookie; the oldest of more than eight users is forgotten."""
    mine = _name_of(user)
    names = [mine, *(name for name in _names(request) if name != mine)][:MOST]
    response.set_signed_cookie(
        COOKIE,
        ",".join(names),
        salt=SALT,
        max_age=LASTS,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def _name_of(user: User) -> str:
    return digest(f"{SALT}:{user.unique_id}")


def _names(request: HttpRequest) -> list[str]:
    try:
        value = request.get_signed_cookie(COOKIE, "", salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        return []
    return value.split(",") if value else []
