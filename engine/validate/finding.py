"""What a check found: code, severity, sentence, place, and where it is safe a fix as edits of the text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from engine.json_tree import Span
from engine.validate.codes import CODES, Severity

Path = tuple[str | int, ...]

SEVERITY_ORDER: Final[dict[Severity, int]] = {"ERROR": 0, "SECURITY_WARNING": 1, "WARNING": 2, "SUGGESTION": 3}


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text between two offsets (0-based, end exclusive)."""

    start: int
    end: int
    replacement: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that removes the finding without changing what the author meant; `label` says what it does."""

    label: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. `path` leads to the place: element names and positions in lists, from the root of the document."""

    code: str
    severity: Severity
    message: str
    span: Span
    path: Path
    fix: Fix | None = None
    parameters: dict[str, Any] = field(default_factory=dict, compare=False, hash=False)

    @property
    def learn_more(self) -> str:
        """AWS's page about this check."""
        return CODES[self.code].learn_more

    def as_dict(self) -> dict[str, Any]:
        """The finding as ValidatePolicy returns it, with our `fix` besides."""
        span = self.span
        found: dict[str, Any] = {
            "findingType": self.severity,
            "issueCode": self.code,
            "findingDetails": self.message,
            "learnMoreLink": self.learn_more,
            "locations": [
                {
                    "path": [{"index": step} if isinstance(step, int) else {"value": step} for step in self.path],
                    "span": {
                        "start": {"line": span.start_line, "column": span.start_column, "offset": span.start_offset},
                        "end": {"line": span.end_line, "column": span.end_column, "offset": span.end_offset},
                    },
                }
            ],
        }
        if self.fix:
            found["fix"] = {
                "label": self.fix.label,
                "edits": [
                    {"start": edit.start, "end": edit.end, "replacement": edit.replacement} for edit in self.fix.edits
                ],
            }
        return found


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text after a fix. Raises ValueError when edits overlap."""
    parts: list[str] = []
    position = 0
    for edit in sorted(edits, key=lambda each: (each.start, each.end)):
        if edit.start < position:
            raise ValueError("the edits of a fix overlap")
        parts += (text[position : edit.start], edit.replacement)
        position = edit.end
    return "".join((*parts, text[position:]))
