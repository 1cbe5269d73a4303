"""Over the network: the real AWS CLI, real SDK clients, and fifty of them at once against two workers."""

import json
import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.api.served import served
from tests.federation.conftest import allow

pytestmark = pytest.mark.live
AWS = Path(sys.executable).with_name("aws")
ANYTHING = allow("*")


@pytest.fixture(scope="module")
def console(tmp_path_factory):
    with served(tmp_path_factory.mktemp("console")) as running:
        yield running


def client(console, service, key, path="/api/", **options):
    return boto3.session.Session().client(
        service,
        endpoint_url=console.url + path,
        region_name="eu-north-1",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
        aws_session_token=key.get("SessionToken"),
        config=Config(retries={"total_max_attempts": 1}, max_pool_connections=60, **options),
    )


@pytest.fixture(scope="module")
def administrator(console):
    """The key of an administrator, made with the root user's."""
    iam = client(console, "iam", console.key)
    iam.create_user(UserName="administrator")
    iam.put_user_policy(UserName="administrator", PolicyName="all", PolicyDocument=ANYTHING)
    return iam.create_access_key(UserName="administrator")["AccessKey"]


@pytest.fixture
def aws(console, administrator, tmp_path):
    """The AWS CLI with an administrator's key."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "AWS_ACCESS_KEY_ID": administrator["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": administrator["SecretAccessKey"],
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "HOME": str(tmp_path),  # where the CLI keeps the sessions of profiles
    }

    def run(*arguments, fails=False, **more):
        command = [sys.executable, str(AWS), "--endpoint-url", f"{console.url}/api/", "--output", "json", *arguments]
        done = subprocess.run(command, env=environment | more, capture_output=True, text=True, check=False)
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return done.stderr if fails else json.loads(done.stdout) if done.stdout else None

    return run


def test_the_aws_cli(aws, tmp_path):
    assert aws("sts", "get-caller-identity")["Arn"] == "arn:aws:iam::123456789012:user/administrator"
    aws("iam", "create-user", "--user-name", "carol", "--tags", "Key=team,Value=blue = grün")
    assert aws("iam", "get-user", "--user-name", "carol")["User"]["Tags"] == [{"Key": "team", "Value": "blue = grün"}]
    trust = tmp_path / "trust.json"
    trust.write_text(
        json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"AWS": "arn:aws:iam::123456789012:user/administrator"},
                        "Action": "sts:AssumeRole",
                    }
                ],
            }
        )
    )
    aws("iam", "create-role", "--role-name", "reader", "--assume-role-policy-document", f"file://{trust}")
    aws(
        "iam",
        "put-role-policy",
        "--role-name",
        "reader",
        "--policy-name",
        "read",
        "--policy-document",
        allow("iam:ListUsers"),
    )
    given = aws(
        "sts", "assume-role", "--role-arn", "arn:aws:iam::123456789012:role/reader", "--role-session-name", "cli"
    )["Credentials"]
    as_role = {
        "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["SessionToken"],
    }
    names = [user["UserName"] for user in aws("iam", "list-users", "--max-items", "50", **as_role)["Users"]]
    assert {"administrator", "carol"} <= set(names)
    denied = aws("iam", "create-user", "--user-name", "dave", fails=True, **as_role)
    assert (
        "(AccessDenied) when calling the CreateUser operation: User: arn:aws:sts::123456789012:assumed-role/reader/cli is not authorized"
        in denied
    )
    missing = aws("iam", "get-user", "--user-name", "nobody", fails=True)
    assert (
        "An error occurred (NoSuchEntity) when calling the GetUser operation: The user with name nobody cannot be found."
        in missing
    )
    wrong = aws("iam", "list-users", fails=True, AWS_SECRET_ACCESS_KEY="wrong")
    assert "(SignatureDoesNotMatch)" in wrong


def test_a_role_by_profile_as_people_configure_it(aws, administrator, console, tmp_path):
    """`role_arn` and `source_profile` in ~/.aws/config: the CLI assumes the role itself."""
    aws(
        "iam",
        "create-role",
        "--role-name",
        "profile-role",
        "--assume-role-policy-document",
        json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole"}],
            }
        ),
    )
    config = tmp_path / "profiles"
    config.write_text(
        f"[profile base]\naws_access_key_id = {administrator['AccessKeyId']}\naws_secret_access_key = {administrator['SecretAccessKey']}\nregion = us-east-1\n"
        "[profile worker]\nrole_arn = arn:aws:iam::123456789012:role/profile-role\nsource_profile = base\nregion = us-east-1\n"
    )
    more = {
        "AWS_CONFIG_FILE": str(config),
        "AWS_PROFILE": "worker",
        "AWS_ENDPOINT_URL_STS": f"{console.url}/api/",
        "AWS_ACCESS_KEY_ID": "",
        "AWS_SECRET_ACCESS_KEY": "",
    }
    assert aws("sts", "get-caller-identity", **more)["Arn"].startswith(
        "arn:aws:sts::123456789012:assumed-role/profile-role/"
    )


def test_root_path_get_and_presigned_over_the_network(console, administrator):
    import urllib.request

    assert client(console, "sts", administrator, path="").get_caller_identity()["Account"] == "123456789012"
    url = client(console, "sts", administrator, path="").generate_presigned_url("get_caller_identity", HttpMethod="GET")
    with urllib.request.urlopen(url) as answer:
        assert b"user/administrator" in answer.read()


def test_a_right_is_gone_in_every_worker_on_the_next_request(console, administrator):
    iam = client(console, "iam", administrator)
    iam.create_user(UserName="erin")
    key = iam.create_access_key(UserName="erin")["AccessKey"]
    erin = [client(console, "iam", key) for _ in range(8)]
    for _ in range(3):
        iam.put_user_policy(UserName="erin", PolicyName="p", PolicyDocument=allow("iam:ListGroups"))
        for one in erin:
            assert one.list_groups()["Groups"] is not None
        iam.delete_user_policy(UserName="erin", PolicyName="p")
        for one in erin:
            with pytest.raises(ClientError, match="AccessDenied"):
                one.list_groups()
    iam.delete_access_key(UserName="erin", AccessKeyId=key["AccessKeyId"])
    for one in erin:
        with pytest.raises(ClientError, match="InvalidClientTokenId"):
            one.list_groups()


LOSERS = {
    "EntityAlreadyExists",
    "NoSuchEntity",
    "DeleteConflict",
    "LimitExceeded",
    "ConcurrentModification",
    "InvalidInput",
}


def steps(iam, chance):
    """What one client does, in an order of its own, to entities that all clients share."""
    user, group, policy = (f"{kind}{chance.randrange(3)}" for kind in ("user", "group", "policy"))
    arn = f"arn:aws:iam::123456789012:policy/{policy}"
    return chance.sample(
        [
            lambda: iam.create_user(UserName=user),
            lambda: iam.create_group(GroupName=group),
            lambda: iam.create_policy(PolicyName=policy, PolicyDocument=allow("s3:GetObject")),
            lambda: iam.add_user_to_group(GroupName=group, UserName=user),
            lambda: iam.attach_group_policy(GroupName=group, PolicyArn=arn),
            lambda: iam.attach_user_policy(UserName=user, PolicyArn=arn),
            lambda: iam.create_access_key(UserName=user),
            lambda: iam.tag_user(UserName=user, Tags=[{"Key": f"k{chance.randrange(60)}", "Value": "v"}]),
            lambda: iam.remove_user_from_group(GroupName=group, UserName=user),
            lambda: iam.detach_user_policy(UserName=user, PolicyArn=arn),
            lambda: iam.detach_group_policy(GroupName=group, PolicyArn=arn),
            lambda: iam.delete_policy(PolicyArn=arn),
            lambda: iam.delete_group(GroupName=group),
            lambda: iam.delete_user(UserName=user),
        ],
        k=10,
    )


def test_fifty_clients_leave_a_consistent_state(console, administrator):
    iam = client(console, "iam", administrator, read_timeout=120)

    def work(number):
        codes = []
        for step in steps(iam, random.Random(number)):
            try:
                step()
                codes.append("")
            except ClientError as error:
                codes.append(error.response["Error"]["Code"])
        return codes

    with ThreadPoolExecutor(50) as pool:
        codes = [code for found in pool.map(work, range(50)) for code in found]
    assert set(codes) - {""} <= LOSERS, set(codes) - LOSERS
    assert codes.count("") > 50
    users = {user["UserName"]: user for user in iam.list_users()["Users"] if user["UserName"].startswith("user")}
    summary = iam.get_account_summary()["SummaryMap"]
    for group in iam.list_groups()["Groups"]:
        members = [user["UserName"] for user in iam.get_group(GroupName=group["GroupName"])["Users"]]
        assert set(members) <= set(users)
        assert len(members) == len(set(members))
    for name in users:
        assert len(iam.list_access_keys(UserName=name)["AccessKeyMetadata"]) <= 2
        assert len(iam.list_user_tags(UserName=name)["Tags"]) <= 50
    for policy in iam.list_policies(Scope="Local")["Policies"]:
        entities = iam.list_entities_for_policy(PolicyArn=policy["Arn"])
        assert policy["AttachmentCount"] == len(entities["PolicyUsers"]) + len(entities["PolicyGroups"]) + len(
            entities["PolicyRoles"]
        )
    assert summary["Users"] == len(iam.list_users()["Users"])
    assert summary["Groups"] == len(iam.list_groups()["Groups"])
    assert "whole" in console.manage("verify_trail")
    assert "faults" not in console.manage("verify_trail")
