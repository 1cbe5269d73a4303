"""Forms in each state for the living page: default, error, disabled, read-only, long text; tags, pickers and policy documents."""

from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from pages.durations import DurationField
from pages.picking import PickField
from pages.request import CallerRequest
from pages.views.design import POLICY
from policies.editor import DocumentField
from policies.forms import TagsArea

MINIFIED = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"allow","Action":["s3:GetObjekt","iam:PassRole"],"Resource":"*"},'
    '{"Sid":"","Effect":"Deny","Action":"s3:Delete*","Resource":"arn:aws:s3:::ledger-*"}]}'
)


class StatesForm(forms.Form):
    """One field of each kind, to be shown as it is, disabled and read-only."""

    text = forms.CharField(label=_("Text"), required=False)
    number = forms.IntegerField(label=_("Number"), required=False)
    choice = forms.ChoiceField(label=_("Choice"), choices=[("one", _("One")), ("two", _("Two"))], required=False)
    one_of = forms.ChoiceField(
        label=_("One of"), widget=forms.RadioSelect, choices=[("a", "A"), ("b", "B")], required=False
    )
    some_of = forms.MultipleChoiceField(
        label=_("Some of"), widget=forms.CheckboxSelectMultiple, choices=[("a", "A"), ("b", "B")], required=False
    )
    area = forms.CharField(label=_("Several lines"), widget=forms.Textarea(attrs={"rows": 3}), required=False)
    session = DurationField(label=_("Length of time"), min_value=3600, max_value=43200, offered=(3600, 7200, 43200))
    file = forms.FileField(label=_("File"), required=False)


class TagsStates(forms.Form):
    """The area of tags."""

    tags = forms.CharField(label=_("Tags"), required=False, widget=TagsArea(attrs={"rows": 4, "class": "mono"}))


class PickStates(forms.Form):
    """Pickers: nothing chosen, some, all that may be, one alone."""

    groups = PickField("groups", most=10, label=_("Groups"), required=False)
    full = PickField("policies", most=1, label=_("Policies, as many as there may be"), required=False)
    single = PickField("policies", single=True, label=_("One policy"), required=False)
    unfit = PickField("groups", label=_("Nothing fits the search"), required=False)


class DocumentStates(forms.Form):
    """The policy editor."""

    policy_document = DocumentField(label=_("Policy document"), kind="identity", rows=10)


VALUES = {
    "text": "build-bot", "number": 12, "choice": "two", "one_of": "a", "some_of": ["a"], "session": 5400,
    "area": "a line that is longer than the box in which it stands, so that it has to go on below, and on, and on",
}  # fmt: skip


def forms_in_each_state(request: CallerRequest) -> dict[str, Any]:
    """The forms by what the templates call them."""
    return {
        "plain": StatesForm(initial=VALUES, auto_id="plain_%s"),
        "disabled": _with(StatesForm(initial=VALUES, auto_id="disabled_%s"), "disabled"),
        "readonly": _with(StatesForm(initial=VALUES, auto_id="readonly_%s"), "readonly"),
        "wrong": StatesForm(
            {"number": "twelve", "choice": "three", "one_of": "c", "some_of": ["c"], "session": "soon"},
            auto_id="wrong_%s",
        ),
        "tags": TagsStates(initial={"tags": "team = ops\ncost-centre = 4711"}, auto_id="tags_%s"),
        "no_tags": TagsStates(auto_id="no_tags_%s"),
        "wrong_tags": _wrong_tags(),
        "picks": _picks(request),
        "document": DocumentStates(initial={"policy_document": POLICY}, auto_id="document_%s"),
        "minified": DocumentStates(initial={"policy_document": MINIFIED}, auto_id="minified_%s"),
        "readonly_document": _with(DocumentStates(initial={"policy_document": POLICY}, auto_id="read_%s"), "readonly"),
        "wrong_document": DocumentStates({"policy_document": ""}, auto_id="wrong_document_%s"),
    }


def _with(form: forms.Form, attribute: str) -> forms.Form:
    for field in form.fields.values():
        field.widget.attrs[attribute] = True
    return form


def _wrong_tags() -> forms.Form:
    form = TagsStates({"tags": "team = ops\n = 4711"}, auto_id="wrong_tags_%s")
    form.is_valid()
    form.add_error("tags", "Line 2 has no key.")
    return form


def _picks(request: CallerRequest) -> forms.Form:
    """The pickers, as the caller is offered rows."""
    full = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    form = PickStates(QueryDict(f"full={full}&single={full}&unfit-q=nothing+is+called+so"), auto_id="picks_%s")
    for field in form.fields.values():
        cast("PickField", field).ask(request.caller)
    return form
