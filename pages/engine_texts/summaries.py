"""The words of AWS's policy summaries."""

from typing import Final

from django.utils.translation import gettext_noop as _

SUMMARIES: Final = (
    _("All resources"),
    _("None"),
    _("Multiple"),
    _(
        "This policy does not grant any permissions. To grant access, policies must have an action that has "
        "an applicable resource or condition."
    ),
    _("List"),
    _("Read"),
    _("Write"),
    _("Permissions management"),
    _("Tagging"),
    _("Unrecognized action: {name}"),
    _("Full access"),
    _("Full: {full}; Limited: {limited}"),
    _("Full: {full}"),
    _("Limited: {limited}"),
    _("No resource in the policy applies to this action"),
    _("The policy uses NotPrincipal"),
    _("All resources except {resource}"),
)
