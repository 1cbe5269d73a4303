"""AssumeRole: temporary credentials for a role, to whom its trust policy and the caller's own policies allow it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from accounts.mfa import verify_code
from accounts.models import Role, User
from accounts.resolve import keys_of
from engine import Principal
from federation import factor, trust
from federation.errors import InvalidParameterValue
from federation.issuing import Issued, issue
from federation.models import IssuedSession
from federation.session_policies import check_inline, check_managed, check_size, check_tags
from federation.tokens import Session
from operations import record
from operations.caller import ContextValue
from operations.clock import now
from operations.errors import AccessDenied, ValidationError
from operations.gate import Call, Result, Target, operation
from operations.ids import sts_arn

LONGEST_CHAINED = 3600


def decided_within(call: Call) -> Sequence[Target]:
    """The operation authorises itself: the role's trust policy takes part, and the role may belong to another account."""
    return ()


@dataclass(frozen=True)
class Wish:
    """What the caller of AssumeRole asks for, with what an earlier session hands on."""

    tags: Mapping[str, str]
    inherited: Mapping[str, str]
    transitive: tuple[str, ...]
    source_identity: str

    @property
    def all_tags(self) -> dict[str, str]:
        folded = {key.lower() for key in self.inherited}
        return {**{key: value for key, value in self.tags.items() if key.lower() not in folded}, **self.inherited}

    @property
    def actions(self) -> tuple[str, ...]:
        """What the trust policy must allow."""
        actions = ["sts:AssumeRole"]
        if self.tags or self.inherited:
            actions.append("sts:TagSession")
        if self.source_identity:
            actions.append("sts:SetSourceIdentity")
        return tuple(actions)


@operation("sts:AssumeRole", on=decided_within)
def assume_role(
    call: Call,
    *,
    role_arn: str,
    role_session_name: str,
    policy_arns: list[dict[str, Any]] | None = None,
    policy: str | None = None,
    duration_seconds: int | None = None,
    tags: list[dict[str, str]] | None = None,
    transitive_tag_keys: list[str] | None = None,
    external_id: str | None = None,
    serial_number: str | None = None,
    token_code: str | None = None,
    source_identity: str | None = None,
    provided_contexts: list[dict[str, Any]] | None = None,
    minimum_session_token_size: int = 0,
) -> Result:
    """Temporary credentials for a role.

    Raises AccessDenied (also for an unknown role, a wrong or half-given MFA code, the root user), ValidationError (duration, source
    identity, reserved tags), InvalidParameterValue (tags), MalformedPolicyDocument, PackedPolicyTooLarge.
    """
    if call.caller.is_root:
        raise AccessDenied("Roles may not be assumed by root accounts.")
    if provided_contexts:
        raise ValidationError("ProvidedContexts are not accepted: this installation trusts no context provider.")
    wish = wished(call, tags, transitive_tag_keys, source_identity)
    inline = check_inline(policy)
    role, account_id = trust.role_of(role_arn)
    context = assumption_keys(role, role_session_name, external_id, wish)
    if factor.is_given(serial_number, token_code):
        context |= second_factor(call, serial_number or "", token_code or "")
    trust.authorise(call, role, role_arn, account_id, context, *wish.actions)
    assert role is not None  # noqa: S101 - nobody is allowed to assume a role that is not there
    managed = check_managed(account_id, policy_arns)
    packed = check_size(inline, managed, wish.all_tags)
    issued = issue(
        call.caller,
        kind=IssuedSession.ROLE,
        account_id=account_id,
        subject=role.unique_id,
        name=role_session_name,
        seconds=session_length(call, role, duration_seconds),
        at_least=minimum_session_token_size,
        policy=inline,
        policy_arns=managed,
        tags=wish.all_tags,
        transitive=wish.transitive,
        source_identity=wish.source_identity,
    )
    return answer(call, role, issued, packed)


