#!/usr/bin/env python3
"""The authoriser behind nginx's auth_request: lets through what a user of the IAM console has signed and may do.

nginx asks it before each request (gateway.conf). It has the console verify the signature and decide `execute-api:Invoke` on

    arn:aws:execute-api:us-east-1:ACCOUNT:GATEWAY/STAGE/METHOD/path

and answers 204 (allowed, with the signer's ARN in X-Signer), 401 (not signed) or 403. Clients sign for the service `execute-api`.
Paths with dot segments or empty ones are refused, also where they are encoded: what is decided about must be what the service behind
answers.

    IAM_CONSOLE=https://iam.example.com AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… ACCOUNT=123456789012 GATEWAY=files \\
        python3 gateway.py 9001

nginx does not pass a request's body on to it. A request with a body must therefore carry its hash in the signed header
X-Amz-Content-SHA256, and the service behind the gateway compares it with the body.
"""

import os
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from iam_client import EMPTY_BODY, Refused, from_environment

CONSOLE = from_environment()
STAGE = f"arn:aws:execute-api:us-east-1:{os.environ['ACCOUNT']}:{os.environ['GATEWAY']}/prod"
HASH = re.compile(r"[0-9a-f]{64}")
DOTS = re.compile(r"\.{1,2}([;?#\s\0].*)?", re.DOTALL)  # with what some servers cut off behind them


def is_plain(path):
    """Whether the path is what every server takes it for: no dot segment and no empty one, however often it was encoded.

    nginx and the service behind it resolve such segments, each in its own way, after the decision was made about the path as it was sent.
    """
    while True:
        segments = path.replace("\\", "/").split("/")
        if segments[0] or "" in segments[1:-1] or any(DOTS.fullmatch(segment) for segment in segments):
            return False
        decoded = unquote(path)
        if decoded == path:
            return True
        path = decoded


def decide(method, uri, address, headers):
    """The status for one request, and who signed it."""
    if "authorization" not in headers and "X-Amz-Signature=" not in uri:
        return 401, ""
    path, _, query = uri.partition("?")
    if not is_plain(path):
        return 403, ""
    resource = f"{STAGE}/{method}{unquote(path)}"
    question = {"action": "execute-api:Invoke", "resource": resource, "context": {"aws:SourceIp": address}}
    claimed = headers.get("x-amz-content-sha256", "")
    body = claimed if HASH.fullmatch(claimed) else EMPTY_BODY
    answer = CONSOLE.verify(method, path, query, headers, body, service="execute-api", question=question)
    if not answer["valid"]:
        return 403, ""
    return (204 if answer["decision"]["allowed"] else 403), answer["signer"]["arn"]


class Authoriser(BaseHTTPRequestHandler):
    """Answers nginx. Whatever goes wrong, nothing is let through."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            status, signer = decide(
                headers.pop("x-original-method"),
                headers.pop("x-original-uri"),
                headers.pop("x-original-address"),
                headers,
            )
        except (Refused, OSError, KeyError, ValueError) as error:
            print(f"refused: {error}", file=sys.stderr)
            status, signer = 403, ""
        self.send_response(status)
        if signer:
            self.send_header("X-Signer", signer)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        """nginx keeps the log."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Authoriser).serve_forever()
