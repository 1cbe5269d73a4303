"""The help of the pages that explain access."""

from django.utils.translation import gettext_lazy as _

from pages.topics import Topic, register

register(Topic("simulator", _("Simulator"), ("access:*",)))
register(Topic("compare", _("Compare"), ("access:compare",)))
register(
    Topic(
        "effective-access", _("Effective access"), ("access:user-access", "access:group-access", "access:role-access")
    )
)
