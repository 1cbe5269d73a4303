"""What a change of policies or memberships does to access, told before it is done: to a user or role, or to the members of a group."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.holders import KINDS, Kind
from accounts.models import Group, User
from accounts.queries.held_by_many import held_by_many
from accounts.queries.held_documents import HeldDocuments, documents_of
from accounts.queries.held_policies import HeldPolicy
from operations.caller import Caller
from operations.gate import authorise_read, authorise_reads, refusal_of
from pages.components.shell import grouped
from pages.errors import Part, part
from policies.access_changes import AccessChanges, held_changes
from policies.lookup import documents_in_force
from policies.models import ManagedPolicy

LOOKED_AT: Final = 500  # members whose other policies are looked at
TOLD_APART: Final = 8  # sets of other policies that are compared; members who hold the same stand together
NAMED: Final = 25  # members of one row by name

Documents = tuple[str, ...]


# --- one holder -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Chosen:
    """A policy that is to be attached: what it adds by itself, and the groups by which the user has it already."""

    policy: ManagedPolicy
    groups: Sequence[str] = ()
    access: AccessChanges | None = None

    @property
    def adds_nothing(self) -> bool:
        return bool(self.groups) or (self.access is not None and self.access.is_told and not self.access.rows)


@dataclass(frozen=True)
class Attaching:
    """Policies that are to be attached: each by itself, and all together; `before` and `after` are the documents that the holder has."""

    chosen: Sequence[Chosen]
    access: AccessChanges | None
    before: Documents = ()
    after: Documents = ()


def attaching(caller: Caller, holder: Kind, row: Any, policies: Sequence[ManagedPolicy]) -> Part[Attaching]:
    """What policies that are to be attached add to what a user, group or role holds. A fixed number of queries."""
    found = part(_attaching, caller, holder, row, policies)
    if found.refusal:
        return Part(Attaching([Chosen(policy) for policy in policies], None), found.refusal)
    return found


def _attaching(caller: Caller, holder: Kind, row: Any, policies: Sequence[ManagedPolicy]) -> Attaching:
    held, documents = read_held(caller, holder, row, *(policy.arn for policy in policies))
    limit = getattr(row, "boundary", None)
    texts = documents.in_force
    before, boundary = tuple(documents.documents), texts.get(limit.arn, "") if limit else ""
    ways = {one.arn: [way.group.name for way in one.sources if way.group] for one in held}
    chosen = [
        Chosen(policy, ways.get(policy.arn, ()), held_changes(before, (*before, texts[policy.arn]), boundary))
        for policy in policies
    ]
    after = (*before, *(texts[policy.arn] for policy in policies))
    access = chosen[0].access if len(chosen) == 1 else held_changes(before, after, boundary)
    return Attaching(chosen, access, before, after)


def read_held(caller: Caller, holder: Kind, row: Any, *arns: str) -> tuple[list[HeldPolicy], HeldDocuments]:
    """The policies of a holder with their documents, for who may read all of them, the boundary and some more. Raises AccessDenied."""
    held = holder.read_policies(caller, row)
    limit = getattr(row, "boundary", None)
    besides = [*arns, *([limit.arn] if limit else [])]
    documents = documents_of(held, besides)
    if documents.has_own_inline:
        holder.authorise(caller, holder.action("Get", "Policy"), row)
    reads = [("iam:GetPolicyVersion", arn) for arn in dict.fromkeys([*documents.managed, *besides])]
    authorise_reads(caller, [*reads, *(("iam:GetGroupPolicy", arn) for arn in documents.groups)])
    return held, documents


# --- the members of a group -----------------------------------------------------------------------------------------------


@dataclass
class Members:
    """Members to whom the same happens; `access` is None where their other policies were not looked at."""

    access: AccessChanges | None
    number: int = 0
    names: list[str] = field(default_factory=list)

    def add(self, users: Iterable[User]) -> None:
        for user in users:
            self.number += 1
            if len(self.names) < NAMED:
                self.names.append(user.name)

    @property
    def more(self) -> int:
        return self.number - len(self.names)

    @property
    def outcome(self) -> str:
        return "warning" if self.is_open else "info" if self.access and self.access.rows else "neutral"

    @property
    def is_open(self) -> bool:
        """Whether it is not told: another policy may decide."""
        return self.access is None or not self.access.is_told

    @property
    def said(self) -> str:
        if self.access is None or not self.access.is_told:
            return _("All of it, unless another policy says the same")
        return self.access.lead or _("Nothing: other policies say the same, or the boundary leaves it out")


@dataclass(frozen=True)
class Impact:
    """What a change of a group's policies or members does: by itself, and to whom how much of it."""

    access: AccessChanges | None
    rows: Sequence[Members]

    @property
    def lead(self) -> str:
        """How many people it is about, and for how many of them nothing changes."""
        total = sum(row.number for row in self.rows)
        same = sum(row.number for row in self.rows if row.outcome == "neutral")
        untold = sum(row.number for row in self.rows if row.is_open)
        told = total - same - untold
        parts = []
        if told or not total:
            parts.append(
                ngettext("Access changes for %(n)s person", "Access changes for %(n)s people", told)
                % {"n": grouped(told)}
            )
        if same:
            parts.append(ngettext("for %(n)s it stays", "for %(n)s it stays", same) % {"n": grouped(same)})
        if untold:
            words = ngettext(
                "for %(n)s unless another policy says the same",
                "for %(n)s unless another policy says the same",
                untold,
            )
            parts.append(words % {"n": grouped(untold)})
        said = ", ".join(parts)
        return said[:1].upper() + said[1:]


