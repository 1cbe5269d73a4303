"""The simulator and the comparison in the side bar."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from access.comparing import may_compare
from operations.caller import Caller
from pages.navigation import Item, register


@dataclass(frozen=True)
class SimulatorItem(Item):
    """There for who may simulate anything: somebody's policies, their own, or given ones."""

    def permitted(self, caller: Caller) -> bool:
        principal, custom = "iam:SimulatePrincipalPolicy", "iam:SimulateCustomPolicy"
        return caller.may(custom) or caller.may(principal) or caller.may(principal, caller.arn)


register(SimulatorItem(_("Simulator"), "access:simulator", "simulate", "understand", key="s", order=10))


@dataclass(frozen=True)
class CompareItem(Item):
    """There for who may look at anybody."""

    def permitted(self, caller: Caller) -> bool:
        return may_compare(caller)


register(CompareItem(_("Compare"), "access:compare", "compare", "understand", order=20))
