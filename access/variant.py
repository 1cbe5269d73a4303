"""One way out of a denial, and how many of them it takes."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Variant:
    """One change: what to do, whom it touches, and the page where it is done (or an empty text)."""

    change: str
    risk: str
    href: str = ""


@dataclass(frozen=True)
class Variants:
    """The changes, and how many of them it takes: `layers` are those of which each must allow, besides the denials where it `is_denied`."""

    rows: Sequence[Variant]
    layers: Sequence[str] = ()
    is_denied: bool = False

    @property
    def lead(self) -> str:
        """How many of them it takes."""
        layers = {"layers": ", ".join(self.layers)}
        if self.is_denied and self.layers:
            return _("Each of these denies it. Without them, each of these must still allow it: %(layers)s.") % layers
        if self.is_denied:
            return _("Each of these denies it: none of them may stay as it is.")
        if len(self.layers) > 1:
            return _("Each of these must allow it: %(layers)s. Choose one way for each.") % layers
        return _("One of these is enough. The smallest is the one that touches the fewest.")
