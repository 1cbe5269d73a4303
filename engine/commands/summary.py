"""`python -m engine summary`: what documents allow and deny, service by service."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator

from engine.commands.documents import UnreadableDocument, read
from engine.document import Policy
from engine.json_tree import PolicySyntaxError
from engine.summary import ServiceSummary, Summary, summarise


def main(argv: list[str]) -> int:
    """Run the command; 0 if every document could be summarised, 1 if one is no policy, 2 if one could not be read."""
    parser = argparse.ArgumentParser(prog="python -m engine summary", description="Summarise policy documents.")
    parser.add_argument("files", nargs="*", help="JSON documents or JSON lines; - or nothing for standard input")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--actions", action="store_true", help="also list the actions of each service")
    options = parser.parse_args(argv)
    status = 0
    for given in read(options.files):
        if isinstance(given, UnreadableDocument):
            print(given, file=sys.stderr)
            status = 2
            continue
        try:
            found = summarise(Policy.parse(given.text))
        except PolicySyntaxError as error:
            print(f"{given.source}:{error.line}:{error.column}: {error.message}", file=sys.stderr)
            status = max(status, 1)
            continue
        if options.format == "json":
            print(json.dumps({"id": given.id, **found.as_dict()}, ensure_ascii=False))
        else:
            print("\n".join(_text(given.source, found, actions=options.actions)))
    return status


def _text(source: str, summary: Summary, *, actions: bool) -> Iterator[str]:
    yield source
    if not summary.supported:
        yield f"  no summary: {summary.reason}"
        return
    for title, services in (("Explicit deny", summary.deny), ("Allow", summary.allow)):
        if services:
            yield f"  {title} ({len(services)} of {summary.total_services} services)"
            for service in services:
                yield from _service(service, actions=actions)
    if summary.uncategorized:
        yield f"  Uncategorized services: {', '.join(summary.uncategorized)}"
    yield f"  Remaining services: {summary.remaining_services}"
    for warning in summary.warnings:
        yield f"  Warning: {warning}"


def _service(service: ServiceSummary, *, actions: bool) -> Iterator[str]:
    yield f"    {service.name}: {service.access} | {service.resource} | {service.condition}"
    for action in service.actions if actions else ():
        note = f" [{action.warning}]" if action.warning else ""
        yield f"      {action.name} ({action.access_level}) | {action.resource} | {action.condition}{note}"
