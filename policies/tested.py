"""What a document would decide in the tests of its policy, for whoever may read them."""

from typing import Any

from operations.caller import Caller
from policies.models import ManagedPolicy
from policies.operations.policy_tests import WRITING
from policies.reading import tag_keys
from policies.testing import ask


def tested_by(caller: Caller, row: ManagedPolicy, document: str) -> dict[str, Any]:
    """What templates/policies/tested.html shows: each test with its decision, and how many fail. Empty for who may not read them.

    One query.
    """
    keys = tag_keys(row)
    if not caller.may("iam:GetPolicyVersion", row.arn, keys):
        return {}
    tested = ask(row, document, row.tests.order_by("name_key"))
    failing = sum(not one.passes for one in tested)
    return {"tested": tested, "failing": failing, "may_write_tests": caller.may(WRITING, row.arn, keys)}
