"""Finding who can assume a role: effective policies of many users or roles at once, each asked with the role's trust policy.

However many there are, a page asks about a fixed number of them in a fixed number of queries.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet, Value

from access.effective import named, prepared
from accounts.models import (
    GroupAttachment,
    GroupInlinePolicy,
    Membership,
    Role,
    RoleAttachment,
    RoleInlinePolicy,
    RoleTag,
    User,
    UserAttachment,
    UserInlinePolicy,
    UserTag,
)
from accounts.resolve import resource_tags
from engine import Decision, NamedPolicy, Policies, Principal, Request, evaluate
from federation import trust
from federation.assuming import USER, Assumer, Assumers, register_finder
from operations.caller import ContextValue
from pages.explanation import kind_in_words
from policies.models import PolicyVersion

ASKED_AT_ONCE = 1000
MOST_FOUND = 50
ACTION = "sts:AssumeRole"
_FACTOR: Mapping[str, ContextValue] = {"aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": "0"}
_NO_FACTOR: Mapping[str, ContextValue] = {"aws:MultiFactorAuthPresent": "false"}


@register_finder
def find(role: Role, kind: str, after: str) -> Assumers:
    """Ask about the next users or roles after a name, until a page is full."""
    rows = _candidates(role, kind, after)
    bundles = _of_users(rows) if kind == USER else _of_roles(rows)
    tags = _tags(role, bundles.values(), rows)
    question = _Question(role)
    found: list[Assumer] = []
    for number, row in enumerate(rows, 1):
        assumer = question.about(row, bundles[row.pk], tags.get(row.pk, {}))
        if assumer is not None:
            found.append(assumer)
        if len(found) == MOST_FOUND and number < len(rows):
            return Assumers(found, number, row.name_key)
    following = rows[-1].name_key if len(rows) == ASKED_AT_ONCE else ""
    is_part = after or following or _named_one_by_one(role) is None
    return Assumers(
        found, len(rows) if is_part else _all(role, kind).count(), following
    )  # all who are not named cannot


def assumable_by(row: User | Role, policies: Policies, roles: Iterable[Role]) -> list[tuple[Role, Assumer]]:
    """Those of some roles that somebody who has these policies may assume, each with what that needs. No query where tags are at hand."""
    identity, boundaries = policies.identity or (), policies.boundaries or ()
    tags = {tag.key: tag.value for tag in row.tags.all()}
    asked = ((role, _Question(role).about(row, _Bundle(identity, boundaries), tags)) for role in roles)
    return [(role, found) for role, found in asked if found is not None]


class _Question:
    """May somebody assume this role? Asked first as favourably as can be, then with less."""

    def __init__(self, role: Role) -> None:
        self.role = role
        self.trust = trust.policy_of(role)
        self.keys: dict[str, ContextValue] = {"aws:SecureTransport": "true", "sts:RoleSessionName": "session"}
        if "resourcetag" in role.trust_policy.lower():
            self.keys |= resource_tags(role)
        external = next(iter(_external_ids(self.trust)), "")
        self.external: Mapping[str, ContextValue] = {"sts:ExternalId": external} if external else {}

    def about(self, row: User | Role, bundle: "_Bundle", tags: Mapping[str, str]) -> Assumer | None:
        policies = bundle.with_trust(self.trust)
        principal = _principal(row, tags)
        factor = _FACTOR if isinstance(row, User) else {}
        without = _NO_FACTOR if isinstance(row, User) else {}
        decision = self._ask(principal, policies, {**factor, **self.external})
        if not decision.allowed:
            return None
        needs = []
        if not self._ask(principal, policies, {**without, **self.external}).allowed:
            needs.append("mfa")
        if self.external and not self._ask(principal, policies, factor).allowed:
            needs.append("external")
        by = dict.fromkeys(
            (match.policy, kind_in_words(match.kind, row.arn))
            for match in decision.matched
            if match.named is not self.trust
        )
        return Assumer(row, needs, tuple(by))

    def _ask(self, principal: Principal, policies: Policies, facts: Mapping[str, ContextValue]) -> Decision:
        context = {**self.keys, **facts}
        return evaluate(
            Request(principal, ACTION, self.role.arn, context, resource_account=self.role.account_id), policies
        )


def _external_ids(trust_policy: NamedPolicy) -> list[str]:
    """The external ids that a trust policy asks for."""
    conditions = (one for statement in trust_policy.policy.statements for one in statement.conditions)
    return [value for one in conditions if one.key.lower() == "sts:externalid" for value in one.values]


@dataclass(eq=False)
class _Bundle:
    """The identity policies and boundaries that some principals have in common."""

    identity: Sequence[NamedPolicy]
    boundaries: Sequence[NamedPolicy]
    _with_trust: Policies | None = None

    def with_trust(self, trust_policy: NamedPolicy) -> Policies:
        if self._with_trust is None:
            self._with_trust = Policies(identity=self.identity, boundaries=self.boundaries, resource=trust_policy)
        return self._with_trust

    def texts(self) -> Iterable[str]:
        return (each.policy.text for each in (*self.identity, *self.boundaries))


def _all(role: Role, kind: str) -> "QuerySet[Any]":
    """The account's users or other roles."""
    rows: QuerySet[Any] = User.objects.all() if kind == USER else Role.objects.exclude(pk=role.pk)
    return rows.filter(account_id=role.account_id)


def _candidates(role: Role, kind: str, after: str) -> list[Any]:
    """The next of the account's users or roles; only those that the trust policy names, where it names them one by one."""
    rows = _all(role, kind).filter(name_key__gt=after)
    named_ones = _named_one_by_one(role)
    if named_ones is not None:
        rows = rows.filter(unique_id__in=named_ones)
    return list(rows.order_by("name_key")[:ASKED_AT_ONCE])


