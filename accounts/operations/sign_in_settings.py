"""What an account demands at sign-in, and where a user's notices go. Operations of our own."""

from django.core.exceptions import ValidationError as BadEmail
from django.core.validators import validate_email

from accounts import resolve
from accounts.models import Account, User
from accounts.notices import tell
from operations.errors import InvalidInput
from operations.gate import Call, Result, operation


@operation("iam:UpdateAccountSignInSettings", on=resolve.whole_account)
def update_account_sign_in_settings(call: Call, *, require_mfa: bool, session_idle_minutes: int) -> Result:
    """Demand MFA of everybody, and set after how many idle minutes a console session ends."""
    account = Account.objects.get(pk=call.account_id)
    before = _state(account)
    account.require_mfa, account.session_idle_minutes = require_mfa, session_idle_minutes
    account.save(update_fields=["require_mfa", "session_idle_minutes"])
    call.changed(before=before, after=_state(account))
    return {}


@operation("iam:UpdateUserEmail", on=resolve.user)
def update_user_email(call: Call, *, user_name: str, email: str = "") -> Result:
    """Set or clear the address to which a user's notices and links go; the old address is told. Raises NoSuchEntity, InvalidInput."""
    user = resolve.require_user(call)
    wanted = email.strip()
    if wanted:
        try:
            validate_email(wanted)
        except BadEmail:
            raise InvalidInput(f"{wanted} is not an email address.") from None
    before = user.email
    User.everyone.filter(pk=user.pk).update(email=wanted)
    call.changed(before={"arn": user.arn, "email": before}, after={"arn": user.arn, "email": wanted})
    if before and before != wanted:
        tell(user, "email_changed", email=before)
    return {}


def _state(account: Account) -> dict[str, bool | int]:
    return {"requireMfa": account.require_mfa, "sessionIdleMinutes": account.session_idle_minutes}
