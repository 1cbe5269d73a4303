"""Signatures: the published examples of SigV4, what botocore signs, and each part of a request altered."""

from datetime import UTC, datetime, timedelta

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from api import sigv4
from api.errors import IncompleteSignature, SignatureDoesNotMatch
from api.sigv4 import RawRequest

KEY_ID, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
# The published suite: name, method, path, query, headers, body, signed headers, signature; all of 20150830T123600Z, us-east-1, service.
TOKEN = (
    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/"
    "qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+"
    "scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="
)
SUITE = [
    ("get-vanilla", "GET", "/", "", {}, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    (
        "get-vanilla-query-order-key-case",
        "GET",
        "/",
        "Param2=value2&Param1=value1",
        {},
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    ),
    ("post-vanilla", "POST", "/", "", {}, "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    (
        "post-header-value-case",
        "POST",
        "/",
        "",
        {"my-header1": "VALUE1"},
        "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
    ),
    (
        "post-sts-header-before",
        "POST",
        "/",
        "",
        {"x-amz-security-token": TOKEN},
        "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
    ),
]


@pytest.mark.parametrize(
    ("name", "method", "path", "query", "extra", "expected"), SUITE, ids=[case[0] for case in SUITE]
)
def test_the_published_suite(name, method, path, query, extra, expected):
    headers = {"host": "example.amazonaws.com", "x-amz-date": "20150830T123600Z", **extra}
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={KEY_ID}/20150830/us-east-1/service/aws4_request, SignedHeaders={';'.join(sorted(headers))}, Signature={expected}"
    )
    request = RawRequest(method, path, query, headers)
    presented = sigv4.read(request)
    assert sigv4.signature(request, presented, SECRET) == expected
    sigv4.check_signature(request, presented, SECRET)
    sigv4.check_scope(presented, "service")
    sigv4.check_time(presented, datetime(2015, 8, 30, 12, 40, tzinfo=UTC))


def test_the_suite_of_botocore_with_a_date_header():
    """get-utf8 of botocore's suite: a Date header, a path of raw UTF-8, no X-Amz-Date."""
    headers = {
        "host": "host.foo.com",
        "date": "Mon, 09 Sep 2011 23:36:00 GMT",
        "authorization": "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20110909/us-east-1/host/aws4_request, SignedHeaders=date;host, "
        "Signature=8d6634c189aa8c75c2e51e106b6b5121bed103fdb351f7d7d4381c738823af74",
    }
    request = RawRequest("GET", "/\xe1\x88\xb4", "", headers)
    presented = sigv4.read(request)
    assert presented.timestamp == "20110909T233600Z"
    assert sigv4.canonical_request(request, presented).split(b"\n")[1] == b"/%E1%88%B4"
    sigv4.check_signature(request, presented, SECRET)


def test_the_worked_example_of_the_user_guide():
    """The guide's signing key and its ListUsers request."""
    key = sigv4.signing_key(SECRET, "20150830", "us-east-1", "iam")
    assert key.hex() == "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"
    headers = {
        "host": "iam.amazonaws.com",
        "content-type": "application/x-www-form-urlencoded; charset=utf-8",
        "x-amz-date": "20150830T123600Z",
        "authorization": f"AWS4-HMAC-SHA256 Credential={KEY_ID}/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, "
        "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
    }
    request = RawRequest("GET", "/", "Action=ListUsers&Version=2010-05-08", headers)
    sigv4.check_signature(request, sigv4.read(request), SECRET)


