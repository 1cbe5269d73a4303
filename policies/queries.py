"""What the pages about managed policies show: the list with its usage, one policy's versions, and who uses it.

Every function costs a fixed number of queries at any size; filters and orders run in the database.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Count,
    DateTimeField,
    F,
    FilteredRelation,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from operations.prepared import remember
from policies.facts import FINDINGS
from policies.listing import under_path
from policies.models import AWS, ManagedPolicy, PolicyTag, PolicyVersion


class UsageColumns(TypedDict):
    """What rows of managed policies carry beside their own columns."""

    attachment_count: int
    boundary_count: int
    last_decided_at: datetime | None


if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    PolicyRow = WithAnnotations[ManagedPolicy, UsageColumns]

Type = Literal["customer", "aws", "job-function", "service-linked"]
Usage = Literal["attached", "boundary", "unused"]

# The words of the AWS console for the kinds of managed policies.
TYPES: Mapping[Type, str] = {
    "customer": "Customer managed",
    "aws": "AWS managed",
    "job-function": "AWS managed - job function",
    "service-linked": "AWS managed - service-linked role",
}
# What a list of policies may be sorted by; a name breaks ties. A minus before the key turns the order round.
SORTS: Mapping[str, str] = {
    "name": "name_key",
    "path": "path",
    "type": "type",
    "attachments": "attachment_count",
    "boundaries": "boundary_count",
    "created": "created_at",
    "updated": "updated_at",
}
_KINDS: Mapping[Type | None, Q] = {
    "customer": ~Q(account_id=AWS),
    "aws": Q(account_id=AWS),
    "job-function": Q(account_id=AWS, path="/job-function/"),
    "service-linked": Q(account_id=AWS, path="/aws-service-role/"),
}
_TYPE = Case(
    When(_KINDS["customer"], then=Value("customer")),
    When(_KINDS["job-function"], then=Value("job-function")),
    When(_KINDS["service-linked"], then=Value("service-linked")),
    default=Value("aws"),
    output_field=CharField(),
)

# One number to sort by: no document has so many findings of a severity that they would outweigh one of a graver.
GRAVITY = sum(
    (
        F(column) * Value(10_000**place, output_field=BigIntegerField())
        for place, column in enumerate(reversed(FINDINGS.values()))
    ),
    start=Value(0, output_field=BigIntegerField()),
)


def policies_seen_from(account_id: str, scope: str = "All") -> "QuerySet[PolicyRow]":
    """The managed policies that exist for an account (`All`, `AWS` or `Local`), each with how often the account uses it.

    Rows carry `attachment_count`, `boundary_count` and `last_decided_at`.
    """
    owners = {"AWS": [AWS], "Local": [account_id]}.get(scope, [account_id, AWS])
    rows: Any = ManagedPolicy.objects.filter(account_id__in=owners).annotate(
        here=FilteredRelation("usage", condition=Q(usage__account_id=account_id)),
        attachment_count=Coalesce(F("here__attachments"), 0),
        boundary_count=Coalesce(F("here__boundaries"), 0),
        last_decided_at=F("here__last_decided_at"),
    )
    found: QuerySet[PolicyRow] = rows
    return found


def policy_rows(
    account_id: str,
    *,
    search: str = "",
    type: Type | None = None,
    usage: Usage | None = None,
    path: str = "",
    sort: str = "name",
) -> "QuerySet[PolicyRow]":
    """The rows of the policies page: the account's use of each, `type` (a key of TYPES), `gravity`, the version on trial (`trial_number`,
    `trial_since`) and the policy's own columns.

    `search` is looked for in name, description and ARN, without regard to case; an unknown `sort` sorts by name.
    """
    rows: Any = policies_seen_from(account_id).annotate(
        type=_TYPE, gravity=GRAVITY, trial_since=F("trial__started_at"), trial_number=F("trial__number")
    )
    if search:
        rows = rows.filter(Q(name__icontains=search) | Q(description__icontains=search) | Q(arn__icontains=search))
    if type in _KINDS:
        rows = rows.filter(_KINDS[type])
    if path:
        rows = under_path(rows, path)
    rows = {
        "attached": rows.filter(attachment_count__gt=0),
        "boundary": rows.filter(boundary_count__gt=0),
        "unused": rows.filter(attachment_count=0, boundary_count=0),
    }.get(usage or "", rows)
    column = SORTS.get(sort.removeprefix("-"), "name_key")
    order = F(column).desc() if sort.startswith("-") else F(column).asc()
    found: QuerySet[PolicyRow] = rows.order_by(order, "name_key", "id")
    return found


def policy_row(account_id: str, arn: str, proposal_id: str = "") -> "PolicyRow | None":
    """One policy for its page, as in `policy_rows`, with the text of the version in force as `document`; along with it as `proposed` the
    proposal of that id, without that where the policy has none such.
    """
    in_force = PolicyVersion.objects.filter(policy=OuterRef("pk"), number=OuterRef("default_version"))
    rows: Any = policies_seen_from(account_id).annotate(type=_TYPE, document=Subquery(in_force.values("document")))
    rows = rows.filter(arn=arn).select_related("trial", "activation")
    if proposal_id:
        proposed = FilteredRelation("proposals", condition=Q(proposals__proposal_id=proposal_id))
        return _tagged(rows.annotate(proposed=proposed).select_related("trial", "activation", "proposed"))
    found: PolicyRow | None = rows.prefetch_related("tags").first()
    return found


def _tagged(rows: Any) -> "PolicyRow | None":
    """One policy with its tags in the same query, a row for each of them: the page that reviews a proposal asks much besides."""
    columns = {"tag_id": F("tags__id"), "tag_key": F("tags__key"), "tag_value": F("tags__value")}
    found = list(rows.annotate(**columns).order_by("tags__id"))
    if not found:
        return None
    row: PolicyRow = found[0]
    tags = [(each.tag_id, each.tag_key, each.tag_value) for each in found if each.tag_id is not None]
    remember(row, "tags", [PolicyTag(pk=pk, policy_id=row.pk, key=key, value=value) for pk, key, value in tags])
    return row


@dataclass(frozen=True)
class Written:
    """What people have written about a policy beside its document: how many tests, comments and proposals that wait."""

    tests: int
    comments: int
    proposals: int


def written_about(policy: ManagedPolicy) -> Written:
    """What goes with a policy when it is deleted. One query."""
    rows = ManagedPolicy.objects.filter(pk=policy.pk)
    counts = rows.aggregate(tests=Count("tests", distinct=True), comments=Count("comments", distinct=True))
    return Written(**counts, proposals=policy.proposal_count)


@dataclass(frozen=True)
class VersionRow:
    """A version on the policy's page."""

    version_id: str
    number: int
    is_default: bool
    created_at: datetime
    document: str
    created_by: str = ""
    note: str = ""


