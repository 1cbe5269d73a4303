"""Requests for access among the commands that can be given from everywhere."""

from django.utils.translation import gettext_lazy as _

from governance.askers import LIST
from pages import search

search.offer(
    search.Command(
        _("Answer requests for access"),
        "inbox",
        "governance:requests",
        action=LIST,
        words=_("grant decline approve"),
    )
)
