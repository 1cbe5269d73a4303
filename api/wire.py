"""From Django's request to the request as it was sent, and the connection's facts. Nothing here looks at Django's own parsing."""

import socket
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, UnreadablePostError

from access.callers import Connection
from api.errors import RequestEntityTooLarge
from api.sigv4 import RawRequest
from operations.errors import ServiceError

LARGEST_BODY = 10_000_000  # bytes, as AWS STS takes (POST of the Query protocol)
FREE_BODY = 1_000_000  # more than this is read only from those who show a key that exists
_BODY_SECONDS = 20


def head_of(request: HttpRequest) -> RawRequest:
    """The request without its body."""
    meta = request.META
    headers = {name[5:].replace("_", "-").lower(): value for name, value in meta.items() if name.startswith("HTTP_")}
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if meta.get(name):
            headers[name.replace("_", "-").lower()] = meta[name]
    return RawRequest(request.method or "", path_of(meta), meta.get("QUERY_STRING", ""), headers)


def path_of(meta: dict[str, str]) -> str:
    """The path as it was sent, where the server tells it (gunicorn's RAW_URI); else as it would be encoded."""
    raw = meta.get("RAW_URI", "")
    if raw.startswith("/"):
        return raw.partition("?")[0]
    return quote(meta.get("PATH_INFO", "/").encode("latin-1", "replace"), safe="/-_.~!$&'()*+,;=:@")


def length_of(request: HttpRequest) -> int:
    """The length of the body. Raises RequestEntityTooLarge before anything is read."""
    text = request.META.get("CONTENT_LENGTH") or "0"
    length = int(text) if text.isdecimal() and len(text) < 15 else LARGEST_BODY + 1
    if length > LARGEST_BODY:
        raise RequestEntityTooLarge("")
    return length


def read_body(request: HttpRequest, length: int) -> bytes:
    """The body, within a bounded time. Raises IncompleteBody when the client stops in the middle."""
    if not length:
        return b""
    connection: socket.socket | None = request.META.get("gunicorn.socket")
    if connection is not None:
        connection.settimeout(_BODY_SECONDS)
    try:
        body: bytes = request.read(length)
    except (UnreadablePostError, OSError):
        body = b""
    finally:
        if connection is not None:
            connection.settimeout(None)
    if len(body) < length:
        raise IncompleteBody("The request body is shorter than its Content-Length.")
    return body


class IncompleteBody(ServiceError):
    code, status = "IncompleteBody", 400


def connection_of(request: HttpRequest, head: RawRequest, request_id: str) -> Connection:
    """The connection's facts; X-Forwarded-For counts only as far as the settings trust proxies."""
    return Connection(
        source_ip=_client_address(request, head),
        user_agent=head.headers.get("user-agent", "")[:512],
        secure=request.is_secure(),
        referer=head.headers.get("referer", "")[:512],
        door="api",
        request_id=request_id,
    )


def _client_address(request: HttpRequest, head: RawRequest) -> str:
    if settings.TRUSTED_PROXIES > 0:
        hops = [hop.strip() for hop in head.headers.get("x-forwarded-for", "").split(",") if hop.strip()]
        if hops:
            return hops[-min(settings.TRUSTED_PROXIES, len(hops))]
    return str(request.META.get("REMOTE_ADDR", ""))
