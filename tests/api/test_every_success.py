"""Every operation succeeds once over the network, by a real boto3 client, and is in the record."""

import json

import boto3
import pytest
from botocore.config import Config

from tests.api import successes
from tests.api.served import served
from tests.api.test_every_operation import AWS

pytestmark = pytest.mark.live
NAMES = (
    "import json; from operations.models import Event; "
    "print(json.dumps(sorted(set(Event.objects.filter(error_code='').values_list('source', 'name')))))"
)


def test_every_operation_succeeds_and_is_recorded(tmp_path):
    with served(tmp_path) as console:
        succeeded: set[str] = set()

        def client_of(service, key):
            client = boto3.client(
                service,
                endpoint_url=f"{console.url}/api/",
                region_name="us-east-1",
                aws_access_key_id=key["AccessKeyId"],
                aws_secret_access_key=key["SecretAccessKey"],
                aws_session_token=key.get("SessionToken"),
                config=Config(retries={"total_max_attempts": 1}),
            )
            client.meta.events.register("after-call.*.*", note)
            return client

        def note(http_response, model, **_):
            if http_response.status_code == 200:
                succeeded.add(f"{model.service_model.service_name}:{model.name}")

        root = client_of("iam", console.key)
        root.create_user(UserName="administrator")
        root.put_user_policy(UserName="administrator", PolicyName="all", PolicyDocument=successes._allow("*"))
        key = root.create_access_key(UserName="administrator")["AccessKey"]
        iam, sts = client_of("iam", key), client_of("sts", key)
        successes.users(iam)
        successes.groups(iam)
        successes.policies(iam)
        successes.roles(iam, sts)
        successes.credentials(iam, client_of)
        successes.providers(iam)
        successes.account(iam)
        successes.simulation(iam)
        successes.tokens(iam, sts, client_of)
        assert sorted(set(AWS) - succeeded) == []
        assert "whole" in console.manage("verify_trail")
        recorded = json.loads(console.manage("shell", "-v0", "-c", NAMES))
        names = {f"{source.partition('.')[0]}:{name}" for source, name in recorded}
        assert sorted(set(AWS) - names) == []
