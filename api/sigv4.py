"""AWS Signature Version 4, verified: read what a request presents, rebuild what was signed, compare.

Works on the request as it was sent: path and query before any decoding, header values as bytes (latin-1 text), the raw body.
Source: IAM User Guide, «AWS Signature Version 4 for API requests»; the sentences are AWS's.
"""

import base64
import hashlib
import hmac
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from urllib.parse import quote, unquote

from api.errors import MISMATCH, IncompleteSignature, SignatureDoesNotMatch

ALGORITHM = "AWS4-HMAC-SHA256"
TERMINATOR = "aws4_request"
SKEW = timedelta(minutes=15)
EMPTY_BODY = hashlib.sha256(b"").hexdigest()
UNSIGNED_PAYLOADS = ("UNSIGNED-PAYLOAD", "STREAMING-")
LONGEST_EXPIRY = 7 * 24 * 3600
_UNRESERVED = "-_.~"
_BLANKS = re.compile(r"[ \t]+")
_HEADER_PARTS = ("Credential", "Signature", "SignedHeaders")
_QUERY_PARTS = ("X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date")


@dataclass(frozen=True, slots=True)
class RawRequest:
    """A request as it was sent. Header names are in lower case, values are text of single bytes (latin-1)."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = b""
    body_sha256: str = ""  # for those who have the hash alone

    def payload_hash(self) -> str:
        """The hash of the body, in hexadecimal."""
        return self.body_sha256 or (hashlib.sha256(self.body).hexdigest() if self.body else EMPTY_BODY)


@dataclass(frozen=True, slots=True)
class Presented:
    """What a request presents: the key, the scope, the signature and when it was made."""

    access_key_id: str
    date: str
    region: str
    service: str
    terminator: str
    signed_headers: tuple[str, ...]
    signature: str
    timestamp: str
    token: str | None = None
    expires: int | None = None  # seconds, of a presigned request
    in_query: bool = field(default=False)

    @property
    def scope(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/{self.terminator}"

    @property
    def time(self) -> datetime:
        return _moment(self.timestamp)


def read(request: RawRequest) -> Presented | None:
    """What a request presents, from its Authorization header or its query; None when it presents nothing.

    Raises IncompleteSignature for what cannot be read, and for both forms at once.
    """
    header = request.headers.get("authorization")
    presigned = "X-Amz-Algorithm=" in request.query or "X-Amz-Signature=" in request.query
    if header is not None and presigned:
        raise IncompleteSignature(
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter or the Authorization header should be specified."
        )
    if presigned:
        return _from_query(request)
    return _from_header(request, header.strip()) if header is not None else None


def check_scope(presented: Presented, service: str | None) -> None:
    """The credential scope must name the service (any, for None), the terminator and the request's day; every region is taken.

    Raises SignatureDoesNotMatch, with AWS's sentences one after the other.
    """
    wrong = []
    if service is not None and presented.service != service:
        wrong.append(f"Credential should be scoped to correct service: '{service}'.")
    if presented.terminator != TERMINATOR:
        wrong.append(
            f"Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{presented.terminator}'."
        )
    day = presented.timestamp[:8]
    if presented.date != day:
        wrong.append(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{presented.date}' != '{day}', from '{presented.timestamp}'."
        )
    if wrong:
        raise SignatureDoesNotMatch(" ".join(wrong))


def check_time(presented: Presented, now: datetime, *, honour_expiry: bool = False) -> None:
    """The request must have been signed within 15 minutes of now; with `honour_expiry` a presigned one lives as long as it says.

    AWS STS gives presigned requests 15 minutes whatever they say. Raises SignatureDoesNotMatch.
    """
    life = SKEW
    if honour_expiry and presented.expires is not None:
        life = timedelta(seconds=presented.expires)
    age = now - presented.time
    if age > life:
        minutes = f"{int(life.total_seconds()) // 60} min."
        raise SignatureDoesNotMatch(
            f"Signature expired: {presented.timestamp} is now earlier than {_basic(now - life)} ({_basic(now)} - {minutes})"
        )
    if age < -SKEW:
        raise SignatureDoesNotMatch(
            f"Signature not yet current: {presented.timestamp} is still later than {_basic(now + SKEW)} ({_basic(now)} + 15 min.)"
        )


def check_coverage(request: RawRequest, presented: Presented) -> None:
    """The host and every x-amz- header that the request has must be signed, and what is listed must be there.

    Raises SignatureDoesNotMatch.
    """
    if "host" not in presented.signed_headers:
        raise SignatureDoesNotMatch("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
    for name in request.headers:
        if name.startswith("x-amz-") and name not in presented.signed_headers:
            raise SignatureDoesNotMatch(f"'{name}' must be a 'SignedHeader' in the AWS Authorization.")
    for name in presented.signed_headers:
        if name not in request.headers:
            raise SignatureDoesNotMatch(MISMATCH)


def check_signature(request: RawRequest, presented: Presented, secret: str) -> None:
    """Compare the signature with the one that the secret gives, in constant time. Raises SignatureDoesNotMatch."""
    check_coverage(request, presented)
    claimed = request.headers.get("x-amz-content-sha256")
    free = presented.service == "s3" and (claimed or "").startswith(UNSIGNED_PAYLOADS)
    if claimed is not None and not free and claimed != request.payload_hash():
        raise SignatureDoesNotMatch(MISMATCH)
    expected = signature(request, presented, secret)
    if not hmac.compare_digest(expected.encode(), presented.signature.encode("utf-8", "surrogateescape")):
        raise SignatureDoesNotMatch(MISMATCH)


def signature(request: RawRequest, presented: Presented, secret: str) -> str:
    """The signature that the holder of the secret gives to this request."""
    hashed = hashlib.sha256(canonical_request(request, presented)).hexdigest()
    text = f"{ALGORITHM}\n{presented.timestamp}\n{presented.scope}\n{hashed}"
    key = signing_key(secret, presented.date, presented.region, presented.service)
    return hmac.new(key, text.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()


def canonical_request(request: RawRequest, presented: Presented) -> bytes:
    """The canonical request: method, path, query, signed headers, their names, the hash of the body."""
    headers = "".join(f"{name}:{_trimmed(request.headers.get(name, ''))}\n" for name in presented.signed_headers)
    parts = (
        request.method,
        canonical_path(request.path, once=presented.service == "s3"),
        canonical_query(request.query) if request.query else "",
        headers,
        ";".join(presented.signed_headers),
        _payload(request, presented),
    )
    return "\n".join(parts).encode("latin-1", "replace")


@lru_cache(maxsize=100)
def canonical_path(path: str, *, once: bool = False) -> str:
    """The path without dot segments and double slashes, encoded once more; for S3 (`once`) just as it was encoded. Kept, for the API has
    few paths.
    """
    if path in {"", "/"}:
        return "/"
    if once:
        return quote(unquote(path), safe=f"/{_UNRESERVED}")
    normal = posixpath.normpath(path)
    normal = "/" + normal.lstrip("/")
    if normal != "/" and path.endswith(("/", "/.", "/..")):
        normal += "/"
    return quote(normal.encode("latin-1", "replace"), safe=f"/{_UNRESERVED}")


def canonical_query(query: str) -> str:
    """The query's pairs, encoded anew and sorted, without the signature itself."""
    pairs = []
    for part in query.split("&"):
        if part:
            name, _, value = part.partition("=")
            if name != "X-Amz-Signature":
                pairs.append((_encoded(name), _encoded(value)))
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


