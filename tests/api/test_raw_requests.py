"""Requests that no client library sends, byte by byte to a served console: each is answered or cut off, none is a fault or passes for another."""

import re
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.api.served import served

pytestmark = pytest.mark.live
BODY = b"Action=GetCallerIdentity&Version=2011-06-15"
DENIED = {400, 403, 404, 405, 408, 411, 413, 414, 431, 501, 505}


@pytest.fixture(scope="module")
def console(tmp_path_factory):
    with served(tmp_path_factory.mktemp("raw")) as running:
        running.manage("collectstatic", "--no-input", "-v0")  # what is not the API's is answered by pages
        yield running


class Raw:
    """A signed request as bytes, to be bent before it is sent."""

    def __init__(self, console, body: bytes = BODY) -> None:
        self.place = urlsplit(console.url)
        request = AWSRequest(
            method="POST",
            url=f"{console.url}/api/",
            data=body,
            headers={"Content-Type": "application/x-www-form-urlencoded; charset=utf-8", "Host": self.place.netloc},
        )
        key = console.key
        SigV4Auth(Credentials(key["AccessKeyId"], key["SecretAccessKey"]), "sts", "us-east-1").add_auth(request)
        self.line = b"POST /api/ HTTP/1.1"
        self.headers = [(name, str(value)) for name, value in request.headers.items() if name != "Content-Length"]
        self.headers += [("Content-Length", str(len(body))), ("Connection", "close")]
        self.body = body

    def without(self, name: str) -> None:
        self.headers = [(key, value) for key, value in self.headers if key != name]

    def instead(self, name: str, value: str) -> None:
        self.without(name)
        self.headers.append((name, value))

    def value(self, name: str) -> str:
        return dict(self.headers)[name]

    def send(self, *, half_close: bool = True) -> list[tuple[int, bytes]]:
        """All answers on the connection until the server ends it: status and body of each."""
        head = b"\r\n".join([self.line, *(f"{name}: {value}".encode("latin-1") for name, value in self.headers)])
        with socket.create_connection((self.place.hostname, self.place.port), timeout=60) as connection:
            try:
                connection.sendall(head + b"\r\n\r\n" + self.body)
                if half_close:
                    connection.shutdown(socket.SHUT_WR)
            except OSError:  # it was refused before all was sent
                pass
            received = b""
            try:
                while piece := connection.recv(65536):
                    received += piece
            except ConnectionResetError:
                pass
        return [
            (int(match[1]), match[0])
            for match in re.finditer(rb"HTTP/1\.[01] (\d{3}) .*?(?=HTTP/1\.[01] \d{3} |\Z)", received, re.DOTALL)
        ]


def ok(answers) -> None:
    assert [status for status, _ in answers] == [200]
    assert b"arn:aws:iam::123456789012:root" in answers[0][1]


def refused(answers) -> None:
    """Nothing but refusals, or the connection simply ended."""
    assert {status for status, _ in answers} <= DENIED, answers
    assert not any(b"GetCallerIdentityResult" in body for _, body in answers)


@pytest.fixture
def raw(console):
    return Raw(console)


def test_as_it_should_be(raw):
    ok(raw.send())


def test_http_1_0(raw):
    raw.line = b"POST /api/ HTTP/1.0"
    ok(raw.send())


def test_continue_is_granted(raw):
    raw.headers.append(("Expect", "100-continue"))
    assert 200 in [status for status, _ in raw.send()]


def test_chunks_are_put_together(raw):
    raw.instead("Transfer-Encoding", "chunked")
    raw.without("Content-Length")
    raw.body = b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (10, BODY[:10], len(BODY) - 10, BODY[10:])
    ok(raw.send())


def test_more_chunks_than_a_body_may_have(raw):
    raw.instead("Transfer-Encoding", "chunked")
    raw.without("Content-Length")
    raw.body = (b"%x\r\n%s\r\n" % (1_000_000, b"x" * 1_000_000)) * 11 + b"0\r\n\r\n"
    refused(raw.send())


def test_chunks_that_are_cut_off(raw):
    raw.instead("Transfer-Encoding", "chunked")
    raw.without("Content-Length")
    raw.body = b"%x\r\n%s" % (len(BODY), BODY[:10])
    refused(raw.send())


def test_a_length_and_chunks_at_once_are_no_way_to_smuggle(raw):
    raw.headers.append(("Transfer-Encoding", "chunked"))
    raw.body = b"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    answers = raw.send()
    refused(answers)
    assert len(answers) <= 1


