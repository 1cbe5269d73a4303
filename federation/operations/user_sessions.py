"""GetSessionToken and GetFederationToken: temporary credentials of a user, as itself or for somebody it vouches for."""

from collections.abc import Sequence
from typing import Any

from accounts.mfa import verify_code
from accounts.models import User
from federation import factor
from federation.issuing import issue
from federation.models import IssuedSession
from federation.session_policies import check_inline, check_managed, check_size, check_tags
from operations.clock import now
from operations.errors import AccessDenied
from operations.gate import Call, Result, Target, operation
from operations.ids import sts_arn

DEFAULT_SECONDS = 43_200
ROOT_SECONDS = 3600


def long_term_user(call: Call) -> Sequence[Target]:
    """These calls are a user's own, made with its long-term keys. Raises AccessDenied for temporary credentials, in AWS's words."""
    if call.caller.session_facts.get("session") is not None or call.caller.user_id is None:
        raise AccessDenied(f"Cannot call {call.operation.name} with session credentials")
    return ()


def federated_target(call: Call) -> Target:
    """The federated user that the call would make."""
    long_term_user(call)
    return Target(sts_arn(call.account_id, f"federated-user/{call.params['name']}"))


def caller_user(call: Call) -> User:
    """The row of the calling user. Raises AccessDenied when it is gone meanwhile."""
    user = User.everyone.filter(pk=call.caller.user_id or 0).first()
    if user is None:
        raise AccessDenied(f"Cannot call {call.operation.name} with session credentials")
    return user


def session_length(user: User, asked: int | None) -> int:
    """Up to 36 hours as asked, 12 hours by default, one hour for the root user."""
    return min(asked or ROOT_SECONDS, ROOT_SECONDS) if user.is_root else asked or DEFAULT_SECONDS


@operation("sts:GetSessionToken", on=long_term_user)
def get_session_token(
    call: Call,
    *,
    duration_seconds: int | None = None,
    serial_number: str | None = None,
    token_code: str | None = None,
    minimum_session_token_size: int = 0,
) -> Result:
    """Temporary credentials of the calling user, with the mark of a second factor when a code is given.

    Needs no permission. Raises AccessDenied for a wrong or half-given code and for temporary credentials.
    """
    user = caller_user(call)
    mfa_at = None
    if factor.is_given(serial_number, token_code):
        verify_code(user, serial_number or "", token_code or "", now())
        mfa_at = int(now().timestamp())
    issued = issue(
        call.caller,
        kind=IssuedSession.USER,
        account_id=call.account_id,
        subject=user.unique_id,
        name="",
        seconds=session_length(user, duration_seconds),
        at_least=minimum_session_token_size,
        mfa_at=mfa_at,
    )
    call.note(credentials=issued.noted())
    return issued.members()


@operation("sts:GetFederationToken", on=federated_target)
def get_federation_token(
    call: Call,
    *,
    name: str,
    policy: str | None = None,
    policy_arns: list[dict[str, Any]] | None = None,
    duration_seconds: int | None = None,
    tags: list[dict[str, str]] | None = None,
    minimum_session_token_size: int = 0,
) -> Result:
    """Temporary credentials for a federated user: what the calling user may and the session policies allow.

    Raises AccessDenied, MalformedPolicyDocument, PackedPolicyTooLarge, ValidationError (reserved tags), InvalidParameterValue (tags).
    """
    user = caller_user(call)
    given = check_tags(tags)
    if given:
        call.authorise("sts:TagSession", call.targets[0])
    inline, managed = check_inline(policy), check_managed(call.account_id, policy_arns)
    packed = check_size(inline, managed, given)
    issued = issue(
        call.caller,
        kind=IssuedSession.FEDERATED,
        account_id=call.account_id,
        subject=user.unique_id,
        name=name,
        seconds=session_length(user, duration_seconds),
        at_least=minimum_session_token_size,
        policy=inline,
        policy_arns=managed,
        tags=given,
    )
    shown = {"FederatedUserId": f"{call.account_id}:{name}", "Arn": call.targets[0].arn}
    call.note(
        credentials=issued.noted(), federatedUser={"federatedUserId": shown["FederatedUserId"], "arn": shown["Arn"]}
    )
    # AWS tells the size of nothing here, though AssumeRole leaves it out.
    return {**issued.members(), "FederatedUser": shown, "PackedPolicySize": packed or 0}
