"""The effective policies of a user, group or role with where each comes from, in a fixed number of queries.

`access.effective` holds the same policies ready for decisions; here they are taken apart, for the simulator and for pages that show,
leave out or edit a single one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import CharField, F, QuerySet, Value

from access.effective import implicit, prepared
from accounts.models import Group, GroupInlinePolicy, Role, RoleInlinePolicy, User, UserInlinePolicy
from engine import Policy
from policies.models import AWS, PolicyVersion

Entity = User | Group | Role
Holder = tuple[str, str]  # ("group", "ops"): the kind and the name of the entity that has the policy


@dataclass(frozen=True)
class Source:
    """One policy that bears on an entity.

    `kind` is AWS's source type: `user`, `group`, `role` (an inline policy of such an entity), `aws-managed`, `user-managed`, `resource`,
    `none` (a document given for a simulation), `scp`. `holders` says on whom it hangs: a managed policy may come by several ways.
    `place` is `identity`, `boundary`, `resource` or `scp`. `key` names the source for leaving it out or editing it.
    """

    kind: str
    name: str
    policy: Policy
    arn: str | None = None
    holders: tuple[Holder, ...] = ()
    place: str = "identity"
    is_implicit: bool = False
    holder_path: str = "/"  # of the entity that an inline policy is in

    @property
    def key(self) -> str:
        if self.place == "boundary":
            return "boundary"
        return self.arn or "/".join([*(self.holders[0] if self.holders else ()), self.name])

    @property
    def is_inline(self) -> bool:
        return self.kind in {"user", "group", "role"} and not self.is_implicit

    @property
    def source_id(self) -> str:
        """AWS's `SourcePolicyId`: the name of a managed policy, `role_worker_inline` for the policy «inline» of the role «worker»."""
        if self.is_inline and self.holders:
            kind, name = self.holders[0]
            return f"{kind}_{name}_{self.name}"
        return self.name

    @property
    def document(self) -> str:
        """The text of the policy, to which places in explanations refer."""
        return self.policy.text


@dataclass(frozen=True)
class Effective:
    """The policies of one entity: what grants, and the boundary that cuts it."""

    identity: tuple[Source, ...] = ()
    boundary: Source | None = None

    def all(self) -> tuple[Source, ...]:
        return (*self.identity, *((self.boundary,) if self.boundary else ()))


def effective_sources(entity: Entity) -> Effective:
    """The effective policies of an entity; those of a user include its groups'. The root user has none."""
    if isinstance(entity, User) and entity.is_root:
        return Effective()
    found = (
        _of_group(entity)
        if isinstance(entity, Group)
        else _of_role(entity)
        if isinstance(entity, Role)
        else _of_user(entity)
    )
    boundary = next((source for source in found if source.place == "boundary"), None)
    return Effective(tuple(source for source in found if source.place == "identity"), boundary)


def _of_user(user: User) -> tuple[Source, ...]:
    by_group = {"group__memberships__user": user}
    inline = _inline("user", UserInlinePolicy, user=user).union(
        _inline("group", GroupInlinePolicy, **by_group), all=True
    )
    managed = _attached("user", policy__userattachments__user=user).union(
        _attached("group", policy__groupattachments__group__memberships__user=user), _bounding(user), all=True
    )
    own = tuple(
        Source(named.kind, named.name, named.policy, holders=(("user", user.name),), is_implicit=True)
        for named in implicit(user)
    )
    return (*_inline_sources(inline), *_managed_sources(managed), *own)


def _of_group(group: Group) -> tuple[Source, ...]:
    attached = _attached("group", policy__groupattachments__group=group)
    return (*_inline_sources(_inline("group", GroupInlinePolicy, group=group)), *_managed_sources(attached))


def _of_role(role: Role) -> tuple[Source, ...]:
    managed = _attached("role", policy__roleattachments__role=role).union(_bounding(role), all=True)
    return (*_inline_sources(_inline("role", RoleInlinePolicy, role=role)), *_managed_sources(managed))


# Ways of attachment are read together: each part of a union has the columns of these tuples, in this order.

Rows = QuerySet[Any, tuple[Any, ...]]


class InlineRow(NamedTuple):
    """An inline policy with the entity it is in."""

    kind: str
    holder: str
    holder_key: str
    path: str
    name: str
    name_key: str
    document: str


class ManagedRow(NamedTuple):
    """A managed policy in force with the entity that has it; `kind` is `boundary` for the permissions boundary."""

    kind: str
    holder: str
    policy_id: int
    name: str
    name_key: str
    arn: str
    account_id: str
    document: str


_ORDER = ("user", "group", "role", "boundary")


def _inline(kind: str, model: type[UserInlinePolicy | GroupInlinePolicy | RoleInlinePolicy], **which: object) -> Rows:
    rows: Any = model._base_manager.filter(**which).order_by()  # noqa: SLF001 - whichever of the three it is
    columns = (f"{kind}__name", f"{kind}__name_key", f"{kind}__path", "name", "name_key", "document")
    found: Rows = rows.annotate(kind=_word(kind)).values_list("kind", *columns)
    return found


def _inline_sources(rows: Rows) -> Iterator[Source]:
    found = [InlineRow(*row) for row in rows]
    for row in sorted(found, key=lambda row: (_ORDER.index(row.kind), row.holder_key, row.name_key, row.name)):
        holders = ((row.kind, row.holder),)
        yield Source(row.kind, row.name, prepared(row.document), holders=holders, holder_path=row.path)


def _attached(kind: str, **which: object) -> Rows:
    """Managed policies in force by one way of attachment; one row for each entity that has the policy."""
    return _in_force(kind, F(f"policy__{kind}attachments__{kind}__name"), **which)


def _bounding(entity: User | Role) -> Rows:
    """The permissions boundary in force, as a row like those of attached policies."""
    return _in_force("boundary", _word(""), policy=entity.boundary_id)


def _in_force(kind: str, holder: Any, **which: object) -> Rows:
    rows: Any = PolicyVersion.objects.filter(number=F("policy__default_version"), **which).order_by()
    policy = ("policy_id", "policy__name", "policy__name_key", "policy__arn", "policy__account_id")
    found: Rows = rows.annotate(kind=_word(kind), holder=holder).values_list("kind", "holder", *policy, "document")
    return found


def _managed_sources(rows: Rows) -> Iterator[Source]:
    """A policy that comes by several ways counts once, and remembers them all."""
    found: dict[str, Source] = {}
    ordered = sorted(
        (ManagedRow(*row) for row in rows),
        key=lambda row: (_ORDER.index(row.kind), row.name_key, row.policy_id, row.holder),
    )
    for row in ordered:
        source_kind = "aws-managed" if row.account_id == AWS else "user-managed"
        policy = prepared(row.document)
        if row.kind == "boundary":
            yield Source(source_kind, row.name, policy, row.arn, place="boundary")
            continue
        known = found.get(row.arn)
        holders = (*(known.holders if known else ()), (row.kind, row.holder))
        found[row.arn] = Source(source_kind, row.name, policy, row.arn, holders)
    yield from found.values()


def _word(text: str) -> Value:
    return Value(text, output_field=CharField())
