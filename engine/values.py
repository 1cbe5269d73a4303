"""Condition values as what they mean: dates, numbers, addresses, bytes. What cannot be read is None and matches nothing.

Each reader keeps what it has read (bounded), because the same dates, numbers and addresses come again and again.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

_READ_BEFORE: Final = 4096
_LONGEST: Final = 128
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?", re.ASCII)
_EPOCH: Final = re.compile(r"([+-]?[0-9]+)(?:\.([0-9]+))?", re.ASCII)
_DATE: Final = re.compile(
    r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})"
    r"(?:[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]+))?)?([Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?)?)?)?",
    re.ASCII,
)
_EPOCH_START: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NANOSECONDS: Final = 1_000_000_000
_MILLISECONDS_FROM: Final = 10**11
"""Whole numbers from here on (the year 5138 in seconds, March 1973 in milliseconds) are epoch milliseconds."""


@lru_cache(maxsize=_READ_BEFORE)
def number(text: str) -> Decimal | None:
    """A decimal number, exactly; None for anything else (also NaN, infinities and overlong ones)."""
    if len(text) > _LONGEST or not _NUMBER.fullmatch(text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


@lru_cache(maxsize=_READ_BEFORE)
def date(text: str) -> int | None:
    """Nanoseconds since 1970 of an ISO 8601 date in one of the W3C forms, or of epoch seconds or milliseconds.

    A date without a time is its midnight, a time without a zone is UTC (IAM User Guide, "Date condition operators").
    """
    if len(text) > _LONGEST:
        return None
    epoch = _EPOCH.fullmatch(text)
    if epoch:
        unit = 1_000_000 if abs(int(epoch.group(1))) >= _MILLISECONDS_FROM else _NANOSECONDS
        return int(Decimal(text) * unit)
    found = _DATE.fullmatch(text)
    return _date_of(found) if found else None


def _date_of(found: re.Match[str]) -> int | None:
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    try:
        moment = datetime(
            int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=UTC
        )
        passed = moment - _EPOCH_START - _offset(zone)
    except (ValueError, OverflowError):
        return None
    nanoseconds = int((fraction or "0")[:9].ljust(9, "0"))
    return (passed.days * 86_400 + passed.seconds) * _NANOSECONDS + nanoseconds


def _offset(zone: str | None) -> timedelta:
    if not zone or zone in "Zz":
        return timedelta()
    digits = zone[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    timezone(offset)  # refuses what is no offset
    return -offset if zone[0] == "-" else offset


Network = tuple[int, int, int]
"""Version, address with the host bits cleared, mask."""


@lru_cache(maxsize=_READ_BEFORE)
def network(text: str) -> Network | None:
    """An address or CIDR block of IPv4 or IPv6; host bits are ignored."""
    if len(text) > _LONGEST:
        return None
    try:
        block = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    return block.version, int(block.network_address), int(block.netmask)


@lru_cache(maxsize=256)
def binary(text: str) -> bytes | None:
    """The bytes that base64 text stands for; None for anything else, and for no bytes."""
    try:
        return base64.b64decode(text, validate=True) or None
    except (binascii.Error, ValueError):
        return None


def boolean(text: str) -> str | None:
    """`true` or `false`, in any case."""
    lower = text.lower()
    return lower if lower in ("true", "false") else None
