"""The condition operators by name: what family they compare as, and how prefix and suffix change them
(IAM User Guide, "IAM JSON policy elements: Condition operators")."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

Family = Literal["string", "numeric", "date", "bool", "binary", "ip", "arn", "null"]
Comparison = Literal["equals", "equals_ignore_case", "like", "less", "less_equals", "greater", "greater_equals"]
Quantifier = Literal["ForAllValues", "ForAnyValue"]


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator as a policy may write it. `name` is AWS's spelling, without quantifier and IfExists."""

    name: str
    family: Family
    comparison: Comparison
    negated: bool = False
    if_exists: bool = False
    quantifier: Quantifier | None = None


def _family(name: str, family: Family, *comparisons: tuple[str, Comparison, bool]) -> dict[str, Operator]:
    return {
        f"{name}{suffix}".lower(): Operator(f"{name}{suffix}", family, comparison, negated)
        for suffix, comparison, negated in comparisons
    }


_ORDER: Final[tuple[tuple[str, Comparison, bool], ...]] = (
    ("Equals", "equals", False),
    ("NotEquals", "equals", True),
    ("LessThan", "less", False),
    ("LessThanEquals", "less_equals", False),
    ("GreaterThan", "greater", False),
    ("GreaterThanEquals", "greater_equals", False),
)
OPERATORS: Final[dict[str, Operator]] = {
    **_family(
        "String",
        "string",
        ("Equals", "equals", False),
        ("NotEquals", "equals", True),
        ("EqualsIgnoreCase", "equals_ignore_case", False),
        ("NotEqualsIgnoreCase", "equals_ignore_case", True),
        ("Like", "like", False),
        ("NotLike", "like", True),
    ),
    **_family("Numeric", "numeric", *_ORDER),
    **_family("Date", "date", *_ORDER),
    **_family(
        "Arn",
        "arn",
        ("Equals", "like", False),
        ("NotEquals", "like", True),
        ("Like", "like", False),
        ("NotLike", "like", True),
    ),
    **_family("Bool", "bool", ("", "equals", False)),
    **_family("BinaryEquals", "binary", ("", "equals", False)),
    **_family("IpAddress", "ip", ("", "equals", False)),
    **_family("NotIpAddress", "ip", ("", "equals", True)),
    **_family("Null", "null", ("", "equals", False)),
}
_QUANTIFIERS: Final[tuple[Quantifier, ...]] = ("ForAllValues", "ForAnyValue")


@lru_cache(maxsize=512)
def operator_named(name: str) -> Operator | None:
    """The operator of a name such as `ForAnyValue:StringLikeIfExists`; None where there is none. Case is ignored."""
    base, quantifier = name.lower(), None
    prefix, colon, rest = base.partition(":")
    if colon:
        quantifier = next((each for each in _QUANTIFIERS if each.lower() == prefix), None)
        if quantifier is None:
            return None
        base = rest
    if_exists = base.endswith("ifexists")
    operator = OPERATORS.get(base.removesuffix("ifexists"))
    if operator is None or (if_exists and operator.family == "null"):
        return None
    return Operator(operator.name, operator.family, operator.comparison, operator.negated, if_exists, quantifier)
