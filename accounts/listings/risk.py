"""The risk of users as a column and a filter of their list: the gravest of the facts that the reader may see, with these facts and where to
act. It has no order: severity hangs on today's date, so that no index has it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from django.db.models import Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.risks import HIGH, LOW, MEDIUM, OUTCOMES, RISKS, WORDS, Risk
from operations.caller import Caller
from pages.listing import Choice, ChoiceFilter, Column
from pages.listing.needs import sees

NEEDS = tuple(dict.fromkeys(way for risk in RISKS for way in risk.needs))  # one fact is enough
SEVERITIES = (("high", HIGH, _("high")), ("medium", MEDIUM, _("medium")), ("low", LOW, _("low")))


@dataclass(frozen=True)
class Fact:
    """What is a risk of one user, in words; `href` is where to act, empty for who may not open it."""

    severity: int
    label: Promise
    href: str = ""

    @property
    def word(self) -> Promise:
        return WORDS[self.severity]

    @property
    def kind(self) -> str:
        return OUTCOMES[self.severity]

    def __str__(self) -> str:
        return f"{self.word}: {self.label}"


def _facts(caller: Caller) -> Callable[[User], list[Fact]]:
    """How a reader finds the facts of a user, the gravest first; no query."""
    seen = [risk for risk in RISKS if sees(caller, risk.needs)]

    def facts(user: User) -> list[Fact]:
        found = [risk for risk in seen if risk.holds(user)]
        address = ""
        if found and caller.may_somehow("iam:GetUser", user.arn):
            address = reverse("accounts:user-security-credentials", args=[user.name])
        places = [f"{address}#{risk.part}" if risk.part else address for risk in found]
        return [
            Fact(risk.severity, risk.label, place if address else "") for risk, place in zip(found, places, strict=True)
        ]

    return facts


@dataclass(frozen=True)
class RiskFilter(ChoiceFilter):
    """The gravest risk of users among the facts that the reader may see. Its choices are made for each reader, and so of the day."""

    def for_reader(self, caller: Caller) -> "RiskFilter":
        return replace(self, choices=tuple(_choices([risk for risk in RISKS if sees(caller, risk.needs)])))


def _choices(risks: Sequence[Risk]) -> Iterable[Choice]:
    """Users whose gravest risk is of each severity, and those who have none."""
    graver = Q(pk__in=())
    for value, severity, label in SEVERITIES:
        of_it = Q(pk__in=())
        for risk in risks:
            if risk.severity == severity:
                of_it |= risk.condition()
        yield Choice(value, label, of_it & ~graver)
        graver |= of_it
    yield Choice("any", _("any"), graver)
    yield Choice("none", _("none"), ~graver)


RISK_COLUMN = Column(
    "risk",
    _("Risk"),
    default=False,
    empty=_("None found"),
    needs=NEEDS,
    read_by=_facts,
    template="accounts/users/risk.html",
)
RISK_FILTER = RiskFilter("risk", _("Risk"), needs=NEEDS)
