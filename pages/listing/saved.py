"""Saved filters: what a list shows, under a name of the reader's; with one of them it may open.

They are the reader's own and stand in the preferences, beside the list's columns. What is kept is the part of the list's address that
says which rows it shows, in which order (filters, text, `and` / `or`, sort).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from pages.preferences import Preferences

KEPT = ("f", "q", "join", "sort")
MOST = 20  # of one list
LONGEST_NAME = 64
LONGEST_QUERY = 1_000  # characters
MOST_TEXT = 100_000  # characters that those of all lists may take in the reader's row, which every request reads


@dataclass(frozen=True)
class SavedFilter:
    """A name, the query of the address, and whether the list opens with it."""

    name: str
    query: str
    default: bool = False

    @property
    def params(self) -> QueryDict:
        return QueryDict(self.query)

    @property
    def kept(self) -> dict[str, Any]:
        """As the preferences hold it."""
        return {"name": self.name, "query": self.query} | ({"default": True} if self.default else {})


def saved_filters(preferences: Preferences) -> list[SavedFilter]:
    """The filters saved for a list (`pages.preferences.of_list`), by name; what is not understood is passed over."""
    kept = preferences.get("saved", ())
    found = [
        SavedFilter(str(one["name"]), str(one["query"]), bool(one.get("default")))
        for one in (kept if isinstance(kept, list) else ())
        if isinstance(one, Mapping) and "name" in one and "query" in one
    ]
    return sorted(found[:MOST], key=lambda one: one.name.casefold())


def named(saved: Iterable[SavedFilter], name: str) -> SavedFilter | None:
    """The filter of that name, whatever the case of its letters."""
    return next((one for one in saved if one.name.casefold() == name.casefold()), None)


def default_of(preferences: Preferences) -> SavedFilter | None:
    """The filter that the list opens with, if there is one."""
    return next((one for one in saved_filters(preferences) if one.default), None)


def query_of(params: QueryDict) -> str:
    """What is kept of the query of a list's address."""
    kept = QueryDict(mutable=True)
    for name in KEPT:
        if values := [value for value in params.getlist(name) if value]:
            kept.setlist(name, values if name == "f" else values[-1:])
    return kept.urlencode(safe=":=,/")


def same(query: str) -> list[tuple[str, list[str]]]:
    """What a query finds, to be compared: the order of the filters is nothing to it."""
    return sorted((name, sorted(values)) for name, values in QueryDict(query).lists())


class SavedFilterForm(forms.Form):
    """Names a filter; `changed` is the one that is renamed, otherwise `query` is saved anew."""

    use_required_attribute = (
        False  # nothing is complained about before it is sent: the panel would move under the pointer
    )

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=LONGEST_NAME, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    default = forms.BooleanField(label=gettext_lazy("Open this list with it"), required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        saved: list[SavedFilter],
        query: str = "",
        changed: SavedFilter | None = None,
        **given: Any,
    ) -> None:
        initial = {"name": changed.name, "default": changed.default} if changed else {}
        super().__init__(data, initial=initial, **given)
        self.saved, self.query, self.changed = saved, query, changed

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if not name.isprintable():
            raise forms.ValidationError(_("Use characters that can be seen."))
        taken = named(self.saved, name)
        if taken is not None and taken != self.changed:
            raise forms.ValidationError(_("There is a saved filter “%(name)s” already.") % {"name": taken.name})
        if self.changed is None:
            self._check_query()
        return name

    def _check_query(self) -> None:
        if not self.query:
            raise forms.ValidationError(_("There is nothing to save: filter or sort the list first."))
        if len(self.query) > LONGEST_QUERY:
            raise forms.ValidationError(_("These filters are too long to be saved: take some away."))
        if len(self.saved) >= MOST:
            said = ngettext(
                "A list keeps up to %(most)d saved filter: delete one first.",
                "A list keeps up to %(most)d saved filters: delete one first.",
                MOST,
            )
            raise forms.ValidationError(said % {"most": MOST})

    def result(self) -> list[SavedFilter]:
        """All filters of the list as they are from now on; the form is valid."""
        name, default = self.cleaned_data["name"], self.cleaned_data["default"]
        others = [
            SavedFilter(one.name, one.query, one.default and not default) for one in self.saved if one != self.changed
        ]
        return [*others, SavedFilter(name, self.changed.query if self.changed else self.query, default)]
