"""Links on which people choose a password: invitations, and the root user's first set-up. Single use, expiring, stored under their hash."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.urls import reverse

from accounts.models import LoginProfile, PasswordLink, User
from accounts.operations.login_profiles import state
from accounts.operations.password_setting import refuse_weak_password, set_password
from accounts.signin_events import Place, caller_of
from operations import record
from operations.clock import now
from operations.errors import EntityAlreadyExists, NoSuchEntity
from operations.secrets import digest

SETUP_LIFETIME = timedelta(hours=24)
INVITATION_LIFETIME = timedelta(days=7)
RESET_LIFETIME = timedelta(hours=24)
GONE = "This link is not valid any more: it was used, replaced or has expired."


@dataclass(frozen=True)
class NewLink:
    """A link just made. Its path holds the token, which is nowhere else."""

    path: str
    row: PasswordLink


def new_link(user: User, lifetime: timedelta) -> NewLink:
    """Make a link for a user; earlier ones that were not used stop working."""
    token, moment = secrets.token_urlsafe(32), now()
    PasswordLink.objects.filter(user=user, used_at=None).delete()
    row = PasswordLink.objects.create(
        user=user, token_digest=digest(f"password-link:{token}"), created_at=moment, expires_at=moment + lifetime
    )
    return NewLink(reverse("accounts:set-password", args=[token]), row)


def find(token: str) -> PasswordLink | None:
    """The open link of a token."""
    links = PasswordLink.objects.select_related("user__account")
    return links.filter(token_digest=digest(f"password-link:{token}"), used_at=None, expires_at__gt=now()).first()


def _take_email(root: User, email: str) -> None:
    """The root user signs in with it, so no other account's root user may have it. Raises EntityAlreadyExists."""
    if User.everyone.filter(is_root=True, email__iexact=email).exclude(pk=root.pk).exists():
        raise EntityAlreadyExists("This email address belongs to the root user of another account.")
    root.email = email
    root.save(update_fields=["email"])


def redeem(token: str, password: str, place: Place, *, email: str | None = None) -> User:
    """Set the password that the owner of a link has chosen, and use the link up.

    `email` is taken for the root user only. Raises NoSuchEntity for a link that is not open, PasswordPolicyViolation,
    EntityAlreadyExists (email address).
    """
    link = find(token)
    if link is None:
        raise NoSuchEntity(GONE)
    with transaction.atomic():
        record.lock(link.user.account_id)
        if not PasswordLink.objects.filter(pk=link.pk, used_at=None).update(used_at=now()):
            raise NoSuchEntity(GONE)
        user = User.everyone.select_related("account").get(pk=link.user_id)
        mail_before = {"email": user.email} if user.is_root else {}
        if user.is_root and email:
            _take_email(user, email.strip().lower())
        refuse_weak_password(user, password)
        profile = LoginProfile.objects.filter(user=user).first() or LoginProfile(user=user)
        profile.user = user
        before = state(profile)
        set_password(profile, password, reset_required=False)
        record.append(
            record.Draft(
                name="PasswordUpdated",
                caller=caller_of(user, place),
                source="signin.amazonaws.com",
                response={"PasswordUpdated": "Success"},
                event_type="AwsConsoleSignIn",
                before=before | mail_before,
                after=state(profile) | ({"email": user.email} if user.is_root else {}),
                additional={"by": "setup link" if user.is_root else "invitation link"},
            ),
            changed=True,
        )
    return user
