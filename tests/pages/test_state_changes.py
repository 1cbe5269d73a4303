"""What changed between two states: one row a field, what joined and left a list, documents line by line."""

import re

from pages.components.state_changes import changes, changes_between


def rows(before: dict, after: dict) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    return [(row.name, row.removed, row.added) for row in changes_between(before, after)]


def test_only_fields_that_differ_are_shown() -> None:
    assert rows({"path": "/", "name": "dora"}, {"path": "/ops/", "name": "dora"}) == [("path", ("/",), ("/ops/",))]


def test_a_list_says_what_joined_and_left() -> None:
    before, after = {"groups": ["builders", "ops"]}, {"groups": ["ops", "finance"]}
    assert rows(before, after) == [("groups", ("builders",), ("finance",))]


def test_tags_are_told_apart_by_key_and_value() -> None:
    before, after = {"tags": {"team": "blue", "tier": "1"}}, {"tags": {"team": "red", "tier": "1"}}
    assert rows(before, after) == [("tags", ("team = blue",), ("team = red",))]


def test_what_was_created_has_no_row_for_what_is_empty() -> None:
    after = {"arn": "arn:aws:iam::123456789012:user/dora", "tags": {}, "description": "", "keys": []}
    assert rows({}, after) == [("arn", (), ("arn:aws:iam::123456789012:user/dora",))]


def test_yes_and_no_are_words_and_nought_is_a_number() -> None:
    assert rows({"reset": False}, {"reset": True, "off": 0}) == [("reset", ("no",), ("yes",)), ("off", (), ("0",))]


def test_documents_are_compared_line_by_line() -> None:
    before, after = '{\n  "Effect": "Allow"\n}', '{\n  "Effect": "Deny"\n}'
    html = str(changes({"document": before}, {"document": after}))
    assert re.findall(r'<tr class="(\w+)"', html) == ["same", "removed", "added", "same"]


def test_what_is_shown_is_escaped() -> None:
    html = str(changes({}, {"description": "<script>"}))
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_equal_states_say_so() -> None:
    assert "Nothing changed." in str(changes({"path": "/"}, {"path": "/"}))
