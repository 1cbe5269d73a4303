"""The help of the dashboard and of requests for access."""

from django.utils.translation import gettext_lazy as _

from pages.topics import Topic, register

register(
    Topic("dashboard", _("Dashboard"), ("governance:dashboard",)),
    Topic("requests", _("Requests for access"), ("governance:request*", "governance:my-requests")),
)
