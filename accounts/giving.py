"""What new users will be able to do, told before they are created."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from accounts.consequences import Documents, readable_groups
from accounts.models import Group
from accounts.queries.held_by_many import held_along
from operations.caller import Caller
from operations.gate import authorise_reads
from pages.errors import Part, part
from policies.access_changes import AccessChanges, held_changes
from policies.facts import gives_everything
from policies.lookup import documents_in_force

TOLD_APART: Final = 8  # sets of groups that are put together


@dataclass(frozen=True)
class Given:
    """What a new user gets; `everything` says that it is administrator access, within no boundary that allows less."""

    access: AccessChanges | None
    everything: bool


def giving(
    caller: Caller,
    groups: Sequence[Sequence[str]],
    *,
    policies: Sequence[str],
    inline: Mapping[str, str],
    boundary: str,
) -> Part[list[Given | None]]:
    """What each of some new users gets from its groups and from what all get; None where it is not told: of groups whose policies
    the caller may not read, and beyond the first few sets of groups. A fixed number of queries.
    """
    return part(_giving, caller, groups, policies, tuple(inline.values()), boundary)


def _giving(
    caller: Caller, groups: Sequence[Sequence[str]], policies: Sequence[str], inline: Documents, boundary: str
) -> list[Given | None]:
    besides = [*policies, *([boundary] if boundary else [])]
    authorise_reads(caller, [("iam:GetPolicyVersion", arn) for arn in besides])
    texts = documents_in_force(besides) if besides else {}
    of_all = (*(texts[arn] for arn in policies if arn in texts), *inline)
    limit = texts.get(boundary, "")
    wanted = [tuple(sorted({name.lower() for name in names})) for names in groups]
    documents = _documents_of(caller, {key for keys in wanted for key in keys})
    told = {
        keys: _given((*of_all, *(text for key in keys for text in documents[key])), limit)
        for keys in list(dict.fromkeys(wanted))[:TOLD_APART]
        if all(key in documents for key in keys)
    }
    return [told.get(keys) for keys in wanted]


def _documents_of(caller: Caller, keys: Iterable[str]) -> Mapping[str, Documents]:
    """The documents of those groups whose policies the caller may read, by their names in lower case."""
    groups = list(Group.objects.filter(account_id=caller.account_id, name_key__in=list(keys)))
    found = readable_groups(caller, groups, held_along((), groups)) if groups else {}
    return {group.name_key: found[group.pk] for group in groups if group.pk in found}


def _given(documents: Documents, limit: str) -> Given:
    everything = any(map(gives_everything, documents)) and (not limit or gives_everything(limit))
    return Given(held_changes((), documents, limit), everything)
