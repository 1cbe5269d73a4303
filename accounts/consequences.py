"""What a change of policies or memberships does to access, told before it is done: to a user or role, or to the members of a group."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.holders import KINDS, Kind
from accounts.models import Group, Membership, User
from accounts.queries.held_by_many import HeldAlong, held_along
from accounts.queries.held_documents import HeldDocuments, documents_of
from accounts.queries.held_policies import HeldPolicy
from operations.caller import Caller
from operations.gate import authorise_read, authorise_reads
from pages.components.shell import grouped
from pages.errors import Part, part
from policies.access_changes import AccessChanges, held_changes
from policies.models import ManagedPolicy

LOOKED_AT: Final = 500  # members whose other policies are looked at
TOLD_APART: Final = 8  # sets of other policies that are compared; members who hold the same stand together
GROUPS_AT_ONCE: Final = 100  # groups whose deletion together is told
NAMED: Final = 25  # members of one row by name

Documents = tuple[str, ...]
Change = tuple[Documents, Documents]  # before and after


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


def attaching(
    caller: Caller, holder: Kind, row: Any, policies: Sequence[ManagedPolicy], held: Sequence[HeldPolicy]
) -> Part[Attaching]:
    """What policies that are to be attached add to what a user, group or role holds. A fixed number of queries."""
    found = part(_attaching, caller, holder, row, policies, held)
    if found.refusal:
        return Part(Attaching([Chosen(policy) for policy in policies], None), found.refusal)
    return found


def _attaching(
    caller: Caller, holder: Kind, row: Any, policies: Sequence[ManagedPolicy], held: Sequence[HeldPolicy]
) -> Attaching:
    documents = read_held(caller, holder, row, held, *(policy.arn for policy in policies))
    limit = getattr(row, "boundary", None)
    texts = documents.in_force
    before, boundary = tuple(documents.documents), texts.get(limit.arn, "") if limit else ""
    ways = {one.arn: [way.group.name for way in one.sources if way.group] for one in held}
    is_whole = holder is not KINDS["group"]

    def added(*arns: str) -> AccessChanges | None:
        return held_changes(before, (*before, *(texts[arn] for arn in arns)), boundary, is_whole=is_whole)

    chosen = [Chosen(policy, ways.get(policy.arn, ()), added(policy.arn)) for policy in policies]
    after = (*before, *(texts[policy.arn] for policy in policies))
    access = chosen[0].access if len(chosen) == 1 else added(*(policy.arn for policy in policies))
    return Attaching(chosen, access, before, after)


def read_held(caller: Caller, holder: Kind, row: Any, held: Sequence[HeldPolicy], *arns: str) -> HeldDocuments:
    """The documents of the policies of a holder, for who may read all of them, the boundary and some more. Raises AccessDenied."""
    holder.authorise(caller, holder.action("ListAttached", "Policies"), row)
    limit = getattr(row, "boundary", None)
    besides = [*arns, *([limit.arn] if limit else [])]
    documents = documents_of(held, besides)
    if documents.has_own_inline:
        holder.authorise(caller, holder.action("Get", "Policy"), row)
    reads = [("iam:GetPolicyVersion", arn) for arn in dict.fromkeys([*documents.managed, *besides])]
    authorise_reads(caller, [*reads, *(("iam:GetGroupPolicy", arn) for arn in documents.groups)])
    return documents


@dataclass(frozen=True)
class Joined:
    """A group that is to be joined, and what it adds by itself; None where that is not told."""

    group: Group
    access: AccessChanges | None = None

    @property
    def adds_nothing(self) -> bool:
        return self.access is not None and self.access.is_told and not self.access.rows


@dataclass(frozen=True)
class Joining:
    """Groups that are to be joined: each by itself, and all together where all of it is told."""

    chosen: Sequence[Joined]
    access: AccessChanges | None = None


def joining_groups(caller: Caller, user: User, groups: Sequence[Group]) -> Part[Joining]:
    """What groups that are to be joined add to what a user holds. A fixed number of queries."""
    found = part(_joining_groups, caller, user, groups)
    return found if found.value else Part(Joining([Joined(group) for group in groups]), found.refusal)


def _joining_groups(caller: Caller, user: User, groups: Sequence[Group]) -> Joining:
    holder, limits = KINDS["user"], [user.boundary.arn] if user.boundary else []
    along = held_along([user], groups, besides=limits)
    held = along.users[user.pk]
    holder.authorise(caller, holder.action("ListAttached", "Policies"), user)
    if held.has_own_inline:
        holder.authorise(caller, holder.action("Get", "Policy"), user)
    reads = [("iam:GetPolicyVersion", arn) for arn in (*held.managed, *limits)]
    authorise_reads(caller, [*reads, *(("iam:GetGroupPolicy", arn) for arn in held.groups)])
    given = _readable(caller, groups, along)
    before, boundary = tuple(held.documents), held.in_force[limits[0]] if limits else ""

    def added(*some: Group) -> AccessChanges | None:
        if not all(group.pk in given for group in some):
            return None
        return held_changes(before, (*before, *(text for group in some for text in given[group.pk])), boundary)

    chosen = [Joined(group, added(group)) for group in groups]
    return Joining(chosen, chosen[0].access if len(chosen) == 1 else added(*groups))


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
        return "warning" if self.is_open else "info" if self.access and self.access.is_felt else "neutral"

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
        """How many users it is about, and for how many of them nothing changes."""
        total = sum(row.number for row in self.rows)
        same = sum(row.number for row in self.rows if row.outcome == "neutral")
        untold = sum(row.number for row in self.rows if row.is_open)
        told = total - same - untold
        parts = []
        if told or not total:
            parts.append(
                ngettext("Access changes for %(n)s user", "Access changes for %(n)s users", told) % {"n": grouped(told)}
            )
        if same:
            words = (
                ngettext("for %(n)s it stays the same", "for %(n)s it stays the same", same)
                if parts
                else ngettext("Access stays the same for %(n)s user", "Access stays the same for %(n)s users", same)
            )
            parts.append(words % {"n": grouped(same)})
        if untold:
            words = (
                ngettext(
                    "for %(n)s unless another policy says the same",
                    "for %(n)s unless another policy says the same",
                    untold,
                )
                if told
                else ngettext(
                    "access changes for %(n)s user, unless another policy says the same",
                    "access changes for %(n)s users, unless another policy says the same",
                    untold,
                )
            )
            parts.append(words % {"n": grouped(untold)})
        said = ", ".join(parts)
        return said[:1].upper() + said[1:]


def joining(caller: Caller, group: Group, users: "QuerySet[User]", *, number: int | None = None) -> Impact | None:
    """What users get who are added to a group; None for who may not read the group's policies. A fixed number of queries."""
    return _impact(caller, group, users, lambda held: ((), held), number=number)


