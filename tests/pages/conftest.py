"""A browser that is signed in, and users to list."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models import Account, User
from accounts.sessions import SessionStore
from operations.ids import unique_id
from tests.conftest import ACCOUNT

NOW = datetime(2026, 11, 23, 14, 2, 11, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _design_pages(settings: object) -> None:
    settings.ROOT_URLCONF = "tests.pages.urls"  # type: ignore[attr-defined]


SignIn = Callable[[User], Client]


@pytest.fixture
def sign_in() -> SignIn:
    """A client with a session of the user."""

    def make(user: User, **facts: str) -> Client:
        session = SessionStore()
        session.update({"user_id": user.pk, "signed_in_at": timezone.now().strftime("%Y-%m-%dT%H:%M:%SZ"), **facts})
        session.save()
        client = Client()
        client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
        return client

    return make


@pytest.fixture
def root_client(account: Account, sign_in: SignIn) -> Client:
    return sign_in(User.everyone.get(account=account, is_root=True))


@pytest.fixture
def people(account: Account) -> list[User]:
    """Twelve users: every third never active, paths and devices in turn."""
    rows = [
        User(
            account_id=ACCOUNT,
            name=f"User{number:02}",
            name_key=f"user{number:02}",
            unique_id=unique_id("AIDA"),
            path="/machines/" if number % 2 else "/people/",
            mfa_device_count=number % 3,
            group_count=number % 4,
            last_activity_at=None if number % 3 == 0 else timezone.now() - timedelta(days=number * 10),
        )
        for number in range(12)
    ]
    User.objects.bulk_create(rows)
    return list(User.objects.order_by("name_key"))
