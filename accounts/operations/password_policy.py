"""The account's password policy (IAM API Reference), and the account's own checks beside it."""

from typing import Any

from accounts import breached, resolve
from accounts.models import PasswordChecks, PasswordPolicy
from operations.errors import InvalidInput, NoSuchEntity
from operations.gate import Call, Result, operation

# AWS's members, the columns that hold them and the value of an omitted one.
FIELDS: dict[str, tuple[str, Any]] = {
    "MinimumPasswordLength": ("minimum_length", 6),
    "RequireSymbols": ("require_symbols", False),
    "RequireNumbers": ("require_numbers", False),
    "RequireUppercaseCharacters": ("require_uppercase", False),
    "RequireLowercaseCharacters": ("require_lowercase", False),
    "AllowUsersToChangePassword": ("allow_users_to_change", False),
    "MaxPasswordAge": ("max_age", None),
    "PasswordReusePrevention": ("reuse_prevention", None),
    "HardExpiry": ("hard_expiry", False),
}


@operation("iam:UpdateAccountPasswordPolicy", on=resolve.whole_account)
def update_account_password_policy(
    call: Call,
    *,
    minimum_password_length: int = 6,
    require_symbols: bool = False,
    require_numbers: bool = False,
    require_uppercase_characters: bool = False,
    require_lowercase_characters: bool = False,
    allow_users_to_change_password: bool = False,
    max_password_age: int | None = None,
    password_reuse_prevention: int | None = None,
    hard_expiry: bool = False,
) -> Result:
    """Replace the whole policy: a member that is not given falls back to AWS's default, there are no partial updates."""
    before = PasswordPolicy.objects.filter(account_id=call.account_id).first()
    policy, _ = PasswordPolicy.objects.update_or_create(
        account_id=call.account_id,
        defaults={
            "minimum_length": minimum_password_length,
            "require_symbols": require_symbols,
            "require_numbers": require_numbers,
            "require_uppercase": require_uppercase_characters,
            "require_lowercase": require_lowercase_characters,
            "allow_users_to_change": allow_users_to_change_password,
            "max_age": max_password_age,
            "reuse_prevention": password_reuse_prevention,
            "hard_expiry": hard_expiry,
        },
    )
    call.changed(before=state(before) if before else None, after=state(policy))
    return {}


@operation("iam:GetAccountPasswordPolicy", on=resolve.whole_account)
def get_account_password_policy(call: Call) -> Result:
    """The policy that was set. Raises NoSuchEntity while AWS's default policy is in force."""
    return {"PasswordPolicy": described(_require(call))}


@operation("iam:DeleteAccountPasswordPolicy", on=resolve.whole_account)
def delete_account_password_policy(call: Call) -> Result:
    """Return to AWS's default policy. Raises NoSuchEntity when it is in force already."""
    policy = PasswordPolicy.objects.filter(account_id=call.account_id).first()
    if policy is None:
        raise NoSuchEntity("The account policy with name PasswordPolicy cannot be found.")
    call.changed(before=state(policy))
    policy.delete()
    return {}


@operation("iam:UpdateAccountPasswordChecks", on=resolve.whole_account, permission="iam:UpdateAccountPasswordPolicy")
def update_account_password_checks(call: Call, *, refuse_breached: bool = False, minimum_strength: int = 0) -> Result:
    """Set the account's own checks: no password known from breaches, none below a strength. Raises InvalidInput without a list."""
    if refuse_breached and not breached.list_is_installed():
        raise InvalidInput("No list of breached passwords is installed (BREACHED_PASSWORDS_FILE).")
    before = PasswordChecks.objects.filter(account_id=call.account_id).first() or PasswordChecks()
    wanted = {"refuse_breached": refuse_breached, "minimum_strength": minimum_strength}
    PasswordChecks.objects.update_or_create(account_id=call.account_id, defaults=wanted)
    call.changed(
        before={"refuseBreached": before.refuse_breached, "minimumStrength": before.minimum_strength},
        after={"refuseBreached": refuse_breached, "minimumStrength": minimum_strength},
    )
    return {}


def _require(call: Call) -> PasswordPolicy:
    policy = PasswordPolicy.objects.filter(account_id=call.account_id).first()
    if policy is None:
        raise NoSuchEntity(f"The Password Policy with domain name {call.account_id} cannot be found.")
    return policy


def described(policy: PasswordPolicy) -> dict[str, Any]:
    """The policy with AWS's members; those that are not set are absent."""
    shown = {
        member: getattr(policy, column) for member, (column, _) in FIELDS.items() if getattr(policy, column) is not None
    }
    return shown | {"ExpirePasswords": policy.max_age is not None}


def state(policy: PasswordPolicy) -> dict[str, Any]:
    return {member[:1].lower() + member[1:]: value for member, value in described(policy).items()}
