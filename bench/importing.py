"""Importing an account of 5,000 users, 1,500 policies, 300 groups and 500 roles, as a process of its own."""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.measure import table

NUMBER = "210987654321"
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["s3:Get*", "s3:List*"], "Resource": "*"}],
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
DATE = "2026-01-31T12:00:00+00:00"


def run() -> None:
    with tempfile.TemporaryDirectory(prefix="iamconsole-import-") as folder:
        path = Path(folder) / "account.json"
        path.write_text(json.dumps(details()), encoding="utf-8")
        environment = os.environ | {"DATA_DIR": folder}
        manage(environment, "migrate", "--verbosity", "0")
        manage(environment, "load_managed_policies")
        rows = []
        for name, extra in (("trial run", ["--dry-run"]), ("import", []), ("second import, nothing changed", [])):
            start = time.perf_counter()
            if name == "trial run":
                manage(
                    environment,
                    "create_account",
                    "--account-id",
                    NUMBER,
                    "--root-email",
                    "root@bench.invalid",
                    "--root-password-file",
                    password(folder),
                )
                start = time.perf_counter()
            manage(environment, "import_account_authorization_details", str(path), "--account", NUMBER, *extra)
            rows.append((name, time.perf_counter() - start))
        table((f"{path.stat().st_size / 1e6:.1f} MB", "seconds"), rows)


def password(folder: str) -> str:
    path = Path(folder) / "password"
    path.write_text("A-long-passw0rd-for-the-bench!\n", encoding="utf-8")
    return str(path)


def manage(environment: dict[str, str], *arguments: str) -> None:
    subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def details() -> dict[str, Any]:
    """Authorization details as AWS prints them, from seeded dice."""
    dice = random.Random(11)
    policies = [f"policy{number:04}" for number in range(1500)]
    groups = [f"group{number:03}" for number in range(300)]

    def attached(most: int) -> list[dict[str, str]]:
        return [
            {"PolicyName": name, "PolicyArn": f"arn:aws:iam::{NUMBER}:policy/{name}"}
            for name in dice.sample(policies, dice.randrange(most))
        ]

    def common(kind: str, name: str, prefix: str, number: int) -> dict[str, Any]:
        return {
            "Path": "/",
            "Arn": f"arn:aws:iam::{NUMBER}:{kind}/{name}",
            "CreateDate": DATE,
            f"{kind.title()}Id": f"{prefix}{number:017}".replace("0", "A")
            .replace("1", "B")
            .replace("8", "C")
            .replace("9", "D"),
        }

    return {
        "UserDetailList": [
            common("user", f"user{n:04}", "AIDA", n)
            | {
                "UserName": f"user{n:04}",
                "GroupList": dice.sample(groups, dice.randrange(4)),
                "AttachedManagedPolicies": attached(3),
                "Tags": [{"Key": "team", "Value": str(n % 9)}],
            }
            for n in range(5000)
        ],
        "GroupDetailList": [
            common("group", name, "AGPA", n)
            | {"GroupName": name, "GroupPolicyList": [], "AttachedManagedPolicies": attached(5)}
            for n, name in enumerate(groups)
        ],
        "RoleDetailList": [
            common("role", f"role{n:03}", "AROA", n)
            | {
                "RoleName": f"role{n:03}",
                "AssumeRolePolicyDocument": TRUST,
                "InstanceProfileList": [],
                "RolePolicyList": [],
                "AttachedManagedPolicies": attached(4),
                "Tags": [],
                "RoleLastUsed": {},
            }
            for n in range(500)
        ],
        "Policies": [policy(name, n) for n, name in enumerate(policies)],
    }


def policy(name: str, number: int) -> dict[str, Any]:
    return {
        "PolicyName": name,
        "PolicyId": f"ANPA{number:017}".replace("0", "A").replace("1", "B").replace("8", "C").replace("9", "D"),
        "Arn": f"arn:aws:iam::{NUMBER}:policy/{name}",
        "Path": "/",
        "DefaultVersionId": "v1",
        "AttachmentCount": 0,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "CreateDate": DATE,
        "UpdateDate": DATE,
        "PolicyVersionList": [{"Document": POLICY, "VersionId": "v1", "IsDefaultVersion": True, "CreateDate": DATE}],
    }
