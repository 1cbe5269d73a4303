"""Tags on customer managed policies; their keys are case-sensitive (IAM API Reference)."""

from operations.gate import Call, Result, operation
from operations.paging import page_of_list
from operations.quotas import enforce
from policies import describe, lookup
from policies.models import ManagedPolicy, PolicyTag
from policies.tag_rules import check_tags


@operation("iam:TagPolicy", on=lookup.policy_target)
def tag_policy(call: Call, *, policy_arn: str, tags: list[dict[str, str]]) -> Result:
    """Set tags; those of other keys stay. Raises ValidationError, NoSuchEntity, InvalidInput, LimitExceeded."""
    policy = lookup.called_policy(call)
    lookup.refuse_aws_managed(policy)
    check_tags(tags, fold=False)
    before = values(policy)
    after = before | {tag["Key"]: tag["Value"] for tag in tags}
    enforce("TagsPerResourceQuota", len(after))
    for tag in tags:
        PolicyTag.objects.update_or_create(policy=policy, key=tag["Key"], defaults={"value": tag["Value"]})
    call.changed(before={"tags": before}, after={"tags": after})
    return {}


@operation("iam:UntagPolicy", on=lookup.policy_target)
def untag_policy(call: Call, *, policy_arn: str, tag_keys: list[str]) -> Result:
    """Remove the tags of these keys, as far as they are there. Raises ValidationError, NoSuchEntity, InvalidInput."""
    policy = lookup.called_policy(call)
    lookup.refuse_aws_managed(policy)
    before = values(policy)
    policy.tags.filter(key__in=tag_keys).delete()
    call.changed(before={"tags": before}, after={"tags": values(policy)})
    return {}


@operation("iam:ListPolicyTags", on=lookup.policy_target)
def list_policy_tags(call: Call, *, policy_arn: str, marker: str | None = None, max_items: int | None = None) -> Result:
    """The tags by key. Raises ValidationError, NoSuchEntity."""
    policy = lookup.called_policy(call)
    found, paging = page_of_list(describe.tags(policy.tags.all()), marker, max_items)
    return {"Tags": found, **paging}


def values(policy: ManagedPolicy) -> dict[str, str]:
    """The tags of a policy as they are stored."""
    return {tag.key: tag.value for tag in PolicyTag.objects.filter(policy=policy)}
