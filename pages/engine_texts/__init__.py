"""The engine's sentences in the reader's language: `{{ finding.message|in_words }}`.

The engine knows no Django and speaks English. Its sentences remember their templates (`engine.said`); the modules beside this one
list every template for the catalogues, and tests/pages/test_engine_texts.py holds both lists the same. AWS's own sentences and data
are in no list and stay as they are.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from django.utils.translation import gettext, ngettext

from engine.said import Said, written
from pages.engine_texts.advice import ADVICE
from pages.engine_texts.decisions import DECISIONS
from pages.engine_texts.documents import DOCUMENTS
from pages.engine_texts.errors import ERRORS
from pages.engine_texts.findings import FINDINGS
from pages.engine_texts.summaries import SUMMARIES

Template = str | tuple[str, str]
TEMPLATES: Final[frozenset[Template]] = frozenset((*ERRORS, *ADVICE, *FINDINGS, *DOCUMENTS, *DECISIONS, *SUMMARIES))
_WORDS: Final = frozenset(each for each in TEMPLATES if isinstance(each, str) and "{" not in each)


def translated(text: Any) -> Any:
    """A sentence of the engine in the reader's language; whatever else it is given comes back as it was."""
    if isinstance(text, Said):
        chosen = (
            ngettext(text.template, text.plural, text.parameters["number"]) if text.plural else gettext(text.template)
        )
        return chosen.format_map(_translated(text.parameters))
    if isinstance(text, tuple | list):
        return [translated(each) for each in text]
    return gettext(text) if isinstance(text, str) and text in _WORDS else text


def reason(text: str) -> str:
    """The same for the reason of a decision, which may come from the record, where it is kept in English."""
    if isinstance(text, Said):
        return str(translated(text))
    for template, plural, pattern in _recorded():
        if found := pattern.fullmatch(text):
            values = found.groupdict()
            chosen = ngettext(template, plural, int(values["number"])) if plural else gettext(template)
            return chosen.format_map({name: _parts(value) for name, value in values.items()})
    return text


def _translated(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: written(translated(value)) for name, value in parameters.items()}


def _parts(value: str) -> str:
    return ", ".join(translated(each) for each in value.split(", "))


@lru_cache(maxsize=1)
def _recorded() -> list[tuple[str, str, re.Pattern[str]]]:
    """The templates of reasons, each with its plural (or an empty text) and what it looks like when it is filled in."""
    forms: list[tuple[str, str, re.Pattern[str]]] = []
    for each in DECISIONS:
        template, plural = (each, "") if isinstance(each, str) else each
        forms += [(template, plural, _pattern(form)) for form in filter(None, (template, plural))]
    return forms


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile("".join(_pieces(template)))


def _pieces(template: str) -> Iterator[str]:
    for number, piece in enumerate(re.split(r"\{(\w+)\}", template)):
        yield f"(?P<{piece}>.+)" if number % 2 else re.escape(piece)
