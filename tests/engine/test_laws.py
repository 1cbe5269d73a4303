"""Laws that hold for every policy and request, whatever the rules in detail say."""

import copy
import json
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import NOT_CONSIDERED, Policies, Policy, Principal, Request, evaluate
from engine.canonical import canonical, fmt
from engine.reverse import WhoCan
from tests.engine import oracle, oracle_conditions, random_cases
from tests.engine.profile import often, rarely
from tests.engine.runner import decide, policies_of, request_of

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
        changed["identity_policies"] = [
            {"name": "added", "document": {"Version": "2012-10-17", "Statement": statement}}
        ]
        return changed
    document = documents[chosen % len(documents)]
    document["Statement"] = [*statements_of(document), statement]
    return changed


def added(r: Random, case: dict[str, Any], effect: str) -> dict[str, Any]:
    return {**random_cases.statement(r, case["request"]), "Effect": effect}


def shuffled(r: Random, case: dict[str, Any]) -> dict[str, Any]:
    changed = copy.deepcopy(case)
    for document in documents_of(changed):
        document["Statement"] = statements_of(document)
        r.shuffle(document["Statement"])
        for statement in document["Statement"]:
            for element, value in r.sample(list(statement.items()), len(statement)):
                if isinstance(value, list):
                    r.shuffle(value)
                statement.pop(element)
                statement[element] = value
    r.shuffle(changed["identity_policies"])
    for policies in [changed[key] for key in LISTS] + [level for key in LEVELS for level in changed[key] or ()]:
        r.shuffle(policies or [])
    return changed


def engine_equals_the_plain_evaluator(r: Random) -> None:
    case = random_cases.case(r)
    assert outcome(case) == oracle.decide(case)


def explaining_decides_alike(r: Random) -> None:
    case = random_cases.case(r)
    quick, explained = decide(case), decide(case, trace=True)
    assert explained.as_dict() | {"trace": None} == quick.as_dict() | {"trace": None}
    assert explained.explanation.outcome == quick.outcome


def adding_a_deny_never_widens(r: Random) -> None:
    case = random_cases.case(r)
    statement = added(r, case, "Deny")
    if case["resource_policy"] and r.randint(0, 1):
        changed = copy.deepcopy(case)
        statement["Principal"] = random_cases.named(r, case["request"]["principal"])
        changed["resource_policy"]["Statement"] = [*statements_of(changed["resource_policy"]), statement]
    else:
        changed = with_statement(case, r.randint(0, 9), statement)
    before, after = outcome(case), outcome(changed)
    assert WIDTH[after] <= WIDTH[before]
    assert before != "explicitDeny" or after == "explicitDeny"


def adding_an_allow_never_narrows(r: Random) -> None:
    case = random_cases.case(r)
    changed = with_statement(case, r.randint(0, 9), added(r, case, "Allow"))
    before, after = outcome(case), outcome(changed)
    assert WIDTH[after] >= WIDTH[before]
    assert (before == "explicitDeny") == (after == "explicitDeny")


def a_limit_never_widens(r: Random) -> None:
    """Boundaries, session, service control, resource control and endpoint policies only take away."""
    case = random_cases.case(r)
    federated = ":federated-user/" in str(case["request"]["principal"])
    for key in (*LISTS, *LEVELS):
        if case[key] and not (federated and key == "session_policies"):
            assert WIDTH[outcome(case)] <= WIDTH[outcome({**case, key: None})], key


def order_does_not_matter(r: Random) -> None:
    case = random_cases.case(r)
    assert outcome(shuffled(r, case)) == outcome(case)


def splitting_documents_does_not_matter(r: Random) -> None:
    case = random_cases.case(r)
    changed = copy.deepcopy(case)
    changed["identity_policies"] = [
        {"name": each["name"], "document": {**each["document"], "Statement": statement}}
        for each in case["identity_policies"]
        for statement in statements_of(each["document"])
    ]
    assert outcome(changed) == outcome(case)


