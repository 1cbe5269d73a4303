"""Why a change is made: an optional text or ticket of whoever makes it, which every call of the request bears into the record.

AWS has no such parameter: CloudTrail keeps what a service adds of its own in `additionalEventData`, and there it stands.
"""

from unicodedata import category

from operations.errors import ValidationError

PARAMETER = "changeReason"  # how an error names it
LONGEST = 500  # characters
READ = 20 * LONGEST  # of what was sent; beyond that it is too long in any case
# They show the text after them in another direction than it is written: a line of the record must not look like another one.
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def cleaned(text: str) -> str:
    """The text as one line: without control characters, halves of characters and what turns its direction."""
    kept = "".join(" " if category(one) in {"Cc", "Cs"} or one in TURNING else one for one in text[:READ])
    return " ".join(kept.split())


def check(reason: str) -> None:
    """Refuse a reason that is too long. Raises ValidationError, in the words that AWS has for a parameter."""
    if len(reason) > LONGEST:
        constraint = f"Member must have length less than or equal to {LONGEST}"
        raise ValidationError(
            f"1 validation error detected: Value at '{PARAMETER}' failed to satisfy constraint: {constraint}"
        )


def recorded(reason: str) -> dict[str, str]:
    """What the record keeps of it; nothing of one that is refused."""
    return {"reason": reason} if 0 < len(reason) <= LONGEST else {}