def leaving(caller: Caller, group: Group, users: "QuerySet[User]", *, number: int | None = None) -> Impact | None:
    """What users lose who are taken out of a group; None for who may not read the group's policies. A fixed number of queries."""
    return _impact(caller, group, users, lambda held: (held, ()), number=number)


def attached_to(caller: Caller, group: Group, found: Attaching) -> Impact:
    """What the members of a group get by policies that are attached to it. A fixed number of queries."""
    users, changed = group.members.all(), (found.before, found.after)
    beside = _read_beside(caller, [group], users, number=group.member_count)
    return Impact(held_changes(*changed, is_whole=False), _told_apart(beside, lambda user: changed))


def taken_from(caller: Caller, group: Group, arns: Sequence[str] = (), documents: Sequence[str] = ()) -> Impact | None:
    """What the members of a group lose with policies that are detached, and with the documents of inline ones that are deleted; None for
    who may not read the group's policies. A fixed number of queries.
    """
    return exchanged(caller, group, gone_arns=arns, gone=documents)


def exchanged(
    caller: Caller,
    group: Group,
    *,
    gone_arns: Sequence[str] = (),
    gone: Sequence[str] = (),
    added_arns: Sequence[str] = (),
    added: Sequence[str] = (),
) -> Impact | None:
    """What the members of a group get and lose when managed policies and documents are no longer among its own, and others come to them;
    None for who may not read the group's policies. Who may read what is added has been asked before. A fixed number of queries.
    """
    beside = _read_beside(
        caller, [group], group.members.all(), number=group.member_count, besides=[*gone_arns, *added_arns]
    )
    given = _readable(caller, [group], beside.along)
    if group.pk not in given:
        return None
    texts, after = beside.along.groups[group.pk].in_force, list(given[group.pk])
    for text in (*(texts[arn] for arn in gone_arns if arn in texts), *gone):
        if text in after:
            after.remove(text)
    changed = given[group.pk], (*after, *(texts[arn] for arn in added_arns), *added)
    return Impact(held_changes(*changed, is_whole=False), _told_apart(beside, lambda user: changed))


