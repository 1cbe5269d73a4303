"""Proposals of new versions: propose, withdraw, decline, accept, get, list. Operations of our own; AWS has none for this.

Whoever may propose need not be allowed to save versions. To accept a proposal gives nothing by itself: it notes the version that was saved
from it by CreatePolicyVersion, with the rights of whoever reviewed it.
"""

from typing import Any

from django.db.models import F

from operations import reasons
from operations.clock import now
from operations.errors import InvalidInput, LimitExceeded, NoSuchEntity, ServiceError
from operations.gate import Call, Result, operation
from operations.ids import unique_id
from operations.paging import page
from policies import lookup
from policies.comments import author_id
from policies.documents import check_managed_document
from policies.models import ManagedPolicy, PolicyProposal, PolicyVersion
from policies.operations.policy_versions import require_version
from policies.proposals import MOST_OPEN, is_own, recorded, tell_author

PROPOSE = "iam:ProposePolicyVersion"
REVIEWING, READING = "iam:CreatePolicyVersion", "iam:GetPolicyVersion"


class PolicyProposalClosed(ServiceError):
    """Somebody has answered or withdrawn it meanwhile."""

    code, status = "PolicyProposalClosed", 409


class OwnPolicyProposal(ServiceError):
    """Nobody reviews what they have proposed themselves; nobody withdraws what somebody else has."""

    code, status = "OwnPolicyProposal", 403


@operation(PROPOSE, on=lookup.policy_target)
def propose_policy_version(call: Call, *, policy_arn: str, policy_document: str) -> Result:
    """Propose a document as a new version. The reason of the call is the note that its reviewers read.

    Raises ValidationError, NoSuchEntity, InvalidInput (an AWS managed policy; a document that is in force or waits already),
    MalformedPolicyDocument, LimitExceeded.
    """
    policy = lookup.called_policy(call)
    lookup.refuse_aws_managed(policy)
    check_managed_document(policy_document)
    in_force = PolicyVersion.objects.filter(policy=policy, number=policy.default_version).values_list(
        "document", flat=True
    )
    if in_force.first() == policy_document:
        raise InvalidInput(f"The document is that of version {policy.default_version_id}, which is in force.")
    waiting = policy.proposals.filter(state=PolicyProposal.OPEN)
    if (same := waiting.filter(document=policy_document).first()) is not None:
        raise InvalidInput(f"The same document waits for review already: proposal {same.proposal_id}.")
    if policy.proposal_count >= MOST_OPEN:
        raise LimitExceeded(f"Cannot exceed quota for OpenProposalsPerPolicy: {MOST_OPEN}")
    row = PolicyProposal.objects.create(
        policy=policy,
        proposal_id=unique_id("PPRO"),
        document=policy_document,
        base=policy.default_version,
        author="" if call.caller.door == "command" else call.caller.arn,
        author_id=author_id(call.caller),
        note=call.caller.reason,
        created_at=now(),
    )
    _count(policy, 1)
    call.changed(after=recorded(row))
    return {"PolicyProposal": _described(row)}


@operation("iam:WithdrawPolicyProposal", on=lookup.policy_target, permission=PROPOSE)
def withdraw_policy_proposal(call: Call, *, policy_arn: str, proposal_id: str) -> Result:
    """Take back a proposal of one's own.

    Raises ValidationError, NoSuchEntity, PolicyProposalClosed, OwnPolicyProposal (somebody else's).
    """
    row = _open(call)
    if not is_own(call.caller, row):
        raise OwnPolicyProposal(
            f"The proposal {proposal_id} is somebody else's: it is withdrawn by whoever proposed it."
        )
    _close(call, row, PolicyProposal.WITHDRAWN)
    return {"PolicyProposal": _described(row)}


@operation("iam:DeclinePolicyProposal", on=lookup.policy_target, permission=REVIEWING)
def decline_policy_proposal(call: Call, *, policy_arn: str, proposal_id: str, message: str) -> Result:
    """Decline a proposal, with a message to its author.

    Raises ValidationError, NoSuchEntity, InvalidInput (nothing that can be seen), PolicyProposalClosed.
    """
    row = _open(call)
    row.message = reasons.cleaned(message)
    if not row.message:
        raise InvalidInput("The message to whoever proposed it needs characters that can be seen.")
    _close(call, row, PolicyProposal.DECLINED)
    return {"PolicyProposal": _described(row)}


