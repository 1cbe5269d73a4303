"""The checks on real documents and on hostile ones, and how much work they are."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.grammar import MalformedPolicyDocument, check_saving
from engine.validate import check
from tests.engine.managed_policies import managed_policies
from tests.work import lines_run

KINDS = ("identity", "boundary", "session", "resource", "trust", "scp", "rcp")


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def statement(action: Any = "s3:GetObject", resource: Any = "*", **elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **elements}


def test_managed_policies_give_advice_and_no_false_alarm() -> None:
    policies = managed_policies()
    counts: Counter[str] = Counter()
    for policy in policies.values():
        counts.update({finding.code for finding in check(json.dumps(policy["Document"], indent=4), "identity")})
    assert sum(counts.values()) < len(policies), counts.most_common(10)
    # AWS names these as the policies of its own that the two checks speak about.
    for name in ("AdministratorAccess", "IAMFullAccess"):
        codes = {finding.code for finding in check(json.dumps(policies[name]["Document"]), "identity")}
        assert "CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE" in codes
        assert "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE" in codes
    power_user = check(json.dumps(policies["PowerUserAccess"]["Document"]), "identity")
    assert "CREATE_SLR_WITH_STAR_IN_RESOURCE" in {finding.code for finding in power_user}


def usual(statements: int) -> str:
    """A document as people write them; 15 statements are 6 kB."""
    actions = [f"s3:{verb}{noun}" for verb in ("Get", "Put", "Delete") for noun in ("Object", "ObjectTagging")]
    return document(
        *(
            statement(
                actions,
                [f"arn:aws:s3:::bucket-{number}-{part}/*" for part in range(4)],
                Sid=f"S{number}",
                Condition={"StringEquals": {"aws:PrincipalTag/team": f"t{number}"}},
            )
            for number in range(statements)
        )
    )


def test_a_longer_document_is_no_more_work_than_it_is_longer() -> None:
    assert 5_500 < len(usual(15)) < 7_500
    check(usual(15), "identity")  # what is looked up once
    few, many = (lines_run(lambda n=number: check(usual(n), "identity")) for number in (15, 60))
    assert few < 10 * len(usual(15))
    assert many < 4.4 * few


HOSTILE = {
    "distinct patterns": document(statement([f"s3:*{number}*a*b*c" for number in range(3_000)])),
    "wild resources": document(statement(resource=[f"arn:aws:s3:::*{number}*/x*" for number in range(3_000)])),
    "stars and letters": document(statement("s3:" + "*a" * 50_000 + "b", "arn:aws:s3:::" + "*a?" * 50_000)),
    "one covers none": document(
        statement(resource=["arn:aws:s3:::" + "*a?b" * 400, *(f"arn:aws:s3:::{'a' * 1_900}{i}" for i in range(300))])
    ),
    "unclosed variables": document(statement(resource="arn:aws:s3:::" + "${" * 50_000)),
    "same statements": document(*(statement(Sid=f"S{number}") for number in range(2_000))),
    "unknown services": document(statement([f"svc{number}:Do" for number in range(5_000)])),
    "unknown keys": document(statement(Condition={"StringEquals": {f"aws:k{number}": "x" for number in range(3_000)}})),
    "many conditions": document(
        statement(Condition={"StringLike": {f"aws:PrincipalTag/{number}": ["*", "a"] for number in range(3_000)}})
    ),
    "sessions of one role": json.dumps(
        {
            "Statement": {
                "Effect": "Allow",
                "Principal": {
                    "AWS": [
                        "arn:aws:iam::123456789012:role/app",
                        *(f"arn:aws:sts::123456789012:assumed-role/app/{number}" for number in range(3_000)),
                    ]
                },
                "Action": "sts:AssumeRole",
            }
        }
    ),
    "long numbers": document(statement(Condition={"NumericLessThan": {"s3:max-keys": ["9" * 100] * 5_000}})),
    "brackets": "[" * 60_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents_cost_little_and_get_few_findings(name: str) -> None:
    kind = "trust" if "sessions" in name else "identity"
    findings = check(HOSTILE[name], kind)
    assert lines_run(lambda: check(HOSTILE[name], kind)) < 100 * len(
        HOSTILE[name]
    )  # quadratic work is thousands of them
    assert all(count <= 200 for count in Counter(finding.code for finding in findings).values())
    assert all(len(finding.message) < 2_000 for finding in findings)


WORDS = st.sampled_from(
    [
        *("Version", "Statement", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "Condition"),
        *("Sid", "AWS", "Service", "Federated", "Allow", "Deny", "2012-10-17", "*", "s3:*", "sts:AssumeRole", "iam:P*"),
        *("arn:aws:s3:::x/${aws:username}", "arn:aws:iam::123456789012:role/*", "StringLike", "ForAllValues:Null"),
        *("aws:SourceIp", "aws:TagKeys", "10.0.0.0/8", "${", "aws:ResourceTag/", "", "é€"),
    ]
)
VALUES = st.recursive(
    st.one_of(WORDS, st.text(max_size=8), st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(WORDS, inner, max_size=6)),
    max_leaves=25,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(VALUES, st.sampled_from(KINDS))
def test_nothing_in_a_document_raises(value: object, kind: str) -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": value})
    for finding in check(text, kind):
        json.dumps(finding.as_dict())
    with suppress(MalformedPolicyDocument):
        check_saving(text, kind)  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.sampled_from(KINDS))
def test_no_text_raises(text: str, kind: str) -> None:
    assert check(text, kind) is not None
    with suppress(MalformedPolicyDocument):
        check_saving(text, kind)  # type: ignore[arg-type]


def test_an_unknown_kind_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="no kind of policy"):
        check("{}", "acl")
