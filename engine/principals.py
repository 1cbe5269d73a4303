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
    if statement.effect == "Allow":
        excepted = _named(statement.not_principal)
        return lambda principal, bounded: Naming.NOBODY if excepted(principal) else Naming.EVERYONE
    left_out = _left_out(statement.not_principal)

    def denied(principal: Principal, bounded: bool) -> int:
        # IAM User Guide, "Permissions boundaries": NotPrincipal with Deny always denies users and roles that have one.
        return Naming.NOBODY if left_out(principal) and not bounded else Naming.EVERYONE

    return denied


def _left_out(principals: Principals) -> Callable[[Principal], bool]:
    """Whom a NotPrincipal with Deny spares: a caller all of whose identities it names, a session's role and the session
    itself. Naming the account spares only its root user (IAM User Guide, "AWS JSON policy elements: NotPrincipal")."""
    named = _named(principals)

    def left_out(principal: Principal) -> bool:
        naming = named(principal)
        if naming & Naming.EVERYONE:
            return True
        wanted = Naming.DIRECT
        if principal.kind == "role_session":
            wanted = Naming.ROLE if principal.arn == principal.role_arn else Naming.DIRECT | Naming.ROLE
        return naming & wanted == wanted

    return left_out


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
        if (
            providers
            and principal.federated_provider
            and ("*" in providers or principal.federated_provider in providers)
        ):
            found |= Naming.DIRECT if principal.kind == "federated" else Naming.ROLE
        if canonical and principal.canonical_id in canonical:
            found |= Naming.DIRECT if principal.kind == "root" else Naming.ACCOUNT
        return found

    return named


def _service_named(principal: Principal, services: frozenset[str]) -> bool:
    return "*" in services or principal.arn in services or not services.isdisjoint(principal.service_names)
