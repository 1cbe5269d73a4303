"""What the editor's panel offers of a service: its actions by access level, each with the resources and condition keys that it knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from engine import catalog
from engine.catalog import Action
from engine.global_keys import GLOBAL_KEYS, ConditionKey
from engine.operators import OPERATORS
from policies.completion import filled_form

# The operator that fits a key's type first (IAM User Guide, «IAM JSON policy elements: Condition operators»); of keys with several values
# one that fits is enough.
FIRST_OPERATOR: Final = {
    "String": "StringEquals",
    "ArrayOfString": "ForAnyValue:StringEquals",
    "ARN": "ArnLike",
    "ArrayOfARN": "ForAnyValue:ArnLike",
    "Bool": "Bool",
    "ArrayOfBool": "ForAnyValue:Bool",
    "Numeric": "NumericEquals",
    "Date": "DateLessThan",
    "IPAddress": "IpAddress",
}
OPERATOR_NAMES: Final = (
    *(operator.name for operator in OPERATORS.values()),
    *(name for name in FIRST_OPERATOR.values() if ":" in name),
)


@dataclass(frozen=True)
class OfferedAction:
    """An action, with the places of its resource forms and condition keys in the lists of its service."""

    name: str
    about: str
    resources: str
    keys: str


@dataclass(frozen=True)
class Resource:
    """The form of an ARN, and the name of the resource type."""

    arn: str
    name: str


@dataclass(frozen=True)
class OfferedKey:
    """A condition key, its type, and the operator to begin with. `is_global` ones go with every action."""

    name: str
    type: str
    operator: str
    is_global: bool = False


@dataclass(frozen=True)
class ServiceOffer:
    """A service as the panel shows it."""

    prefix: str
    name: str
    levels: Sequence[tuple[str, Sequence[OfferedAction]]]
    resources: Sequence[Resource]
    keys: Sequence[OfferedKey]

    @property
    def number(self) -> int:
        return sum(len(actions) for _level, actions in self.levels)


@lru_cache(maxsize=32)
def offer_of(prefix: str, account_id: str) -> ServiceOffer | None:
    """What there is of the service of that prefix, in any case; None where there is no such service."""
    if not catalog.service_exists(prefix):
        return None
    service = catalog.service(prefix)
    forms = [(kind.name, form.text) for kind in catalog.resource_types(prefix) for form in kind.arn_forms]
    keys = list(catalog.condition_keys(prefix))
    globals_ = [key for key in GLOBAL_KEYS if all(key.name != each.name for each in keys)]
    actions = catalog.actions(prefix)
    levels = [
        (level, [_action(each, forms, keys) for each in actions if each.access_level == level])
        for level in catalog.ACCESS_LEVELS
    ]
    return ServiceOffer(
        service.prefix,
        service.name,
        [each for each in levels if each[1]],
        [Resource(filled_form(text, account_id), name) for name, text in forms],
        [*(_key(each) for each in keys), *(_key(each, is_global=True) for each in globals_)],
    )


def _action(action: Action, forms: Sequence[tuple[str, str]], keys: Sequence[ConditionKey]) -> OfferedAction:
    kinds = {each.name for each in action.resource_types}
    known = catalog.action_condition_keys(action)
    resources = [str(place) for place, (name, _text) in enumerate(forms) if name in kinds]
    fitting = [str(place) for place, key in enumerate(keys) if _plain(key.name) in known]
    return OfferedAction(action.full_name, action.description, " ".join(resources), " ".join(fitting))


def _plain(name: str) -> str:
    """A key's name as `action_condition_keys` has it: in lower case, without the placeholder of a tag."""
    return _named(name).lower()


def _named(name: str) -> str:
    """The name of a key as far as it is the same for each tag."""
    return name.partition("${")[0].partition("<")[0]


def _key(key: ConditionKey, *, is_global: bool = False) -> OfferedKey:
    return OfferedKey(_named(key.name), key.type, FIRST_OPERATOR.get(key.type, "StringEquals"), is_global)
