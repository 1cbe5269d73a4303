"""How far an import has come, for the page that waits for it: a small file beside the uploads, one for each console session.

The import itself runs in one transaction, from which nothing can be told before it ends.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Final

from accounts.importing import uploads
from operations.secrets import digest

EVERY_SECONDS: Final = 0.25


def teller(session_key: str) -> Callable[[int, int], None]:
    """What a Source tells its progress to: it notes the share done, some times a second."""
    place, last = _place(session_key), -EVERY_SECONDS

    def tell(done: int, total: int) -> None:
        nonlocal last
        if monotonic() - last < EVERY_SECONDS:
            return
        last = monotonic()
        with suppress(OSError):  # an import does not fail for what watches it
            _write(place, f"{done / total:.3f}")

    return tell


def told(session_key: str) -> float | None:
    """The share of the session's import that is done, from 0 to 1; None when none runs."""
    try:
        return float(_place(session_key).read_text("ascii"))
    except (OSError, ValueError):
        return None


def forget(session_key: str) -> None:
    """Nothing is running any more."""
    with suppress(OSError):
        _place(session_key).unlink(missing_ok=True)


def _write(place: Path, text: str) -> None:
    """Write the file in one step, so that nobody reads half of it."""
    new = place.with_suffix(".new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        file.write(text)
    new.replace(place)


def _place(session_key: str) -> Path:
    return uploads.folder() / f"{digest(session_key)}.progress"
