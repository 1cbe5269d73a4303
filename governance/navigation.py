"""The dashboard in the side bar."""

from django.utils.translation import gettext_lazy as _

from pages.navigation import Item, register

register(Item(_("Dashboard"), "governance:dashboard", "home", "home", key="d"))
