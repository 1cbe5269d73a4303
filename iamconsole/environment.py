"""Settings from the environment: each NAME may also be given as NAME_FILE, and a bad value stops the start with one sentence."""

import os
import sys
from pathlib import Path
from typing import NoReturn


def stop(sentence: str) -> NoReturn:
    """End the process with one sentence on standard error: a half-configured console must not start."""
    sys.exit(f"iam console: {sentence}")


def text(name: str, default: str | None = None) -> str | None:
    """The value of NAME, or the content of the file that NAME_FILE points to, or the default."""
    file = os.environ.get(f"{name}_FILE")
    if file:
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            stop(f"{name}_FILE names {file}, which cannot be read: {error.strerror}.")
    return os.environ.get(name) or default


def boolean(name: str, *, default: bool) -> bool:
    """NAME as a truth value: 1, true, yes, on or 0, false, no, off."""
    value = (text(name) or "").lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    return default if not value else stop(f"{name} must be true or false, not {value}.")


def integer(name: str, default: int) -> int:
    """NAME as a whole number."""
    value = text(name)
    if value is None:
        return default
    try:
        return int(value)
    except ValueError:
        stop(f"{name} must be a whole number, not {value}.")


def words(name: str, default: str) -> list[str]:
    """NAME as a list, separated by commas."""
    return [word.strip() for word in (text(name, default) or "").split(",") if word.strip()]
