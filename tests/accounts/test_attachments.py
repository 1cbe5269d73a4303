"""Attach…, Detach…, ListAttached…Policies and ListEntitiesForPolicy."""

import pytest

from accounts.models import Group, Role
from accounts.operations.attachments import (
    attach_group_policy,
    attach_role_policy,
    attach_user_policy,
    detach_group_policy,
    detach_role_policy,
    detach_user_policy,
    list_attached_group_policies,
    list_attached_role_policies,
    list_attached_user_policies,
)
from accounts.operations.boundaries import put_role_permissions_boundary, put_user_permissions_boundary
from accounts.operations.policy_entities import list_entities_for_policy
from operations.errors import (
    AccessDenied,
    LimitExceeded,
    NoSuchEntity,
    PolicyNotAttachable,
    UnmodifiableEntity,
    ValidationError,
)
from operations.ids import unique_id
from policies.models import AWS, ManagedPolicy, PolicyUsage, PolicyVersion
from policies.operations.managed_policies import create_policy, get_policy

READING = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}'
MISSING = "arn:aws:iam::123456789012:policy/missing"
KINDS = {
    "user": (attach_user_policy, detach_user_policy, list_attached_user_policies, "dora"),
    "group": (attach_group_policy, detach_group_policy, list_attached_group_policies, "ops"),
    "role": (attach_role_policy, detach_role_policy, list_attached_role_policies, "worker"),
}


@pytest.fixture
def cast(account, make_user):
    """A user, a group and a role without policies."""
    make_user("dora")
    Group.objects.create(account=account, name="ops", name_key="ops", unique_id=unique_id("AGPA"))
    Role.objects.create(
        account=account, name="worker", name_key="worker", unique_id=unique_id("AROA"), trust_policy="{}"
    )


@pytest.fixture
def make_policy(admin):
    return lambda name="reading", **given: create_policy(admin, policy_name=name, policy_document=READING, **given)[
        "Policy"
    ]["Arn"]


def aws_policy(name, path="/", **given):
    policy = ManagedPolicy.objects.create(
        account_id=AWS, name=name, name_key=name.lower(), path=path, arn=f"arn:aws:iam::aws:policy{path}{name}",
        unique_id=unique_id("ANPA"), **given,
    )  # fmt: skip
    PolicyVersion.objects.create(policy=policy, number=1, document=READING)
    return policy.arn


@pytest.fixture(params=sorted(KINDS))
def kind(request, cast):
    """The three operations of a kind of entity, each called with the caller and the policy's ARN."""
    attach, detach, listed, name = KINDS[request.param]
    who = {f"{request.param}_name": name}

    class Kind:
        word = request.param
        attach = staticmethod(lambda caller, arn: attach(caller, policy_arn=arn, **who))
        detach = staticmethod(lambda caller, arn: detach(caller, policy_arn=arn, **who))
        listed = staticmethod(lambda caller, **given: listed(caller, **who, **given))
        unknown = staticmethod(
            lambda caller, arn: attach(caller, policy_arn=arn, **{f"{request.param}_name": "nobody"})
        )

    return Kind


def names(answer):
    return [policy["PolicyName"] for policy in answer["AttachedPolicies"]]


def test_attach_list_detach(admin, kind, make_policy):
    arn = make_policy()
    assert kind.listed(admin) == {"AttachedPolicies": [], "IsTruncated": False}
    assert kind.attach(admin, arn) == {}
    assert kind.listed(admin)["AttachedPolicies"] == [{"PolicyName": "reading", "PolicyArn": arn}]
    assert kind.detach(admin, arn) == {}
    assert names(kind.listed(admin)) == []


def test_attaching_once_more_changes_nothing(admin, kind, make_policy):
    arn = make_policy()
    kind.attach(admin, arn)
    kind.attach(admin, arn)
    assert PolicyUsage.objects.get(policy__arn=arn).attachments == 1
    kind.detach(admin, arn)
    with pytest.raises(NoSuchEntity) as refused:
        kind.detach(admin, arn)
    assert refused.value.message == f"Policy {arn} was not found."
    assert PolicyUsage.objects.get(policy__arn=arn).attachments == 0


def test_a_policy_must_be_there(admin, stranger, kind, make_policy):
    with pytest.raises(NoSuchEntity) as refused:
        kind.attach(admin, MISSING)
    assert refused.value.message == f"Policy {MISSING} does not exist or is not attachable."
    with pytest.raises(NoSuchEntity) as refused:
        kind.detach(admin, MISSING)
    assert refused.value.message == f"Policy {MISSING} was not found."
    for operation in (kind.attach, kind.detach):
        with pytest.raises(ValidationError) as refused:
            operation(admin, "longpolicynamebutnoarn")
        assert refused.value.message == "ARN longpolicynamebutnoarn is not valid."


