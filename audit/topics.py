"""The help of the trail."""

from django.utils.translation import gettext_lazy as _

from pages.topics import Topic, register

register(Topic("trail", _("Audit trail"), ("audit:*",)))
