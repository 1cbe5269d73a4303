"""The engine without Python: `python -m engine decide | check | summary | fmt | bench`."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from typing import BinaryIO, Final

_ELSEWHERE: Final = {
    "check": "find what is wrong, risky or odd in policy documents",
    "summary": "say what policy documents allow, by service",
    "fmt": "format policy documents without changing what they mean",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand; the exit status is 0, 1 where a document is bad, or 2 for wrong usage."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given and given[0] in _ELSEWHERE:
        module = importlib.import_module(f"engine.commands.{given[0]}")
        return int(module.main(given[1:]))
    parsed = _parser().parse_args(given)
    if parsed.command == "decide":
        return _decide(parsed.cases, parsed.trace)
    if parsed.command == "bench":
        from engine.bench import main as bench  # noqa: PLC0415 - only this command needs it

        return bench(parsed.workload)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m engine", description="AWS IAM policies: decide, check, summarise.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    decide = commands.add_parser("decide", help="decide cases, one JSON object a line")
    decide.add_argument("cases", metavar="CASES.jsonl", help="a file of cases, or - for standard input")
    decide.add_argument("--trace", action="store_true", help="explain every decision in full")
    bench = commands.add_parser("bench", help="measure the engine on a workload")
    bench.add_argument("workload", metavar="WORKLOAD.json")
    for name, text in _ELSEWHERE.items():
        commands.add_parser(name, help=text, add_help=False)
    return parser


def _decide(path: str, trace: bool) -> int:
    if path == "-":
        return _answer(sys.stdin.buffer, trace)
    try:
        with open(path, "rb") as cases:  # noqa: PTH123 - a file of lines, read as a stream
            return _answer(cases, trace)
    except OSError as error:
        print(f"{path}: {error.strerror}", file=sys.stderr)
        return 2


def _answer(cases: BinaryIO, trace: bool) -> int:
    from engine.decide import answers  # noqa: PLC0415 - only this command needs it

    for line in answers(cases, trace=trace):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
