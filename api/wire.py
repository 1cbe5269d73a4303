"""From what the server hands over to the request as it was sent, and the connection's facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import UnreadablePostError

from access.callers import Connection
from api.errors import RequestEntityTooLarge
from api.sigv4 import RawRequest
from operations.errors import ServiceError

LARGEST_BODY = 10_000_000  # bytes, as AWS STS takes (POST of the Query protocol)
FREE_BODY = 1_000_000  # more than this is read only from those who show a key that exists


@dataclass(frozen=True, slots=True)
class Incoming:
    """One request in the server's words (PEP 3333)."""

    environ: Mapping[str, Any]

    @property
    def method(self) -> str:
        return str(self.environ.get("REQUEST_METHOD", ""))

    @property
    def is_secure(self) -> bool:
        """Whether it came over TLS: to this server, or to a proxy that the settings trust to say so."""
        trusted = settings.SECURE_PROXY_SSL_HEADER
        if trusted and trusted[0] in self.environ:
            return str(self.environ[trusted[0]]).partition(",")[0].strip() == trusted[1]
        return bool(self.environ.get("wsgi.url_scheme") == "https")

    def read(self, length: int) -> bytes:
        content: bytes = self.environ["wsgi.input"].read(length)
        return content


def head_of(request: Incoming) -> RawRequest:
    """The request without its body."""
    meta = request.environ
    headers = {_header(name): value for name, value in meta.items() if name.startswith("HTTP_")}
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if meta.get(name):
            headers[name.replace("_", "-").lower()] = meta[name]
    return RawRequest(request.method, path_of(meta), meta.get("QUERY_STRING", ""), headers)


@lru_cache(maxsize=1000)
def _header(name: str) -> str:
    """The header of a variable; kept, since clients send few different ones."""
    return name[5:].replace("_", "-").lower()


def path_of(meta: Mapping[str, Any]) -> str:
    """The path as it was sent, where the server tells it (gunicorn's RAW_URI); else as it would be encoded."""
    raw = str(meta.get("RAW_URI", ""))
    if raw.startswith("/"):
        return raw.partition("?")[0]
    return quote(meta.get("PATH_INFO", "/").encode("latin-1", "replace"), safe="/-_.~!$&'()*+,;=:@")


def length_of(request: Incoming) -> int | None:
    """The length of the body, or None for one that comes in chunks. Raises RequestEntityTooLarge before anything is read."""
    text = request.environ.get("CONTENT_LENGTH")
    if text is None and request.environ.get("wsgi.input_terminated") and "HTTP_TRANSFER_ENCODING" in request.environ:
        return None
    text = text or "0"
    length = int(text) if text.isdecimal() and len(text) < 15 else LARGEST_BODY + 1
    if length > LARGEST_BODY:
        raise RequestEntityTooLarge("")
    return length


def read_body(request: Incoming, length: int | None) -> bytes:
    """The body; the server ends the wait for it. Raises IncompleteBody when the client stops in the middle, RequestEntityTooLarge."""
    if length == 0:
        return b""
    try:
        body: bytes = request.read(LARGEST_BODY + 1 if length is None else length)
    except (UnreadablePostError, OSError) as error:
        raise IncompleteBody("The request body ended before its end.") from error
    if len(body) > LARGEST_BODY:
        raise RequestEntityTooLarge("")
    if length is not None and len(body) < length:
        raise IncompleteBody("The request body is shorter than its Content-Length.")
    return body


class IncompleteBody(ServiceError):
    code, status = "IncompleteBody", 400


def connection_of(request: Incoming, head: RawRequest, request_id: str) -> Connection:
    """The connection's facts; X-Forwarded-For counts only as far as the settings trust proxies."""
    return Connection(
        source_ip=_client_address(request, head),
        user_agent=head.headers.get("user-agent", "")[:512],
        secure=request.is_secure,
        referer=head.headers.get("referer", "")[:512],
        door="api",
        request_id=request_id,
    )


def _client_address(request: Incoming, head: RawRequest) -> str:
    if settings.TRUSTED_PROXIES > 0:
        hops = [hop.strip() for hop in head.headers.get("x-forwarded-for", "").split(",") if hop.strip()]
        if hops:
            return hops[-min(settings.TRUSTED_PROXIES, len(hops))]
    return str(request.environ.get("REMOTE_ADDR", ""))
