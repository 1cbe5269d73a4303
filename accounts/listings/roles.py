"""The list of roles, with whom each trusts.

ListRoles tells whom they trust, but not when they were used last, their boundary, tags or policies.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.conf import settings
from django.db.models import CharField, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat, Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.listings.boundary import BoundaryFilter
from accounts.models import Role, RoleAttachment, RoleTag, User
from accounts.queries.roles import roles_of, trusted_by, trusting
from pages.listing import (
    AgeFilter,
    BulkAction,
    Choice,
    ChoiceFilter,
    Column,
    Create,
    Filter,
    Listing,
    NumberFilter,
    RelatedFilter,
    Suggestion,
    TagFilter,
    TextFilter,
    tag_column,
)
from policies.completion import TRUSTED_SERVICES

SUGGESTED = 12
DETAILS = "iam:GetAccountAuthorizationDetails"
SEE_ROLE = ("iam:GetRole", DETAILS)
SEE_POLICIES = ("iam:ListAttachedRolePolicies iam:ListRolePolicies", DETAILS)
SEE_ATTACHED = ("iam:ListAttachedRolePolicies", "iam:ListPolicies iam:ListEntitiesForPolicy", DETAILS)
SEE_TAGS = ("iam:ListRoleTags", *SEE_ROLE)


class RolesWithTrust(QuerySet[Role, Role]):
    """Roles that know whom they trust (`row.trusted`): asked once for all rows that are read together."""

    def _fetch_all(self) -> None:
        fresh = self._result_cache is None
        super()._fetch_all()
        if fresh:
            _attach([row for row in self._result_cache or [] if isinstance(row, Role)])

    def iterator(self, chunk_size: int | None = None) -> Iterator[Role]:
        """The rows piece by piece, as an export reads them."""
        rows = super().iterator(chunk_size)
        while piece := list(islice(rows, chunk_size or 1000)):
            _attach(piece)
            yield from piece


def _attach(rows: Sequence[Any]) -> None:
    trusted = trusted_by(rows) if rows else {}
    for row in rows:
        row.trusted = trusted[row.pk]


def rows_of(account_id: str) -> RolesWithTrust:
    """The roles of an account as the list shows them: policies, boundary, tags, whom they trust. Four queries for a page."""
    rows = roles_of(account_id).annotate(trusted_key=_trusted_key())
    return RolesWithTrust(Role, rows.query).prefetch_related("tags")


def _trusted_key() -> Lower:
    """What roles are sorted by when sorted by whom they trust: the first of these as it is shown, a user or role by its ARN."""

    def arn(model: type[User] | type[Role], kind: str) -> Subquery:
        start, middle = Value(f"arn:{settings.PARTITION}:iam::"), Value(f":{kind}")
        found = model.objects.filter(unique_id=OuterRef("trusted_first")).order_by()
        return Subquery(found.values(arn=Concat(start, "account_id", middle, "path", "name", output_field=CharField())))

    return Lower(Coalesce(arn(User, "user"), arn(Role, "role"), F("trusted_first")))


@dataclass(frozen=True)
class TrustFilter(Filter):
    """Whom a role trusts: an account number, a service, a provider, or a user or role by its unique id."""

    def condition(self, operator: str, value: str) -> Q:
        found = trusting(value.strip())
        return ~found if operator == "ne" else found

    def suggest(self, rows: QuerySet[Any], typed: str) -> Iterable[Suggestion]:
        names = [f"{name}.amazonaws.com" for name in TRUSTED_SERVICES]
        return [Suggestion(name, name) for name in names if typed.lower() in name][:SUGGESTED]


def _trusted_names(row: Any) -> list[str]:
    return [each.name for each in row.trusted]


ROLES = Listing(
    key="roles",
    preview=True,
    label=_("Roles"),
    icon="role",
    sort="name",
    noun=lambda n: ngettext("role", "roles", n),
    search=("name_key__inside", "description__icontains", "unique_id__iexact"),
    row_name=lambda row: row.name,
    columns=(
        Column("name", _("Role name"), sort="name_key", fixed=True),
        Column("trusted", _("Trusted entities"), value=_trusted_names, sort="trusted_key", blank=True),
        Column(
            "policies",
            _("Policies"),
            value="policy_count",
            sort="policy_count",
            nulls="never",
            numeric=True,
            needs=SEE_POLICIES,
        ),
        Column(
            "last_used",
            _("Last activity"),
            value="last_used_at",
            sort="last_used_at",
            nulls="low",
            empty=_("Never"),
            needs=SEE_ROLE,
        ),
        Column("description", _("Description"), sort="description", blank=True, default=False),
        Column(
            "session",
            _("Maximum session duration"),
            value="max_session_duration",
            sort="max_session_duration",
            default=False,
        ),
        Column("created", _("Created"), value="created_at", sort="created_at", default=False),
        Column(
            "boundary",
            _("Permissions boundary"),
            value="boundary.name",
            sort="boundary_key",
            blank=True,
            default=False,
            needs=SEE_ROLE,
        ),
        Column("path", _("Path"), sort="path", default=False),
        Column("arn", _("ARN"), default=False),
        Column("unique_id", _("Unique ID"), sort="unique_id", default=False),
        tag_column(SEE_TAGS),
    ),
    filters=(
        TextFilter("name", _("Role name"), "name_key", fold=str.lower, shown_field="name"),
        TrustFilter("trusts", _("Trusts")),
        AgeFilter("used", _("Last activity"), "last_used_at", needs=SEE_ROLE),
        ChoiceFilter(
            "kind",
            _("Type"),
            (
                Choice("service-linked", _("service-linked"), ~Q(service_linked_to="")),
                Choice("own", _("made in this account"), Q(service_linked_to="")),
            ),
        ),
        ChoiceFilter(
            "open",
            _("Trusted by anybody"),
            (
                Choice("yes", _("yes"), Q(trusts_anybody=True)),
                Choice("no", _("no"), Q(trusts_anybody=False)),
            ),
        ),
        TextFilter("path", _("Path"), "path", exact=True),
        TextFilter("description", _("Description"), "description", absent=Q(description="")),
        NumberFilter("policies", _("Number of policies"), "policy_count", needs=SEE_POLICIES),
        RelatedFilter(
            "policy",
            _("Attached policy"),
            RoleAttachment,
            "role",
            "policy__name_key",
            "policy__name",
            needs=SEE_ATTACHED,
        ),
        BoundaryFilter("boundary", _("Permissions boundary"), needs=SEE_ROLE),
        AgeFilter("created", _("Created"), "created_at"),
        TextFilter("id", _("Unique ID"), "unique_id"),
        TagFilter("tag", _("Tag"), RoleTag, "role", needs=SEE_TAGS),
    ),
    cells="accounts/roles/cells.html",
    bulk=(
        BulkAction(_("Compare"), "access:compare-roles", "iam:GetRole", exactly=2),
        BulkAction(_("Add tag"), "accounts:roles-tag", "iam:TagRole"),
        BulkAction(_("Set permissions boundary"), "accounts:roles-set-boundary", "iam:PutRolePermissionsBoundary"),
        BulkAction(
            _("Remove permissions boundary"),
            "accounts:roles-remove-boundary",
            "iam:DeleteRolePermissionsBoundary",
            kind="danger",
        ),
        BulkAction(_("Delete"), "accounts:roles-delete", "iam:DeleteRole", kind="danger"),
    ),
    create=Create(_("Create role"), "accounts:role-create", "iam:CreateRole"),
    empty_title=_("No roles yet"),
    empty_text=_(
        "A role is an identity that people, programs and services assume for a while, without a password or key of its own."
    ),
)
