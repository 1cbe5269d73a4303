"""AWS CLI commands for what a page does, ready to be pasted into a shell; for operations of our own, signed calls of our API.

Secrets are left as a variable to fill in: what is one, the service model says (operations.contract).
"""

import json
import shlex
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from botocore import xform_name
from botocore.serialize import QuerySerializer
from django.conf import settings

from operations.contract import is_secret, operation_model, parameter_names

SECRETS = frozenset({"password", "new_password", "old_password"})
VARIABLES = {"authentication_code1": "CODE1", "authentication_code2": "CODE2", "token_code": "CODE"}
PLACE = "~secret~"  # stands for a secret until it is written as its variable


def command(action: str, params: Mapping[str, Any], endpoint: str = "") -> str:
    """`iam:CreateUser` with boto3-style parameters → `aws iam create-user --user-name alice`. Secrets are left as a name to fill in."""
    service, _, name = action.partition(":")
    words = ["aws", service, xform_name(name, "-")]
    hidden = _secrets(service, name)
    for key, value in params.items():
        if value not in (None, "", [], ()):
            words += _option(key, value, hidden)
    if endpoint:
        words += ["--endpoint-url", endpoint]
    return _wrapped(words)


def own_call(service: str, name: str, params: Mapping[str, Any]) -> str:
    """An operation of our own as curl sends it, signed by an access key (curl, «--aws-sigv4»)."""
    hidden, names = _secrets(service, name), parameter_names(service, name)
    given = {names[key]: PLACE if key in hidden else value for key, value in params.items() if value is not None}
    model = operation_model(service, name)
    fields = QuerySerializer().serialize_to_request(given, model)["body"]
    variables = {names[key]: _variable(key) for key in hidden & names.keys()}
    words = [
        "curl",
        f"--aws-sigv4 aws:amz:{settings.REGION}:{service}",
        '--user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"',
    ]
    for key, value in fields.items():
        plain = shlex.quote(f"{key}={_text(value)}")
        words.append(f'--data-urlencode "{key}=${variables[key]}"' if value == PLACE else f"--data-urlencode {plain}")
    return " \\\n  ".join([*words, f"{settings.BASE_URL}/api/"])


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _secrets(service: str, name: str) -> frozenset[str]:
    """The parameters of an operation that are secret, as keywords, and those that are secret whatever the operation."""
    try:
        shape = operation_model(service, name).input_shape
    except KeyError:
        return SECRETS
    members = shape.members.items() if shape else ()
    return SECRETS | {xform_name(member) for member, inner in members if is_secret(member, inner)}


def _variable(key: str) -> str:
    return VARIABLES.get(key, "PASSWORD" if "password" in key else key.upper())


def _option(key: str, value: Any, hidden: frozenset[str]) -> list[str]:
    flag = f"--{key.replace('_', '-')}"
    if isinstance(value, bool):
        return [flag if value else f"--no-{key.replace('_', '-')}"]
    if key in hidden:
        return [flag, f'"${_variable(key)}"']
    if isinstance(value, list | tuple):
        return [flag, *(_member(item) for item in value)]
    if isinstance(value, datetime):
        return [flag, value.isoformat()]
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
