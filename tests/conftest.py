"""The cast of every test: an account with its root user, users with and without rights, a stranger of another account."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase

from access.callers import Connection, user_caller
from accounts.models import Account, User
from accounts.operations.users import count_users
from operations.caller import Caller, command_caller
from operations.ids import unique_id
from policies.facts import gives_everything

ACCOUNT, OTHER_ACCOUNT = "123456789012", "210987654321"
ADMINISTRATOR = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    django_db_modify_db_settings_parallel_suffix: None,
) -> None:
    """SQLite in a file where browsers run: in memory, a test and all threads of its server would share one connection and its locks."""
    database = settings.DATABASES["default"]
    if request.config.getoption("markexpr") == "browser" and "sqlite" in database["ENGINE"]:
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "console.sqlite3")


@pytest.fixture(autouse=True, scope="session")
def _flushable_record() -> Iterator[None]:
    """Tests with real transactions empty the tables afterwards; the record's triggers must step aside for that moment only.

    For the whole session: a live server's tables are emptied after the fixtures of the test itself have ended.
    """
    triggers = import_module("operations.migrations.0002_append_only")
    empty = TransactionTestCase._fixture_teardown

    def teardown(self: Any) -> None:
        triggers.run(triggers.REMOVE, connection)
        try:
            empty(self)
        finally:
            triggers.run(triggers.ADD, connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
        yield


def make_account(account_id: str, email: str) -> Account:
    account = Account.objects.create(id=account_id, name="Example")
    User.everyone.create(
        account=account,
        is_root=True,
        name="<root_account>",
        name_key="<root_account>",
        unique_id=account_id,
        email=email,
    )
    return account


@pytest.fixture
def account(db: None) -> Account:
    return make_account(ACCOUNT, "root@example.com")


@pytest.fixture
def other_account(db: None) -> Account:
    return make_account(OTHER_ACCOUNT, "root@example.org")


@pytest.fixture
def system(account: Account) -> Caller:
    """The operator at the machine: for preparing a test through the real operations."""
    return command_caller(account.pk)


CallerMaker = Callable[..., Caller]


@pytest.fixture
def caller_of() -> CallerMaker:
    """A Caller for a stored user, freshly built as for each request."""

    def make(user: User, **facts: str) -> Caller:
        row = User.everyone.select_related("boundary", "account").prefetch_related("tags").get(pk=user.pk)
        place = Connection(source_ip="192.0.2.10", user_agent="tests", secure=True)
        return user_caller(
            row, place, datetime.now(UTC), {key.replace("__", ":"): value for key, value in facts.items()}
        )

    return make


@pytest.fixture
def make_user(account: Account) -> Callable[..., User]:
    """A user, with an inline policy document if one is given."""

    def make(name: str, document: str | None = None, account_id: str = ACCOUNT) -> User:
        user = User.objects.create(account_id=account_id, name=name, name_key=name.lower(), unique_id=unique_id("AIDA"))
        count_users(account_id, 1)
        if document:
            from accounts.models import UserInlinePolicy

            facts = {"document": document, "allows_everything": gives_everything(document)}
            UserInlinePolicy.objects.create(user=user, name="given", name_key="given", **facts)
        return user

    return make


@pytest.fixture
def root(account: Account, caller_of: CallerMaker) -> Caller:
    return caller_of(User.everyone.get(account=account, is_root=True))


@pytest.fixture
def admin(make_user: Callable[..., User], caller_of: CallerMaker) -> Caller:
    """An IAM user who may do everything."""
    return caller_of(make_user("alice", ADMINISTRATOR))


@pytest.fixture
def nobody(make_user: Callable[..., User], caller_of: CallerMaker) -> Caller:
    """An IAM user without any policy."""
    return caller_of(make_user("bob"))


@pytest.fixture
def stranger(other_account: Account, make_user: Callable[..., User], caller_of: CallerMaker) -> Caller:
    """An administrator of another account."""
    return caller_of(make_user("charlie", ADMINISTRATOR, OTHER_ACCOUNT))


@pytest.fixture
def last_event() -> Iterator[Callable[[], dict[str, Any]]]:
    """The newest Event's record."""
    import json

    from operations.models import Event

    def read() -> dict[str, Any]:
        return json.loads(Event.objects.latest("id").record)

    yield read
