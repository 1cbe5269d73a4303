"""The effective policies of a user, group or role with where each comes from, in a fixed number of queries.

`access.effective` holds the same policies ready for decisions; here they are taken apart, for the simulator and for pages that show,
leave out or edit a single one.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F

from access.effective import implicit, prepared
from accounts.models import Group, GroupInlinePolicy, Role, RoleInlinePolicy, User, UserInlinePolicy
from engine import Policy
from policies.models import PolicyVersion

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
    if isinstance(entity, Group):
        return Effective(_of_group(entity))
    if isinstance(entity, Role):
        return Effective(_of_role(entity), _boundary(entity.boundary_id))
    if entity.is_root:
        return Effective()
    return Effective(_of_user(entity), _boundary(entity.boundary_id))


def _of_user(user: User) -> tuple[Source, ...]:
    own = UserInlinePolicy.objects.filter(user=user).order_by("name_key", "name")
    groups = GroupInlinePolicy.objects.filter(group__memberships__user=user).select_related("group")
    attached = _attached("user", "userattachments__user__name", policy__userattachments__user=user)
    by_group = _attached(
        "group", "groupattachments__group__name", policy__groupattachments__group__memberships__user=user
    )
    return (
        *(_inline("user", user.name, row) for row in own),
        *(_inline("group", row.group.name, row) for row in groups.order_by("group__name_key", "name_key", "name")),
        *_merged([*attached, *by_group]),
        *(
            Source(named.kind, named.name, named.policy, holders=(("user", user.name),), is_implicit=True)
            for named in implicit(user)
        ),
    )


def _of_group(group: Group) -> tuple[Source, ...]:
    own = GroupInlinePolicy.objects.filter(group=group).order_by("name_key", "name")
    attached = _attached("group", "groupattachments__group__name", policy__groupattachments__group=group)
    return (*(_inline("group", group.name, row) for row in own), *_merged(attached))


def _of_role(role: Role) -> tuple[Source, ...]:
    own = RoleInlinePolicy.objects.filter(role=role).order_by("name_key", "name")
    attached = _attached("role", "roleattachments__role__name", policy__roleattachments__role=role)
    return (*(_inline("role", role.name, row) for row in own), *_merged(attached))


def _inline(kind: str, holder: str, row: UserInlinePolicy | GroupInlinePolicy | RoleInlinePolicy) -> Source:
    return Source(kind, row.name, prepared(row.document), holders=((kind, holder),))


def _attached(kind: str, holder: str, **which: object) -> list[Source]:
    """Managed policies in force by one way of attachment; one row for each entity that has the policy."""
    versions = PolicyVersion.objects.filter(number=F("policy__default_version"), **which).annotate(
        holder=F(f"policy__{holder}")
    )
    rows = versions.select_related("policy").order_by("policy__name_key", "policy_id", "holder")
    return [_managed(version, ((kind, version.holder),)) for version in rows]


def _managed(version: PolicyVersion, holders: tuple[Holder, ...] = (), place: str = "identity") -> Source:
    policy = version.policy
    kind = "aws-managed" if policy.is_aws_managed else "user-managed"
    return Source(kind, policy.name, prepared(version.document), policy.arn, holders, place)


def _merged(sources: Iterable[Source]) -> list[Source]:
    """A policy that comes by several ways counts once, and remembers them all."""
    found: dict[str, Source] = {}
    for source in sources:
        known = found.get(source.key)
        holders = (*known.holders, *source.holders) if known else source.holders
        found[source.key] = Source(source.kind, source.name, source.policy, source.arn, holders)
    return list(found.values())


def _boundary(policy_id: int | None) -> Source | None:
    if policy_id is None:
        return None
    version = PolicyVersion.objects.select_related("policy").get(policy=policy_id, number=F("policy__default_version"))
    return _managed(version, place="boundary")
