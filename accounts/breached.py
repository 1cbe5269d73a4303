"""Breached passwords, from an offline list: no password and no part of its hash leaves the machine.

The list is a text file with one SHA-1 hash in upper case hexadecimal per line, optionally followed by `:count`, in ascending order (the
form in which «Have I Been Pwned» publishes it). It is searched by halving, so that a file of 40 GB costs some forty reads.
"""

import hashlib
from pathlib import Path
from typing import BinaryIO

from django.conf import settings


def list_is_installed() -> bool:
    """Whether the operator has named a list that can be read."""
    return _list() is not None


def contains(password: str) -> bool:
    """Whether the list knows this password. False without a list."""
    path = _list()
    if path is None:
        return False
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with path.open("rb") as file:
        return _search(file, wanted)


def _list() -> Path | None:
    path = Path(settings.BREACHED_PASSWORDS_FILE or "")
    return path if path.is_file() else None


def _search(file: BinaryIO, wanted: bytes) -> bool:
    low, high = 0, file.seek(0, 2)
    while low < high:
        middle = (low + high) // 2
        hash_, end = _line_at(file, middle)
        if hash_ == wanted:
            return True
        if hash_ and hash_ < wanted:
            low = end
        else:
            high = middle
    return False


def _line_at(file: BinaryIO, position: int) -> tuple[bytes, int]:
    """The hash on the first line that begins at or after a position, and where that line ends."""
    file.seek(max(0, position - 1))
    if position > 0:
        file.readline()
    line = file.readline()
    return line.strip().split(b":")[0].upper(), file.tell()
