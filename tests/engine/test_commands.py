"""`python -m engine check`, `summary` and `fmt`."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.__main__ import main
from engine.commands.documents import guess_kind

GOOD = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}'
BAD = '{"Version": "2012-10-17",\n "Statement": [{"Effect": "Allow", "Action": "s3:GetObjct", "Resource": "x"}]}'
TRUST = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "123456789012"}, '
    '"Action": "sts:AssumeRole"}]}'
)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    found = {}
    for name, text in {"good.json": GOOD, "bad.json": BAD, "trust.json": TRUST}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        found[name] = str(tmp_path / name)
    return found


def stdin(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def test_text(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", files["good.json"]]) == 0
    assert capsys.readouterr().out == ""
    assert main(["check", files["bad.json"]]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{files['bad.json']}:2:73: REFUSED MalformedPolicyDocument: Resource x must be")
    assert any(":2:46: ERROR INVALID_ACTION: " in line for line in lines)


def test_json(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--format", "json", files["good.json"], files["bad.json"]]) == 1
    good, bad = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert good == {"id": files["good.json"], "policy_type": "identity", "valid": True, "error": None, "findings": []}
    assert not bad["valid"]
    assert bad["error"]["code"] == "MalformedPolicyDocument"
    assert bad["error"]["message"] == 'Resource x must be in ARN format or "*".'
    assert (bad["error"]["line"], bad["error"]["column"]) == (2, 73)
    finding = next(each for each in bad["findings"] if each["code"] == "INVALID_ACTION")
    assert finding["severity"] == "ERROR"
    assert finding["path"] == ["Statement", 0, "Action"]
    assert (finding["line"], finding["column"]) == (2, 46)


def test_json_lines(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    lines: list[Any] = [
        {"id": "a", "document": json.loads(GOOD), "policy_type": "identity"},
        {"id": "b", "document_text": "{", "policy_type": "IDENTITY_POLICY"},
        {"id": "c", "document": json.loads(TRUST)},
        {"id": 4, "document": json.loads(GOOD), "policy_type": "SERVICE_CONTROL_POLICY"},
    ]
    stdin(monkeypatch, "\n".join(json.dumps(line) for line in lines))
    assert main(["check", "--format", "json"]) == 1
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(each["id"], each["policy_type"], each["valid"]) for each in found] == [
        ("a", "identity", True),
        ("b", "identity", False),
        ("c", "trust", True),
        (4, "scp", True),
    ]
    assert found[1]["error"]["message"] == "Syntax errors in policy."
    assert [each["code"] for each in found[1]["findings"]] == ["JSON_SYNTAX_ERROR"]


def test_a_bad_line_is_named_and_the_rest_go_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "many.jsonl"
    path.write_text(f'not json\n{{"id": 1}}\n{{"id": 2, "document": {GOOD}}}\n', encoding="utf-8")
    assert main(["check", "--format", "json", str(path)]) == 2
    output = capsys.readouterr()
    assert [json.loads(line)["id"] for line in output.out.splitlines()] == [2]
    assert f"{path}:1: not JSON" in output.err
    assert f"{path}:2: the line has neither" in output.err


def test_an_unreadable_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "latin").write_bytes(b"\xff")
    assert main(["check", str(tmp_path / "nowhere.json"), str(tmp_path / "latin")]) == 2
    assert capsys.readouterr().err.count("\n") == 2


def test_sarif(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--format", "sarif", files["bad.json"], files["good.json"]]) == 1
    log = json.loads(capsys.readouterr().out)
    assert log["version"] == "2.1.0"
    run = log["runs"][0]
    rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert {result["ruleId"] for result in run["results"]} == rules
    assert {"MalformedPolicyDocument", "INVALID_ACTION"} <= rules
    result = next(each for each in run["results"] if each["ruleId"] == "INVALID_ACTION")
    assert result["level"] == "error"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == files["bad.json"]
    assert place["region"] == {"startLine": 2, "startColumn": 46, "endLine": 2, "endColumn": 59}


def test_types_and_codes_can_be_asked_for(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--type", "trust", "--format", "json", files["good.json"]]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["error"]["message"] == "Missing required field Principal"
    assert "MISSING_PRINCIPAL" in {each["code"] for each in found["findings"]}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (GOOD, "identity"),
        (TRUST, "trust"),
        ('{"Statement": [{"Principal": "*", "Action": "s3:*", "Resource": "*"}]}', "resource"),
        ('{"Statement": {"Principal": "*", "Action": "ecr:*"}}', "resource"),
        ("{", "identity"),
        ("[]", "identity"),
        ('{"Statement": 7}', "identity"),
    ],
)
def test_guessing_the_kind(text: str, kind: str) -> None:
    assert guess_kind(text) == kind


def test_summary(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["summary", "--actions", files["good.json"]]) == 0
    text = capsys.readouterr().out
    assert "Amazon S3: Limited: Read | All resources | None" in text
    assert "GetObject (Read)" in text
    assert main(["summary", "--format", "json", files["good.json"]]) == 0
    assert json.loads(capsys.readouterr().out)["allow"][0]["prefix"] == "s3"


def test_summary_of_what_is_no_policy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.json"
    path.write_text('{"Statement": 7}', encoding="utf-8")
    assert main(["summary", str(path)]) == 1
    assert str(path) in capsys.readouterr().err


def test_fmt(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fmt", files["good.json"]]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(GOOD)
    assert main(["fmt", "--check", files["good.json"]]) == 1
    assert main(["fmt", "--write", files["good.json"]]) == 0
    assert main(["fmt", "--check", files["good.json"]]) == 0
    assert json.loads(Path(files["good.json"]).read_text(encoding="utf-8")) == json.loads(GOOD)


def test_fmt_of_nonsense(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.json"
    path.write_text("{", encoding="utf-8")
    assert main(["fmt", str(path)]) == 1
    assert main(["fmt", str(tmp_path / "nowhere")]) == 2
    assert "x.json:1:2" in capsys.readouterr().err
