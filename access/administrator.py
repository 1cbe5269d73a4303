"""Whether a document or a managed policy gives administrator access: everything, or everything of IAM, on all resources."""

from collections.abc import Iterable

from django.db.models import F

from access.effective import prepared
from accounts.queries.held_policies import policies_of_user
from accounts.resolve import find_user
from engine import Policy, PolicySyntaxError
from policies.models import AWS, PolicyVersion

EVERYTHING = frozenset({"*", "*:*", "iam:*"})


def document_gives_all(document: str) -> bool:
    """Whether a document has a statement that allows everything. False for a text that is no policy: saving it fails anyway."""
    try:
        return _gives_all(Policy.parse(document))
    except PolicySyntaxError:
        return False


def policies_give_all(account_id: str, arns: Iterable[str]) -> bool:
    """Whether one of these policies of the account or of AWS does, in its default version. One query."""
    versions = PolicyVersion.objects.filter(
        policy__arn__in=list(arns), policy__account_id__in=[account_id, AWS], number=F("policy__default_version")
    )
    return any(_gives_all(prepared(document)) for document in versions.values_list("document", flat=True))


def user_has_all(account_id: str, name: str) -> bool:
    """Whether a user of the account has such a policy: attached, written into it, or by a group. Six queries."""
    user = find_user(account_id, name)
    held = policies_of_user(user) if user is not None else []
    inline = any(one.document is not None and document_gives_all(one.document) for one in held)
    return inline or policies_give_all(account_id, [one.arn for one in held if one.arn])


def version_gives_all(account_id: str, arn: str, version_id: str) -> bool:
    """Whether one version of a policy of the account does."""
    number = version_id.removeprefix("v")
    versions = PolicyVersion.objects.filter(policy__arn=arn, policy__account_id=account_id)
    found = (
        versions.filter(number=int(number)).first()
        if number.isascii() and number.isdecimal() and len(number) < 10
        else None
    )
    return found is not None and _gives_all(prepared(found.document))


def _gives_all(policy: Policy) -> bool:
    return any(
        statement.effect == "Allow"
        and (
            statement.not_actions is not None
            or bool(EVERYTHING & {action.lower() for action in statement.actions or ()})
        )
        and (statement.not_resources is not None or "*" in (statement.resources or ()))
        for statement in policy.statements
    )