@pytest.mark.parametrize("length", ["-1", "abc", "1e3", "0x10", "", "+43", "43, 43", "9" * 30, "99999999999"])
def test_lengths_that_are_none(raw, length):
    raw.instead("Content-Length", length)
    refused(raw.send())


def test_two_lengths(raw):
    raw.headers.append(("Content-Length", "0"))
    refused(raw.send())


def test_a_body_shorter_than_its_length(raw):
    raw.instead("Content-Length", "1000")
    refused(raw.send())


def test_a_body_longer_than_its_length_is_not_what_was_signed(raw):
    raw.instead("Content-Length", str(len(BODY) - 1))
    refused(raw.send())


@pytest.mark.parametrize("name", ["Authorization", "X-Amz-Date", "Host", "Content-Type"])
def test_a_header_twice(raw, name):
    raw.headers.append((name, "other" if name != "Host" else "elsewhere.example"))
    refused(raw.send())


def test_an_underscore_is_no_hyphen(raw):
    value = raw.value("Authorization")
    raw.without("Authorization")
    raw.headers.append(("Authorization_", value))
    raw.headers.append(("X_Amz_Date", "20000101T000000Z"))
    refused(raw.send())


@pytest.mark.parametrize(
    "line",
    [
        b"POST //api/ HTTP/1.1",
        b"POST /api/../ HTTP/1.1",
        b"POST /%2e%2e/api/ HTTP/1.1",
        b"POST /api/%2f HTTP/1.1",
        b"POST /api/%00 HTTP/1.1",
        b"POST /api/%ff%fe HTTP/1.1",
        b"POST /api/;x=1 HTTP/1.1",
        b"POST /api/?x=%ff HTTP/1.1",
        b"POST /api/?" + b"a=1&" * 1500 + b" HTTP/1.1",
        b"POST /api/" + b"x" * 20_000 + b" HTTP/1.1",
        b"POST * HTTP/1.1",
        b"CONNECT 127.0.0.1:80 HTTP/1.1",
        b"TRACE /api/ HTTP/1.1",
        b"P\x00ST /api/ HTTP/1.1",
        b"POST /api/ HTTP/9.9",
        b"POST /api/",
        b"",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
    ],
)
def test_other_lines(raw, line):
    raw.line = line
    refused(raw.send())


@pytest.mark.parametrize(
    "line",
    [b"GET /api/?Action=GetUser&x=", b"GET /?X-Amz-Signature=0&Action=", b"POST /api/?Action=", b"GET /api/" + b"x"],
)
def test_a_line_that_is_too_long_for_the_api_is_told_in_awss_form(raw, line):
    raw.line = line + b"a" * 9000 + b" HTTP/1.1"
    ((status, answer),) = raw.send()
    assert status == 414
    assert b"Content-Type: text/xml\r\n" in answer
    assert b'<ErrorResponse xmlns="http://webservices.amazon.com/AWSFault/2005-15-09">' in answer
    assert b"<Code>MalformedQueryString</Code><Message>The request line can have up to 8190 bytes." in answer


@pytest.mark.parametrize("line", [b"GET /users/?q=", b"GET /?q=", b"GET "])
def test_a_page_s_line_that_is_too_long_is_told_as_a_page(raw, line):
    raw.line = line + b"a" * 9000 + b" HTTP/1.1"
    ((status, answer),) = raw.send()
    assert status == 414
    assert b"Content-Type: text/html\r\n" in answer


@pytest.mark.parametrize(
    "header",
    [
        ("X-Wide", "\xff\xfe\x80"),
        ("X-Long", "x" * 100_000),
        ("X-Nul", "a\x00b"),
        ("X-Fold", "a\r\n b"),
        ("Bad Name", "x"),
        ("", "x"),
        ("X-Amz-Content-Sha256", "0" * 64),
        ("X-Amz-Security-Token", "\xff" * 1000),
        ("Host ", "x"),
    ],
)
def test_other_headers(raw, header):
    raw.headers.append(header)
    answers = raw.send()
    if header[0] == "X-Wide":  # not signed, not looked at
        ok(answers)
    else:
        refused(answers)


def test_too_many_headers(raw):
    raw.headers += [(f"X-{number}", "x") for number in range(2000)]
    refused(raw.send())


def test_ten_thousand_parameters(console):
    refused(Raw(console, b"&".join(b"p%d=x" % number for number in range(10_000))).send())


def test_afterwards_it_serves_as_before(console, raw):
    ok(raw.send())
    assert "Traceback" not in Path(console.environment["DATA_DIR"], "server.log").read_text()
