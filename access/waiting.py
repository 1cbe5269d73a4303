"""Where only the moment was wrong: until when to wait, as a recorded decision's conditions on the date say it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from access.variant import Variant
from engine.operators import operator_named
from engine.values import date
from operations import clock

TIMES = {"aws:currenttime", "aws:epochtime"}
SECOND = 1_000_000_000  # in the engine's unit
LATEST = 253_402_300_799 * SECOND  # the end of the year 9999


def until_allowed(trace: Mapping[str, Any], layers: Collection[str]) -> Iterator[Variant]:
    """Statements of the layers that said nothing, which would have allowed it at another moment, one that is still to come or has come."""
    for policy, statement in _statements(trace, layers):
        if statement["effect"] != "Allow" or statement["failed"] != ["Condition"]:
            continue
        failing = [each for each in statement["conditions"] if not each["verdict"]]
        window = _window(statement["conditions"])
        if window is None or any(each["key"].lower() not in TIMES for each in failing):
            continue
        yield from _wait(window[0], _("%(statement)s in %(policy)s allows it from then on"), policy, statement)


def until_not_denied(policy: str, statement: Mapping[str, Any]) -> Iterator[Variant]:
    """When a statement that denies up to a moment does so no longer."""
    bounds = [_bounds(each) for each in statement["conditions"] if each["key"].lower() in TIMES]
    ends = [each[1] for each in bounds if each is not None and each[1] < LATEST]
    if ends:
        yield from _wait(min(ends), _("%(statement)s in %(policy)s denies it no longer then"), policy, statement)


def label_of(statement: Mapping[str, Any]) -> str:
    """What a statement of a trace is called."""
    return statement["sid"] or _("Statement %(number)s") % {"number": statement["statement"] + 1}


def _wait(moment: int, why: str, policy: str, statement: Mapping[str, Any]) -> Iterator[Variant]:
    at = datetime.fromtimestamp(-(-moment // SECOND), UTC)
    words = {"moment": f"{at:%Y-%m-%d %H:%M:%S} UTC", "why": why % {"statement": label_of(statement), "policy": policy}}
    said = (
        _("Try again: since %(moment)s it is otherwise. %(why)s")
        if at <= clock.now()
        else _("Wait until %(moment)s: %(why)s")
    )
    yield Variant(said % words, _("Touches nobody: no policy changes."))


def _statements(trace: Mapping[str, Any], layers: Collection[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for stage in trace.get("stages", ()):
        if stage["name"] in layers:
            for policy in stage["policies"]:
                for statement in policy["statements"]:
                    yield policy["name"], statement


def _window(conditions: Sequence[Mapping[str, Any]]) -> tuple[int, int] | None:
    """From when until when all conditions on the moment hold, if they hold at a moment that is not over."""
    begins, ends, now = 0, LATEST, int(clock.now().timestamp()) * SECOND
    for condition in conditions:
        if condition["key"].lower() not in TIMES:
            continue
        bounds = _bounds(condition)
        if bounds is None:
            return None
        begins, ends = max(begins, bounds[0]), min(ends, bounds[1])
    return (begins, ends) if begins < ends and ends > now else None


def _bounds(condition: Mapping[str, Any]) -> tuple[int, int] | None:
    """From when until when a condition holds; None for one that cannot be read, or is no comparison of before and after."""
    operator = operator_named(condition["operator"])
    moments = [date(value) for value in condition["resolved"] or condition["wanted"]]
    if operator is None or operator.family not in ("date", "numeric") or None in moments or not moments:
        return None
    known = [each for each in moments if each is not None and 0 <= each <= LATEST]
    if len(known) < len(moments):
        return None
    match operator.comparison:
        case "greater":
            return min(known) + SECOND, LATEST
        case "greater_equals":
            return min(known), LATEST
        case "less" | "less_equals":
            return 0, max(known)
    return None
