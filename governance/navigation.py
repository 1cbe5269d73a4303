"""The dashboard and the requests for access in the side bar."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from governance import askers
from operations.caller import Caller
from pages.navigation import Item, register


@dataclass(frozen=True)
class MyRequestsItem(Item):
    """There for who may read the requests of its own user or role."""

    def permitted(self, caller: Caller) -> bool:
        arn, keys = askers.own_resource(caller)
        return bool(arn) and caller.may(askers.LIST, arn, keys)


register(
    Item(_("Dashboard"), "governance:dashboard", "home", "home", key="d"),
    MyRequestsItem(_("My requests"), "governance:my-requests", "send", "home", order=10),
    Item(_("Requests"), "governance:requests", "inbox", "govern", action=askers.LIST, key="q", order=10),
)
