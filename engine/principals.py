"""Whether, and as what, the Principal or NotPrincipal element of a statement names a caller."""

from __future__ import annotations

from collections.abc import Callable

from engine.document import Principals, Statement
from engine.request import Naming, Principal

NamingTest = Callable[[Principal, bool], int]
"""From the caller, and whether it has a permissions boundary, to how a statement names it."""


def naming_test(statement: Statement, *, absent: int) -> NamingTest:
    """The function for one statement; `absent` is what a statement without either element means."""
    if statement.principal is not None:
        named = _named(statement.principal)
        return lambda principal, bounded: named(principal)
    if statement.not_principal is None:
        return lambda principal, bounded: absent
    excepted = _named(statement.not_principal)
    if statement.effect == "Allow":
        return lambda principal, bounded: Naming.NOBODY if excepted(principal) else Naming.EVERYONE

    def denied(principal: Principal, bounded: bool) -> int:
        # IAM User Guide, "Permissions boundaries": NotPrincipal with Deny always denies users and roles that have one.
        if bounded and principal.kind in ("user", "role_session"):
            return Naming.EVERYONE
        found = excepted(principal)
        if found & Naming.EVERYONE:
            return Naming.NOBODY
        # A session is excepted when it and its role are named; its account alone excepts nobody but the root user
        # (IAM User Guide, "NotPrincipal": the account, the role and then the session are looked at).
        needed = Naming.DIRECT
        if principal.kind == "role_session":
            needed = Naming.ROLE if principal.arn == principal.role_arn else Naming.DIRECT | Naming.ROLE
        return Naming.NOBODY if found & needed == needed else Naming.EVERYONE

    return denied


def _named(principals: Principals) -> Callable[[Principal], int]:
    aws = frozenset(principals.aws)
    services = frozenset(principals.service)
    providers = frozenset(principals.federated)
    canonical = frozenset(principals.canonical_user)

    def named(principal: Principal) -> int:
        found = Naming.NOBODY
        for name, naming in principal.names.items():
            if name in aws:
                found |= naming
        if services and principal.kind == "service" and _service_named(principal, services):
            found |= Naming.DIRECT
        if providers and principal.federated_provider and ("*" in providers or principal.federated_provider in providers):
            found |= Naming.DIRECT if principal.kind == "federated" else Naming.ROLE
        if canonical and principal.canonical_id in canonical:
            found |= Naming.DIRECT if principal.kind == "root" else Naming.ACCOUNT
        return found

    return named


def _service_named(principal: Principal, services: frozenset[str]) -> bool:
    return "*" in services or principal.arn in services or not services.isdisjoint(principal.service_names)
