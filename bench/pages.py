"""The list pages at 100,000 users and a million Events' worth of paging: first page, filters, deep pages, each sort."""

from collections.abc import Callable
from typing import Any

from bench.measure import measure, table
from bench.population import ACCOUNT, grow_users, prepare_database

USERS = 100_000
PAGES = {
    "users, first page": "/users/",
    "users, without MFA": "/users/?f=mfa:eq:none",
    "users, by tag": "/users/?f=tag:eq:team%3Dops",
    "users, free text": "/users/?q=user0999",
    "users, no match": "/users/?q=nobody-at-all",
    "users, by last activity": "/users/?sort=-activity",
    "users, by key age": "/users/?sort=key_age",
    "users, by groups": "/users/?sort=-groups",
    "users, by creation": "/users/?sort=created",
    "one user": "/users/user050000/",
    "groups": "/groups/",
    "trail": "/trail/",
    "trail, denied": "/trail/?f=outcome:eq:denied",
}


def run() -> None:
    prepare_database()
    grow_users(USERS)
    get = browser()
    pages = {**PAGES, "users, deep page": deep_page()}
    rows = []
    for name, address in sorted(pages.items()):
        figure = measure(lambda _, address=address: get(address), repeats=15)
        rows.append((name, figure.median_ms, figure.p95_ms, figure.queries))
    table(("page", "median ms", "p95 ms", "queries"), rows)


def browser() -> Callable[[str], Any]:
    """A signed-in administrator, asking over Django's test client: everything but the socket is real."""
    from django.conf import settings
    from django.test import Client

    from accounts.models import User
    from accounts.sessions import SessionStore
    from operations.clock import now

    settings.ALLOWED_HOSTS = ["*"]
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    session = SessionStore()
    moment = now().isoformat()
    session.update(
        {
            "user_id": User.objects.get(account_id=ACCOUNT, name="admin").pk,
            "session_id": "bench",
            "signed_in_at": moment,
            "factor_at": moment,
        }
    )
    session.create()
    session.save()
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key

    def get(address: str) -> Any:
        response = client.get(address)
        if response.status_code != 200:
            raise RuntimeError(f"{address} answered {response.status_code}")
        return response

    return get


def deep_page() -> str:
    """The address of a page half-way down the list."""
    from pages.listing.paging import Cursor

    return "/users/?after=" + Cursor("user050000", 50_000, 50_000).encode()
