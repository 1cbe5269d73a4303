"""Filters of the list of policies by what their documents in force say: actions, resources, condition keys."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from engine import catalog
from pages.components.shell import grouped
from pages.engine_texts import translated
from pages.listing import Filter, FilterError, Suggestion
from policies.allowing import allowing, is_action
from policies.concerning import about, is_resource, keys_with, reading, resources_with

SUGGESTED = 12


@dataclass(frozen=True)
class ContentFilter(Filter):
    """Something that documents say; `account_id` sees some of them."""

    account_id: str = ""

    def condition(self, operator: str, value: str) -> Q:
        found = self.found(value)
        return ~found if operator == "ne" else found

    def found(self, value: str) -> Q:
        """The policies that say it. Raises FilterError."""
        raise NotImplementedError


@dataclass(frozen=True)
class AllowsFilter(ContentFilter):
    """What a policy effectively allows: an action (`s3:GetObject`) or a pattern (`s3:Get*`), of which one action is enough."""

    def found(self, value: str) -> Q:
        if not is_action(value):
            raise FilterError(_("%(label)s takes an action, such as s3:GetObject or iam:*.") % {"label": self.label})
        return allowing(self.account_id, value)

    def suggest(self, rows: QuerySet[Any], typed: str) -> Iterable[Suggestion]:
        prefix, colon, name = typed.partition(":")
        if not colon:
            fitting = [found for found in catalog.services() if found.startswith(prefix.lower())][:SUGGESTED]
            return [Suggestion(f"{found}:*", f"{found}:*", catalog.service(found).name) for found in fitting]
        if not catalog.service_exists(prefix):
            return []
        actions = [each for each in catalog.actions(prefix) if name.lower() in each.name.lower()][:SUGGESTED]
        return [Suggestion(each.full_name, each.full_name, translated(each.access_level)) for each in actions]


@dataclass(frozen=True)
class ResourceFilter(ContentFilter):
    """A resource that a statement is about: an ARN, or a pattern of ARNs, of which one is enough."""

    def found(self, value: str) -> Q:
        if not is_resource(value):
            raise FilterError(_("%(label)s takes an ARN, such as arn:aws:s3:::reports/*.") % {"label": self.label})
        return about(self.account_id, value)

    def suggest(self, rows: QuerySet[Any], typed: str) -> Iterable[Suggestion]:
        return _counted(resources_with(self.account_id, typed, SUGGESTED))


@dataclass(frozen=True)
class ConditionKeyFilter(ContentFilter):
    """A condition key that a document reads, in a condition or as a variable."""

    def found(self, value: str) -> Q:
        if ":" not in value:
            raise FilterError(
                _("%(label)s takes a condition key, such as aws:SourceIp or aws:ResourceTag/team.")
                % {"label": self.label}
            )
        return reading(self.account_id, value)

    def suggest(self, rows: QuerySet[Any], typed: str) -> Iterable[Suggestion]:
        return _counted(keys_with(self.account_id, typed, SUGGESTED))


def _counted(found: Iterable[tuple[str, int]]) -> list[Suggestion]:
    return [
        Suggestion(value, value, ngettext("%(n)s policy", "%(n)s policies", n) % {"n": grouped(n)})
        for value, n in found
    ]
