"""Filters of a list: properties with operators, each of which becomes a condition of the query."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from operations.caller import Caller

Text = str | Promise
Rows = QuerySet[Any]
OPERATORS = {"eq": "=", "ne": "≠", "has": ":", "not": "!:", "starts": "^", "gt": ">", "lt": "<", "ge": "≥", "le": "≤"}
LIMIT = 12
MOST_NAMED = 1000  # rows of one name: an account has one of it
NONE = "(none)"  # rows without any value: no name and no tag's key has parentheses


class FilterError(ValueError):
    """The value does not fit the property; the message says what would."""


@dataclass(frozen=True)
class Suggestion:
    """A value to choose: what goes into the address, how it is shown, and a note beside it."""

    value: str
    label: Text
    note: Text = ""


@dataclass(frozen=True)
class Filter:
    """A property that can be filtered by. Subclasses say which operators it has, what condition follows and what can be suggested.

    `needs` is what a reader needs to be told by it (pages.listing.needs).
    """

    key: str
    label: Text
    needs: tuple[str, ...] = field(default=(), kw_only=True)

    @property
    def operators(self) -> tuple[str, ...]:
        return ("eq", "ne")

    def condition(self, operator: str, value: str) -> Q:
        """The query's condition. Raises FilterError when the value is none."""
        raise NotImplementedError

    def for_reader(self, caller: Caller) -> "Filter":
        """The filter as a reader has it, who may be told by it."""
        return self

    def often(self, operator: str, value: str) -> Q:
        """The same condition for a value that very many rows have, which are read in their order and asked one by one."""
        return self.condition(operator, value)

    def suggest(self, rows: Rows, typed: str) -> Iterable[Suggestion]:
        """Values that begin with or contain what was typed, from all of the caller's rows."""
        return ()

    def fits(self, operator: str, value: str) -> bool:
        """Whether a suggested value can be asked for with an operator."""
        return True

    def shown(self, value: str) -> str:
        """The value as a token shows it."""
        return value

    def meant(self, typed: str) -> str:
        """The value that somebody means who typed what is shown."""
        return typed


@dataclass(frozen=True)
class TextFilter(Filter):
    """A text field. With `fold` (`str.lower`) the field holds text in one case and is compared as it is, which an index can serve;
    with `exact` whole values are, where case tells them apart. `absent` is what `= (none)` finds, where rows may be without a
    value.
    """

    field: str = ""
    fold: Callable[[str], str] | None = None
    exact: bool = False
    shown_field: str = ""
    absent: Q | None = None

    @property
    def operators(self) -> tuple[str, ...]:
        return ("has", "not", "eq", "ne", "starts")

    def fits(self, operator: str, value: str) -> bool:
        return operator in {"eq", "ne"} or self.absent is None or value != NONE

    def condition(self, operator: str, value: str) -> Q:
        if self.absent is not None and operator in {"eq", "ne"} and value == NONE:
            return ~self.absent if operator == "ne" else self.absent
        prefix, part = ("", "inside") if self.fold else ("i", "icontains")
        lookup = {"has": part, "not": part, "starts": f"{prefix}startswith"}.get(
            operator, "exact" if self.exact else f"{prefix}exact"
        )
        found = Q(**{f"{self.field}__{lookup}": self.fold(value) if self.fold else value})
        return ~found if operator in {"not", "ne"} else found

    def suggest(self, rows: Rows, typed: str) -> Iterable[Suggestion]:
        shown = self.shown_field or self.field
        found = rows.filter(self.condition("has", typed)) if typed else rows
        values = found.order_by(self.field).values_list(shown, flat=True).distinct()[:LIMIT]
        return [*self.none(typed), *(Suggestion(str(value), str(value)) for value in values if value)]

    def none(self, typed: str) -> list[Suggestion]:
        """The suggestion of no value at all, where there may be none."""
        return _none(typed) if self.absent is not None else []

    def shown(self, value: str) -> str:
        return _("(none)") if self.absent is not None and value == NONE else value

    def meant(self, typed: str) -> str:
        return _meant(typed) if self.absent is not None else typed


def _none(typed: str) -> list[Suggestion]:
    word = _("(none)")
    begun = word.startswith(typed.lower()) or word.strip("()").startswith(typed.lower())
    return [Suggestion(NONE, word)] if begun else []


def _meant(typed: str) -> str:
    """A typed value where there may be none: `none` means that."""
    return NONE if typed.strip("()").lower() in {NONE.strip("()"), _("(none)").strip("()")} else typed


