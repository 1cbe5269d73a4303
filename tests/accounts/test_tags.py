"""Tags on users, roles and instance profiles."""

import pytest

from accounts.operations.instance_profiles import create_instance_profile
from accounts.operations.roles import create_role
from accounts.operations.tags import (
    list_instance_profile_tags,
    list_role_tags,
    list_user_tags,
    tag_instance_profile,
    tag_role,
    tag_user,
    untag_instance_profile,
    untag_role,
    untag_user,
)
from accounts.operations.users import create_user, get_user
from operations.errors import AccessDenied, InvalidInput, LimitExceeded, NoSuchEntity, ValidationError
from tests.accounts.test_roles import TRUST


class Kind:
    """One kind of entity with its three operations."""

    def __init__(self, parameter, make, operations, *, folds):
        self.parameter, self.make, self.folds = parameter, make, folds
        self.operations = operations

    def call(self, number, caller, name="thing", **parameters):
        return self.operations[number](caller, **{self.parameter: name}, **parameters)

    def tag(self, caller, name="thing", **pairs):
        return self.call(0, caller, name, tags=[{"Key": key, "Value": value} for key, value in pairs.items()])

    def untag(self, caller, *keys, name="thing"):
        return self.call(1, caller, name, tag_keys=list(keys))

    def list(self, caller, name="thing", **parameters):
        return self.call(2, caller, name, **parameters)

    def pairs(self, caller):
        return [(tag["Key"], tag["Value"]) for tag in self.list(caller)["Tags"]]


KINDS = {
    "user": Kind(
        "user_name",
        lambda caller: create_user(caller, user_name="thing"),
        (tag_user, untag_user, list_user_tags),
        folds=True,
    ),
    "role": Kind(
        "role_name",
        lambda caller: create_role(caller, role_name="thing", assume_role_policy_document=TRUST),
        (tag_role, untag_role, list_role_tags),
        folds=True,
    ),
    "profile": Kind(
        "instance_profile_name",
        lambda caller: create_instance_profile(caller, instance_profile_name="thing"),
        (tag_instance_profile, untag_instance_profile, list_instance_profile_tags),
        folds=False,
    ),
}


@pytest.fixture(params=KINDS)
def kind(request, admin):
    found = KINDS[request.param]
    found.make(admin)
    return found


def test_tags_are_set_changed_and_removed(admin, kind, last_event):
    assert kind.list(admin) == {"Tags": [], "IsTruncated": False}
    assert kind.tag(admin, team="ops", env="") == {}
    assert kind.pairs(admin) == [("env", ""), ("team", "ops")]
    kind.tag(admin, env="prod")
    assert kind.pairs(admin) == [("env", "prod"), ("team", "ops")]
    assert kind.untag(admin, "team", "unknown") == {}
    record = last_event()
    assert record["before"]["tags"] == {"team": "ops", "env": "prod"}
    assert record["after"]["tags"] == {"env": "prod"}
    assert kind.pairs(admin) == [("env", "prod")]


def test_users_and_roles_fold_the_case_of_keys(admin, kind):
    kind.tag(admin, Department="a")
    kind.tag(admin, department="b")
    assert kind.pairs(admin) == ([("department", "b")] if kind.folds else [("Department", "a"), ("department", "b")])
    kind.untag(admin, "DEPARTMENT")
    assert kind.pairs(admin) == ([] if kind.folds else [("Department", "a"), ("department", "b")])


def test_duplicates_are_refused(admin, kind):
    with pytest.raises(InvalidInput) as refused:
        kind.call(0, admin, tags=[{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}])
    suffix = " Please note that Tag keys are case insensitive." if kind.folds else ""
    assert refused.value.message == f"Duplicate tag keys found.{suffix}"


@pytest.mark.parametrize("key", ["aws:name", "AWS:name", "aWs:"])
def test_system_tags_are_aws_s(admin, kind, key):
    with pytest.raises(InvalidInput):
        kind.call(0, admin, tags=[{"Key": key, "Value": "1"}])


def test_there_are_at_most_fifty(admin, kind):
    kind.tag(admin, **{f"k{number}": "" for number in range(50)})
    kind.tag(admin, k0="changed", k49="changed")
    with pytest.raises(LimitExceeded) as refused:
        kind.tag(admin, k50="")
    assert refused.value.message == "The number of tags has reached the maximum limit."
    with pytest.raises(ValidationError) as too_many:
        kind.tag(admin, **{f"k{number}": "" for number in range(51)})
    assert too_many.value.message == (
        "1 validation error detected: Value at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50"
    )


@pytest.mark.parametrize(
    ("key", "value"), [("x" * 129, ""), ("", ""), ("bad?key", ""), ("key", "x" * 257), ("key", "bad?value")]
)
def test_characters_and_lengths(admin, kind, key, value):
    with pytest.raises(ValidationError, match=r"validation errors? detected: Value at 'tags\.1\.member\."):
        kind.call(0, admin, tags=[{"Key": key, "Value": value}])


def test_tags_page_by_key(admin, kind):
    kind.tag(admin, b="", a="", c="")
    first = kind.list(admin, max_items=2)
    assert ([tag["Key"] for tag in first["Tags"]], first["IsTruncated"]) == (["a", "b"], True)
    rest = kind.list(admin, marker=first["Marker"])
    assert ([tag["Key"] for tag in rest["Tags"]], rest["IsTruncated"]) == (["c"], False)


def test_a_missing_entity(admin, kind, nobody, stranger):
    for number, parameters in enumerate([{"tags": []}, {"tag_keys": []}, {}]):
        with pytest.raises(NoSuchEntity):
            kind.call(number, admin, "missing", **parameters)
        with pytest.raises(NoSuchEntity):
            kind.call(number, stranger, "thing", **parameters)
        with pytest.raises(AccessDenied):
            kind.call(number, nobody, "thing", **parameters)


def test_keys_of_the_request_are_condition_keys(make_user, caller_of, system):
    document = (
        '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:TagUser","Resource":"*","Condition":'
        '{"StringEquals":{"aws:RequestTag/env":"test"},"ForAllValues:StringEquals":{"aws:TagKeys":["env"]}}}}'
    )
    caller = caller_of(make_user("tagger", document))
    create_user(system, user_name="dora")
    tag_user(caller, user_name="dora", tags=[{"Key": "env", "Value": "test"}])
    with pytest.raises(AccessDenied):
        tag_user(caller, user_name="dora", tags=[{"Key": "env", "Value": "prod"}])
    with pytest.raises(AccessDenied):
        tag_user(caller, user_name="dora", tags=[{"Key": "env", "Value": "test"}, {"Key": "x", "Value": ""}])
    assert get_user(system, user_name="dora")["User"]["Tags"] == [{"Key": "env", "Value": "test"}]


def test_tags_of_others_are_never_listed(admin, stranger):
    for caller, name, value in ((admin, "dora", "hers"), (admin, "emil", "his"), (stranger, "dora", "elsewhere")):
        create_user(caller, user_name=name, tags=[{"Key": "team", "Value": value}, {"Key": value, "Value": ""}])
    for name, value in (("dora", "hers"), ("emil", "his")):
        expected = [{"Key": value, "Value": ""}, {"Key": "team", "Value": value}]
        assert list_user_tags(admin, user_name=name)["Tags"] == expected
        assert sorted(get_user(admin, user_name=name)["User"]["Tags"], key=lambda tag: tag["Key"]) == expected
