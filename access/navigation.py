"""The simulator in the side bar."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from operations.caller import Caller
from pages.navigation import Item, register


@dataclass(frozen=True)
class SimulatorItem(Item):
    """There for who may simulate anything: somebody's policies, their own, or given ones."""

    def permitted(self, caller: Caller) -> bool:
        principal, custom = "iam:SimulatePrincipalPolicy", "iam:SimulateCustomPolicy"
        return caller.may(custom) or caller.may(principal) or caller.may(principal, caller.arn)


register(SimulatorItem(_("Simulator"), "access:simulator", "simulate", "understand", key="s", order=10))
