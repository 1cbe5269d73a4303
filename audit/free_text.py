"""Finding Events by a part of a name: the names that have it are found first, and then their Events along the record's indexes."""

from dataclasses import dataclass
from typing import Final

from django.db.models import Q, QuerySet

from operations.models import EventTerm
from pages.listing import TextFilter
from pages.listing.filters import LIMIT, Rows, Suggestion

FIELDS: Final = ("name", "user_name", "resource", "reason")
# With more names than that a part stands in so many Events that reading along the time finds them.
MOST_TERMS: Final = 5_000
# Names that one filter sends along. A query takes 32,766 parameters on SQLite, 65,535 on PostgreSQL, and a list up to fifty filters.
MOST_SENT: Final = 500


def matching(account_id: str, text: str) -> Q:
    """Events with each of the words in their name, their user's name, their resource or the reason that was given."""
    words = list(dict.fromkeys(text.split()))
    condition = Q()
    for word in words:
        found = _terms(account_id, FIELDS, "inside", word)
        names = list(found.values_list("field", "value")[: MOST_TERMS // len(words) + 1])
        condition &= _in_any(names) if len(names) <= MOST_TERMS // len(words) else _read(FIELDS, "inside", word)
    return condition


def _terms(account_id: str, fields: tuple[str, ...], lookup: str, part: str) -> "QuerySet[EventTerm]":
    """The terms of some fields that have the part; `lookup` says where (`inside`, `startswith`)."""
    return EventTerm.objects.filter(account_id=account_id, field__in=fields, **{f"folded__{lookup}": part.lower()})


def _in_any(names: list[tuple[str, str]]) -> Q:
    """Events of these names, pairs of field and value."""
    condition = Q(pk__in=[])
    for field in FIELDS:
        if values := [value for name, value in names if name == field]:
            condition |= Q(**{f"{field}__in": values})
    return condition


def _read(fields: tuple[str, ...], lookup: str, part: str) -> Q:
    """The same asked of each Event."""
    condition = Q()
    for field in fields:
        condition |= Q(**{f"{field}__{'icontains' if lookup == 'inside' else 'istartswith'}": part})
    return condition


@dataclass(frozen=True)
class TermFilter(TextFilter):
    """A column whose values are kept as terms: parts of them are looked up among those, and so are suggestions."""

    account_id: str = ""
    exact: bool = True

    def condition(self, operator: str, value: str) -> Q:
        lookup = {"has": "inside", "not": "inside", "starts": "startswith"}.get(operator)
        if lookup is None:
            return super().condition(operator, value)
        found = self._with_part(lookup, value)
        return ~found if operator == "not" else found

    def _with_part(self, lookup: str, part: str) -> Q:
        terms = _terms(self.account_id, (self.field,), lookup, part).values_list("value", flat=True)
        names = list(terms[: MOST_TERMS + 1])
        if len(names) > MOST_TERMS:
            return _read((self.field,), lookup, part)
        return Q(**{f"{self.field}__in": names if len(names) <= MOST_SENT else terms})

    def suggest(self, rows: Rows, typed: str) -> list[Suggestion]:
        terms = EventTerm.objects.filter(account_id=self.account_id, field=self.field, folded__inside=typed.lower())
        values = terms.order_by("value").values_list("value", flat=True)[:LIMIT]
        return [*self.none(typed), *(Suggestion(value, value) for value in values)]
