"""Managed policies: create, get, delete, list (IAM API Reference)."""

from typing import Any

from operations.clock import now
from operations.errors import DeleteConflict, EntityAlreadyExists
from operations.gate import Call, Result, operation
from operations.ids import unique_id
from operations.quotas import enforce
from policies import describe, lookup
from policies.documents import check_managed_document
from policies.facts import measure
from policies.listing import page_by_name, under_path
from policies.models import ManagedPolicy, PolicyTag, PolicyVersion
from policies.queries import policies_seen_from
from policies.tag_rules import check_tags


@operation("iam:CreatePolicy", on=lookup.policy_to_be)
def create_policy(
    call: Call,
    *,
    policy_name: str,
    policy_document: str,
    path: str = "/",
    description: str = "",
    tags: list[dict[str, str]] | None = None,
) -> Result:
    """Create a customer managed policy; the document becomes version v1, which is in force.

    Raises MalformedPolicyDocument, EntityAlreadyExists, LimitExceeded (policies, size, tags), InvalidInput (tags).
    """
    given = tags or []
    check_tags(given, fold=False)
    check_managed_document(policy_document)
    refuse_taken_name(call.account_id, policy_name)
    enforce("PoliciesQuota", ManagedPolicy.objects.filter(account_id=call.account_id).count() + 1)
    enforce_versions_in_use(call.account_id)
    moment = now()
    policy = ManagedPolicy(
        account_id=call.account_id,
        name=policy_name,
        name_key=policy_name.lower(),
        path=path,
        arn=call.targets[0].arn,
        unique_id=unique_id("ANPA"),
        description=description,
        created_at=moment,
        updated_at=moment,
    )
    measure(policy, policy_document)
    policy.save(force_insert=True)
    PolicyVersion.objects.create(policy=policy, number=1, document=policy_document, created_at=moment, **saved_by(call))
    PolicyTag.objects.bulk_create(PolicyTag(policy=policy, key=tag["Key"], value=tag["Value"]) for tag in given)
    call.changed(after=describe.state(policy))
    return {"Policy": describe.policy(policy) | ({"Tags": given} if given else {})}


def saved_by(call: Call) -> dict[str, str]:
    """What a version keeps of the call that makes it: who calls (the machine itself has no ARN of its own), and why."""
    caller = call.caller
    return {"created_by": "" if caller.door == "command" else caller.arn, "note": caller.reason}


@operation("iam:GetPolicy", on=lookup.policy_target)
def get_policy(call: Call, *, policy_arn: str) -> Result:
    """A managed policy with its description and tags, without its document. Raises ValidationError, NoSuchEntity."""
    policy = lookup.called_policy(call)
    attachments, boundaries = lookup.usage_of(policy, call.account_id)
    shown = describe.policy(policy, attachments=attachments, boundaries=boundaries)
    if policy.description:
        shown["Description"] = policy.description
    return {"Policy": shown | {"Tags": describe.tags(policy.tags.all())}}


@operation("iam:DeletePolicy", on=lookup.policy_target)
def delete_policy(call: Call, *, policy_arn: str) -> Result:
    """Delete a policy that nobody uses and that has its default version only.

    Raises ValidationError, NoSuchEntity, InvalidInput (an AWS managed policy), DeleteConflict; the conflict's details count
    what is in the way.
    """
    policy = lookup.called_policy(call)
    lookup.refuse_aws_managed(policy)
    attachments, boundaries = users_of(policy)
    if attachments or boundaries:
        raise DeleteConflict(
            "Cannot delete a policy attached to entities.", attachments=attachments, boundaries=boundaries
        )
    versions = policy.versions.count()
    if versions > 1:
        raise DeleteConflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. "
            "The default version is deleted with the policy.",
            versions=versions,
        )
    call.changed(before=describe.state(policy))
    policy.delete()
    return {}


@operation("iam:ListPolicies", on=lookup.policy_collection)
def list_policies(
    call: Call,
    *,
    scope: str = "All",
    only_attached: bool = False,
    path_prefix: str | None = None,
    policy_usage_filter: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> Result:
    """The account's own policies, AWS's, or both, by name; neither descriptions nor tags are shown here.

    `only_attached` leaves those that some user, group or role has attached; `policy_usage_filter` those that are used as
    permissions policies, or as permissions boundaries.
    """
    rows = policies_seen_from(call.account_id, scope)
    if path_prefix:
        rows = under_path(rows, path_prefix)
    if policy_usage_filter == "PermissionsBoundary":
        rows = rows.filter(boundary_count__gt=0)
    elif only_attached or policy_usage_filter == "PermissionsPolicy":
        rows = rows.filter(attachment_count__gt=0)
    found: list[Any]  # rows with their two counts, which the type of a model does not know
    found, paging = page_by_name(rows, marker, max_items)
    shown = [describe.policy(row, attachments=row.attachment_count, boundaries=row.boundary_count) for row in found]
    return {"Policies": shown, **paging}


def refuse_taken_name(account_id: str, name: str) -> None:
    """Names are unique in the account without regard to case and path; AWS's own policies do not count."""
    if ManagedPolicy.objects.filter(account_id=account_id, name_key=name.lower()).exists():
        raise EntityAlreadyExists(f"A policy called {name} already exists. Duplicate names are not allowed.")


def enforce_versions_in_use(account_id: str) -> None:
    """One more version must fit into the account's quota of versions over all policies. Raises LimitExceeded."""
    enforce("PolicyVersionsInUseQuota", PolicyVersion.objects.filter(policy__account_id=account_id).count() + 1)


def users_of(policy: ManagedPolicy) -> tuple[int, int]:
    """How many entities have the policy attached, and how many as their boundary: counted, not read from the counters."""
    attached = (policy.userattachments, policy.groupattachments, policy.roleattachments)
    bounded = (policy.bounded_users, policy.bounded_roles)
    return sum(rows.count() for rows in attached), sum(rows.count() for rows in bounded)
