"""What a trust policy sees of an OpenID Connect token: the condition keys that AWS STS makes of its claims.

Source: IAM User Guide, "Available keys for AWS OIDC federation" and "Passing session tags using AssumeRoleWithWebIdentity"; which claims
of which issuer have a key of their own stands in the catalogue (Service Authorization Reference, AWS STS).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from engine import catalog

GOOGLE: Final = "accounts.google.com"
EVERY_ISSUER: Final = ("aud", "sub", "amr", "azp")
TAGS: Final = "https://aws.amazon.com/tags"
SOURCE_IDENTITY: Final = "https://aws.amazon.com/source_identity"
# What a token is, rather than whom it is about: checked by AWS STS itself.
CHECKED: Final = frozenset({"iss", "exp", "iat", "nbf", "jti", TAGS, SOURCE_IDENTITY})

Value = str | tuple[str, ...]


@dataclass(frozen=True)
class Derived:
    """The condition keys of a call with a token: by key its value and the claim that it comes from; the claims that no key
    has; the actions besides sts:AssumeRoleWithWebIdentity that the trust policy must allow. `wrong` are claims that are not
    as AWS STS wants them."""

    keys: Mapping[str, Value]
    claims: Mapping[str, str]
    unused: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()


def context_keys(issuer: str, claims: Mapping[str, Any]) -> Derived:
    """The condition keys that the claims of an issuer (host and path, without scheme) give a trust policy."""
    keys: dict[str, Value] = {}
    origin: dict[str, str] = {}
    unused = []
    for claim, key, value in _named(issuer, claims):
        if key is None or value is None:
            unused.append(claim)
        else:
            keys[key], origin[key] = value, claim
    actions, wrong = [], []
    if TAGS in claims:
        tags = _tags(claims[TAGS])
        if tags is None:
            wrong.append(TAGS)
        elif tags:
            actions.append("sts:TagSession")
            keys |= tags
            origin |= dict.fromkeys(tags, TAGS)
    if SOURCE_IDENTITY in claims:
        if isinstance(claims[SOURCE_IDENTITY], str):
            actions.append("sts:SetSourceIdentity")
            keys["sts:SourceIdentity"], origin["sts:SourceIdentity"] = claims[SOURCE_IDENTITY], SOURCE_IDENTITY
        else:
            wrong.append(SOURCE_IDENTITY)
    return Derived(keys, origin, tuple(unused), tuple(actions), tuple(wrong))


def audiences(claims: Mapping[str, Any]) -> tuple[str, ...]:
    """For whom a token is: of several audiences the authorised party, where it names one."""
    given = _value(claims.get("aud"))
    several = (given,) if isinstance(given, str) else given or ()
    party = claims.get("azp")
    return (party,) if len(several) > 1 and isinstance(party, str) else several


def _named(issuer: str, claims: Mapping[str, Any]) -> Iterator[tuple[str, str | None, Value | None]]:
    """Each claim that is about somebody, its condition key and its value; None where there is none."""
    own = _claims_of(issuer.lower())
    party = claims.get("azp")
    for claim, value in _flat(claims):
        if claim in CHECKED:
            continue
        if claim == "aud":
            for_party = issuer == GOOGLE and isinstance(party, str)
            meant = (party,) if for_party else audiences(claims)
            yield claim, f"{issuer}:aud", meant[0] if len(meant) == 1 else meant or None
            if for_party:
                yield claim, f"{issuer}:oaud", _value(value)
        else:
            yield claim, f"{issuer}:{claim}" if claim in EVERY_ISSUER or claim in own else None, _value(value)


def _flat(claims: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The claims, those within another one by `outer/inner`."""
    for claim, value in claims.items():
        if isinstance(value, Mapping) and claim not in CHECKED:
            yield from ((f"{claim}/{inner}", each) for inner, each in value.items())
        else:
            yield claim, value


@cache
def _provider_keys() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Issuers as patterns, each with a claim that has a condition key."""
    found = []
    for key in catalog.service("sts").condition_keys.values():
        issuer, colon, claim = key.name.partition(":")
        if colon and "." in issuer:
            parts = re.split(r"\$\{[^}]*\}", issuer)
            found.append((re.compile("[^:]+".join(map(re.escape, parts)), re.IGNORECASE), claim))
    return tuple(found)


def _claims_of(issuer: str) -> frozenset[str]:
    """The claims of which this issuer's tokens have a condition key, besides those of every issuer."""
    return frozenset(claim for pattern, claim in _provider_keys() if pattern.fullmatch(issuer))


def _value(value: Any) -> Value | None:
    """A claim as the value of a condition key; None for what is none (null, objects, lists of such)."""
    if isinstance(value, list):
        texts = [_text(each) for each in value]
        return None if None in texts else tuple(each for each in texts if each is not None)
    return _text(value)


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None


def _tags(claim: Any) -> dict[str, Value] | None:
    """The condition keys of session tags; None for a claim that is not as AWS STS wants it."""
    given = claim.get("principal_tags") if isinstance(claim, dict) else None
    lasting = claim.get("transitive_tag_keys", []) if isinstance(claim, dict) else None
    if not isinstance(given, dict) or not isinstance(lasting, list) or not all(isinstance(key, str) for key in lasting):
        return None
    keys: dict[str, Value] = {}
    for key, value in given.items():
        only = value[0] if isinstance(value, list) and len(value) == 1 else value
        if not isinstance(only, str):
            return None
        keys[f"aws:RequestTag/{key}"] = only
    if given:
        keys["aws:TagKeys"] = tuple(given)
    if lasting:
        keys["sts:TransitiveTagKeys"] = tuple(lasting)
    return keys
