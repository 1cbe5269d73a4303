"""Changing one's own password (IAM API Reference, ChangePassword), and the root user's."""

from datetime import timedelta

from accounts import passwords, resolve
from accounts.models import LoginProfile, User
from accounts.operations.login_profiles import state
from accounts.operations.password_setting import refuse_weak_password, set_password
from operations.clock import now
from operations.errors import AccessDenied, InvalidUserType, NoSuchEntity, PasswordPolicyViolation, ServiceError
from operations.gate import Call, Result, Target, operation
from operations.models import Event

OLD_IS_WRONG = "The old password was incorrect."
MOST_TRIES, TRIES_WITHIN = 10, timedelta(minutes=15)


def caller_itself(call: Call) -> Target:
    """The IAM user who calls. Raises InvalidUserType for the root user, roles and temporary credentials of programs."""
    caller = call.caller
    temporary = caller.door == "api" and not (caller.access_key_id or "").startswith("AKIA")
    if caller.user_id is None or caller.is_root or temporary:
        raise InvalidUserType("Only IAM Users can change their own password.")
    return resolve.user_or_self(call)


@operation("iam:ChangePassword", on=caller_itself)
def change_password(call: Call, *, old_password: str, new_password: str) -> Result:
    """Change the caller's own password. Raises NoSuchEntity, AccessDenied (old password), PasswordPolicyViolation, InvalidUserType."""
    return _change(call, old_password, new_password)


def root_user(call: Call) -> Target:
    """The account's root user."""
    return resolve.user_target(
        call.account_id, "", User.everyone.filter(account_id=call.account_id, is_root=True).first()
    )


@operation("iam:ChangeRootPassword", on=root_user)
def change_root_password(call: Call, *, old_password: str, new_password: str) -> Result:
    """Change the root user's password; the account's password policy does not apply to it.

    Raises InvalidUserType for anybody but the root user, and as ChangePassword.
    """
    if not call.caller.is_root:
        raise InvalidUserType("Only the root user can change the root user's password.")
    return _change(call, old_password, new_password)


def _change(call: Call, old: str, new: str) -> Result:
    user: User = call.entity
    _refuse_many_tries(call)
    profile = LoginProfile.objects.filter(user=user).first()
    if profile is None:
        raise NoSuchEntity(f"Login Profile for User {user.name} cannot be found.")
    if not passwords.matches(old, profile.password_hash):
        raise AccessDenied(OLD_IS_WRONG)
    profile.user = user
    before = state(profile)
    rules = passwords.rules_of(user.account)
    if old == new and (user.is_root or passwords.must_change(profile, rules.max_age, now())):
        raise PasswordPolicyViolation("The new password must differ from the old one.")
    refuse_weak_password(user, new)
    set_password(profile, new, reset_required=False, keep_session=str(call.caller.session_facts.get("session_id", "")))
    call.changed(before=before, after=state(profile))
    return {}


def _refuse_many_tries(call: Call) -> None:
    """Whoever holds a session or a key of the user cannot try old passwords without end: the record itself is the count."""
    since = now() - TRIES_WITHIN
    failed = Event.objects.filter(
        account_id=call.account_id,
        principal_arn=call.caller.arn,
        name=call.operation.name,
        time__gt=since,
        record__contains=OLD_IS_WRONG,
    )
    if len(failed.order_by("-time", "-id").values_list("id")[:MOST_TRIES]) >= MOST_TRIES:
        raise ServiceError("Rate exceeded", code="Throttling", status=400)