def versions_of(policy: ManagedPolicy) -> list[VersionRow]:
    """The versions of a policy with their documents, newest first."""
    return [
        VersionRow(
            row.version_id,
            row.number,
            row.number == policy.default_version,
            row.created_at,
            row.document,
            row.created_by,
            row.note,
        )
        for row in policy.versions.order_by("-number")
    ]


@dataclass(frozen=True)
class EntitySource:
    """Where entities that use a policy are found: the reverse relation, and the way from its rows to the entity."""

    kind: str
    usage: str
    relation: str
    prefix: str  # of the entity's columns: "" where the rows are the entities themselves
    since: str | None
    members: str = ""  # the column of how many are in it, for groups


ENTITY_SOURCES = (
    EntitySource("group", "attached", "groupattachments", "group__", "attached_at", "group__member_count"),
    EntitySource("role", "attached", "roleattachments", "role__", "attached_at"),
    EntitySource("user", "attached", "userattachments", "user__", "attached_at"),
    EntitySource("role", "boundary", "bounded_roles", "", None),
    EntitySource("user", "boundary", "bounded_users", "", None),
)


def entities_using(
    policy: ManagedPolicy,
    account_id: str,
    *,
    kind: str | None = None,
    usage: str | None = None,
    search: str = "",
) -> "QuerySet[Any, dict[str, Any]]":
    """Who in the account uses a policy, in one query: rows with `kind` (group, role, user), `usage` (attached, boundary),
    `name`, `path`, `unique_id`, `members` (of a group, else 0) and `since` (None for boundaries, whose date AWS does not keep), by name.
    """
    parts = [
        _entities(policy, account_id, source, search)
        for source in ENTITY_SOURCES
        if kind in (None, source.kind) and usage in (None, source.usage)
    ]
    if not parts:
        return _entities(policy, account_id, ENTITY_SOURCES[0], "").none()
    return parts[0].union(*parts[1:], all=True).order_by("name_key", "kind", "usage")


def first_using(policy: ManagedPolicy, account_id: str, most: int) -> "QuerySet[Any, dict[str, Any]]":
    """The first by name of each kind that uses a policy in each way, in one query: rows as of `entities_using`, each with the `number`
    of all of its kind and way.
    """
    parts = []
    for source in ENTITY_SOURCES:
        rows = _rows_of(policy, account_id, source)
        first = rows.order_by(f"{source.prefix}name_key").values("pk")[:most]
        number = Subquery(rows.order_by().values(number=Func(F("pk"), function="COUNT")), output_field=IntegerField())
        parts.append(_columns(rows.filter(pk__in=first), source).annotate(number=number))
    found: QuerySet[Any, dict[str, Any]] = parts[0].union(*parts[1:], all=True).order_by("name_key", "kind", "usage")
    return found


def _entities(
    policy: ManagedPolicy, account_id: str, source: EntitySource, search: str
) -> "QuerySet[Any, dict[str, Any]]":
    """One part of the union."""
    rows = _rows_of(policy, account_id, source)
    if search:
        rows = rows.filter(**{f"{source.prefix}name__icontains": search})
    return _columns(rows, source)


def _rows_of(policy: ManagedPolicy, account_id: str, source: EntitySource) -> "QuerySet[Any, Any]":
    rows: QuerySet[Any, Any] = getattr(policy, source.relation).filter(**{f"{source.prefix}account_id": account_id})
    return rows


def _columns(rows: "QuerySet[Any, Any]", source: EntitySource) -> "QuerySet[Any, dict[str, Any]]":
    """Every part gives the same columns in the same order."""
    marks: dict[str, Any] = {
        "kind": Value(source.kind, output_field=CharField()),
        "usage": Value(source.usage, output_field=CharField()),
        "since": F(source.since) if source.since else Value(None, output_field=DateTimeField()),
        "members": F(source.members) if source.members else Value(0, output_field=IntegerField()),
    }
    if source.prefix:
        marks |= {column: F(f"{source.prefix}{column}") for column in ("name", "name_key", "path", "unique_id")}
    columns = ("kind", "usage", "name", "name_key", "path", "unique_id", "since", "members")
    found: QuerySet[Any, dict[str, Any]] = rows.order_by().annotate(**marks).values(*columns)
    return found
