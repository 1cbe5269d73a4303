"""Sentences that remember how they were made, so that whoever shows them can say them in another language.

A sentence of the engine is English and a text like any other. Besides, it keeps its template (`Did you mean {name}?`) and what stands
in the braces, of which a part may be such a sentence again, or a list of them. AWS's own sentences are plain texts: they stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Said(str):
    """An English sentence with its `template` and `parameters`; `plural` is the template for any other number than one, or empty."""

    __slots__ = ("parameters", "plural", "template")

    template: str
    plural: str
    parameters: Mapping[str, Any]


def said(template: str, /, **parameters: Any) -> Said:
    """The sentence of a template; a list among the parameters is written with commas."""
    return _made(template, "", template, parameters)


def counted(one: str, many: str, number: int, /, **parameters: Any) -> Said:
    """The same where the words depend on a number, which stands in the templates as `{number}`."""
    return _made(one, many, one if number == 1 else many, {"number": number, **parameters})


def _made(template: str, plural: str, chosen: str, parameters: Mapping[str, Any]) -> Said:
    sentence = Said(chosen.format_map({name: written(value) for name, value in parameters.items()}))
    sentence.template, sentence.plural, sentence.parameters = template, plural, parameters
    return sentence


def written(value: Any) -> Any:
    """A parameter as it stands in a sentence."""
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else value
