"""The simulator: who may do what, as things are or with other policies, before anything is saved."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from access.forms import SimulatorForm
from access.simulation import Simulation
from access.simulator.actions import chosen
from access.simulator.asking import OUTCOMES, Answers, Row, ask, keys_read, simulation_of
from access.simulator.export import export
from access.simulator.keys import Key, keys_of
from access.simulator.principals import offers
from access.simulator.problems import Problem, problems_in
from access.simulator.question import Question
from access.simulator.subject import Subject, authorise_documents, nobody, stored_documents, subject_of
from access.simulator.words import kind_of
from access.sources import Source
from engine import catalog
from engine.catalog import ACCESS_LEVELS, Action
from operations.caller import Caller
from operations.errors import InvalidInput, NoSuchEntity, ServiceError
from operations.gate import authorise_read
from pages.engine_texts import translated
from pages.request import CallerRequest

ROWS = 50
# The buttons that change the question without being done with it, and where on the page one goes on.
PLACES = {"add": "choose", "show": "choose", "editor": "their-policies", "restore": "their-policies"}


@dataclass
class Bench:
    """Everything that one request to the simulator has found out."""

    question: Question
    form: SimulatorForm
    subject: Subject | None = None
    simulation: Simulation | None = None
    answers: Answers | None = None
    wrong_edits: dict[str, str] = field(
        default_factory=dict
    )  # errors in the reader's language, by the keys of policies
    wrong_keys: dict[str, str] = field(default_factory=dict)  # and by condition keys in lower case

    @property
    def policies(self) -> list["StoredPolicy"]:
        """The principal's policies, each to be left out or edited."""
        if self.subject is None:
            return []
        return [StoredPolicy(self, source) for source in self.subject.effective.all() if not source.is_implicit]

    @property
    def differences(self) -> list[str]:
        """What the answers take otherwise than it is stored, in words."""
        question = self.question
        found = [_("%(policy)s (%(kind)s) edited") % each.names for each in self.policies if each.is_edited]
        found += [_("%(policy)s (%(kind)s) left out") % each.names for each in self.policies if each.is_left_out]
        given = (
            (question.principal and question.policies, _("further policies")),
            (question.boundary, _("another permissions boundary")),
            (question.resource_policy, _("a resource policy")),
            (question.levels, _("service control policies")),
        )
        return [*found, *(words for text, words in given if text.strip())]

    @property
    def tells_documents(self) -> bool:
        """Whether the caller may read all documents that the answers come from."""
        if self.subject is None or self.answers is None:
            return False
        return not self.subject.unreadable(self.answers.simulation)

    @property
    def about(self) -> str:
        """The question in a line: who, which actions, on what."""
        question = self.question
        who = (self.subject.name if self.subject else question.principal) or _("given policies")
        return " · ".join([who, *(_first_of(lines) for lines in (question.actions, question.resources) if lines)])

    @property
    def keys(self) -> list[Key]:
        """The condition keys to ask for."""
        read = keys_read(self.simulation) if self.simulation else []
        return keys_of(read, self.question.context, self.wrong_keys)

    def refuse(self, problem: Problem) -> None:
        """Put an error where it belongs: on a field, or on top and on a policy that was edited or a context key."""
        said = _in_words(problem.error)
        self.form.add_error(problem.field, said)
        if problem.edited:
            self.wrong_edits[problem.edited] = said
        if problem.key:
            self.wrong_keys[problem.key.lower()] = said


def _in_words(error: ServiceError) -> str:
    """An error as the page says it: AWS's sentence, and what is wrong with a document in the reader's language."""
    if "explanation" not in error.details:
        return error.message
    return _("Syntax errors in policy. %(document)s: %(explanation)s (line %(line)s, column %(column)s)") % {
        **error.details,
        "explanation": translated(error.details["explanation"]),
    }


@dataclass(frozen=True)
class StoredPolicy:
    """One policy of the principal in the form."""

    bench: Bench
    source: Source
    key: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", self.source.key)

    @property
    def names(self) -> dict[str, object]:
        """Its name and what it is, for sentences."""
        return {"policy": self.source.name, "kind": kind_of(self.source)}

    @property
    def is_left_out(self) -> bool:
        return self.key in self.bench.question.left_out

    @property
    def is_open(self) -> bool:
        """Whether it is shown in an editor."""
        return self.is_readable and (self.key in self.bench.question.opened or self.is_edited)

    @property
    def is_edited(self) -> bool:
        return self.key in self.bench.question.edited

    @property
    def is_readable(self) -> bool:
        return self.bench.subject is not None and self.bench.subject.may_read(self.source)

    @property
    def text(self) -> str:
        return self.bench.question.edited.get(self.key, self.source.document)

    @property
    def error(self) -> str:
        return self.bench.wrong_edits.get(self.key, "")


