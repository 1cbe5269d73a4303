"""Whether an entity in the file has the form that AWS prints: required members, types, and the limits and patterns of AWS's model."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from botocore.model import ListShape, Shape, StructureShape

from operations import contract
from operations.contract import failure, join

# AWS's model requires next to nothing in answers; without these there is nothing to import.
REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "UserDetail": ("UserName", "UserId", "Arn", "Path", "CreateDate"),
    "GroupDetail": ("GroupName", "GroupId", "Arn", "Path", "CreateDate"),
    "RoleDetail": ("RoleName", "RoleId", "Arn", "Path", "CreateDate", "AssumeRolePolicyDocument"),
    "ManagedPolicyDetail": (
        "PolicyName",
        "PolicyId",
        "Arn",
        "Path",
        "CreateDate",
        "DefaultVersionId",
        "PolicyVersionList",
    ),
    "PolicyVersion": ("VersionId", "Document"),
    "PolicyDetail": ("PolicyName", "PolicyDocument"),
    "AttachedPolicy": ("PolicyArn",),
    "Tag": ("Key", "Value"),
    "InstanceProfile": ("InstanceProfileName", "InstanceProfileId", "Arn", "Path", "CreateDate"),
}
# The type word in AWS's answers is not the one of AWS's model; and the role of a profile is the role that has the profile.
UNCHECKED: Final[Mapping[str, dict[str, Any]]] = {
    "AttachedPermissionsBoundary": {"PermissionsBoundaryType": "PermissionsBoundaryPolicy"},
    "InstanceProfile": {"Roles": []},
}
DOCUMENT: Final = "policyDocumentType"
VERSION: Final = "policyVersionIdType"
LONGEST_VERSION: Final = 9  # a `v` and as many digits as a number in the database surely holds
TYPES: Final[Mapping[str, tuple[type, str]]] = {
    "string": (str, "a string"),
    "timestamp": (str, "a date"),
    "integer": (int, "a whole number"),
    "boolean": (bool, "true or false"),
}


def failures(member: str, item: Any) -> list[str]:
    """What is wrong with an entity of the list `member`, in AWS's sentences; empty when it can be imported."""
    shape = contract.operation_model("iam", "GetAccountAuthorizationDetails").output_shape.members[member].member
    found = list(_form(shape, item, ""))
    return found or list(contract.violations(shape, without_documents(shape, item)))


def _form(shape: Shape, value: Any, where: str) -> Iterator[str]:
    if isinstance(shape, StructureShape):
        yield from _structure(shape, value, where)
    elif isinstance(shape, ListShape):
        if not isinstance(value, list):
            yield failure(where or "item", "Member must be a list")
            return
        for number, item in enumerate(value, 1):
            yield from _form(shape.member, item, f"{where}.{number}.member")
    elif shape.name == DOCUMENT:
        if not isinstance(value, str | dict):
            yield failure(where or "item", "Member must be a policy document")
    else:
        yield from _scalar(shape, value, where or "item")


def _scalar(shape: Shape, value: Any, where: str) -> Iterator[str]:
    type_, words = TYPES[shape.type_name]
    if not isinstance(value, type_) or (type_ is int and isinstance(value, bool)):
        yield failure(where, f"Member must be {words}")
    elif shape.type_name == "timestamp" and not _is_date(str(value)):
        yield failure(where, "Member must be a date such as 2026-01-31T12:00:00+00:00")
    elif "\0" in str(value):
        yield failure(where, "Member must not contain the character U+0000")
    elif shape.name == VERSION and len(str(value)) > LONGEST_VERSION:
        yield failure(where, f"Member must have length less than or equal to {LONGEST_VERSION}")


def _structure(shape: StructureShape, value: Any, where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield failure(where or "item", "Member must be an object")
        return
    for required in REQUIRED.get(shape.name, ()):
        if value.get(required) is None:
            yield failure(join(where, required), "Member must not be null")
    for member, given in value.items():
        if given is not None and member in shape.members and member not in UNCHECKED.get(shape.name, ()):
            yield from _form(shape.members[member], given, join(where, member))


def without_documents(shape: Shape, value: Any) -> Any:
    """The entity without what the model's patterns are not for: documents, which may be decoded, and the unchecked members."""
    if isinstance(shape, ListShape):
        return [without_documents(shape.member, item) for item in value]
    if not isinstance(shape, StructureShape):
        return value
    instead = UNCHECKED.get(shape.name, {})
    kept = {
        member: without_documents(shape.members[member], given)
        for member, given in value.items()
        if given is not None and member in shape.members and member not in instead
    }
    return {member: given for member, given in kept.items() if shape.members[member].name != DOCUMENT} | instead


def _is_date(text: str) -> bool:
    try:
        return 1970 <= datetime.fromisoformat(text).year <= 9000
    except ValueError:
        return False