def _named_one_by_one(role: Role) -> set[str] | None:
    """The unique ids that the trust policy allows, when it allows no account as a whole; else None."""
    found: set[str] = set()
    for statement in trust.policy_of(role).policy.statements:
        if statement.effect == "Allow":
            if statement.principal is None:
                return None
            found.update(statement.principal.aws)
    whole = {"*", role.account_id}
    return None if found & whole or any(name.endswith(f"::{role.account_id}:root") for name in found) else found


def _of_users(users: Sequence[User]) -> dict[int, _Bundle]:
    """The effective policies of users; those with the same ones share them. Five queries."""
    if not users:
        return {}
    ids = [user.pk for user in users]
    groups: dict[int, list[int]] = {pk: [] for pk in ids}
    for user_id, group_id in Membership.objects.filter(user__in=ids).values_list("user_id", "group_id"):
        groups[user_id].append(group_id)
    all_groups = {group_id for mine in groups.values() for group_id in mine}
    inline = _inline(UserInlinePolicy.objects.filter(user__in=ids), "user")
    group_inline = _inline(GroupInlinePolicy.objects.filter(group__in=all_groups), "group")
    attached, group_attached = _attached_to(ids, all_groups)
    versions = _versions([*attached.values(), *group_attached.values()], users)
    bundles: dict[Any, _Bundle] = {}
    found = {}
    for user in users:
        mine = sorted(groups[user.pk])
        managed = set(attached.get(user.pk, ())) | {pk for each in mine for pk in group_attached.get(each, ())}
        own = inline.get(user.pk, ())
        key = (tuple(mine), frozenset(managed), user.boundary_id, user.pk if own else 0)
        if key not in bundles:
            identity = [*own, *(one for each in mine for one in group_inline.get(each, ()))]
            bundles[key] = _bundle(identity, managed, user.boundary_id, versions)
        found[user.pk] = bundles[key]
    return found


def _of_roles(roles: Sequence[Role]) -> dict[int, _Bundle]:
    """The policies of roles. Three queries."""
    if not roles:
        return {}
    ids = [role.pk for role in roles]
    inline = _inline(RoleInlinePolicy.objects.filter(role__in=ids), "role")
    attached = _attached(RoleAttachment.objects.filter(role__in=ids).values_list("role_id", "policy_id"))
    versions = _versions(attached.values(), roles)
    return {
        role.pk: _bundle(inline.get(role.pk, ()), set(attached.get(role.pk, ())), role.boundary_id, versions)
        for role in roles
    }


def _bundle(
    inline: Iterable[NamedPolicy], managed: set[int], boundary_id: int | None, versions: Mapping[int, NamedPolicy]
) -> _Bundle:
    boundary = (
        [NamedPolicy(versions[boundary_id].name, versions[boundary_id].policy, "boundary")] if boundary_id else []
    )
    return _Bundle([*inline, *(versions[pk] for pk in sorted(managed))], boundary)


def _inline(rows: "QuerySet[Any]", kind: str) -> dict[int, list[NamedPolicy]]:
    found: dict[int, list[NamedPolicy]] = {}
    for holder, name, document in rows.order_by("name_key").values_list(f"{kind}_id", "name", "document"):
        found.setdefault(holder, []).append(NamedPolicy(name, prepared(document), kind))
    return found


def _attached(pairs: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for holder, policy_id in pairs:
        found.setdefault(holder, []).append(policy_id)
    return found


def _attached_to(users: Iterable[int], groups: Iterable[int]) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """The managed policies of users and of groups, in one query."""
    own = UserAttachment.objects.filter(user__in=users).annotate(of=Value("user"))
    shared = GroupAttachment.objects.filter(group__in=groups).annotate(of=Value("group"))
    rows = list(
        own.values_list("of", "user_id", "policy_id").union(shared.values_list("of", "group_id", "policy_id"), all=True)
    )
    return (
        _attached((holder, policy) for of, holder, policy in rows if of == "user"),
        _attached((holder, policy) for of, holder, policy in rows if of == "group"),
    )


def _versions(attached: Iterable[Iterable[int]], holders: Sequence[User | Role]) -> dict[int, NamedPolicy]:
    """The default versions of all policies that somebody here has or is bounded by."""
    ids = {pk for each in attached for pk in each} | {row.boundary_id for row in holders if row.boundary_id}
    rows = PolicyVersion.objects.filter(policy__in=ids, number=F("policy__default_version")).select_related("policy")
    return {version.policy_id: named(version) for version in rows}


def _tags(role: Role, bundles: Iterable[_Bundle], rows: Sequence[User | Role]) -> dict[int, dict[str, str]]:
    """The principals' tags, read only when a policy looks at them. One query at most."""
    texts = (text for bundle in set(bundles) for text in bundle.texts())
    if not rows or not any("principaltag" in text.lower() for text in (role.trust_policy, *texts)):
        return {}
    found: dict[int, dict[str, str]] = {}
    ids = [row.pk for row in rows]
    tags: Iterable[tuple[int, str, str]]
    if isinstance(rows[0], User):
        tags = UserTag.objects.filter(user__in=ids).values_list("user_id", "key", "value")
    else:
        tags = RoleTag.objects.filter(role__in=ids).values_list("role_id", "key", "value")
    for holder, key, value in tags:
        found.setdefault(holder, {})[key] = value
    return found


def _principal(row: User | Role, tags: Mapping[str, str]) -> Principal:
    if isinstance(row, User):
        return Principal.from_arn(row.arn, user_id=row.unique_id, tags=tags)
    return Principal.from_arn(row.arn, role_id=row.unique_id, tags=tags)
