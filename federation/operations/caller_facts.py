"""Who calls, whose key it is, and why something was denied (STS API Reference)."""

from collections.abc import Sequence

from accounts import resolve
from accounts.models import AccessKey
from federation import denials
from federation.models import DeletedAccessKey, IssuedSession
from operations.errors import ValidationError
from operations.gate import Call, Result, Target, operation


def nothing(call: Call) -> Sequence[Target]:
    """GetCallerIdentity cannot be denied, so nothing is asked."""
    return ()


@operation("sts:GetCallerIdentity", on=nothing)
def get_caller_identity(call: Call) -> Result:
    """Who the caller is. Needs no permission, and an explicit deny does not stop it."""
    principal = call.caller.principal
    return {
        "UserId": call.caller.identity.get("principalId") or "",
        "Account": principal.account or call.account_id,
        "Arn": call.caller.arn,
    }


@operation("sts:GetAccessKeyInfo", on=resolve.whole_account)
def get_access_key_info(call: Call, *, access_key_id: str) -> Result:
    """The account to which an access key belongs, long-term or temporary. Raises ValidationError for a key that is nobody's."""
    owner = AccessKey.objects.filter(key_id=access_key_id).values_list("user__account_id", flat=True).first()
    for model in (IssuedSession, DeletedAccessKey):
        owner = owner or model.objects.filter(key_id=access_key_id).values_list("account_id", flat=True).first()
    if owner is None:
        raise ValidationError(f"Invalid AccessKeyId: {access_key_id}")
    return {"Account": owner}


@operation("sts:DecodeAuthorizationMessage", on=resolve.whole_account)
def decode_authorization_message(call: Call, *, encoded_message: str) -> Result:
    """The decision that an encoded message of this account holds. Raises InvalidAuthorizationMessageException."""
    return {"DecodedMessage": denials.decode(encoded_message, call.account_id)}
