"""Components with content of their own: header, card, tabs, table, key-values, callout, empty state, dialog, steps, menu."""

from collections.abc import Iterable
from typing import Any

from django.template import Context
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from operations.caller import Caller
from operations.gate import resource_keys
from pages import icons, outcomes
from pages import trail as trails
from pages.components.slots import take_slots


def _component(name: str, **values: Any) -> SafeString:
    return SafeString(render_to_string(f"components/{name}.html", values))


def page_header(content: SafeString, title: str, count: Any = None, lead: str = "", badge: str = "") -> SafeString:
    """The page's h1 with an optional count, lead and badge; the content is its actions, the main one last."""
    actions = SafeString(content.strip())
    return _component("page_header", title=title, count=count, lead=lead, badge=badge, actions=actions)


def crumbs(*parts: str) -> SafeString:
    """Breadcrumbs from pairs of label and address; a last label without an address is this page."""
    pairs = [(parts[index], parts[index + 1] if index + 1 < len(parts) else "") for index in range(0, len(parts), 2)]
    return _component("crumbs", pairs=pairs)


def trail(context: Context, here: str) -> SafeString:
    """Breadcrumbs by the address of the page, which itself is called `here`; docs/ui.md says the rule."""
    request = context.get("request")
    return _component("crumbs", pairs=[*(trails.trail(request) if request else []), (here, "")])


def card(
    content: SafeString, title: str = "", count: Any = None, lead: str = "", *, flush: bool = False, id: str = ""
) -> SafeString:
    """A card with a title; slots `actions` (right of the title) and `footer`. `flush` lets a table or code reach the edges."""
    body, slots = take_slots(content)
    return _component("card", title=title, count=count, lead=lead, flush=flush, id=id, body=body, **slots)


def tabs(content: SafeString, label: str) -> SafeString:
    """A row of tabs, each a page of its own; the content is `{% tab %}`s."""
    return format_html('<nav class="tabs" aria-label="{}"><ul>{}</ul></nav>', label, content)


def tab(
    context: Context,
    label: str,
    href: str,
    key: str = "",
    count: Any = None,
    *,
    permission: str = "",
    on: str = "*",
    also: str = "",
    tags: Iterable[Any] = (),
) -> SafeString:
    """One tab: current when `key` equals the page's `tab` value, or when the address is this page's.

    It is there only for who has `permission` (one action, or several with blanks between) on the ARN `on`, whose `tags` bring their
    condition keys, and for what has no resource of its own `also` on `*`. The tab of the page itself stays, so that nobody is lost.
    """
    request = context.get("request")
    current = context.get("tab") == key if key else bool(request and request.path == href)
    if not current and not _permitted(context.get("caller"), permission, on, also, tags):
        return SafeString("")
    mark = SafeString(' aria-current="page"') if current else ""
    number = format_html(' <span class="badge">{}</span>', count) if count is not None else ""
    return format_html('<li><a href="{}"{}><span>{}</span>{}</a></li>', href, mark, label, number)


def _permitted(caller: Caller | None, permission: str, on: str, also: str, tags: Iterable[Any]) -> bool:
    if not permission and not also:
        return True
    if caller is None:
        return False
    keys = resource_keys(tags) if permission else {}
    return all(caller.may(action, on, keys) for action in permission.split()) and all(map(caller.may, also.split()))


def table(content: SafeString, label: str, *, plain: bool = False, id: str = "", blocks: bool = False) -> SafeString:
    """A table (thead and tbody as content) in its own scrolling region, named by `label`.

    With `blocks` each row is a block on the phone: where it ends in a cell of buttons (class `end`), so that no column lies under them, or
    says too much for its width. The style sheet then shows the column's heading before each cell that has it as `data-label`.
    """
    return _component("table", label=label, plain=plain, id=id, blocks=blocks, content=content)


def key_values(content: SafeString) -> SafeString:
    """A list of facts; the content is `{% kv %}`s."""
    return format_html('<dl class="key-values">{}</dl>', content)


