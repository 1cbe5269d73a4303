"""TagPolicy, UntagPolicy, ListPolicyTags."""

import pytest

from operations.errors import AccessDenied, InvalidInput, LimitExceeded, NoSuchEntity, ValidationError
from policies.operations.policy_tags import list_policy_tags, tag_policy, untag_policy

MISSING = "arn:aws:iam::123456789012:policy/missing"


def tag(key, value="x"):
    return {"Key": key, "Value": value}


def test_tags_are_set_changed_and_removed(admin, make_policy):
    arn = make_policy(tags=[tag("team", "ops")])
    tag_policy(admin, policy_arn=arn, tags=[tag("team", ""), tag("Team", "dev")])
    assert list_policy_tags(admin, policy_arn=arn) == {
        "Tags": [tag("Team", "dev"), tag("team", "")],
        "IsTruncated": False,
    }
    untag_policy(admin, policy_arn=arn, tag_keys=["team", "unknown"])
    assert list_policy_tags(admin, policy_arn=arn)["Tags"] == [tag("Team", "dev")]


def test_tags_are_paged_by_key(admin, make_policy):
    arn = make_policy(tags=[tag("b"), tag("a")])
    first = list_policy_tags(admin, policy_arn=arn, max_items=1)
    assert (first["Tags"], first["IsTruncated"]) == ([tag("a")], True)
    assert list_policy_tags(admin, policy_arn=arn, max_items=1, marker=first["Marker"])["Tags"] == [tag("b")]


def test_fifty_tags_are_the_most(admin, make_policy):
    arn = make_policy(tags=[tag(f"k{number}") for number in range(50)])
    tag_policy(admin, policy_arn=arn, tags=[tag("k0", "changed")])
    with pytest.raises(LimitExceeded):
        tag_policy(admin, policy_arn=arn, tags=[tag("one-more")])
    with pytest.raises(ValidationError) as refused:
        tag_policy(admin, policy_arn=arn, tags=[tag(f"k{number}") for number in range(51)])
    assert refused.value.message == (
        "1 validation error detected: Value at 'tags' failed to satisfy constraint: Member must have length less than or "
        "equal to 50"
    )


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ([tag("a"), tag("a")], "Duplicate tag keys found."),
        ([tag("AWS:x")], "System tags starting with aws: cannot be set or modified."),
    ],
)
def test_bad_keys_are_refused(admin, make_policy, tags, message):
    with pytest.raises(InvalidInput) as refused:
        tag_policy(admin, policy_arn=make_policy(), tags=tags)
    assert refused.value.message == message


def test_what_is_missing_or_awss(admin, make_aws_policy):
    with pytest.raises(NoSuchEntity) as refused:
        tag_policy(admin, policy_arn=MISSING, tags=[tag("a")])
    assert refused.value.message == f"Policy {MISSING} was not found."
    arn = make_aws_policy().arn
    with pytest.raises(InvalidInput):
        tag_policy(admin, policy_arn=arn, tags=[tag("a")])
    with pytest.raises(InvalidInput):
        untag_policy(admin, policy_arn=arn, tag_keys=["a"])
    assert list_policy_tags(admin, policy_arn=arn)["Tags"] == []


def test_the_tags_of_the_request_decide(make_policy, make_user, caller_of):
    condition = '{"ForAllValues:StringEquals":{"aws:TagKeys":["team"]},"StringEquals":{"aws:RequestTag/team":"ops"}}'
    text = (
        '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:TagPolicy","Resource":"*",'
        f'"Condition":{condition}}}}}'
    )
    tagger = caller_of(make_user("tagger", text))
    arn = make_policy()
    tag_policy(tagger, policy_arn=arn, tags=[tag("team", "ops")])
    for tags in ([tag("team", "dev")], [tag("team", "ops"), tag("cost", "1")]):
        with pytest.raises(AccessDenied):
            tag_policy(tagger, policy_arn=arn, tags=tags)


def test_changes_are_recorded(admin, make_policy, last_event):
    arn = make_policy(tags=[tag("team", "ops")])
    tag_policy(admin, policy_arn=arn, tags=[tag("team", "dev")])
    record = last_event()
    assert (record["before"], record["after"]) == ({"tags": {"team": "ops"}}, {"tags": {"team": "dev"}})
    untag_policy(admin, policy_arn=arn, tag_keys=["team"])
    assert last_event()["before"] == {"tags": {"team": "dev"}}
