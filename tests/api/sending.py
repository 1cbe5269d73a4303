"""Requests that botocore signed, altered on wish, through the whole Django stack; and what their refusals say."""

from xml.etree import ElementTree as ET

from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from django.test import Client

from tests.api.conftest import BASE, SECRET

IAM = "https://iam.amazonaws.com/doc/2010-05-08/"
STS = "https://sts.amazonaws.com/doc/2011-06-15/"
FAULT = "http://webservices.amazon.com/AWSFault/2005-15-09"
INVALID = "The security token included in the request is invalid."


def send(
    body="Action=GetUser&Version=2010-05-08",
    *,
    key=None,
    service="iam",
    method="POST",
    path="/",
    query="",
    token=None,
    extra=None,
    alter=None,
    presign=False,
    secret=SECRET,
):
    """A request signed by botocore, altered afterwards on wish, through the whole Django stack."""
    url = f"{BASE}{path}" + (f"?{query}" if query else "")
    body = body.encode() if isinstance(body, str) else body
    headers = {
        "Host": "iam.test.example",
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
        **(extra or {}),
    }
    if presign:
        headers.pop("Content-Type")
    request = AWSRequest(method=method, url=url, data=body, headers=headers)
    if key is not None:
        (SigV4QueryAuth if presign else SigV4Auth)(Credentials(key, secret, token), service, "eu-central-1").add_auth(
            request
        )
    given = dict(request.headers.items())
    path = request.url.removeprefix(BASE)
    if alter:
        body, path = alter(given, body, path) or (body, path)
    return Client(raise_request_exception=False).generic(method, path, body, headers=given)


def error_of(answer):
    root = ET.fromstring(answer.content)
    space = root.tag[1:].partition("}")[0]
    found = {element.tag.rpartition("}")[2]: element.text for element in root.iter()}
    assert [child.tag.rpartition("}")[2] for child in root] == ["Error", "RequestId"]
    assert found["RequestId"] == answer["x-amzn-RequestId"]
    assert answer["Content-Type"] == "text/xml"
    return answer.status_code, found["Code"], found.get("Message"), space


def refusal(last_event):
    record = last_event()
    return (
        record["errorCode"],
        record["eventName"],
        record["userIdentity"]["userName"],
        record["userIdentity"]["accessKeyId"],
        record.get("additionalEventData", {}).get("reason"),
    )
