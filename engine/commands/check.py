"""`python -m engine check`: what AWS would refuse, and what there is to say, about documents."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from engine import grammar
from engine.commands import sarif
from engine.commands.documents import GivenDocument, UnreadableDocument, kind_of, read
from engine.grammar import MalformedPolicyDocument
from engine.validate import Finding, check

_TYPES: Final = ("auto", *grammar.KINDS)


@dataclass(frozen=True, slots=True)
class Report:
    """All about one document; `error` is AWS's refusal, if it would refuse."""

    document: GivenDocument
    kind: str
    error: MalformedPolicyDocument | None
    findings: list[Finding]

    @property
    def has_error(self) -> bool:
        """Whether the document would be refused or has a finding of severity ERROR."""
        return self.error is not None or any(finding.severity == "ERROR" for finding in self.findings)

    def as_dict(self) -> dict[str, Any]:
        """The report as one JSON line."""
        found: dict[str, Any] = {
            "id": self.document.id,
            "policy_type": self.kind,
            "valid": self.error is None,
            "error": None,
            "findings": [finding_as_dict(finding) for finding in self.findings],
        }
        if self.error is not None:
            found["error"] = {
                "code": self.error.code,
                "message": self.error.message,
                "detail": self.error.detail,
                "line": self.error.line,
                "column": self.error.column,
            }
        return found


def finding_as_dict(finding: Finding) -> dict[str, Any]:
    """A finding as the JSON output has it."""
    span = finding.span
    found: dict[str, Any] = {
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "line": span.start_line,
        "column": span.start_column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "path": list(finding.path),
        "learn_more": finding.learn_more,
    }
    if finding.fix is not None:
        edits = [{"start": each.start, "end": each.end, "replacement": each.replacement} for each in finding.fix.edits]
        found["fix"] = {"label": finding.fix.label, "edits": edits}
    return found


def main(argv: list[str]) -> int:
    """Run the command; 0 without errors, 1 with an ERROR or a refusal, 2 when something could not be read."""
    options = _options(argv)
    unreadable = False
    reports = []
    for given in read(options.files):
        if isinstance(given, UnreadableDocument):
            print(given, file=sys.stderr)
            unreadable = True
            continue
        report = _report(given, options.type, options.resource_type, options.also)
        reports.append(report)
        if options.format == "json":
            print(json.dumps(report.as_dict(), ensure_ascii=False))
        elif options.format == "text":
            for line in _text(report):
                print(line)
    if options.format == "sarif":
        print(json.dumps(sarif.log([(each.document.source, each.error, each.findings) for each in reports]), indent=2))
    if unreadable:
        return 2
    return 1 if any(report.has_error for report in reports) else 0


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m engine check", description="Check policy documents.")
    parser.add_argument("files", nargs="*", help="JSON documents or JSON lines; - or nothing for standard input")
    parser.add_argument("--type", choices=_TYPES, default="auto", help="kind of policy (default: auto)")
    parser.add_argument("--format", choices=("text", "json", "sarif"), default="text")
    parser.add_argument("--resource-type", help="what a resource policy sits on, such as AWS::S3::Bucket")
    parser.add_argument("--also", action="append", default=[], metavar="CODE", help="a check that is off by default")
    return parser.parse_args(argv)


def _report(given: GivenDocument, wanted: str, resource_type: str | None, also: list[str]) -> Report:
    kind = kind_of(given, wanted)
    refusal: MalformedPolicyDocument | None = None
    try:
        grammar.check_saving(given.text, kind)
    except MalformedPolicyDocument as error:
        refusal = error
    return Report(given, kind, refusal, check(given.text, kind, resource_type=resource_type, also=also))


def _text(report: Report) -> Iterator[str]:
    source = report.document.source
    if report.error is not None:
        detail = f" ({report.error.detail})" if report.error.detail else ""
        yield (
            f"{source}:{report.error.line}:{report.error.column}: "
            f"REFUSED {report.error.code}: {report.error.message}{detail}"
        )
    for finding in report.findings:
        span = finding.span
        yield f"{source}:{span.start_line}:{span.start_column}: {finding.severity} {finding.code}: {finding.message}"
