"""Every check has documents that trigger it and near misses that do not, kept as data in `checks/`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.json_tree import parse
from engine.validate import CODES, OFF_BY_DEFAULT, Finding, apply_edits, check
from engine.validate.codes import RETIRED

DATA = Path(__file__).parent / "checks"
CASES = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(DATA.glob("*.json"))}


def text_of(case: dict[str, Any]) -> str:
    given = case.get("text")
    return given if given is not None else json.dumps(case["document"], indent=2, ensure_ascii=False)


def run(case: dict[str, Any], text: str | None = None) -> list[Finding]:
    return check(
        text_of(case) if text is None else text,
        case["kind"],
        resource_type=case.get("resource_type"),
        also=case.get("also", ()),
    )


def cases(group: str) -> list[Any]:
    return [
        pytest.param(code, case, id=f"{code}-{number}")
        for code, data in CASES.items()
        for number, case in enumerate(data[group])
    ]


def test_the_codes_are_the_closed_set_of_153() -> None:
    severities = [code.severity for code in CODES.values()]
    assert {name: severities.count(name) for name in ("ERROR", "WARNING", "SECURITY_WARNING", "SUGGESTION")} == {
        "ERROR": 79,
        "WARNING": 26,
        "SECURITY_WARNING": 19,
        "SUGGESTION": 29,
    }
    assert not RETIRED & CODES.keys()
    assert CODES.keys() > OFF_BY_DEFAULT


def test_every_code_has_its_data_and_no_other_code_exists() -> None:
    assert CASES.keys() == CODES.keys()
    for code, data in CASES.items():
        assert data["code"] == code
        assert data["triggers"], code
        assert data["near_misses"], code
        assert all(case["because"] for case in (*data["triggers"], *data["near_misses"])), code


@pytest.mark.parametrize(("code", "case"), cases("triggers"))
def test_the_document_triggers_the_check(code: str, case: dict[str, Any]) -> None:
    text = text_of(case)
    found = [finding for finding in run(case) if finding.code == code]
    assert found, case["because"]
    for finding in found:
        assert finding.severity == CODES[code].severity
        assert "{" not in finding.message.replace('{"AWS"', "").replace("${", "")
        assert 0 <= finding.span.start_offset <= finding.span.end_offset <= max(len(text), 1)
        json.dumps(finding.as_dict())


@pytest.mark.parametrize(("code", "case"), cases("near_misses"))
def test_the_near_miss_does_not(code: str, case: dict[str, Any]) -> None:
    assert code not in {finding.code for finding in run(case)}, case["because"]


@pytest.mark.parametrize(("code", "case"), cases("triggers"))
def test_the_path_leads_to_the_place(code: str, case: dict[str, Any]) -> None:
    if code == "JSON_SYNTAX_ERROR":
        return
    root = parse(text_of(case))
    for finding in run(case):
        node = root
        for step in finding.path:
            following = node.items[step] if isinstance(step, int) else node.get(step)
            assert following is not None, finding
            node = following


@pytest.mark.parametrize(("code", "case"), cases("triggers"))
def test_a_quick_fix_removes_its_finding_and_brings_no_error(code: str, case: dict[str, Any]) -> None:
    text = text_of(case)
    before = run(case)
    for finding in before:
        if finding.fix is None:
            continue
        after = run(case, apply_edits(text, finding.fix.edits))
        assert sum(each.code == finding.code for each in after) < sum(each.code == finding.code for each in before)
        errors = {each.code for each in after if each.severity == "ERROR"}
        assert errors <= {each.code for each in before if each.severity == "ERROR"}, finding


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("StringEqual", "StringEquals"),
        ("stringlik", "StringLike"),
        ("ForAnyValue:StringEqualIfExists", "ForAnyValue:StringEqualsIfExists"),
        ("BolIfExist", "BoolIfExists"),
        ("NulIfExists", "Null"),
        ("ForSomeValues:StringEquals", None),  # which quantifier is meant nobody can tell
        ("Whatever", None),
    ],
)
def test_an_operator_that_does_not_exist_is_changed_to_the_nearest(written: str, meant: str | None) -> None:
    """Quantifier and IfExists stay, and so does what stands under the operator."""
    fixed = _operators_fixed({written: {"aws:PrincipalTag/x": "a"}})
    assert fixed == ([] if meant is None else [{meant: {"aws:PrincipalTag/x": "a"}}])


def test_an_operator_is_not_changed_to_one_that_is_there_already() -> None:
    """Of two members of one name JSON keeps one, whose condition would be all that is left."""
    for other in ("StringEquals", "stringequals"):
        assert _operators_fixed({"StringEqual": {"aws:username": "a"}, other: {"aws:PrincipalTag/x": "a"}}) == []
    assert _operators_fixed({"StringEqual": {"aws:username": "a"}, "StringEqualz": {"aws:PrincipalTag/x": "a"}})


def _operators_fixed(condition: dict[str, Any]) -> list[Any]:
    """What the condition is after each fix of its operators."""
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": condition}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)
    fixes = [each.fix for each in check(text, "identity") if each.code == "INVALID_CONDITION_OPERATOR" and each.fix]
    return [json.loads(apply_edits(text, fix.edits))["Statement"][0]["Condition"] for fix in fixes]
