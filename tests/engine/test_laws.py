"""Laws that hold for every policy and request, whatever the rules in detail say."""

import copy
import json
import random
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from engine import Policy
from engine.arn import ArnPattern
from engine.pattern import matcher, tokens_of
from tests.engine import oracle, strategies
from tests.engine.profile import often, rarely
from tests.engine.runner import decide

WIDTH = {"explicitDeny": 0, "implicitDeny": 0, "allowed": 1}
LISTS = ("permission_boundaries", "session_policies", "vpc_endpoint_policies")
LEVELS = ("service_control_policies", "resource_control_policies")


def outcome(case: dict[str, Any]) -> str:
    return decide(case).outcome


def documents_of(case: dict[str, Any]) -> list[dict[str, Any]]:
    """Every document of a case, in place."""
    found = [each["document"] for each in case["identity_policies"]]
    found += [each for key in LISTS for each in case[key] or ()]
    found += [each for key in LEVELS for level in case[key] or () for each in level]
    return found + ([case["resource_policy"]] if case["resource_policy"] else [])


def statements_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    given = document["Statement"]
    return given if isinstance(given, list) else [given]


def with_statement(case: dict[str, Any], chosen: int, statement: dict[str, Any]) -> dict[str, Any]:
    """The case with one more statement in one of its documents (or in an identity policy of its own)."""
    changed = copy.deepcopy(case)
    documents = documents_of(changed)
    if not documents:
        changed["identity_policies"] = [{"name": "added", "document": {"Version": "2012-10-17", "Statement": statement}}]
        return changed
    document = documents[chosen % len(documents)]
    document["Statement"] = [*statements_of(document), statement]
    return changed


def added(case: dict[str, Any], effect: str) -> st.SearchStrategy[dict[str, Any]]:
    def ready(statement: dict[str, Any]) -> dict[str, Any]:
        return {**{key: value for key, value in statement.items() if key not in ("Principal", "NotPrincipal")}, "Effect": effect}

    return strategies.statement(case["request"]).map(ready)


@often
@given(strategies.cases())
def test_the_engine_decides_like_the_plain_evaluator(case: dict[str, Any]) -> None:
    assert outcome(case) == oracle.decide(case)


@rarely
@given(strategies.cases())
def test_the_explanation_decides_like_the_quick_way(case: dict[str, Any]) -> None:
    quick, explained = decide(case), decide(case, trace=True)
    assert explained.as_dict() | {"trace": None} == quick.as_dict() | {"trace": None}


@rarely
@given(strategies.cases(), st.data())
def test_adding_a_deny_never_widens(case: dict[str, Any], data: st.DataObject) -> None:
    statement = data.draw(added(case, "Deny"))
    if case["resource_policy"] and data.draw(st.booleans()):
        changed = copy.deepcopy(case)
        changed["resource_policy"]["Statement"] = [
            *statements_of(changed["resource_policy"]),
            {**statement, "Principal": data.draw(strategies.named(case["request"]["principal"]))},
        ]
    else:
        changed = with_statement(case, data.draw(st.integers(0, 9)), statement)
    before, after = outcome(case), outcome(changed)
    assert WIDTH[after] <= WIDTH[before]
    assert before != "explicitDeny" or after == "explicitDeny"


@rarely
@given(strategies.cases(), st.data())
def test_adding_an_allow_never_narrows(case: dict[str, Any], data: st.DataObject) -> None:
    changed = with_statement(case, data.draw(st.integers(0, 9)), data.draw(added(case, "Allow")))
    before, after = outcome(case), outcome(changed)
    assert WIDTH[after] >= WIDTH[before]
    assert (before == "explicitDeny") == (after == "explicitDeny")


@rarely
@given(strategies.cases())
def test_a_limit_never_widens(case: dict[str, Any]) -> None:
    """Boundary, service control, resource control and endpoint policies only take away."""
    for key in ("permission_boundaries", "vpc_endpoint_policies", *LEVELS):
        if case[key]:
            assert WIDTH[outcome(case)] <= WIDTH[outcome({**case, key: None})], key


