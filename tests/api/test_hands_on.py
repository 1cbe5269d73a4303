"""docs/hands-on.md is run: each bash block in one shell, and what it prints is what the text block after it says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.served import ROOT, served

pytestmark = pytest.mark.live
BLOCKS = re.compile(r"^```(bash|text)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
END = "--- end of block ---"


def walk():
    """Pairs of commands and the text that they are said to print."""
    blocks = BLOCKS.findall((ROOT / "docs" / "hands-on.md").read_text(encoding="utf-8"))
    pairs = []
    for kind, content in blocks:
        if kind == "bash":
            pairs.append([content, ""])
        else:
            pairs[-1][1] = content
    return pairs


def pattern_of(text):
    """The text as a pattern in which `…` stands for anything within a line."""
    return "\n".join(".*".join(re.escape(part) for part in line.split("…")) for line in text.splitlines())


def test_the_walk(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    pairs = walk()
    assert len(pairs) > 10
    with served(folder) as console:
        console.manage("load_managed_policies")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | {
            "AWS_ENDPOINT_URL": f"{console.url}/api/",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": console.key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": console.key["SecretAccessKey"],
            "AWS_EC2_METADATA_DISABLED": "true",
            "HOME": str(tmp_path),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }
        script = "set -e\n" + "".join(f"{commands}echo '{END}'\n" for commands, _ in pairs)
        done = subprocess.run(
            ["bash"],
            input=script,
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=400,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        assert "whole" in console.manage("verify_trail")
    printed = done.stdout.split(f"{END}\n")
    for (commands, said), text in zip(pairs, printed, strict=False):
        told = "\n".join(line for line in text.splitlines() if line.strip())
        assert re.fullmatch(pattern_of(said), told), f"{commands}\nprinted\n{told}\nand not\n{said}"
