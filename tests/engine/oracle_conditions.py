"""The plain evaluator's patterns and conditions: a table for wildcards, one value against one value, then any or all.

(IAM User Guide, "Condition operators", "Multivalued context keys", "Policy variables", "Resource".)
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

ANY, ONE = object(), object()  # the wildcards * and ? once they are told from literal characters


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def as_text(value: Any) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


# ---------------------------------------------------------------- patterns


def glob(pattern: list[Any], text: str) -> bool:
    """Dynamic programming: row i says which prefixes of the text the first i signs of the pattern match."""
    row = [True] + [False] * len(text)
    for sign in pattern:
        following = [sign is ANY and row[0]]
        for position, character in enumerate(text, 1):
            if sign is ANY:
                following.append(row[position] or following[position - 1])
            else:
                following.append(row[position - 1] and (sign is ONE or sign == character))
        row = following
    return row[-1]


def wildcards(text: str) -> list[Any]:
    return [ANY if character == "*" else ONE if character == "?" else character for character in text]


def like(pattern: str, text: str) -> bool:
    return glob(wildcards(pattern), text)


def substitute(text: str, context: dict[str, list[str]], has_variables: bool, has_wildcards: bool) -> list[Any] | None:
    """The signs of a pattern with its variables replaced; None when one of them resolves to nothing."""
    signs: list[Any] = []
    while text:
        found = re.match(r"\$\{([^}]*)\}", text) if has_variables else None
        if found is None:
            signs += wildcards(text[0]) if has_wildcards else [text[0]]
            text = text[1:]
            continue
        text = text[found.end() :]
        inside = found.group(1)
        if inside in ("*", "?", "$"):
            signs.append(inside)
            continue
        default = re.fullmatch(r"(.*?)\s*,\s*'([^']*)'", inside, re.DOTALL)
        name = (default.group(1) if default else inside).strip().lower()
        values = context.get(name, [])
        if len(values) == 1:
            signs += values[0]
        elif default and not values:
            signs += default.group(2)
        else:
            return None
    return signs


def arn_like(pattern: str, text: str, context: dict[str, list[str]], has_variables: bool) -> bool:
    """The first five fields one by one, then the rest; variables stand in the rest alone. Fewer fields: plain text."""
    fields = pattern.split(":", 5)
    signs = substitute(fields[-1] if len(fields) == 6 else pattern, context, has_variables, True)
    if signs is None:
        return False
    if len(fields) < 6:
        return glob(signs, text)
    given = text.split(":", 5)
    if len(given) < 6:
        return False
    return all(like(field, value) for field, value in zip(fields[:5], given, strict=False)) and glob(signs, given[5])


# ---------------------------------------------------------------- conditions


def number(text: str) -> Decimal | None:
    if not re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?", text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def moment(text: str) -> datetime | None:
    """A date in ISO 8601, or in seconds or (from 13 digits on) milliseconds since 1970."""
    if re.fullmatch("-?[0-9]{5,}(\\.[0-9]+)?", text):
        seconds = float(text)
        return datetime.fromtimestamp(seconds / 1000 if abs(seconds) >= 10**11 else seconds, UTC)
    day, clock = "[0-9]{4}-[0-9]{2}-[0-9]{2}", r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2})"
    if not re.fullmatch(f"{day}(T{clock})?", text):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def octets(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return None


def ordered(read: Callable[[str], Any], compare: Callable[[Any, Any], bool]) -> Callable[[str, str], bool]:
    def test(given: str, wanted: str) -> bool:
        left, right = read(given), read(wanted)
        return left is not None and right is not None and compare(left, right)

    return test


def address_in(given: str, wanted: str) -> bool:
    left, right = network(given), network(wanted)
    return left is not None and right is not None and left.version == right.version and left.subnet_of(right)


COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": lambda given, wanted: given == wanted,
    "LessThan": lambda given, wanted: given < wanted,
    "LessThanEquals": lambda given, wanted: given <= wanted,
    "GreaterThan": lambda given, wanted: given > wanted,
    "GreaterThanEquals": lambda given, wanted: given >= wanted,
}


def value_matches(operator: str, wanted: str, given: str, context: dict[str, list[str]], has_variables: bool) -> bool:
    """Whether one given value matches one wanted value under a positive operator."""
    if operator.startswith("Arn"):
        return given.count(":") >= 5 and arn_like(wanted, given, context, has_variables)
    if operator.startswith("String"):
        signs = substitute(wanted, context, has_variables, operator == "StringLike")
        if signs is None:
            return False
        if operator == "StringEqualsIgnoreCase":
            return "".join(signs).lower() == given.lower()
        return glob(signs, given)
    if operator == "Bool":
        return given.lower() == wanted.lower() and wanted.lower() in ("true", "false")
    if operator == "BinaryEquals":
        return ordered(octets, COMPARISONS["Equals"])(given, wanted)
    if operator == "IpAddress":
        return address_in(given, wanted)
    read = number if operator.startswith("Numeric") else moment
    return ordered(read, COMPARISONS[operator.removeprefix("Numeric").removeprefix("Date")])(given, wanted)


def one_condition(name: str, key: str, wanted: list[str], context: dict[str, list[str]], has_variables: bool) -> bool:
    quantifier, _, operator = name.rpartition(":")
    if_exists = operator.endswith("IfExists")
    operator = operator.removesuffix("IfExists")
    given = context.get(key.lower(), [])
    if operator == "Null":
        return ("true" if not given else "false") in wanted
    negated = "Not" in operator
    operator = operator.replace("Not", "")
    if quantifier:
        given = [value for value in given if value] if given == [""] else given
    if not given:
        return if_exists or quantifier == "ForAllValues" or (negated and not quantifier)

    if not quantifier and len(given) > 1:
        return False  # a key with many values needs a set operator

    def holds(value: str) -> bool:
        return any(value_matches(operator, each, value, context, has_variables) for each in wanted) != negated

    return (any if quantifier == "ForAnyValue" else all)(holds(value) for value in given)


def conditions_hold(statement: dict[str, Any], context: dict[str, list[str]], has_variables: bool) -> bool:
    for name, keys in statement.get("Condition", {}).items():
        for key, values in keys.items():
            if not one_condition(name, key, [as_text(value) for value in listed(values)], context, has_variables):
                return False
    return True
