"""Login profiles: the console passwords that administrators give (IAM API Reference; IAM User Guide, «Manage passwords for IAM users»)."""

from typing import Any

from accounts import resolve
from accounts.models import LoginProfile, PasswordLink, User
from accounts.notices import tell
from accounts.operations.password_setting import refuse_weak_password, set_password
from accounts.sessions import end_sessions
from operations.errors import EntityAlreadyExists, NoSuchEntity, ValidationError
from operations.gate import Call, Result, operation


@operation("iam:CreateLoginProfile", on=resolve.user_or_self)
def create_login_profile(
    call: Call, *, user_name: str | None = None, password: str | None = None, password_reset_required: bool = False
) -> Result:
    """Give a user a console password. Raises NoSuchEntity, EntityAlreadyExists, PasswordPolicyViolation."""
    user = resolve.require_user(call)
    refuse_second_profile(user)
    if password is None:
        raise ValidationError(
            "1 validation error detected: Value at 'password' failed to satisfy constraint: Member must not be null"
        )
    refuse_weak_password(user, password)
    profile = LoginProfile(user=user)
    set_password(profile, password, reset_required=password_reset_required)
    call.changed(after=state(profile))
    return {"LoginProfile": described(profile)}


@operation("iam:GetLoginProfile", on=resolve.user_or_self)
def get_login_profile(call: Call, *, user_name: str | None = None) -> Result:
    """Whether a user has a console password, and since when. Raises NoSuchEntity."""
    return {"LoginProfile": described(require_profile(call))}


@operation("iam:UpdateLoginProfile", on=resolve.user)
def update_login_profile(
    call: Call, *, user_name: str, password: str | None = None, password_reset_required: bool | None = None
) -> Result:
    """Set a user's password anew or ask for a change at the next sign-in. Raises NoSuchEntity, PasswordPolicyViolation."""
    profile = require_profile(call)
    before = state(profile)
    required = profile.reset_required if password_reset_required is None else password_reset_required
    if password is not None:
        refuse_weak_password(profile.user, password)
        set_password(profile, password, reset_required=required)
    else:
        profile.reset_required = required
        profile.save(update_fields=["reset_required"])
    call.changed(before=before, after=state(profile))
    return {}


@operation("iam:DeleteLoginProfile", on=resolve.user_or_self)
def delete_login_profile(call: Call, *, user_name: str | None = None) -> Result:
    """Take the console password away; the user's sessions end. Raises NoSuchEntity."""
    profile = require_profile(call)
    call.changed(before=state(profile))
    user = profile.user
    profile.delete()
    PasswordLink.objects.filter(user=user, used_at=None).delete()
    User.everyone.filter(pk=user.pk).update(console_access=False, password_changed_at=None)
    end_sessions(user)
    tell(user, "password_removed")
    return {}


def refuse_second_profile(user: User) -> None:
    if LoginProfile.objects.filter(user=user).exists():
        raise EntityAlreadyExists(f"Login Profile for user {user.name} already exists.")


def require_profile(call: Call) -> LoginProfile:
    """The login profile of the call's user. Raises NoSuchEntity."""
    user = resolve.require_user(call)
    profile = LoginProfile.objects.filter(user=user).first()
    if profile is None:
        raise NoSuchEntity(f"Login Profile for User {user.name} cannot be found.")
    profile.user = user
    return profile


def described(profile: LoginProfile) -> dict[str, Any]:
    shown = {"CreateDate": profile.created_at, "PasswordResetRequired": profile.reset_required}
    return shown if profile.user.is_root else {"UserName": profile.user.name, **shown}


def state(profile: LoginProfile) -> dict[str, Any]:
    """A login profile as the record keeps it: that there is a password, never which."""
    return {
        "arn": profile.user.arn,
        "passwordSet": bool(profile.password_hash),
        "passwordResetRequired": profile.reset_required,
        "passwordChangedAt": profile.changed_at.isoformat(),
    }
