"""HCL, Terraform's language, as `terraform fmt` lays it out (HCL Native Syntax Specification).

Whatever a value says, it stays one string: quotes, backslashes, templates and signs that nobody sees are escaped.
"""

from collections.abc import Iterable, Mapping
from typing import Any

ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}
TEMPLATES = "$%"  # before a brace they begin a template, unless they are doubled
LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
MORE = LETTERS | frozenset("0123456789-")
WORDS = frozenset({"for", "if", "in", "else", "endif", "endfor", "true", "false", "null"})
LONGEST_LINE = 72  # of a list; a longer one has a line for each item


class Expression(str):
    """What stands as it is written: a reference to another resource, a variable."""

    __slots__ = ()


def quoted(text: str) -> str:
    """A string literal."""
    return f'"{"".join(_signs(text))}"'


def _signs(text: str) -> Iterable[str]:
    for place, sign in enumerate(text):
        after = text[place + 1 : place + 3]
        if sign in TEMPLATES and after[:1] == "{":
            yield sign * 2
        elif sign in TEMPLATES and after == f"{sign}{{":
            yield _by_number(sign)  # «$${» would be read as a doubled sign
        elif sign in ESCAPES:
            yield ESCAPES[sign]
        elif sign.isprintable():
            yield sign
        else:
            yield _by_number(sign)


def _by_number(sign: str) -> str:
    """An escape of four or eight digits; half of a pair is no sign by itself and has none."""
    number = ord(sign)
    if 0xD800 <= number <= 0xDFFF:
        return "\\ufffd"
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def identifier(text: str) -> str:
    """A name made a label of a resource: letters, digits, underscores and hyphens, and no digit or hyphen in front."""
    plain = "".join(sign if sign in MORE else "_" for sign in text) or "_"
    return plain if plain[0] in LETTERS else f"_{plain}"


def value(given: Any) -> str:
    """A value as an expression. A text of several lines is joined from them, so that it stays word for word and can be read."""
    if isinstance(given, Expression):
        return given
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, int):
        return str(given)
    if isinstance(given, Mapping):
        return _braces("{", "}", list(_aligned([(_key(key), value(inner)) for key, inner in given.items()])))
    if isinstance(given, list | tuple):
        return _list([value(inner) for inner in given])
    lines = str(given).split("\n")
    if len(lines) == 1:
        return quoted(lines[0])
    return f'join("\\n", {_braces("[", "]", [f"{quoted(line)}," for line in lines])})'


def _key(text: str) -> str:
    return text if text[:1] in LETTERS and set(text) <= MORE and text not in WORDS else quoted(text)


def _list(items: list[str]) -> str:
    line = f"[{', '.join(items)}]"
    return line if len(line) <= LONGEST_LINE and "\n" not in line else _braces("[", "]", [f"{item}," for item in items])


def _braces(opening: str, closing: str, lines: list[str]) -> str:
    if not lines:
        return opening + closing
    return "\n".join([opening, *(_indented(line) for line in lines), closing])


def _indented(text: str) -> str:
    """Two blanks before each line: no string has lines of its own."""
    return "\n".join(f"  {line}" for line in text.split("\n"))


def _aligned(pairs: list[tuple[str, str]]) -> Iterable[str]:
    """Names and values; the equals signs of neighbours that have one line each stand below one another."""
    for place, (name, written) in enumerate(pairs):
        yield f"{name.ljust(_width(pairs, place))} = {written}"


def _width(pairs: list[tuple[str, str]], place: int) -> int:
    if "\n" in pairs[place][1]:
        return 0
    first = last = place
    while first and "\n" not in pairs[first - 1][1]:
        first -= 1
    while last + 1 < len(pairs) and "\n" not in pairs[last + 1][1]:
        last += 1
    return max(len(name) for name, _written in pairs[first : last + 1])


def block(head: str, arguments: Mapping[str, Any], inner: tuple[str, ...] = ()) -> str:
    """A block, such as `resource "aws_iam_user" "alice"`, with its arguments and the blocks within it."""
    pairs = [(name, value(given)) for name, given in arguments.items()]
    return f"{head} {_braces('{', '}', [*_aligned(pairs), *inner])}"


def comment(text: str) -> str:
    """A comment of one line, whatever is in it."""
    return f"# {''.join(sign if sign.isprintable() else ' ' for sign in text)}"