def test_an_entity_must_be_there(admin, kind, make_policy):
    with pytest.raises(NoSuchEntity) as refused:
        kind.unknown(admin, make_policy())
    assert refused.value.message == f"The {kind.word} with name nobody cannot be found."


def test_another_accounts_policy_does_not_exist(admin, stranger, kind):
    theirs = create_policy(stranger, policy_name="theirs", policy_document=READING)["Policy"]["Arn"]
    with pytest.raises(NoSuchEntity):
        kind.attach(admin, theirs)


def test_ten_policies_are_the_most(admin, kind, make_policy):
    for number in range(10):
        kind.attach(admin, make_policy(f"p{number}"))
    with pytest.raises(LimitExceeded) as refused:
        kind.attach(admin, make_policy("one-more"))
    assert refused.value.message == f"Cannot exceed quota for PoliciesPer{kind.word.capitalize()}: 10"


def test_awss_policies_are_attached_like_others(admin, kind):
    arn = aws_policy("ReadOnlyAccess")
    kind.attach(admin, arn)
    assert names(kind.listed(admin)) == ["ReadOnlyAccess"]


def test_a_service_linked_roles_policy_is_awss_to_attach(admin, kind):
    arn = aws_policy("AutoScalingServiceRolePolicy", "/aws-service-role/")
    with pytest.raises(PolicyNotAttachable) as refused:
        kind.attach(admin, arn)
    assert refused.value.message == f"Cannot attach a Service Role Policy to a Customer {kind.word.capitalize()}."
    assert refused.value.status == 400


def test_a_withdrawn_policy_stays_where_it_is(admin, kind):
    arn = aws_policy("Old")
    kind.attach(admin, arn)
    ManagedPolicy.objects.filter(arn=arn).update(is_attachable=False)
    kind.detach(admin, arn)
    with pytest.raises(NoSuchEntity, match="does not exist or is not attachable"):
        kind.attach(admin, arn)


def test_lists_are_by_name_whatever_the_path_and_paged(admin, kind, make_policy):
    for name, path in (("b", "/x/"), ("A", "/y/"), ("c", "/")):
        kind.attach(admin, make_policy(name, path=path))
    first = kind.listed(admin, max_items=2)
    assert (names(first), first["IsTruncated"]) == (["A", "b"], True)
    assert names(kind.listed(admin, max_items=2, marker=first["Marker"])) == ["c"]
    assert names(kind.listed(admin, path_prefix="/x/")) == ["b"]


def test_denied_without_the_right(nobody, kind, make_policy, last_event):
    arn = make_policy()
    with pytest.raises(AccessDenied) as refused:
        kind.attach(nobody, arn)
    action = f"iam:Attach{kind.word.capitalize()}Policy"
    assert f"is not authorized to perform: {action} on resource: {kind.word} " in refused.value.message
    assert last_event()["errorCode"] == "AccessDenied"


def test_recorded_with_before_and_after(admin, kind, make_policy, last_event):
    arn = make_policy()
    kind.attach(admin, arn)
    record = last_event()
    assert record["requestParameters"]["policyArn"] == arn
    assert (record["before"]["attachedPolicies"], record["after"]["attachedPolicies"]) == ([], [arn])
    kind.detach(admin, arn)
    record = last_event()
    assert (record["before"]["attachedPolicies"], record["after"]["attachedPolicies"]) == ([arn], [])


def test_the_policy_that_may_be_attached_can_be_limited(make_user, caller_of, make_policy, cast):
    allowed, other = make_policy("allowed"), make_policy("other")
    text = (
        '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:AttachUserPolicy","Resource":"*",'
        f'"Condition":{{"ArnEquals":{{"iam:PolicyARN":"{allowed}"}}}}}}}}'
    )
    helper = caller_of(make_user("helper", text))
    attach_user_policy(helper, user_name="dora", policy_arn=allowed)
    with pytest.raises(AccessDenied):
        attach_user_policy(helper, user_name="dora", policy_arn=other)


def test_the_policy_is_a_condition_of_attaching_and_detaching_alone(make_user, caller_of, make_policy, cast):
    arn = make_policy()
    text = (
        '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:*","Resource":"*",'
        '"Condition":{"Null":{"iam:PolicyARN":"true"}}}}'
    )
    helper = caller_of(make_user("helper", text))
    for reading in (get_policy, list_entities_for_policy):
        assert reading(helper, policy_arn=arn)
    for change in (attach_user_policy, detach_user_policy):
        with pytest.raises(AccessDenied):
            change(helper, user_name="dora", policy_arn=arn)


