"""What a membership rule does when it is set or removed, before it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from accounts.consequences import Impact, joining
from accounts.consequences import leaving as impact_of_leaving
from accounts.models import Group, GroupAttachment, GroupInlinePolicy, MembershipRule, User
from accounts.queries.membership_rules import joiners, leavers, outside
from operations.caller import Caller
from operations.quotas import quota

NAMED = 50
READ = ("iam:ListAttachedGroupPolicies", "iam:GetGroupPolicy")  # the policies of a group


@dataclass(frozen=True)
class Moved:
    """How many users something happens to, and the names of the first."""

    number: int
    names: Sequence[str]

    @property
    def more(self) -> int:
        return self.number - len(self.names)


@dataclass(frozen=True)
class Preview:
    """Who joins, who leaves and who is in too many groups already; what joining and leaving does, to who may read the group's policies; and
    whether these give administrator access."""

    joins: Moved
    leaves: Moved
    full: Moved
    joining: Impact | None
    gives_all: bool


def preview(caller: Caller, rule: MembershipRule) -> Preview:
    """What setting a rule does, which need not be saved. Two queries or three, and those of `consequences.joining`."""
    reads = all(caller.may(action, rule.group.arn) for action in READ)
    rows = outside(rule).annotate(
        is_full=ExpressionWrapper(Q(group_count__gte=quota("GroupsPerUserQuota")), BooleanField()),
        total=Window(Count("*"), partition_by="is_full"),
        place=Window(RowNumber(), partition_by="is_full", order_by="name_key"),
        gives_all=_gives_all(rule),
    )
    shown = ("is_full", "total", "name", "gives_all")
    found = list(rows.filter(place__lte=NAMED).order_by("name_key").values_list(*shown))
    joins, full = (_of([each[1:3] for each in found if each[0] == which]) for which in (False, True))
    impact = joining(caller, rule.group, joiners(rule), number=joins.number) if joins.number else None
    everything = found[0][3] if found else Group.objects.filter(_gives_all(rule), pk=rule.group.pk).exists()
    return Preview(joins, _moved(leavers(rule)), full, impact, reads and everything)


def ended(caller: Caller, rule: MembershipRule) -> tuple[Moved, Impact | None]:
    """Whom a rule has added, and what they lose if they leave with it."""
    going = leavers(MembershipRule(group=rule.group, is_ending=True))
    moved = _moved(going)
    return moved, impact_of_leaving(caller, rule.group, going, number=moved.number) if moved.number else None


def _gives_all(rule: MembershipRule) -> Any:
    """Whether the rule's group gives administrator access."""
    attached = GroupAttachment.objects.filter(group=rule.group, policy__allows_everything=True)
    inline = GroupInlinePolicy.objects.filter(group=rule.group, allows_everything=True)
    return Exists(attached) | Exists(inline)


def _moved(users: "QuerySet[User]") -> Moved:
    """Counted along with the first names: one query."""
    rows = users.annotate(total=Window(Count("*"))).order_by("name_key")
    return _of(list(rows.values_list("total", "name")[:NAMED]))


def _of(rows: Sequence[tuple[int, str]]) -> Moved:
    return Moved(rows[0][0] if rows else 0, [name for _total, name in rows])
