"""The documents of all policies that a user, group or role holds, and what must be readable to whoever is shown what they allow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from accounts.models import Role, User
from accounts.queries.held_policies import HeldPolicy, policies_of_role, policies_of_user
from policies.lookup import documents_in_force


@dataclass(frozen=True)
class HeldDocuments:
    """The documents, in the order of the policies; the ARNs of the managed ones and of the groups whose inline policies are among them."""

    documents: Sequence[str]
    managed: Sequence[str]
    groups: Sequence[str]
    has_own_inline: bool
    in_force: Mapping[str, str]  # the documents of the managed ones, and of those asked for besides, by ARN


def held_documents(row: User | Role, besides: Sequence[str] = ()) -> HeldDocuments:
    """What a user (by groups too) or role holds. Two queries."""
    return documents_of(policies_of_user(row) if isinstance(row, User) else policies_of_role(row), besides)


def documents_of(held: Sequence[HeldPolicy], besides: Sequence[str] = ()) -> HeldDocuments:
    """The documents of policies that were read already, and of managed policies by their ARNs, in one query."""
    (found,) = documents_of_many([held], besides)
    return found


def documents_of_many(holders: Sequence[Sequence[HeldPolicy]], besides: Sequence[str] = ()) -> list[HeldDocuments]:
    """The same for the policies of several, in one query."""
    in_force = documents_in_force({*besides, *(one.arn for held in holders for one in held if one.arn)})
    return [_documents(held, in_force) for held in holders]


def _documents(held: Sequence[HeldPolicy], in_force: Mapping[str, str]) -> HeldDocuments:
    managed = [one.arn for one in held if one.arn]
    inline = [one for one in held if one.document is not None]
    groups = dict.fromkeys(source.group.arn for one in inline for source in one.sources if source.group)
    documents = [in_force[one.arn] if one.arn else str(one.document) for one in held]
    return HeldDocuments(documents, managed, list(groups), any(one.is_direct for one in inline), in_force)
