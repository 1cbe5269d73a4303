"""Passwords: the rules in force, hashing, ageing, and making one.

Source: IAM User Guide, «Set an account password policy for IAM users».
"""

import secrets
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.utils.translation import gettext, ngettext
from zxcvbn import zxcvbn

from accounts import breached
from accounts.models import Account, LoginProfile, PasswordChecks, PasswordHistory, PasswordPolicy, User

SYMBOLS = "!@#$%^&*()_+-=[]{}|'"
LONGEST = 128
MOST_REMEMBERED = 24
WARNING = timedelta(days=15)  # before the expiry, people are told at sign-in
DOES_NOT_CONFORM = "Password does not conform to the account password policy."
REUSED = "Policy constraint violation with password reuse prevention during password change."


@dataclass(frozen=True)
class Rules:
    """The password rules of an account, whether set or AWS's default policy."""

    minimum_length: int = 8
    require_symbols: bool = False
    require_numbers: bool = False
    require_uppercase: bool = False
    require_lowercase: bool = False
    minimum_classes: int = 3  # of the four; only the default policy asks for a number of them
    unlike: Sequence[str] = ()
    allow_users_to_change: bool = False
    max_age: int | None = None
    reuse_prevention: int | None = None
    hard_expiry: bool = False
    refuse_breached: bool = False
    minimum_strength: int = 0

    def describe(self) -> list[str]:
        """The rules as sentences, for whoever has to choose a password."""
        length = {"least": self.minimum_length, "most": LONGEST}
        least = ngettext(
            "At least %(least)s character, at most %(most)s",
            "At least %(least)s characters, at most %(most)s",
            self.minimum_length,
        )
        said = [least % length]
        if self.minimum_classes:
            said.append(gettext("At least three of: uppercase letters, lowercase letters, numbers, symbols"))
        said += [gettext("At least one %(what)s") % {"what": what} for what, _, required in _classes(self) if required]
        if self.unlike:
            said.append(gettext("Not the account's name or the root user's email address"))
        if self.reuse_prevention:
            number = self.reuse_prevention
            said.append(
                ngettext("Not the last %(number)s password", "None of the last %(number)s passwords", number)
                % {"number": number}
            )
        if self.refuse_breached:
            said.append(gettext("Not on the list of passwords known from breaches"))
        if self.minimum_strength:
            said.append(gettext("Hard enough to guess"))
        return said


def rules_of(account: Account) -> Rules:
    """The rules in force in an account: its password policy, else AWS's default policy, and the account's own checks."""
    checks = PasswordChecks.objects.filter(account=account).first() or PasswordChecks()
    policy = PasswordPolicy.objects.filter(account=account).first()
    if policy is None:
        emails = User.everyone.filter(account=account, is_root=True).values_list("email", flat=True)
        unlike = tuple(text.lower() for text in (account.name, account.alias, account.pk, *emails) if text)
        return Rules(unlike=unlike, refuse_breached=checks.refuse_breached, minimum_strength=checks.minimum_strength)
    return rules_from(policy, refuse_breached=checks.refuse_breached, minimum_strength=checks.minimum_strength)


def rules_from(policy: PasswordPolicy, *, refuse_breached: bool = False, minimum_strength: int = 0) -> Rules:
    """A stored or proposed password policy as rules."""
    return Rules(
        minimum_length=policy.minimum_length,
        require_symbols=policy.require_symbols,
        require_numbers=policy.require_numbers,
        require_uppercase=policy.require_uppercase,
        require_lowercase=policy.require_lowercase,
        minimum_classes=0,
        allow_users_to_change=policy.allow_users_to_change,
        max_age=policy.max_age,
        reuse_prevention=policy.reuse_prevention,
        hard_expiry=policy.hard_expiry,
        refuse_breached=refuse_breached,
        minimum_strength=minimum_strength,
    )


def root_rules() -> Rules:
    """The root user's password has rules of its own: the account's password policy does not apply to it."""
    return Rules(minimum_length=12)


