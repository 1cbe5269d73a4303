"""The refusal of a document on saving: AWS's code and sentence, the place in the text, and what is wrong in plain words."""

from __future__ import annotations

from typing import Final, NoReturn

from engine.json_tree import Span

SYNTAX: Final = "Syntax errors in policy."
LEGACY: Final = "The policy failed legacy parsing"


class MalformedPolicyDocument(ValueError):
    """A document that AWS would refuse.

    `code` and `message` are AWS's; `detail` says more, for people; `line` and `column` count from 1, `offset` from 0.
    """

    def __init__(
        self, message: str, span: Span | None = None, *, detail: str = "", code: str = "MalformedPolicyDocument"
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.detail = detail
        self.line = span.start_line if span else 1
        self.column = span.start_column if span else 1
        self.offset = span.start_offset if span else 0


def refuse(message: str, span: Span | None, detail: str = "") -> NoReturn:
    """Raise the refusal."""
    raise MalformedPolicyDocument(message, span, detail=detail)


def syntax_error(span: Span | None, detail: str) -> NoReturn:
    """Raise the refusal for which IAM has one sentence only."""
    refuse(SYNTAX, span, detail)
