"""Line differences of two texts, with the changed words marked inside changed lines."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext

WORD = re.compile(r"\w+|\s+|.", re.DOTALL)
MOST_PAIRS = (
    200_000  # of equal parts: the search for what stayed looks at each, and a text that repeats itself has their square
)


@dataclass(frozen=True)
class Line:
    """One line of the difference: `kind` is same, added, removed or gap; the numbers are 1-based, 0 where the line is absent."""

    kind: str
    text: SafeString
    before: int = 0
    after: int = 0

    @property
    def sign(self) -> str:
        return {"added": "+", "removed": "−"}.get(self.kind, "")


def line_diff(before: str, after: str, context: int = 3) -> list[Line]:
    """The difference of two texts line by line; unchanged stretches longer than twice `context` are folded into one gap.

    Lines that are indented otherwise are the same, as they are to who reads JSON; they are shown as they stand in the text `after`.
    """
    old, new = before.splitlines(), after.splitlines()
    lines: list[Line] = []
    a, b = [line.strip() for line in old], [line.strip() for line in new]
    found = SequenceMatcher(None, a, b, autojunk=False).get_opcodes() if _comparable(a, b) else _replaced(a, b)
    for tag, first, last, start, stop in found:
        if tag == "equal":
            lines.extend(
                _fold(
                    new[start:stop],
                    first,
                    start,
                    context,
                    at_start=first == 0,
                    at_end=last == len(old) and stop == len(new),
                )
            )
        else:
            lines.extend(_changed(old[first:last], new[start:stop], first, start))
    return lines


def _comparable(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether what stayed can be searched for in bounded time."""
    counts = Counter(old)
    return sum(counts[part] for part in new) <= MOST_PAIRS


def _replaced(old: Sequence[str], new: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    """Both as a difference in which nothing stayed but the beginning and the end."""
    pairs = list(zip(old, new, strict=False))
    head = next((place for place, (a, b) in enumerate(pairs) if a != b), len(pairs))
    most = len(pairs) - head
    tail = next((n for n in range(most) if old[-1 - n] != new[-1 - n]), most)
    return [
        ("equal", 0, head, 0, head),
        ("replace", head, len(old) - tail, head, len(new) - tail),
        ("equal", len(old) - tail, len(old), len(new) - tail, len(new)),
    ]


def _fold(texts: list[str], first: int, start: int, context: int, *, at_start: bool, at_end: bool) -> Iterator[Line]:
    head, tail = (0 if at_start else context), (0 if at_end else context)
    hidden = len(texts) - head - tail
    for index, text in enumerate(texts):
        if hidden > 1 and head <= index < len(texts) - tail:
            if index == head:
                words = ngettext("%(number)d unchanged line", "%(number)d unchanged lines", hidden) % {"number": hidden}
                yield Line("gap", format_html("{}", words))
            continue
        yield Line("same", format_html("{}", text), first + index + 1, start + index + 1)


def _changed(old: list[str], new: list[str], first: int, start: int) -> Iterator[Line]:
    pairs = min(len(old), len(new))
    marked = [_words(old[index], new[index]) for index in range(pairs)]
    for index, text in enumerate(old):
        yield Line("removed", marked[index][0] if index < pairs else format_html("{}", text), before=first + index + 1)
    for index, text in enumerate(new):
        yield Line("added", marked[index][1] if index < pairs else format_html("{}", text), after=start + index + 1)


def _words(old: str, new: str) -> tuple[SafeString, SafeString]:
    a, b = WORD.findall(old.lstrip()), WORD.findall(new.lstrip())
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    if not _comparable(a, b) or matcher.ratio() < 0.4:  # two lines that have little in common read better whole
        return format_html("{}", old), format_html("{}", new)
    left, right = (
        line[: len(line) - len(line.lstrip())] for line in (old, new)
    )  # white space, which needs no escaping
    for tag, first, last, start, stop in matcher.get_opcodes():
        gone, come = "".join(a[first:last]), "".join(b[start:stop])
        left += format_html("{}" if tag == "equal" else "<del>{}</del>", gone) if gone else ""
        right += format_html("{}" if tag == "equal" else "<ins>{}</ins>", come) if come else ""
    return mark_safe(left), mark_safe(right)  # noqa: S308 - built by format_html above
