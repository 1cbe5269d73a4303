"""Prepared queries give what the QuerySet itself gives."""

from datetime import datetime

import pytest
from django.db.models import Count

from accounts.models import AccessKey, User, UserTag
from accounts.resolve import find_user_with_tags
from operations.gate import REGISTRY
from operations.prepared import Prepared, remember
from tests.conftest import ACCOUNT

by_name = Prepared(
    lambda account, name: User.objects.select_related("boundary").filter(account_id=account, name_key=name), "a", "n"
)
keys = Prepared(
    lambda user: AccessKey.objects.select_related("user").filter(user_id=user, is_active=True).order_by("id"), -1
)


@pytest.fixture
def carol(system):
    policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
    arn = REGISTRY["iam:CreatePolicy"](system, policy_name="limit", policy_document=policy)["Policy"]["Arn"]
    REGISTRY["iam:CreateUser"](
        system,
        user_name="Carol",
        permissions_boundary=arn,
        tags=[{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}],
    )
    return User.objects.get(name="Carol")


def test_rows_with_every_kind_of_column_and_their_related_rows(carol, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = by_name.first(ACCOUNT, "carol")
        assert found.boundary.name == "limit"
    expected = User.objects.get(pk=carol.pk)
    columns = [field.attname for field in User._meta.concrete_fields]
    assert [getattr(found, name) for name in columns] == [getattr(expected, name) for name in columns]
    assert isinstance(found.created_at, datetime)
    assert found.created_at.tzinfo
    assert found.preferences == {}
    assert by_name.first(ACCOUNT, "nobody") is None
    assert by_name("210987654321", "carol") == []


def test_a_missing_related_row(make_user):
    make_user("bob")
    assert by_name.first(ACCOUNT, "bob").boundary is None


def test_fixed_values_order_and_encrypted_columns(carol):
    for number in range(3):
        AccessKey.objects.create(user=carol, key_id=f"AKIA{number}", secret=f"secret {number}", is_active=number != 1)
    found = keys(carol.pk)
    assert [(key.key_id, key.secret, key.user.name) for key in found] == [
        ("AKIA0", "secret 0", "Carol"),
        ("AKIA2", "secret 2", "Carol"),
    ]


def test_children_that_are_remembered(carol, django_assert_num_queries):
    remember(carol, "tags", list(UserTag.objects.filter(user=carol).order_by("id")))
    with django_assert_num_queries(0):
        assert [tag.key for tag in carol.tags.all()] == ["b", "a"]
    assert carol.tags.filter(key="a").count() == 1


def test_more_than_is_remembered_is_asked_of_the_row_alone(carol, make_user):
    other = make_user("bob")
    for key in ("a", "c"):
        UserTag.objects.create(user=other, key=key, key_folded=key, value="bob's")
    own = list(UserTag.objects.filter(user=carol).order_by("id"))

    def known():
        found = User.objects.get(pk=carol.pk)
        remember(found, "tags", own)
        return found.tags

    assert [tag.key for tag in known().order_by("key")] == ["a", "b"]
    assert [tag.user_id for tag in known().all().order_by("key")] == [carol.pk, carol.pk]
    assert known().filter(key="c").count() == 0
    assert known().exclude(key="a").get().key == "b"
    assert sorted(known().values_list("key", flat=True)) == ["a", "b"]
    assert known().first().user_id == carol.pk
    assert known().aggregate(count=Count("id")) == {"count": 2}
    assert known().exists()
    assert known().update(value="hers") == 2
    assert known().filter(key="a").delete()[0] == 1
    assert known().all().delete()[0] == 1
    assert sorted(UserTag.objects.values_list("key", "value")) == [("a", "bob's"), ("c", "bob's")]


def test_a_row_comes_with_its_children_in_one_query(carol, django_assert_num_queries):
    with django_assert_num_queries(2):
        found = find_user_with_tags(ACCOUNT, "CAROL")  # the second is for her boundary
        tags = list(found.tags.all())
    assert found == carol
    expected = list(UserTag.objects.filter(user=carol).order_by("id"))
    columns = [field.attname for field in UserTag._meta.concrete_fields]
    assert [[getattr(tag, name) for name in columns] for tag in tags] == [
        [getattr(tag, name) for name in columns] for tag in expected
    ]
    assert tags == expected
    assert found.boundary.name == "limit"


def test_a_row_without_children_and_no_row_at_all(system):
    REGISTRY["iam:CreateUser"](system, user_name="bare")
    assert list(find_user_with_tags(ACCOUNT, "bare").tags.all()) == []
    assert find_user_with_tags(ACCOUNT, "nobody") is None
