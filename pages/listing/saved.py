"""Saved filters: what a list shows, under a name; with one of them it may open.

The reader's own stand in the preferences, beside the list's columns; others are shared with everybody in the account
(pages.listing.shared). What is kept is the part of the list's address that says which rows it shows, in which order (filters, text,
`and` / `or`, sort).
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
    """A name, the query of the address, whether the reader's list opens with it, and whether everybody in the account has it."""

    name: str
    query: str
    default: bool = False
    shared: bool = False

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


def shared_default(preferences: Preferences) -> str:
    """The name of the shared filter that the reader's list opens with; empty for none."""
    return str(preferences.get("opens", ""))


def without_blanks(name: str) -> str:
    """A name without blanks around it, and with single ones in it."""
    return " ".join(name.split())


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


@dataclass(frozen=True)
class Rights:
    """What the reader may do with filters that are shared."""

    put: bool = False
    delete: bool = False

    @property
    def change(self) -> bool:
        """Rename one, or take it back: that deletes it and makes another."""
        return self.put and self.delete


class SavedFilterForm(forms.Form):
    """Names a filter and says who has it; `changed` is the one that is changed, otherwise `query` is saved anew.

    `saved` are all that the reader has for this list. Whoever may not change a shared one chooses only whether the list opens with it.
    """

    use_required_attribute = (
        False  # nothing is complained about before it is sent: the panel would move under the pointer
    )

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Enter a name.")},
    )
    default = forms.BooleanField(label=gettext_lazy("Open this list with it"), required=False)
    share = forms.BooleanField(label=gettext_lazy("Share with everybody in this account"), required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        saved: list[SavedFilter],
        query: str = "",
        changed: SavedFilter | None = None,
        rights: Rights = Rights(),
        **given: Any,
    ) -> None:
        initial = {"name": changed.name, "default": changed.default, "share": changed.shared} if changed else {}
        super().__init__(data, initial=initial, **given)
        self.saved, self.query, self.changed, self.rights = saved, query, changed, rights
        self.is_fixed = changed is not None and changed.shared and not rights.change
        if self.is_fixed:
            del self.fields["name"]
        if self.is_fixed or not rights.put:
            del self.fields["share"]

    @property
    def may_delete(self) -> bool:
        """Whether the filter that is changed may be deleted."""
        return self.changed is not None and (self.rights.delete or not self.changed.shared)

    def clean_name(self) -> str:
        name = without_blanks(self.cleaned_data["name"])
        if not name.isprintable():
            raise forms.ValidationError(_("Use characters that can be seen."))
        taken = named(self.saved, name)
        keeps = self.changed is not None and self.changed.name.casefold() == name.casefold()
        if taken is not None and not keeps:  # somebody may have shared one of a name that the reader has
            raise forms.ValidationError(_("There is a saved filter “%(name)s” already.") % {"name": taken.name})
        if self.changed is None and not self.query:
            raise forms.ValidationError(_("There is nothing to save: filter or sort the list first."))
        if self.changed is None and len(self.query) > LONGEST_QUERY:
            raise forms.ValidationError(_("These filters are too long to be saved: take some away."))
        return name

    def clean(self) -> dict[str, Any]:
        """There must be room among the reader's own, or among those that are shared.

        Whoever may not share, and wanted to (the right was lost while the form was open), is told so: else it would be for them alone.
        """
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.data.get("share") and "share" not in self.fields and not self.is_fixed:
            raise forms.ValidationError(
                _("You may not share filters: you need iam:PutSharedFilter. Save again to have it for yourself alone.")
            )
        shared = self._is_shared
        like = [one for one in self.saved if one.shared == shared and one != self.changed]
        if len(like) >= MOST and not self.errors:
            self.add_error("name", _too_many_shared() if shared else _too_many())
        return cleaned

    @property
    def _is_shared(self) -> bool:
        if "share" in self.fields:
            return bool(self.cleaned_data.get("share"))
        return self.changed is not None and self.changed.shared

    @property
    def result(self) -> SavedFilter:
        """The filter as it is from now on; the form is valid."""
        was = self.changed
        name = was.name if was and self.is_fixed else self.cleaned_data["name"]
        return SavedFilter(name, was.query if was else self.query, self.cleaned_data["default"], self._is_shared)


def _too_many() -> str:
    said = ngettext(
        "A list keeps up to %(most)d saved filter: delete one first.",
        "A list keeps up to %(most)d saved filters: delete one first.",
        MOST,
    )
    return said % {"most": MOST}


def _too_many_shared() -> str:
    said = ngettext(
        "Up to %(most)d filter of a list can be shared: delete one first.",
        "Up to %(most)d filters of a list can be shared: delete one first.",
        MOST,
    )
    return said % {"most": MOST}
