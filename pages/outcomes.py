"""One colour, one icon and one word for each outcome, everywhere."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Outcome:
    """`css` is the class that carries the colour, `word` what stands beside the icon."""

    css: str
    icon: str
    word: Promise


OUTCOMES = {
    "allowed": Outcome("allowed", "check", _("Allowed")),
    "explicitDeny": Outcome("explicit-deny", "cross", _("Explicit deny")),
    "implicitDeny": Outcome("implicit-deny", "no-entry", _("Implicit deny")),
    "warning": Outcome("warning", "warning", _("Warning")),
    "info": Outcome("info", "info", _("Note")),
    "neutral": Outcome("neutral", "dash", _("None")),
}
CALLOUTS = {"info": "info", "success": "allowed", "warning": "warning", "error": "explicitDeny", "neutral": "neutral"}


def outcome(kind: str) -> Outcome:
    """The outcome of the engine's name (`explicitDeny`). Raises KeyError for a name that is none."""
    return OUTCOMES[kind]
