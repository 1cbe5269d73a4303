"""Files as `aws iam get-account-authorization-details` prints them: a small realistic account, and generated ones of any size."""

import hashlib
import json
from base64 import b32encode
from copy import deepcopy
from typing import Any
from urllib.parse import quote

ACCOUNT = "123456789012"
IAM = f"arn:aws:iam::{ACCOUNT}"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def unique_id(prefix: str, name: str) -> str:
    """The same id for the same name, of AWS's shape."""
    return prefix + b32encode(hashlib.sha256(name.encode()).digest()).decode()[:17]


def document(*actions: str, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}],
    }


def trust(**principal: Any) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}],
    }


def user(name: str, path: str = "/", **more: Any) -> dict[str, Any]:
    return {
        "Path": path,
        "UserName": name,
        "UserId": unique_id("AIDA", name),
        "Arn": f"{IAM}:user{path}{name}",
        "CreateDate": "2019-12-18T19:10:08+00:00",
        "GroupList": [],
        "AttachedManagedPolicies": [],
        "Tags": [],
        **more,
    }


def group(name: str, path: str = "/", **more: Any) -> dict[str, Any]:
    return {
        "Path": path,
        "GroupName": name,
        "GroupId": unique_id("AGPA", name),
        "Arn": f"{IAM}:group{path}{name}",
        "CreateDate": "2018-03-01T00:00:00+00:00",
        "GroupPolicyList": [],
        "AttachedManagedPolicies": [],
        **more,
    }


def role(name: str, trusted: dict[str, Any], path: str = "/", **more: Any) -> dict[str, Any]:
    return {
        "Path": path,
        "RoleName": name,
        "RoleId": unique_id("AROA", name),
        "Arn": f"{IAM}:role{path}{name}",
        "CreateDate": "2020-02-29T23:59:59+00:00",
        "AssumeRolePolicyDocument": trusted,
        "InstanceProfileList": [],
        "RolePolicyList": [],
        "AttachedManagedPolicies": [],
        "Tags": [],
        "RoleLastUsed": {},
        **more,
    }


def profile(name: str, holder: dict[str, Any], path: str = "/") -> dict[str, Any]:
    shown = ("Path", "RoleName", "RoleId", "Arn", "CreateDate", "AssumeRolePolicyDocument")
    return {
        "Path": path,
        "InstanceProfileName": name,
        "InstanceProfileId": unique_id("AIPA", name),
        "Arn": f"{IAM}:instance-profile{path}{name}",
        "CreateDate": "2020-03-01T00:00:00+00:00",
        "Roles": [{key: holder[key] for key in shown}],
    }


def attached(arn: str) -> dict[str, str]:
    return {"PolicyName": arn.rsplit("/", 1)[-1], "PolicyArn": arn}


def boundary(arn: str) -> dict[str, str]:
    return {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}


def policy(
    name: str,
    *documents: dict[str, Any],
    path: str = "/",
    default: int = 1,
    first: int = 1,
    owner: str = IAM,
    **more: Any,
) -> dict[str, Any]:
    numbers = range(first, first + len(documents))
    versions = [
        {
            "Document": text,
            "VersionId": f"v{number}",
            "IsDefaultVersion": number == default,
            "CreateDate": f"2021-01-{number:02}T10:00:00+00:00",
        }
        for number, text in zip(numbers, documents, strict=True)
    ]
    return {
        "PolicyName": name,
        "PolicyId": unique_id("ANPA", f"{owner}{path}{name}"),
        "Arn": f"{owner}:policy{path}{name}",
        "Path": path,
        "DefaultVersionId": f"v{default}",
        "AttachmentCount": 0,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "CreateDate": "2021-01-01T10:00:00+00:00",
        "UpdateDate": "2021-06-01T10:00:00+00:00",
        "PolicyVersionList": versions[::-1],
        **more,
    }


