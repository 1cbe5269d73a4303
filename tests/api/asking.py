"""Questions of other services, signed and sent to the doors that answer them in JSON."""

import json

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from django.test import Client

from accounts.operations.attachments import attach_user_policy
from policies.models import PolicyUsage
from policies.operations.managed_policies import create_policy
from tests.api.conftest import BASE
from tests.federation.conftest import allow

BOB = "arn:aws:iam::123456789012:user/bob"
OTHER = "210987654321"


def post(path, content, key, **options):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    request = AWSRequest(
        method="POST",
        url=f"{BASE}{path}",
        data=body,
        headers={"Host": "iam.test.example", "Content-Type": "application/json"},
    )
    if key is not None:
        credentials = key if isinstance(key, Credentials) else Credentials(key.key_id, key.secret)
        SigV4Auth(credentials, "iam", "us-east-1").add_auth(request)
    answer = Client(raise_request_exception=False).generic("POST", path, body, headers=dict(request.headers.items()))
    assert answer["Content-Type"] == "application/json"
    return answer.status_code, json.loads(answer.content)


def ask(key, *questions, status=200, **options):
    found, answer = post("/authorize", {"questions": list(questions), **options}, key)
    assert found == status, answer
    return answer if status != 200 else answer["decisions"]


def managed(system, name, action, *users):
    """A managed policy that some users have; its row of use in the account."""
    arn = create_policy(system, policy_name=name, policy_document=allow(action))["Policy"]["Arn"]
    for user in users:
        attach_user_policy(system, user_name=user, policy_arn=arn)
    return PolicyUsage.objects.filter(policy__arn=arn, account_id="123456789012")


def question(**changes):
    return {"principal": BOB, "action": "s3:GetObject", "resource": "arn:aws:s3:::reports/2026.csv", **changes}


def issued(sdk, key, operation, **parameters):
    """Temporary credentials, as AWS STS gives them."""
    return getattr(sdk("sts", key), operation)(**parameters)["Credentials"]
