"""What a document allows and denies, by service, access level, resource and condition: the console's policy summary
(IAM User Guide, "Understanding policy summaries")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Final, Literal

from engine import catalog
from engine.document import Condition, Policy, Statement
from engine.said import said
from engine.validate.context import actions_matching
from engine.validate.resources import fitting_forms
from engine.validate.variables import masked
from engine.wildcards import has_wildcard, matches, may_meet

ALL_RESOURCES: Final = said("All resources")
NO_CONDITION: Final = said("None")
MULTIPLE: Final = said("Multiple")
NOTHING_GRANTED: Final = said(
    "This policy does not grant any permissions. To grant access, policies must have an action that has an applicable "
    "resource or condition."
)
LEVELS: Final = {
    "List": said("List"),
    "Read": said("Read"),
    "Write": said("Write"),
    "Permissions management": said("Permissions management"),
    "Tagging": said("Tagging"),
}
EVERY_ACTION: Final = frozenset({"*", "*:*"})
_Level = Literal["Full", "Limited"]
_Texts = dict[tuple[int, ...], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ActionSummary:
    """One action of a service. `warning` says why it is without effect here."""

    name: str
    access_level: str
    description: str
    resource: str
    condition: str
    warning: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceSummary:
    """One service: how much of each access level, on which resources, under which condition."""

    prefix: str
    name: str
    access: str
    levels: tuple[tuple[str, _Level], ...]
    resource: str
    condition: str
    actions: tuple[ActionSummary, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """The whole document. `supported` is False where a summary would mislead; `reason` then says why."""

    allow: tuple[ServiceSummary, ...]
    deny: tuple[ServiceSummary, ...]
    uncategorized: tuple[str, ...]
    remaining_services: int
    total_services: int
    warnings: tuple[str, ...] = ()
    supported: bool = True
    reason: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The summary as JSON can write it."""
        return asdict(self)


def summarise(policy: Policy) -> Summary:
    """The summary of a document."""
    total = len(catalog.services())
    if any(statement.not_principal is not None for statement in policy.statements):
        return Summary((), (), (), total, total, supported=False, reason=said("The policy uses NotPrincipal"))
    allow = _section(statement for statement in policy.statements if statement.effect == "Allow")
    deny = _section(statement for statement in policy.statements if statement.effect == "Deny")
    warnings = []
    if not any(action.warning is None for service in allow for action in service.actions):
        warnings.append(NOTHING_GRANTED)
    unknown = tuple(sorted(set(_unknown_actions(policy))))
    warnings += [
        said("Unrecognized action: {name}", name=name)
        for name in unknown
        if catalog.service_exists(name.partition(":")[0])
    ]
    uncategorized = tuple(
        sorted({name.partition(":")[0] for name in unknown if not catalog.service_exists(name.partition(":")[0])})
    )
    return Summary(allow, deny, uncategorized, total - len(allow), total, tuple(warnings))


def allowed_services(policy: Policy) -> frozenset[str]:
    """The prefixes of the services in the allowing half of the summary, for a fraction of its cost."""
    return frozenset(action.service for action in _allowed(policy))


def allowed_actions(policy: Policy, prefix: str) -> frozenset[str]:
    """The names of one service's actions in the allowing half of the summary."""
    return frozenset(action.name for action in _allowed(policy) if action.service == prefix)


def number_allowed(policy: Policy) -> int:
    """How many actions stand in the allowing half of the summary, without making it: what all NotAction leave out is left out."""
    if any(statement.not_principal is not None for statement in policy.statements):
        return 0
    named: set[str] = set()
    excluded: set[str] | None = None
    for statement in policy.statements:
        if statement.effect != "Allow":
            continue
        if statement.actions is not None:
            if "*" in statement.actions:
                return len(_all_actions())
            named |= _named(statement.actions)
        elif "*" not in (statement.not_actions or ()):
            out = _named(statement.not_actions or ())
            excluded = out if excluded is None else excluded & out
    return len(named) if excluded is None else len(_all_actions()) - len(excluded - named)


def allows_everything(policy: Policy) -> bool:
    """Whether a statement allows every action on every resource without a condition: what makes somebody an administrator."""
    return any(
        statement.effect == "Allow"
        and bool(EVERY_ACTION & set(statement.actions or ()))
        and "*" in (statement.resources or ())
        and not statement.conditions
        for statement in policy.statements
    )


def _named(patterns: Iterable[str]) -> set[str]:
    return {action.full_name for pattern in dict.fromkeys(patterns) for action in actions_matching(pattern)}


def _allowed(policy: Policy) -> Iterator[catalog.Action]:
    if not any(statement.not_principal is not None for statement in policy.statements):
        for statement in policy.statements:
            if statement.effect == "Allow":
                yield from _actions(statement)


@dataclass(slots=True)
class _Grant:
    """One action with the statements that name it."""

    action: catalog.Action
    statements: list[Statement]


def _section(statements: Iterable[Statement]) -> tuple[ServiceSummary, ...]:
    found: dict[str, dict[str, _Grant]] = {}
    for statement in statements:
        for action in _actions(statement):
            grants = found.setdefault(action.service, {})
            grants.setdefault(action.name, _Grant(action, [])).statements.append(statement)
    return tuple(_service(prefix, found[prefix]) for prefix in sorted(found, key=_service_name))


def _service_name(prefix: str) -> str:
    return catalog.service(prefix).name.lower()


