"""The pages of federation in the menu of the person."""

from django.utils.translation import gettext_lazy as _

from pages.navigation import Item, register

register(Item(_("Switch role"), "federation:switch-role", "role", "me", order=30))
