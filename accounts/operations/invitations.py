"""Invitations: the user chooses the password, and nobody else ever sees one. Operations of our own beside CreateLoginProfile."""

from django.conf import settings

from accounts import resolve
from accounts.models import LoginProfile, User
from accounts.notices import tell
from accounts.operations.login_profiles import refuse_second_profile, require_profile, state
from accounts.password_links import INVITATION_LIFETIME, RESET_LIFETIME, NewLink, new_link
from operations.clock import now
from operations.gate import Call, Result, operation


@operation("iam:InviteUser", on=resolve.user, permission="iam:CreateLoginProfile")
def invite_user(call: Call, *, user_name: str) -> Result:
    """Give a user console access with a password to be chosen on a link, which is in this answer alone.

    Raises NoSuchEntity, EntityAlreadyExists.
    """
    user = resolve.require_user(call)
    refuse_second_profile(user)
    moment = now()
    profile = LoginProfile.objects.create(user=user, created_at=moment, changed_at=moment)
    User.everyone.filter(pk=user.pk).update(console_access=True, password_changed_at=None)
    call.changed(after=state(profile))
    return _answer(user, new_link(user, INVITATION_LIFETIME))


@operation("iam:CreatePasswordLink", on=resolve.user, permission="iam:UpdateLoginProfile")
def create_password_link(call: Call, *, user_name: str) -> Result:
    """A new link for a user who has console access: to repeat an invitation or to replace a forgotten password. Raises NoSuchEntity."""
    profile = require_profile(call)
    call.changed(after=state(profile))
    return _answer(profile.user, new_link(profile.user, RESET_LIFETIME))


def _answer(user: User, link: NewLink) -> Result:
    address = f"{settings.BASE_URL}{link.path}"
    if not str(settings.EMAIL_BACKEND).endswith("console.EmailBackend"):  # which would write the link to the log
        tell(user, "invitation", link=address, expires=link.row.expires_at)
    return {"PasswordLink": address, "ExpirationDate": link.row.expires_at}
