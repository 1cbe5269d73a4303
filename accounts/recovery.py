"""Recovery codes: ten codes that each let their owner in once when no device is at hand."""

import secrets
from datetime import datetime

from accounts.models import RecoveryCode, User
from operations.secrets import digest

SET_SIZE = 10
FEW = 3
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # without I, L, O, 0 and 1, which are misread
GROUPS, GROUP_LENGTH = 3, 4


def new_codes() -> list[str]:
    """Ten codes of some sixty bits each, in groups of four."""
    return [
        "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))
        for _ in range(SET_SIZE)
    ]


def code_digest(user: User, code: str) -> str:
    """The hash of a code as typed: case, blanks and hyphens do not matter. Keyed, so the database alone does not let anybody guess."""
    letters = "".join(letter for letter in code.upper() if letter.isalnum())
    return digest(f"recovery:{user.pk}:{letters}")


def use(user: User, code: str, moment: datetime) -> bool:
    """Whether this is an unused code of the set in force; if so it is used up, by one of two who try at once."""
    rows = RecoveryCode.objects.filter(
        user=user, code_digest=code_digest(user, code), used_at=None, confirmed_at__isnull=False
    )
    return bool(rows.update(used_at=moment))


def left(user: User) -> int | None:
    """How many codes are left; None when the user has no set in force."""
    used = RecoveryCode.objects.filter(user=user, confirmed_at__isnull=False).values_list("used_at", flat=True)
    return sum(moment is None for moment in used) if used else None
