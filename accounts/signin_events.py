"""The record of signing in: CloudTrail's ConsoleLogin and CheckMfa events (AWS CloudTrail, «AWS Management Console sign-in events»)."""

from collections.abc import Mapping
from typing import Any, Protocol

from accounts.models import Account, MfaDevice, User
from engine import Principal
from operations import record
from operations.caller import Caller

HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
FAILED = "Failed authentication"
NO_SUCH_USER = "No username found in supplied account"
NOWHERE = "000000000000"  # the account under which attempts on accounts that do not exist are recorded
SOURCE, SIGN_IN = "signin.amazonaws.com", "AwsConsoleSignIn"


class Place(Protocol):
    """Where a browser is: what the record says about it."""

    @property
    def source_ip(self) -> str: ...
    @property
    def user_agent(self) -> str: ...
    @property
    def request_id(self) -> str: ...


def caller_of(user: User, place: Place) -> Caller:
    """Somebody who says to be this user, for the record alone: such a Caller has no policies and no MFA."""
    identity: dict[str, Any] = {
        "type": "Root" if user.is_root else "IAMUser",
        "principalId": user.unique_id,
        "arn": user.arn,
        "accountId": user.account_id,
    }
    if not user.is_root:
        identity["userName"] = user.name
    return Caller(
        account_id=user.account_id,
        principal=Principal.from_arn(user.arn, user_id=user.unique_id),
        identity=identity,
        user_id=user.pk,
        user_name=None if user.is_root else user.name,
        source_ip=place.source_ip,
        user_agent=place.user_agent,
        request_id=place.request_id,
    )


def _visitor(account: Account | None, place: Place, *, root: bool) -> Caller:
    """An attempt under a name that does not exist: the name is hidden, as it may be a password typed into the wrong field."""
    number = account.pk if account else NOWHERE
    return Caller(
        account_id=number,
        principal=Principal.from_arn(None),
        identity={"type": "Root" if root else "IAMUser", "accountId": number, "userName": HIDDEN},
        source_ip=place.source_ip,
        user_agent=place.user_agent,
        request_id=place.request_id,
    )


def signed_in(user: User, place: Place, device: MfaDevice | None, *, factor: str, login_to: str) -> None:
    """A sign-in that succeeded. `factor` says what the second factor was; empty for none."""
    _login(caller_of(user, place), {"ConsoleLogin": "Success"}, _details(factor, device, login_to))


def failed(user: User, place: Place, message: str = FAILED, *, factor: str = "", wait: int = 0) -> None:
    """A sign-in of an existing user that failed: wrong password, wrong factor, or a password that expired for good."""
    details = _details(factor, None, "") | ({"NextAttemptInSeconds": wait} if wait else {})
    _login(caller_of(user, place), {"ConsoleLogin": "Failure"}, details, message)


def unknown(account: Account | None, place: Place, *, root: bool = False) -> None:
    """A sign-in under a user name or in an account that does not exist."""
    _login(_visitor(account, place, root=root), {"ConsoleLogin": "Failure"}, _details("", None, ""), NO_SUCH_USER)


def checked_mfa(user: User, place: Place, kind: str, *, success: bool) -> None:
    """A second factor that was asked for and given."""
    _append(
        "CheckMfa",
        caller_of(user, place),
        {"CheckMfa": "Success" if success else "Failure"},
        {"MfaType": kind},
        "" if success else FAILED,
    )


def confirmed(user: User, place: Place, *, success: bool) -> None:
    """Somebody signed in was asked for the password again, before a sensitive action."""
    response = {"CheckPassword": "Success" if success else "Failure"}
    _append("CheckPassword", caller_of(user, place), response, {}, "" if success else FAILED)


def _details(factor: str, device: MfaDevice | None, login_to: str) -> dict[str, Any]:
    details: dict[str, Any] = {"MobileVersion": "No", "MFAUsed": "Yes" if factor else "No"}
    if device is not None:
        details["MFAIdentifier"] = device.serial_number
    elif factor:
        details["MFAIdentifier"] = factor
    return details | ({"LoginTo": login_to} if login_to else {})


def _login(caller: Caller, response: Mapping[str, Any], details: Mapping[str, Any], message: str = "") -> None:
    _append("ConsoleLogin", caller, response, details, message)


def _append(name: str, caller: Caller, response: Mapping[str, Any], details: Mapping[str, Any], message: str) -> None:
    record.append(
        record.Draft(
            name=name,
            caller=caller,
            source=SOURCE,
            response=response,
            additional=details,
            error_message=message,
            event_type=SIGN_IN,
        )
    )