def small_account() -> dict[str, Any]:
    """An account with every kind of thing that the file can hold, as AWS orders and leaves out its members."""
    alice = user(
        "Alice",
        "/division/",
        UserPolicyList=[{"PolicyName": "Own", "PolicyDocument": document("s3:Get*", resource=f"{IAM}:user/50%25")}],
        GroupList=["Admins", "developers"],
        AttachedManagedPolicies=[attached(ADMINISTRATOR)],
        PermissionsBoundary=boundary(f"{IAM}:policy/edge/Boundary"),
        Tags=[{"Key": "Team", "Value": "ops"}, {"Key": "cost center", "Value": ""}],
    )
    worker = role(
        "Worker",
        trust(Service="ec2.amazonaws.com"),
        "/app/",
        RolePolicyList=[
            {
                "PolicyName": "inline",
                "PolicyDocument": document("sqs:*", Condition={"NumericLessThan": {"s3:max-keys": 10}}),
            }
        ],
        PermissionsBoundary=boundary(f"{IAM}:policy/edge/Boundary"),
        Tags=[{"Key": "env", "Value": "prod"}],
        RoleLastUsed={"LastUsedDate": "2026-11-20T08:00:00+00:00", "Region": "eu-west-1"},
    )
    worker["InstanceProfileList"] = [profile("Worker", worker), profile("Second", worker, "/app/")]
    humans = [
        f"{IAM}:user/division/Alice",
        f"{IAM}:role/app/Worker",
        "AIDADELETEDUSER000001",
        "arn:aws:iam::999999999999:user/far",
        f"{IAM}:root",
    ]
    return {
        "UserDetailList": [alice, user("bob")],
        "GroupDetailList": [
            group("Admins", GroupPolicyList=[{"PolicyName": "All", "PolicyDocument": document("*")}]),
            group(
                "developers", "/eng/", AttachedManagedPolicies=[attached(f"{IAM}:policy/Deploy"), attached(READ_ONLY)]
            ),
        ],
        "RoleDetailList": [
            worker,
            role("Human", trust(AWS=humans), AttachedManagedPolicies=[attached(f"{IAM}:policy/Deploy")]),
            role(
                "AWSServiceRoleForSupport",
                trust(Service="support.amazonaws.com"),
                "/aws-service-role/support.amazonaws.com/",
            ),
        ],
        "Policies": [
            policy(
                "Deploy",
                document("ecs:*"),
                document("ecs:*", "ecr:*"),
                document("ecs:RunTask"),
                default=3,
                first=2,
                AttachmentCount=2,
            ),
            policy(
                "Boundary",
                document("s3:*"),
                path="/edge/",
                PermissionsBoundaryUsageCount=2,
                Description="What services may do",
            ),
            policy("AdministratorAccess", document("*"), owner="arn:aws:iam::aws", AttachmentCount=1),
            policy(
                "ReadOnlyAccess",
                document("s3:Get*"),
                document("s3:Get*", "s3:List*"),
                owner="arn:aws:iam::aws",
                default=2,
                AttachmentCount=1,
            ),
        ],
    }


def percent_encoded(details: dict[str, Any]) -> dict[str, Any]:
    """The same with documents as the API itself sends them."""
    found = deepcopy(details)

    def walk(value: Any) -> None:
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            if key in {"AssumeRolePolicyDocument", "PolicyDocument", "Document"}:
                value[key] = quote(json.dumps(item), safe="")
            elif isinstance(item, dict | list):
                walk(item)

    walk(found)
    return found


def large_account(users: int, policies: int, groups: int = 100, roles: int = 500) -> dict[str, Any]:
    """An account of any size, with a few of everything on everybody."""
    arns = [f"{IAM}:policy/app{number % 7}/Policy{number}" for number in range(policies)]
    return {
        "UserDetailList": [
            user(
                f"user{number}",
                f"/team{number % 20}/",
                UserPolicyList=[
                    {
                        "PolicyName": "own",
                        "PolicyDocument": document("s3:GetObject", resource=f"arn:aws:s3:::home/user{number}/*"),
                    }
                ],
                GroupList=[f"group{(number + step) % groups}" for step in range(3)],
                AttachedManagedPolicies=[attached(arns[(number + step) % policies]) for step in range(2)],
                Tags=[{"Key": "team", "Value": str(number % 20)}, {"Key": "cost", "Value": str(number)}],
            )
            for number in range(users)
        ],
        "GroupDetailList": [
            group(f"group{number}", AttachedManagedPolicies=[attached(arns[number % policies])])
            for number in range(groups)
        ],
        "RoleDetailList": [
            role(
                f"role{number}",
                trust(AWS=[f"{IAM}:user/team{number % 20}/user{number}"])
                if number < users
                else trust(Service="ec2.amazonaws.com"),
                AttachedManagedPolicies=[attached(arns[number % policies])],
                Tags=[{"Key": "env", "Value": "prod"}],
            )
            for number in range(roles)
        ],
        "Policies": [
            policy(
                f"Policy{number}",
                document(
                    "s3:GetObject",
                    "s3:PutObject",
                    resource=[f"arn:aws:s3:::bucket{number}-{part}/*" for part in range(20)],
                ),
                document("s3:GetObject"),
                path=f"/app{number % 7}/",
                default=2,
            )
            for number in range(policies)
        ],
    }
