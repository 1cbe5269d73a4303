"""Two users, groups or roles beside each other: what each holds, and how what they may do differs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from access.simulator.principals import find_principal, wanted_arn
from accounts.holders import KINDS, Kind
from accounts.models import Group, User
from accounts.queries.held_documents import HeldDocuments, documents_of_many
from accounts.queries.held_policies import HeldPolicy
from operations.caller import Caller
from operations.errors import NoSuchEntity
from operations.gate import authorise_reads
from pages.errors import Part, part
from policies.access_changes import AccessChanges, Words, holders_compared
from policies.lookup import documents_in_force


@dataclass(frozen=True)
class Side:
    """One of the two, with the parts that the caller may read; `groups` is None for whom can be in none."""

    holder: Kind
    row: Any
    policies: Part[list[HeldPolicy]]
    groups: Part[list[Group]] | None = None

    @property
    def text(self) -> str:
        """What names it in an address: `user/dora`."""
        return f"{self.holder.key}/{self.row.name}"

    @property
    def boundary(self) -> Any:
        return self.row.boundary if self.holder.has_boundary else None


@dataclass(frozen=True)
class Row:
    """Something that one of the two has, or both: `first` and `second` are the ways by which each has it, empty for who has not."""

    name: str
    first: Sequence[Any]
    second: Sequence[Any]
    held: HeldPolicy | None = None
    differs: bool = False  # two inline policies of one name that say something different

    @property
    def where(self) -> str:
        """`first`, `second` or `both`."""
        return "both" if self.first and self.second else "first" if self.first else "second"


@dataclass(frozen=True)
class Comparison:
    """Both sides, what they hold, and the difference in access. `labels` tell them apart in words, also where they share a name."""

    first: Side
    second: Side
    labels: tuple[str, str]
    policies: Sequence[Row] = ()
    groups: Sequence[Row] = ()
    access: Part[AccessChanges | None] = field(default_factory=Part)

    @property
    def first_lacks(self) -> str:
        """What only the second has, as a query that chooses it in the first one's forms."""
        return self._lacking("second")

    @property
    def second_lacks(self) -> str:
        return self._lacking("first")

    def _lacking(self, where: str) -> str:
        arns = [row.held.arn for row in self.policies if row.where == where and row.held and row.held.arn]
        names = [row.name for row in self.groups if row.where == where]
        return urlencode({"policy": arns, "group": names}, doseq=True, safe=":/")


def may_compare(caller: Caller) -> bool:
    """Whether there may be anybody whom the caller may look at."""
    return any(caller.may_somehow(kind.action("Get")) for kind in KINDS.values())


def side_of(caller: Caller, text: str) -> Side:
    """Whom a text names (as in the simulator), authorised and recorded as AWS's Get operation; a denial of a part stands in its place.

    Raises AccessDenied, and NoSuchEntity for whoever is not there and for the root user, whom no policy concerns. Nine queries at most.
    """
    row = find_principal(caller.account_id, text)
    arn = row.arn if row is not None else wanted_arn(caller.account_id, text)
    holder = KINDS.get(arn.rpartition(":")[2].partition("/")[0], KINDS["user"])
    if row is not None and holder.has_tags:
        prefetch_related_objects([row], "tags", "boundary")
    holder.authorise(caller, holder.action("Get"), row, arn, text.rpartition("/")[2])
    if row is None or (isinstance(row, User) and row.is_root):
        raise NoSuchEntity(_("No user, group or role of this account is named %(name)s.") % {"name": text})

    def groups() -> list[Group]:
        holder.authorise(caller, "iam:ListGroupsForUser", row)
        return list(row.groups.order_by("name_key"))  # type: ignore[union-attr]

    return Side(holder, row, part(holder.read_policies, caller, row), part(groups) if isinstance(row, User) else None)


def comparison(caller: Caller, first: Side, second: Side) -> Comparison:
    """The two compared, as far as the caller may read what both hold."""
    alike = first.row.name == second.row.name
    labels = (first.text, second.text) if alike else (first.row.name, second.row.name)
    access: Part[AccessChanges | None] = part(_access, caller, first, second, labels)
    readable = access.refusal is None
    held = [side.policies.value or [] for side in (first, second)]
    groups = [side.groups.value or [] if side.groups else [] for side in (first, second)]
    names = {group.name: group for group in (*groups[0], *groups[1])}
    met = [
        Row(name, [name] if group in groups[0] else [], [name] if group in groups[1] else [])
        for name, group in names.items()
    ]
    return Comparison(first, second, labels, _in_order(_policies(*held, readable=readable)), _in_order(met), access)


def _policies(one: Sequence[HeldPolicy], other: Sequence[HeldPolicy], *, readable: bool) -> Iterator[Row]:
    """A managed policy is the same for both; an inline policy is each one's own, and stands beside the one of its name."""
    first, second = ({held.arn or (held.kind, held.name): held for held in each} for each in (one, other))
    for key in dict.fromkeys((*first, *second)):
        mine, theirs = first.get(key), second.get(key)
        held = mine or theirs
        differs = bool(readable and mine and theirs and mine.document != theirs.document)
        ways, others = (each.sources if each else () for each in (mine, theirs))
        yield Row(held.name if held else "", ways, others, held, differs)


def _in_order(rows: Iterator[Row] | Sequence[Row]) -> list[Row]:
    order = ("first", "second", "both")
    return sorted(rows, key=lambda row: (order.index(row.where), row.name.lower()))


def documents_read(caller: Caller, *sides: Side) -> list[HeldDocuments]:
    """All documents that sides hold, read as AWS's operations are: authorised and recorded. Raises AccessDenied for the first that may
    not be read."""
    found: list[HeldDocuments] = []
    reads: list[tuple[str, str]] = []
    refused = next((side.policies.refusal for side in sides if side.policies.refusal), None)
    if refused:
        raise refused.error
    for side, held in zip(sides, documents_of_many([side.policies.value or [] for side in sides]), strict=True):
        if held.has_own_inline:
            side.holder.authorise(caller, side.holder.action("Get", "Policy"), side.row)
        managed = (*held.managed, *([side.boundary.arn] if side.boundary else []))
        others = [arn for arn in held.groups if arn != side.row.arn]
        reads += [("iam:GetPolicyVersion", arn) for arn in managed] + [("iam:GetGroupPolicy", arn) for arn in others]
        found.append(held)
    authorise_reads(caller, list(dict.fromkeys(reads)))
    return found


def _access(caller: Caller, first: Side, second: Side, labels: tuple[str, str]) -> AccessChanges | None:
    """The difference, for who may read every document on both sides. Raises AccessDenied."""
    found = documents_read(caller, first, second)
    limits = documents_in_force(side.boundary.arn for side in (first, second) if side.boundary)
    within = [limits[side.boundary.arn] if side.boundary else "" for side in (first, second)]
    one, other = (tuple(sorted(held.documents)) for held in found)
    return holders_compared(one, other, (within[0], within[1]), _words(*labels))


def _words(one: str, other: str) -> Words:
    """How the lines of the difference are said of two: a Deny of the one is what the other is not denied."""
    only, denied = _("Only %(name)s"), _("Denied to %(name)s")
    return {
        ("loss", "Allow"): ("allowed", only % {"name": one}),
        ("gain", "Allow"): ("allowed", only % {"name": other}),
        ("loss", "Deny"): ("explicitDeny", denied % {"name": other}),
        ("gain", "Deny"): ("explicitDeny", denied % {"name": one}),
    }
