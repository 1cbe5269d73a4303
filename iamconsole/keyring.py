"""The keys of this installation: generated on the first start, kept in the data folder, readable by the owner alone."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet

from iamconsole.environment import stop


def read_or_make(folder: Path, name: str, make: "Maker") -> str:
    """The key of that name from the data folder; made with mode 0600 when absent. Two starts at once agree on one key."""
    path = folder / name
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            draft = folder / f".{name}.{secrets.token_hex(8)}"
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.write(make.make() + "\n")
            with suppress(FileExistsError):  # another process was first: then its key is the one
                os.link(draft, path)
            draft.unlink()
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        stop(f"the key {path} cannot be read or made: {error.strerror}.")


class Maker:
    """Makes a new key in the form that one use needs."""

    def make(self) -> str:
        return secrets.token_urlsafe(48)


class FernetMaker(Maker):
    """Makes a Fernet key for encrypted fields."""

    def make(self) -> str:
        return Fernet.generate_key().decode()
