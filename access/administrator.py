"""Whether a document or a managed policy gives administrator access: everything, or everything of IAM, on all resources."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import F, Q, QuerySet

from access.effective import prepared
from accounts.models import (
    GroupAttachment,
    GroupInlinePolicy,
    Membership,
    Role,
    RoleAttachment,
    RoleInlinePolicy,
    UserAttachment,
    UserInlinePolicy,
)
from accounts.queries.held_policies import policies_of_user
from accounts.resolve import find_user
from engine import Policy, PolicySyntaxError
from policies.models import AWS, PolicyVersion

EVERYTHING = frozenset({"*", "*:*", "iam:*"})
MOST = 500  # names that are looked at; whoever sends more is asked anyway


def document_gives_all(document: str) -> bool:
    """Whether a document has a statement that allows everything. False for a text that is no policy: saving it fails anyway."""
    try:
        return gives_all(Policy.parse(document))
    except PolicySyntaxError:
        return False


def policies_give_all(account_id: str, arns: Iterable[str]) -> bool:
    """Whether one of these policies of the account or of AWS does, in its default version. One query."""
    versions = PolicyVersion.objects.filter(
        policy__arn__in=list(arns), policy__account_id__in=[account_id, AWS], number=F("policy__default_version")
    )
    return _any(versions.values_list("document", flat=True), _of_managed)


def user_has_all(account_id: str, name: str) -> bool:
    """Whether a user of the account has such a policy: attached, written into it, or by a group. Six queries."""
    user = find_user(account_id, name)
    held = policies_of_user(user) if user is not None else []
    inline = any(one.document is not None and document_gives_all(one.document) for one in held)
    return inline or policies_give_all(account_id, [one.arn for one in held if one.arn])


def groups_give_all(account_id: str, names: Iterable[str]) -> bool:
    """Whether one of these groups has such a policy, attached or written into it. Two queries, whatever their number."""
    return _holders_have_all("group", account_id, names, GroupAttachment, GroupInlinePolicy)


def roles_have_all(account_id: str, names: Iterable[str]) -> bool:
    """Whether one of these roles has such a policy, attached or written into it. Two queries, whatever their number."""
    return _holders_have_all("role", account_id, names, RoleAttachment, RoleInlinePolicy)


def _holders_have_all(kind: str, account_id: str, names: Iterable[str], attachments: Any, inline: Any) -> bool:
    keys = {name.lower() for name in names}
    if not keys or len(keys) > MOST:
        return bool(keys)
    return _attached_or_inline(
        attachments, inline, Q(**{f"{kind}__account_id": account_id, f"{kind}__name_key__in": keys})
    )


def some_have_all(rows: "QuerySet[Any]") -> bool:
    """Whether one of these users (by a group, too) or roles has such a policy. Four queries for users, two for roles, at any number."""
    chosen = rows.order_by().values("pk")
    if rows.model is Role:
        return _attached_or_inline(RoleAttachment, RoleInlinePolicy, Q(role__in=chosen))
    by_group = Q(group__in=Membership.objects.filter(user__in=chosen).values("group"))
    return _attached_or_inline(UserAttachment, UserInlinePolicy, Q(user__in=chosen)) or _attached_or_inline(
        GroupAttachment, GroupInlinePolicy, by_group
    )


def _attached_or_inline(attachments: Any, inline: Any, these: Q) -> bool:
    versions = PolicyVersion.objects.filter(
        policy__in=attachments.objects.filter(these).values("policy"), number=F("policy__default_version")
    )
    rows = (versions, _of_managed), (inline.objects.filter(these), document_gives_all)
    return any(_any(found.values_list("document", flat=True), gives) for found, gives in rows)


def _any(documents: Iterable[str], gives: Callable[[str], bool]) -> bool:
    return any(gives(document) for document in documents)


def _of_managed(document: str) -> bool:
    return gives_all(prepared(document))


def version_gives_all(account_id: str, arn: str, version_id: str) -> bool:
    """Whether one version of a policy of the account does."""
    number = version_id.removeprefix("v")
    versions = PolicyVersion.objects.filter(policy__arn=arn, policy__account_id=account_id)
    found = (
        versions.filter(number=int(number)).first()
        if number.isascii() and number.isdecimal() and len(number) < 10
        else None
    )
    return found is not None and gives_all(prepared(found.document))


def gives_all(policy: Policy) -> bool:
    """Whether a policy has a statement that allows everything."""
    return any(
        statement.effect == "Allow"
        and (
            statement.not_actions is not None
            or bool(EVERYTHING & {action.lower() for action in statement.actions or ()})
        )
        and (statement.not_resources is not None or "*" in (statement.resources or ()))
        for statement in policy.statements
    )
