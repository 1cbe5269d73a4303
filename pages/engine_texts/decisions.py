"""Why a layer of a decision said what it said, and the words within."""

from typing import Final

from django.utils.translation import gettext_noop as _

from pages.engine_texts.marks import ngettext

DECISIONS: Final = (
    _("no statement with Effect Allow matches"),
    _("no statement with Effect Deny matches"),
    ngettext("{number} statement with Effect {effect} matches", "{number} statements with Effect {effect} match"),
    ngettext("{number} statement allows, naming {whom}", "{number} statements allow, naming {whom}"),
    _("the caller"),
    _("the role or user behind the session"),
    _("everyone"),
    _("the account"),
    _("it does not apply to a caller of this kind ({kind})"),
    _("no policy allows it"),
    _("service-linked roles are exempt"),
    _("the management account is exempt"),
    _("the service does not support resource control policies"),
    _("the root user is not subject to it"),
    _("the call needs no permission and cannot be denied"),
    _("an explicit deny overrides every allow"),
    _("every layer that must allow does, and none denies"),
    _("allowed in part, but not by: {layers}"),
    _("{action} needs no permission and cannot be denied"),
    _("full access stands implicitly and no statement denies"),
)
