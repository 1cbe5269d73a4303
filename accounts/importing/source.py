"""The file of an import: read in a stream, as often as needed, whatever its size."""

from __future__ import annotations

import codecs
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO, Any, Final

import ijson

from accounts.importing.report import Remark

MEMBERS: Final = ("Policies", "GroupDetailList", "UserDetailList", "RoleDetailList")
CHUNK: Final = 1 << 18
READS: Final = 7  # how often an import goes through the file: for the hash, the account and the five stages
MOST_TO_LOCATE: Final = 256 << 20
_ACCOUNT: Final = re.compile(r"arn:[a-z0-9-]+:iam::([0-9]{12}):")
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

Progress = Callable[[int, int], None]


class Unreadable(Exception):
    """The file is no JSON, or not of the form that AWS prints; `remark` says where and what is wrong."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(message)
        self.remark = Remark(place, message)


class Source:
    """A binary file that can be rewound, with the JSON of one page, several pages one after the other, or a list of pages.

    `progress` is told bytes done and bytes in all; each stage of an import reads the whole file.
    """

    def __init__(self, file: IO[bytes], progress: Progress | None = None) -> None:
        self.progress = progress or (lambda done, total: None)
        self.file, self.start = _as_utf_8(file)
        self.size = self.file.seek(0, 2) - self.start
        self.reads = 0

    @staticmethod
    def of(value: Source | bytes | IO[bytes]) -> Source:
        """The source that a parameter of the operation stands for: a file, its bytes, or a source already."""
        if isinstance(value, Source):
            return value
        return Source(BytesIO(value) if isinstance(value, bytes) else value)

    def sha256(self) -> str:
        """The hash of the file's text in UTF-8."""
        digest, stream = hashlib.sha256(), self._stream()
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
        return digest.hexdigest()

    def account_id(self) -> str | None:
        """The account of the first ARN that has one. Raises Unreadable."""
        try:
            for prefix, event, value in ijson.parse(self._stream(), multiple_values=True):
                if event == "string" and prefix.endswith(".Arn") and (found := _ACCOUNT.match(value)):
                    return found[1]
        except ijson.JSONError as error:
            raise self._unreadable(error, "") from None
        return None

    def items(self, member: str) -> Iterator[tuple[str, Any]]:
        """The entities under one member with their places (`UserDetailList[0]`), over all pages. Raises Unreadable."""
        number = -1
        try:
            pages = "item." if self._is_list() else ""
            for number, item in enumerate(ijson.items(self._stream(), f"{pages}{member}.item", multiple_values=True)):
                yield f"{member}[{number}]", item
        except ijson.JSONError as error:
            raise self._unreadable(error, f"after {member}[{number}]" if number >= 0 else "") from None

    def has_any_member(self) -> bool:
        """Whether the file has one of the lists at all, though it may be empty. Raises Unreadable."""
        try:
            return any(
                event == "start_array" and prefix.removeprefix("item.") in MEMBERS
                for prefix, event, _ in ijson.parse(self._stream(), multiple_values=True)
            )
        except ijson.JSONError as error:
            raise self._unreadable(error, "") from None

    def done(self) -> None:
        """Tell whoever watches that nothing more will be read."""
        self.progress(self.size, self.size)

    def _stream(self) -> _Counted:
        self.reads += 1
        self.file.seek(self.start)
        return _Counted(self, (self.reads - 1) * self.size)

    def _is_list(self) -> bool:
        self.file.seek(self.start)
        return self.file.read(CHUNK).lstrip().startswith(b"[")

    def _unreadable(self, error: ijson.JSONError, place: str) -> Unreadable:
        if not self.size:
            return Unreadable("", "The file is empty.")
        exact = self._locate()
        if exact:
            return exact
        return Unreadable(place, f"The file is not valid JSON: {str(error).splitlines()[0].strip()}")

    def _locate(self) -> Unreadable | None:
        """The line and column of what is wrong, for which the text must be held as a whole."""
        if self.size > MOST_TO_LOCATE:
            return None
        self.file.seek(self.start)
        content = self.file.read()
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            return Unreadable(f"line {line}", "The file is not valid UTF-8.")
        decoder, position = json.JSONDecoder(), 0
        try:
            while text[position:].strip():
                position += len(text[position:]) - len(text[position:].lstrip())
                _, position = decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            return Unreadable(f"line {error.lineno}, column {error.colno}", f"The file is not valid JSON: {error.msg}.")
        except RecursionError:
            return Unreadable("", "The file is nested too deeply.")
        return None


class _Counted:
    """One pass over the file, which tells how far it has come."""

    def __init__(self, source: Source, before: int) -> None:
        self.source = source
        self.done = before
        self.total = max(READS * source.size, 1)

    def read(self, size: int = -1) -> bytes:
        chunk = self.source.file.read(size)
        self.done += len(chunk)
        self.source.progress(min(self.done, self.total), self.total)
        return chunk


def _as_utf_8(file: IO[bytes]) -> tuple[IO[bytes], int]:
    """The file and the place where its text begins; one that PowerShell has written as UTF-16 is written again as UTF-8."""
    file.seek(0)
    head = file.read(3)
    if head.startswith(codecs.BOM_UTF8):
        return file, len(codecs.BOM_UTF8)
    if not head.startswith(_UTF_16):
        return file, 0
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-16")(errors="replace")
    copy: IO[bytes] = TemporaryFile()  # noqa: SIM115 - it lives as long as the source
    while chunk := file.read(CHUNK):
        copy.write(decoder.decode(chunk).encode())
    copy.write(decoder.decode(b"", final=True).encode())
    return copy, 0
