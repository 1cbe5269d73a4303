"""Resource ARNs: their six fields, and whether a kind of resource has such ARNs (Service Authorization Reference)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from engine import catalog
from engine.regions import PARTITIONS, partition_exists, region_exists
from engine.validate import fixes
from engine.validate.context import Context
from engine.validate.finding import Fix
from engine.validate.model import Value
from engine.validate.structure import suggestion
from engine.validate.variables import masked
from engine.wildcards import has_wildcard, may_meet

_FIELDS: Final = ("arn", "partition", "service", "Region", "account", "resource")
_PLACEHOLDER: Final = re.compile(r"\$\{[^}]*\}")
_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_ACCOUNT_PATTERN: Final = re.compile(r"(?=.*\*)[0-9?*]{1,40}|[0-9?]{12}")
# Names that stand in the account field of resources that AWS itself owns.
_AWS_ACCOUNTS: Final = frozenset({"aws", "aws-managed", "amazon", "cloudfront", "aws-marketplace", "third-party"})
# Services in which AWS publishes documents, parameters and views of its own, without an account in their ARNs.
_PUBLISHED_BY_AWS: Final = frozenset({"ssm", "resource-explorer-2"})


def check(context: Context) -> None:
    """All checks of this module."""
    for statement in context.document.statements:
        for value in (*(statement.resources or ()), *(statement.not_resources or ())):
            _check_resource(context, value)


def _check_resource(context: Context, value: Value) -> None:
    text = value.text
    if text == "*" or (context.kind == "resource" and text.startswith("execute-api:/")):
        return
    if not text.startswith("arn:"):
        context.at("INVALID_ARN_PREFIX", value)
        return
    fields = masked(text).split(":", 5)
    if len(fields) < 6:
        context.at("MISSING_ARN_FIELD", value, fields=", ".join(_FIELDS[len(fields) :]))
        return
    check_partition(context, value, fields)
    _, _, service, region, account, resource = fields
    if region and not region_exists(region):
        context.at("INVALID_ARN_REGION", value, region=region)
    check_account(context, value, account)
    lower = _check_service(context, value, service)
    if lower is not None:
        _check_forms(context, value, lower, (region, account, resource))


def check_partition(context: Context, value: Value, fields: list[str]) -> None:
    """The partition exists."""
    if not partition_exists(fields[1]):
        context.at(
            "INVALID_PARTITION",
            value,
            partition=fields[1],
            service=fields[2],
            partitions=", ".join(sorted(PARTITIONS)),
        )


def check_account(context: Context, value: Value, account: str) -> None:
    """The account field is empty, twelve digits, a pattern of such, or a name that AWS uses."""
    if account and not (_ACCOUNT.fullmatch(account) or _ACCOUNT_PATTERN.fullmatch(account) or account in _AWS_ACCOUNTS):
        context.at("INVALID_ARN_ACCOUNT", value, account=account)


def _check_service(context: Context, value: Value, service: str) -> str | None:
    """The service in lower case, if it exists."""
    if has_wildcard(service):
        context.at("WILDCARD_IN_SERVICE_NAME", value, service=service)
        return None
    lower = service.lower()
    if lower != service:
        fixed = value.text.replace(f":{service}:", f":{lower}:", 1)
        context.at("INVALID_ARN_SERVICE_CASE", value, fixes.replace(value.span, fixed), service=service)
    if not catalog.service_exists(lower) and not catalog.arn_forms(lower):
        near = catalog.nearest(lower, catalog.services()) if context.may_suggest() else None
        context.at("INVALID_SERVICE", value, service=service, suggestion=suggestion(near))
        return None
    return lower


def _check_forms(context: Context, value: Value, service: str, given: tuple[str, str, str]) -> None:
    region, account, resource = given
    if not catalog.arn_forms(service):
        return
    forms = fitting_forms(service, resource)
    if not forms:
        context.at("INVALID_ARN_RESOURCE", value, service=service)
        return
    if region not in ("", "*") and not any(form.region for _, form in forms):
        context.at("ARN_REGION_NOT_ALLOWED", value, _without_field(value, 3), service=service)
    elif not region and all(form.region for _, form in forms):
        context.at("MISSING_ARN_REGION", value, service=service)
    if account not in ("", "*") and not any(form.account for _, form in forms):
        context.at("ARN_ACCOUNT_NOT_ALLOWED", value, _without_field(value, 4), service=service)
    elif not account and service not in _PUBLISHED_BY_AWS and all(form.account for _, form in forms):
        context.at("MISSING_ARN_ACCOUNT", value, resource=f"{service} {forms[0][0].name}")


def _without_field(value: Value, position: int) -> Fix | None:
    fields = value.text.split(":", 5)
    if any("${" in field for field in fields[:5]):
        return None
    fields[position] = ""
    return fixes.replace(value.span, ":".join(fields))


@lru_cache(maxsize=8192)
def fitting_forms(service: str, resource: str) -> tuple[tuple[catalog.ResourceType, catalog.ArnForm], ...]:
    """The resource types of a service whose ARNs may end in this resource part."""
    if not resource:
        return ()
    return tuple(pair for pattern, pair in _form_patterns(service) if may_meet(resource, pattern))


@lru_cache(maxsize=1024)
def _form_patterns(service: str) -> tuple[tuple[str, tuple[catalog.ResourceType, catalog.ArnForm]], ...]:
    return tuple((_PLACEHOLDER.sub("*", form.resource), (kind, form)) for kind, form in catalog.arn_forms(service))
