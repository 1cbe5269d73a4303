"""Condition keys as the simulator's form asks for them: with their types, and what was typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine import catalog

# The types of the Service Authorization Reference, and what SimulatePrincipalPolicy calls them.
TYPES: Mapping[str, str] = {
    "String": "string",
    "ARN": "string",
    "Bool": "boolean",
    "Boolean": "boolean",
    "Numeric": "numeric",
    "Long": "numeric",
    "Date": "date",
    "IPAddress": "ip",
    "Binary": "binary",
}
EXAMPLES: Mapping[str, str] = {
    "ARN": "arn:aws:…",
    "Date": "2026-01-31T12:00:00Z",
    "Numeric": "600",
    "IPAddress": "203.0.113.7",
}


@dataclass(frozen=True)
class Key:
    """A condition key of the form: its type in the reference's word, what it is about, and what was typed."""

    name: str
    type: str
    description: str
    value: str = ""
    read: bool = True  # whether a policy reads it
    error: str = ""

    @property
    def is_bool(self) -> bool:
        return self.value_type in ("Bool", "Boolean")

    @property
    def value_type(self) -> str:
        return self.type.removeprefix("ArrayOf")

    @property
    def several(self) -> bool:
        """Whether it takes several values, separated by commas."""
        return self.type.startswith("ArrayOf")

    @property
    def example(self) -> str:
        return EXAMPLES.get(self.value_type, "")


def key_of(name: str, value: str = "", *, read: bool = True, error: str = "") -> Key:
    """A key with what the reference says of it; one that nobody knows is a string."""
    try:
        known = catalog.condition_key(name)
    except catalog.NotFound:
        return Key(name, "String", "", value, read, error)
    return Key(name, known.type, known.description, value, read, error)


def entry_of(name: str, values: Sequence[str]) -> dict[str, Any]:
    """The key and its values as AWS's `ContextEntries` have them."""
    key = key_of(name)
    given = (
        [part.strip() for value in values for part in value.split(",") if part.strip()] if key.several else [*values]
    )
    kind = TYPES.get(key.value_type, "string")
    several = key.several or len(given) > 1
    return {"ContextKeyName": name, "ContextKeyType": f"{kind}List" if several else kind, "ContextKeyValues": given}


def keys_of(read: Sequence[str], given: Sequence[tuple[str, str]], errors: Mapping[str, str]) -> list[Key]:
    """The rows of the form: keys that policies read, and those that were given besides; errors by their keys in lower case."""
    values: dict[str, list[str]] = {}
    for name, value in given:
        values.setdefault(name.lower(), []).append(value)
    names = {name.lower(): name for name in (*(name for name, _ in given), *read)}
    asked = {name.lower() for name in read}
    return [
        key_of(name, ", ".join(values.get(lower, ())), read=lower in asked, error=errors.get(lower, ""))
        for lower, name in names.items()
    ]