@lru_cache(maxsize=10_000)
def signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    """The key derived for one day, region and service; kept, since a client signs with the same one all day."""
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, TERMINATOR):
        key = hmac.new(key, part.encode("utf-8", "surrogateescape"), hashlib.sha256).digest()
    return key


def _trimmed(value: str) -> str:
    value = value.strip(" \t")
    return _BLANKS.sub(" ", value) if "  " in value or "\t" in value else value


def _payload(request: RawRequest, presented: Presented) -> str:
    claimed = request.headers.get("x-amz-content-sha256")
    if claimed is not None:
        return claimed
    if presented.in_query and presented.service == "s3":
        return "UNSIGNED-PAYLOAD"
    return request.payload_hash()


def _encoded(text: str) -> str:
    return quote(unquote(text, "latin-1").encode("latin-1", "replace"), safe=_UNRESERVED)


def _from_header(request: RawRequest, header: str) -> Presented:
    algorithm, _, rest = header.partition(" ")
    if algorithm != ALGORITHM and algorithm.startswith("AWS4-"):
        raise IncompleteSignature(f"Unsupported AWS 'algorithm': '{algorithm}' (only {ALGORITHM} for now).")
    fields = _fields(rest if algorithm == ALGORITHM else "", header)
    missing = [f"Authorization header requires '{name}' parameter." for name in _HEADER_PARTS if not fields.get(name)]
    date = request.headers.get("x-amz-date") or request.headers.get("date")
    if not date:
        missing.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    if missing or not date:
        hashed = base64.b64encode(hashlib.sha256(header.encode("latin-1", "replace")).digest()).decode()
        raise IncompleteSignature(
            f"{' '.join(missing)} (Hashed with SHA-256 and encoded with Base64) Authorization={hashed}"
        )
    return _presented(
        fields["Credential"],
        fields["SignedHeaders"],
        fields["Signature"],
        _timestamp(date),
        request.headers.get("x-amz-security-token"),
    )


