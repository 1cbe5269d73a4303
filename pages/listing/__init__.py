"""Lists: filter, sort, page by key, choose columns, select, act, export. docs/ui.md shows how a page uses them."""

from pages.listing.bulk import BulkRun, Loss, bulk_page, is_confirmed, not_deleted, single_page
from pages.listing.columns import Column, tag_column
from pages.listing.filters import (
    AgeFilter,
    Choice,
    ChoiceFilter,
    DateFilter,
    Filter,
    FilterError,
    NumberFilter,
    RelatedFilter,
    Rows,
    Suggestion,
    TagFilter,
    TextFilter,
)
from pages.listing.page import ListPage
from pages.listing.render import make_list, render_listing
from pages.listing.review import Refused
from pages.listing.selection import Selection, selection
from pages.listing.spec import BulkAction, Create, Listing
from pages.listing.state import State

__all__ = [
    "AgeFilter",
    "BulkAction",
    "BulkRun",
    "Choice",
    "ChoiceFilter",
    "Column",
    "Create",
    "DateFilter",
    "Filter",
    "FilterError",
    "ListPage",
    "Listing",
    "Loss",
    "NumberFilter",
    "Refused",
    "RelatedFilter",
    "Rows",
    "Selection",
    "State",
    "Suggestion",
    "TagFilter",
    "TextFilter",
    "bulk_page",
    "is_confirmed",
    "make_list",
    "not_deleted",
    "render_listing",
    "selection",
    "single_page",
    "tag_column",
]
