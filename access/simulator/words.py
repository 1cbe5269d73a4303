"""Policies in words, so that two of one name are told apart."""

from django.utils.translation import gettext as _

from access.sources import Source
from pages.explanation import KINDS
from pages.refusing import Text


def kind_of(source: Source) -> Text:
    """What a policy is and of whom."""
    if source.place == "boundary":
        return KINDS["boundary"]
    if source.is_inline and source.holders:
        words = {
            "user": _("inline policy of user %(name)s"),
            "group": _("inline policy of group %(name)s"),
            "role": _("inline policy of role %(name)s"),
        }
        kind, name = source.holders[0]
        return words[kind] % {"name": name}
    return KINDS.get(source.kind, _("given for this simulation"))
