"""The menu of saved filters above a list: those that the reader has, and the form that saves or changes one."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from operations.caller import Caller
from pages.listing.saved import Rights, SavedFilter, SavedFilterForm, named, same
from pages.listing.shared import rights_of
from pages.listing.state import State

SHARED = "all"  # `whose`: of everybody


@dataclass(frozen=True)
class SavedLink:
    """A saved filter in the menu: where it leads, where it is changed, and whether the list shows it now."""

    filter: SavedFilter
    href: str
    change_href: str
    current: bool


class Saving:
    """What the menu's template needs; the shared filters are asked for once."""

    def __init__(self, state: State, caller: Caller | None, dom_id: str) -> None:
        self.state, self.caller, self.dom_id = state, caller, dom_id

    @property
    def button(self) -> str:
        """The id of the button that opens the menu."""
        return f"{self.dom_id}-saved"

    @property
    def is_open(self) -> bool:
        """Whether the form of a saved filter is asked for, or comes back with what is wrong."""
        return "saved" in self.state.params or "named" in self.state.params

    @cached_property
    def _links(self) -> list[SavedLink]:
        state, shown = self.state, same(self.state.query)
        return [
            SavedLink(
                one,
                state.like(one.query),
                state.link(saved=one.name, whose=SHARED if one.shared else None),
                same(one.query) == shown,
            )
            for one in state.saved
        ]

    @property
    def own(self) -> list[SavedLink]:
        return [one for one in self._links if not one.filter.shared]

    @property
    def shared(self) -> list[SavedLink]:
        return [one for one in self._links if one.filter.shared]

    @property
    def default_shown(self) -> SavedFilter | None:
        """The filter that the list opens with, while it shows that."""
        return next((one.filter for one in self._links if one.filter.default and one.current), None)

    @property
    def show_all_url(self) -> str:
        return self.state.link(f=None, q=None, join=None, sort=None)

    @cached_property
    def rights(self) -> Rights:
        return rights_of(self.caller)

    @cached_property
    def form(self) -> SavedFilterForm:
        """The form for the filter that the list shows or, asked for, of a saved one; with what was typed when that was wrong."""
        params = self.state.params
        changed = named(self._asked_for, params.get("saved", ""))
        typed = {"name": params.get("named"), "default": params.get("opens"), "share": params.get("share")}
        form = SavedFilterForm(
            typed if "named" in params else None,
            saved=self.state.saved,
            query=self.state.query,
            changed=changed,
            rights=self.rights,
            auto_id=f"{self.dom_id}-saved-%s",
        )
        if self.is_open:
            first = next(iter(form.fields.values()))
            first.widget.attrs["autofocus"] = True
        return form

    @property
    def _asked_for(self) -> Iterator[SavedFilter]:
        shared = self.state.params.get("whose") == SHARED
        return (one for one in self.state.saved if one.shared == shared)
