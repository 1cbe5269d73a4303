"""The list of policies: its columns, filters and bulk actions.

ListPolicies tells how often each is used, but neither its description and tags nor what it says; when it decided something, only the
record does.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from pages.listing import (
    AgeFilter,
    BulkAction,
    Choice,
    ChoiceFilter,
    Column,
    Create,
    FilterError,
    Listing,
    NumberFilter,
    Suggestion,
    TagFilter,
    TextFilter,
    tag_column,
)
from policies.content_filters import SUGGESTED, AllowsFilter, ConditionKeyFilter, ContentFilter, ResourceFilter
from policies.finding_words import counts_of, in_words
from policies.models import AWS, PolicyTag
from policies.queries import TYPES

DETAILS = "iam:GetAccountAuthorizationDetails"
SEE_POLICY = ("iam:GetPolicy", DETAILS)
SEE_DOCUMENT = ("iam:GetPolicyVersion", DETAILS)
SEE_TAGS = ("iam:ListPolicyTags", "iam:GetPolicy")
SEE_VERSIONS = ("iam:ListPolicyVersions", DETAILS)
SEE_DECISIONS = ("cloudtrail:LookupEvents",)  # what the record tells


@dataclass(frozen=True)
class PolicyTagFilter(TagFilter):
    """Tags of policies, whose keys are compared with regard to case, unlike those of users and roles."""

    field: str = "key"

    def _which(self, value: str) -> dict[str, Any]:
        key, equals, wanted = (part.strip() for part in value.partition("="))
        if not key:
            raise FilterError(_("A tag is written as key=value, or as its key alone."))
        return {"key": key, **({"value": wanted} if equals else {})}

    def suggest(self, rows: QuerySet[Any], typed: str) -> Iterable[Suggestion]:
        key, equals, begun = (part.strip() for part in typed.partition("="))
        tags = PolicyTag.objects.filter(policy__in=rows.order_by().values("pk"))
        if not equals:
            keys = tags.filter(key__icontains=key).order_by("key").values_list("key", flat=True)
            return [Suggestion(found, found) for found in keys.distinct()[:SUGGESTED]]
        pairs = tags.filter(key=key, value__icontains=begun).order_by("value").values_list("key", "value")
        return [Suggestion(f"{name}={value}", f"{name} = {value}") for name, value in pairs.distinct()[:SUGGESTED]]


def _type(row: Any) -> str:
    return str(TYPES[row.type])


def _findings(row: Any) -> str:
    return in_words(counts_of(row)) if row.gravity else ""


FOUND = (
    Choice("errors", gettext_lazy("errors"), Q(errors__gt=0)),
    Choice("security", gettext_lazy("security warnings"), Q(security_warnings__gt=0)),
    Choice("warnings", gettext_lazy("warnings"), Q(warnings__gt=0)),
    Choice("suggestions", gettext_lazy("suggestions"), Q(suggestions__gt=0)),
    Choice(
        "none",
        gettext_lazy("none"),
        Q(errors=0, security_warnings=0, warnings=0, suggestions=0) & ~Q(checked_with=""),
    ),
)
POLICIES = Listing(
    key="policies",
    preview=True,
    label=gettext_lazy("Policies"),
    icon="policy",
    sort="name",
    noun=lambda n: ngettext("policy", "policies", n),
    search=("name_key__inside", "description__icontains", "arn__icontains"),
    search_needs=SEE_POLICY,
    plain_search=("name_key__inside", "arn__icontains"),
    row_name=lambda row: row.name,
    columns=(
        Column("name", gettext_lazy("Policy name"), sort="name_key", fixed=True),
        Column("type", gettext_lazy("Type"), value=_type, sort="type", nulls="never"),
        Column(
            "attachments",
            gettext_lazy("Attached to"),
            value="attachment_count",
            sort="attachment_count",
            nulls="never",
            numeric=True,
        ),
        Column(
            "boundaries",
            gettext_lazy("Boundary of"),
            value="boundary_count",
            sort="boundary_count",
            nulls="never",
            numeric=True,
        ),
        Column(
            "decided",
            gettext_lazy("Last used"),
            value="last_decided_at",
            sort="last_decided_at",
            nulls="low",
            empty=gettext_lazy("Never"),
            needs=SEE_DECISIONS,
        ),
        Column(
            "findings",
            gettext_lazy("Findings"),
            value=_findings,
            sort="gravity",
            nulls="never",
            default=False,
            needs=SEE_DOCUMENT,
        ),
        Column(
            "size",
            gettext_lazy("Size"),
            value="document_size",
            sort="document_size",
            numeric=True,
            default=False,
            needs=SEE_DOCUMENT,
        ),
        Column(
            "versions",
            gettext_lazy("Versions"),
            value="version_count",
            sort="version_count",
            numeric=True,
            default=False,
            needs=SEE_VERSIONS,
        ),
        Column(
            "trial",
            gettext_lazy("On trial since"),
            value="trial_since",
            sort="trial_since",
            nulls="low",
            default=False,
        ),
        Column(
            "description",
            gettext_lazy("Description"),
            sort="description",
            blank=True,
            default=False,  # AWS's own have none, and names need the room
            needs=SEE_POLICY,
        ),
        Column("updated", gettext_lazy("Edited"), value="updated_at", sort="updated_at", default=False),
        Column("created", gettext_lazy("Created"), value="created_at", sort="created_at", default=False),
        Column(
            "version",
            gettext_lazy("Default version"),
            value="default_version_id",
            sort="default_version",
            default=False,
        ),
        Column(
            "proposals",
            gettext_lazy("Proposals that wait"),
            value="proposal_count",
            sort="proposal_count",
            numeric=True,
            default=False,
            needs=SEE_DOCUMENT,
        ),
        Column("path", gettext_lazy("Path"), sort="path", default=False),
        Column("arn", gettext_lazy("ARN"), sort="arn", default=False),
        Column("unique_id", gettext_lazy("Unique ID"), sort="unique_id", default=False),
        tag_column(SEE_TAGS),
    ),
    filters=(
        ChoiceFilter(
            "type",
            gettext_lazy("Type"),
            (
                Choice("customer", TYPES["customer"], ~Q(account_id=AWS)),
                Choice("aws", TYPES["aws"], Q(account_id=AWS)),
                Choice("job-function", TYPES["job-function"], Q(account_id=AWS, path="/job-function/")),
                Choice("service-linked", TYPES["service-linked"], Q(account_id=AWS, path="/aws-service-role/")),
            ),
        ),
        ChoiceFilter(
            "used",
            gettext_lazy("Used as"),
            (
                Choice("permissions", gettext_lazy("permissions policy"), Q(attachment_count__gt=0)),
                Choice("boundary", gettext_lazy("permissions boundary"), Q(boundary_count__gt=0)),
                Choice("none", gettext_lazy("nothing"), Q(attachment_count=0, boundary_count=0)),
            ),
        ),
        AllowsFilter("allows", gettext_lazy("Allows"), needs=SEE_DOCUMENT),
        ResourceFilter("resource", gettext_lazy("Resource"), needs=SEE_DOCUMENT),
        ConditionKeyFilter("key", gettext_lazy("Condition key"), needs=SEE_DOCUMENT),
        TextFilter("name", gettext_lazy("Policy name"), "name_key", fold=str.lower, shown_field="name"),
        TextFilter(
            "description", gettext_lazy("Description"), "description", absent=Q(description=""), needs=SEE_POLICY
        ),
        TextFilter("path", gettext_lazy("Path"), "path", exact=True),
        NumberFilter("attachments", gettext_lazy("Attached to"), "attachment_count"),
        NumberFilter("boundaries", gettext_lazy("Boundary of"), "boundary_count"),
        AgeFilter("decided", gettext_lazy("Last used"), "last_decided_at", needs=SEE_DECISIONS),
        ChoiceFilter("findings", gettext_lazy("Findings"), FOUND, needs=SEE_DOCUMENT),
        NumberFilter("size", gettext_lazy("Size"), "document_size", needs=SEE_DOCUMENT),
        NumberFilter("versions", gettext_lazy("Versions"), "version_count", needs=SEE_VERSIONS),
        AgeFilter("trial", gettext_lazy("On trial since"), "trial_since"),
        NumberFilter("proposals", gettext_lazy("Proposals that wait"), "proposal_count", needs=SEE_DOCUMENT),
        AgeFilter("updated", gettext_lazy("Edited"), "updated_at"),
        AgeFilter("created", gettext_lazy("Created"), "created_at"),
        TextFilter("id", gettext_lazy("Unique ID"), "unique_id"),
        PolicyTagFilter("tag", gettext_lazy("Tag"), PolicyTag, "policy", needs=SEE_TAGS),
    ),
    cells="policies/cells.html",
    bulk=(
        BulkAction(gettext_lazy("Add tag"), "policies:tag-many", "iam:TagPolicy"),
        BulkAction(gettext_lazy("Delete"), "policies:delete-many", "iam:DeletePolicy", kind="danger"),
    ),
    create=Create(gettext_lazy("Create policy"), "policies:create", "iam:CreatePolicy"),
    empty_title=gettext_lazy("No policies yet"),
    empty_text=gettext_lazy("A policy says which actions are allowed or denied, on what, and under which conditions."),
)

# AWS's own are nobody's to delete: unused are those of the account that are attached to nothing and bound nobody.
PRESETS = (
    (gettext_lazy("All"), ()),
    (gettext_lazy("Customer managed"), ("type:eq:customer",)),
    (gettext_lazy("Unused"), ("type:eq:customer", "used:eq:none")),
    (gettext_lazy("On trial"), ("trial:lt:36500",)),
)
PROPOSED = (gettext_lazy("With proposals"), ("proposals:gt:0",))  # for who may read documents


def policies_listing(account_id: str) -> Listing:
    """The list for one account: what documents say is looked up among those that it sees."""
    filters = tuple(
        replace(each, account_id=account_id) if isinstance(each, ContentFilter) else each for each in POLICIES.filters
    )
    return replace(POLICIES, filters=filters)
