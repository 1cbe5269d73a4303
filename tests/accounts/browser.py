"""People at a browser, for the tests of sign-in and of the credential pages."""

import html
import json
import re
from datetime import UTC, datetime

from django.test import Client
from django.urls import reverse

from accounts import mfa, passwords
from accounts.models import Account, LoginProfile, MfaDevice, User
from operations.models import Event

PASSWORD = "Correct-horse-1"
NOW = datetime(2026, 3, 2, 9, 0, 10, tzinfo=UTC)
ALL_IAM = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*"}]}'
HOME = "/security-credentials/"


def give_password(user, password=PASSWORD, **facts):
    """A console password without the notices and events of the operation."""
    now = datetime.now(UTC)
    LoginProfile.objects.create(
        user=user, password_hash=passwords.hashed(password), changed_at=facts.pop("changed_at", now), **facts
    )
    User.everyone.filter(pk=user.pk).update(console_access=True, password_changed_at=now)
    return user


def give_device(user, name="phone"):
    """An enabled authenticator app."""
    seed = mfa.new_seed()
    device = MfaDevice.objects.create(
        account_id=user.account_id,
        user=user,
        name=name,
        serial_number=f"arn:aws:iam::{user.account_id}:mfa/{name}",
        seed=seed,
        enabled_at=datetime.now(UTC),
    )
    User.everyone.filter(pk=user.pk).update(mfa_device_count=MfaDevice.objects.filter(user=user).count())
    return device


def code_of(device, offset=0):
    return mfa.code_at(device.seed, mfa.step_at(datetime.now(UTC)) + offset)


def codes_of(seed, offset=0):
    present = mfa.step_at(datetime.now(UTC)) + offset
    return mfa.code_at(seed, present - 1), mfa.code_at(seed, present)


class Browser(Client):
    """A browser with cookies; forms are sent with the CSRF check off, as Django's test client does."""

    def sign_in(self, user, password=PASSWORD, *, code=None, next="/", account=None):
        account = account or Account.objects.get(pk=user.account_id)
        if user.is_root:
            response = self.post(
                reverse("accounts:sign-in-root"), {"email": user.email, "password": password, "next": next}
            )
        else:
            given = {"account": account.alias or account.pk, "user_name": user.name, "password": password, "next": next}
            response = self.post(reverse("accounts:sign-in"), given)
        if code is not None:
            response = self.post(reverse("accounts:sign-in-factor"), {"code": code})
        return response

    @property
    def is_signed_in(self):
        return "user_id" in self.session


def text_of(response):
    """What a reader sees of a page."""
    said = response.content.decode().replace("<wbr>", "")  # where a name may break it is still one
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", said)))


def html_of(response):
    """A page with each white space as one blank."""
    return re.sub(r"\s+", " ", response.content.decode())


def seen_at(client, address):
    """What a form says of the state that its reader has seen."""
    return re.search(r'name="seen" value="(\w+)"', client.get(address).content.decode())[1]


def shown_seed(page):
    """The seed that the enrolment page shows as text."""
    return re.search(r'data-copy="([A-Z2-7 ]+)"', page.content.decode())[1].replace(" ", "")


def enrol(person, name="phone", offset=0):
    """Add an authenticator app on the page for it."""
    page = person.get(reverse("accounts:add-mfa-device"))
    first, second = codes_of(shown_seed(page), offset)
    return person.post(reverse("accounts:add-mfa-device"), {"name": name, "code1": first, "code2": second})


def sign_ins():
    """How each recorded sign-in ended, and with which message."""
    records = [json.loads(event.record) for event in Event.objects.filter(name="ConsoleLogin").order_by("id")]
    return [(record["responseElements"]["ConsoleLogin"], record.get("errorMessage", "")) for record in records]