def _fields(text: str, header: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in text.split(","):
        pair = part.strip()
        if not pair:
            continue
        name, equals, value = pair.partition("=")
        if not equals:
            raise IncompleteSignature(
                f"'{pair}' not a valid key=value pair (missing equal-sign) in Authorization header: '{header}'."
            )
        found[name.strip()] = value.strip()
    return found


def _from_query(request: RawRequest) -> Presented:
    given: dict[str, str] = {}
    for part in request.query.split("&"):
        name, _, value = part.partition("=")
        if name.startswith("X-Amz-"):
            given.setdefault(name, unquote(value))
    algorithm = given.get("X-Amz-Algorithm", "")
    if algorithm != ALGORITHM:
        raise IncompleteSignature(f"Unsupported AWS 'algorithm': '{algorithm}' (only {ALGORITHM} for now).")
    missing = [f"AWS query-string parameters must include '{name}'." for name in _QUERY_PARTS if not given.get(name)]
    if missing:
        raise IncompleteSignature(f"{' '.join(missing)} Re-examine the query-string parameters.")
    return _presented(
        given["X-Amz-Credential"],
        given["X-Amz-SignedHeaders"],
        given["X-Amz-Signature"],
        _timestamp(given["X-Amz-Date"]),
        request.headers.get("x-amz-security-token") or given.get("X-Amz-Security-Token"),
        expires=_seconds(given.get("X-Amz-Expires")),
        in_query=True,
    )


def _seconds(text: str | None) -> int | None:
    """How long a presigned request says it lives. Raises IncompleteSignature for what is no number, or less than none."""
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()):
        raise IncompleteSignature(f"X-Amz-Expires must be a non-negative number of seconds. Got '{text}'.")
    return min(int(text[:9]), LONGEST_EXPIRY)


def _presented(
    credential: str,
    headers: str,
    given: str,
    timestamp: str,
    token: str | None,
    *,
    expires: int | None = None,
    in_query: bool = False,
) -> Presented:
    parts = credential.split("/")
    if len(parts) != 5:
        raise IncompleteSignature(
            f"Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{credential}'"
        )
    key_id, date, region, service, terminator = parts
    return Presented(
        key_id,
        date,
        region,
        service,
        terminator,
        signed_headers=tuple(name.strip().lower() for name in headers.split(";")),
        signature=given,
        timestamp=timestamp,
        token=token,
        expires=expires,
        in_query=in_query,
    )


@lru_cache(maxsize=1000)
def _moment(timestamp: str) -> datetime:
    """The moment of a basic timestamp; kept, since many requests come within one second. Raises ValueError."""
    return datetime.strptime(timestamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


@lru_cache(maxsize=1000)
def _timestamp(text: str) -> str:
    """X-Amz-Date's form of a date, which a Date header may also give as RFC 7231 does. Raises IncompleteSignature."""
    try:
        return _basic(_moment(text))
    except ValueError:
        pass
    try:
        return _basic(parsedate_to_datetime(text).astimezone(UTC))
    except (ValueError, TypeError, OverflowError):
        raise IncompleteSignature(
            f"Date must be in ISO-8601 'basic format'. Got '{text}'. See http://en.wikipedia.org/wiki/ISO_8601"
        ) from None


def _basic(moment: datetime) -> str:
    return moment.strftime("%Y%m%dT%H%M%SZ")
