"""Deleting a policy with everything that is in the way, as AWS's console does: many operations, one change.

Each step is an operation of its own, authorised and recorded; when one is refused, nothing is deleted at all. Uses as a permissions
boundary are not undone: whoever was bounded would suddenly be allowed more. That is a decision of its own.
"""

from typing import Any

from django.db.models import QuerySet

from operations.caller import Caller
from operations.gate import REGISTRY, one_change
from policies.models import ManagedPolicy
from policies.operations.managed_policies import delete_policy
from policies.operations.policy_versions import delete_policy_version

# The reverse relation of a policy's attachments, the entity in each row, and the word of its operations.
HOLDERS = (
    ("userattachments", "user", "User"),
    ("groupattachments", "group", "Group"),
    ("roleattachments", "role", "Role"),
)


def attachments(relation: str) -> "QuerySet[Any]":
    """The attachments of all policies to one kind of entity, by the reverse relation in HOLDERS."""
    return QuerySet(ManagedPolicy._meta.get_field(relation).related_model)  # noqa: SLF001 - Django documents it as public


def delete_policy_completely(caller: Caller, policy: ManagedPolicy) -> None:
    """Detach a policy everywhere, delete its other versions, delete it. Raises what any of the steps raises."""
    with one_change():
        for relation, entity, word in HOLDERS:
            for row in getattr(policy, relation).select_related(entity):
                detach(caller, policy.arn, word, getattr(row, entity).name)
        for version in policy.versions.exclude(number=policy.default_version).order_by("number"):
            delete_policy_version(caller, policy_arn=policy.arn, version_id=version.version_id)
        delete_policy(caller, policy_arn=policy.arn)


def attach(caller: Caller, arn: str, word: str, name: str) -> None:
    """Attach a policy to a `User`, `Group` or `Role`. Raises what AttachUserPolicy and its like raise; KeyError for another word."""
    REGISTRY[f"iam:Attach{word}Policy"](caller, policy_arn=arn, **{f"{word.lower()}_name": name})


def detach(caller: Caller, arn: str, word: str, name: str) -> None:
    """Detach a policy from a `User`, `Group` or `Role`. Raises what DetachUserPolicy and its like raise; KeyError for another word."""
    REGISTRY[f"iam:Detach{word}Policy"](caller, policy_arn=arn, **{f"{word.lower()}_name": name})
