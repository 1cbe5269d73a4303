"""Condition blocks as functions: one closure per operator, key and values (IAM User Guide, "Condition operators",
"Multivalued context keys", "Conditions with multiple context keys or values").

All values of one key are alternatives; negated operators are the negation of the alternatives together. A missing key
makes a positive operator false and a negated one true; `IfExists` makes it true, `ForAllValues` true, `ForAnyValue` false.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from engine import values
from engine.arn import ArnPattern
from engine.context import value_of
from engine.document import Condition
from engine.operators import Comparison, Operator, operator_named
from engine.request import Request
from engine.templates import Pattern

Check = Callable[[Request], bool]
Test = Callable[[str, Request], bool]
"""Whether one given value matches one of the wanted values, before negation."""
_COLONS_OF_ARN: Final = 5


def check_of(conditions: Iterable[Condition], *, variables: bool) -> Check | None:
    """One function for a whole Condition element; None where there is none."""
    checks = [condition_check(condition, variables=variables) for condition in conditions]
    if not checks:
        return None
    if len(checks) == 1:
        return checks[0]
    if len(checks) == 2:
        first, second = checks
        return lambda request: first(request) and second(request)
    return lambda request: all(check(request) for check in checks)


def condition_check(condition: Condition, *, variables: bool) -> Check:
    """The function of one operator with one key. Raises ValueError for an unknown operator."""
    operator = operator_named(condition.operator)
    if operator is None:
        raise ValueError(f"{condition.operator} is no condition operator")
    key = condition.key.lower()
    if operator.family == "null":
        return _null_check(key, condition.values)
    if operator.quantifier is None and operator.name == "StringEquals" and not _has_variables(condition, variables):
        return _string_equals_check(key, condition.values, if_exists=operator.if_exists)
    test = _test(operator, condition.values, variables)
    if operator.quantifier == "ForAllValues":
        return _for_all_check(key, test, negated=operator.negated)
    if operator.quantifier == "ForAnyValue":
        return _for_any_check(key, test, negated=operator.negated, missing=operator.if_exists)
    return _single_check(key, test, negated=operator.negated, missing=operator.if_exists or operator.negated)


def keys_read(condition: Condition, *, variables: bool, with_defaults: bool) -> tuple[str, ...]:
    """The context keys a condition reads, as written: its own and those of its variables, perhaps also of those that do
    without because they have a default."""
    operator = operator_named(condition.operator)
    if not variables or operator is None or operator.family not in ("string", "arn"):
        return (condition.key,)
    patterns = (_pattern(operator, value, variables) for value in condition.values if "${" in value)
    named = (variable for each in patterns for variable in each.variables)
    return (condition.key, *(each.spelled for each in named if with_defaults or each.default is None))


def resolved_values(condition: Condition, request: Request, *, variables: bool) -> tuple[str | None, ...]:
    """The wanted values with their variables resolved; None where one resolves to nothing."""
    operator = operator_named(condition.operator)
    if not variables or operator is None or operator.family not in ("string", "arn"):
        return condition.values
    return tuple(
        _pattern(operator, value, variables).resolved_text(request) if "${" in value else value
        for value in condition.values
    )


def _has_variables(condition: Condition, variables: bool) -> bool:
    return variables and any("${" in value for value in condition.values)


def _null_check(key: str, wanted: tuple[str, ...]) -> Check:
    on_missing = any(values.boolean(value) == "true" for value in wanted)
    on_present = any(values.boolean(value) == "false" for value in wanted)
    return lambda request: on_missing if value_of(request, key) is None else on_present


def _string_equals_check(key: str, wanted: tuple[str, ...], *, if_exists: bool) -> Check:
    accepted = frozenset(wanted)

    def check(request: Request) -> bool:
        value = value_of(request, key)
        if value.__class__ is str:
            return value in accepted
        if value is None:
            return if_exists
        return len(value) == 1 and value[0] in accepted

    return check


def _single_check(key: str, test: Test, *, negated: bool, missing: bool) -> Check:
    """Without a quantifier a key must have one value: several match neither the operator nor its negation."""

    def check(request: Request) -> bool:
        value = value_of(request, key)
        if value is None:
            return missing
        if value.__class__ is not str:
            if len(value) != 1:
                return False
            value = value[0]
        return test(value, request) is not negated

    return check


def _for_all_check(key: str, test: Test, *, negated: bool) -> Check:
    def check(request: Request) -> bool:
        return all(test(each, request) is not negated for each in _several(value_of(request, key)))

    return check


def _for_any_check(key: str, test: Test, *, negated: bool, missing: bool) -> Check:
    def check(request: Request) -> bool:
        given = _several(value_of(request, key))
        return any(test(each, request) is not negated for each in given) if given else missing

    return check


def _several(value: Any) -> tuple[str, ...]:
    """The values of a key under a quantifier: an empty string is a null data set, as AWS documents."""
    if not value:
        return ()
    if value.__class__ is str:
        return (value,)
    return () if len(value) == 1 and not value[0] else tuple(value)


def _test(operator: Operator, wanted: tuple[str, ...], variables: bool) -> Test:
    if operator.family == "string":
        return _text_test(operator, wanted, variables)
    if operator.family == "arn":
        like = _text_test(operator, wanted, variables)
        return lambda value, request: value.count(":") >= _COLONS_OF_ARN and like(value, request)
    if operator.family in ("numeric", "date"):
        return _order_test(values.number if operator.family == "numeric" else values.date, operator.comparison, wanted)
    if operator.family == "ip":
        return _address_test(wanted)
    read = values.boolean if operator.family == "bool" else values.binary
    accepted = frozenset(read(value) for value in wanted) - {None}
    return lambda value, request: read(value) in accepted


def _pattern(operator: Operator, value: str, variables: bool) -> Pattern:
    if operator.family == "arn":
        return ArnPattern(value, variables=variables)
    fold = operator.comparison == "equals_ignore_case"
    return Pattern(value, variables=variables, wildcards=operator.comparison == "like", fold=fold)


def _text_test(operator: Operator, wanted: tuple[str, ...], variables: bool) -> Test:
    """Strings and ARNs: plain values by look-up, patterns one by one, those with variables resolved per request."""
    plain: set[str] = set()
    patterns: list[Pattern] = []
    fold = operator.comparison == "equals_ignore_case"
    wild = operator.comparison == "like"
    for value in wanted:
        if (variables and "${" in value) or (wild and ("*" in value or "?" in value)):
            patterns.append(_pattern(operator, value, variables))
        else:
            plain.add(value.lower() if fold else value)
    fixed = [pattern.matcher() for pattern in patterns if not pattern.variables]
    resolved = [pattern for pattern in patterns if pattern.variables]
    if not patterns:
        accepted = frozenset(plain)
        return (lambda value, request: value.lower() in accepted) if fold else lambda value, request: value in accepted

    def test(value: str, request: Request) -> bool:
        if (value.lower() if fold else value) in plain:
            return True
        for match in fixed:
            if match(value):
                return True
        return any(pattern.holds(value, request) for pattern in resolved) if resolved else False

    return test


def _order_test(read: Callable[[str], object], comparison: Comparison, wanted: tuple[str, ...]) -> Test:
    """Numbers and dates. Of several wanted values one is enough, so that only the widest limit decides."""
    known = [found for found in map(read, wanted) if found is not None]
    if not known:
        return lambda value, request: False
    if comparison == "equals":
        accepted = frozenset(known)
        return lambda value, request: read(value) in accepted  # None is never among them
    compare = _COMPARISONS[comparison]
    limit = max(known) if comparison in ("less", "less_equals") else min(known)  # type: ignore[type-var]

    def test(value: str, request: Request) -> bool:
        found = read(value)
        return found is not None and compare(found, limit)

    return test


_COMPARISONS: Final[dict[str, Callable[..., bool]]] = {
    "less": lambda given, limit: given < limit,
    "less_equals": lambda given, limit: given <= limit,
    "greater": lambda given, limit: given > limit,
    "greater_equals": lambda given, limit: given >= limit,
}


def _address_test(wanted: tuple[str, ...]) -> Test:
    networks = [found for found in map(values.network, wanted) if found is not None]

    def test(value: str, request: Request) -> bool:
        found = values.network(value)
        if found is None:
            return False
        version, start, width = found
        return any(version == each and start & mask == block and width & mask == mask for each, block, mask in networks)

    return test
