"""Behaviour as data: each case in `cases/` names its rule in `because`. Once through Python, once through the command line."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from engine import Decision
from tests.engine import oracle
from tests.engine.runner import CASES, decide, read_cases

ROOT = Path(__file__).parents[2]
ALL = list(read_cases())
FILES = sorted(CASES.glob("*/*.json"))


@cache
def by_command_line(*options: str) -> dict[str, dict[str, Any]]:
    """All cases in one process, as JSON lines; the answers come in order."""
    lines = "".join(json.dumps({key: value for key, value in case.items() if key != "expected"}) + "\n" for case in ALL)
    done = subprocess.run(
        [sys.executable, "-m", "engine", "decide", *options, "-"],
        cwd=ROOT,
        input=lines,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["id"] for answer in answers] == [case["id"] for case in ALL]
    return {answer["id"]: answer for answer in answers}


def matches(wanted: dict[str, Any], found: list[dict[str, Any]]) -> bool:
    return any(wanted.items() <= each.items() for each in found)


def check(case: dict[str, Any], answer: dict[str, Any]) -> None:
    expected, because = case["expected"], case["because"]
    assert answer["decision"] == expected["decision"], because
    if "blocked_by" in expected:
        assert set(answer["blocked_by"]) == set(expected["blocked_by"]), because
    if answer["decision"] == "allowed":
        assert not answer["blocked_by"], because
    if "matched" in expected:
        assert all(matches(each, answer["matched"]) for each in expected["matched"]), because
        assert len(answer["matched"]) == len(expected["matched"]), because
    if "missing_context" in expected:
        missing = {key.lower() for key in answer["missing_context"]}
        assert missing == {key.lower() for key in expected["missing_context"]}, because


def answer_of(decision: Decision) -> dict[str, Any]:
    return {
        "decision": decision.outcome,
        "blocked_by": list(decision.blocked_by),
        "matched": decision.as_dict()["matched"],
        "missing_context": list(decision.missing_context),
    }


def test_ids_are_unique_and_every_case_names_its_rule() -> None:
    ids = [case["id"] for case in ALL]
    assert len(set(ids)) == len(ids)
    assert all(len(case["because"]) > 8 for case in ALL)
    assert len(ALL) > 1000
    assert {path.suffix for path in CASES.glob("*/*")} == {".json"}


@pytest.mark.parametrize("feature", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_cases(feature: Path) -> None:
    """One test per file: every case in it is decided, and all that fail are named."""
    failures = []
    for case in json.loads(feature.read_text(encoding="utf-8")):
        decision = decide(case)
        assert decision.allowed == (decision.outcome == "allowed")
        try:
            check(case, answer_of(decision))
        except AssertionError as error:
            failures.append(f"{case['id']}: {error}")
    assert not failures, "\n\n".join(failures)


def test_the_explanation_comes_to_the_same_decision() -> None:
    for case in ALL:
        decision = decide(case, trace=True)
        check(case, answer_of(decision))
        assert decision.trace is not None
        json.dumps(decision.trace.as_dict(), allow_nan=False)


def test_the_command_line_decides_alike() -> None:
    answers = by_command_line()
    for case in ALL:
        check(case, answers[case["id"]])


def test_the_command_line_explains_every_case() -> None:
    answers = by_command_line("--trace")
    for case in ALL:
        check(case, answers[case["id"]])
        assert answers[case["id"]]["trace"], case["id"]


def test_the_second_evaluator_decides_alike() -> None:
    """The oracle of the laws is measured against the data too; it has no catalogue of actions."""
    for case in ALL:
        if case["id"] != "wild-catalogue":
            assert oracle.decide(case) == case["expected"]["decision"], case["because"]


BAD_LINES = [
    "{",
    "[]",
    "null",
    '"x"',
    "{}",
    '{"id": "a"}',
    '{"id": "a", "request": 7}',
    '{"id": "a", "request": {}}',
    '{"id": "a", "request": {"principal": 7, "action": "s3:GetObject", "resource": "*"}}',
    '{"id": "a", "request": {"principal": null, "action": null, "resource": "*"}}',
    '{"id": "a", "request": {"principal": null, "action": "s3:GetObject"}}',
    '{"id": "a", "request": {"principal": "arn:aws:iam::111122223333:group/g", "action": "s3:GetObject", "resource": "*"}}',
    '{"id": "a", "request": {"principal": null, "action": "s3:GetObject", "resource": "*", "context": []}}',
    '{"id": "a", "request": {"principal": null, "action": "s3:GetObject", "resource": "*", "context": {"a": {"b": 1}}}}',
    '{"id": "a", "identity_policies": {}, "request": {"principal": null, "action": "s3:GetObject", "resource": "*"}}',
    '{"id": "a", "identity_policies": [7], "request": {"principal": null, "action": "s3:GetObject", "resource": "*"}}',
    '{"id": "a", "resource_policy": {"Statement": 7}, "request": {"principal": null, "action": "a:b", "resource": "*"}}',
    '{"id": "a", "service_control_policies": [7], "request": {"principal": null, "action": "s3:GetObject", "resource": "*"}}',
    "[" * 5000,
    '{"id": "a", "request": NaN}',
    '{"id": "a", "id": "b", "request": {"principal": null, "action": "s3:GetObject", "resource": "*"}}',
]


def test_a_bad_line_is_reported_and_the_rest_go_on() -> None:
    good = json.dumps({key: value for key, value in ALL[0].items() if key != "expected"})
    bad = [line.encode() for line in BAD_LINES] + [b'{"id": "\xff"}', b"\x00", "\ufeff{}".encode()]
    lines = b"".join(line + b"\n" + good.encode() + b"\n" for line in bad)
    done = subprocess.run(
        [sys.executable, "-m", "engine", "decide", "-"],
        cwd=ROOT,
        input=lines,
        capture_output=True,
        timeout=60,
        check=False,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == 2 * len(bad), done.stderr
    for index, line in enumerate(bad):
        assert set(answers[2 * index]) == {"id", "error"}, line
        assert answers[2 * index]["error"], line
        assert answers[2 * index + 1]["decision"] == ALL[0]["expected"]["decision"], line
    assert answers[2 * BAD_LINES.index('{"id": "a"}')]["id"] == "a"


def test_empty_lines_are_no_cases_and_files_are_read_in_order(tmp_path: Path) -> None:
    good = [json.dumps({key: value for key, value in case.items() if key != "expected"}) for case in ALL[:3]]
    path = tmp_path / "cases.jsonl"
    path.write_text(f"{good[0]}\n\n{good[1]}\n   \n{good[2]}", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "engine", "decide", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [case["id"] for case in ALL[:3]]
