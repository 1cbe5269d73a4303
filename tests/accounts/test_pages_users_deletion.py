"""Users deleted on the page, one and many, and what else is done to many."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import AccessKey, Group, User
from accounts.operations.access_keys import create_access_key
from accounts.operations.groups import create_group
from accounts.operations.inline_policies import put_user_policy
from accounts.operations.memberships import add_user_to_group
from accounts.operations.users import create_user
from operations.clock import now
from operations.ids import unique_id
from operations.models import Event
from tests.accounts.browser import html_of as text
from tests.signing_in import sign_in

READ = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'


def test_deletion_shows_the_impact_asks_for_the_name_and_takes_everything(administrator, system, dora):
    create_group(system, group_name="ops")
    add_user_to_group(system, group_name="ops", user_name="dora")
    put_user_policy(system, user_name="dora", policy_name="p", policy_document=READ)
    address = reverse("accounts:user-delete", args=["dora"])
    page = text(administrator.get(address))
    assert "<b>1</b> group loses this member: ops" in page
    assert "<b>1</b> inline policy is deleted: p" in page
    assert administrator.post(address, {"confirmation": "dara"}).status_code == 400
    assert User.objects.filter(name="dora").exists()
    administrator.post(address, {"confirmation": "dora"})
    assert not User.objects.filter(name="dora").exists()
    assert Group.objects.get(name="ops").member_count == 0


def test_a_deletion_that_is_refused_half_way_deletes_nothing(client, make_user, system, dora):
    put_user_policy(system, user_name="dora", policy_name="p", policy_document=READ)
    half = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:GetUser","iam:DeleteUserPolicy"],"Resource":"*"}]}'
    sign_in(client, make_user("vera", half), mfa=True)
    response = client.post(reverse("accounts:user-delete", args=["dora"]), {"confirmation": "dora"})
    assert response.status_code == 403
    assert dora.inline_policies.count() == 1
    assert Event.objects.filter(name="DeleteUser", error_code="AccessDenied").exists()


def test_bulk_deletion_reviews_first_and_spares_yourself(administrator, system, dora):
    chosen = {"select": [str(pk) for pk in User.objects.values_list("pk", flat=True)]}
    review = administrator.post(reverse("accounts:users-delete"), chosen)
    assert "1 of 2 users will not be deleted." in review.content.decode()
    assert User.objects.count() == 2


@pytest.fixture
def doomed(administrator, system, dora):
    """A user with keys, and one whom nothing would miss."""
    create_access_key(system, user_name="dora")
    put_user_policy(system, user_name="dora", policy_name="p", policy_document=READ)
    create_user(system, user_name="unused")
    User.objects.filter(name__in=["dora", "unused"]).update(last_activity_at=None)
    return {name: User.objects.get(name=name).pk for name in ("alice", "dora", "unused")}


def test_a_bulk_deletion_says_what_goes_and_has_the_number_typed(administrator, doomed):
    address, chosen = reverse("accounts:users-delete"), {"select": list(doomed.values())}
    review = text(administrator.post(address, chosen))
    for said in (
        "1 of 3 users will not be deleted.", "Not deleted: this is you", "<b>1</b> access key", "<b>1</b> inline policy",
        "Nothing else depends on it.", "Type <code>2</code>", "Delete 2 users</button>", 'href="/users/dora/"',
    ):  # fmt: skip
        assert said in review, said
    for typed in ({}, {"confirmation": "3"}):
        refused = administrator.post(address, chosen | {"go": "1"} | typed)
        assert refused.status_code == 400
        assert "The number does not match" in text(refused)
    assert User.objects.count() == 3
    done = text(administrator.post(address, chosen | {"go": "1", "confirmation": "2"}))
    assert "<h1>2 users deleted" in done
    assert 'href="/users/dora/"' not in done
    assert list(User.objects.values_list("name", flat=True)) == ["alice"]


def test_users_whom_nothing_would_miss_are_deleted_without_typing(administrator, doomed):
    chosen = {"select": [doomed["unused"], doomed["alice"]], "go": "1"}
    administrator.post(reverse("accounts:users-delete"), chosen)
    assert not User.objects.filter(name="unused").exists()


@pytest.mark.parametrize("column", ["console_access", "active_key_count", "last_activity_at"])
def test_console_access_keys_and_recent_activity_each_ask_for_the_number(administrator, doomed, column):
    value = now() - timedelta(days=89) if column == "last_activity_at" else 1
    User.objects.filter(name="unused").update(**{column: value})
    address, chosen = reverse("accounts:users-delete"), {"select": [doomed["unused"]]}
    assert "Type <code>1</code>" in text(administrator.post(address, chosen))
    User.objects.filter(name="unused").update(last_activity_at=now() - timedelta(days=91))
    if column == "last_activity_at":
        assert "to confirm" not in text(administrator.post(address, chosen))


def test_the_review_of_a_deletion_costs_the_same_number_of_queries_at_any_size(
    administrator, account, doomed, django_assert_max_num_queries
):
    many = User.objects.bulk_create(
        User(account=account, name=f"u{n}", name_key=f"u{n}", unique_id=unique_id("AIDA")) for n in range(90)
    )
    AccessKey.objects.bulk_create(AccessKey(user=user, key_id=unique_id("AKIA"), secret="s") for user in many)
    chosen = {"select": [user.pk for user in many]}
    administrator.post(reverse("accounts:users-delete"), chosen)
    with django_assert_max_num_queries(16):
        assert text(administrator.post(reverse("accounts:users-delete"), chosen)).count("<b>1</b> access key") == 90


def test_many_are_tagged_and_the_outcome_says_with_what(administrator, doomed):
    chosen = {"select": [doomed["dora"], doomed["unused"]]}
    address = reverse("accounts:users-tag")
    review = chosen | {"asked": "1", "review": "1", "key": "team", "value": "blue"}
    assert "Tag 2 users</button>" in text(administrator.post(address, review))
    done = text(administrator.post(address, chosen | {"go": "1", "key": "team", "value": "blue"}))
    assert "<h1>2 users tagged" in done
    assert "Tag: team = blue" in done
    assert '<a class="name" href="/users/dora/">dora</a>' in done
