"""People at a browser, for the tests of sign-in and of the credential pages."""

from datetime import UTC, datetime

from django.test import Client
from django.urls import reverse

from accounts import mfa, passwords
from accounts.models import Account, LoginProfile, MfaDevice, User

PASSWORD = "Correct-horse-1"


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
