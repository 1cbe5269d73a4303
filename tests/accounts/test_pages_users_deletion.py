"""Users deleted on the page, one and many, and what else is done to many."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import AccessKey, Account, Group, Role, User
from accounts.operations.access_keys import create_access_key
from accounts.operations.groups import create_group
from accounts.operations.inline_policies import put_user_policy
from accounts.operations.memberships import add_user_to_group
from accounts.operations.roles import create_role
from accounts.operations.users import create_user
from accounts.queries.roles import trusting_by_id
from operations.clock import now
from operations.ids import unique_id
from operations.models import Event
from tests.accounts.browser import html_of as text
from tests.conftest import ACCOUNT
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


# --- roles that trust whoever is deleted ----------------------------------------------------------------------------------


def trusting(*names, **more):
    principals = [f"arn:aws:iam::{ACCOUNT}:user/{name}" for name in names]
    statement = {"Effect": "Allow", "Principal": {"AWS": principals}, "Action": "sts:AssumeRole", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def trusted(administrator, system, dora):
    """dora, whom two roles trust by name, and erin, whom one of these trusts too; a third role denies dora."""
    create_user(system, user_name="erin")
    create_role(system, role_name="web", assume_role_policy_document=trusting("dora", "erin"))
    create_role(system, role_name="ci", assume_role_policy_document=trusting("dora"))
    create_role(system, role_name="safe", assume_role_policy_document=trusting("dora", Effect="Deny"))
    return dora


def test_it_is_said_which_roles_trust_a_user_who_is_deleted(administrator, system, trusted):
    page = text(administrator.get(reverse("accounts:user-delete", args=["dora"])))
    said = "roles trust this user by name (their trust policies will show the unique ID, and trust no new user of this name)"
    assert f"<b>2</b> {said}: ci, web" in page
    administrator.post(reverse("accounts:user-delete", args=["dora"]), {"confirmation": "dora"})
    create_user(system, user_name="dora")
    shown = text(administrator.get(reverse("accounts:role-trust", args=["ci"])))
    assert trusted.unique_id in shown, "it comes so"
    assert "roles trust this user" not in text(administrator.get(reverse("accounts:user-delete", args=["dora"])))


def test_it_is_said_of_each_of_many_in_one_query(administrator, system, trusted, django_assert_num_queries):
    create_user(system, user_name="finn")
    chosen = {"select": [str(pk) for pk in User.objects.exclude(name="alice").values_list("pk", flat=True)]}
    page = text(administrator.post(reverse("accounts:users-delete"), chosen))
    assert "<b>2</b> roles that trust the user by name: ci, web" in page
    assert "<b>1</b> role that trusts the user by name: web" in page
    assert page.count("by name: ") == 2
    assert "a new user of the same name is not trusted" in page
    ids = list(User.objects.values_list("unique_id", flat=True))
    with django_assert_num_queries(1):
        found = trusting_by_id(ACCOUNT, ids)
    assert {User.objects.get(unique_id=each).name: names for each, names in found.items()} == {
        "dora": ["ci", "web"],
        "erin": ["web"],
    }
    assert trusting_by_id(ACCOUNT, []) == {}


def test_roles_of_other_accounts_are_not_told(trusted):
    other = Account.objects.create(pk="210987654321")
    Role.objects.filter(name="web").update(account=other)
    assert trusting_by_id(ACCOUNT, [trusted.unique_id]) == {trusted.unique_id: ["ci"]}


def test_which_roles_trust_somebody_is_for_who_may_list_roles(client, make_user, trusted):
    may = ["iam:GetUser", "iam:ListUsers", "iam:DeleteUser"]
    sign_in(
        client,
        make_user(
            "vera",
            json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": may, "Resource": "*"}]}),
        ),
    )
    pages = [
        client.get(reverse("accounts:user-delete", args=["dora"])),
        client.post(reverse("accounts:users-delete"), {"select": [str(trusted.pk)]}),
    ]
    for page in pages:
        assert page.status_code == 200
        assert "ci, web" not in text(page)
        assert "by name: " not in text(page)