def shuffled(case: dict[str, Any], order: random.Random) -> dict[str, Any]:
    changed = copy.deepcopy(case)
    for document in documents_of(changed):
        document["Statement"] = statements_of(document)
        order.shuffle(document["Statement"])
        for statement in document["Statement"]:
            for element, value in list(statement.items()):
                if isinstance(value, list):
                    order.shuffle(value)
                statement.pop(element)
                statement[element] = value
    order.shuffle(changed["identity_policies"])
    for key in LISTS:
        if changed[key]:
            order.shuffle(changed[key])
    for key in LEVELS:
        for level in changed[key] or ():
            order.shuffle(level)
    return changed


@rarely
@given(strategies.cases(), st.integers(0, 1000))
def test_order_does_not_matter(case: dict[str, Any], seed: int) -> None:
    assert outcome(shuffled(case, random.Random(seed))) == outcome(case)


@rarely
@given(strategies.cases(), st.integers(0, 1000))
def test_splitting_a_document_does_not_matter(case: dict[str, Any], seed: int) -> None:
    changed = copy.deepcopy(case)
    changed["identity_policies"] = [
        {"name": each["name"], "document": {**each["document"], "Statement": statement}}
        for each in case["identity_policies"]
        for statement in statements_of(each["document"])
    ]
    assert outcome(changed) == outcome(case)


@rarely
@given(strategies.cases())
def test_the_canonical_form_decides_alike(case: dict[str, Any]) -> None:
    from engine.canonical import canonical

    changed = copy.deepcopy(case)
    for document in documents_of(changed):
        written = json.loads(canonical(Policy.from_value(document)))
        document.clear()
        document.update(written)
    assert outcome(changed) == outcome(case)


@rarely
@given(strategies.request_of().flatmap(lambda request: strategies.document(request, with_principal=True)), st.sampled_from([None, 2, 4]))
def test_what_is_read_is_what_was_written(document: dict[str, Any], indent: int | None) -> None:
    text = json.dumps(document, indent=indent)
    policy = Policy.parse(text)
    assert policy.text == text
    assert policy.value == document
    again = Policy.parse(Policy.from_value(document).text)
    assert again.value == document
    assert again.statements == policy.statements
    for statement in policy.statements:
        span = statement.span
        assert json.loads(text[span.start_offset : span.end_offset]) == statements_of(document)[statement.index]


ALPHABET = "ab:/*?"


@often
@given(st.text(ALPHABET, max_size=12), st.text("ab:/", max_size=16))
def test_wildcards_match_like_the_table(pattern: str, text: str) -> None:
    found = matcher(tokens_of(pattern, variables=False))(text)
    assert found == oracle.like(pattern, text)


@st.composite
def pattern_of_text(draw: st.DrawFn) -> tuple[str, str]:
    """A text and a pattern made out of it, so that most of them match or nearly do."""
    text = draw(st.text("ab", min_size=1, max_size=150))
    pieces = []
    position = 0
    while position < len(text):
        step = draw(st.integers(1, 40))
        pieces.append(draw(st.sampled_from([text[position : position + step], "*", "?" * step, "*?", text[position : position + 1] + "*"])))
        position += step
    return text, "".join(pieces)


@often
@given(pattern_of_text())
def test_long_patterns_match_like_the_table(drawn: tuple[str, str]) -> None:
    text, pattern = drawn
    assert matcher(tokens_of(pattern, variables=False))(text) == oracle.like(pattern, text)


FIELDS = st.sampled_from(["", "a", "ab", "*", "?", "a*", "*b", "a?"])
PLAIN = st.sampled_from(["", "a", "ab", "b", "abb"])


@often
@given(st.lists(FIELDS, min_size=1, max_size=8), st.lists(PLAIN, min_size=1, max_size=8))
def test_arns_match_field_by_field(pattern: list[str], text: list[str]) -> None:
    found = ArnPattern(":".join(pattern), variables=True)
    assert found.matches(":".join(text), lambda variable: None) == oracle.arn_like(":".join(pattern), ":".join(text), {}, True)


@rarely
@given(st.text("a*?${},' ", max_size=14), st.text("a*?${},' ", max_size=10), st.sampled_from(["", "a", "*", "${a}"]))
def test_variables_and_escapes_resolve_like_the_table(pattern: str, text: str, value: str) -> None:
    context = {"a": [value]} if value else {}
    signs = oracle.substitute(pattern, context, True, True)
    wanted = signs is not None and oracle.glob(signs, text)
    found = ArnPattern("arn:aws:s3:::" + pattern, variables=True)
    assert found.matches("arn:aws:s3:::" + text, lambda each: context.get(each.key, [each.default])[0]) == wanted
    assume(bool(pattern))
