"""Tests of managed policies: put, delete, list. Operations of our own; who may read and write versions may write their tests."""

from operations.errors import InvalidInput, LimitExceeded, NoSuchEntity
from operations.gate import Call, Result, operation
from policies import lookup
from policies.models import ManagedPolicy, PolicyTest
from policies.operations.policy_versions import require_version
from policies.testing import MOST, Tested, ask

LONGEST = 10_000  # characters of a question
WRITING, READING = "iam:CreatePolicyVersion", "iam:GetPolicyVersion"


@operation("iam:PutPolicyTest", on=lookup.policy_target, permission=WRITING)
def put_policy_test(
    call: Call,
    *,
    policy_arn: str,
    test_name: str,
    action_name: str,
    resource_arn: str,
    expected_decision: str,
    context: dict[str, list[str]] | None = None,
) -> Result:
    """Add a test, or replace the one of that name, whatever the case of its letters. It may fail with the version in force.

    Raises ValidationError, NoSuchEntity, InvalidInput (an AWS managed policy; texts that cannot be seen or are too long), LimitExceeded.
    """
    policy = _read_policy(call)
    name, kept = test_name.strip(), {key: values for key, values in (context or {}).items() if values}
    if not name or not name.isprintable():
        raise InvalidInput("The name of a policy test needs characters that can be seen.")
    _check_texts(resource_arn, kept)
    old = policy.tests.filter(name_key=name.lower()).first()
    if old is None and policy.tests.count() >= MOST:
        raise LimitExceeded(f"Cannot exceed quota for PolicyTestsPerPolicy: {MOST}")
    before = recorded(old) if old else None
    row = old or PolicyTest(policy=policy)
    row.name, row.name_key = name, name.lower()
    row.action, row.resource, row.expected = action_name, resource_arn, expected_decision
    row.context = kept
    row.save()
    call.changed(before=before, after=recorded(row))
    return {}


@operation("iam:DeletePolicyTest", on=lookup.policy_target, permission=WRITING)
def delete_policy_test(call: Call, *, policy_arn: str, test_name: str) -> Result:
    """Delete a test. Raises ValidationError, NoSuchEntity, InvalidInput (an AWS managed policy)."""
    row = _read_policy(call).tests.filter(name_key=test_name.strip().lower()).first()
    if row is None:
        raise NoSuchEntity(f"The test with name {test_name} of policy {policy_arn} cannot be found.")
    call.changed(before=recorded(row))
    row.delete()
    return {}


@operation("iam:ListPolicyTests", on=lookup.policy_target, permission=READING)
def list_policy_tests(call: Call, *, policy_arn: str, version_id: str | None = None) -> Result:
    """The tests by name, each with what a version decides: the one in force unless `version_id` names another.

    Raises ValidationError, NoSuchEntity.
    """
    policy = lookup.called_policy(call)
    version = require_version(call)[1] if version_id else policy.versions.get(number=policy.default_version)
    return {"Tests": [_described(one) for one in ask(policy, version.document, policy.tests.order_by("name_key"))]}


def _read_policy(call: Call) -> ManagedPolicy:
    """The policy, for whoever may read it too: else the answers would tell which tests there are."""
    policy = lookup.called_policy(call)
    lookup.refuse_aws_managed(policy)
    call.authorise(READING, call.targets[0])
    return policy


def _check_texts(resource: str, context: dict[str, list[str]]) -> None:
    """Raises InvalidInput for what no request would bring, and for more than a question needs."""
    texts = [resource, *context, *(value for values in context.values() for value in values)]
    if not all(text.isprintable() for text in texts):
        raise InvalidInput("The resource and the context of a policy test are made of characters that can be seen.")
    if sum(map(len, texts)) > LONGEST:
        raise InvalidInput(f"The resource and the context of a policy test may have {LONGEST} characters together.")


def recorded(row: PolicyTest) -> dict[str, object]:
    """A test as the record keeps it."""
    return {
        "testName": row.name,
        "actionName": row.action,
        "resourceArn": row.resource,
        "context": row.context,
        "expectedDecision": row.expected,
    }


def _described(one: Tested) -> dict[str, object]:
    return {
        "TestName": one.test.name,
        "ActionName": one.test.action,
        "ResourceArn": one.test.resource,
        "Context": one.test.context,
        "ExpectedDecision": one.test.expected,
        "Decision": one.outcome,
        "Passes": one.passes,
    }
