"""The help of the dashboard."""

from django.utils.translation import gettext_lazy as _

from pages.topics import Topic, register

register(
    Topic("dashboard", _("Dashboard"), ("governance:dashboard",)),
)
