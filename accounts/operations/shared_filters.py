"""Filters of lists that everybody in the account sees. Operations of our own: who may share is a matter of policies."""

from django.http import QueryDict

from accounts import resolve
from accounts.models import SharedFilter
from operations.errors import InvalidInput, LimitExceeded, NoSuchEntity
from operations.gate import Call, Result, operation
from pages.listing.saved import LONGEST_QUERY, MOST, query_of, without_blanks

MOST_OF_ACCOUNT = 400  # of all lists together


@operation("iam:PutSharedFilter", on=resolve.whole_account)
def put_shared_filter(call: Call, *, list_name: str, filter_name: str, query: str) -> Result:
    """Share a filter, or replace the one of that name, whatever the case of its letters.

    `query` is what a list's address says of its rows (pages.listing.saved). Raises InvalidInput, LimitExceeded.
    """
    name, kept = without_blanks(filter_name), query_of(QueryDict(query.lstrip("?")))
    if not name or not name.isprintable():
        raise InvalidInput("The name of a shared filter needs characters that can be seen.")
    if len(kept) > LONGEST_QUERY:  # as an address writes it, characters beyond ASCII take several
        raise InvalidInput(
            f"The query of a shared filter may have {LONGEST_QUERY} characters, as an address writes it."
        )
    if not kept:
        raise InvalidInput("The query of a shared filter must filter or sort the list.")
    shared = SharedFilter.objects.filter(account=call.account_id)
    old = shared.filter(list=list_name, name_key=name.casefold()).first()
    if old is None:
        _check_room(shared.filter(list=list_name).count(), shared.count())
    row = old or SharedFilter(account_id=call.account_id, list=list_name)
    before = _state(old) if old else None
    row.name, row.name_key, row.query, row.created_by = name, name.casefold(), kept, call.caller.arn
    row.save()
    call.changed(before=before, after=_state(row))
    return {}


@operation("iam:DeleteSharedFilter", on=resolve.whole_account)
def delete_shared_filter(call: Call, *, list_name: str, filter_name: str) -> Result:
    """Take a shared filter away from everybody. Raises NoSuchEntity."""
    key = without_blanks(filter_name).casefold()
    old = SharedFilter.objects.filter(account=call.account_id, list=list_name, name_key=key).first()
    if old is None:
        raise NoSuchEntity(f"The shared filter with name {filter_name} cannot be found.")
    call.changed(before=_state(old))
    old.delete()
    return {}


def _check_room(of_list: int, of_account: int) -> None:
    if of_list >= MOST:
        raise LimitExceeded(f"Cannot exceed quota for SharedFiltersPerList: {MOST}")
    if of_account >= MOST_OF_ACCOUNT:
        raise LimitExceeded(f"Cannot exceed quota for SharedFiltersPerAccount: {MOST_OF_ACCOUNT}")


def _state(row: SharedFilter) -> dict[str, str]:
    return {"list": row.list, "name": row.name, "query": row.query}
