"""A worker that is killed in the middle of its work takes nothing of the record with it."""

import os
import signal
import subprocess
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from tests.api.served import served

pytestmark = pytest.mark.live
READS = 40


def test_what_was_answered_is_in_the_record_although_every_worker_was_killed(tmp_path):
    with served(tmp_path) as console:
        iam = boto3.client(
            "iam",
            endpoint_url=f"{console.url}/api/",
            region_name="us-east-1",
            aws_access_key_id=console.key["AccessKeyId"],
            aws_secret_access_key=console.key["SecretAccessKey"],
            config=Config(retries={"total_max_attempts": 4}),
        )
        before = events(console)
        for turn in range(READS):
            iam.list_users()
            if turn == READS - 1:
                kill_workers()
        assert events(console) == before + READS
        iam.list_users()  # the server has new workers
        assert events(console) == before + READS + 1


def events(console) -> int:
    """How many Events the account has, the chain walked."""
    told = console.manage("verify_trail")
    assert "whole" in told
    return int(told.split(": ")[1].split(" ")[0])


def kill_workers() -> None:
    """Kill the children of the server that this process started, at once and without warning."""
    for server in children(os.getpid()):
        for worker in children(server):
            os.kill(worker, signal.SIGKILL)


def children(process: int) -> list[int]:
    linux = Path(f"/proc/{process}/task/{process}/children")
    if linux.exists():
        return [int(child) for child in linux.read_text().split()]
    found = subprocess.run(["pgrep", "-P", str(process)], capture_output=True, text=True, check=False).stdout
    return [int(child) for child in found.split()]
