"""Everything in a question that cannot be asked, part by part, so that a form says all of it at once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from access.simulation import given
from access.simulator.actions import actions_of
from access.simulator.asking import asked_of, resources_of, simulation_of
from access.simulator.documents import documents_in
from access.simulator.question import TEXTS, Question
from access.simulator.subject import Subject
from operations.errors import InvalidInput

BOUNDARY = "boundary"  # the key of the stored one, which does not count where another is given


@dataclass(frozen=True)
class Problem:
    """An error with its place: a field of the form, the policy that was edited (`edited`, its key), or a context key (`key`)."""

    error: InvalidInput
    field: str | None = None
    edited: str = ""
    key: str = ""


def problems_in(question: Question, subject: Subject) -> Iterator[Problem]:
    """The errors of all parts of a question, each part looked at by itself."""
    for number, text in enumerate(documents_in(question.policies), 1):
        yield from _tried(partial(given, text, f"PolicyInputList.{number}"), field="policy")
    for field in ("boundary", "resource_policy", "owner", "scp"):
        yield from _tried(_simulating(subject, **{TEXTS[field]: getattr(question, TEXTS[field])}), field=field)
    for edit in question.edited.items():
        replaced = (BOUNDARY,) if question.boundary.strip() else ()
        simulating = _simulating(subject, edits=(edit,), left_out=(*question.left_out, *replaced))
        yield from _tried(simulating, edited=edit[0])
    for key in dict.fromkeys(key for key, _value in question.context):
        pairs = tuple(pair for pair in question.context if pair[0] == key)
        yield from _tried(_simulating(subject, context=pairs), key=key)
    if question.actions:
        asked = [
            *_tried(partial(actions_of, question.actions), field="action"),
            *_tried(partial(resources_of, question), field="resource"),
        ]
        yield from asked or _tried(partial(asked_of, question), field="action")


def _simulating(subject: Subject, **part: object) -> Callable[[], object]:
    return partial(simulation_of, Question(**part), subject)  # type: ignore[arg-type]


def _tried(
    look: Callable[[], object], field: str | None = None, *, edited: str = "", key: str = ""
) -> Iterator[Problem]:
    try:
        look()
    except InvalidInput as error:
        yield Problem(error, field, edited, key)
