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
from accounts.importing.survey import OutOfBounds, Survey, survey

CHUNK: Final = 1 << 18
READS: Final = 7  # how often an import goes through the file: for the hash, the first look and the five stages
MOST_TO_LOCATE: Final = 256 << 20
LONGEST_NUMBER: Final = 1000
_ENDLESS_NUMBER: Final = re.compile(rb"[0-9]{%d}" % LONGEST_NUMBER)
_BLANKS: Final = re.compile(r"\s*")
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
        self._sha256 = ""
        self._survey: Survey | None = None

    @staticmethod
    def of(value: Source | bytes | IO[bytes]) -> Source:
        """The source that a parameter of the operation stands for: a file, its bytes, or a source already."""
        if isinstance(value, Source):
            return value
        return Source(BytesIO(value) if isinstance(value, bytes) else value)

    def sha256(self) -> str:
        """The hash of the file's text in UTF-8. Raises Unreadable for an endless number, which the JSON reader does not survive."""
        if not self._sha256:
            digest, stream, rest = hashlib.sha256(), self._stream(), b""
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
                if _ENDLESS_NUMBER.search(rest + chunk):
                    raise Unreadable("", "The file has an unusually long number.")
                rest = chunk[-LONGEST_NUMBER:]
            self._sha256 = digest.hexdigest()
        return self._sha256

    def account_id(self) -> str | None:
        """The account of the first ARN that has one. Raises Unreadable."""
        return self.survey().account_id

    def has_any_list(self) -> bool:
        """Whether the file has one of AWS's lists at all, though it may be empty. Raises Unreadable."""
        return self.survey().has_list

    def survey(self) -> Survey:
        """What a first look at the file tells. Raises Unreadable."""
        if self._survey is None:
            self.sha256()
            try:
                self._survey = survey(self._stream())
            except OutOfBounds as error:
                raise Unreadable("", str(error)) from None
            except (ijson.JSONError, ValueError, ArithmeticError) as error:
                raise self._unreadable(error, "") from None
        return self._survey

    def items(self, member: str) -> Iterator[tuple[str, Any]]:
        """The entities under one member with their places (`UserDetailList[0]`), over all pages. Raises Unreadable."""
        self.survey()
        number = -1
        try:
            pages = "item." if self._is_list() else ""
            for number, item in enumerate(ijson.items(self._stream(), f"{pages}{member}.item", multiple_values=True)):
                yield f"{member}[{number}]", item
        except ijson.JSONError as error:
            raise self._unreadable(error, f"after {member}[{number}]" if number >= 0 else "") from None

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

    def _unreadable(self, error: Exception, place: str) -> Unreadable:
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
        decoder, position = json.JSONDecoder(), _beyond_blanks(text, 0)
        try:
            while position < len(text):
                _, position = decoder.raw_decode(text, position)
                position = _beyond_blanks(text, position)
        except json.JSONDecodeError as error:
            return Unreadable(f"line {error.lineno}, column {error.colno}", f"The file is not valid JSON: {error.msg}.")
        except (RecursionError, ValueError):  # what the other reader said must do
            return None
        return None


def _beyond_blanks(text: str, position: int) -> int:
    found = _BLANKS.match(text, position)
    return found.end() if found else position


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