def deleting(caller: Caller, groups: Sequence[Group]) -> Impact | None:
    """What the members of groups lose that are deleted together; None where there are none, or too many groups to look at, and for who
    may not know the members or the policies of all of them. Six queries.
    """
    gone = [group.pk for group in groups]
    if not gone or len(gone) > GROUPS_AT_ONCE or not all(caller.may("iam:GetGroup", group.arn) for group in groups):
        return None
    users = User.objects.filter(Exists(Membership.objects.filter(user=OuterRef("pk"), group__in=gone)))
    beside = _read_beside(caller, groups, users)
    given = _readable(caller, groups, beside.along)
    if len(given) < len(gone):
        return None
    authorise_reads(caller, [("iam:GetGroup", group.arn) for group in groups])

    def lost(user: User) -> Change:
        return tuple(sorted({text for group in beside.along.memberships[user.pk] for text in given[group]})), ()

    rows = _told_apart(beside, lost)
    return Impact(None, rows) if rows else None


def _impact(
    caller: Caller,
    group: Group,
    users: "QuerySet[User]",
    change: Callable[[Documents], Change],
    *,
    number: int | None = None,
) -> Impact | None:
    """What users get or lose by a change of what a group gives them, which is made of what it holds; `number` is how many they are, where
    that is known."""
    beside = _read_beside(caller, [group], users, number=number)
    given = _readable(caller, [group], beside.along)
    if group.pk not in given:
        return None
    changed = change(given[group.pk])
    return Impact(held_changes(*changed, is_whole=False), _told_apart(beside, lambda user: changed))


@dataclass(frozen=True)
class Beside:
    """The first of some users, how many they are in all, and what they hold by other ways than some groups; `is_told` is false for who may
    not read that."""

    looked: Sequence[User]
    number: int
    along: HeldAlong
    is_told: bool


def _read_beside(
    caller: Caller,
    groups: Sequence[Group],
    users: "QuerySet[User]",
    *,
    number: int | None = None,
    besides: Sequence[str] = (),
) -> Beside:
    """Five queries at any number, and one more to count them."""
    looked = list(users.select_related("boundary", "account").order_by("name_key")[:LOOKED_AT])
    is_told = caller.may("iam:GetAccountAuthorizationDetails")
    if is_told and looked:
        authorise_read(caller, "iam:GetAccountAuthorizationDetails", "*")
    limits = [user.boundary.arn for user in looked if user.boundary is not None]
    if number is None:
        number = users.count() if len(looked) == LOOKED_AT else len(looked)
    return Beside(looked, number, held_along(looked if is_told else (), groups, besides=[*limits, *besides]), is_told)


def _readable(caller: Caller, groups: Sequence[Group], along: HeldAlong) -> Mapping[int, Documents]:
    """The documents of those groups whose policies the caller may read, by key: what is read is authorised and recorded at once. Of the
    others nothing is told; whoever moves users has not asked for the policies.
    """
    reads: dict[tuple[str, str], None] = {}
    found = {}
    for group in groups:
        held = along.groups[group.pk]
        inline = [("iam:GetGroupPolicy", group.arn)] if held.has_own_inline else []
        versions = [("iam:GetPolicyVersion", arn) for arn in held.managed]
        needed = [("iam:ListAttachedGroupPolicies", group.arn), *inline, *versions]
        if all(read in reads or caller.may(*read) for read in needed):
            reads.update(dict.fromkeys(needed))
            found[group.pk] = tuple(held.documents)
    authorise_reads(caller, reads)
    return found


def _told_apart(beside: Beside, change: Callable[[User], Change]) -> list[Members]:
    """To whom what happens, those with a change first and those who are not told last: what each has before and after is compared once
    for all who hold the same besides and to whom the same happens.
    """
    rows: list[Members] = []
    untold = Members(None)
    alike: dict[tuple[Documents, str, Change], list[User]] = defaultdict(list)
    for user in beside.looked if beside.is_told else ():
        held = beside.along.users[user.pk]
        limit = held.in_force.get(user.boundary.arn, "") if user.boundary else ""
        alike[tuple(sorted(set(held.documents))), limit, change(user)].append(user)
    for number, (case, members) in enumerate(sorted(alike.items(), key=lambda each: -len(each[1]))):
        documents, limit, changed = case
        before, after = (tuple(sorted({*documents, *given})) for given in changed)
        access = held_changes(before, after, limit) if number < TOLD_APART or before == after else None
        if access is None:
            untold.add(members)
            continue
        row = next((row for row in rows if row.access == access), None)
        if row is None:
            rows.append(row := Members(access))
        row.add(members)
    if not beside.is_told:
        untold.add(beside.looked)
    untold.number += max(0, beside.number - len(beside.looked))
    rows.sort(key=lambda row: (row.outcome == "neutral", -row.number))
    return [*rows, *([untold] if untold.number else [])]
