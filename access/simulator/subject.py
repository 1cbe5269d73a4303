"""Who a simulation is about, with the policies that bear on them, and which of these the caller may read."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from django.db.models import prefetch_related_objects

from access.simulation import Simulation, principal_of
from access.simulator.principals import find_principal, wanted_arn
from access.simulator.question import Question
from access.sources import Effective, Entity, Source, effective_sources
from accounts import resolve
from accounts.models import Group, Role, User
from engine import Principal
from operations.caller import Caller
from operations.errors import NoSuchEntity
from operations.gate import authorise_read
from operations.ids import iam_arn


@dataclass(frozen=True)
class Subject:
    """The principal of a simulation. `entity` is None where only given policies are asked."""

    principal: Principal
    effective: Effective = field(default_factory=Effective)
    entity: Entity | None = None
    readable: frozenset[str] = frozenset()  # keys of the policies whose documents the caller may see

    @property
    def kind(self) -> str:
        """`user`, `group`, `role`, `root`, or an empty text."""
        if self.entity is None:
            return ""
        if isinstance(self.entity, User) and self.entity.is_root:
            return "root"
        return type(self.entity).__name__.lower()

    @property
    def name(self) -> str:
        return "" if self.entity is None else "root" if self.kind == "root" else self.entity.name

    @property
    def documents(self) -> Mapping[str, str]:
        """The stored documents that the caller may read, by the keys of their policies."""
        return {source.key: source.document for source in self.effective.all() if source.key in self.readable}

    def may_read(self, source: Source) -> bool:
        """Whether the caller may see the document; one that was given for the occasion is the caller's own."""
        is_given = source.kind in ("none", "scp") or (source.kind == "resource" and not source.arn)
        return is_given or source.is_implicit or source.key in self.readable

    def trusting(self, caller: Caller, trusted: Iterable[tuple[Source, Role]]) -> "Subject":
        """The same, with the trust policies of roles that the caller may read."""
        action = "iam:GetRole"
        may = {source.key for source, role in trusted if caller.may(action, role.arn, resolve.keys_of(role, action))}
        return replace(self, readable=self.readable | may)

    def unreadable(self, simulation: Simulation) -> list[Source]:
        """The policies of a simulation whose documents the caller may not see; what they were edited to is the caller's own."""
        asked = [
            *simulation.identity,
            *filter(None, [simulation.boundary]),
            *(each for each, _role in simulation.trusted),
        ]
        return [each for each in asked if not self.may_read(each) and each.key not in simulation.what_if.edited]


def authorise_documents(caller: Caller, subject: Subject, simulation: Simulation) -> None:
    """Authorise that all documents of a simulation are told. Raises AccessDenied."""
    roles = {source.key: role for source, role in simulation.trusted}
    for source in subject.unreadable(simulation):
        if (role := roles.get(source.key)) is not None:
            authorise_read(caller, "iam:GetRole", role.arn, resolve.keys_of(role, "iam:GetRole"))
        elif subject.entity is not None:
            authorise_read(caller, *_reading(caller, subject.entity, source))


def nobody(caller: Caller) -> Subject:
    """No principal of the account: somebody with the given policies alone."""
    return Subject(Principal(None, caller.account_id, "user"))


def subject_of(caller: Caller, question: Question) -> Subject:
    """Whom a question is about; without a principal only its own policies are asked.

    Authorised and recorded as SimulatePrincipalPolicy or SimulateCustomPolicy. Raises AccessDenied, NoSuchEntity.
    """
    if not question.principal:
        authorise_read(caller, "iam:SimulateCustomPolicy", "*")
        return nobody(caller)
    row = find_principal(caller.account_id, question.principal)
    arn = row.arn if row else wanted_arn(caller.account_id, question.principal)
    action = "iam:SimulatePrincipalPolicy"
    if row is not None and not isinstance(row, Group):
        prefetch_related_objects([row], "tags")
    keys = resolve.keys_of(row, action) if row is not None and not isinstance(row, Group) else {}
    authorise_read(caller, action, arn, keys, type=f"AWS::IAM::{type(row).__name__}" if row else "")
    if row is None:
        raise NoSuchEntity(f"No user, group or role of this account is named {question.principal}.")
    effective = effective_sources(row)
    return Subject(principal_of(row), effective, row, frozenset(_readable(caller, row, effective)))


def _readable(caller: Caller, entity: Entity, effective: Effective) -> Iterator[str]:
    """The keys of the policies whose documents the caller could read by AWS's own operations."""
    for source in effective.all():
        if source.is_implicit or caller.may(*_reading(caller, entity, source)):
            yield source.key


def _reading(caller: Caller, entity: Entity, source: Source) -> tuple[str, str]:
    """The operation that tells a policy's document, and the ARN that it is authorised on."""
    if source.arn:
        return "iam:GetPolicyVersion", source.arn
    if source.kind == "group" and source.holders:
        return "iam:GetGroupPolicy", iam_arn(caller.account_id, f"group{source.holder_path}{source.holders[0][1]}")
    return f"iam:Get{type(entity).__name__}Policy", entity.arn


def stored_documents(caller: Caller, question: Question) -> Mapping[str, str]:
    """The documents that an edited text is compared with; empty where nothing was edited or the caller may read none."""
    if not question.edits or not question.principal:
        return {}
    row = find_principal(caller.account_id, question.principal)
    if row is None:
        return {}
    effective = effective_sources(row)
    readable = set(_readable(caller, row, effective))
    return {source.key: source.document for source in effective.all() if source.key in readable}
