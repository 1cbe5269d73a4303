"""The examples of docs/examples, run as they are: the client in one file, and the gateway behind a real nginx."""

import importlib.util
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.api.served import ROOT, free_port, served, wait_for
from tests.federation.conftest import allow

pytestmark = pytest.mark.live
EXAMPLES = ROOT / "docs" / "examples"
BOB = "arn:aws:iam::123456789012:user/bob"


@pytest.fixture(scope="module")
def console(tmp_path_factory):
    with served(tmp_path_factory.mktemp("examples")) as running:
        yield running


@pytest.fixture(scope="module")
def keys(console):
    """The gateway's key, and that of somebody who may read."""
    iam = boto3.client(
        "iam",
        endpoint_url=f"{console.url}/api/",
        region_name="us-east-1",
        aws_access_key_id=console.key["AccessKeyId"],
        aws_secret_access_key=console.key["SecretAccessKey"],
    )
    made = {}
    reading = allow(
        "execute-api:Invoke", resource="arn:aws:execute-api:us-east-1:123456789012:files/prod/GET/reports/*"
    )
    for name, document in (("gateway", allow("iam:GetAccessDecisions", "iam:GetRequestSigner")), ("bob", reading)):
        iam.create_user(UserName=name)
        iam.put_user_policy(UserName=name, PolicyName="given", PolicyDocument=document)
        made[name] = iam.create_access_key(UserName=name)["AccessKey"]
    return made


@pytest.fixture(scope="module")
def client():
    spec = importlib.util.spec_from_file_location("iam_client", EXAMPLES / "iam_client.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def environment_of(console, key):
    return os.environ | {
        "IAM_CONSOLE": console.url,
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        "ACCOUNT": "123456789012",
        "GATEWAY": "files",
    }


def test_the_client(console, keys, client):
    asking = client.Console(console.url, keys["gateway"]["AccessKeyId"], keys["gateway"]["SecretAccessKey"])
    place = "arn:aws:execute-api:us-east-1:123456789012:files/prod/GET/reports/a"
    assert asking.may(BOB, "execute-api:Invoke", place)
    assert not asking.may(BOB, "execute-api:Invoke", place.replace("GET", "DELETE"))
    assert (
        asking.authorize([{"principal": BOB, "action": "execute-api:Invoke", "resource": place}], detail="reasons")[0][
            "matched"
        ][0]["policy"]
        == "given"
    )
    wrong = client.Console(console.url, keys["bob"]["AccessKeyId"], keys["bob"]["SecretAccessKey"])
    with pytest.raises(client.Refused) as refused:
        wrong.may(BOB, "execute-api:Invoke", place)
    assert (refused.value.status, refused.value.code) == (403, "AccessDenied")


@pytest.mark.parametrize(("method", "status"), [("GET", 0), ("PUT", 1)])
def test_the_client_on_the_command_line(console, keys, method, status):
    place = f"arn:aws:execute-api:us-east-1:123456789012:files/prod/{method}/reports/a"
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / "iam_client.py"), BOB, "execute-api:Invoke", place],
        env=environment_of(console, keys["gateway"]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stderr
    assert json.loads(done.stdout)["allowed"] is (status == 0)


class Service(BaseHTTPRequestHandler):
    """What lies behind the gateway: it says who it was told has signed."""

    def do_GET(self):
        body = f"{self.path} for {self.headers['X-Signer']}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.do_GET()

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def gateway(console, keys, tmp_path_factory):
    """nginx with the example's configuration on free ports, the authoriser, and a service behind."""
    folder = tmp_path_factory.mktemp("nginx")
    front, authoriser = free_port(), free_port()
    service = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    Thread(target=service.serve_forever, daemon=True).start()
    text = (EXAMPLES / "nginx" / "gateway.conf").read_text()
    for example, port in (("9000", front), ("9001", authoriser), ("9002", service.server_port)):
        assert f"127.0.0.1:{example}" in text
        text = text.replace(f"127.0.0.1:{example}", f"127.0.0.1:{port}")
    (folder / "gateway.conf").write_text(text)
    processes = [
        subprocess.Popen(
            [sys.executable, str(EXAMPLES / "nginx" / "gateway.py"), str(authoriser)],
            env=environment_of(console, keys["gateway"]),
        ),
        subprocess.Popen(["nginx", "-p", str(folder), "-c", "gateway.conf", "-e", "stderr"]),
    ]
    try:
        for port in (front, authoriser):
            wait_for(port)
        yield f"http://127.0.0.1:{front}"
    finally:
        for process in processes:
            process.terminate()
            process.wait(timeout=10)
        service.shutdown()


def fetch(url, key=None, *, method="GET", body=None, service="execute-api", headers=None):
    request = AWSRequest(method=method, url=url, data=body, headers={"Host": url.split("/")[2], **(headers or {})})
    if key:
        SigV4Auth(Credentials(key["AccessKeyId"], key["SecretAccessKey"]), service, "us-east-1").add_auth(request)
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, body, dict(request.headers.items()), method=method), timeout=30
        ) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""


