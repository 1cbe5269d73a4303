"""The effective policies of a principal: every document that a decision about it needs, in a fixed number of queries.

Documents are prepared once per version and shared by all principals of the process; a principal's bundle is kept until the policy
stamp of its account (or of the AWS managed policies) moves, so a right that is taken away is gone on the next request everywhere.
"""

import json
from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import lru_cache
from threading import Lock

from django.db.models import F, Q

from accounts.models import GroupInlinePolicy, PasswordPolicy, Role, RoleInlinePolicy, User, UserInlinePolicy
from engine import NamedPolicy, Policies, Policy
from federation.tokens import Session
from operations import rehearsal
from operations.stamps import stamp
from policies.documents import read_document
from policies.models import AWS, ManagedPolicy, PolicyVersion

MOST_BUNDLES = 5000
# What is left of session policies that were all deleted meanwhile: nothing is allowed.
NOTHING = NamedPolicy("session policy", Policy.parse('{"Version":"2012-10-17","Statement":[]}'), "session")
OWN_PAGES = "Console: own sessions and access requests"
OWN_ACTIONS = (
    "iam:ListConsoleSessions", "iam:EndConsoleSessions", "iam:CreateAccessRequest", "iam:ListAccessRequests",
    "iam:WithdrawAccessRequest",
)  # fmt: skip
OWN_PASSWORD = "Account password policy: allow users to change their own password"

_bundles: "OrderedDict[tuple[str, str], tuple[tuple[int, ...], Policies]]" = OrderedDict()
_lock = Lock()


@lru_cache(maxsize=10_000)
def prepared(document: str) -> Policy:
    """A document, parsed once in this process. Documents are checked when they are saved, so this does not fail on stored ones."""
    return read_document(document)


def policies_of_user(user: User) -> Policies:
    """The identity policies of a user (own and its groups', inline and managed) and its boundary. The root user has none."""
    if user.is_root:
        return Policies()
    return _cached(("user", user.unique_id), user.account_id, lambda: _load_user(user))


def policies_of_role(role: Role) -> Policies:
    """The identity policies of a role and its boundary."""
    return _cached(("role", role.unique_id), role.account_id, lambda: _load_role(role))


def within_session(policies: Policies, session: Session) -> Policies:
    """The policies of a role or user, limited by the session policies that came with the session; without any, as they are."""
    limits = [NamedPolicy("session policy", prepared(session.policy), "session")] if session.policy else []
    if session.policy_arns:
        versions = PolicyVersion.objects.filter(
            policy__arn__in=session.policy_arns, number=F("policy__default_version")
        )
        limits += [
            NamedPolicy(version.policy.name, prepared(version.document), "session", version.policy.arn)
            for version in versions.select_related("policy").order_by("policy__name_key", "policy_id")
        ]
        limits = limits or [NOTHING]
    if not limits:
        return policies
    return Policies(
        identity=policies.identity,
        boundaries=policies.boundaries,
        session=limits,
        service_control=policies.service_control,
        resource_control=policies.resource_control,
        vpc_endpoint=policies.vpc_endpoint,
    )


def _cached(key: tuple[str, str], account_id: str, load: Callable[[], Policies]) -> Policies:
    if rehearsal.is_on():  # its changes are taken back, and the stamp that they moved comes again with others
        return load()
    current = stamp(account_id, AWS)
    with _lock:
        held = _bundles.get(key)
        if held is not None and held[0] == current:
            _bundles.move_to_end(key)
            return held[1]
    bundle = load()
    with _lock:
        _bundles[key] = (current, bundle)
        while len(_bundles) > MOST_BUNDLES:
            _bundles.popitem(last=False)
    return bundle


def _load_user(user: User) -> Policies:
    inline = [
        NamedPolicy(row.name, prepared(row.document), "user")
        for row in UserInlinePolicy.objects.filter(user=user).order_by("name_key")
    ]
    inline += [
        NamedPolicy(row.name, prepared(row.document), "group")
        for row in GroupInlinePolicy.objects.filter(group__memberships__user=user).order_by(
            "group__name_key", "name_key"
        )
    ]
    attached = _managed(Q(userattachments__user=user) | Q(groupattachments__group__memberships__user=user))
    return Policies(identity=[*inline, *attached, *implicit(user)], boundaries=_boundary(user.boundary_id))


def _load_role(role: Role) -> Policies:
    inline = [
        NamedPolicy(row.name, prepared(row.document), "role")
        for row in RoleInlinePolicy.objects.filter(role=role).order_by("name_key")
    ]
    return Policies(
        identity=[*inline, *_managed(Q(roleattachments__role=role))], boundaries=_boundary(role.boundary_id)
    )


def implicit(user: User) -> list[NamedPolicy]:
    """What a user may do without any policy attached, as policies with a name, so that explanations can point at them.

    Own console sessions may always be seen and ended, and who was denied something may always ask for it, unless a policy denies it:
    else who may do nothing at all could do nothing about it. A role's session asks where the role's policies let it.

    «Allow users to change their own password» of the account's password policy grants iam:ChangePassword and
    iam:GetAccountPasswordPolicy (IAM User Guide, «Permit IAM users to change their own passwords»); AWS shows it in no permission view
    either.
    """
    password = PasswordPolicy.objects.filter(account=user.account_id, allow_users_to_change=True).exists()
    return own_grants(user, password=password)


def own_grants(user: User, *, password: bool) -> list[NamedPolicy]:
    """The same, where it is known whether users may change their password."""
    own = (
        user.arn.replace("$", "${$}").replace("*", "${*}").replace("?", "${?}")
        if set("$*?") & set(user.path)
        else user.arn
    )
    granted = [NamedPolicy(OWN_PAGES, prepared(_grant(own, *OWN_ACTIONS)), "user")]
    if password:
        granted.append(NamedPolicy(OWN_PASSWORD, prepared(_grant(own, "iam:ChangePassword")), "user"))
        granted.append(NamedPolicy(OWN_PASSWORD, prepared(_grant("*", "iam:GetAccountPasswordPolicy")), "user"))
    return granted


def _grant(resource: str, *actions: str) -> str:
    statement = {"Effect": "Allow", "Action": actions, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _managed(which: Q) -> list[NamedPolicy]:
    ids = ManagedPolicy.objects.filter(which).values("id")
    versions = PolicyVersion.objects.filter(policy__in=ids, number=F("policy__default_version")).select_related(
        "policy"
    )
    return [named(version) for version in versions.order_by("policy__name_key", "policy_id")]


def _boundary(policy_id: int | None) -> Iterable[NamedPolicy]:
    if policy_id is None:
        return ()
    version = PolicyVersion.objects.select_related("policy").get(policy=policy_id, number=F("policy__default_version"))
    return (NamedPolicy(version.policy.name, prepared(version.document), "boundary", version.policy.arn),)


def named(version: PolicyVersion) -> NamedPolicy:
    """A managed policy's version as the engine takes it."""
    policy = version.policy
    return managed(policy.name, policy.arn, policy.account_id, version.document)


def managed(name: str, arn: str, account_id: str, document: str) -> NamedPolicy:
    """A managed policy as the engine takes it; `account_id` is its owner."""
    kind = "aws-managed" if account_id == AWS else "user-managed"
    return NamedPolicy(name, prepared(document), kind, arn)
