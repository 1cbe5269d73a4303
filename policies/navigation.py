"""The policies page in the side bar."""

from django.utils.translation import gettext_lazy as _

from pages.navigation import Item, register

register(
    Item(
        _("Policies"), "policies:policies", "policy", "access",
        action="iam:ListPolicies", on="policy/", key="p", order=10,
    )
)  # fmt: skip
