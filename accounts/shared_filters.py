"""The shared filters of an account, as lists show and change them."""

from accounts.models import SharedFilter
from accounts.operations.shared_filters import delete_shared_filter, put_shared_filter
from operations.caller import Caller
from pages.listing import shared
from pages.listing.saved import SavedFilter


class Store:
    """What `pages.listing.shared` asks for."""

    def read(self, account_id: str, key: str) -> list[SavedFilter]:
        rows = SharedFilter.objects.filter(account=account_id, list=key).order_by("name_key")
        return [SavedFilter(name, query, shared=True) for name, query in rows.values_list("name", "query")]

    def put(self, caller: Caller, key: str, name: str, query: str) -> None:
        put_shared_filter(caller, list_name=key, filter_name=name, query=query)

    def delete(self, caller: Caller, key: str, name: str) -> None:
        delete_shared_filter(caller, list_name=key, filter_name=name)


shared.register(Store())
