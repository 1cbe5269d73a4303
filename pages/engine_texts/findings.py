"""Parts of findings' sentences, and the labels of their fixes."""

from typing import Final

from django.utils.translation import gettext_noop as _

from pages.engine_texts.marks import ngettext

FINDINGS: Final = (
    _(" at line {line}, column {column}"),
    _("the key {name} stands twice in one object"),
    _("Remove {name}"),
    ngettext("{names} and {number} more", "{names} and {number} more"),
    _("text"),
    _("an ARN"),
    _("true or false"),
    _("a number"),
    _("a date"),
    _("an IP address"),
    _("base64 data"),
    _("Keep only {value}"),
    _("greatest"),
    _("least"),
    _("this key takes exact values only"),
    ngettext("write at least {number} letter directly before it", "write at least {number} letters directly before it"),
    _("in aws:userid it stands to the right of the colon, or alone to its left"),
    _("Write {json}"),
    _("a resource of {service}"),
    _("Change to {text}"),
    _("An identity policy"),
    _("A permissions boundary"),
    _("A session policy"),
    _("This kind of policy"),
    _("Remove what is covered ({number})"),
    _("Remove this statement"),
    _("a string"),
    _("an object"),
    _("a list"),
    _(" Did you mean {name}?"),
    _("Write all values as strings"),
    _("Rename to {name}"),
    _("Add {json}"),
    _("a string or a list of strings"),
    _("Remove the empty Sid"),
    _("{first} or {second}"),
    _("a string, number or boolean"),
    _("Remove the session"),
    _("Set {name} to {value}"),
)
