"""Trying a trust policy with the claims of a token: what AWS STS looks at before the policy, and what the engine says of the policy."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Role
from accounts.resolve import resource_tags
from accounts.trust_documents import WELL_KNOWN
from engine import Policies, Principal, Request, evaluate
from engine.oidc_trust import issuer_of
from engine.trace import Trace
from engine.web_identity import Derived, audiences, context_keys
from federation import trust
from federation.models import OidcProvider
from operations import clock
from operations.caller import Caller, ContextValue
from operations.gate import authorise_reads
from operations.ids import iam_arn
from pages.explanation import Explanation, explain

ACTION = "sts:AssumeRoleWithWebIdentity"
SIMULATE = "iam:SimulateCustomPolicy"
GET_PROVIDER = "iam:GetOpenIDConnectProvider"
REQUIRED = ("iss", "sub", "aud", "exp", "iat")
LAST_MOMENT = 253_402_300_799  # seconds: the end of the year 9999


@dataclass(frozen=True)
class Check:
    """Something that AWS STS looks at before the policy: what, whether it is right (a status), and what was found."""

    label: str
    status: str
    word: str
    note: str = ""


@dataclass(frozen=True)
class ShownKey:
    """A condition key of the call, its values, and the claim that it comes from."""

    key: str
    values: Sequence[str]
    claim: str


@dataclass(frozen=True)
class Trial:
    """The whole answer."""

    provider: str
    checks: Sequence[Check]
    keys: Sequence[ShownKey]
    unused: Sequence[str]
    explanations: Sequence[Explanation]

    @property
    def outcome(self) -> str:
        """What the trust policy says, all that is asked of it together."""
        outcomes = [each.outcome for each in self.explanations]
        return next((each for each in ("explicitDeny", "implicitDeny") if each in outcomes), "allowed")

    @property
    def is_refused_before(self) -> bool:
        """Whether AWS STS would not come to the policy."""
        return any(each.status == "explicitDeny" for each in self.checks)


def providers(role: Role) -> list[str]:
    """The web identity providers that a trust policy names, in its order."""
    found: dict[str, None] = {}
    for statement in trust.policy_of(role).policy.statements:
        for named in filter(None, (statement.principal, statement.not_principal)):
            found |= dict.fromkeys(each for each in named.federated if _is_provider(each))
    return list(found)


def _is_provider(name: str) -> bool:
    """Whether it vouches for web identities; an imported trust policy may name anything."""
    try:
        return name in WELL_KNOWN or (bool(issuer_of(name)) and Principal.from_arn(name).kind == "federated")
    except ValueError:
        return False


def provider_of(role: Role, claims: Mapping[str, Any]) -> str:
    """The provider that issued a token: one that AWS knows by name, or the account's for that address; empty where no issuer stands."""
    issuer = _without_scheme(claims.get("iss"))
    named = [each for each in providers(role) if (issuer_of(each) or each).lower() == issuer.lower()]
    if named or not issuer:
        return named[0] if named else ""
    return issuer if issuer in WELL_KNOWN else iam_arn(role.account_id, f"oidc-provider/{issuer}")


def try_out(caller: Caller, role: Role, provider: str, claims: Mapping[str, Any], session_name: str) -> Trial:
    """What would become of a call with these claims. Authorised and recorded as SimulateCustomPolicy, and as reading the provider where
    the caller may. Two queries. Raises AccessDenied."""
    issuer = issuer_of(provider) or provider
    derived = context_keys(issuer, claims)
    moment = clock.now()
    context: dict[str, ContextValue] = {
        "aws:CurrentTime": clock.text(moment),
        "aws:EpochTime": str(int(moment.timestamp())),
        "aws:SecureTransport": "true",
        "sts:RoleSessionName": session_name,
        **resource_tags(role),
        **derived.keys,
    }
    policies = Policies(resource=trust.policy_of(role))
    principal = Principal.from_arn(provider)
    found = []
    for action in (ACTION, *derived.actions):
        request = Request(principal, action, role.arn, context, resource_account=role.account_id)
        found.append(explain(Trace(evaluate(request, policies, trace=True).explanation).as_dict()))
    keys = [
        ShownKey(key, [value] if isinstance(value, str) else list(value), derived.claims[key])
        for key, value in derived.keys.items()
    ]
    audience = _audience(caller, role, provider, claims)
    return Trial(provider, [*_checks(provider, claims, derived), audience], keys, derived.unused, found)


