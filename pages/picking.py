"""Choosing some of many rows inside a form: searched and paged in the database, the choice kept over searches and pages.

    register(Pick("groups", rows=groups_to_pick, value="name", label="name", …))          # in an app's picks.py
    groups = PickField("groups", most=10, label=_("Groups"))                               # in a form
    self.fields["groups"].ask(caller)                                                      # in the form's __init__

Rows that are chosen stand above the search as ticked boxes; ticking a row moves it there. With scripts each step swaps the picker alone
(pages.views.pick); without them its buttons send the whole form, which the view shows again unchecked (`looked_up`). Rows that can be
created on the way are created in a side panel, or without scripts on their own page, from which the form comes back as it was
(pages.drafts).
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Case, F, Func, IntegerField, Q, QuerySet, Subquery, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from operations.caller import Caller
from operations.errors import AccessDenied
from operations.ids import iam_arn
from pages import drafts
from pages.errors import Refusal

Text = str | Promise
PAGE = 8  # rows at once: what fits beside the rest of a form
MOST_WISHED = 20  # that an address may have chosen
MOST_PAGES = 200  # whoever leafs further should search
PICKS: dict[str, "Pick"] = {}
ALREADY: dict[str, Callable[[Caller, str], "Already | None"]] = {}
BESIDE: dict[str, Callable[[Caller, str], "Beside | None"]] = {}


@dataclass(frozen=True)
class Creation:
    """Where rows of the kind are created: an address that answers a side panel for `?into=`, and who is offered it."""

    label: Text
    address: str
    permission: str
    on: str = ""  # the resource of the permission, below the account

    def is_offered_to(self, caller: Caller) -> bool:
        return caller.may(self.permission, iam_arn(caller.account_id, self.on) if self.on else "*")


@dataclass(frozen=True)
class Kind:
    """One way to narrow what is offered, such as customer managed policies."""

    key: str
    label: Text
    condition: Q


@dataclass(frozen=True)
class Pick:
    """What can be chosen. `rows` authorises and answers the Caller's rows; `value` goes into the form, `label` and `note` are shown."""

    key: str
    rows: Callable[[Caller], "QuerySet[Any]"]
    value: str
    label: str
    order: str
    search: Sequence[str]
    noun: Callable[[int], str]
    placeholder: Text
    note: Callable[[Any], Text] = lambda row: ""
    badge: Callable[[Any], Text] = lambda row: ""
    href: Callable[[Any], str] = lambda row: ""
    kinds: Sequence[Kind] = ()
    create: Creation | None = None
    owner: str = ""  # the field before `order` where nothing is looked for
    is_told: Callable[[Caller], bool] = lambda caller: (
        True
    )  # what rows contain: who may not know it has none of what follows
    finds: Callable[[Caller, str], Q | None] = lambda caller, text: (
        None
    )  # what a text finds that says more than `search` knows of
    rank: str = ""  # the field by which rows are ordered that are looked for
    ranking: Text = ""  # that order in words
    ranked: Callable[[Any], Text] = lambda row: ""  # what is said of each of them, beside its note
    example: Text = ""  # what may be looked for, below the search
    contents: Callable[[Any], "Contents | None"] = lambda row: None  # what unfolds below a row
    beside: Callable[[Caller], "Beside | None"] = lambda caller: (
        None
    )  # what is said of all that is chosen, if a form says nothing else
    look: Callable[[Any], str] = lambda row: ""  # the address of a look at a row, which opens beside the form


@dataclass(frozen=True)
class Contents:
    """What a row contains, in lines of a name and what is said of it; `more` says how many have none."""

    lines: Sequence[tuple[str, str]]
    more: Text = ""
    nothing: Text = ""  # what is said where there is no line


@dataclass(frozen=True)
class Sum:
    """What is said of all that is chosen: in lines of an outcome (of `status`) and words. `covered`, by value, says of rows that they add
    nothing."""

    lines: Sequence[tuple[str, Text]] = ()
    covered: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True)
class Beside:
    """What there is already beside what is chosen: `sums(chosen, offered)` tells of some rows of the pick, in a fixed number of queries.
    `reference` is how a step in the picker finds it again: its key and what it is about, with a blank.
    """

    reference: str
    sums: Callable[[Sequence[Any], Sequence[Any]], Sum]


@dataclass(frozen=True)
class Already:
    """What rows may be already, so that they cannot be chosen: `word` says it of one, `among(pick, values)` tells which of the values of
    some rows are, in one query. `reference` is how a step in the picker finds it again: its key and what it is about, with a blank.
    """

    reference: str
    word: Text
    among: Callable[[str, Sequence[str]], Collection[str]]


