"""Reading a sample token: the claims in its payload, or the claims as JSON. Nothing of it is verified, and nothing of it is kept."""

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any, NoReturn

from django.utils.translation import gettext as _

LONGEST = 20_000  # characters, as AWS STS takes them
PARTS = 3
MOST_CLAIMS = 200
BASE64URL = re.compile(r"[A-Za-z0-9_\-]+=*")
NUL = "\\u0000"


class UnreadableToken(ValueError):
    """What is wrong with a token, in the reader's language. It never has a piece of the token."""


def claims_of(text: str) -> dict[str, Any]:
    """The claims of a token (JWT), or those that were typed as JSON. Raises UnreadableToken."""
    text = text.strip()
    if len(text) > LONGEST:
        raise UnreadableToken(_("A token has at most 20,000 characters."))
    claims = _from_json(text if text.startswith("{") else _payload(text))
    if not isinstance(claims, dict):
        raise UnreadableToken(_("The claims are not a JSON object."))
    if len(claims) > MOST_CLAIMS:
        raise UnreadableToken(_("There are more than 200 claims."))
    return claims


def _payload(token: str) -> str:
    parts = token.split(".")
    if len(parts) == PARTS + 2:
        raise UnreadableToken(
            _("This token is encrypted (JWE); AWS STS takes signed tokens, whose claims can be read.")
        )
    if len(parts) != PARTS or not all(parts[:2]):
        raise UnreadableToken(
            _("A token has three parts with a full stop between them; claims are a JSON object in braces.")
        )
    unreadable = UnreadableToken(_("The middle part of the token cannot be read: it is not base64url of UTF-8 text."))
    if not BASE64URL.fullmatch(parts[1]):
        raise unreadable
    try:
        return urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)).decode("utf-8")
    except ValueError:
        raise unreadable from None


def _from_json(text: str) -> Any:
    try:
        found = json.loads(text, parse_constant=_refused, object_pairs_hook=_once)
        again = json.dumps(found, ensure_ascii=False)
    except UnreadableToken:
        raise
    except json.JSONDecodeError as error:
        where = {"line": error.lineno, "column": error.colno}
        raise UnreadableToken(
            _("The claims are not valid JSON: see line %(line)s, column %(column)s.") % where
        ) from None
    except (ValueError, RecursionError):  # a number of thousands of digits, or a thousand brackets
        raise UnreadableToken(_("The claims are nested too deeply, or have too large a number.")) from None
    if NUL in again or (not again.isascii() and again.encode("utf-8", "ignore").decode() != again):
        raise UnreadableToken(_("The claims have characters that are none (NUL, or half of one)."))
    return found


def as_json(claims: Mapping[str, Any]) -> str:
    """The claims as they are shown, to be changed and tried again."""
    return json.dumps(claims, ensure_ascii=False, indent=2)


def _refused(_text: str) -> NoReturn:
    raise UnreadableToken(_("The claims have a number that JSON does not know (NaN or Infinity)."))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise UnreadableToken(_("A claim stands twice."))
    return found