def failures(password: str, rules: Rules, about: Sequence[str] = ()) -> list[str]:
    """What is wrong with a password, in AWS's sentences; empty when it may be used. `about` are words that make it easy to guess."""
    found = []
    if len(password) < rules.minimum_length:
        found.append(f"Password should have a minimum length of {rules.minimum_length}")
    found += [
        f"Password should have at least one {what}"
        for what, letters, required in _classes(rules)
        if required and not letters & set(password)
    ]
    present = sum(bool(letters & set(password)) for _, letters, _ in _classes(rules))
    if present < rules.minimum_classes or password.lower() in rules.unlike:
        found.append(DOES_NOT_CONFORM)
    if rules.refuse_breached and breached.contains(password):
        found.append("Password is on the list of passwords known from breaches")
    if rules.minimum_strength and strength(password, about) < rules.minimum_strength:
        found.append("Password is too easy to guess")
    return found


def strength(password: str, about: Sequence[str] = ()) -> int:
    """zxcvbn's score: 0 (guessed at once) to 4."""
    return int(
        zxcvbn(password[:72], user_inputs=[word for word in about if word])["score"]
    )  # longer texts cost seconds and gain nothing


def _classes(rules: Rules) -> list[tuple[str, set[str], bool]]:
    """The classes of characters, in AWS's words, and whether each must be present."""
    return [
        ("uppercase letter", set(string.ascii_uppercase), rules.require_uppercase),
        ("lowercase letter", set(string.ascii_lowercase), rules.require_lowercase),
        ("number", set(string.digits), rules.require_numbers),
        ("symbol", set(SYMBOLS), rules.require_symbols),
    ]


def is_reused(user: User, password: str, rules: Rules) -> bool:
    """Whether it is one of the last passwords that the reuse rule remembers, the present one included."""
    if not rules.reuse_prevention:
        return False
    hashes = PasswordHistory.objects.filter(user=user).order_by("-id").values_list("password_hash", flat=True)
    return any(check_password(password, known) for known in hashes[: rules.reuse_prevention])


def hashed(password: str) -> str:
    """The hash that is stored: Argon2id, with a salt of its own."""
    return make_password(password)


def matches(password: str, stored: str, upgrade: Callable[[str], None] | None = None) -> bool:
    """Whether a password fits a stored hash. Takes the same time when there is no hash. `upgrade` is called when the hash is outdated."""
    if not stored:
        make_password(password)
        return False
    return check_password(password, stored, upgrade)


def generated(rules: Rules) -> str:
    """A new password that every rule admits. It begins with a letter or digit: a spreadsheet takes some signs for a formula's beginning."""
    length = max(20, rules.minimum_length)
    letters = string.ascii_letters + string.digits + SYMBOLS.replace("'", "")
    while True:
        password = "".join(secrets.choice(letters) for _ in range(length))
        everything = all(letters_of & set(password) for _, letters_of, _ in _classes(rules))
        if everything and password[0].isalnum() and not failures(password, rules):
            return password


# --- age ------------------------------------------------------------------------------------------------------------------


def expires_at(profile: LoginProfile, max_age: int | None) -> datetime | None:
    """When a password stops to be accepted, or None when passwords do not expire."""
    return profile.changed_at + timedelta(days=max_age) if max_age else None


def is_expired(profile: LoginProfile, max_age: int | None, now: datetime) -> bool:
    moment = expires_at(profile, max_age)
    return moment is not None and moment <= now


def days_left(profile: LoginProfile, max_age: int | None, now: datetime) -> int | None:
    """Days to the expiry when it is so near that people are told of it; None before that."""
    moment = expires_at(profile, max_age)
    if moment is None or moment - now > WARNING or moment <= now:
        return None
    return (moment - now).days


def must_change(profile: LoginProfile, max_age: int | None, now: datetime) -> bool:
    """Whether the password must be changed before anything else can be done."""
    return profile.reset_required or is_expired(profile, max_age, now)
