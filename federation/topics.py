"""The help of the pages of roles that one acts as."""

from django.utils.translation import gettext_lazy as _

from pages.topics import Topic, register

register(Topic("switch-role", _("Switching roles"), ("federation:switch-*",)))