def joining(caller: Caller, group: Group, users: "QuerySet[User]") -> Impact | None:
    """What users get who are added to a group; None for who may not read the group's policies. A fixed number of queries."""
    return _moving(caller, group, users, is_added=True)


def leaving(caller: Caller, group: Group, users: "QuerySet[User]") -> Impact | None:
    """What users lose who are taken out of a group; None for who may not read the group's policies. A fixed number of queries."""
    return _moving(caller, group, users, is_added=False)


def _moving(caller: Caller, group: Group, users: "QuerySet[User]", *, is_added: bool) -> Impact | None:
    held = _documents_of_group(caller, group)
    if held is None:
        return None
    before, after = ((), held) if is_added else (held, ())
    return _impact(caller, group, users, before, after)


def attached_to(caller: Caller, group: Group, found: Attaching) -> Impact:
    """What the members of a group get by policies that are attached to it. A fixed number of queries."""
    return _impact(caller, group, group.members.all(), found.before, found.after)


def taken_from(caller: Caller, group: Group, *, arn: str = "", document: str = "") -> Impact | None:
    """What the members of a group lose with a policy that is detached, or with the document of an inline one that is deleted; None for
    who may not read the group's policies. A fixed number of queries.
    """
    held = _documents_of_group(caller, group)
    if held is None:
        return None
    after, gone = list(held), documents_in_force([arn]).get(arn, "") if arn else document
    if gone in after:
        after.remove(gone)
    return _impact(caller, group, group.members.all(), held, tuple(after))


def _documents_of_group(caller: Caller, group: Group) -> Documents | None:
    holder = KINDS["group"]
    if refusal_of(caller, holder.action("ListAttached", "Policies"), group.arn) is not None:
        return None  # whoever adds users has not asked for the policies
    found = part(read_held, caller, holder, group)
    return tuple(found.value[1].documents) if found.value else None


def _impact(caller: Caller, group: Group, users: "QuerySet[User]", before: Documents, after: Documents) -> Impact:
    looked = list(users.select_related("boundary", "account").order_by("name_key")[:LOOKED_AT])
    rows: list[Members] = []
    untold = Members(None)
    if not caller.may("iam:GetAccountAuthorizationDetails"):
        untold.add(looked)
    else:
        authorise_read(caller, "iam:GetAccountAuthorizationDetails", "*")
        _tell_apart(looked, _held_beside(looked, group), (before, after), rows, untold)
    untold.number += users.count() - LOOKED_AT if len(looked) == LOOKED_AT else 0
    rows.sort(key=lambda row: (row.outcome == "neutral", -row.number))
    return Impact(held_changes(before, after), [*rows, *([untold] if untold.number else [])])


Held = tuple[Documents, str]  # the documents, and that of the boundary (an empty text is none)


def _held_beside(users: Sequence[User], group: Group) -> Mapping[int, Held]:
    """What each of some users holds by other ways than a group, by primary key. Six queries at any number."""
    limits = {user.pk: user.boundary.arn for user in users if user.boundary is not None}
    found = held_by_many(users, besides=limits.values(), without=group)
    return {
        pk: (tuple(sorted(set(held.documents))), held.in_force.get(limits.get(pk, ""), ""))
        for pk, held in found.items()
    }


def _tell_apart(
    users: Sequence[User],
    held: Mapping[int, Held],
    change: tuple[Documents, Documents],
    rows: list[Members],
    untold: Members,
) -> None:
    """Compare what each has before and after, once for all who hold the same besides."""
    alike: dict[Held, list[User]] = defaultdict(list)
    for user in users:
        alike[held[user.pk]].append(user)
    for number, (besides, members) in enumerate(sorted(alike.items(), key=lambda each: -len(each[1]))):
        documents, boundary = besides
        before, after = (tuple(sorted({*documents, *part})) for part in change)
        access = held_changes(before, after, boundary) if number < TOLD_APART or before == after else None
        if access is None:
            untold.add(members)
            continue
        row = next((row for row in rows if row.access == access), None)
        if row is None:
            rows.append(row := Members(access))
        row.add(members)