def register_already(key: str, find: Callable[[Caller, str], Already | None]) -> None:
    """Make known by its key how it is found what rows are already: `find(caller, about)` authorises; None where nothing is told."""
    ALREADY[key] = find


def already_of(caller: Caller, reference: str) -> Already | None:
    """What a reference tells; None for one that is none."""
    key, _blank, about = reference.partition(" ")
    return ALREADY[key](caller, about) if key in ALREADY else None


def register_beside(key: str, find: Callable[[Caller, str], Beside | None]) -> None:
    """Make known by its key how it is found what there is beside what is chosen: `find(caller, about)`; None where nothing is told."""
    BESIDE[key] = find


def beside_of(caller: Caller, reference: str) -> Beside | None:
    """What a reference tells; None for one that is none."""
    key, _blank, about = reference.partition(" ")
    return BESIDE[key](caller, about) if key in BESIDE else None


def register(pick: Pick) -> None:
    """Make a pick known by its key."""
    PICKS[pick.key] = pick


@dataclass(frozen=True)
class Look:
    """Where somebody is in a picker: what is searched for, which kind, which page."""

    text: str = ""
    kind: str = ""
    page: int = 1

    @classmethod
    def of(cls, data: Mapping[str, Any], name: str) -> "Look":
        """From the fields of a form or an address; a new search begins on the first page."""
        number = str(data.get(f"{name}-page", "1"))
        page = int(number) if number.isascii() and number.isdecimal() and len(number) < 4 else 1
        return cls(
            str(data.get(f"{name}-q", ""))[:200].strip(),
            str(data.get(f"{name}-kind", ""))[:32],
            min(max(page, 1), MOST_PAGES),
        )


@dataclass(frozen=True)
class Shown:
    """One row as the picker shows it."""

    value: str
    label: str
    note: Text = ""
    badge: Text = ""
    href: str = ""
    look: str = ""
    ranked: Text = ""
    already: Text = ""  # why it cannot be chosen
    covered: Text = ""  # why it adds nothing
    contents: Contents | None = None


