"""Which texts IAM takes for a date: ISO 8601 as the W3C profile has it, generously, or seconds since 1970."""

from __future__ import annotations

import re
from typing import Final

_MAX_SECONDS: Final = 2**63 - 1
_MIN_YEAR, _MAX_YEAR = -292_275_054, 292_278_993
_DIGITS: Final = re.compile(r"[0-9]+")
_ISO: Final = re.compile(
    r"""(?P<year>-?[0-9]{1,9}) (?:-(?P<month>[0-9]{1,2}) (?:-(?P<day>[0-9]{1,2}))?)?
    (?: [Tt]
        (?: (?P<hour>[0-9]{1,2}) (?::(?P<minute>[0-9]{1,2}) (?::(?P<second>[0-9]{1,2}) (?:[.,][0-9]{1,9})?)?)? )?
        (?: [Zz] | [+-](?P<zone_hour>[0-9]{2}) (?: :?(?P<zone_minute>[0-9]{2}))? )?
    )?""",
    re.VERBOSE,
)
_RANGES: Final = {
    "month": (1, 12),
    "day": (1, 31),
    "hour": (0, 23),
    "minute": (0, 59),
    "second": (0, 59),
    "zone_hour": (0, 23),
    "zone_minute": (0, 59),
}


def is_date(text: str) -> bool:
    """Whether IAM saves a date condition with this value."""
    if is_epoch(text):
        return len(text) <= 19 and int(text) <= _MAX_SECONDS
    return is_iso(text)


def is_epoch(text: str) -> bool:
    """Whether the text is a number of seconds (or a year alone, which reads the same)."""
    return _DIGITS.fullmatch(text) is not None


def is_iso(text: str) -> bool:
    """Whether the text is a date or a date and time with every field in its range."""
    match = _ISO.fullmatch(text)
    if match is None or not _MIN_YEAR <= int(match["year"]) <= _MAX_YEAR:
        return False
    return all(
        match[name] is None or lowest <= int(match[name]) <= highest for name, (lowest, highest) in _RANGES.items()
    )
