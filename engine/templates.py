"""Patterns with policy variables in them, as a policy writes them: compiled when first needed, resolved per request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from engine.pattern import STAR, Matcher, Token, Variable, matcher, tokens_of

Resolve = Callable[[Variable], str | None]
_KEPT_RESOLUTIONS: Final = 128


class Pattern:
    """A text with wildcards and variables, compared as a whole; `wildcards=False` leaves only variables and escapes."""

    __slots__ = ("_match", "_resolved", "_tokens", "_variables", "fold", "text", "variables_allowed", "wildcards")

    def __init__(self, text: str, *, variables: bool, wildcards: bool = True, fold: bool = False) -> None:
        self.text = text
        self.variables_allowed = variables
        self.wildcards = wildcards
        self.fold = fold
        self._match: Matcher | None = None
        self._tokens: tuple[Token, ...] | None = None
        self._variables: tuple[Variable, ...] | None = None
        self._resolved: dict[tuple[str | None, ...], Matcher] | None = None

    @property
    def head(self) -> str:
        """The text before the part in which variables may stand."""
        return ""

    @property
    def tokens(self) -> tuple[Token, ...]:
        """The pieces of the part in which variables may stand."""
        if self._tokens is None:
            self._tokens = tokens_of(
                self.text[len(self.head) :], variables=self.variables_allowed, wildcards=self.wildcards
            )
        return self._tokens

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The policy variables, in order."""
        if self._variables is None:
            possible = self.variables_allowed and "${" in self.text
            self._variables = tuple(token for token in self.tokens if isinstance(token, Variable)) if possible else ()
        return self._variables

    def matches(self, text: str, resolve: Resolve) -> bool:
        """Whether the text matches; a variable that resolves to nothing makes it not match."""
        match = self._match
        if match is None:
            match = self.matcher_for(resolve) if self.variables else self.matcher()
            if match is None:
                return False
        return match(text)

    def matcher(self) -> Matcher:
        """The compiled pattern of a text without variables."""
        if self._match is None:
            self._match = self.build(self.tokens)
        return self._match

    def matcher_for(self, resolve: Resolve) -> Matcher | None:
        """The matcher for what the variables stand for now, kept for the next time; None when one stands for nothing."""
        values = tuple(resolve(variable) for variable in self.variables)
        if None in values:
            return None
        if self._resolved is None:
            self._resolved = {}
        found = self._resolved.get(values)
        if found is None:
            found = self.build(self._resolved_tokens(values))
            if len(self._resolved) >= _KEPT_RESOLUTIONS:
                self._resolved.clear()
            self._resolved[values] = found
        return found

    def _resolved_tokens(self, values: tuple[str | None, ...]) -> tuple[Token, ...]:
        """The tokens with the variables' values as literals: a star in a value is no wildcard."""
        remaining = iter(values)
        return tuple(next(remaining) or "" if isinstance(token, Variable) else token for token in self.tokens)

    def resolved_text(self, resolve: Resolve) -> str | None:
        """The pattern as it reads with its variables resolved, for explanations; None when one resolves to nothing."""
        if not self.variables:
            return self.text
        values = tuple(resolve(variable) for variable in self.variables)
        if None in values:
            return None
        tokens = self._resolved_tokens(values)
        return self.head + "".join(
            token if isinstance(token, str) else "*" if token is STAR else "?" for token in tokens
        )

    def build(self, tokens: tuple[Token, ...]) -> Matcher:
        """The matcher of tokens without variables."""
        match = matcher(tokens)
        if not self.fold:
            return match
        lowered = matcher(tuple(token.lower() if isinstance(token, str) else token for token in tokens))
        return lambda text: lowered(text.lower())
