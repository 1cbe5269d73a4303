"""Long lists in a line or a cell: the first few are shown, and the others unfold; on paper all of them stand there."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from pages import icons
from pages.components.shell import grouped
from pages.components.words import breakable

SHOWN: Final = 5  # of a list that has more
SEPARATOR: Final = ", "


def folded(items: Iterable[Any] | str, kind: str = "row", label: str = "") -> SafeString:
    """A list whose sixth item and all further ones unfold under «and 14 more».

    `items` may be a text with commas. `kind` is `row` (with commas between them), `lines` (a line each, ARNs in the monospaced face) or
    `code` (a line of code each). `label` says of what there are more, to whoever hears the page.
    """
    found = items.split(SEPARATOR) if isinstance(items, str) else [str(item) for item in items]
    rest = found[SHOWN:]
    if not rest:
        return _joined(found, kind)
    more = ngettext("and %(n)s more", "and %(n)s more", len(rest)) % {"n": grouped(len(rest))}
    return format_html(
        '{}<details class="disclosure folded"><summary>{}{}{}</summary><div>{}</div></details>',
        _joined(found[:SHOWN], kind),
        icons.icon("chevron-right"),
        more,
        format_html('<span class="visually-hidden">: {}</span>', label) if label else "",
        _joined(rest, kind),
    )


def _joined(items: Sequence[str], kind: str) -> SafeString:
    if kind == "lines":
        return format_html_join(
            "", "<div{}>{}</div>", ((SafeString(' class="mono small"' if _is_arn(item) else ""), _line(item)) for item in items)
        )  # fmt: skip
    if kind == "code":
        return format_html_join(SafeString("<br>"), "<code>{}</code>", ((breakable(item),) for item in items))
    return format_html_join(SEPARATOR, "{}", ((breakable(item) if ":" in item else item,) for item in items))


def _is_arn(item: str) -> bool:
    return item.startswith("arn:")


def _line(item: str) -> SafeString:
    """A line, which may hold a list itself: the values of a condition."""
    return breakable(item) if item.count(SEPARATOR) < SHOWN else folded(item)