@dataclass(frozen=True)
class Choice:
    """One value of a ChoiceFilter and its condition; `often` is the same in the form for what very many rows have."""

    value: str
    label: Text
    condition: Q
    often: Q | None = None


@dataclass(frozen=True)
class ChoiceFilter(Filter):
    """A property with a handful of values."""

    choices: tuple[Choice, ...] = ()

    def condition(self, operator: str, value: str) -> Q:
        choice = self._chosen(value)
        return ~(choice.often or choice.condition) if operator == "ne" else choice.condition

    def often(self, operator: str, value: str) -> Q:
        choice = self._chosen(value)
        found = choice.often or choice.condition
        return ~found if operator == "ne" else found

    def _chosen(self, value: str) -> Choice:
        for choice in self.choices:
            if value.lower() in {choice.value.lower(), str(choice.label).lower()}:
                return choice
        names = ", ".join(choice.value for choice in self.choices)
        raise FilterError(_("%(label)s is one of: %(values)s.") % {"label": self.label, "values": names})

    def suggest(self, rows: Rows, typed: str) -> Iterable[Suggestion]:
        wanted = typed.lower()
        return [
            Suggestion(choice.value, choice.label)
            for choice in self.choices
            if wanted in str(choice.label).lower() or wanted in choice.value.lower()
        ]

    def meant(self, typed: str) -> str:
        return next((choice.value for choice in self.choices if str(choice.label).lower() == typed.lower()), typed)

    def shown(self, value: str) -> str:
        return next((str(choice.label) for choice in self.choices if choice.value == value), value)


@dataclass(frozen=True)
class NumberFilter(Filter):
    """A whole number."""

    field: str = ""

    @property
    def operators(self) -> tuple[str, ...]:
        return ("eq", "ne", "gt", "ge", "lt", "le")

    def condition(self, operator: str, value: str) -> Q:
        if not re.fullmatch(r"-?\d{1,9}", value):
            raise FilterError(_("%(label)s is compared with a whole number.") % {"label": self.label})
        if operator in {"eq", "ne"}:
            found = Q(**{self.field: int(value)})
            return ~found if operator == "ne" else found
        return Q(**{f"{self.field}__{_lookup(operator)}": int(value)})


def _lookup(operator: str) -> str:
    return {"ge": "gte", "le": "lte"}.get(operator, operator)


@dataclass(frozen=True)
class AgeFilter(Filter):
    """How long ago something was, in days: `> 90 days` is longer ago, `< 7 days` within the last week, `= never` not at all."""

    field: str = ""
    never: Text = "never"
    presets: tuple[int, ...] = (1, 7, 30, 90, 365)

    @property
    def operators(self) -> tuple[str, ...]:
        return ("gt", "lt", "eq", "ne")

    def condition(self, operator: str, value: str) -> Q:
        if operator in {"eq", "ne"}:
            if value.lower() not in {"never", "none", str(self.never).lower()}:
                text = _("%(label)s can only be equal to “%(never)s”; use > or < with days.")
                raise FilterError(text % {"label": self.label, "never": self.never})
            return Q(**{f"{self.field}__isnull": operator == "eq"})
        days = re.fullmatch(r"(\d{1,5})\s*(d|days?)?", value.strip(), re.IGNORECASE)
        if days is None:
            raise FilterError(_("%(label)s is compared with a number of days, such as 90.") % {"label": self.label})
        then = timezone.now() - timedelta(days=int(days[1]))
        return Q(**{f"{self.field}__lt" if operator == "gt" else f"{self.field}__gte": then})

    def suggest(self, rows: Rows, typed: str) -> Iterable[Suggestion]:
        never = [Suggestion("never", self.never)] if str(self.never).startswith(typed.lower()) else []
        days = [str(days) for days in self.presets if str(days).startswith(typed)]
        return [*never, *(Suggestion(number, self.shown(number)) for number in days)]

    def fits(self, operator: str, value: str) -> bool:
        return (value == "never") == (operator in {"eq", "ne"})

    def shown(self, value: str) -> str:
        if value in {"never", "none"}:
            return str(self.never)
        number = value.rstrip("days ").strip()
        return (
            ngettext("%(number)s day", "%(number)s days", int(number)) % {"number": number}
            if number.isdecimal() and len(number) <= 5
            else value
        )


