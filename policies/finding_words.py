"""How many findings there are, in words: `2 errors, 1 suggestion`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from engine.validate import Severity
from policies.facts import FINDINGS

SAID: Final[Sequence[tuple[Severity, Callable[[int], str]]]] = (
    ("ERROR", lambda n: ngettext("%(n)d error", "%(n)d errors", n)),
    ("SECURITY_WARNING", lambda n: ngettext("%(n)d security warning", "%(n)d security warnings", n)),
    ("WARNING", lambda n: ngettext("%(n)d warning", "%(n)d warnings", n)),
    ("SUGGESTION", lambda n: ngettext("%(n)d suggestion", "%(n)d suggestions", n)),
)


def parts(counts: Mapping[Severity, int]) -> list[tuple[Severity, str]]:
    """The severities that there are findings of, the gravest first, each with its number in words."""
    return [
        (severity, words(counts[severity]) % {"n": counts[severity]}) for severity, words in SAID if counts[severity]
    ]


def in_words(counts: Mapping[Severity, int]) -> str:
    """All of it as one text."""
    return ", ".join(words for _severity, words in parts(counts)) or _("No findings")


def counts_of(policy: Any) -> dict[Severity, int]:
    """What is kept beside a policy (policies.facts)."""
    return {severity: getattr(policy, column) for severity, column in FINDINGS.items()}