def signed_by_botocore(
    method="POST",
    url="https://iam.example.com/api/",
    body=b"Action=GetUser",
    service="iam",
    extra=None,
    token=None,
    presign=False,
):
    request = AWSRequest(method=method, url=url, data=body, headers={"Host": url.split("/")[2], **(extra or {})})
    auth = (SigV4QueryAuth if presign else SigV4Auth)(Credentials(KEY_ID, SECRET, token), service, "eu-west-1")
    auth.add_auth(request)
    path, _, query = request.url.split("/", 3)[3].partition("?")
    return RawRequest(method, f"/{path}", query, {name.lower(): value for name, value in request.headers.items()}, body)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"token": TOKEN},
        {"extra": {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8", "X-Amz-Meta": "a   b "}},
        {"method": "GET", "body": b"", "url": "https://iam.example.com/a%20b//c/../d/?z=1&a=%C3%A4&a=%20&b"},
        {
            "method": "GET",
            "body": b"",
            "url": "https://iam.example.com/?Action=GetUser&Version=2010-05-08",
            "presign": True,
        },
        {
            "method": "GET",
            "body": b"",
            "url": "https://iam.example.com/?Action=GetUser",
            "presign": True,
            "token": TOKEN,
        },
    ],
)
def test_what_botocore_signs(given):
    request = signed_by_botocore(**given)
    presented = sigv4.read(request)
    sigv4.check_signature(request, presented, SECRET)
    sigv4.check_scope(presented, "iam")
    sigv4.check_time(presented, datetime.now(UTC))
    assert (presented.access_key_id, presented.region, presented.token) == (KEY_ID, "eu-west-1", given.get("token"))


def altered(request, **changes):
    parts = {name: getattr(request, name) for name in ("method", "path", "query", "headers", "body")}
    return RawRequest(**{**parts, **changes})


def test_every_altered_part_is_noticed():
    request = signed_by_botocore(extra={"X-Amz-Meta": "one"}, url="https://iam.example.com/api/?a=1")
    headers = dict(request.headers)
    authorization = headers["authorization"]
    wrong = [
        altered(request, method="GET"),
        altered(request, path="/"),
        altered(request, query="a=2"),
        altered(request, query="a=1&b=1"),
        altered(request, body=b"Action=DeleteUser"),
        altered(request, headers={**headers, "host": "elsewhere.example.com"}),
        altered(request, headers={**headers, "x-amz-meta": "two"}),
        altered(request, headers={**headers, "x-amz-more": "unsigned"}),
        altered(request, headers={name: value for name, value in headers.items() if name != "x-amz-meta"}),
        altered(request, headers={**headers, "x-amz-date": "20150830T123600Z"}),
        altered(
            request,
            headers={**headers, "authorization": authorization[:-1] + ("0" if authorization[-1] != "0" else "1")},
        ),
        altered(request, headers={**headers, "authorization": authorization.replace("eu-west-1", "eu-west-2")}),
        altered(request, headers={**headers, "authorization": authorization.replace("host;", "")}),
        altered(request, headers={**headers, "authorization": authorization.replace("Signature=", "Signature=\xff")}),
    ]
    for request_altered in wrong:
        with pytest.raises(SignatureDoesNotMatch):
            sigv4.check_signature(request_altered, sigv4.read(request_altered), SECRET)
    with pytest.raises(SignatureDoesNotMatch):
        sigv4.check_signature(request, sigv4.read(request), SECRET[::-1])


def test_a_content_hash_that_is_sent_must_be_the_bodys():
    from hashlib import sha256

    right = sha256(b"Action=GetUser").hexdigest()
    request = signed_by_botocore(extra={"X-Amz-Content-SHA256": right})
    sigv4.check_signature(request, sigv4.read(request), SECRET)
    lying = altered(request, body=b"Action=DeleteUser")
    with pytest.raises(SignatureDoesNotMatch):
        sigv4.check_signature(lying, sigv4.read(lying), SECRET)


@pytest.mark.parametrize(
    ("authorization", "sentence"),
    [
        (
            "AWS4-HMAC-SHA256 Credential=a/b/c/d, SignedHeaders=host, Signature=x",
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'a/b/c/d'",
        ),
        (
            "AWS4-HMAC-SHA256 Credential=a/b/c/d/e SignedHeaders",
            "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter.",
        ),
        (
            "AWS4-HMAC-SHA256 nonsense",
            "'nonsense' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 nonsense'.",
        ),
        (
            "AWS4-HMAC-SHA25 Credential=a/b/c/d/e",
            "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA25' (only AWS4-HMAC-SHA256 for now).",
        ),
        ("Bearer abc", "Authorization header requires 'Credential' parameter."),
        ("", "Authorization header requires 'Credential' parameter."),
    ],
)
def test_incomplete_headers_get_awss_sentences(authorization, sentence):
    with pytest.raises(IncompleteSignature) as refused:
        sigv4.read(RawRequest("POST", "/", "", {"authorization": authorization, "x-amz-date": "20150830T123600Z"}))
    assert refused.value.message.startswith(sentence)


