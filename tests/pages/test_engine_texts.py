"""The engine's sentences in the reader's language: each is in the catalogues' list, as the engine says it, and nothing else is."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

import engine.validate
from engine.said import Said, counted, said
from engine.validate.codes import CODES
from pages import engine_texts
from pages.engine_texts import TEMPLATES, reason, translated

ENGINE = Path(settings.BASE_DIR) / "engine"
OF_A_CODE = {"code.message", "known.message"}  # the two places that say the sentence of a code


def calls() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every template in the engine's own text, with its place."""
    for path in sorted(ENGINE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"said", "counted"}:
                forms = node.args[: 2 if node.func.id == "counted" else 1]
                yield f"{path.name}:{node.lineno}", tuple(ast.unparse(form) for form in forms)


def templates() -> set[str | tuple[str, str]]:
    found: set[str | tuple[str, str]] = {code.message for code in CODES.values()}
    for place, written in calls():
        if set(written) <= OF_A_CODE:
            continue
        forms = [ast.literal_eval(form) for form in written]
        assert all(isinstance(form, str) for form in forms), f"{place}: a template that no list can hold"
        found.add(forms[0] if len(forms) == 1 else (forms[0], forms[1]))
    return found


def test_every_sentence_of_the_engine_is_listed_as_the_engine_says_it_and_no_other() -> None:
    assert templates() - TEMPLATES == set()
    assert TEMPLATES - templates() == set()


def test_the_label_of_every_fix_and_the_words_of_every_finding_are_sentences() -> None:
    """No place of the checks builds an English text by itself: what is left of them are names, numbers and data."""
    written = "\n".join(path.read_text() for path in (ENGINE / "validate").glob("*.py"))
    for node in ast.walk(ast.parse(written.replace("from __future__ import annotations", ""))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Fix":
            assert "said(" in ast.unparse(node.args[0]) or ast.unparse(node.args[0]) == "label"


@pytest.fixture
def german(monkeypatch: pytest.MonkeyPatch) -> None:
    words = {
        " Did you mean {name}?": " War {name} gemeint?",
        "The action {action} does not exist.{suggestion}": "Die Aktion {action} gibt es nicht.{suggestion}",
        "Change to {text}": "In {text} ändern",
        "the caller": "den Aufrufer",
        "the account": "das Konto",
        "Full: {full}; Limited: {limited}": "Ganz: {full}; zum Teil: {limited}",
        "List": "Auflisten",
    }
    monkeypatch.setattr(translation._trans, "gettext", lambda text: words.get(text, text))
    monkeypatch.setattr(
        translation._trans,
        "ngettext",
        lambda one, many, number: {
            "{number} statement allows, naming {whom}": "{number} Anweisung erlaubt und nennt {whom}"
        }.get(one if number == 1 else many, one if number == 1 else many),
    )


def test_a_finding_is_said_in_the_readers_language_with_its_parts(german: None) -> None:
    text = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObjekt","Resource":"*"}}'
    found = next(each for each in engine.validate.check(text, "identity") if each.code == "INVALID_ACTION")
    assert found.message == "The action s3:GetObjekt does not exist. Did you mean s3:GetObject?"
    assert translated(found.message) == "Die Aktion s3:GetObjekt gibt es nicht. War s3:GetObject gemeint?"
    assert found.fix is not None
    assert translated(found.fix.label) == "In s3:GetObject ändern"


def test_lists_within_a_sentence_are_said_part_by_part(german: None) -> None:
    words = said("Full: {full}; Limited: {limited}", full=[said("List")], limited=[said("Read"), said("Write")])
    assert words == "Full: List; Limited: Read, Write"
    assert translated(words) == "Ganz: Auflisten; zum Teil: Read, Write"


def test_the_reason_of_a_decision_is_said_as_it_is_made_and_as_it_is_recorded(german: None) -> None:
    one, many = "{number} statement allows, naming {whom}", "{number} statements allow, naming {whom}"
    fresh = counted(one, many, 1, whom=[said("the caller"), said("the account")])
    assert translated(fresh) == reason(fresh) == "1 Anweisung erlaubt und nennt den Aufrufer, das Konto"
    assert type(str(fresh)) is str
    assert reason(str(fresh)) == reason(fresh)
    assert reason("1 statement with Effect Deny matches") == "1 statement with Effect Deny matches"


def test_what_is_no_sentence_of_the_engine_stays_as_it_is(german: None) -> None:
    aws = "User: arn:aws:iam::123456789012:user/dora is not authorized to perform: iam:GetUser"
    assert translated(aws) == reason(aws) == aws
    assert translated(None) is None
    assert translated(12) == 12
    assert not isinstance(translated(aws), Said)


def test_braces_in_what_somebody_wrote_are_no_placeholders(german: None) -> None:
    text = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:{name}","Resource":"*"}}'
    found = engine.validate.check(text, "identity")
    assert any("s3:{name}" in engine_texts.translated(each.message) for each in found)