def _checks(provider: str, claims: Mapping[str, Any], derived: Derived) -> Iterator[Check]:
    right, wrong, unknown = ("allowed", _("Right")), ("explicitDeny", _("Wrong")), ("neutral", _("Not checked"))
    yield Check(
        _("Signature"),
        *unknown,
        _("This page reads the claims and verifies nothing. AWS STS refuses a token that its provider has not signed."),
    )
    missing = [each for each in REQUIRED if each not in claims]
    if provider in WELL_KNOWN and provider not in ("accounts.google.com", "cognito-identity.amazonaws.com"):
        missing = []  # their tokens are no JWTs
    if missing:
        yield Check(_("Claims"), *wrong, _("Missing: %(claims)s") % {"claims": ", ".join(missing)})
    else:
        yield Check(_("Claims"), *right, _("All that AWS STS asks for are there."))
    for claim in derived.wrong:
        yield Check(
            _("Session tags and source identity"),
            *wrong,
            _("The claim %(claim)s is not as AWS STS wants it.") % {"claim": claim},
        )
    if "iss" in claims:
        given, wanted = _without_scheme(claims["iss"]), issuer_of(provider) or provider
        same = given.lower() == wanted.lower()
        note = (
            _("The token comes from %(given)s.")
            if same
            else _("The token comes from %(given)s, the provider is %(wanted)s.")
        )
        yield Check(_("Issuer"), *(right if same else wrong), note % {"given": given, "wanted": wanted})
    yield from _expiry(claims, right, wrong)


def _expiry(claims: Mapping[str, Any], right: tuple[str, str], wrong: tuple[str, str]) -> Iterator[Check]:
    if "exp" not in claims:
        return
    seconds = claims["exp"]
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= LAST_MOMENT:
        yield Check(_("Expiry"), *wrong, _("It is no moment: a number of seconds since 1970 is wanted."))
        return
    moment = datetime.fromtimestamp(seconds, UTC)
    words = {"moment": f"{moment:%Y-%m-%d %H:%M:%S} UTC"}
    if moment <= clock.now():
        yield Check(
            _("Expiry"),
            "warning",
            _("Expired"),
            _("Since %(moment)s. AWS STS refuses it; the decision below is that for a fresh token with these claims.")
            % words,
        )
    else:
        yield Check(_("Expiry"), *right, _("Good until %(moment)s.") % words)


def _audience(caller: Caller, role: Role, provider: str, claims: Mapping[str, Any]) -> Check:
    """Whether the provider knows the audience; who may not read the provider is told nothing about it, not even whether it is there."""
    label = _("Provider and audience")
    if provider in WELL_KNOWN:
        authorise_reads(caller, [(SIMULATE, "*")])
        return Check(
            label,
            "allowed",
            _("Right"),
            _("AWS knows the provider by its name; the trust policy says for whom its tokens must be."),
        )
    row = (
        OidcProvider.objects.filter(account_id=role.account_id, url=issuer_of(provider) or "")
        .prefetch_related("tags")
        .first()
    )
    keys = resource_tags(row) if row else {}
    may_read = caller.may(GET_PROVIDER, provider, keys)
    authorise_reads(caller, [(SIMULATE, "*"), *([(GET_PROVIDER, provider, keys)] if may_read else [])])
    if not may_read:
        return Check(
            label,
            "neutral",
            _("Not checked"),
            _("You may not read the provider (%(action)s).") % {"action": GET_PROVIDER},
        )
    if row is None or row.arn != provider:
        return Check(label, "explicitDeny", _("Wrong"), _("The account has no such provider."))
    if set(audiences(claims)) & set(row.client_ids):
        return Check(label, "allowed", _("Right"), _("The provider knows the audience."))
    words = {"given": ", ".join(audiences(claims)) or _("none"), "known": ", ".join(row.client_ids) or _("none")}
    return Check(
        label, "explicitDeny", _("Wrong"), _("Audience of the token: %(given)s. The provider knows: %(known)s.") % words
    )


def _without_scheme(issuer: Any) -> str:
    return issuer.removeprefix("https://").rstrip("/") if isinstance(issuer, str) else ""
