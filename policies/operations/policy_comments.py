"""Comments on managed policies: put, delete, list. Operations of our own; who may read a policy may read what is said of it."""

from typing import Any

from operations import reasons
from operations.clock import now
from operations.errors import InvalidInput, LimitExceeded, NoSuchEntity
from operations.gate import Call, Result, operation
from operations.ids import unique_id
from operations.paging import page
from policies import lookup
from policies.comments import MOST, author_id, may_delete
from policies.models import ManagedPolicy, PolicyComment

READING = "iam:GetPolicyVersion"
PUT, DELETE = "iam:PutPolicyComment", "iam:DeletePolicyComment"


@operation(PUT, on=lookup.policy_target)
def put_policy_comment(call: Call, *, policy_arn: str, text: str) -> Result:
    """Add a comment. What turns the direction of a text or cannot be seen is taken out of it.

    Raises ValidationError, NoSuchEntity, InvalidInput (an AWS managed policy; nothing that can be seen), LimitExceeded.
    """
    policy = _own_policy(call)
    kept = "\n".join(map(reasons.cleaned, text.splitlines())).strip()
    if not kept:
        raise InvalidInput("A comment needs characters that can be seen.")
    if policy.comments.count() >= MOST:
        raise LimitExceeded(f"Cannot exceed quota for CommentsPerPolicy: {MOST}")
    row = PolicyComment.objects.create(
        policy=policy,
        comment_id=unique_id("PCOM"),
        author="" if call.caller.door == "command" else call.caller.arn,
        author_id=author_id(call.caller),
        text=kept,
        created_at=now(),
    )
    call.changed(after=_recorded(row))
    return {"PolicyComment": _described(row)}


@operation(DELETE, on=lookup.policy_target)
def delete_policy_comment(call: Call, *, policy_arn: str, comment_id: str) -> Result:
    """Delete a comment of one's own; the root user and the operator delete anybody's.

    Raises ValidationError, NoSuchEntity, InvalidInput (an AWS managed policy; somebody else's).
    """
    row = _own_policy(call).comments.filter(comment_id=comment_id).first()
    if row is None:
        raise NoSuchEntity(f"The comment {comment_id} on policy {policy_arn} cannot be found.")
    if not may_delete(call.caller, row.author_id):
        raise InvalidInput(f"The comment {comment_id} is somebody else's: a comment is deleted by whoever wrote it.")
    call.changed(before=_recorded(row))
    row.delete()
    return {}


@operation("iam:ListPolicyComments", on=lookup.policy_target, permission=READING)
def list_policy_comments(
    call: Call, *, policy_arn: str, marker: str | None = None, max_items: int | None = None
) -> Result:
    """The comments, the oldest first. Raises ValidationError, NoSuchEntity."""
    found, paging = page(lookup.called_policy(call).comments.all(), "id", marker, max_items)
    return {"PolicyComments": [_described(row) for row in found], **paging}


def _own_policy(call: Call) -> ManagedPolicy:
    policy = lookup.called_policy(call)
    lookup.refuse_aws_managed(policy)
    return policy


def _recorded(row: PolicyComment) -> dict[str, str]:
    return {"commentId": row.comment_id, "text": row.text}


def _described(row: PolicyComment) -> dict[str, Any]:
    return {"CommentId": row.comment_id, "Author": row.author, "CreateDate": row.created_at, "Text": row.text}
