"""A request line that is too long, as of a GET with a whole policy in it: the API tells it in its own form, gunicorn in a page."""

from collections.abc import Callable
from typing import Any

from gunicorn.http.errors import LimitRequestLine
from gunicorn.http.message import Request
from gunicorn.http.parser import RequestParser


class RememberingRequest(Request):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's, whose refusal of a long line knows how the line begins: `line`, as far as it was read, and `most` bytes of one."""

    def _parse_fast(self, unreader: Any, buf: bytearray) -> Any:
        return self._remembering(super()._parse_fast, unreader, buf)

    def _parse_python(self, unreader: Any, buf: bytearray) -> Any:
        return self._remembering(super()._parse_python, unreader, buf)

    def _remembering(self, parse: Callable[[Any, bytearray], Any], unreader: Any, buf: bytearray) -> Any:
        try:
            return parse(unreader, buf)
        except LimitRequestLine as error:
            error.most = self.limit_request_line
            error.line = bytes(buf[: error.most])
            raise


RequestParser.mesg_class = RememberingRequest


def answer(error: LimitRequestLine) -> bytes | None:
    """What the API answers to a line that is too long; None for what is not the API's, or not known to be."""
    from api import serialise  # noqa: PLC0415 - Django is set up by then
    from api.dispatch import FAULT_NAMESPACE  # noqa: PLC0415
    from api.door import answer_to  # noqa: PLC0415
    from api.exchange import sent  # noqa: PLC0415
    from api.views import XML  # noqa: PLC0415
    from operations.ids import uuid  # noqa: PLC0415

    method, _, target = getattr(error, "line", b"").decode("latin-1").partition(" ")
    path, _, query = target.partition("?")
    if answer_to({"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query}) is None:
        return None
    number = uuid()
    message = f"The request line can have up to {error.most} bytes. Send the parameters by POST."
    text = serialise.error("MalformedQueryString", message, FAULT_NAMESPACE, number)
    told = sent(text, 414, XML, number)
    headers = "".join(f"{name}: {value}\r\n" for name, value in told.headers.items())
    return f"HTTP/1.1 414 URI Too Long\r\nConnection: close\r\n{headers}\r\n".encode() + told.content
