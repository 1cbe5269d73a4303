"""Plural forms for scripts: they have no catalogue, so all forms of a text go to the page, and which number takes which."""

import json
from collections.abc import Callable
from functools import lru_cache

from django.utils.translation import get_language

# Languages choose the form by a number as it is or by its last two digits, so the numbers to 199 tell for all.
KNOWN = 200


def plural_forms(text_of: Callable[[int], str]) -> str:
    """All forms of a text as JSON for a data- attribute, which `plural` of static/js/plural.js reads.

    `text_of` gives the text of a number with `%s` in the number's place: `lambda n: ngettext("%s row", "%s rows", n)`.
    """
    return _forms(text_of, get_language() or "")


@lru_cache(maxsize=64)
def _forms(text_of: Callable[[int], str], _language: str) -> str:
    texts: list[str] = []
    for number in range(KNOWN):
        if (text := str(text_of(number))) not in texts:
            texts.append(text)
    return json.dumps(
        {"texts": texts, "at": "".join(str(texts.index(str(text_of(number)))) for number in range(KNOWN))}
    )
