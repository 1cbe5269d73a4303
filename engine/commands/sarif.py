"""Findings as SARIF 2.1.0 (OASIS), which code hosts and editors show beside the lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from engine.json_tree import Span
from engine.malformed import MalformedPolicyDocument
from engine.validate import CODES, Finding

_LEVELS: Final = {"ERROR": "error", "SECURITY_WARNING": "warning", "WARNING": "warning", "SUGGESTION": "note"}
_REFUSAL: Final = "MalformedPolicyDocument"


def log(documents: Iterable[tuple[str, MalformedPolicyDocument | None, list[Finding]]]) -> dict[str, Any]:
    """One run over documents, each with its source, AWS's refusal if there is one, and its findings."""
    results: list[dict[str, Any]] = []
    used: set[str] = set()
    for source, refusal, findings in documents:
        if refusal is not None:
            results.append(_refusal(source, refusal))
            used.add(_REFUSAL)
        for finding in findings:
            results.append(_result(source, finding))
            used.add(finding.code)
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "IAM policy engine", "rules": [_rule(name) for name in sorted(used)]}},
                "columnKind": "unicodeCodePoints",
                "results": results,
            }
        ],
    }


def _rule(name: str) -> dict[str, Any]:
    code = CODES.get(name)
    if code is None:
        return {"id": name, "shortDescription": {"text": "AWS refuses to save the document"}}
    return {
        "id": name,
        "shortDescription": {"text": name.replace("_", " ").capitalize()},
        "helpUri": code.learn_more,
        "defaultConfiguration": {"level": _LEVELS[code.severity]},
        "properties": {"severity": code.severity},
    }


def _result(source: str, finding: Finding) -> dict[str, Any]:
    return {
        "ruleId": finding.code,
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message},
        "locations": [_location(source, finding.span)],
    }


def _refusal(source: str, refusal: MalformedPolicyDocument) -> dict[str, Any]:
    place = Span(refusal.line, refusal.column, refusal.offset, refusal.line, refusal.column + 1, refusal.offset + 1)
    return {
        "ruleId": _REFUSAL,
        "level": "error",
        "message": {"text": f"{refusal.code}: {refusal.message}"},
        "locations": [_location(source, place)],
    }


def _location(source: str, span: Span) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": source.replace("\\", "/")},
            "region": {
                "startLine": span.start_line,
                "startColumn": span.start_column,
                "endLine": span.end_line,
                "endColumn": span.end_column,
            },
        }
    }