def test_the_gateway(gateway, keys):
    place = f"{gateway}/reports/a%20b.csv?part=1"
    assert fetch(place, keys["bob"]) == (200, f"/reports/a%20b.csv?part=1 for {BOB}")
    assert fetch(place, keys["bob"], headers={"X-Signer": "arn:aws:iam::123456789012:root"}) == (
        200,
        f"/reports/a%20b.csv?part=1 for {BOB}",
    )
    assert fetch(place)[0] == 401
    assert fetch(f"{gateway}/elsewhere", keys["bob"])[0] == 403
    assert fetch(place, keys["gateway"])[0] == 403
    assert fetch(place, keys["bob"], service="s3")[0] == 403
    assert fetch(place, keys["bob"] | {"SecretAccessKey": "wrong"})[0] == 403
    assert fetch(f"{gateway}/.authorise", keys["bob"])[0] == 404


@pytest.mark.parametrize(
    "path",
    [
        "/reports/../elsewhere",
        "/reports/%2e%2e/elsewhere",
        "/reports/.%2E/elsewhere",
        "/reports/%252e%252e/elsewhere",
        "/reports/%252e%252e%252felsewhere",
        "/reports/..%2felsewhere",
        "/reports/..%5celsewhere",
        "/reports/..;x/elsewhere",
        "/reports/..",
        "/reports/./a",
        "/reports/%2e",
        "/reports//a",
        "/reports/%2fa",
        "//reports/a",
    ],
)
def test_what_is_decided_about_is_what_the_service_answers(gateway, keys, path):
    """Signatures are made over the path as it is after its dot segments were resolved, so such a request is signed as it should be."""
    assert fetch(f"{gateway}{path}", keys["bob"]) == (403, "")


@pytest.mark.parametrize("path", ["/reports/", "/reports/a/", "/reports/a..b", "/reports/...", "/reports/.hidden%25"])
def test_dots_and_slashes_that_mean_nothing_else(gateway, keys, path):
    assert fetch(f"{gateway}{path}", keys["bob"])[0] == 200


def test_a_body_that_is_not_signed_is_not_let_through(gateway, keys):
    assert fetch(f"{gateway}/reports/a", keys["bob"], method="POST", body=b"text")[0] == 403


def test_an_authoriser_that_cannot_reach_the_console_lets_nothing_through(keys, tmp_path):
    port = free_port()
    nowhere = os.environ | {
        "IAM_CONSOLE": f"http://127.0.0.1:{free_port()}",
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "ACCOUNT": "1",
        "GATEWAY": "g",
    }
    process = subprocess.Popen(
        [sys.executable, str(EXAMPLES / "nginx" / "gateway.py"), str(port)], env=nowhere, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(port)
        headers = {
            "Authorization": "AWS4-HMAC-SHA256 x",
            "X-Original-Method": "GET",
            "X-Original-URI": "/",
            "X-Original-Address": "192.0.2.1",
        }
        assert fetch(f"http://127.0.0.1:{port}/", headers=headers)[0] == 403
        assert fetch(f"http://127.0.0.1:{port}/")[0] == 403
    finally:
        process.terminate()
        process.wait(timeout=10)