def test_only_bounded_users_may_be_given_rights(admin, make_user, caller_of, make_policy, cast):
    """Delegation with boundaries (IAM User Guide): iam:PermissionsBoundary is the boundary that the user has."""
    boundary, arn = make_policy("boundary"), make_policy()
    text = (
        '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:AttachUserPolicy","Resource":"*",'
        f'"Condition":{{"StringEquals":{{"iam:PermissionsBoundary":"{boundary}"}}}}}}}}'
    )
    helper = caller_of(make_user("helper", text))
    with pytest.raises(AccessDenied):
        attach_user_policy(helper, user_name="dora", policy_arn=arn)
    put_user_permissions_boundary(admin, user_name="dora", permissions_boundary=boundary)
    attach_user_policy(helper, user_name="dora", policy_arn=arn)


def test_a_service_linked_role_stays_as_it_is(admin, cast, make_policy):
    Role.objects.update(service_linked_to="autoscaling.amazonaws.com")
    for operation in (attach_role_policy, detach_role_policy):
        with pytest.raises(UnmodifiableEntity) as refused:
            operation(admin, role_name="worker", policy_arn=make_policy(operation.name.lower()))
        assert refused.value.message == (
            "Cannot perform the operation on the protected role 'worker' - this role is only modifiable by AWS"
        )
    assert list_attached_role_policies(admin, role_name="worker")["AttachedPolicies"] == []


def entities(caller, arn, **given):
    answer = list_entities_for_policy(caller, policy_arn=arn, **given)
    found = [row["GroupName"] for row in answer["PolicyGroups"]]
    found += [row["UserName"] for row in answer["PolicyUsers"]]
    return found + [row["RoleName"] for row in answer["PolicyRoles"]]


@pytest.fixture
def used(admin, cast, make_policy, make_user):
    """A policy that everybody has attached; the role has it as boundary too, and one more user as boundary only."""
    arn = make_policy()
    attach_user_policy(admin, user_name="dora", policy_arn=arn)
    attach_group_policy(admin, group_name="ops", policy_arn=arn)
    attach_role_policy(admin, role_name="worker", policy_arn=arn)
    put_role_permissions_boundary(admin, role_name="worker", permissions_boundary=arn)
    make_user("emil")
    put_user_permissions_boundary(admin, user_name="emil", permissions_boundary=arn)
    return arn


def test_entities_have_name_and_id(admin, used):
    answer = list_entities_for_policy(admin, policy_arn=used)
    assert answer["PolicyGroups"] == [{"GroupName": "ops", "GroupId": Group.objects.get().unique_id}]
    assert [set(row) for row in answer["PolicyUsers"]] == [{"UserName", "UserId"}] * 2
    assert answer["PolicyRoles"][0]["RoleId"].startswith("AROA")
    assert answer["IsTruncated"] is False


def test_entities_are_filtered(admin, used):
    assert entities(admin, used) == ["ops", "dora", "emil", "worker"]
    assert entities(admin, used, entity_filter="User") == ["dora", "emil"]
    assert entities(admin, used, policy_usage_filter="PermissionsPolicy") == ["ops", "dora", "worker"]
    assert entities(admin, used, policy_usage_filter="PermissionsBoundary") == ["emil", "worker"]
    assert entities(admin, used, path_prefix="/nowhere/") == []
    assert entities(admin, used, entity_filter="AWSManagedPolicy") == []


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_entities_are_paged_over_the_kinds(admin, used, size):
    seen, marker = [], None
    for _ in range(10):
        answer = list_entities_for_policy(admin, policy_arn=used, max_items=size, marker=marker)
        page = [*answer["PolicyGroups"], *answer["PolicyUsers"], *answer["PolicyRoles"]]
        assert len(page) <= size
        seen += [next(value for key, value in row.items() if key.endswith("Name")) for row in page]
        marker = answer.get("Marker")
        if not answer["IsTruncated"]:
            break
    assert seen == ["ops", "dora", "emil", "worker"]
    with pytest.raises(ValidationError, match="Invalid Marker"):
        list_entities_for_policy(admin, policy_arn=used, marker="nonsense")


def test_entities_of_awss_policies_are_the_own_accounts(admin, stranger, cast):
    arn = aws_policy("ReadOnlyAccess")
    attach_user_policy(admin, user_name="dora", policy_arn=arn)
    assert entities(admin, arn) == ["dora"]
    assert entities(stranger, arn) == []
    with pytest.raises(NoSuchEntity, match="was not found"):
        list_entities_for_policy(admin, policy_arn=MISSING)
