"""What every check is given: the document, the kind of policy, and where to report."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Any, Final

from engine import catalog
from engine.json_tree import Span
from engine.said import said
from engine.validate.codes import CODES, OFF_BY_DEFAULT, SCOPES
from engine.validate.finding import Finding, Fix, Path
from engine.validate.model import Document, Statement, Value
from engine.wildcards import has_wildcard, matches

_MOST_SUGGESTIONS: Final = 10
_MOST_FINDINGS_A_CODE: Final = 200
_LONGEST_IN_SENTENCE: Final = 200
_WILDCARD_RUNS: Final = re.compile(r"[*?]+")


class Context:
    """One run over one document."""

    def __init__(
        self, text: str, document: Document, kind: str, resource_type: str | None, also: Collection[str]
    ) -> None:
        self.text = text
        self.document = document
        self.kind = kind
        self.resource_type = resource_type
        self.findings: list[Finding] = []
        self.service = _service_of(document, resource_type) if kind == "resource" else None
        self._scope = SCOPES[kind]
        self._off = OFF_BY_DEFAULT - frozenset(also)
        self._counts: dict[str, int] = {}
        self._suggestions = 0
        self._expanded: dict[int, list[tuple[Value, tuple[catalog.Action, ...]]]] = {}

    def report(self, code: str, span: Span, path: Path, fix: Fix | None = None, /, **parameters: Any) -> None:
        """Note a finding, unless the code is for other kinds of policy or was reported often enough."""
        if not self.wants(code):
            return
        known = CODES[code]
        self._counts[code] = self._counts.get(code, 0) + 1
        message = said(known.message, **{name: _short(value) for name, value in parameters.items()})
        self.findings.append(Finding(code, known.severity, message, span, path, fix, parameters))

    def wants(self, code: str) -> bool:
        """Whether the code is for this kind of policy and was not reported too often already."""
        in_scope = self._scope in CODES[code].scope and code not in self._off
        return in_scope and self._counts.get(code, 0) < _MOST_FINDINGS_A_CODE

    def at(self, code: str, value: Value, fix: Fix | None = None, /, **parameters: Any) -> None:
        """Note a finding about a value."""
        self.report(code, value.span, value.path, fix, **parameters)

    @property
    def resource_words(self) -> str:
        """What the policy sits on, for a sentence."""
        return self.resource_type or said("a resource of {service}", service=self.service)

    def may_suggest(self) -> bool:
        """Whether one more search for the nearest name is in order; a document full of nonsense gets no hundred."""
        self._suggestions += 1
        return self._suggestions <= _MOST_SUGGESTIONS

    def expanded(self, statement: Statement) -> list[tuple[Value, tuple[catalog.Action, ...]]]:
        """The statement's actions, each with the existing ones it names; empty for `*` and for NotAction."""
        found = self._expanded.get(statement.index)
        if found is None:
            found = [(value, actions_matching(value.text)) for value in statement.actions or ()]
            self._expanded[statement.index] = found
        return found


def _short(value: Any) -> Any:
    """A text of the document as a sentence can bear it."""
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= _LONGEST_IN_SENTENCE else f"{text[:_LONGEST_IN_SENTENCE]}…"


_SERVICES: Final = {
    "AWS::S3::Bucket": "s3",
    "AWS::S3::AccessPoint": "s3",
    "AWS::S3::MultiRegionAccessPoint": "s3",
    "AWS::S3ObjectLambda::AccessPoint": "s3-object-lambda",
    "AWS::DynamoDB::Table": "dynamodb",
}


def _service_of(document: Document, resource_type: str | None) -> str | None:
    """The service whose resource the policy sits on: by its type, else by the one service of all its actions."""
    if resource_type is not None:
        return _SERVICES.get(resource_type)
    prefixes = {
        value.text.partition(":")[0].lower()
        for statement in document.statements
        for value in (*(statement.actions or ()), *(statement.not_actions or ()))
    }
    return prefixes.pop() if len(prefixes) == 1 else None


@lru_cache(maxsize=1024)
def actions_matching(pattern: str) -> tuple[catalog.Action, ...]:
    """The existing actions that a pattern such as `s3:Get*` names; nothing for `*` alone or unknown services."""
    prefix, colon, name = pattern.partition(":")
    if not colon or not catalog.service_exists(prefix):
        return ()
    known = catalog.service(prefix).actions
    lower = name.lower()
    if not has_wildcard(lower):
        found = known.get(lower)
        return (found,) if found else ()
    if lower == "*":
        return tuple(known.values())
    literal = max(_WILDCARD_RUNS.split(lower), key=len)  # a cheap sieve: what does not hold it cannot match
    return tuple(action for key, action in known.items() if literal in key and matches(lower, key))


def admits(patterns: tuple[Value, ...], action: str) -> Value | None:
    """The first pattern that matches an action, written in lower case."""
    for value in patterns:
        lower = value.text.lower()
        if lower in (action, "*") or (has_wildcard(lower) and matches(lower, action)):
            return value
    return None
