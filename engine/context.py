"""The value of a condition key in a request: given in its context, else what follows from the caller and the resource.

Keys compare without case. Requests of one kind carry the same keys again and again, so the way from a lower-case key to
the key as given is kept per combination of keys instead of being made anew for every request.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.request import Request

_KEPT_SPELLINGS: Final = 2048
_spellings: dict[tuple[str, ...], Mapping[str, str]] = {}


def value_of(request: Request, key: str) -> Any:
    """The value of a condition key (in lower case): a string, a sequence of strings, or None where it is absent."""
    context = request.context
    if context:
        spellings = request.spellings
        if spellings is None:
            names = tuple(context)
            spellings = request.spellings = _spellings.get(names) or _spellings_of(names)
        spelled = spellings.get(key)
        if spelled is not None:
            value = context[spelled]
            return value if type(value) is str else _unusual(value)
    derived = request.principal.context.get(key)
    if derived is None and key == "aws:resourceaccount":
        return resource_account(request)
    return derived


def values_of(request: Request, key: str) -> tuple[str, ...]:
    """All values of a key; none when it is absent."""
    value = value_of(request, key)
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def resource_account(request: Request) -> str | None:
    """The account that owns the resource as far as the request says it: named, or standing in the ARN."""
    return request.resource_account or account_of(request.resource)


def account_of(arn: str) -> str | None:
    """The account number in an ARN; None where the text is no ARN or names no account (S3 buckets, AWS's own)."""
    fields = arn.split(":", 5)
    account = fields[4] if len(fields) > 5 else ""
    return account if len(account) == 12 and account.isdigit() else None


def _spellings_of(names: tuple[str, ...]) -> Mapping[str, str]:
    spellings = {name.lower(): name for name in names}
    if len(_spellings) >= _KEPT_SPELLINGS:
        _spellings.clear()
    _spellings[names] = spellings
    return spellings


def _unusual(value: Any) -> str | tuple[str, ...] | None:
    """What is no plain string: a list of strings (an empty one means the key is absent), a number or a boolean."""
    if value is None:
        return None
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple | set | frozenset):
        return tuple("" if item is None else _unusual(item) for item in value) or None  # type: ignore[misc]
    return str(value)
