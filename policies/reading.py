"""What a page may read of a policy: each part is authorised as the AWS call that returns it."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from django.http import Http404
from django.utils.translation import gettext as _

from engine import PolicySyntaxError
from engine.summary import Summary, summarise
from engine.validate import Finding, check
from operations.caller import Caller, ContextValue
from operations.gate import authorise_form, authorise_read, resource_keys
from pages.errors import Part, part
from policies.documents import read_document
from policies.lookup import TYPE
from policies.models import ManagedPolicy, PolicyProposal
from policies.queries import VersionRow, policy_row

if TYPE_CHECKING:
    from policies.queries import PolicyRow

T = TypeVar("T")


def tag_keys(policy: ManagedPolicy | None) -> dict[str, ContextValue]:
    """The condition keys that a policy's tags give."""
    return {} if policy is None or policy.is_aws_managed else resource_keys(policy.tags.all())


def read_policy(caller: Caller, arn: str, action: str = "iam:GetPolicy", proposal_id: str = "") -> "PolicyRow":
    """The policy of an ARN, authorised and recorded as `action`, with its proposal of that id. Raises AccessDenied, Http404."""
    row = policy_row(caller.account_id, arn, proposal_id)
    authorise_read(caller, action, arn, tag_keys(row), type=TYPE)
    if row is None:
        raise Http404(f"Policy {arn} was not found.")
    return row


def read_own(caller: Caller, arn: str, action: str = "iam:GetPolicy", proposal_id: str = "") -> "PolicyRow":
    """The same of a customer managed policy. Raises AccessDenied, Http404."""
    row = read_policy(caller, arn, action, proposal_id)
    if row.is_aws_managed:
        raise Http404(_("AWS managed policies cannot be changed."))
    return row


def proposal_of(row: "PolicyRow") -> PolicyProposal:
    """The proposal that was read along with a policy. Raises Http404 where there is none of that id."""
    found: PolicyProposal | None = getattr(row, "proposed", None)
    if found is None:
        raise Http404(_("There is no such proposal."))
    found.policy = row
    return found


def open_form(caller: Caller, policy: ManagedPolicy, action: str) -> None:
    """Open a form about a policy only for whom its operation is allowed. Raises AccessDenied."""
    authorise_form(caller, action, policy.arn, tag_keys(policy))


def read_part(caller: Caller, policy: ManagedPolicy, action: str, read: Callable[[], T]) -> Part[T]:
    """A part of a policy's page, authorised as `action`; where that is denied, the refusal that stands in its place."""

    def authorised() -> T:
        authorise_read(caller, action, policy.arn, tag_keys(policy), type=TYPE)
        return read()

    return part(authorised)


def chosen(rows: Sequence[VersionRow], version_id: str | None) -> VersionRow | None:
    """The version of that id, None where none is asked for. Raises Http404."""
    if not version_id:
        return None
    found = next((row for row in rows if row.version_id == version_id), None)
    if found is None:
        raise Http404(_("There is no version %(version)s.") % {"version": version_id})
    return found


@lru_cache(maxsize=16)
def summary_of(document: str) -> Summary | None:
    """The summary of a document; None for one that cannot be read."""
    try:
        return summarise(read_document(document))
    except PolicySyntaxError:
        return None


@lru_cache(maxsize=16)
def findings_of(document: str) -> tuple[Finding, ...]:
    """What the checks find in a document that is in force."""
    return tuple(check(document, "identity"))
