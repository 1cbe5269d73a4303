"""What IAM refuses in Resource and NotResource on saving, with IAM's sentences (recorded answers of CreatePolicy)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from engine import catalog
from engine.json_tree import Node, Span
from engine.malformed import LEGACY, refuse
from engine.regions import PARTITIONS
from engine.said import said

# IAM's own list, as its sentence prints it.
_IAM_PATHS: Final = (
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
)
# What came after the sentence was written and the reference does not list either, and what may stand for any type.
_LATER_IAM_PATHS: Final = ("root", "u2f/", "role-template/", "${")
# The S3 resources that do have a Region; everything else in S3 is a bucket or an object.
_REGIONAL_S3_PATHS: Final = ("accesspoint", "job", "storage-lens", "access-grants", "async-request", "*", "?", "${")


@dataclass(frozen=True, slots=True)
class Complaint:
    """A refusal that is only uttered if nothing graver is found."""

    message: str
    span: Span


def check_resources(statements: list[Node], partition: str) -> Complaint | None:
    """The first complaint about a resource, for later; refuses at once what IAM's old parser chokes on."""
    first: Complaint | None = None
    for statement in statements:
        for element in ("Resource", "NotResource"):
            node = statement.get(element)
            if node is None:
                continue
            values = [item for item in (node.items if node.kind == "array" else (node,)) if item.kind == "string"]
            for value in values:
                if first is None and (message := complaint_about(str(value.value), partition)):
                    first = Complaint(message, value.span)
            if first is None:
                for value in values:
                    _check_legacy(value)
    return first


def complaint_about(resource: str, partition: str = "aws") -> str | None:
    """IAM's sentence about a resource that is neither `*` nor something like an ARN; None when it may be saved."""
    if resource == "*":
        return None
    fields = resource.split(":", 5)
    if len(fields) == 1:
        return f'Resource {resource} must be in ARN format or "*".'
    if fields[1] != "*" and fields[1] not in PARTITIONS and fields[1] != partition:
        rest = [*fields[2:], "*", "*", "*", "*"][:4]
        if not rest[0] and len(fields) == 3:
            rest[0] = "*"
        return f'Partition "{fields[1]}" is not valid for resource "arn:{fields[1]}:{":".join(rest)}".'
    if len(fields) == 2:
        return "Resource vendor must be fully qualified and cannot contain regexes."
    return _service_complaint(resource, [*fields, "", "", ""][:6])


def _service_complaint(resource: str, fields: list[str]) -> str | None:
    service, region, path = fields[2], fields[3], fields[5]
    if service == "iam":
        if region:
            return f"IAM resource {resource} cannot contain region information."
        if path != "*" and not path.startswith(_iam_paths()):
            return f'IAM resource path must either be "*" or start with {", ".join(_IAM_PATHS)}.'
    if service == "s3" and region and not path.startswith(_REGIONAL_S3_PATHS):
        return f"Resource {resource} can not contain region information."
    return None


@lru_cache(maxsize=1)
def _iam_paths() -> tuple[str, ...]:
    """IAM's own list, and the types that the reference has added since."""
    forms = {form.resource.partition("${")[0] for _, form in catalog.arn_forms("iam")}
    return (*_IAM_PATHS, *_LATER_IAM_PATHS, *sorted(path for path in forms if path))


def _check_legacy(value: Node) -> None:
    resource = str(value.value)
    if not resource or resource == "*":
        return
    if resource.count(":") < 5 and "::" in resource:
        refuse(LEGACY, value.span, said("The ARN has too few fields"))
    if resource.split(":")[2] == "":
        refuse(LEGACY, value.span, said("The ARN names no service"))
