"""Who asks, for what, and under which circumstances: the values that a decision is made from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, Literal

PrincipalKind = Literal["root", "user", "role_session", "federated_user", "federated", "service", "anonymous"]
ContextValue = str | Sequence[str]

_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_NO_TAGS: Final[Mapping[str, str]] = {}
_PRINCIPAL_TYPES: Final = {
    "root": "Account",
    "user": "User",
    "role_session": "AssumedRole",
    "federated_user": "FederatedUser",
    "anonymous": "Anonymous",
}


class Naming:
    """How a Principal element names a caller: it decides which implicit denies the grant reaches past. Bits, added up."""

    NOBODY: Final = 0
    DIRECT: Final = 1
    """The caller itself: user, session, federated session, service, federated identity, or the root that calls."""
    ROLE: Final = 2
    """The role of a session, or the user that a federated session belongs to."""
    EVERYONE: Final = 4
    """`*`, or all but the named ones."""
    ACCOUNT: Final = 8
    """The caller's account, which leaves it to the account's own policies."""


@dataclass(frozen=True)
class Principal:
    """The caller of a request.

    `kind` is `root`, `user`, `role_session` (also of web identities and SAML), `federated_user` (GetFederationToken),
    `federated` (an identity that an OIDC or SAML provider vouches for, asking for a role), `service` or `anonymous`.
    What is not known stays None; then the condition keys that follow from it are absent.
    """

    arn: str | None
    account: str | None
    kind: PrincipalKind
    user_id: str | None = None
    username: str | None = None
    role_arn: str | None = None
    role_id: str | None = None
    session_name: str | None = None
    federated_provider: str | None = None
    tags: Mapping[str, str] = field(default_factory=lambda: _NO_TAGS, hash=False)
    org_id: str | None = None
    org_path: str | None = None
    source_user_arn: str | None = None
    source_identity: str | None = None
    canonical_id: str | None = None
    mfa_authenticated: bool | None = None
    service_names: tuple[str, ...] = ()

    @staticmethod
    def from_arn(arn: str | None, **facts: Any) -> Principal:
        """The principal that an ARN, a service name (`ec2.amazonaws.com`) or None (anonymous) stands for.

        A session's role is taken to have no path unless `role_arn` is given. Raises ValueError for an ARN that can be
        no principal (a group, a policy).
        """
        return replace(_from_arn(arn), **facts) if facts else _from_arn(arn)

    @cached_property
    def context(self) -> Mapping[str, str | tuple[str, ...]]:
        """The condition keys that follow from the caller, by lower-case name (IAM User Guide, "Global condition
        context keys" and the table of principal key values)."""
        keys: dict[str, str | tuple[str, ...] | None] = {
            "aws:principaltype": _PRINCIPAL_TYPES.get(self.kind),
            "aws:principalaccount": "anonymous" if self.kind == "anonymous" else self.account,
            "aws:principalarn": self._principal_arn(),
            "aws:principalisawsservice": "true" if self.kind == "service" else "false",
            "aws:userid": self._user_id(),
            "aws:username": self.username if self.kind == "user" else None,
            "aws:principalorgid": self.org_id,
            "aws:principalorgpaths": (self.org_path,) if self.org_path else None,
            "aws:federatedprovider": self.federated_provider,
            "aws:sourceidentity": self.source_identity,
            "aws:multifactorauthpresent": self._multi_factor(),
        }
        if self.kind == "service":
            keys["aws:principalservicename"] = self.arn
            keys["aws:principalservicenameslist"] = self.service_names or (self.arn or "",)
        for key, value in self.tags.items():
            keys[f"aws:principaltag/{key}".lower()] = value
        return {key: value for key, value in keys.items() if value is not None}

    @cached_property
    def names(self) -> Mapping[str, int]:
        """What a Principal element may call this caller in `AWS`, and how it is meant then (IAM User Guide, "AWS JSON
        policy elements: Principal")."""
        found: dict[str | None, int] = {"*": Naming.EVERYONE}
        if self.account and self.kind in ("root", "user", "role_session", "federated_user"):
            own = Naming.DIRECT if self.kind == "root" else Naming.ACCOUNT
            partition = (self.arn or "").split(":")[1:2]
            found[self.account] = own
            found[f"arn:{partition[0] if partition else 'aws'}:iam::{self.account}:root"] = own
        if self.kind in ("user", "role_session", "federated_user", "root"):
            found[self.role_arn] = Naming.ROLE
            found[self.role_id or (self.user_id or "").partition(":")[0] or None] = Naming.ROLE
            found[self.source_user_arn] = Naming.ROLE
            if self.arn != self.role_arn:
                found[self.arn] = Naming.DIRECT
        if self.kind == "user":
            found[self.user_id] = Naming.DIRECT
        return {name: naming for name, naming in found.items() if name}

    def _principal_arn(self) -> str | None:
        if self.kind == "role_session":
            return self.role_arn
        return self.arn if self.kind in ("root", "user", "federated_user") else None

    def _user_id(self) -> str | None:
        if self.user_id is not None:
            return self.user_id
        if self.kind == "root":
            return self.account
        if self.kind == "federated_user" and self.account:
            return f"{self.account}:{self.session_name}"
        if self.kind == "role_session" and self.role_id and self.session_name:
            return f"{self.role_id}:{self.session_name}"
        return None

    def _multi_factor(self) -> str | None:
        """Temporary credentials always carry the key; a role or federated session says false whatever its source
        did (IAM User Guide, "Configuring MFA-protected API access")."""
        if self.mfa_authenticated is not None:
            return "true" if self.mfa_authenticated else "false"
        return "false" if self.kind in ("role_session", "federated_user") else None


def _from_arn(arn: str | None) -> Principal:
    if arn is None or arn in ("*", "anonymous", ""):
        return Principal(None, None, "anonymous")
    if not arn.startswith("arn:"):
        if _ACCOUNT.fullmatch(arn):
            return Principal(f"arn:aws:iam::{arn}:root", arn, "root")
        if arn in WEB_IDENTITY_PROVIDERS:
            return Principal(arn, None, "federated", federated_provider=arn)
        return Principal(arn, None, "service")
    parts = arn.split(":", 5)
    if len(parts) != 6:
        raise ValueError(f"{arn} is not a principal")
    found = _named_by(arn, parts[1], parts[2], parts[4], parts[5])
    if found is None:
        raise ValueError(f"{arn} is not a principal")
    return found


def _named_by(arn: str, partition: str, service: str, account: str, resource: str) -> Principal | None:
    kind, _, name = resource.partition("/")
    match service, kind:
        case "iam", "root" if not name:
            return Principal(arn, account, "root")
        case "iam", "user" if name:
            return Principal(arn, account, "user", username=name.rsplit("/", 1)[-1])
        case "iam", "role" if name:
            return Principal(arn, account, "role_session", role_arn=arn)  # some session of the role, its name not known
        case "sts", "assumed-role" if "/" in name:
            role, _, session = name.partition("/")
            role_arn = f"arn:{partition}:iam::{account}:role/{role}"
            return Principal(arn, account, "role_session", role_arn=role_arn, session_name=session)
        case "sts", "federated-user" if name:
            return Principal(arn, account, "federated_user", session_name=name)
        case "iam", "saml-provider" | "oidc-provider":
            return Principal(arn, account, "federated", federated_provider=arn)
    return None


WEB_IDENTITY_PROVIDERS: Final = frozenset(
    {"accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com"}
)


@dataclass(slots=True)
class Request:
    """One question: may this principal do this action on this resource, in this context?

    Read-only by agreement; it is not frozen because building one is part of every decision's cost. `resource_account`
    None means: the account in the resource's ARN, else the caller's. `management_account` says that the caller's account
    is the organization's management account. `wildcard_only_action` overrides what the catalogue says.
    """

    principal: Principal
    action: str
    resource: str
    context: Mapping[str, ContextValue] = field(default_factory=dict)
    resource_account: str | None = None
    management_account: bool = False
    service_linked_role: bool = False
    wildcard_only_action: bool | None = None
    spellings: Mapping[str, str] | None = field(default=None, init=False, repr=False, compare=False)
    """The way from lower-case keys to those of `context`, once somebody has looked."""
