"""One decision of a simulation with its whole explanation and the documents in which the deciding statements stand."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from access.simulation import MatchedStatement
from access.simulator.asking import Answers, Place, Row
from access.simulator.question import Question
from access.simulator.subject import Subject
from access.simulator.words import kind_of
from access.views.simulator import ROWS, prepare
from engine.trace import Trace
from pages.explanation import Explanation, explain
from pages.refusing import Text
from pages.request import CallerRequest


@dataclass(frozen=True)
class ShownDocument:
    """A policy's text with the lines of the statements that decided; two policies of one name are told apart by `kind`."""

    name: str
    kind: Text
    text: str
    hit: str
    outcome: str


@dataclass(frozen=True)
class Instead:
    """The same question about another resource: its address, or the fields of a form where no address can hold it."""

    resource: str
    question: Question

    @property
    def address(self) -> str:
        return f"{reverse('access:simulator')}?{self.question.query()}#results" if self.question.fits else ""

    @property
    def fields(self) -> list[tuple[str, str]]:
        return self.question.pairs()


def decision(request: CallerRequest) -> HttpResponse:
    """The explanation of the decision whose number is in `ask`, between its neighbours in the list of results that it was opened from.

    Raises Http404 when there is none of that number.
    """
    data = request.POST if request.method == "POST" else request.GET
    question = Question.read(data)
    bench = prepare(request.caller, question)
    place = bench.answers.place(_number(data), data.get("outcome", "")) if bench.answers else None
    if bench.answers is None or bench.subject is None or place is None:
        raise Http404
    row = place.row
    explanation = explanation_of(row, bench.answers, bench.subject)
    context = {
        "place": place,
        "row": row,
        "question": question,
        "subject": bench.subject,
        "explanation": explanation,
        "instead": [Instead(arn, replace(question, resources=(arn,))) for arn in explanation.instead],
        "documents": list(_documents(row, bench.subject)),
        "before": _neighbour(question, place, place.before),
        "after": _neighbour(question, place, place.after),
        "back": _results(question, place) if question.fits else "",
        "fields": [*question.pairs(), ("outcome", place.outcome)],
        "page": place.at // ROWS + 1,
    }
    return render(request, "access/decision.html", context)


def explanation_of(row: Row, answers: Answers, subject: Subject) -> Explanation:
    """The explanation without the contents of policies that the caller may not read."""
    hidden = {(source.name, source.arn or "") for source in subject.unreadable(answers.simulation)}
    return explain(Trace(row.verdict.decision.explanation).as_dict(), hidden)


def _documents(row: Row, subject: Subject) -> Iterator[ShownDocument]:
    found: dict[int, list[MatchedStatement]] = {}
    for match in row.verdict.matched:
        if subject.may_read(match.source):
            found.setdefault(id(match.source), []).append(match)
    for matches in found.values():
        source = matches[0].source
        lines = ",".join(f"{match.span.start_line}-{match.span.end_line}" for match in matches)
        yield ShownDocument(source.name, kind_of(source), source.document, lines, row.verdict.outcome)


def _neighbour(question: Question, place: Place, other: Row | None) -> str:
    """The address of the decision before or after, where an address can hold the question."""
    if other is None or not question.fits:
        return ""
    return f"{reverse('access:decision')}?{question.query(**_filter(place), ask=other.number)}"


def _results(question: Question, place: Place) -> str:
    """The address of the page of results that has the decision."""
    page = {"page": place.at // ROWS + 1} if place.at >= ROWS else {}
    return f"{reverse('access:simulator')}?{question.query(**_filter(place), **page)}#results"


def _filter(place: Place) -> dict[str, str]:
    return {"outcome": place.outcome} if place.outcome else {}


def _number(data: QueryDict) -> int:
    text = data.get("ask", "")
    return int(text) if text.isdecimal() and len(text) < 6 else -1
