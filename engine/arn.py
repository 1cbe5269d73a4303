"""ARN patterns: the first five fields compare one by one, the rest as a whole (IAM User Guide, "IAM JSON policy
elements: Resource"; "Condition operators", ARN).

A pattern with fewer than five colons is no ARN; it compares as plain text with wildcards, as `*` does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, Literal

from engine.pattern import STAR, Matcher, Star, Token, matcher, tokens_of
from engine.request import Request
from engine.templates import Pattern

Shape = Literal["all", "exact", "prefix", "complex"]
_COLONS: Final = 5
words: Final = re.compile(r"[^-/:._]+").findall
"""Splits a text into its words."""


class ArnPattern(Pattern):
    """A pattern of a Resource element or an ARN condition.

    `shape` is `all` (`*`), `exact` (no wildcard), `prefix` (one `*`, at the end) or `complex`. For the first three `literal`
    says everything; for the last it is the text before the first wildcard or variable.
    """

    __slots__ = ("_literals", "_whole_words", "literal", "shape")

    def __init__(self, text: str, *, variables: bool) -> None:
        super().__init__(text, variables=variables)
        self._literals: tuple[str, ...] | None = None
        self._whole_words: tuple[str, ...] | None = None
        self.shape: Shape
        self.literal: str
        if text == "*":
            self.shape, self.literal = "all", ""
        elif "*" not in text and "?" not in text and not (variables and "${" in text):
            self.shape, self.literal = "exact", text
        else:
            self.shape, self.literal = _shape(text, variables)

    @property
    def head(self) -> str:
        """The first five fields with their colons; nothing for what is no ARN."""
        fields = self.text.split(":", _COLONS)
        return ":".join(fields[:-1]) + ":" if len(fields) > _COLONS else ""

    def holds(self, text: str, request: Request) -> bool:
        """Whether a text matches, with the variables standing for what they are in this request."""
        match = self._match
        return match(text) if match is not None else text.startswith(self.literal) and self._holds_in(text, request)

    @property
    def whole_words(self) -> tuple[str, ...]:
        """The words that every match must hold as whole words."""
        if self._whole_words is None:
            self._whole_words = tuple(whole_pieces(self.literals, words))
        return self._whole_words

    def prepare(self) -> None:
        """Do now what an index would do when it takes the pattern in."""
        if self.shape == "complex":
            _ = self.whole_words

    @property
    def after_literal(self) -> Token | None:
        """The wildcard or variable that `literal` ends at; None in the head of the ARN, or where there is nothing more."""
        if not self.literal.startswith(self.head):
            return None
        return next((token for token in self.tokens if not isinstance(token, str)), None)

    @property
    def literals(self) -> tuple[str, ...]:
        """The pieces of plain text that every match must hold, in order; the last is empty after a final wildcard."""
        if self._literals is None:
            found = [""]
            for token in (*tokens_of(self.head, variables=False), *self.tokens):
                if isinstance(token, str):
                    found[-1] += token
                else:
                    found.append("")
            self._literals = tuple(found)
        return self._literals

    def build(self, tokens: tuple[Token, ...]) -> Matcher:
        """The matcher of the whole pattern, with the given tokens as what stands after the fifth colon."""
        start = self.head
        if "*" in start or "?" in start:
            first = tokens[0] if tokens and isinstance(tokens[0], str) else ""
            return _fields_matcher(start[:-1].split(":"), f":{first}", matcher(tokens))
        return matcher((start, *tokens))


def _shape(text: str, variables: bool) -> tuple[Shape, str]:
    """The shape of a pattern with something special in it, and its literal."""
    fields = text.split(":", _COLONS)
    head = ":".join(fields[:-1]) + ":" if len(fields) > _COLONS else ""
    if "*" in head or "?" in head:
        return "complex", _before_wildcard(head)
    tokens = tokens_of(fields[-1] if head else text, variables=variables)
    literal = head + (tokens[0] if tokens and isinstance(tokens[0], str) else "")
    if all(isinstance(token, str) for token in tokens):
        return "exact", literal  # nothing but escapes such as ${*}
    if tokens[-1] is STAR and len(tokens) <= 2 and isinstance(tokens[0], str | Star):
        return "prefix", literal
    return "complex", literal


def whole_pieces(literals: tuple[str, ...], split: Callable[[str], list[str]]) -> Iterator[str]:
    """The pieces of a pattern's literals that are whole in every match: no wildcard touches them."""
    last = len(literals) - 1
    for index, literal in enumerate(literals):
        if literal:
            inside = split(literal)
            first = 1 if index > 0 and inside and literal.startswith(inside[0]) else 0
            end = len(inside) - (1 if index < last and inside and literal.endswith(inside[-1]) else 0)
            yield from filter(None, inside[first:end])


def _before_wildcard(text: str) -> str:
    return text.split("*", 1)[0].split("?", 1)[0]


def _fields_matcher(head: list[str], within: str, rest: Matcher) -> Matcher:
    """Compares the first five fields each by itself: there a star does not reach over a colon. What stands `within` every
    match is looked for first, because most texts do not hold it."""
    start = _before_wildcard(":".join(head) + ":")
    tests = [
        (index, matcher(tokens_of(field, variables=False)))
        for index, field in enumerate(head)
        if field != "*" and not start.startswith(":".join(head[: index + 1]) + ":")
    ]

    def match(text: str) -> bool:
        if not text.startswith(start) or within not in text:
            return False
        fields = text.split(":", _COLONS)
        if len(fields) <= _COLONS:
            return False
        for index, test in tests:
            if not test(fields[index]):
                return False
        return rest(fields[_COLONS])

    return match


def resource_part(arn: str) -> str:
    """What stands after the fifth colon; the whole text of what is no ARN."""
    fields = arn.split(":", _COLONS)
    return fields[_COLONS] if len(fields) > _COLONS else arn
