"""Files that wait between the preview of an import and the import: under random names, readable by this process alone, for an hour."""

import json
import os
import re
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from time import time
from typing import IO, Any, Final

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

LARGEST: Final = 64 << 20
KEPT_SECONDS: Final = 3600
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")


class Bounded(FileUploadHandler):
    """Ends an upload that is larger than any page takes, before it fills the disk."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > LARGEST:
            raise StopUpload
        return raw_data

    def file_complete(self, file_size: int) -> "UploadedFile[Any] | None":
        return None


def keep(chunks: Iterable[bytes]) -> str:
    """Write an upload to disk; the token under which it waits."""
    sweep()
    token = secrets.token_urlsafe(32)
    place = _place(token)
    try:
        with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.writelines(chunks)
    except BaseException:
        place.unlink(missing_ok=True)
        raise
    return token


def opened(token: str) -> IO[bytes] | None:
    """The upload of that token, or None when it has gone."""
    try:
        return _place(token).open("rb") if _TOKEN.fullmatch(token) else None
    except FileNotFoundError:
        return None


def note(token: str, preview: Mapping[str, Any]) -> None:
    """Keep beside an upload what its dry run found."""
    place = _place(token).with_suffix(".json")
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(preview, file)


def noted(token: str) -> dict[str, Any] | None:
    """What the dry run of an upload found, or None when it has gone."""
    if not _TOKEN.fullmatch(token):
        return None
    try:
        found: dict[str, Any] = json.loads(_place(token).with_suffix(".json").read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return found


def forget(token: str) -> None:
    """Delete an upload and what is known of it."""
    if _TOKEN.fullmatch(token):
        _place(token).unlink(missing_ok=True)
        _place(token).with_suffix(".json").unlink(missing_ok=True)


def sweep() -> None:
    """Delete what nobody came back for within an hour."""
    before = time() - KEPT_SECONDS
    for path in folder().iterdir():
        try:
            if path.stat().st_mtime < before:
                path.unlink()
        except FileNotFoundError:  # another process was quicker
            continue


def folder() -> Path:
    """Where uploads wait."""
    path = Path(settings.DATA_DIR) / "uploads"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def _place(token: str) -> Path:
    return folder() / token