@dataclass
class Picking:
    """Everything that the picker's template needs."""

    pick: Pick
    name: str
    single: bool
    most: int | None
    look: Look
    chosen: list[Shown] = field(default_factory=list)
    offered: list[Shown] = field(default_factory=list)
    count: int = 0
    refusal: Refusal | None = None
    may_create: bool = False
    plain: bool = False  # creates nothing on the way: for pickers that are in a side panel themselves
    without: Sequence[str] = ()  # what is not offered, because it is so already: few, by a quota
    already: Already | None = None  # what any number of rows may be, so that they cannot be chosen
    fits_chosen: bool = False  # what is looked for is chosen already, all of it
    is_ranked: bool = False
    is_told: bool = False
    beside: Beside | None = None
    sum: Sum = field(default_factory=Sum)

    @property
    def example(self) -> Text:
        """What may be looked for, for whom it finds something."""
        return self.pick.example if self.is_told else ""

    @property
    def pages(self) -> int:
        return min(max(1, -(-self.count // PAGE)), MOST_PAGES)

    @property
    def first(self) -> int:
        return (self.look.page - 1) * PAGE + 1 if self.offered else 0

    @property
    def last(self) -> int:
        return self.first + len(self.offered) - 1 if self.offered else 0

    @property
    def is_full(self) -> bool:
        return not self.single and self.most is not None and len(self.chosen) >= self.most

    @property
    def chosen_text(self) -> str:
        """How many are chosen, of how many there may be."""
        n = len(self.chosen)
        if self.most is not None and not self.single:
            return ngettext("%(n)d of %(most)d chosen", "%(n)d of %(most)d chosen", n) % {"n": n, "most": self.most}
        return ngettext("%(n)d chosen", "%(n)d chosen", n) % {"n": n}

    @property
    def said(self) -> str:
        """What is said aloud after a step."""
        found = f"{self.count} {self.pick.noun(self.count)}"
        return " ".join(
            [f"{found}. {self.chosen_text}.", *(str(words).rstrip(".") + "." for _kind, words in self.sum.lines)]
        )


def picking(
    pick: Pick,
    caller: Caller,
    name: str,
    values: Sequence[str],
    look: Look,
    *,
    single: bool,
    most: int | None,
    without: Sequence[str] = (),
    already: Already | None = None,
    beside: Beside | None = None,
) -> Picking:
    """The state of a picker, in two queries: the chosen rows, and a page of those that match with their number; `without` is not offered.
    One more on a further page, where nothing is left to offer, and to tell which of the rows shown are so `already`; what the pick itself
    finds and what is `beside` bring theirs."""
    found = Picking(pick, name, single, most, look, without=without, already=already)
    try:
        rows = pick.rows(caller)
    except AccessDenied as error:
        found.refusal = Refusal(error)
        found.chosen = [Shown(value, value) for value in values]
        return found
    found.is_told = pick.is_told(caller)
    known = {getattr(row, pick.value): row for row in rows.filter(**{f"{pick.value}__in": values})}
    found.chosen = [_shown(pick, known[value]) if value in known else Shown(value, value) for value in values]
    condition = _matches(pick, caller, look, is_told=found.is_told)
    found.is_ranked = bool(look.text and pick.rank and found.is_told)
    matching = rows.exclude(**{f"{pick.value}__in": [*values, *without]}).filter(condition)
    matching = matching.order_by(*_order(pick, look, is_ranked=found.is_ranked))
    first, found.count = _first_page(matching) if look.page == 1 else (None, matching.count())
    if values and not found.count:
        found.fits_chosen = rows.filter(condition, **{f"{pick.value}__in": values}).exists()
    start = (min(look.page, found.pages) - 1) * PAGE
    found.look = Look(look.text, look.kind, start // PAGE + 1)
    page: Sequence[Any] = list(matching[start : start + PAGE]) if first is None else first
    found.offered = [_shown(pick, row, is_ranked=found.is_ranked, is_told=found.is_told) for row in page]
    if already is not None and found.offered:
        among = already.among(pick.key, [each.value for each in found.offered])
        found.offered = [replace(each, already=already.word) if each.value in among else each for each in found.offered]
    found.beside = beside or (None if single else pick.beside(caller))
    if found.beside is not None:
        found.sum = found.beside.sums([known[value] for value in values if value in known], page)
        found.chosen, found.offered = (_covered(each, found.sum) for each in (found.chosen, found.offered))
    found.may_create = bool(pick.create and pick.create.is_offered_to(caller))
    return found


def _order(pick: Pick, look: Look, *, is_ranked: bool) -> list[Any]:
    """What is named as it was typed comes first, whatever its rank: who types a whole name means that row."""
    if not look.text:
        return [*filter(None, [pick.owner]), pick.order, "pk"]
    is_named = Case(When(**{pick.order: look.text.lower()}, then=0), default=1, output_field=IntegerField())
    return [is_named, *([pick.rank] if is_ranked else []), pick.order, "pk"]


def _covered(rows: Iterable[Shown], said: Sum) -> list[Shown]:
    return [replace(each, covered=said.covered.get(each.value, "")) for each in rows]


def _first_page(matching: "QuerySet[Any]") -> tuple[list[Any], int]:
    """The first rows, and how many there are in all, in one query."""
    number = matching.order_by().annotate(picking_number=Func(F("pk"), function="COUNT")).values("picking_number")
    page = list(matching.annotate(picking_number=Subquery(number, IntegerField()))[:PAGE])
    return page, page[0].picking_number if page else 0


def _matches(pick: Pick, caller: Caller, look: Look, *, is_told: bool) -> Q:
    """The condition of what is looked for."""
    condition = pick.finds(caller, look.text) if is_told and look.text else None
    if condition is None:
        condition = Q()
        for word in look.text.lower().split()[:8]:
            condition &= Q(*[(path, word) for path in pick.search], _connector=Q.OR)
    for kind in pick.kinds:
        if kind.key == look.kind:
            condition &= kind.condition
    return condition


def _shown(pick: Pick, row: Any, *, is_ranked: bool = False, is_told: bool = False) -> Shown:
    return Shown(
        getattr(row, pick.value),
        getattr(row, pick.label),
        pick.note(row),
        pick.badge(row),
        pick.href(row),
        pick.look(row),
        pick.ranked(row) if is_ranked else "",
        contents=pick.contents(row) if is_told else None,
    )


# --- in forms -------------------------------------------------------------------------------------------------------------


class PickerWidget(forms.Widget):
    """The picker as a form's control."""

    template_name = "components/picker_field.html"
    use_fieldset = True

    def __init__(self, pick: Pick, *, single: bool, most: int | None, plain: bool) -> None:
        super().__init__()
        self.pick, self.single, self.most, self.plain = pick, single, most, plain
        self.caller: Caller | None = None
        self.look = Look()
        self.without: Sequence[str] = ()
        self.already: Already | None = None
        self.beside: Beside | None = None

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """The chosen values, each once; several may stand in one field, one a line."""
        self.look = Look.of(data, name)
        given = data.getlist(name) if hasattr(data, "getlist") else data.get(name) or []
        lines = (line.strip() for text in ([given] if isinstance(given, str) else given) for line in text.splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """What the template needs. The form must have told the widget who is asking."""
        if self.caller is None:
            raise RuntimeError(f"nobody asks the picker {name}: call its field's ask()")
        values = [value] if isinstance(value, str) and value else list(value or [])
        state = picking(
            self.pick,
            self.caller,
            name,
            values,
            self.look,
            single=self.single,
            most=self.most,
            without=self.without,
            already=self.already,
            beside=self.beside,
        )
        state.plain, state.may_create = self.plain, state.may_create and not self.plain
        return {**super().get_context(name, value, attrs), "picking": state}

    def id_for_label(self, id_: str) -> str:
        return ""


class PickField(forms.Field):
    """Some (or with `single` one) of the rows of a pick: a list of their values, or one value."""

    def __init__(
        self, pick: str, *, single: bool = False, most: int | None = None, plain: bool = False, **given: Any
    ) -> None:
        self.key, self.single, self.most, self.plain = pick, single, most, plain
        super().__init__(widget=forms.HiddenInput, **given)

    def ask(
        self,
        caller: Caller,
        most: int | None = None,
        without: Sequence[str] = (),
        already: Already | None = None,
        beside: Beside | None = None,
    ) -> None:
        """Say who chooses: it decides what is offered. `most` where the quota is known only now; `without`, if few, is not offered,
        of `already` it is said that it is so, and what is chosen is summed up with what is `beside`.
        """
        self.most = most if most is not None else self.most
        self.widget = PickerWidget(PICKS[self.key], single=self.single, most=self.most, plain=self.plain)
        self.widget.caller, self.widget.without, self.widget.already = caller, without, already
        self.widget.beside = beside
        self.widget.is_required = self.required

    def clean(self, value: Any) -> Any:
        """The values; raises ValidationError for none where one is needed and for more than there may be."""
        values = [str(each) for each in value or []]
        if self.required and not values:
            raise forms.ValidationError(_("Choose one."))
        if self.single:
            return values[-1] if values else ""
        if self.most is not None and len(values) > self.most:
            raise forms.ValidationError(_("Choose at most %(most)d."), params={"most": self.most})
        return values


# --- in views -------------------------------------------------------------------------------------------------------------


def wished(request: HttpRequest, name: str, has: Sequence[str]) -> list[str]:
    """What an address asks to have chosen already (`?policy=…&policy=…`), without what is there; the form checks it when it is sent."""
    return [value for value in dict.fromkeys(request.GET.getlist(name)[:MOST_WISHED]) if value not in has]


def looked_up(form: forms.Form) -> bool:
    """Whether the form came only because somebody looked something up, or as a draft; then it shows what was typed and checks nothing."""
    names = [name for name, each in form.fields.items() if isinstance(each, PickField)]
    asked = any(f"{form.add_prefix(name)}-{button}" in form.data for name in names for button in ("search", "page"))
    if not asked and drafts.UNSENT not in form.data:
        return False
    form._errors = forms.utils.ErrorDict()  # type: ignore[attr-defined]  # noqa: SLF001 - there is no public way to show it unchecked
    form.cleaned_data = {}
    return True


def created_on_the_way(form: forms.Form) -> list[Pick]:
    """The picks of a form whose rows can be created in a side panel, which the page has outside of the form."""
    fields = [each for each in form.fields.values() if isinstance(each, PickField) and not each.plain]
    return list(dict.fromkeys(pick for each in fields if (pick := PICKS[each.key]).create))


def left_to_create(request: HttpRequest, form: forms.Form) -> HttpResponse | None:
    """Without scripts: the page where the wished row is created, the form kept until then. None when nobody wished that."""
    for name, each in form.fields.items():
        creation = PICKS[each.key].create if isinstance(each, PickField) else None
        if creation and f"{form.add_prefix(name)}-create" in form.data:
            if drafts.keep(request, form.add_prefix(name)):
                return redirect(f"{reverse(creation.address)}?back=1")
            messages.error(request, _("The form is too long to be kept meanwhile. Create it on another page first."))
            form.data = form.data.copy()  # type: ignore[attr-defined]
            form.data[f"{form.add_prefix(name)}-search"] = "1"  # type: ignore[index]
    return None
