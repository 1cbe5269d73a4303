"""Components for text that machines read: code with marked lines, differences, commands."""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.template import Context
from django.template.loader import render_to_string
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.utils.translation import gettext as _

from engine.canonical import in_lines, laid_out
from operations.reasons import LONGEST
from operations.rehearsal import Step
from pages import reasons
from pages.commands import told
from pages.diff import line_diff
from pages.outcomes import OUTCOMES

TOKENS = re.compile(
    r"""(?P<k>"(?:[^"\\]|\\.)*"(?=\s*:))          # a key
      | (?P<s>"(?:[^"\\]|\\.)*")                    # a string
      | (?P<n>-?\b\d[\d.eE+-]*\b|\b(?:true|false|null)\b)
      | (?P<p>[{}\[\],:]+)""",
    re.VERBOSE,
)
HCL_TOKENS = re.compile(
    r"""(?P<c>^\s*\#.*)                           # a comment
      | (?P<k>^\s*[\w-]+(?=\ *=\ ))               # an argument
      | (?P<s>"(?:[^"\\]|\\.)*")                    # a string
      | (?P<n>\b(?:\d+|true|false)\b)
      | (?P<p>[{}\[\](),=]+)""",
    re.VERBOSE,
)
SHELL_TOKENS = re.compile(r"(?P<c>^\#.*)")
LANGUAGES = {"json": TOKENS, "hcl": HCL_TOKENS, "shell": SHELL_TOKENS}


def code(
    text: str, label: str = "", language: str = "", hit: str = "", kind: str = "explicitDeny", *,
    numbered: bool = False, copy: bool = True, limited: bool = False, wrap: bool = False, marks: Mapping[int, str] | None = None,
    anchors: Collection[int] = (),
) -> SafeString:  # fmt: skip
    """A block of code with a copy button. `language` ("json", "hcl", "shell") colours it; `hit` marks lines ("3-7,9") in the colour of
    `kind`.

    `marks` gives single lines an outcome each; `limited` scrolls beyond 28 rem. JSON in one line is laid out, unless its lines are marked.
    Lines of `anchors` can be linked to, as `#line-4`: of one text on a page; a template that has none gives an empty text.
    """
    chosen = {**dict.fromkeys(lines_of(hit), kind), **(marks or {})}
    if language == "json" and not chosen:
        text = laid_out(text)
    lines = [
        (
            OUTCOMES[chosen[number]].css if number in chosen else "",
            coloured(line, language) if language in LANGUAGES else conditional_escape(line),
            number if anchors and number in anchors else None,
        )
        for number, line in enumerate(text.splitlines() or [""], 1)
    ]
    values = {
        "text": text,
        "lines": lines,
        "label": label,
        "numbered": numbered,
        "copy": copy,
        "limited": limited,
        "wrap": wrap,
    }
    return SafeString(render_to_string("components/code.html", values))


def coloured(line: str, language: str = "json") -> SafeString:
    """One line with its comments, keys, strings, numbers and punctuation marked."""
    parts, place = [], 0
    for match in LANGUAGES[language].finditer(line):
        parts.append(conditional_escape(line[place : match.start()]))
        parts.append(format_html('<span class="{}">{}</span>', match.lastgroup, match[0]))
        place = match.end()
    parts.append(conditional_escape(line[place:]))
    return mark_safe("".join(parts))  # noqa: S308 - every part was escaped


def lines_of(text: str) -> Iterable[int]:
    """`3-7,9` as numbers."""
    for part in filter(None, str(text).split(",")):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def diff(before: str, after: str, label: str = "", before_label: str = "", after_label: str = "") -> SafeString:
    """The difference of two texts, line by line, with the changed words marked; of JSON in one line, as if it were laid out. Where lines
    are only indented otherwise, it says just that.
    """
    if not (in_lines(before) and in_lines(after)):
        before, after = laid_out(before, always=True), laid_out(after, always=True)
    lines = line_diff(before, after)
    values = {
        "lines": lines,
        "label": label,
        "before_label": before_label,
        "after_label": after_label,
        "same": before == after,
        "indented": before != after and all(line.kind in {"same", "gap"} for line in lines),
    }
    return SafeString(render_to_string("components/diff.html", values))


def commands(
    context: Context,
    press: str = "",
    form: str = "",
    address: str = "",
    *,
    compact: bool = False,
    reason: bool = True,
    command: bool = True,
    kept: str = "",
) -> SafeString:
    """A button for a form that changes something: shows what it does as AWS CLI commands or as Terraform. `press` is what its own button
    sends, `form` the id of the form where the button stands outside of it, `address` where the form goes, if that is another page. Beside
    it stands the field for the `reason`, but where the form asks for one by itself or has the field already; `kept` says
    where else than in the record it will be read. Without `command` the reason stands alone, beside a command that is told already.
    """
    request = context.get("request")
    address = address or (request.get_full_path() if request is not None else "")
    values = {"press": press, "address": address, "form": form, "compact": compact}
    button = SafeString(render_to_string("components/commands.html", values) if command else "")
    if not reason:
        return button
    both = button + reason_field(request, press, form, address, kept, compact=compact)
    return both if compact else format_html('<span class="told">{}</span>', both)


def reason_field(request: Any, press: str, form: str, address: str, kept: str = "", *, compact: bool) -> SafeString:
    """Where the reason of a change may be said; after an error it is there as it was typed, with what is wrong with it."""
    name = reasons.field_name(press)
    value = reasons.typed(request, name, address)
    values = {
        "name": name,
        "value": value,
        "wrong": reasons.wrong(value),
        "longest": LONGEST,
        "form": form,
        "compact": compact,
        "kept": kept,
        "id": f"wrong-{slugify(name)}",
    }
    return SafeString(render_to_string("components/reason.html", values))


def cli_command(context: Context, *asked: Any) -> SafeString:
    """What a form will do, as AWS CLI commands or as Terraform, folded away: `"iam:CreateUser" parameters`, and more such pairs."""
    actions = [str(action).split(":") for action in asked[::2]]
    steps = [Step(service, name, params) for (service, name), params in zip(actions, asked[1::2], strict=True)]
    values = {"label": _("As code"), **told(context.get("request"), steps)}
    return SafeString(render_to_string("components/cli_command.html", values))


def pretty_json(value: Any) -> str:
    """A value as indented JSON, for a code block."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)