def _actions(statement: Statement) -> Iterator[catalog.Action]:
    if statement.actions is not None:
        if "*" in statement.actions:
            yield from _all_actions()
            return
        seen: set[str] = set()
        for pattern in statement.actions:
            for action in actions_matching(pattern):
                if action.full_name not in seen:
                    seen.add(action.full_name)
                    yield action
    elif "*" not in (statement.not_actions or ()):
        excluded = tuple(pattern.lower() for pattern in statement.not_actions or ())
        prefixes = {pattern.partition(":")[0] for pattern in excluded}
        for action in _all_actions():
            if action.service not in prefixes or not _is_excluded(action.full_name.lower(), excluded):
                yield action


def _is_excluded(name: str, patterns: tuple[str, ...]) -> bool:
    return any(matches(pattern, name) for pattern in patterns)


@lru_cache(maxsize=1)
def _all_actions() -> tuple[catalog.Action, ...]:
    return tuple(action for prefix in catalog.services() for action in catalog.actions(prefix))


def _service(prefix: str, grants: dict[str, _Grant]) -> ServiceSummary:
    levels = _levels(prefix, grants)
    statements = list({id(each): each for grant in grants.values() for each in grant.statements}.values())
    texts: _Texts = {}
    return ServiceSummary(
        prefix,
        catalog.service(prefix).name,
        access_words(levels, is_whole=len(grants) == len(catalog.service(prefix).actions)),
        levels,
        _resource_text(statements),
        _condition_text(statements),
        tuple(_action(grants[name], texts) for name in sorted(grants)),
    )


def _levels(prefix: str, grants: dict[str, _Grant]) -> tuple[tuple[str, _Level], ...]:
    found: list[tuple[str, _Level]] = []
    for level in catalog.ACCESS_LEVELS:
        given = sum(grant.action.access_level == level for grant in grants.values())
        if given:
            found.append((level, "Full" if given == _level_sizes(prefix)[level] else "Limited"))
    return tuple(found)


@lru_cache(maxsize=512)
def _level_sizes(prefix: str) -> dict[str, int]:
    sizes = dict.fromkeys(catalog.ACCESS_LEVELS, 0)
    for action in catalog.actions(prefix):
        sizes[action.access_level] += 1
    return sizes


def access_words(levels: Iterable[tuple[str, _Level]], *, is_whole: bool) -> str:
    """How much of a service is allowed or denied: all of it, or how much of which access levels."""
    if is_whole:
        return said("Full access")
    levels = tuple(levels)
    full = [LEVELS[level] for level, extent in levels if extent == "Full"]
    limited = [LEVELS[level] for level, extent in levels if extent == "Limited"]
    if full and limited:
        return said("Full: {full}; Limited: {limited}", full=full, limited=limited)
    return said("Full: {full}", full=full) if full else said("Limited: {limited}", limited=limited)


def _action(grant: _Grant, texts: _Texts) -> ActionSummary:
    action = grant.action
    named_by = tuple(id(each) for each in grant.statements)
    if named_by not in texts:  # most actions of a service are named by the same statements
        texts[named_by] = _resource_text(grant.statements), _condition_text(grant.statements)
    resource, condition = texts[named_by]
    warning = None
    if not any(_applies(action, statement) for statement in grant.statements):
        warning = said("No resource in the policy applies to this action")
    return ActionSummary(action.name, action.access_level, action.description, resource, condition, warning)


def _applies(action: catalog.Action, statement: Statement) -> bool:
    """Whether a resource of the statement can be one that the action works on."""
    if statement.resources is None:
        return True
    if "*" in statement.resources:
        return True
    name = action.name.lower()
    return any(_fits(action.service, name, resource) for resource in statement.resources)


@lru_cache(maxsize=16384)
def _fits(prefix: str, name: str, resource: str) -> bool:
    fields = masked(resource).split(":", 5)
    types = {each.name.lower() for each in catalog.action(prefix, name).resource_types}
    if len(fields) < 6:
        return bool(types) and has_wildcard(resource)
    known = [kind for kind in catalog.resource_types(prefix) if kind.name.lower() in types]
    if has_wildcard(fields[2]):
        return any(may_meet(fields[2], form.service) for kind in known for form in kind.arn_forms)
    fitting = {(kind.service, kind.name.lower()) for kind, _ in fitting_forms(fields[2].lower(), fields[5])}
    return any((kind.service, kind.name.lower()) in fitting for kind in known)


def _resource_text(statements: Iterable[Statement]) -> str:
    texts: list[str] = []
    for statement in statements:
        if statement.not_resources is not None:
            texts += [
                said("All resources except {resource}", resource=resource) for resource in statement.not_resources
            ]
        else:
            texts += [ALL_RESOURCES if each == "*" else each for each in statement.resources or (ALL_RESOURCES,)]
    return _one_of(texts, ALL_RESOURCES)


def _condition_text(statements: Iterable[Statement]) -> str:
    texts: list[str] = []
    for statement in statements:
        texts += [_condition(each) for each in statement.conditions] or [NO_CONDITION]
    return _one_of(texts, NO_CONDITION)


def _one_of(texts: list[str], empty: str) -> str:
    different = list(dict.fromkeys(texts))
    if not different:
        return empty
    return different[0] if len(different) == 1 else MULTIPLE


def _condition(condition: Condition) -> str:
    return f"{condition.key} | {condition.operator} | {', '.join(condition.values)}"


def _unknown_actions(policy: Policy) -> Iterator[str]:
    for statement in policy.statements:
        for pattern in (*(statement.actions or ()), *(statement.not_actions or ())):
            if pattern != "*" and not actions_matching(pattern):
                yield pattern
