"""No password, seed, secret key, recovery code, link token or session key lies open in the database, the record, the log or an error page."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import AccessKey
from accounts.operations.invitations import invite_user
from accounts.operations.mfa_devices import create_virtual_mfa_device
from operations.models import Event
from tests.accounts.browser import ALL_IAM, Browser, codes_of, give_password, shown_seed

NOW = datetime(2026, 3, 2, 9, 0, 10, tzinfo=UTC)
OLD, NEW, WRONG, TYPED = "Old-password-11", "New-password-22", "Wrong-password-33", "Typed-password-44"


def everything_stored():
    """Every value of every table, as the database holds it."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [
                str(bytes(value) if isinstance(value, memoryview) else value)
                for row in cursor.fetchall()
                for value in row
            ]
    return "\n".join(found)


@pytest.fixture
def secrets_of_a_day(make_user, admin, caplog):
    """A day in the life of credentials; all secrets that were seen in it, and the log."""
    caplog.set_level("DEBUG")
    seen = [OLD, NEW, WRONG, TYPED]
    with time_machine.travel(NOW, tick=False) as clock:
        user, person = give_password(make_user("erin", ALL_IAM), OLD), Browser()
        person.sign_in(user, WRONG)
        person.post(reverse("accounts:sign-in"), {"account": "123456789012", "user_name": TYPED, "password": "x"})
        person.sign_in(user, OLD)
        seen.append(person.cookies["iamconsole_session"].value)
        seed = shown_seed(person.get(reverse("accounts:add-mfa-device")))
        seen.append(seed)
        first, second = codes_of(seed)
        person.post(reverse("accounts:add-mfa-device"), {"name": "phone", "code1": first, "code2": second})
        seen.append(person.cookies["iamconsole_session"].value)
        person.post(reverse("accounts:recovery-codes"))
        page = person.get(reverse("accounts:recovery-codes")).content.decode()
        seen += re.findall(r"<li>([A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4})</li>", page)
        person.post(reverse("accounts:create-access-key"), {"description": "x"})
        seen.append(AccessKey.objects.get().secret)
        for service in ("codecommit.amazonaws.com", "bedrock.amazonaws.com"):
            made = person.post(reverse("accounts:create-service-credential"), {"service_name": service})
            for _ in range(2):
                seen += re.findall(r'data-copy="([\w=-]{44})"', person.get(made.url).content.decode())
                made = person.post(made.url.replace("/secret/", "/reset/"))
            person.post(made.url)  # acknowledged
        person.post(reverse("accounts:change-password"), {"old_password": OLD, "new_password": NEW, "repeated": NEW})
        clock.shift(timedelta(minutes=11))
        person.post(
            reverse("accounts:change-password"), {"old_password": NEW, "new_password": TYPED, "repeated": TYPED}
        )
        link = invite_user(admin, user_name=make_user("gina").name)["PasswordLink"]
        seen.append(link.split("/")[-2])
        made = create_virtual_mfa_device(admin, virtual_mfa_device_name="tablet")["VirtualMFADevice"]
        seen.append(made["Base32StringSeed"].decode())
    assert len(seen) == 24
    assert all(len(secret) >= 12 for secret in seen)
    return seen, caplog.text


def test_in_the_database(secrets_of_a_day):
    seen, _ = secrets_of_a_day
    stored = everything_stored()
    assert [secret for secret in seen if secret in stored] == []
    assert "CreateAccessKey" in stored


def test_in_the_sessions_as_django_reads_them(secrets_of_a_day):
    from accounts.models import ConsoleSession

    seen, _ = secrets_of_a_day
    decoded = "".join(str(row.get_decoded()) for row in ConsoleSession.objects.all())
    assert [secret for secret in seen if secret in decoded] == []


def test_in_the_record(secrets_of_a_day):
    seen, _ = secrets_of_a_day
    records = "".join(Event.objects.values_list("record", flat=True))
    assert [secret for secret in seen if secret in records] == []


def test_in_the_log(secrets_of_a_day):
    seen, log = secrets_of_a_day
    assert [secret for secret in seen if secret in log] == []


def test_on_error_pages(make_user, monkeypatch, caplog):
    """A fault in the middle of signing in: the page and the log say nothing of what was typed."""
    user = give_password(make_user("erin"), OLD)
    monkeypatch.setattr("accounts.signin.throttling.admit", lambda *_: 1 / 0)
    given = {"account": user.account_id, "user_name": "erin", "password": TYPED}
    page = Client(raise_request_exception=False).post(reverse("accounts:sign-in"), given)
    assert page.status_code == 500
    assert TYPED not in html.unescape(page.content.decode())
    assert TYPED not in caplog.text
