"""What one entity was called before: the Events of a user or group follow it through its renames.

An Event bears the ARN that its entity had then. The record of a rename (UpdateUser, UpdateGroup) names both, the old one first; so the
present ARN leads to the one before, and that to the one before it, until a creation. An ARN may have been somebody else's before or after:
each name counts only for the time in which the entity bore it. What was brought in by an import has no creation in the record; where a
namesake was deleted before, it begins after that.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q

from operations.models import Event
from pages.listing import Filter

CREATIONS: Final = ("CreateUser", "CreateGroup", "CreateRole", "CreateServiceLinkedRole", "CreatePolicy")
# Deleting a service-linked role may come to nothing, and another one is made by a call that is recorded: it is not among these.
DELETIONS: Final = ("DeleteUser", "DeleteGroup", "DeleteRole", "DeletePolicy")
RENAMED: Final = {"user/": "UpdateUser", "group/": "UpdateGroup"}  # what may be renamed, and by which call
RENAMES: Final = tuple(RENAMED.values())
MADE_ANEW: Final = (*RENAMED, "role/", "policy/")  # what may be deleted and made once more under the same ARN
MOST_READ: Final = 1_000  # renames of an account, the newest, that are looked through
MOST_NAMES: Final = 20  # names of one entity that are followed
AFTERWARDS: Final = timedelta(microseconds=1)  # the deletion itself was the namesake's


@dataclass(frozen=True)
class Name:
    """An ARN, and from when until when the entity bore it; None: from the beginning, until now."""

    arn: str
    since: datetime | None
    until: datetime | None

    def bore_at(self, moment: datetime) -> bool:
        return (self.since is None or self.since <= moment) and (self.until is None or moment <= self.until)

    def condition(self) -> Q:
        """The Events about the entity under this name."""
        found = Q(resource=self.arn)
        if self.since is not None:
            found &= Q(time__gte=self.since)
        return found & Q(time__lte=self.until) if self.until is not None else found


def names_of(account_id: str, arn: str) -> list[Name]:
    """The names that the entity of this ARN has had, the present one first. At most two queries."""
    return names_of_all([account_id], [arn])[arn]


def names_of_all(account_ids: Collection[str], arns: Collection[str]) -> dict[str, list[Name]]:
    """The names that the entities of some ARNs have had, by the present one, from the records of their accounts. At most two queries.

    Changes are recorded at once: the journal, in which reads may wait, need not be settled for this.
    """
    found = {arn: [Name(arn, None, None)] for arn in arns}
    known = [arn for arn in arns if _without_account(arn).startswith(MADE_ANEW)]
    if not known:
        return found
    events = Event.objects.filter(account_id__in=account_ids).order_by("-time", "-id")
    if names := [
        name for kind, name in RENAMED.items() if any(_without_account(arn).startswith(kind) for arn in known)
    ]:
        # Those that failed are left out here: asked for beside the name, a million that did not fail would be gone through.
        renames = [
            (moment, [each["ARN"] for each in json.loads(text)["resources"]])
            for moment, text, error in events.filter(name__in=names).values_list("time", "record", "error_code")[
                :MOST_READ
            ]
            if not error
        ]
        found.update({arn: list(_followed(arn, renames)) for arn in known})
    borne = {name.arn for names in found.values() for name in names}
    turns = events.filter(name__in=(*CREATIONS, *DELETIONS), resource__in=borne, error_code="")
    begun = [
        (arn, moment + AFTERWARDS if called in DELETIONS else moment)
        for called, arn, moment in turns.values_list("name", "resource", "time")[:MOST_READ]
    ]
    return {**found, **{arn: _since_creation(found[arn], begun) for arn in known}}


def _without_account(arn: str) -> str:
    return arn.partition(":iam::")[2].partition(":")[2]


def _followed(arn: str, renames: Iterable[tuple[datetime, Sequence[str]]]) -> Iterator[Name]:
    """The names back in time, by the renames from the newest on."""
    until, steps = None, 1
    for moment, (old, *new) in renames:
        if new == [arn] and steps < MOST_NAMES:
            yield Name(arn, moment, until)
            arn, until, steps = old, moment, steps + 1
    yield Name(arn, None, until)


def _since_creation(names: Sequence[Name], creations: Sequence[tuple[str, datetime]]) -> list[Name]:
    """The names up to the one with which the entity was made; what lies before was a namesake's."""
    found = []
    for name in names:
        born = next((moment for arn, moment in creations if arn == name.arn and name.bore_at(moment)), None)
        found.append(replace(name, since=born or name.since))
        if born is not None:
            break
    return found


def about_entity(account_id: str, arn: str) -> Q:
    """The Events about the entity of this ARN, under whatever name."""
    found = Q(pk__in=[])
    for name in names_of(account_id, arn):
        found |= name.condition()
    return found


@dataclass(frozen=True)
class EntityFilter(Filter):
    """Events about one entity, under its present ARN and those that it had before."""

    account_id: str = ""

    @property
    def operators(self) -> tuple[str, ...]:
        return ("eq",)

    def condition(self, operator: str, value: str) -> Q:
        return about_entity(self.account_id, value)
