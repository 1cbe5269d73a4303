"""Patterns with policy variables in them, as a policy writes them: compiled when first needed, resolved per request."""

from __future__ import annotations

from typing import Final

from engine.context import value_of
from engine.pattern import STAR, Matcher, Token, Variable, matcher, tokens_of
from engine.request import Request

Values = str | tuple[str | None, ...]
"""What a pattern's one variable stands for, or its several."""
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
        self._resolved: dict[Values, Matcher] | None = None

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

    def holds(self, text: str, request: Request) -> bool:
        """Whether a text matches, with the variables standing for what they are in this request; one that stands for nothing
        makes it not match."""
        match = self._match
        return match(text) if match is not None else self._holds_in(text, request)

    def _holds_in(self, text: str, request: Request) -> bool:
        """What `holds` does while nothing is compiled, or when it depends on the request."""
        variables = self._variables if self._variables is not None else self.variables
        if not variables:
            return self.matcher()(text)
        values: Values | None = meaning(variables[0], request)
        if len(variables) > 1:
            every = tuple(meaning(variable, request) for variable in variables)
            values = None if None in every else every
        if values is None:
            return False
        match = self._resolved.get(values) if self._resolved is not None else None
        return match(text) if match is not None else self._resolve(values)(text)

    def matcher(self) -> Matcher:
        """The compiled pattern of a text without variables."""
        if self._match is None:
            self._match = self.build(self.tokens)
        return self._match

    def _resolve(self, values: Values) -> Matcher:
        if self._resolved is None or len(self._resolved) >= _KEPT_RESOLUTIONS:
            self._resolved = {}
        found = self._resolved[values] = self.build(self._tokens_with(values))
        return found

    def _tokens_with(self, values: Values) -> tuple[Token, ...]:
        """The tokens with the variables' values as literals: a star in a value is no wildcard."""
        remaining = iter((values,) if isinstance(values, str) else values)
        return tuple(next(remaining) or "" if isinstance(token, Variable) else token for token in self.tokens)

    def resolved_text(self, request: Request) -> str | None:
        """The pattern as it reads with its variables resolved, for explanations; None when one stands for nothing."""
        values = tuple(meaning(variable, request) for variable in self.variables)
        if not values:
            return self.text
        if None in values:
            return None
        tokens = self._tokens_with(values)
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


def meaning(variable: Variable, request: Request) -> str | None:
    """What a policy variable stands for in a request: the key's one value, else its default, else None. A key with
    several values cannot stand in a variable."""
    value = value_of(request, variable.key)
    if value is None:
        return variable.default
    if type(value) is str:
        return value
    return str(value[0]) if len(value) == 1 else None