def wished(
    call: Call, tags: list[dict[str, str]] | None, transitive: list[str] | None, source_identity: str | None
) -> Wish:
    """Tags and source identity, with what the caller's own session hands on. Raises ValidationError, InvalidParameterValue."""
    asked = check_tags(tags)
    session: Session | None = call.caller.session_facts.get("session")
    inherited = {
        key: value for key, value in (session.tags if session else {}).items() if session and key in session.transitive
    }
    folded = {key.lower() for key in inherited}
    if any(key.lower() in folded for key in asked):
        raise InvalidParameterValue(
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session."
        )
    present = {tag.lower() for tag in asked} | folded
    if any(key.lower() not in present for key in transitive or []):
        raise InvalidParameterValue("The specified transitive tag key must be included in the requested tags.")
    chosen = {key.lower() for key in transitive or []}
    before = session.source_identity if session else ""
    if before and source_identity and source_identity != before:
        raise ValidationError("The source identity is already set for this assume role session")
    if (source_identity or "").lower().startswith("aws:"):
        raise ValidationError("Source identity must not begin with aws:.")
    lasting = (*inherited, *(key for key in asked if key.lower() in chosen))
    return Wish(asked, inherited, lasting, source_identity or before)


def assumption_keys(role: Role | None, name: str, external_id: str | None, wish: Wish) -> dict[str, ContextValue]:
    """The condition keys of this call (Service Authorization Reference, «AWS STS»)."""
    keys: dict[str, ContextValue] = {"sts:RoleSessionName": name}
    if role is not None:
        keys.update(keys_of(role, "sts:AssumeRole"))
    if external_id:
        keys["sts:ExternalId"] = external_id
    if wish.source_identity:
        keys["sts:SourceIdentity"] = wish.source_identity
    if wish.tags:
        keys.update({f"aws:RequestTag/{key}": value for key, value in wish.tags.items()})
        keys["aws:TagKeys"] = list(wish.tags)
    if wish.transitive:
        keys["sts:TransitiveTagKeys"] = list(wish.transitive)
    return keys


def second_factor(call: Call, serial_number: str, code: str) -> dict[str, ContextValue]:
    """The condition keys of an MFA code that is right. Raises AccessDenied for one that is not."""
    user = User.everyone.filter(pk=call.caller.user_id).first() if call.caller.user_id else None
    if user is None:
        raise AccessDenied(factor.INCOMPLETE)
    verify_code(user, serial_number, code, now())
    return {"aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": "0"}


def session_length(call: Call, role: Role, asked: int | None) -> int:
    """How long the session lasts: what the role allows, and one hour where a role's session assumes the role. Raises ValidationError."""
    seconds = asked or LONGEST_CHAINED
    if seconds > role.max_session_duration:
        raise ValidationError("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    session: Session | None = call.caller.session_facts.get("session")
    if session is not None and session.kind == IssuedSession.ROLE and seconds > LONGEST_CHAINED:
        raise ValidationError(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
        )
    return seconds


def answer(call: Call, role: Role, issued: Issued, packed: int | None) -> Result:
    """AWS's answer; the record learns which session came of the call, in both accounts where there are two."""
    session = issued.session
    user = {
        "AssumedRoleId": f"{role.unique_id}:{session.name}",
        "Arn": sts_arn(role.account_id, f"assumed-role/{role.name}/{session.name}"),
    }
    noted = {
        "assumedRoleUser": {"assumedRoleId": user["AssumedRoleId"], "arn": user["Arn"]},
        "credentials": issued.noted(),
    }
    call.note(**noted)
    if role.account_id != call.account_id:
        record_for_owner(call, role, noted)
    result = {**issued.members(), "AssumedRoleUser": user}
    if packed is not None:
        result["PackedPolicySize"] = packed
    if session.source_identity:
        result["SourceIdentity"] = session.source_identity
    return result


def record_for_owner(call: Call, role: Role, noted: dict[str, Any]) -> None:
    """The role's account learns that it was assumed, and by which principal of which account (CloudTrail User Guide, «userIdentity»)."""
    identity = {
        "type": "AWSAccount",
        "principalId": call.caller.identity.get("principalId"),
        "accountId": call.account_id,
    }
    record.append(
        record.Draft(
            name="AssumeRole",
            caller=replace(
                call.caller,
                account_id=role.account_id,
                principal=Principal.from_arn(call.account_id),
                identity=identity,
                access_key_id=None,
            ),
            source="sts.amazonaws.com",
            read_only=True,
            request={"roleArn": role.arn, "roleSessionName": call.params["role_session_name"]},
            resources=[{"ARN": role.arn, "type": trust.ROLE_TYPE, "accountId": role.account_id}],
            additional=noted,
        )
    )
