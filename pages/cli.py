"""AWS CLI commands for what a page does, ready to be pasted into a shell."""

import json
import shlex
from collections.abc import Mapping
from typing import Any

from botocore import xform_name

SECRETS = frozenset({"password", "new_password", "old_password"})


def command(action: str, params: Mapping[str, Any], endpoint: str = "") -> str:
    """`iam:CreateUser` with boto3-style parameters → `aws iam create-user --user-name alice`. Secrets are left as a name to fill in."""
    service, _, name = action.partition(":")
    words = ["aws", service, xform_name(name, "-")]
    for key, value in params.items():
        if value not in (None, "", [], ()):
            words += _option(key, value)
    if endpoint:
        words += ["--endpoint-url", endpoint]
    return _wrapped(words)


def _option(key: str, value: Any) -> list[str]:
    flag = f"--{key.replace('_', '-')}"
    if isinstance(value, bool):
        return [flag if value else f"--no-{key.replace('_', '-')}"]
    if key in SECRETS:
        return [flag, '"$PASSWORD"']
    if isinstance(value, list | tuple):
        return [flag, *(_member(item) for item in value)]
    return [flag, shlex.quote(str(value))]


def _member(item: Any) -> str:
    if isinstance(item, Mapping):
        plain = all(isinstance(value, str) and not set(value) & set(",'\" =\n") for value in item.values())
        return shlex.quote(",".join(f"{key}={value}" for key, value in item.items()) if plain else json.dumps(item))
    return shlex.quote(str(item))


def _wrapped(words: list[str]) -> str:
    """One line, or with more than one option a line for each."""
    lines = [" ".join(words[:3])]
    for word in words[3:]:
        if word.startswith("--"):
            lines.append(word)
        else:
            lines[-1] += f" {word}"
    joined = " ".join(lines)
    return joined if len(joined) <= 88 else " \\\n  ".join(lines)
