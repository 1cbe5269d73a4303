"""Setting a password: the rules are checked, the hash and its history are stored, and what else hangs on it is moved.

The operations that set passwords share this; it must run within their transaction.
"""

from accounts import passwords
from accounts.models import LoginProfile, PasswordHistory, PasswordLink, User
from accounts.notices import tell
from accounts.sessions import end_sessions
from operations.clock import now
from operations.errors import PasswordPolicyViolation


def refuse_weak_password(user: User, password: str) -> None:
    """Raises PasswordPolicyViolation in AWS's words; its details list every failure."""
    rules = passwords.root_rules() if user.is_root else passwords.rules_of(user.account)
    about = [user.account_id, user.account.alias or "", user.email] + ([] if user.is_root else [user.name])
    found = passwords.failures(password, rules, about)
    if not found and passwords.is_reused(user, password, rules):
        found = [passwords.REUSED]
    if found:
        raise PasswordPolicyViolation(found[0], failures=found)


def set_password(profile: LoginProfile, password: str, *, reset_required: bool, keep_session: str = "") -> None:
    """Store a checked password, remember it, end the user's other sessions and tell the owner."""
    user, moment = profile.user, now()
    profile.password_hash = passwords.hashed(password)
    profile.reset_required = reset_required
    profile.changed_at = moment
    profile.save()
    PasswordHistory.objects.create(user=user, password_hash=profile.password_hash, created_at=moment)
    remembered = PasswordHistory.objects.filter(user=user).order_by("-id").values_list("pk", flat=True)
    PasswordHistory.objects.filter(
        pk__in=list(remembered[passwords.MOST_REMEMBERED : passwords.MOST_REMEMBERED + 100])
    ).delete()
    PasswordLink.objects.filter(user=user, used_at=None).delete()
    User.everyone.filter(pk=user.pk).update(console_access=True, password_changed_at=moment)
    end_sessions(user, except_id=keep_session)
    tell(user, "password_changed")