def rewritten(case: dict[str, Any], rewrite: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    changed = copy.deepcopy(case)
    for document in documents_of(changed):
        written = rewrite(document)
        document.clear()
        document.update(written)
    return changed


def who_can_asks_everybody(r: Random) -> None:
    """The question turned round equals asking each principal in turn."""
    asked = random_cases.request(r)
    shared = [random_cases.document(r, asked) for _ in range(4)]
    ready = [Policy.from_value(each) for each in shared]
    holders: dict[str, Policies] = {}
    for name in range(12):
        arn = r.choice((f"arn:aws:iam::{random_cases.A}:user/u{name}", f"arn:aws:iam::{random_cases.B}:role/r{name}"))
        limits = [r.choice(ready)] if r.randint(0, 3) == 0 else []
        holders[arn] = Policies(identity=r.sample(ready, r.randint(0, 3)), boundaries=limits, resource=NOT_CONSIDERED)
    found = WhoCan(holders).ask(asked["action"], asked["resource"], asked["context"])
    one_by_one = [
        arn
        for arn, policies in holders.items()
        if evaluate(
            Request(Principal.from_arn(arn), asked["action"], asked["resource"], asked["context"]), policies
        ).allowed
    ]
    assert sorted(found) == sorted(one_by_one)


def the_canonical_form_decides_alike(r: Random) -> None:
    case = random_cases.case(r)
    assert outcome(rewritten(case, lambda document: canonical(Policy.from_value(document)))) == outcome(case)


def the_canonical_form_is_canonical(r: Random) -> None:
    """Writing it again changes nothing, nor do the order of values, lists of one and the order of elements."""
    document = random_cases.document(r, random_cases.request(r), with_principal=True)
    for statement in statements_of(document):
        for operator, keys in statement.get("Condition", {}).items():  # one key in two spellings has no one form
            statement["Condition"][operator] = {key.lower(): value for key, value in keys.items()}
    written = canonical(Policy.from_value(document))
    assert canonical(Policy.from_value(written)) == written
    turned = copy.deepcopy(document)
    for statement in statements_of(turned):
        for element, value in r.sample(list(statement.items()), len(statement)):
            del statement[element]
            statement[element] = value[::-1] if isinstance(value, list) else [value] if "Action" in element else value
    assert canonical(Policy.from_value(turned)) == written


def formatting_changes_nothing(r: Random) -> None:
    document = random_cases.document(r, random_cases.request(r), with_principal=True)
    text = json.dumps(document)
    assert json.loads(fmt(text)) == document
    assert fmt(fmt(text)) == fmt(text)


def one_preparation_serves_many_requests(r: Random) -> None:
    """Policies are prepared once and kept: what an earlier request left behind must not change a later answer."""
    case = random_cases.case(r)
    policies = policies_of(case)
    for _ in range(4):
        asked = {**case, "request": random_cases.case(r)["request"]}
        assert evaluate(request_of(asked), policies).outcome == oracle.decide(asked)


def kept_decisions_are_the_same_decisions(r: Random) -> None:
    case = random_cases.case(r)
    plain, keeping = policies_of(case), policies_of(case, cache_decisions=True)
    requests = [random_cases.request(r) for _ in range(3)]
    for asked in [*requests, *requests, case["request"]]:
        request = request_of({"request": asked})
        assert evaluate(request, keeping).outcome == evaluate(request, plain).outcome


def what_is_read_is_what_was_written(r: Random) -> None:
    document = random_cases.document(r, random_cases.request(r), with_principal=True)
    text = json.dumps(document, indent=r.choice((None, 2, 4)))
    policy = Policy.parse(text)
    assert policy.text == text
    assert policy.value == document
    again = Policy.parse(Policy.from_value(document).text)
    assert again.value == document
    assert again.statements == policy.statements
    for statement in policy.statements:
        span = statement.span
        assert json.loads(text[span.start_offset : span.end_offset]) == statements_of(document)[statement.index]


LAWS = (
    engine_equals_the_plain_evaluator,
    explaining_decides_alike,
    adding_a_deny_never_widens,
    adding_an_allow_never_narrows,
    a_limit_never_widens,
    order_does_not_matter,
    splitting_documents_does_not_matter,
    who_can_asks_everybody,
    the_canonical_form_decides_alike,
    the_canonical_form_is_canonical,
    formatting_changes_nothing,
    one_preparation_serves_many_requests,
    kept_decisions_are_the_same_decisions,
    what_is_read_is_what_was_written,
)


@pytest.mark.parametrize("law", LAWS)
def test_laws_on_many_seeds(law: Callable[[Random], None]) -> None:
    for seed in range(100):
        try:
            law(Random(seed))
        except AssertionError as error:
            raise AssertionError(f"{law.__name__} fails for Random({seed})") from error


@pytest.mark.parametrize("law", LAWS)
@rarely
@given(r=st.randoms(use_true_random=False))
def test_laws_with_examples_that_shrink(law: Callable[[Random], None], r: Random) -> None:
    law(r)


def test_many_statements_decide_like_the_plain_evaluator() -> None:
    """So many that they are found by index: by exact text, beginning, rarest word or rarest letters."""
    outcomes = set()
    for seed in range(40):
        case, requests = random_cases.many_statements(Random(seed))
        policies = policies_of(case)
        for asked in requests:
            decided = evaluate(request_of({"request": asked}), policies).outcome
            outcomes.add(decided)
            assert decided == oracle.decide({**case, "request": asked}), (seed, asked)
    assert len(outcomes) == 3


def test_the_engine_decides_like_the_plain_evaluator_on_thousands_of_cases() -> None:
    outcomes = set()
    for seed in range(1000, 2500):
        case = random_cases.case(Random(seed))
        decided = outcome(case)
        outcomes.add(decided)
        assert decided == oracle.decide(case), (seed, case)
    assert len(outcomes) == 3


def holds(statement: dict[str, Any], resource: str, context: dict[str, str], version: str) -> bool:
    policy = Policy.from_value({"Version": version, "Statement": {"Effect": "Allow", "Action": "*", **statement}})
    request = Request(Principal.from_arn("arn:aws:iam::111122223333:user/alice"), "acme:Do", resource, context)
    return evaluate(request, Policies(identity=[policy], resource=NOT_CONSIDERED)).allowed


def resource_holds(pattern: str, text: str, context: dict[str, str]) -> bool:
    return holds({"Resource": pattern}, text, context, "2012-10-17")


def string_like(pattern: str, text: str) -> bool:
    return holds({"Resource": "*", "Condition": {"StringLike": {"x:y": pattern}}}, "*", {"x:y": text}, "2008-10-17")


ALPHABET = "ab:/*?"


@often
@given(st.text(ALPHABET, max_size=12), st.text("ab:/", max_size=16))
def test_wildcards_match_like_the_table(pattern: str, text: str) -> None:
    found = string_like(pattern, text)
    assert found == oracle_conditions.like(pattern, text)


@st.composite
def pattern_of_text(draw: st.DrawFn) -> tuple[str, str]:
    """A text and a pattern made out of it, so that most of them match or nearly do."""
    text = draw(st.text("ab", min_size=1, max_size=150))
    pieces = []
    position = 0
    while position < len(text):
        step = draw(st.integers(1, 40))
        pieces.append(
            draw(
                st.sampled_from(
                    [text[position : position + step], "*", "?" * step, "*?", text[position : position + 1] + "*"]
                )
            )
        )
        position += step
    return text, "".join(pieces)


@often
@given(pattern_of_text())
def test_long_patterns_match_like_the_table(drawn: tuple[str, str]) -> None:
    text, pattern = drawn
    assert string_like(pattern, text) == oracle_conditions.like(pattern, text)


FIELDS = st.sampled_from(["", "a", "ab", "*", "?", "a*", "*b", "a?"])
PLAIN = st.sampled_from(["", "a", "ab", "b", "abb"])


@often
@given(st.lists(FIELDS, min_size=1, max_size=8), st.lists(PLAIN, min_size=1, max_size=8))
def test_arns_match_field_by_field(pattern: list[str], text: list[str]) -> None:
    wanted, given_text = ":".join(pattern), ":".join(text)
    assert resource_holds(wanted, given_text, {}) == oracle_conditions.arn_like(wanted, given_text, {}, True)


@often
@given(st.text("a*?${},' ", max_size=14), st.text("a*?${},' ", max_size=10), st.sampled_from(["", "a", "*", "${a}"]))
def test_variables_and_escapes_resolve_like_the_table(pattern: str, text: str, value: str) -> None:
    context = {"a": [value]} if value else {}
    signs = oracle_conditions.substitute(pattern, context, True, True)
    wanted = signs is not None and oracle_conditions.glob(signs, text)
    assert resource_holds("arn:aws:s3:::" + pattern, "arn:aws:s3:::" + text, {"a": value} if value else {}) == wanted
