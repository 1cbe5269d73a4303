"""How the console looks, as commands of the search over everything."""

from django.utils.translation import gettext_lazy as _

from pages.search import Command, offer

PAGE = "pages:preferences"

offer(
    Command(_("Theme: light"), "eye", PAGE, words=_("appearance"), fields={"theme": "light"}),
    Command(_("Theme: dark"), "eye", PAGE, words=_("appearance"), fields={"theme": "dark"}),
    Command(_("Theme: as the system"), "eye", PAGE, words=_("appearance"), fields={"theme": "system"}),
    Command(_("Contrast: high"), "eye", PAGE, words=_("appearance high contrast"), fields={"contrast": "more"}),
    Command(_("Contrast: normal"), "eye", PAGE, words=_("appearance normal contrast"), fields={"contrast": "normal"}),
    Command(_("Contrast: as the system"), "eye", PAGE, words=_("appearance"), fields={"contrast": "system"}),
    Command(_("Rows: compact"), "columns", PAGE, words=_("appearance density"), fields={"density": "compact"}),
    Command(_("Rows: comfortable"), "columns", PAGE, words=_("appearance density"), fields={"density": "comfortable"}),
    Command(_("Single-letter keys: on"), "keyboard", PAGE, words=_("keyboard shortcuts"), fields={"keys": "on"}),
    Command(_("Single-letter keys: off"), "keyboard", PAGE, words=_("keyboard shortcuts"), fields={"keys": "off"}),
)
