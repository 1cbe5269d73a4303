"""Tests of a managed policy: questions that it must always decide in the same way, asked of the engine that enforces.

A test asks the document alone, as the one identity policy of a user of the policy's account. What boundaries, other policies and the
resource's side would say is no matter of the document, and a test must not fail because somebody else's policy has changed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from engine import Decision, NamedPolicy, Policies, PolicySyntaxError, Principal, Request, evaluate
from operations.caller import Caller, ContextValue
from operations.errors import InvalidInput
from operations.ids import iam_arn
from pages.outcomes import outcome
from policies.documents import read_document
from policies.models import ManagedPolicy, PolicyTest

MOST = 50  # tests of a policy
_NAMED_AT_MOST = 3  # failing tests that a refusal names


@dataclass(frozen=True)
class Tested:
    """A test and what a document decides; no decision where the document cannot be read."""

    test: PolicyTest
    decision: Decision | None

    @property
    def outcome(self) -> str:
        """`allowed`, `explicitDeny` or `implicitDeny`."""
        return self.decision.outcome if self.decision else "implicitDeny"

    @property
    def passes(self) -> bool:
        return self.outcome == self.test.expected


def ask(policy: ManagedPolicy, document: str, tests: Iterable[PolicyTest]) -> list[Tested]:
    """What a document decides in each test."""
    try:
        named = NamedPolicy(policy.name, read_document(document), "identity", policy.arn)
    except PolicySyntaxError:  # what nobody can read grants nothing
        return [Tested(test, None) for test in tests]
    policies = Policies(identity=[named])
    return [Tested(test, evaluate(_request(policy.account_id, test), policies)) for test in tests]


def _request(account_id: str, test: PolicyTest) -> Request:
    """The question. Where the context names the caller (`aws:username`, `aws:PrincipalTag/…`), that is what counts."""
    principal = Principal(iam_arn(account_id, "user/tested"), account_id, "user")
    return Request(principal, test.action, test.resource, _values(test.context))


def _values(context: Mapping[str, Sequence[str]]) -> dict[str, ContextValue]:
    """A key with one value is that value, as a request would bring it."""
    return {key: values[0] if len(values) == 1 else values for key, values in context.items()}


def failing(policy: ManagedPolicy, document: str) -> list[Tested]:
    """The tests that a document fails, by name."""
    return [one for one in ask(policy, document, policy.tests.order_by("name_key")) if not one.passes]


def refuse_failing(caller: Caller, policy: ManagedPolicy, document: str, context: Mapping[str, ContextValue]) -> None:
    """A document that fails a test cannot be put in force. Raises InvalidInput, which names tests to whoever may read them.

    `context` are the condition keys of the policy.
    """
    found = failing(policy, document)
    if not found:
        return
    if not caller.may("iam:GetPolicyVersion", policy.arn, context):
        raise InvalidInput(f"The document fails {len(found)} of the tests of policy {policy.arn}.")
    told = "; ".join(
        f"{one.test.name}: {one.test.action} on {one.test.resource} must be {one.test.expected}, and is {one.outcome}"
        for one in found[:_NAMED_AT_MOST]
    )
    more = f" and {len(found) - _NAMED_AT_MOST} more" if len(found) > _NAMED_AT_MOST else ""
    raise InvalidInput(f"The document fails tests of policy {policy.arn}: {told}{more}.", said=_said(policy, found))


def _said(policy: ManagedPolicy, found: Sequence[Tested]) -> str:
    """The same in the words that pages have for decisions."""
    told = "; ".join(
        _("%(test)s: %(action)s on %(resource)s must be «%(expected)s», and is «%(outcome)s»")
        % {
            "test": one.test.name,
            "action": one.test.action,
            "resource": one.test.resource,
            "expected": outcome(one.test.expected).word,
            "outcome": outcome(one.outcome).word,
        }
        for one in found[:_NAMED_AT_MOST]
    )
    if (number := len(found) - _NAMED_AT_MOST) > 0:
        told += ngettext(" and %(number)s more", " and %(number)s more", number) % {"number": number}
    return _("The document fails tests of policy %(name)s: %(told)s.") % {"name": policy.name, "told": told}