def kv(content: SafeString, label: str, *, whole: bool = False) -> SafeString:
    """One fact: its label, and the content as its value (a dash when empty). `whole` gives it a whole line."""
    value = content.strip() or '<span class="faint">–</span>'
    return format_html(
        '<div class="{}"><dt>{}</dt><dd>{}</dd></div>', "whole" if whole else "", label, SafeString(value)
    )


def callout(
    content: SafeString, kind: str = "info", title: str = "", *, dismiss: bool = False, live: bool = False
) -> SafeString:
    """A message in the page: kind is info, success, warning, error or neutral; `live` announces it, `dismiss` lets it be closed."""
    found = outcomes.outcome(outcomes.CALLOUTS[kind])
    return _component("callout", outcome=found, kind=kind, title=title, content=content, dismiss=dismiss, live=live)


def empty_state(content: SafeString, title: str, icon: str = "empty") -> SafeString:
    """What stands where nothing is: a title, a sentence of purpose as content, buttons in the slot `actions`."""
    body, slots = take_slots(content)
    return _component("empty_state", title=title, icon=icon, body=body, **slots)


def dialog(content: SafeString, id: str, title: str, *, wide: bool = False, panel: bool = False) -> SafeString:
    """A dialog (or with `panel` a side panel) that any `<a href="#id">` opens: modal with JavaScript, by :target without."""
    return _component("dialog", id=id, title=title, wide=wide, panel=panel, content=content)


def side_panel(content: SafeString, id: str, title: str, *, wide: bool = False) -> SafeString:
    """A panel at the side of the page, for what is made on the way (a policy inside a wizard)."""
    return dialog(content, id, title, wide=wide, panel=True)


def steps(content: SafeString, label: str) -> SafeString:
    """A wizard's steps; the content is `{% step %}`s."""
    return format_html('<nav aria-label="{}"><ol class="steps">{}</ol></nav>', label, content)


def step(label: str, state: str = "", href: str = "", note: str = "") -> SafeString:
    """One step: state is done, current or empty; a step with an address can be gone back to."""
    name = format_html('<a href="{}">{}</a>', href, label) if href and state != "current" else format_html("{}", label)
    small = format_html("<small>{}</small>", note) if note else ""
    mark = SafeString(' aria-current="step"') if state == "current" else ""
    return format_html('<li class="{}"{}>{}{}</li>', "done" if state == "done" else "", mark, name, small)


def way(stages: list[dict[str, Any]]) -> SafeString:
    """The way of a decision: stages of `{name, outcome, note, decides}` in the order in which they were asked."""
    rows = (
        (
            outcomes.outcome(stage["outcome"]).css,
            " decides" if stage.get("decides") else "",
            icons.icon(outcomes.outcome(stage["outcome"]).icon),
            stage["name"],
            outcomes.outcome(stage["outcome"]).word,
            stage.get("note", ""),
        )
        for stage in stages
    )
    item = '<li class="{}{}"><span class="dot">{}</span><b>{}</b> <span class="visually-hidden">{}</span><small>{}</small></li>'
    return format_html('<ol class="way">{}</ol>', format_html_join("", item, rows))


def menu(
    content: SafeString,
    label: str,
    icon: str = "",
    kind: str = "",
    *,
    start: bool = False,
    bare: bool = False,
    id: str = "",
    opened: bool = False,
) -> SafeString:
    """A button that opens a small panel; the content is links and buttons of class `item`. `bare` shows the icon alone; `opened` shows
    the panel at once. With an `id` the button has the focus again after what was chosen has replaced the menu."""
    given = {"label": label, "icon": icon, "kind": kind, "start": start, "bare": bare, "id": id, "opened": opened}
    return _component("menu", **given, content=content)


def pills(content: SafeString, label: str, *, inset: bool = False) -> SafeString:
    """Ready filters or kinds in a row; the content is list items with links or buttons. `inset` in a card, above its table."""
    return _component("pills", label=label, inset=inset, content=content)


def disclosure(content: SafeString, label: str, *, open: bool = False) -> SafeString:
    """Content that unfolds under its label."""
    mark = SafeString(" open") if open else ""
    return format_html(
        '<details class="disclosure"{}><summary>{}{}</summary><div>{}</div></details>',
        mark,
        icons.icon("chevron-right"),
        label,
        content,
    )
