"""Tags as the lines of a text, one tag a line: `key = value`.

A key may hold an equals sign, which then stands behind a backslash; no tag can hold a backslash in its key (IAM API Reference, «Tag»).
"""

import re
from collections.abc import Iterable
from typing import Final

_SIGN: Final = re.compile(r"(?<!\\)=")


def as_lines(tags: Iterable[tuple[str, str]]) -> str:
    """Pairs of key and value as a text."""
    return "\n".join(f"{key.replace('=', chr(92) + '=')} = {value}" for key, value in tags)


def pair_of(line: str) -> tuple[str, str]:
    """The key and the value of a line, both without blanks around them; a line without an equals sign is a key with an empty value."""
    key, value = [*_SIGN.split(line, maxsplit=1), ""][:2]
    return key.replace("\\=", "=").strip(), value.strip()
