"""Setting one tag on many users, roles or policies: which tag it is, then what each has under that key, and who is left out and why."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Q, QuerySet, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from operations import contract
from operations.caller import Caller, ContextValue
from operations.errors import ServiceError, ValidationError
from operations.gate import REGISTRY, request_keys
from operations.quotas import quota
from operations.rehearsal import Step
from pages.forms import FAILURE, apply_error, readable, said_of
from pages.listing import BulkRun, Listing, Refused, bulk_page
from policies.deletable import not_permitted
from policies.tag_rules import check_tags


@dataclass(frozen=True)
class Noun:
    """What is tagged: `word` is what AWS's operations call it (`TagUser`), `parameter` and `named_by` how they name one of it; `reading`
    are the actions one of which tells its tags, `keys` the condition keys that one brings to an action. `folds`: keys that differ only
    in case are one key. `left_out` are those that have no tags of their own, with `why_not` as the reason; `follows` says what follows
    from tags, or from one of a key.
    """

    word: str
    parameter: str
    named_by: str
    back: str
    title: Any
    done: Callable[[int], str]
    reading: Sequence[str]
    keys: Callable[[Any, str], Mapping[str, ContextValue]]
    address: Callable[[Any], str]
    folds: bool = True
    left_out: Q | None = None
    why_not: Callable[[Any], str] = lambda row: ""
    follows: Callable[[Caller, str], str] = lambda caller, key: ""

    def step(self, verb: str, row: Any, **parameters: Any) -> Step:
        """`TagUser` or `UntagUser` of one."""
        return Step("iam", f"{verb}{self.word}", {self.parameter: getattr(row, self.named_by), **parameters})

    def found(self, row: Any, key: str) -> Any:
        """The tag of that key that one has, or None."""
        known_as = str.lower if self.folds else str
        return next((tag for tag in row.tags.all() if known_as(tag.key) == known_as(key)), None)

    def tells(self, caller: Caller, row: Any) -> bool:
        """Whether a caller may know the tags of one."""
        return any(caller.may(action, row.arn, self.keys(row, action)) for action in self.reading)


class TagForm(forms.Form):
    """A tag for many."""

    key = forms.CharField(label=gettext_lazy("Key"), max_length=128)
    value = forms.CharField(label=gettext_lazy("Value"), max_length=256, required=False)
    error_fields = {"InvalidInput": "key"}

    def clean(self) -> dict[str, Any]:
        """What no user, role or policy takes is told at its field before any is tried."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        tag = {"Key": data.get("key", "key"), "Value": data.get("value", "")}
        try:
            contract.validate("iam", "TagUser", {"user_name": "any", "tags": [tag]})
            check_tags([tag], fold=True)
        except ValidationError as error:
            for where, constraint in FAILURE.findall(error.message):
                self.add_error(where.rpartition(".")[2], readable(constraint))
        except ServiceError as error:
            apply_error(self, error)
        return data


def why_refused(tags: Sequence[Mapping[str, str]]) -> str:
    """Why no user and no role takes these tags together, or an empty text."""
    try:
        contract.validate("iam", "TagUser", {"user_name": "any", "tags": list(tags)})
        check_tags([dict(tag) for tag in tags], fold=True)
    except ValidationError as error:
        return next((said_of(where, constraint) for where, constraint in FAILURE.findall(error.message)), error.message)
    except ServiceError as error:
        return error.said
    return ""


def tag_many(request: HttpRequest, caller: Caller, listing: Listing, rows: "QuerySet[Any]", noun: Noun) -> HttpResponse:
    """Answer the address of a bulk action that sets a tag: which one, the review, the outcome. `rows` bring their tags along."""
    return bulk_page(request, listing, rows.prefetch_related("tags"), _run(caller, noun, None))


def _run(caller: Caller, noun: Noun, tag: Mapping[str, str] | None) -> BulkRun:
    """Setting a tag, before it is typed and after."""

    def perform(row: Any, data: Mapping[str, Any]) -> None:
        step = noun.step("Tag", row, tags=[{"Key": data["key"], "Value": data["value"]}])
        REGISTRY[f"{step.service}:{step.name}"](caller, **step.params)

    lead = _(
        "A tag with the same key gets the new value. Policies can decide by tags: what they allow may change at once."
    )
    return BulkRun(
        title=noun.title,
        button=_("Set %(tag)s") % {"tag": _said(tag["key"], tag["value"])} if tag else _("Add tag"),
        lead=f"{lead} {noun.follows(caller, tag['key'] if tag else '')}".rstrip(),
        back=reverse(noun.back),
        perform=perform,
        form=TagForm,
        decided=lambda data: _run(caller, noun, {"key": data["key"], "value": data["value"]}),
        blocked=lambda row: noun.why_not(row) or (_why_not(caller, noun, row, tag) if tag else ""),
        left_out=noun.left_out,
        refused=lambda rows: _refused(caller, noun, rows, tag),
        watches=(f"Tag{noun.word}", f"Untag{noun.word}") if tag else (),
        opposite=lambda row, data: _opposite(noun, row, data["key"]),
        now=(lambda row: _now(caller, noun, row, tag["key"])) if tag else None,
        now_heading=_("Tag now"),
        go=lambda counted: _("Tag %(counted)s") % {"counted": counted},
        done=noun.done,
        with_what=lambda data: _("Tag: %(tag)s") % {"tag": _said(data["key"], data["value"])},
        address=noun.address,
    )


def _said(key: str, value: str) -> str:
    return f"{key} = {value}" if value else key


def _now(caller: Caller, noun: Noun, row: Any, key: str) -> str:
    """What one has under a key, for who may read its tags."""
    if not noun.tells(caller, row):
        return _("Needs %(permission)s") % {"permission": noun.reading[0]}
    tag = noun.found(row, key)
    return _said(tag.key, tag.value) if tag else ""


def _why_not(caller: Caller, noun: Noun, row: Any, tag: Mapping[str, str]) -> str:
    """Why setting the tag does nothing or cannot be, told to who may read the tags; for the others the outcome says it."""
    present = noun.found(row, tag["key"])
    is_same = present is not None and (present.key, present.value) == (tag["key"], tag["value"])
    most = quota("TagsPerResourceQuota")
    is_full = present is None and len(row.tags.all()) >= most
    if not (is_same or is_full) or not noun.tells(caller, row):
        return ""
    if is_same:
        return _("Has this tag already: nothing changes")
    return ngettext("Has %(n)d tag, as many as it may have", "Has %(n)d tags, as many as it may have", most) % {
        "n": most
    }


def _refused(caller: Caller, noun: Noun, rows: Sequence[Any], tag: Mapping[str, str] | None) -> Refused:
    """Those to whom the caller may not give the tag; before it is typed, those to whom it may give none at all. One query."""
    prefetch_related_objects(rows, "tags")
    action = f"iam:Tag{noun.word}"
    may = caller.may if tag else caller.may_somehow
    chosen = request_keys(action, {"tags": [{"Key": tag["key"], "Value": tag["value"]}]}) if tag else {}
    return Refused(
        {
            row.pk: not_permitted(action)
            for row in rows
            if not noun.why_not(row) and not may(action, row.arn, {**noun.keys(row, action), **chosen})
        }
    )


def _opposite(noun: Noun, row: Any, key: str) -> Step:
    """What takes the tag back: its former value in its former spelling, or none at all."""
    former = noun.found(row, key)
    if former is None:
        return noun.step("Untag", row, tag_keys=[key])
    return noun.step("Tag", row, tags=[{"Key": former.key, "Value": former.value}])
