"""`python -m engine fmt`: lay documents out, without changing what they mean."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from engine.canonical import INDENT, fmt
from engine.json_tree import PolicySyntaxError


def main(argv: list[str]) -> int:
    """Run the command; 1 if `--check` finds a document that is not laid out, or one is not JSON; 2 if unreadable."""
    options = _options(argv)
    status = 0
    for name in options.files or ["-"]:
        try:
            text = (sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()).decode("utf-8")
            laid_out = fmt(text, options.indent)
        except PolicySyntaxError as error:
            print(f"{name}:{error.line}:{error.column}: {error.message}", file=sys.stderr)
            status = max(status, 1)
            continue
        except (OSError, UnicodeDecodeError) as error:
            print(f"{name}: {error}", file=sys.stderr)
            status = 2
            continue
        if options.check:
            if text != laid_out:
                print(f"{name}: not laid out")
                status = max(status, 1)
        elif options.write and name != "-":
            if text != laid_out:
                Path(name).write_bytes(laid_out.encode("utf-8"))
        else:
            sys.stdout.write(laid_out)
    return status


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m engine fmt", description="Lay out policy documents.")
    parser.add_argument("files", nargs="*", help="JSON documents; - or nothing for standard input")
    parser.add_argument("--write", "-w", action="store_true", help="write the files instead of printing them")
    parser.add_argument("--check", action="store_true", help="only say which files are not laid out")
    parser.add_argument("--indent", type=int, default=INDENT, choices=range(9), metavar="0-8")
    return parser.parse_args(argv)