def simulator(request: CallerRequest) -> HttpResponseBase:
    """The form with its results. A form that an address can hold leads to that address; a larger one is answered directly."""
    caller, data = request.caller, request.POST if request.method == "POST" else request.GET
    question = Question.read(data)
    if request.method == "POST":
        question = _changed(question, data)
        question = question.without_idle_edits(stored_documents(caller, question))
        picks = {name: data[name] for name in ("service", "search", "level") if data.get(name)}
        if question.fits and not data.get("export"):
            place = next((place for name, place in PLACES.items() if data.get(name)), "")
            asking = {"asking": 1} if place else {}
            return redirect(f"{request.path}?{question.query(**picks, **asking)}#{place or 'results'}")
    if question.is_empty:
        _require_any(caller)
    bench = prepare(caller, question, unfinished=bool(data.get("asking")))
    if data.get("export") in ("csv", "json", "cases") and bench.answers:
        if data["export"] == "cases" and bench.subject is not None:  # which have the documents in them
            authorise_documents(caller, bench.subject, bench.answers.simulation)
        return export(bench.answers, data["export"])
    return render(request, "access/simulator.html", _context(bench, data))


def prepare(caller: Caller, question: Question, *, unfinished: bool = False) -> Bench:
    """Ask what can be asked, and keep every error on the form. What an `unfinished` question lacks is none. Raises AccessDenied."""
    bench = Bench(question, SimulatorForm.of(question) if not question.is_empty else SimulatorForm())
    if question.is_empty:
        return bench
    if not question.principal and not question.policies.strip():
        if question.actions and not unfinished:
            bench.form.add_error("principal", _("Choose somebody, or paste a policy below."))
            _refuse_all(bench, nobody(caller))
        return bench
    try:
        bench.subject = subject_of(caller, question)
    except NoSuchEntity as error:
        bench.form.add_error("principal", error.message)
        _refuse_all(bench, nobody(caller))
        return bench
    try:
        bench.simulation = simulation_of(question, bench.subject)
        if question.actions:
            bench.answers = ask(question, bench.simulation)
            bench.subject = bench.subject.trusting(caller, bench.simulation.trusted)
    except InvalidInput:
        _refuse_all(bench, bench.subject)
        if bench.simulation is None:  # where its documents can be read they say which keys to ask for
            with suppress(InvalidInput):
                bench.simulation = simulation_of(replace(question, context=(), owner=""), bench.subject)
    return bench


def _refuse_all(bench: Bench, subject: Subject) -> None:
    """Put all that is wrong with a question on its form, whoever it is about."""
    for problem in problems_in(bench.question, subject):
        bench.refuse(problem)


@require_safe
def principals(request: CallerRequest) -> HttpResponse:
    """Users, roles and groups whose name has what was typed, as options."""
    found = offers(request.caller, request.GET.get("principal", ""))
    return render(request, "access/principal_options.html", {"offers": found})


@require_safe
def actions(request: CallerRequest) -> HttpResponse:
    """The actions of a service that fit, to be ticked."""
    return render(request, "access/action_choice.html", picker(request.GET))


def picker(data: QueryDict) -> dict[str, Any]:
    """The choice of actions: by service, part of a name, and access level."""
    service, search, level = (data.get(name, "").strip() for name in ("service", "search", "level"))
    prefix = service.partition(" ")[0].lower()
    known = catalog.service_exists(prefix) if prefix else False
    wanted = level if level in ACCESS_LEVELS else ""
    found: Sequence[Action] = list(chosen(prefix, f"*{search}*", wanted)) if known else []
    name = f"*{search}*" if search else "*"
    return {
        "service": service,
        "search": search,
        "level": wanted,
        "levels": ACCESS_LEVELS,
        "unknown": bool(prefix) and not known,
        "found": found[:200],
        "found_number": len(found),
        "set": f"{prefix}:{name} {wanted}".strip() if found else "",
    }


def _changed(question: Question, data: QueryDict) -> Question:
    """The question after the button that was pressed."""
    if data.get("add") == "ticked":
        return question.with_actions(data.getlist("pick"))
    if data.get("add") == "set" and data.get("set"):
        return question.with_actions([data.get("set", "")])
    if data.get("editor"):
        return question.with_editor(data.get("editor", ""))
    if data.get("restore"):
        return question.without_editor(data.get("restore", ""))
    return question


def _require_any(caller: Caller) -> None:
    """Who may simulate nothing at all is told so at once. Raises AccessDenied."""
    mine = caller.may("iam:SimulatePrincipalPolicy", caller.arn) or caller.may("iam:SimulateCustomPolicy")
    if not mine and not caller.may("iam:SimulatePrincipalPolicy", "*"):
        authorise_read(caller, "iam:SimulatePrincipalPolicy", caller.arn)


def _context(bench: Bench, data: QueryDict) -> dict[str, Any]:
    outcome = data.get("outcome", "")
    outcome = outcome if outcome in OUTCOMES and not data.get("simulate") else ""  # a new question is seen whole
    shown: Page[Row] | None = None
    if bench.answers:
        shown = Paginator(bench.answers.rows(outcome), ROWS).get_page(data.get("page", 1))
    question = bench.question
    return {
        "bench": bench,
        "question": question,
        "form": bench.form,
        "answers": bench.answers,
        "shown": shown,
        "outcome": outcome,
        "asking": bench.answers is None or any(data.get(name) for name in ("asking", *PLACES)),
        "address": question.query() if question.fits else "",
        "picker": picker(data),
        "services": [catalog.service(prefix) for prefix in catalog.services()],
        "counts": [(kind, bench.answers.counts[kind]) for kind in OUTCOMES] if bench.answers else [],
    }


def _first_of(lines: Sequence[str]) -> str:
    """The first of some lines, and how many more there are."""
    more = len(lines) - 1
    return f"{lines[0]} {_('and %(number)d more') % {'number': more}}" if more else lines[0]
