"""What a reader needs to see a property of a list's rows: a list shows no more than AWS's own calls would tell the reader.

A property says it in ways, one of which is enough; a way is one action or several, divided by blanks, all of which are needed:
`needs=("iam:ListGroupsForUser", "iam:ListGroups iam:GetGroup")`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from engine import catalog
from operations.caller import Caller, ContextValue
from pages.listing.filters import Filter, FilterError

ACCOUNT = "${Account}"


def sees(caller: Caller | None, needs: tuple[str, ...]) -> bool:
    """Whether a reader may see a property of every row. Nobody in particular sees only what needs nothing.

    It is decided once for the list, on the collection (`arn:aws:iam::123456789012:user/*`), so that its cost does not grow with the
    rows; and on the safe side: whoever may ask for some users only, or is denied for some, by name, path or tag, sees it of none.
    """
    if not needs:
        return True
    return caller is not None and any(all(_throughout(caller, action) for action in way.split()) for way in needs)


def sees_of(caller: Caller | None, needs: tuple[str, ...], arn: str, keys: Mapping[str, ContextValue]) -> bool:
    """The same for a page about one: it is decided for that one, with the condition keys of its tags."""
    if not needs:
        return True
    return caller is not None and any(all(caller.may(action, arn, keys) for action in way.split()) for way in needs)


def _throughout(caller: Caller, action: str) -> bool:
    return caller.may_throughout(action, _collection(action).replace(ACCOUNT, caller.account_id))


@cache
def _collection(action: str) -> str:
    """The pattern of all that an action may be asked about, with a place for the account; `*` where it has no resources."""
    service, name = action.split(":")
    types = catalog.action(service, name).resource_types
    if not types:
        return "*"
    head, slash, _name = catalog.resource_type(service, types[0].name).arn_forms[0].text.partition("/")
    return f"{head}{slash}*".replace("${Partition}", settings.PARTITION)


@dataclass(frozen=True)
class Withheld(Filter):
    """A filter in the place of one that the reader may not use: it is not offered, finds nothing, and says what it needs."""

    signs: tuple[str, ...] = ()

    @property
    def operators(self) -> tuple[str, ...]:
        return self.signs

    @property
    def refusal(self) -> str:
        actions = ", ".join(self.needs[0].split())
        return _("Needs %(permission)s to filter by “%(property)s”.") % {"property": self.label, "permission": actions}

    def condition(self, operator: str, value: str) -> Q:
        raise FilterError(self.refusal)


def for_reader(caller: Caller | None, filters: Iterable[Filter]) -> tuple[Filter, ...]:
    """The filters as a reader has them."""
    return tuple(
        (each.for_reader(caller) if caller is not None else each)
        if sees(caller, each.needs)
        else Withheld(each.key, each.label, each.operators, needs=each.needs)
        for each in filters
    )