@operation("iam:AcceptPolicyProposal", on=lookup.policy_target, permission=REVIEWING)
def accept_policy_proposal(call: Call, *, policy_arn: str, proposal_id: str, version_id: str) -> Result:
    """Note that a proposal was taken up by a version that was saved since; its document may have been edited for that.

    Raises ValidationError, NoSuchEntity, InvalidInput (an older version), PolicyProposalClosed, OwnPolicyProposal.
    """
    row = _open(call)
    _policy, version = require_version(call)
    if is_own(call.caller, row):
        raise OwnPolicyProposal(f"The proposal {proposal_id} is your own: somebody else must review it.")
    if version.created_at < row.created_at:
        raise InvalidInput(f"Version {version_id} was saved before the proposal was made.")
    row.number = version.number
    _close(call, row, PolicyProposal.ACCEPTED)
    return {"PolicyProposal": _described(row)}


@operation("iam:GetPolicyProposal", on=lookup.policy_target, permission=READING)
def get_policy_proposal(call: Call, *, policy_arn: str, proposal_id: str) -> Result:
    """A proposal with its document. Raises ValidationError, NoSuchEntity."""
    row = _require(call)
    return {"PolicyProposal": _described(row) | {"PolicyDocument": row.document}}


@operation("iam:ListPolicyProposals", on=lookup.policy_target, permission=READING)
def list_policy_proposals(
    call: Call,
    *,
    policy_arn: str,
    state: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> Result:
    """The proposals for a policy, the oldest first, of all states or of one. Raises ValidationError, NoSuchEntity."""
    rows = lookup.called_policy(call).proposals.select_related("policy").defer("document")
    if state:
        rows = rows.filter(state=state.lower())
    found, paging = page(rows, "id", marker, max_items)
    return {"PolicyProposals": [_described(row) for row in found], **paging}


def _require(call: Call) -> PolicyProposal:
    arn, wanted = call.params["policy_arn"], call.params["proposal_id"]
    row = lookup.called_policy(call).proposals.filter(proposal_id=wanted).first()
    if row is None:
        raise NoSuchEntity(f"The proposal {wanted} for policy {arn} cannot be found.")
    return row


def _open(call: Call) -> PolicyProposal:
    """The open proposal of a call, read after the account's record was locked: of two who answer at once, the second finds it closed."""
    row = _require(call)
    if not row.is_open:
        raise PolicyProposalClosed(
            f"The proposal {row.proposal_id} does not wait for review any more: it was {row.state}."
        )
    return row


def _close(call: Call, row: PolicyProposal, how: str) -> None:
    before = {"proposalId": row.proposal_id, "state": row.state}
    row.state, row.answered_at = how, now()
    row.answered_by = "" if call.caller.door == "command" else call.caller.arn
    row.save(update_fields=["state", "answered_at", "answered_by", "message", "number"])
    _count(row.policy, -1)
    call.changed(before=before, after=recorded(row))
    if how != PolicyProposal.WITHDRAWN:
        tell_author(row)


def _count(policy: ManagedPolicy, difference: int) -> None:
    """Move the number that lists show; the caller's transaction holds the account's lock."""
    ManagedPolicy.objects.filter(pk=policy.pk).update(proposal_count=F("proposal_count") + difference)


def _described(row: PolicyProposal) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "ProposalId": row.proposal_id,
        "PolicyArn": row.policy.arn,
        "Author": row.author,
        "BaseVersionId": row.base_version_id,
        "State": row.state.capitalize(),
        "CreateDate": row.created_at,
    }
    optional = {
        "Note": row.note,
        "AnsweredBy": row.answered_by,
        "AnswerDate": row.answered_at,
        "Message": row.message,
        "VersionId": row.version_id,
    }
    return shown | {name: value for name, value in optional.items() if value}
