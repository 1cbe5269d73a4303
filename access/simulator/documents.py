"""Several JSON documents in one field: one after the other, or in a list."""

import json
import re
from collections.abc import Iterator

_BLANKS = re.compile(r"\s*")


def documents_in(text: str) -> list[str]:
    """The documents of a field, each with its own text. What cannot be told apart stays one, for the policy's reader to refuse."""
    return [document for level in levels_in(text) for document in level]


def levels_in(text: str) -> list[list[str]]:
    """The levels of an organization: each JSON value of the field is one, a policy or a list of policies."""
    return [_policies(value, source) for value, source in _values(text)]


def _policies(value: object, source: str) -> list[str]:
    if isinstance(value, list):
        return [json.dumps(each, indent=2, ensure_ascii=False) for each in value]
    return [source]


def _values(text: str) -> Iterator[tuple[object, str]]:
    decoder, place = json.JSONDecoder(), 0
    while (start := _BLANKS.match(text, place).end()) < len(text):  # type: ignore[union-attr]
        before = "\n" * text.count("\n", 0, start)  # so that a refusal names the line of the field
        try:
            value, place = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            yield None, before + text[start:]
            return
        yield value, before + text[start:place]
