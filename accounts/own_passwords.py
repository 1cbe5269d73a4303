"""Whether users who must choose a new password are able to.

AWS's console attaches IAMUserChangePassword to a user who must, unless the account's password policy lets all users (IAM User Guide,
«Permit IAM users to change their own passwords»). Here it is attached where it is missing and helps. Whoever gives somebody a password
may sign in with it and see all this, so nothing of it is asked for.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from django.conf import settings
from django.db.models import Count, prefetch_related_objects

from accounts.creation import Wish, groups_of, tags_of
from accounts.models import PasswordPolicy, User, UserAttachment
from accounts.queries.held_by_many import held_along
from accounts.queries.new_documents import NewDocuments
from accounts.resolve import keys_of
from accounts.user_table import Row
from engine import NamedPolicy, Policies, PolicySyntaxError, Principal, Request, evaluate
from operations.caller import Caller, ContextValue
from operations.gate import request_keys
from operations.ids import iam_arn
from operations.quotas import quota
from policies.documents import read_document
from policies.models import AWS

ACTION, ATTACH_ACTION = "iam:ChangePassword", "iam:AttachUserPolicy"
EVERYBODY: Final = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ChangePassword","Resource":"*"}]}'
)
ABLE, ATTACHED, FORBIDDEN, STUCK = "able", "attached", "forbidden", "stuck"


def helping_policy() -> str:
    """The ARN of IAMUserChangePassword."""
    return f"arn:{settings.PARTITION}:iam::{AWS}:policy/IAMUserChangePassword"


@dataclass(frozen=True)
class Ability:
    """Users by what becomes of them: ABLE to choose a password anyway; IAMUserChangePassword is ATTACHED; that is FORBIDDEN to the Caller;
    or it would not help and they are STUCK: a Deny, a boundary, a quota, or the policy is not there.
    """

    attached: Sequence[str] = field(default_factory=list)
    forbidden: Sequence[str] = field(default_factory=list)
    stuck: Sequence[str] = field(default_factory=list)


def ability_of_new(caller: Caller, rows: Sequence[Row], wish: Wish, held: NewDocuments) -> Ability:
    """What becomes of users who are to be created; `held` has what they get and the helping policy. One query."""
    account_id, helping = caller.account_id, helping_policy()
    wanted = {row.name: {name.lower() for name in groups_of(row, wish.groups)} for row in rows}
    texts = held.in_force
    of_all = (*(texts[arn] for arn in wish.policies if arn in texts), *wish.inline.values(), *_of_account(account_id))
    limit = texts.get(wish.boundary, "")
    found: dict[str, list[str]] = {ABLE: [], ATTACHED: [], FORBIDDEN: [], STUCK: []}
    help_ = texts.get(helping, "") if len(wish.policies) < quota("AttachedPoliciesPerUserQuota") else ""
    for row in rows:
        arn = iam_arn(account_id, f"user{row.path or wish.path}{row.name}")
        tags = {tag["Key"]: tag["Value"] for tag in tags_of(row, wish.tags)}
        documents = (
            *of_all,
            *(text for key in sorted(wanted[row.name]) if key in held.groups for text in held.groups[key].texts),
        )
        keys: dict[str, ContextValue] = {}
        for key, value in tags.items():
            keys[f"aws:ResourceTag/{key}"] = keys[f"iam:ResourceTag/{key}"] = value
        keys |= {"iam:PermissionsBoundary": wish.boundary} if wish.boundary else {}
        one = _Case(arn, tags, documents, limit, help_)
        found[_outcome(caller, one, keys)].append(row.name)
    return Ability(found[ATTACHED], found[FORBIDDEN], found[STUCK])


def ability_of(caller: Caller, user: User) -> Ability:
    """The same of a user who is there. At most eight queries."""
    outcome = outcomes_of(caller, [user])[user.pk]
    return Ability(*([user.name] if outcome == each else [] for each in (ATTACHED, FORBIDDEN, STUCK)))


def outcomes_of(caller: Caller, users: Sequence[User]) -> Mapping[int, str]:
    """What becomes of each of some users who are there (ABLE, ATTACHED, FORBIDDEN or STUCK), by their keys.

    Six queries at any number, and two for tags and boundaries where they were not read yet.
    """
    if not users:
        return {}
    prefetch_related_objects(users, "tags", "boundary")
    helping, most = helping_policy(), quota("AttachedPoliciesPerUserQuota")
    limits = {user.pk: user.boundary.arn if user.boundary else "" for user in users}
    found = held_along(users, (), besides={helping, *filter(None, limits.values())}).users
    attached = UserAttachment.objects.filter(user__in=users).order_by().values("user").annotate(number=Count("pk"))
    numbers = dict(attached.values_list("user", "number"))
    of_all = _of_account(caller.account_id)
    outcomes = {}
    for user in users:
        held = found[user.pk]
        tags = {tag.key: tag.value for tag in user.tags.all()}
        help_ = held.in_force.get(helping, "") if numbers.get(user.pk, 0) < most else ""
        one = _Case(
            user.arn,
            tags,
            (*held.documents, *of_all),
            held.in_force.get(limits[user.pk], "") if limits[user.pk] else "",
            help_,
        )
        outcomes[user.pk] = _outcome(caller, one, keys_of(user, ATTACH_ACTION))
    return outcomes


@dataclass(frozen=True)
class _Case:
    """A user, the documents that it holds within a boundary (an empty text is none), and the one that would help (empty: none can)."""

    arn: str
    tags: Mapping[str, str]
    documents: Sequence[str]
    boundary: str
    helping: str


def _outcome(caller: Caller, one: _Case, keys: Mapping[str, ContextValue]) -> str:
    """Without MFA first; then with it, for whoever must and may add a device is led to that before the password."""
    helped = [*one.documents, one.helping] if one.helping else ()
    if _may(one, one.documents):
        return ABLE
    if not (helped and _may(one, helped)):
        if _may(one, one.documents, mfa=True):
            return ABLE
        if not (helped and _may(one, helped, mfa=True)):
            return STUCK
    context = {**keys, **request_keys(ATTACH_ACTION, {"policy_arn": helping_policy()})}
    return ATTACHED if caller.may(ATTACH_ACTION, one.arn, context) else FORBIDDEN


def _may(one: _Case, documents: Collection[str], *, mfa: bool = False) -> bool:
    context = {"aws:MultiFactorAuthPresent": "true" if mfa else "false", "aws:SecureTransport": "true"}
    request = Request(Principal.from_arn(one.arn, tags=one.tags), ACTION, one.arn, context)
    return evaluate(request, _policies(tuple(documents), one.boundary)).allowed


@lru_cache(maxsize=512)
def _policies(documents: Sequence[str], boundary: str) -> Policies:
    return Policies(identity=_named(documents), boundaries=_named([boundary] if boundary else ()))


def _named(documents: Iterable[str]) -> list[NamedPolicy]:
    """Those that can be read."""
    found = []
    for text in documents:
        try:
            found.append(NamedPolicy("held", read_document(text), "user"))
        except PolicySyntaxError:  # a document that an older release accepted
            continue
    return found


def _of_account(account_id: str) -> Sequence[str]:
    """What the account's password policy grants to everybody."""
    lets = PasswordPolicy.objects.filter(account=account_id, allow_users_to_change=True).exists()
    return [EVERYBODY] if lets else []
