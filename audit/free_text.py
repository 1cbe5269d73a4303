"""Finding Events by a part of a name: the names that have it are found first, and then their Events along the record's indexes."""

from dataclasses import dataclass
from typing import Final

from django.db.models import Q

from operations.models import EventTerm
from pages.listing import TextFilter
from pages.listing.filters import Rows, Suggestion

FIELDS: Final = ("name", "user_name", "resource")
# With more names than that a part stands in so many Events that reading along the time finds them.
MOST_TERMS: Final = 5_000


def matching(account_id: str, text: str) -> Q:
    """Events with each of the words in their name, their user's name or their resource."""
    condition = Q()
    for word in text.split():
        condition &= _with_part(account_id, FIELDS, "inside", word)
    return condition


def _with_part(account_id: str, fields: tuple[str, ...], lookup: str, part: str) -> Q:
    """Events that have the part in one of the fields; `lookup` says where (`inside`, `startswith`)."""
    terms = EventTerm.objects.filter(account_id=account_id, field__in=fields, **{f"folded__{lookup}": part.lower()})
    found = list(terms.values_list("field", "value")[: MOST_TERMS + 1])
    condition = Q(pk__in=[])
    for field in fields:
        if len(found) > MOST_TERMS:
            condition |= Q(**{f"{field}__{'icontains' if lookup == 'inside' else 'istartswith'}": part})
        elif values := [value for name, value in found if name == field]:
            condition |= Q(**{f"{field}__in": values})
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
        found = _with_part(self.account_id, (self.field,), lookup, value)
        return ~found if operator == "not" else found

    def suggest(self, rows: Rows, typed: str) -> list[Suggestion]:
        terms = EventTerm.objects.filter(account_id=self.account_id, field=self.field, folded__inside=typed.lower())
        return [Suggestion(value, value) for value in terms.order_by("value").values_list("value", flat=True)[:12]]
