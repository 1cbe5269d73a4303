"""Account properties: the account's own settings as AWS's `Namespace/PropertyName` pairs (IAM API Reference: PutAccountProperties)."""

from typing import Any

from accounts import resolve
from accounts.models import Account
from operations.errors import InvalidInput
from operations.gate import Call, Result, operation

MOST_IDLE_MINUTES = 720


def _boolean(key: str, value: str) -> bool:
    if value not in {"true", "false"}:
        raise InvalidInput(f"The property {key} must be true or false.")
    return value == "true"


def _minutes(key: str, value: str) -> int:
    if not (value.isascii() and value.isdecimal() and len(value) <= 3 and 1 <= int(value) <= MOST_IDLE_MINUTES):
        raise InvalidInput(f"The property {key} must be a whole number from 1 to {MOST_IDLE_MINUTES}.")
    return int(value)


PROPERTIES = {
    "SignIn/RequireMFA": ("require_mfa", _boolean),
    "SignIn/SessionIdleMinutes": ("session_idle_minutes", _minutes),
}


@operation("iam:GetAccountProperties", on=resolve.whole_account)
def get_account_properties(call: Call) -> Result:
    """The account's properties."""
    return {"Properties": shown(Account.objects.get(pk=call.account_id))}


@operation("iam:PutAccountProperties", on=resolve.whole_account)
def put_account_properties(call: Call, *, properties: dict[str, str]) -> Result:
    """Set properties of one namespace; what is not named stays. Raises InvalidInput."""
    if not properties:
        raise InvalidInput("At least one property must be given.")
    if len({key.partition("/")[0] for key in properties}) > 1:
        raise InvalidInput("All properties must belong to the same namespace.")
    account = Account.objects.get(pk=call.account_id)
    before = shown(account)
    for key, value in properties.items():
        if key not in PROPERTIES:
            raise InvalidInput(f"The property {key} does not exist.")
        column, read = PROPERTIES[key]
        setattr(account, column, read(key, value))
    account.save(update_fields=[column for column, _ in PROPERTIES.values()])
    call.changed(before=before, after=shown(account))
    return {}


def shown(account: Account) -> dict[str, Any]:
    """The properties as the answer has them: every value is a text."""
    values = {key: getattr(account, column) for key, (column, _) in PROPERTIES.items()}
    return {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in values.items()}