@pytest.mark.parametrize("date", ["yesterday", "2015-08-30", "20151330T123600Z", "99999999999999999", ""])
def test_unreadable_dates(date):
    header = "AWS4-HMAC-SHA256 Credential=a/20150830/c/iam/aws4_request, SignedHeaders=host, Signature=x"
    with pytest.raises(IncompleteSignature, match="Date"):
        sigv4.read(RawRequest("POST", "/", "", {"authorization": header, "x-amz-date": date}))


def test_incomplete_queries_and_both_forms_at_once():
    with pytest.raises(IncompleteSignature) as refused:
        sigv4.read(RawRequest("GET", "/", "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a", {}))
    assert refused.value.message.startswith("AWS query-string parameters must include 'X-Amz-Signature'.")
    with pytest.raises(IncompleteSignature, match="Only one auth mechanism"):
        sigv4.read(
            RawRequest("GET", "/", "X-Amz-Algorithm=AWS4-HMAC-SHA256", {"authorization": "AWS4-HMAC-SHA256 x=y"})
        )
    assert sigv4.read(RawRequest("GET", "/", "Action=GetUser", {})) is None


def presented(timestamp, **changes):
    parts = {"access_key_id": "a", "date": timestamp[:8], "region": "r", "service": "iam", "terminator": "aws4_request"}
    return sigv4.Presented(**{**parts, **changes}, signed_headers=("host",), signature="x", timestamp=timestamp)


def test_the_clock_may_be_a_quarter_of_an_hour_off():
    now = datetime(2016, 6, 10, 1, 45, 8, tzinfo=UTC)
    for timestamp in ("20160610T013008Z", "20160610T020008Z"):
        sigv4.check_time(presented(timestamp), now)
    with pytest.raises(SignatureDoesNotMatch) as early:
        sigv4.check_time(presented("20160609T184512Z"), now)
    assert (
        early.value.message
        == "Signature expired: 20160609T184512Z is now earlier than 20160610T013008Z (20160610T014508Z - 15 min.)"
    )
    with pytest.raises(SignatureDoesNotMatch) as late:
        sigv4.check_time(presented("20160610T020009Z"), now)
    assert (
        late.value.message
        == "Signature not yet current: 20160610T020009Z is still later than 20160610T020008Z (20160610T014508Z + 15 min.)"
    )


@pytest.mark.parametrize("timestamp", ["00010101T000000Z", "99991231T235959Z"])
def test_the_ends_of_time_are_refused_not_fatal(timestamp):
    with pytest.raises(SignatureDoesNotMatch):
        sigv4.check_time(presented(timestamp), datetime.now(UTC))


def test_a_presigned_request_lives_as_long_as_it_says_where_that_counts():
    now = datetime(2016, 6, 10, 1, 45, 8, tzinfo=UTC)
    given = presented("20160610T004508Z", expires=7200)
    sigv4.check_time(given, now, honour_expiry=True)
    with pytest.raises(SignatureDoesNotMatch):
        sigv4.check_time(given, now)
    with pytest.raises(SignatureDoesNotMatch):
        sigv4.check_time(given, now + timedelta(hours=2), honour_expiry=True)


def test_the_scope_names_service_terminator_and_day():
    sigv4.check_scope(presented("20160610T020009Z", region="anything"), "iam")
    for changes, sentence in [
        ({"service": "s3"}, "Credential should be scoped to correct service: 'iam'."),
        ({"terminator": "aws5_request"}, "Credential should be scoped with a valid terminator: 'aws4_request'"),
        (
            {"date": "20160609"},
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20160609' != '20160610', from '20160610T020009Z'.",
        ),
    ]:
        with pytest.raises(SignatureDoesNotMatch) as refused:
            sigv4.check_scope(presented("20160610T020009Z", **changes), "iam")
        assert refused.value.message.startswith(sentence)
