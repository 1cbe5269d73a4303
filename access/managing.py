"""Who manages a user: who may give it a password or keys, take its second factor away, change what it may do, or delete it.

Every answer is the engine's own. So that it costs the same however many users there are, the policies in use are looked through first: only
who holds one that allows such an action on this user for somebody other than the user is asked about, page by page. What a search
passes over it says.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from django.conf import settings
from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value

from access.assuming import tags_of
from access.effective import prepared
from access.shared_bundles import SharedBundle, shared_bundles
from access.step import principal_of
from access.ways import ways_of
from accounts.models import (
    Group,
    GroupAttachment,
    GroupInlinePolicy,
    Membership,
    Role,
    RoleAttachment,
    RoleInlinePolicy,
    User,
    UserAttachment,
    UserInlinePolicy,
)
from accounts.resolve import keys_of
from engine import Decision, Policy, PolicySyntaxError, Principal, Request, evaluate
from engine.compiled import CompiledStatement, compiled
from operations import clock
from operations.caller import ContextValue
from policies.models import AWS, PolicyUsage, PolicyVersion

USER, GROUP, ROLE = "user", "group", "role"
KINDS = (USER, ROLE)
JOIN, ATTACH = "iam:AddUserToGroup", "iam:AttachUserPolicy"
ACTIONS = (
    "iam:CreateLoginProfile", "iam:UpdateLoginProfile", "iam:CreateAccessKey", "iam:DeactivateMFADevice", ATTACH,
    "iam:PutUserPolicy", JOIN, "iam:DeleteUser",
)  # fmt: skip
ASKED_AT_ONCE = (100, 900)  # where many may, the first of them fill the page
MOST_FOUND = 50
MOST_DOCUMENTS = 2000  # of each kind that are looked through, those that allow everything first
MOST_GROUPS = 50  # that the user is not in, each asked about
MOST_SECONDS = 1.0
READING_SECONDS = 2.0  # for the documents, before anybody is asked
WORST = f"arn:{settings.PARTITION}:iam::aws:policy/AdministratorAccess"  # the policy whose attaching is asked about
_FACTOR: Mapping[str, ContextValue] = {"aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": "0"}
_NO_FACTOR: Mapping[str, ContextValue] = {"aws:MultiFactorAuthPresent": "false"}
_OWN = re.compile(r"\$\{\s*(aws:username|aws:userid|\*|\?|\$)\s*\}", re.IGNORECASE)
# A text in which none of this stands allows nothing on a user: neither its actions nor its resources can fit.
_MAY_ALLOW = (
    Q(document__icontains="iam")
    | Q(document__contains="*")
    | Q(document__contains="?")
    | Q(document__contains="\\")
    | Q(document__icontains="NotResource")
)
Asked = tuple[str, str]  # an action, and the ARN on which it is asked


@dataclass(frozen=True)
class Source:
    """A policy that allows something, and the group by which a user has it, if any."""

    policy: str
    group: str = ""


@dataclass(frozen=True)
class Grant:
    """Some of the actions, allowed by the same policies; `needs_mfa` where only with a second factor."""

    actions: Sequence[str]
    by: Sequence[Source]
    needs_mfa: bool


@dataclass(frozen=True)
class Manager:
    """Somebody who may do some of the actions on the user; `is_all` says that nothing is missing."""

    row: User | Role
    grants: Sequence[Grant]
    is_all: bool
    is_self: bool


@dataclass(frozen=True)
class Managers:
    """A page of the answer: those found among the `asked`, after which name the next page begins, and whether something was passed over:
    policies (`is_cut`), or groups that the user could be put into (`groups_cut`)."""

    found: Sequence[Manager]
    asked: int
    following: str
    is_cut: bool
    groups_cut: bool


@dataclass
class _Holders:
    """Who holds a policy that might allow something, by primary key."""

    users: set[int] = field(default_factory=set)
    groups: set[int] = field(default_factory=set)
    roles: set[int] = field(default_factory=set)
    policies: set[int] = field(default_factory=set)
    is_cut: bool = False


def find(user: User, kind: str, actions: Sequence[str] = ACTIONS, after: str = "") -> Managers:
    """The next users or roles of the account, after a name, that may do some of the actions on a user. Eight queries, or twelve."""
    question = _Question(user, actions)
    holders = _holders(question, kind, monotonic() + READING_SECONDS)
    found: list[tuple[User | Role, list[_Act]]] = []
    until, asked, following = monotonic() + MOST_SECONDS, 0, after
    for number in ASKED_AT_ONCE:
        rows = _candidates(question, holders, kind, following, number)
        last = _ask_some(question, rows, found, until)
        asked += last
        following = rows[last - 1].name_key if last < len(rows) or len(rows) == number else ""
        if not following or len(found) == MOST_FOUND or monotonic() > until:
            break
    managers = _told(question, found) if found else []
    return Managers(managers, asked, following, holders.is_cut, question.groups_cut)


def _ask_some(
    question: "_Question", rows: Sequence[Any], found: list[tuple[User | Role, list["_Act"]]], until: float
) -> int:
    """Ask about each row until enough are found or no time is left; the number that were asked about."""
    if not rows:
        return 0
    shared = shared_bundles(rows)
    for number, row in enumerate(rows, 1):
        if acts := question.about(row, shared.of[row.unique_id], tags_of(row, shared)):
            found.append((row, acts))
        if len(found) == MOST_FOUND or monotonic() > until:
            return number
    return len(rows)


@dataclass(frozen=True)
class _Act:
    """One action that somebody may do."""

    action: str
    decision: Decision
    needs_mfa: bool


class _Question:
    """Some actions on one user, asked of many."""

    def __init__(self, user: User, actions: Sequence[str]) -> None:
        self.user, self.actions = user, actions
        self.asked: list[Asked] = [(action, user.arn) for action in actions if action != JOIN]
        self.groups_cut = False
        if JOIN in actions:
            others = Group.objects.filter(account=user.account_id).exclude(memberships__user=user)
            groups = list(others.order_by("name_key")[: MOST_GROUPS + 1])
            self.groups_cut = len(groups) > MOST_GROUPS
            self.asked += [(JOIN, group.arn) for group in groups[:MOST_GROUPS]]
        moment = clock.now()
        self.now: Mapping[str, ContextValue] = {
            "aws:SecureTransport": "true",
            "aws:CurrentTime": clock.text(moment),
            "aws:EpochTime": str(int(moment.timestamp())),
        }
        self.keys: dict[str, Mapping[str, ContextValue]] = {
            action: {} if action == JOIN else keys_of(user, action) for action in actions
        }
        if ATTACH in self.keys:
            self.keys[ATTACH] = {**self.keys[ATTACH], "iam:PolicyARN": WORST}
        self._probe = Principal.from_arn(f"arn:{settings.PARTITION}:iam::{user.account_id}:user/{user.name}-", tags={})

    def may_be_allowed(self, document: str) -> bool:
        """Whether a document allows one of the actions on the user to somebody other than the user, whatever its conditions are."""
        try:
            policy: Policy = prepared(document)
        except PolicySyntaxError:  # it grants nothing
            return False
        ready = compiled(policy)
        return any(
            each.allows and self._reaches(each, action, arn)
            for action, arn in self.asked
            for each in ready.concerning(action.lower())
        )

    def _reaches(self, statement: CompiledStatement, action: str, arn: str) -> bool:
        test = statement.resource_test
        if test is None or test(arn, Request(self._probe, action, arn, self.now)):
            return True
        texts = statement.statement.resources or statement.statement.not_resources or ()
        return statement.variables and any("${" in _OWN.sub("", text) for text in texts)  # it hangs on who asks

    def about(self, row: User | Role, bundle: SharedBundle, tags: Mapping[str, str]) -> list[_Act]:
        """What somebody may do; of the groups that the user might be put into, the first is enough."""
        found: dict[str, _Act] = {}
        principal = principal_of(row, tags)
        for action, arn in self.asked:
            if action in found or not bundle.resources_of(action):
                continue
            for facts in (_NO_FACTOR,) if isinstance(row, Role) else (_NO_FACTOR, _FACTOR):
                decision = self._ask(principal, bundle, action, arn, facts)
                if decision.allowed:
                    found[action] = _Act(action, decision, facts is _FACTOR)
                    break
        return list(found.values())

    def _ask(
        self, principal: Principal, bundle: SharedBundle, action: str, arn: str, facts: Mapping[str, ContextValue]
    ) -> Decision:
        context = {**self.now, **self.keys[action], **facts}
        if principal.kind == "role_session":
            context["aws:TokenIssueTime"] = self.now["aws:CurrentTime"]
        return evaluate(Request(principal, action, arn, context, resource_account=self.user.account_id), bundle.own)


# --- whom to ask ----------------------------------------------------------------------------------------------------------


def _holders(question: _Question, kind: str, until: float) -> _Holders:
    """Who holds a policy that might allow something; of users, also by their groups. Two queries. At `until` (time.monotonic) no more is
    looked through.
    """
    found, account = _Holders(), question.user.account_id
    used = PolicyUsage.objects.filter(policy=OuterRef("policy"), account_id=account, attachments__gt=0)
    in_force = PolicyVersion.objects.filter(
        _MAY_ALLOW, Exists(used), number=F("policy__default_version"), policy__account_id__in=[account, AWS]
    )
    rows = in_force.order_by("-policy__allows_everything", "policy").values_list("policy", "document")
    found.policies = {pk for pk, document in _some(found, rows, until) if question.may_be_allowed(document)}
    models: Sequence[tuple[Any, str]] = (
        [(RoleInlinePolicy, ROLE)] if kind == ROLE else [(UserInlinePolicy, USER), (GroupInlinePolicy, GROUP)]
    )
    first, *others = (_inline(model, column, account) for model, column in models)
    written = first.union(*others, all=True).order_by("-allows_everything")
    for column, pk, document, _gives in _some(found, written, until):
        if question.may_be_allowed(document):
            {USER: found.users, GROUP: found.groups, ROLE: found.roles}[column].add(pk)
    return found


def _inline(model: Any, column: str, account: str) -> "QuerySet[Any, Any]":
    """The documents that are written into users, groups or roles of an account."""
    rows: QuerySet[Any] = model.objects.filter(_MAY_ALLOW, **{f"{column}__account": account}).order_by()
    return rows.values_list(Value(column, CharField()), F(f"{column}_id"), "document", "allows_everything")


def _some(found: _Holders, rows: "QuerySet[Any, Any]", until: float) -> Iterator[Any]:
    """As many rows as are looked through; that there are more is noted."""
    for number, row in enumerate(rows[: MOST_DOCUMENTS + 1]):
        if number == MOST_DOCUMENTS or monotonic() > until:
            found.is_cut = True
            return
        yield row


def _candidates(question: _Question, found: _Holders, kind: str, after: str, number: int) -> list[Any]:
    """The next of those who hold them, by name; the user itself is always one of the users."""
    account, policies = question.user.account_id, found.policies
    if kind == ROLE:
        having = RoleAttachment.objects.filter(policy__in=policies).values("role")
        roles = Role.objects.filter(Q(pk__in=having) | Q(pk__in=found.roles), account=account, name_key__gt=after)
        return list(roles.prefetch_related("tags").order_by("name_key")[:number])
    groups = GroupAttachment.objects.filter(policy__in=policies, group__account=account).values("group")
    joined = Membership.objects.filter(Q(group__in=groups) | Q(group__in=found.groups), user=OuterRef("pk"))
    attached = UserAttachment.objects.filter(policy__in=policies, user=OuterRef("pk"))
    which = Q(Exists(joined)) | Q(Exists(attached)) | Q(pk__in=found.users) | Q(pk=question.user.pk)
    users = User.objects.filter(which, account=account, name_key__gt=after)
    return list(users.order_by("name_key")[:number])


# --- what was found -------------------------------------------------------------------------------------------------------


def _told(question: _Question, found: Sequence[tuple[User | Role, Sequence[_Act]]]) -> list[Manager]:
    """Each of those found with the policies that allow it, and by which groups they come. One query."""
    ways = ways_of([row for row, _acts in found if isinstance(row, User)])
    asked = {action for action, _arn in question.asked}
    return [
        Manager(
            row,
            list(_grants(acts, ways.get(row.pk, {}) if isinstance(row, User) else {})),
            is_all={act.action for act in acts} == asked,
            is_self=row == question.user,
        )
        for row, acts in found
    ]


def _grants(acts: Sequence[_Act], ways: Mapping[tuple[str, str], Sequence[str]]) -> Iterator[Grant]:
    grouped: dict[tuple[tuple[Source, ...], bool], list[str]] = defaultdict(list)
    for act in acts:
        named = [(each.named.arn or "", each.policy) for each in act.decision.matched]
        sources = (Source(name, group) for arn, name in named for group in ways.get((arn, name), ("",)))
        grouped[tuple(dict.fromkeys(sources)), act.needs_mfa].append(act.action.partition(":")[2])
    for (by, needs_mfa), actions in grouped.items():
        yield Grant(actions, by, needs_mfa)
