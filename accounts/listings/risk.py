"""The risk of users as a column and a filter of their list: the gravest of the facts that the reader may see, with these facts and where to
act. Its order hangs on today's date and on who reads, so that no index has it: rows of one severity are read after those of another.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from django.db.models import Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.risks import (
    ADMINISTRATOR,
    OUTCOMES,
    RISKS,
    WORDS,
    Risk,
    is_administrator,
    ranks,
)
from operations.caller import Caller
from pages.listing import Choice, ChoiceFilter, Column
from pages.listing.needs import sees

NEEDS = tuple(dict.fromkeys(way for risk in RISKS for way in risk.needs))  # one fact is enough
SEVERITIES = (("high", _("high")), ("medium", _("medium")), ("low", _("low")))


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
        may_open = bool(found) and caller.may_somehow("iam:GetUser", user.arn)
        return [Fact(risk.severity, risk.label, _place(user, risk) if may_open else "") for risk in found]

    return facts


def _place(user: User, risk: Risk) -> str:
    return reverse(risk.page, args=[user.name]) + (f"#{risk.part}" if risk.part else "")


def _order(caller: Caller) -> tuple[Q, ...]:
    """The order of the list for a reader: by the facts that the reader may see, as the column shows them."""
    return ranks([risk for risk in RISKS if sees(caller, risk.needs)])


@dataclass(frozen=True)
class RiskFilter(ChoiceFilter):
    """The gravest risk of users among the facts that the reader may see. Its choices are made for each reader, and so of the day."""

    def for_reader(self, caller: Caller) -> "RiskFilter":
        return replace(self, choices=tuple(_choices([risk for risk in RISKS if sees(caller, risk.needs)])))


def _choices(risks: Sequence[Risk]) -> Iterable[Choice]:
    """Users whose gravest risk is of each severity, those who have none, and those who have one of the facts."""
    none, *by_severity = ranks(risks)
    for (value, label), condition in zip(SEVERITIES, reversed(by_severity), strict=True):
        yield Choice(value, label, condition)
    yield Choice("any", _("any"), ~none)
    yield Choice("none", _("none"), none)
    for risk in risks:
        yield Choice(risk.key, risk.label, risk.condition())


RISK_COLUMN = Column(
    "risk",
    _("Risk"),
    default=False,
    empty=_("None found"),
    needs=NEEDS,
    read_by=_facts,
    along=lambda: {ADMINISTRATOR: is_administrator()},
    sort="risk_rank",
    ordered_by=_order,
    nulls="never",
    template="accounts/users/risk.html",
)
RISK_FILTER = RiskFilter("risk", _("Risk"), needs=NEEDS)
