"""Real AWS SDK clients: in process (quick, within the test's transaction) and over the network."""

import json
import os
from collections.abc import Callable
from urllib.parse import urlsplit

import boto3
import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.loaders import create_loader
from django.test import Client

from accounts.models import AccessKey, User
from operations.ids import access_key_id
from tests.conftest import ADMINISTRATOR

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
BASE = "http://iam.test.example"
CONFIG = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=30)


@pytest.fixture(autouse=True)
def _no_aws_environment(monkeypatch, tmp_path):
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


class _Raw:
    """What botocore reads a response's body from."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    def stream(self, **_: object):
        yield self.body


def in_process(request, **_: object) -> AWSResponse:
    """Send what botocore signed through the whole Django stack, without a network."""
    parts = urlsplit(request.url)
    headers = {name: value.decode() if isinstance(value, bytes) else value for name, value in request.headers.items()}
    body = request.body or b""
    client = Client(raise_request_exception=False)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    answer = client.generic(
        request.method,
        path,
        body if isinstance(body, bytes) else body.encode(),
        headers=headers | {"Host": parts.netloc},
    )
    return AWSResponse(request.url, answer.status_code, dict(answer.headers), _Raw(answer.content))


LOADER = create_loader()  # reads each of AWS's models once, not for each client


def core_session() -> botocore.session.Session:
    """A session of its own with the models that were read already."""
    session = botocore.session.get_session()
    session.register_component("data_loader", LOADER)
    return session


@pytest.fixture
def key_of() -> Callable[..., AccessKey]:
    """A new access key of a user."""

    def make(user: User, **columns) -> AccessKey:
        return AccessKey.objects.create(user=user, key_id=access_key_id(), secret=SECRET, **columns)

    return make


@pytest.fixture
def sdk() -> Callable[..., object]:
    """A boto3 client for a key (or the `Credentials` of an STS answer), in process; `url` for one over the network."""

    def make(service: str, key: AccessKey | dict | None, *, url: str | None = None, **options):
        given = {}
        if isinstance(key, AccessKey):
            given = {"aws_access_key_id": key.key_id, "aws_secret_access_key": key.secret}
        elif key:
            given = {
                "aws_access_key_id": key["AccessKeyId"],
                "aws_secret_access_key": key["SecretAccessKey"],
                "aws_session_token": key.get("SessionToken"),
            }
        client = boto3.session.Session(botocore_session=core_session()).client(
            service, endpoint_url=url or BASE, region_name=options.pop("region", "us-east-1"), config=CONFIG, **given
        )
        if url is None or url.startswith(BASE):
            client.meta.events.register("before-send.*.*", in_process)
        return client

    return make


@pytest.fixture
def admin_user(make_user) -> User:
    return make_user("alice", ADMINISTRATOR)


@pytest.fixture
def admin_key(admin_user, key_of) -> AccessKey:
    return key_of(admin_user)


@pytest.fixture
def iam(sdk, admin_key):
    """The IAM client of an administrator."""
    return sdk("iam", admin_key)


@pytest.fixture
def sts(sdk, admin_key):
    return sdk("sts", admin_key)


@pytest.fixture
def gateway(make_user, key_of):
    """The key of a service that may ask, and may do nothing else."""
    statement = {"Effect": "Allow", "Action": ["iam:GetAccessDecisions", "iam:GetRequestSigner"], "Resource": "*"}
    return key_of(make_user("gateway", json.dumps({"Version": "2012-10-17", "Statement": statement})))
