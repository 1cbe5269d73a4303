"""What may stand at a place of a policy document: actions, the forms of resources, operators, condition keys and their values, services.

What the languages and catalogues of AWS know stands here; what there is in the account is offered by `register`ed sources.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from engine import catalog
from engine.global_keys import GLOBAL_KEYS
from engine.operators import OPERATORS
from operations.caller import Caller

MOST: Final = 1_000
# Services that people let assume roles, by their principals (AWS's documentation of each service).
TRUSTED_SERVICES: Final = (
    "apigateway", "batch", "cloudformation", "codebuild", "codepipeline", "config", "ec2", "ecs-tasks", "edgelambda",
    "eks", "events", "firehose", "glue", "lambda", "logs", "monitoring.rds", "pods.eks", "rds", "s3", "sagemaker",
    "scheduler", "sns", "ssm", "states", "transfer",
)  # fmt: skip
TRUST_ACTIONS: Final = (
    "AssumeRole",
    "AssumeRoleWithSAML",
    "AssumeRoleWithWebIdentity",
    "SetSourceIdentity",
    "TagSession",
)
YES_OR_NO: Final = ("bool", "null")
OF_ACCOUNTS: Final = ("aws:principalaccount", "aws:resourceaccount", "aws:sourceaccount")
OF_SERVICES: Final = (
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
    "iam:passedtoservice",
    "iam:awsservicename",
)
# IAM User Guide, «Principal key values»: each kind of principal's aws:PrincipalType.
PRINCIPAL_TYPES: Final = ("Account", "Anonymous", "AssumedRole", "FederatedUser", "User")
OF_OTHER_TAGS: Final = ("aws:resourcetag/", "aws:requesttag/", "iam:resourcetag/")


@dataclass(frozen=True)
class Completion:
    """A text that may stand there, a word about its kind, and what it means."""

    value: str
    note: str = ""
    about: str = ""


@dataclass(frozen=True)
class Asked:
    """What is typed at a place, and who types it. `services` are those of the document's actions; `key` and `operator` those of the
    condition whose value is typed, in lower case."""

    text: str
    caller: Caller
    services: Sequence[str] = ()
    key: str = ""
    operator: str = ""


Offer = Callable[[Asked], Iterable[Completion]]
_OFFERS: defaultdict[str, list[Offer]] = defaultdict(list)


def completions(
    place: str,
    text: str,
    *,
    kind: str = "identity",
    services: Sequence[str] = (),
    key: str = "",
    operator: str = "",
    account_id: str = "",
    caller: Caller | None = None,
) -> list[Completion]:
    """What fits what was typed, at most MOST; nothing for a place that is unknown. `services` are those of the document's actions, `key`
    and `operator` those of the condition whose value is typed.

    What there is in the account is offered as far as the `caller` may list it.
    """
    key, operator = key.lower(), operator.lower().rpartition(":")[2].removesuffix("ifexists")
    makers: dict[str, Callable[[], Iterable[Completion]]] = {
        "action": lambda: _trust_actions() if kind == "trust" else _actions(text),
        "resource": lambda: _resources(text, services, account_id),
        "operator": _operators,
        "key": lambda: _keys(text, services),
        "service": lambda: (Completion(f"{name}.amazonaws.com") for name in TRUSTED_SERVICES),
        "principal": lambda: (Completion(f"arn:{settings.PARTITION}:iam::{account_id}:root"), Completion("*")),
        "value": lambda: _values(key, operator, account_id),
    }
    if place not in makers:
        return []
    wanted = text.lower()
    offered = [*makers[place]()]
    if caller is not None and not (place == "value" and operator in YES_OR_NO):
        asked = Asked(text, caller, services, key, operator)
        offered += [each for offer in _OFFERS[place] for each in offer(asked)]
    found = list({each.value: each for each in offered if wanted in each.value.lower()}.values())
    return sorted(found, key=lambda each: not each.value.lower().startswith(wanted))[:MOST]


def register(*places: str) -> Callable[[Offer], Offer]:
    """Add a source for some places, which knows what this module does not: what there is in the account."""

    def add(offer: Offer) -> Offer:
        for place in places:
            _OFFERS[place].append(offer)
        return offer

    return add


def _values(key: str, operator: str, account_id: str) -> Iterable[Completion]:
    """What the values of a condition can be by its operator and key alone."""
    if operator in YES_OR_NO or _is_bool(key):
        yield from (Completion("true"), Completion("false"))
    elif key in OF_ACCOUNTS:
        yield Completion(account_id)
    elif key in OF_SERVICES:
        yield from (Completion(f"{name}.amazonaws.com") for name in TRUSTED_SERVICES)
    elif key == "aws:principaltype":
        yield from map(Completion, PRINCIPAL_TYPES)
    elif key.startswith(OF_OTHER_TAGS):
        name = key.partition("/")[2]
        yield Completion(f"${{aws:PrincipalTag/{name}}}", "", "")


def _is_bool(key: str) -> bool:
    try:
        return catalog.condition_key(key).type in ("Bool", "Boolean")
    except catalog.NotFound:
        return False


def _trust_actions() -> Iterable[Completion]:
    for name in TRUST_ACTIONS:
        found = catalog.action("sts", name)
        yield Completion(found.full_name, found.access_level, found.description)


def _actions(text: str) -> Iterable[Completion]:
    """Services until the colon is typed, then the actions of that service."""
    prefix, colon, _name = text.partition(":")
    if not colon:
        yield from (Completion(f"{found}:", "", catalog.service(found).name) for found in catalog.services())
        return
    if not catalog.service_exists(prefix):
        return
    yield Completion(f"{prefix}:*", "", catalog.service(prefix).name)
    for found in catalog.actions(prefix):
        yield Completion(found.full_name, found.access_level, found.description)


def _resources(text: str, services: Sequence[str], account_id: str) -> Iterable[Completion]:
    """The forms of the ARNs of the services in the document, or of the one whose ARN is begun; placeholders become wildcards."""
    yield Completion("*")
    begun = text.split(":")
    prefixes = [begun[2]] if len(begun) > 3 else list(services)
    for prefix in prefixes:
        if catalog.service_exists(prefix):
            for found in catalog.resource_types(prefix):
                for form in found.arn_forms:
                    yield Completion(filled_form(form.text, account_id), found.name, catalog.service(prefix).name)


def filled_form(form: str, account_id: str) -> str:
    """The form of an ARN for this account; what else is to be filled in becomes a wildcard."""
    filled = form.replace("${Partition}", settings.PARTITION).replace("${Account}", account_id)
    parts: list[str] = []
    rest = filled
    while "${" in rest:
        before, _open, after = rest.partition("${")
        parts += [before, "*"]
        rest = after.partition("}")[2]
    return "".join([*parts, rest])


def _operators() -> Iterable[Completion]:
    for operator in OPERATORS.values():
        yield Completion(operator.name, operator.family)
    for operator in OPERATORS.values():
        if operator.family != "null":
            yield Completion(f"{operator.name}IfExists", operator.family)
    for quantifier in ("ForAnyValue", "ForAllValues"):
        for name in ("StringEquals", "StringLike", "ArnLike"):
            yield Completion(f"{quantifier}:{name}", "")


def _keys(text: str, services: Sequence[str]) -> Iterable[Completion]:
    """Global keys, those of the services in the document, and those of the service whose prefix is typed."""
    prefixes = dict.fromkeys([*services, *([text.partition(":")[0]] if ":" in text else [])])
    seen: set[str] = set()
    for prefix in prefixes:
        if prefix != "aws" and catalog.service_exists(prefix):
            for found in catalog.condition_keys(prefix):
                if found.name not in seen:
                    seen.add(found.name)
                    yield Completion(found.name, found.type, found.description)
    for key in GLOBAL_KEYS:
        if key.name not in seen:
            yield Completion(key.name, key.type, key.description)
