"""The trail in the side bar."""

from django.utils.translation import gettext_lazy as _

from pages.navigation import Item, register

register(
    Item(_("Audit trail"), "audit:events", "history", "records", action="cloudtrail:LookupEvents", on="*", key="a")
)