@dataclass(frozen=True)
class DateFilter(Filter):
    """A moment: from a day or time on, or before it (ISO 8601, UTC)."""

    field: str = ""

    @property
    def operators(self) -> tuple[str, ...]:
        return ("ge", "lt")

    def condition(self, operator: str, value: str) -> Q:
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            text = _("%(label)s is compared with a date such as 2026-11-23 or 2026-11-23T14:00.")
            raise FilterError(text % {"label": self.label}) from None
        return Q(**{f"{self.field}__{_lookup(operator)}": moment if moment.tzinfo else moment.replace(tzinfo=UTC)})

    def suggest(self, rows: Rows, typed: str) -> Iterable[Suggestion]:
        today = timezone.now().astimezone(UTC).date()
        days = (today - timedelta(days=back) for back in (0, 1, 7, 30))
        return [Suggestion(day.isoformat(), day.isoformat()) for day in days if day.isoformat().startswith(typed)]


@dataclass(frozen=True)
class RelatedFilter(Filter):
    """Something the row has several of, such as its groups: `model` is the linking table, `link` its key to the row,
    `field` what is compared (in lower case with `folded`): a field of its own, or of a row that it leads to (`group__name_key`).
    `shown_field` is what is suggested. `absent` is what `= (none)` finds; without it, the rows that have no link."""

    model: type[Model] | None = None
    link: str = ""
    field: str = ""
    shown_field: str = ""
    folded: bool = True
    absent: Q | None = None

    @property
    def _without(self) -> Q:
        return self.absent if self.absent is not None else ~self._asked(self._links(), "eq")

    def condition(self, operator: str, value: str) -> Q:
        """Rows that have such a link are named by a list, which the database may begin with: what few have is found without looking at
        every row."""
        if value == NONE:
            return ~self._without if operator == "ne" else self._without
        links = self._links().filter(**self._which(value))
        return Q(pk__in=links.order_by().values(self.link)) if operator != "ne" else self._asked(links, operator)

    def often(self, operator: str, value: str) -> Q:
        if value == NONE:
            return self.condition(operator, value)
        return self._asked(self._links().filter(**self._which(value)), operator)

    def _asked(self, links: Rows, operator: str) -> Q:
        found = Q(Exists(links.filter(**{self.link: OuterRef("pk")})))
        return ~found if operator == "ne" else found

    def _which(self, value: str) -> dict[str, Any]:
        """What is asked of a link. Where a name in another table is meant, its rows are looked up first: by their keys the database
        knows how many links there will be, and by a name it would have to guess."""
        value = value.lower() if self.folded else value
        other, _separator, name = self.field.partition("__")
        if not name:
            return {self.field: value}
        named: Rows = QuerySet(self._links().model._meta.get_field(other).related_model)  # noqa: SLF001 - Django documents it as public
        return {f"{other}__in": list(named.filter(**{name: value}).values_list("pk", flat=True)[:MOST_NAMED])}

    def suggest(self, rows: Rows, typed: str) -> Iterable[Suggestion]:
        shown = self.shown_field or self.field
        links = self._links().filter(**{f"{self.link}__in": rows.order_by().values("pk")})
        if typed:
            links = links.filter(**{f"{self.field}__contains": typed.lower() if self.folded else typed})
        values = links.order_by(shown).values_list(shown, flat=True).distinct()[:LIMIT]
        return [*_none(typed), *(Suggestion(value, value) for value in values)]

    def shown(self, value: str) -> str:
        return _("(none)") if value == NONE else value

    def meant(self, typed: str) -> str:
        return _meant(typed)

    def _links(self) -> Rows:
        assert self.model is not None  # noqa: S101 - for the type checker: a dataclass needs a default after one with a default
        return QuerySet(self.model)


@dataclass(frozen=True)
class TagFilter(RelatedFilter):
    """Tags, as `team = ops` (key and value) or `team` (has the key); keys are compared without regard to case."""

    field: str = "key_folded"
    shown_field: str = "key"

    def _which(self, value: str) -> dict[str, Any]:
        key, equals, wanted = (part.strip() for part in value.partition("="))
        if not key:
            raise FilterError(_("A tag is written as key=value, or as its key alone."))
        return {"key_folded": key.lower(), **({"value": wanted} if equals else {})}

    def suggest(self, rows: Rows, typed: str) -> Iterable[Suggestion]:
        key, equals, begun = (part.strip() for part in typed.partition("="))
        if not equals:
            return super().suggest(rows, typed)
        links = self._links().filter(**{f"{self.link}__in": rows.order_by().values("pk"), "key_folded": key.lower()})
        links = links.filter(value__icontains=begun)
        pairs: Sequence[tuple[str, str]] = list(links.order_by("value").values_list("key", "value").distinct()[:LIMIT])
        return [Suggestion(f"{name}={value}", f"{name} = {value}") for name, value in pairs]
