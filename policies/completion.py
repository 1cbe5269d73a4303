"""What may stand at a place of a policy document: actions, the forms of resources, operators, condition keys, services."""

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


@dataclass(frozen=True)
class Completion:
    """A text that may stand there, a word about its kind, and what it means."""

    value: str
    note: str = ""
    about: str = ""


PrincipalOffer = Callable[[Caller, str], Iterable[Completion]]
_OFFERS: list[PrincipalOffer] = []


def completions(
    place: str,
    text: str,
    *,
    kind: str = "identity",
    services: Sequence[str] = (),
    account_id: str = "",
    caller: Caller | None = None,
) -> list[Completion]:
    """What fits what was typed, at most MOST; nothing for a place that is unknown. `services` are those of the document's actions.

    Principals are offered as far as the `caller` may list them.
    """
    makers: dict[str, Callable[[], Iterable[Completion]]] = {
        "action": lambda: _trust_actions() if kind == "trust" else _actions(text),
        "resource": lambda: _resources(text, services, account_id),
        "operator": _operators,
        "key": lambda: _keys(text, services),
        "service": lambda: (Completion(f"{name}.amazonaws.com") for name in TRUSTED_SERVICES),
        "principal": lambda: _principals(text, account_id, caller),
    }
    if place not in makers:
        return []
    wanted = text.lower()
    found = [each for each in makers[place]() if wanted in each.value.lower()]
    return sorted(found, key=lambda each: not each.value.lower().startswith(wanted))[:MOST]


def register_principals(offer: PrincipalOffer) -> PrincipalOffer:
    """Add a source of principals, which knows what this package does not: whoever there is in the account."""
    _OFFERS.append(offer)
    return offer


def _principals(text: str, account_id: str, caller: Caller | None) -> Iterable[Completion]:
    yield from (Completion(f"arn:{settings.PARTITION}:iam::{account_id}:root"), Completion("*"))
    if caller is not None:
        for offer in _OFFERS:
            yield from offer(caller, text)


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
                    yield Completion(_filled(form.text, account_id), found.name, catalog.service(prefix).name)


def _filled(form: str, account_id: str) -> str:
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
