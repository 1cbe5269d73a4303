"""What the file says of each entity, as values: documents as text, dates as dates, ARNs checked against names and paths."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final
from urllib.parse import unquote

from accounts.importing.form import failures
from accounts.importing.report import Report
from accounts.importing.source import Source
from engine import Policy, PolicySyntaxError
from operations.ids import iam_arn
from policies.documents import read_document
from policies.models import AWS

LONGEST_REGION: Final = 64
NAMES: Final = {
    "UserDetailList": ("UserName", "UserId", "user", "UserPolicyList"),
    "GroupDetailList": ("GroupName", "GroupId", "group", "GroupPolicyList"),
    "RoleDetailList": ("RoleName", "RoleId", "role", "RolePolicyList"),
    "Policies": ("PolicyName", "PolicyId", "policy", ""),
    "InstanceProfileList": ("InstanceProfileName", "InstanceProfileId", "instance-profile", ""),
}


@dataclass(frozen=True)
class Version:
    """One version of a managed policy in the file."""

    number: int
    document: str
    created_at: datetime


@dataclass(frozen=True)
class Entry:
    """A user, group, role, policy or instance profile in the file. What a kind of entity does not have stays empty."""

    place: str
    name: str
    path: str
    unique_id: str
    arn: str
    created_at: datetime
    inline: Mapping[str, str]
    attached: Sequence[str]
    boundary: str | None
    tags: Sequence[tuple[str, str]]
    groups: Sequence[str]
    trust_policy: str
    last_used: tuple[datetime | None, str]
    profiles: "Sequence[Entry]"
    versions: Sequence[Version]
    details: Mapping[str, Any]

    @property
    def key(self) -> str:
        """The name without regard to case."""
        return self.name.lower()


class Reader:
    """Reads entries and notes what is wrong with them; entries with a problem are left out."""

    def __init__(self, account_id: str, source: Source, report: Report) -> None:
        self.account_id = account_id
        self.source = source
        self.report = report

    def entries(self, member: str) -> Iterator[Entry]:
        """The entries under one member, each name and each unique id once. Raises Unreadable, TooManyProblems."""
        seen: set[str] = set()
        for place, item in self.source.items(member):
            found = self.entry(member, place, item)
            if found is None:
                continue
            known = {found.unique_id, found.arn if member == "Policies" else found.key}
            for twice in known & seen:
                self.report.problem(found.place, f"{twice} stands twice in {member}.")
            if not known & seen:
                yield found
            seen |= known

    def entry(self, member: str, place: str, item: Any) -> Entry | None:
        """One entry, or None when it has a problem."""
        name = item.get(NAMES[member][0]) if isinstance(item, dict) else None
        place = f"{place} ({name})" if isinstance(name, str) else place
        before = len(self.report.problems)
        for sentence in failures(member, item):
            self.report.problem(place, sentence)
        if len(self.report.problems) > before:
            return None
        found = self.made(member, place, item)
        return found if len(self.report.problems) == before else None

    def made(self, member: str, place: str, item: Mapping[str, Any]) -> Entry:
        """The entry of an item of the right form."""
        name_member, id_member, kind, inline_member = NAMES[member]
        name, path = item[name_member], item["Path"]
        owner = AWS if member == "Policies" and item["Arn"].split(":")[4:5] == [AWS] else self.account_id
        if item["Arn"] != iam_arn(owner, f"{kind}{path}{name}"):
            self.report.problem(
                place, f"The ARN {item['Arn']} is not that of {kind}{path}{name} in account {self.account_id}."
            )
        inline = {
            policy["PolicyName"]: self.document(
                f"{place}, {inline_member} {policy['PolicyName']}", policy["PolicyDocument"]
            )
            for policy in item.get(inline_member) or ()
        }
        used = item.get("RoleLastUsed") or {}
        return Entry(
            place=place,
            name=name,
            path=path,
            unique_id=item[id_member],
            arn=item["Arn"],
            created_at=moment(item["CreateDate"]),
            inline=inline,
            attached=[policy["PolicyArn"] for policy in item.get("AttachedManagedPolicies") or ()],
            boundary=(item.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn"),
            tags=[(tag["Key"], tag["Value"]) for tag in item.get("Tags") or ()],
            groups=item.get("GroupList") or (),
            trust_policy=self.trust_policy(place, item),
            last_used=(
                moment(used["LastUsedDate"]) if used.get("LastUsedDate") else None,
                (used.get("Region") or "")[:LONGEST_REGION],
            ),
            profiles=[self.profile(place, profile) for profile in item.get("InstanceProfileList") or ()],
            versions=[self.version(place, version, item) for version in item.get("PolicyVersionList") or ()],
            details=item,
        )

    def profile(self, place: str, item: Mapping[str, Any]) -> Entry:
        """An instance profile of a role."""
        return self.made("InstanceProfileList", f"{place}, instance profile {item['InstanceProfileName']}", item)

    def version(self, place: str, item: Mapping[str, Any], policy: Mapping[str, Any]) -> Version:
        """A version of a managed policy."""
        number = item["VersionId"]
        document = self.document(f"{place}, version {number}", item["Document"])
        return Version(version_number(number), document, moment(item.get("CreateDate") or policy["CreateDate"]))

    def trust_policy(self, place: str, item: Mapping[str, Any]) -> str:
        """The text of a role's trust policy; empty for what has none."""
        given = item.get("AssumeRolePolicyDocument")
        if given is None:
            return ""
        return self.document(f"{place}, AssumeRolePolicyDocument", given, kind="trust")

    def document(self, place: str, given: Any, kind: str = "identity") -> str:
        """The text of a policy document, which must be one that can be evaluated."""
        try:
            text = document_text(given)
        except RecursionError:
            self.report.problem(place, "The policy document is nested too deeply.")
            return ""
        error = unreadable(text, kind)
        if error:
            where = "" if isinstance(given, dict) else f", line {error.line}, column {error.column}"
            self.report.problem(f"{place}{where}", f"The policy document cannot be read: {error.message}.")
        return text


def unreadable(text: str, kind: str) -> PolicySyntaxError | None:
    """Why a document cannot be evaluated. Of identity policies AWS has saved some that only its own grammar can read."""
    try:
        Policy.parse(text)
    except PolicySyntaxError as error:
        found = error
    else:
        return None
    if kind != "identity":
        return found
    try:
        read_document(text)
    except PolicySyntaxError:
        return found
    return None


def document_text(given: Any) -> str:
    """A document as text: percent-encoded as the API sends it, plain, or decoded as the AWS CLI prints it."""
    if isinstance(given, str):
        return given if given.lstrip().startswith("{") else unquote(given)
    return json.dumps(given, indent=4, ensure_ascii=False, default=_number)


def _number(value: Any) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{value!r} is not JSON")


def same_document(one: str, other: str) -> bool:
    """Whether two texts are the same document, whatever their white space."""
    if one == other:
        return True
    try:
        return bool(json.loads(one) == json.loads(other))
    except ValueError:
        return False


def version_number(version_id: str) -> int:
    """The number of a version id such as `v3`."""
    return int(version_id[1:].split(".", maxsplit=1)[0])


def moment(text: str) -> datetime:
    """A date as AWS's tools print it; without a zone it is UTC."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
