"""Put… and Delete…PermissionsBoundary."""

import pytest

from accounts.models import Role, User
from accounts.operations.boundaries import (
    delete_role_permissions_boundary,
    delete_user_permissions_boundary,
    put_role_permissions_boundary,
    put_user_permissions_boundary,
)
from operations.errors import AccessDenied, InvalidInput, NoSuchEntity, PolicyNotAttachable, UnmodifiableEntity
from operations.ids import unique_id
from policies.models import AWS, ManagedPolicy, PolicyUsage, PolicyVersion
from policies.operations.managed_policies import create_policy

READING = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:Get*","Resource":"*"}}'
MISSING = "arn:aws:iam::123456789012:policy/missing"


@pytest.fixture
def make_policy(admin):
    return lambda name="boundary": create_policy(admin, policy_name=name, policy_document=READING)["Policy"]["Arn"]


@pytest.fixture(params=["user", "role"])
def kind(request, account, make_user):
    """The two operations of a kind of entity."""
    if request.param == "user":
        row, put, delete = make_user("dora"), put_user_permissions_boundary, delete_user_permissions_boundary
    else:
        put, delete = put_role_permissions_boundary, delete_role_permissions_boundary
        row = Role.objects.create(
            account=account, name="worker", name_key="worker", unique_id=unique_id("AROA"), trust_policy="{}"
        )
    member = f"{request.param}_name"

    class Kind:
        word, name = request.param, row.name
        put = staticmethod(lambda caller, arn, who=row.name: put(caller, permissions_boundary=arn, **{member: who}))
        delete = staticmethod(lambda caller, who=row.name: delete(caller, **{member: who}))
        boundary = staticmethod(lambda: type(row).objects.get(pk=row.pk).boundary)

    return Kind


def uses(arn):
    return PolicyUsage.objects.get(policy__arn=arn).boundaries


def test_put_replace_delete(admin, kind, make_policy):
    first, second = make_policy("first"), make_policy("second")
    assert kind.put(admin, first) == {}
    assert kind.boundary().arn == first
    kind.put(admin, first)
    assert uses(first) == 1
    kind.put(admin, second)
    assert (kind.boundary().arn, uses(first), uses(second)) == (second, 0, 1)
    assert kind.delete(admin) == {}
    assert kind.boundary() is None
    assert uses(second) == 0
    assert kind.delete(admin) == {}


def test_awss_policies_can_be_boundaries(admin, kind):
    policy = ManagedPolicy.objects.create(
        account_id=AWS,
        name="PowerUser",
        name_key="poweruser",
        arn="arn:aws:iam::aws:policy/PowerUser",
        unique_id="ANPAX",
    )
    PolicyVersion.objects.create(policy=policy, number=1, document=READING)
    kind.put(admin, policy.arn)
    assert kind.boundary() == policy
    policy.path = "/aws-service-role/"
    policy.save()
    kind.delete(admin)
    with pytest.raises(PolicyNotAttachable):
        kind.put(admin, policy.arn)


def test_errors_in_awss_words(admin, kind, make_policy):
    strange = "arn:aws:iam::123456789012:not_a_policy/invalid"
    with pytest.raises(InvalidInput) as refused:
        kind.put(admin, strange)
    assert refused.value.message == f"ARN {strange} is not valid."
    with pytest.raises(NoSuchEntity) as refused:
        kind.put(admin, MISSING)
    assert refused.value.message == f"Scope ARN: {MISSING} does not exist or is not attachable."
    for call in (lambda: kind.put(admin, make_policy(), who="nobody"), lambda: kind.delete(admin, who="nobody")):
        with pytest.raises(NoSuchEntity) as refused:
            call()
        assert refused.value.message == f"The {kind.word} with name nobody cannot be found."


def test_denied_and_recorded(admin, nobody, kind, make_policy, last_event):
    arn = make_policy()
    with pytest.raises(AccessDenied):
        kind.put(nobody, arn)
    with pytest.raises(AccessDenied):
        kind.delete(nobody)
    kind.put(admin, arn)
    record = last_event()
    assert (record["before"]["permissionsBoundary"], record["after"]["permissionsBoundary"]) == (None, arn)
    kind.delete(admin)
    record = last_event()
    assert (record["before"]["permissionsBoundary"], record["after"]["permissionsBoundary"]) == (arn, None)


def test_a_boundary_cuts_what_policies_grant(admin, make_user, caller_of, make_policy):
    dora = make_user("dora", '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:*","Resource":"*"}}')
    put_user_permissions_boundary(admin, user_name="dora", permissions_boundary=make_policy())
    assert caller_of(dora).may("iam:GetUser", dora.arn)
    assert not caller_of(dora).may("iam:DeleteUser", dora.arn)
    delete_user_permissions_boundary(admin, user_name="dora")
    assert caller_of(dora).may("iam:DeleteUser", dora.arn)


def test_which_boundary_may_be_set_or_removed_can_be_limited(admin, make_user, caller_of, make_policy):
    """`iam:PermissionsBoundary` is the boundary to set, and when one is removed, the one that goes."""
    ours, other = make_policy("ours"), make_policy("other")
    text = (
        '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:*PermissionsBoundary","Resource":"*",'
        f'"Condition":{{"StringEquals":{{"iam:PermissionsBoundary":"{ours}"}}}}}}}}'
    )
    helper = caller_of(make_user("helper", text))
    make_user("dora")
    put_user_permissions_boundary(helper, user_name="dora", permissions_boundary=ours)
    with pytest.raises(AccessDenied):
        put_user_permissions_boundary(helper, user_name="dora", permissions_boundary=other)
    delete_user_permissions_boundary(helper, user_name="dora")
    put_user_permissions_boundary(admin, user_name="dora", permissions_boundary=other)
    with pytest.raises(AccessDenied):
        delete_user_permissions_boundary(helper, user_name="dora")
    assert User.objects.get(name="dora").boundary.arn == other


def test_a_service_linked_role_has_none(admin, account, make_policy):
    Role.objects.create(
        account=account, name="worker", name_key="worker", unique_id=unique_id("AROA"), trust_policy="{}",
        service_linked_to="autoscaling.amazonaws.com",
    )  # fmt: skip
    with pytest.raises(UnmodifiableEntity):
        put_role_permissions_boundary(admin, role_name="worker", permissions_boundary=make_policy())
    with pytest.raises(UnmodifiableEntity):
        delete_role_permissions_boundary(admin, role_name="worker")
