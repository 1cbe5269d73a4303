"""Texts in a row, as sentences have them."""

import json
import re
from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext as _

# What could be taken for the sentence around it is put in quotation marks; a variable may hold anything.
_AMBIGUOUS: Final = re.compile(r'[\s,"]|^$')
_VARIABLE: Final = re.compile(r"\$\{[^{}]*\}")


def all_of(texts: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return _in_a_row(list(texts), _("%(first)s and %(last)s"))


def any_of(texts: Iterable[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    return _in_a_row(list(texts), _("%(first)s or %(last)s"))


def verbatim(text: str) -> str:
    """A value as it stands in the document, in quotation marks where it would not be seen to be one."""
    return json.dumps(text, ensure_ascii=False) if _AMBIGUOUS.search(_VARIABLE.sub("$", text)) else text


def _in_a_row(texts: list[str], last_two: str) -> str:
    if len(texts) < 2:
        return "".join(texts)
    return last_two % {"first": ", ".join(texts[:-1]), "last": texts[-1]}
