#!/usr/bin/env python3
"""Ask the IAM console whether somebody may do something, and who signed a request. One file, nothing but Python's own library.

    from iam_client import Console

    console = Console("https://iam.example.com", "AKIA…", "secret")
    console.may("arn:aws:iam::123456789012:user/alice", "s3:GetObject", "arn:aws:s3:::reports/2026.csv")
    console.authorize([{"principal": …, "action": …, "resource": …, "context": {"aws:SourceIp": "192.0.2.7"}}], detail="reasons")
    console.verify("GET", "/reports/a.csv", "", headers, question={"action": "s3:GetObject", "resource": "arn:aws:s3:::reports/a.csv"})

The key's user needs `iam:GetAccessDecisions` and `iam:GetRequestSigner`. From the command line, with the key in the environment:

    IAM_CONSOLE=https://iam.example.com AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… \
        python3 iam_client.py arn:aws:iam::123456789012:user/alice s3:GetObject 'arn:aws:s3:::reports/*'
"""

import hashlib
import hmac
import json
import os
import sys
import urllib.error
import urllib.request
from datetime import UTC, datetime
from urllib.parse import urlsplit

EMPTY_BODY = hashlib.sha256(b"").hexdigest()


class Refused(Exception):
    """The console refused the call: `code` is AWS's, `status` the HTTP status."""

    def __init__(self, status, code, message):
        super().__init__(f"{code}: {message}")
        self.status, self.code, self.message = status, code, message


class Console:
    """The console's authorisation service, asked with an access key."""

    def __init__(self, url, access_key_id, secret_access_key, session_token=None, timeout=5):
        self.url = url.rstrip("/")
        self.key_id, self.secret, self.token = access_key_id, secret_access_key, session_token
        self.timeout = timeout

    def may(self, principal, action, resource, session_token=None, **context):
        """Whether one principal may do one thing. Condition keys as keywords: `**{"aws:SourceIp": "192.0.2.7"}`.

        With the `session_token` of its temporary credentials it is decided within their session policies.
        """
        question = {"principal": principal, "action": action, "resource": resource, "context": context}
        if session_token:
            question["session_token"] = session_token
        return self.authorize([question])[0]["allowed"]

    def authorize(self, questions, detail="outcome"):
        """Decide up to 1,000 questions; one decision for each, in their order."""
        return self._post("/api/authorize", {"questions": questions, "detail": detail})["decisions"]

    def verify(
        self, method, path, query, headers, body_sha256=EMPTY_BODY, service=None, question=None, detail="outcome"
    ):
        """Who signed a request that was received here, and (with a question) whether they may. `path` and `query` as they were sent."""
        request = {"method": method, "path": path, "query": query, "headers": headers, "body_sha256": body_sha256}
        wish = {"request": request, "detail": detail}
        if service:
            wish["service"] = service
        if question:
            wish["question"] = question
        return self._post("/api/verify", wish)

    def _post(self, path, content):
        body = json.dumps(content).encode()
        request = urllib.request.Request(self.url + path, body, self._headers(path, body), method="POST")
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            told = json.load(error)
            raise Refused(error.code, told["code"], told["message"]) from None

    def _headers(self, path, body):
        """The headers of a request, signed with AWS Signature Version 4."""
        moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{moment[:8]}/us-east-1/iam/aws4_request"
        headers = {"content-type": "application/json", "host": urlsplit(self.url).netloc, "x-amz-date": moment}
        if self.token:
            headers["x-amz-security-token"] = self.token
        names = ";".join(sorted(headers))
        lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
        canonical = f"POST\n{path}\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
        text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        key = f"AWS4{self.secret}".encode()
        for part in scope.split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        credential = f"AWS4-HMAC-SHA256 Credential={self.key_id}/{scope}"
        return {**headers, "authorization": f"{credential}, SignedHeaders={names}, Signature={signature}"}


def from_environment():
    """The console and the key that the environment names."""
    names = ("IAM_CONSOLE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    missing = [name for name in names if not os.environ.get(name)]
    if missing:
        sys.exit(f"Set {', '.join(missing)}.")
    return Console(*(os.environ[name] for name in names), os.environ.get("AWS_SESSION_TOKEN"))


def main(arguments):
    """Print the decision about one question; the exit status is 0 for allowed, 1 for denied."""
    if len(arguments) != 3:
        sys.exit("usage: iam_client.py PRINCIPAL ACTION RESOURCE")
    question = dict(zip(("principal", "action", "resource"), arguments))
    decision = from_environment().authorize([question], detail="reasons")[0]
    print(json.dumps(decision, indent=2))
    return 0 if decision["allowed"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
