"""Finding who can assume a role: effective policies of many users or roles at once, each asked with the role's trust policy.

However many there are, a page asks about a fixed number of them in a fixed number of queries.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from access.shared_bundles import Shared, SharedBundle, shared_bundles
from access.step import Step, Way
from access.ways import ways_of
from accounts.models import Role, User
from engine import Policies
from federation.assuming import USER, Assumer, Assumers, register_finder

ASKED_AT_ONCE = 1000
MOST_FOUND = 50


@register_finder
def find(role: Role, kind: str, after: str) -> Assumers:
    """Ask about the next users or roles after a name, until a page is full."""
    step = Step(role)
    rows = _candidates(role, step, kind, after)
    shared = shared_bundles(rows)
    found: list[tuple[User | Role, Way]] = []
    for number, row in enumerate(rows, 1):
        way = step.way_of(row, shared.of[row.unique_id], tags_of(row, shared))
        if way is not None:
            found.append((row, way))
        if len(found) == MOST_FOUND and number < len(rows):
            return Assumers(_told(step, found), number, row.name_key)
    following = rows[-1].name_key if len(rows) == ASKED_AT_ONCE else ""
    is_part = after or following or step.named_one_by_one is None
    return Assumers(
        _told(step, found), len(rows) if is_part else _all(role, kind).count(), following
    )  # all who are not named cannot


def _told(step: Step, found: Sequence[tuple[User | Role, Way]]) -> list[Assumer]:
    """Each of those found with the policies that allow it, and by which groups they come. One query."""
    ways = ways_of([row for row, _way in found if isinstance(row, User)])
    return [
        Assumer(row, way.needs, step.by(row, way, ways.get(row.pk) if isinstance(row, User) else None))
        for row, way in found
    ]


def assumable_by(row: User | Role, policies: Policies, roles: Iterable[Role]) -> list[tuple[Role, Assumer]]:
    """Those of some roles that somebody who has these policies may assume, each with what that needs. No query where tags are at hand."""
    bundle = SharedBundle(policies.identity or (), policies.boundaries or ())
    tags = {tag.key: tag.value for tag in row.tags.all()}
    asked = ((role, Step(role).about(row, bundle, tags)) for role in roles)
    return [(role, found) for role, found in asked if found is not None]


def _all(role: Role, kind: str) -> "QuerySet[Any]":
    """The account's users or other roles."""
    rows: QuerySet[Any] = User.objects.all() if kind == USER else Role.objects.exclude(pk=role.pk)
    return rows.filter(account_id=role.account_id)


def _candidates(role: Role, step: Step, kind: str, after: str) -> list[Any]:
    """The next of the account's users or roles; only those that the trust policy names, where it names them one by one."""
    rows = _all(role, kind).filter(name_key__gt=after)
    if step.named_one_by_one is not None:
        rows = rows.filter(unique_id__in=step.named_one_by_one)
    rows = rows if kind == USER else rows.prefetch_related("tags")
    return list(rows.order_by("name_key")[:ASKED_AT_ONCE])


def tags_of(row: User | Role, shared: Shared) -> Mapping[str, str]:
    """The tags of somebody whose bundle was read, or of a role whose tags are at hand."""
    return shared.tags[row.unique_id] if isinstance(row, User) else {tag.key: tag.value for tag in row.tags.all()}
