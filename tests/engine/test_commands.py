"""`python -m engine`: decide and bench."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.__main__ import main
from engine.decide import answers

USER = "arn:aws:iam::111122223333:user/alice"
READ = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}


def case(**changes: Any) -> dict[str, Any]:
    request = {
        "principal": USER,
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::b/k",
        **changes.pop("request", {}),
    }
    return {"id": "c", "identity_policies": [{"name": "Read", "document": READ}], "request": request, **changes}


def answer(given: Any, *, trace: bool = False) -> dict[str, Any]:
    line = given if isinstance(given, str | bytes) else json.dumps(given)
    (found,) = answers([line], trace=trace)
    return dict(json.loads(found))


def test_a_case_is_answered() -> None:
    assert answer(case()) == {
        "id": "c",
        "decision": "allowed",
        "blocked_by": [],
        "matched": [{"policy": "Read", "kind": "identity", "statement": 0, "effect": "Allow"}],
        "missing_context": [],
    }


def test_every_layer_is_read() -> None:
    deny = {"Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Principal": "*"}]}
    found = answer(
        case(
            resource_policy=deny,
            permission_boundaries=[deny],
            session_policies=[deny],
            vpc_endpoint_policies=[deny],
            service_control_policies=[[READ], [deny]],
            resource_control_policies=[[deny]],
        )
    )
    assert found["decision"] == "explicitDeny"
    assert found["blocked_by"] == ["scp", "rcp", "vpce", "resource", "boundary", "session"]
    assert [match["policy"] for match in found["matched"]] == [
        "service_control_policies[1][0]",
        "resource_control_policies[0][0]",
        "vpc_endpoint_policies[0]",
        "resource_policy",
        "permission_boundaries[0]",
        "session_policies[0]",
    ]


def test_a_trace_is_given_when_asked() -> None:
    assert answer(case(), trace=True)["trace"]["stages"][1]["name"] == "identity"


def test_documents_may_be_text_and_values_numbers() -> None:
    document = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"NumericEquals": {"x:y": 1.50}}}}'
    given = case(identity_policies=[{"name": "text", "document": document}], request={"context": {"x:y": 1.5}})
    assert answer(given)["decision"] == "allowed"


def test_the_context_says_more_about_the_caller() -> None:
    trust = {"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "AIDAALICE"}}}
    request = {
        "action": "sts:AssumeRole",
        "resource": "arn:aws:iam::111122223333:role/r",
        "context": {"aws:userid": "AIDAALICE"},
    }
    assert answer(case(resource_policy=trust, request=request))["decision"] == "allowed"
    session = {
        **request,
        "principal": "arn:aws:sts::111122223333:assumed-role/app/s",
        "context": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/path/app"},
    }
    trust["Statement"]["Principal"]["AWS"] = "arn:aws:iam::111122223333:role/path/app"  # type: ignore[index]
    assert answer(case(resource_policy=trust, request=session))["decision"] == "allowed"


@pytest.mark.parametrize(
    ("given", "identifier", "words"),
    [
        ("nonsense", None, "value is expected"),
        ("[]", None, "JSON object"),
        ('{"id": 1.5}', 1.5, "request"),
        ('{"id": "a", "id": "b"}', None, "twice"),
        (b'{"id": "\xff"}', None, "UTF-8"),
        (case(request={"action": 5}), "c", "request.action"),
        (case(request={"principal": "arn:aws:s3:::b"}), "c", "not a principal"),
        (case(request={"principal": 5}), "c", "request.principal"),
        (case(request={"context": []}), "c", "request.context"),
        (case(request={"context": {"a": {}}}), "c", "value of a"),
        (case(request={"context": {"a": "b", "A": "c"}}), "c", "twice"),
        (case(request={"management_account": "yes"}), "c", "management_account"),
        (case(request={"resource_account": 5}), "c", "resource_account"),
        (case(identity_policies={}), "c", "identity_policies"),
        (case(identity_policies=[READ]), "c", "name and document"),
        (case(identity_policies=[{"name": 1, "document": READ}]), "c", "name is a string"),
        (case(identity_policies=[{"name": "x", "document": {}}]), "c", "no Statement"),
        (case(resource_policy=[]), "c", "resource_policy"),
        (case(permission_boundaries=READ), "c", "list of policy documents"),
        (case(service_control_policies=[READ]), "c", "list of levels"),
    ],
)
def test_a_bad_line_is_answered_with_its_error(given: Any, identifier: Any, words: str) -> None:
    found = answer(given)
    assert found["id"] == identifier
    assert words in found["error"]


def test_cases_come_from_a_file_or_standard_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"{json.dumps(case())}\n\nbad\r\n{json.dumps(case(id=2, request={'action': 's3:PutObject'}))}"
    cases = tmp_path / "cases.jsonl"
    cases.write_text(text, encoding="utf-8")
    assert main(["decide", str(cases)]) == 0
    from_file = capsys.readouterr().out
    assert [json.loads(line).get("decision") for line in from_file.splitlines()] == ["allowed", None, "implicitDeny"]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert main(["decide", "-"]) == 0
    assert capsys.readouterr().out == from_file
    assert main(["decide", str(tmp_path / "missing")]) == 2


def workload(**changes: Any) -> dict[str, Any]:
    boundary = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}
    return {
        "workload": "w",
        "kind": "decide",
        "principals": {
            USER: {"identity_policies": [{"name": "Read", "document": READ}], "permission_boundary": boundary},
            f"{USER}2": {"identity_policies": [{"name": "Read", "document": READ}], "permission_boundary": None},
        },
        "requests": [
            {"principal": USER, "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k", "context": {}},
            {"principal": f"{USER}2", "action": "s3:PutObject", "resource": "arn:aws:s3:::b/k"},
            {"principal": f"{USER}3", "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k"},
        ],
        "queries": [{"action": "s3:GetObject", "resource": "arn:aws:s3:::b/k", "context": {}}],
        **changes,
    }


@pytest.mark.parametrize(
    ("kind", "decisions"),
    [("decide", ["allow", "implicit_deny", "implicit_deny"]), ("reverse", [[USER, f"{USER}2"]])],
)
def test_a_workload_is_measured(
    kind: str, decisions: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BENCH_BUDGET_S", "0.05")
    path = tmp_path / "workload.json"
    path.write_text(json.dumps(workload(kind=kind)), encoding="utf-8")
    assert main(["bench", str(path)]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found.pop("decisions") == decisions
    assert found.pop("workload") == "w"
    assert set(found) == {"decisions_per_s", "p50_us", "p99_us", "cold_decisions_per_s", "load_ms", "rss_engine_mb"}
    assert all(found[name] > 0 for name in ("decisions_per_s", "p50_us", "p99_us", "cold_decisions_per_s", "load_ms"))


def test_what_is_no_workload_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "workload.json"
    for text in ("[", "[]", "{}"):
        path.write_text(text, encoding="utf-8")
        assert main(["bench", str(path)]) == 2
    assert main(["bench", str(tmp_path / "missing")]) == 2
    assert str(path) in capsys.readouterr().err
