"""From an entity to the changes that were made to it."""

from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Group, User
from accounts.operations.groups import create_group, update_group
from accounts.operations.roles import create_role, update_role
from accounts.operations.tags import tag_user
from accounts.operations.users import create_user, delete_user, get_user, update_user
from audit.earlier_names import names_of
from audit.templatetags.trail import changes_of
from operations.caller import Caller
from operations.errors import AccessDenied, EntityAlreadyExists
from operations.models import Event
from tests.every_page import TRUST
from tests.signing_in import sign_in


@pytest.fixture
def signed_in(client: Client, admin: Caller) -> Client:
    sign_in(client, User.objects.get(name="alice"), mfa=True)
    return client


def names(client: Client, address: str) -> list[str]:
    return [row.name for row in client.get(address).context["list"].rows]


def test_a_users_changes_and_refusals_are_one_step_away(signed_in: Client, admin: Caller, nobody: Caller) -> None:
    create_user(admin, user_name="dora")
    create_user(admin, user_name="dora2")
    get_user(admin, user_name="dora")
    update_user(admin, user_name="dora", new_path="/ops/")
    with pytest.raises(AccessDenied):
        update_user(nobody, user_name="dora", new_path="/")
    dora = User.objects.get(name="dora")
    address = changes_of(dora.arn)
    assert address.replace("&", "&amp;") in signed_in.get("/users/dora/history/").content.decode()
    assert names(signed_in, address) == ["UpdateUser", "UpdateUser", "CreateUser"]
    assert names(signed_in, changes_of(dora.arn.replace("user/ops/", "user/"))) == ["UpdateUser", "CreateUser"]


def test_changes_follow_a_renamed_user_and_never_a_namesake(
    signed_in: Client, admin: Caller, django_assert_max_num_queries
) -> None:
    def changed(name: str) -> list[str]:
        rows = signed_in.get(changes_of(User.objects.get(name=name).arn)).context["list"].rows
        return [f"{row.name} {row.resource.rpartition('/')[2]}" for row in rows]

    create_user(admin, user_name="dora")
    tag_user(admin, user_name="dora", tags=[{"Key": "team", "Value": "ops"}])
    for old, new in (("dora", "dorothea"), ("dorothea", "dora"), ("dora", "doris")):
        update_user(admin, user_name=old, new_user_name=new)
    create_user(admin, user_name="dora")
    update_user(admin, user_name="doris", new_path="/ops/")
    assert changed("dora") == ["CreateUser dora"]
    assert changed("doris") == [
        "UpdateUser doris",
        "UpdateUser dora",
        "UpdateUser dorothea",
        "UpdateUser dora",
        "TagUser dora",
        "CreateUser dora",
    ]
    delete_user(admin, user_name="dora")
    create_user(admin, user_name="dora")
    assert changed("dora") == ["CreateUser dora"]
    arn = User.objects.get(name="doris").arn
    with django_assert_max_num_queries(2):
        assert len(names_of(admin.account_id, arn)) == 5
    create_group(admin, group_name="crew")
    update_group(admin, group_name="crew", new_group_name="team")
    assert [row.name for row in signed_in.get(changes_of(Group.objects.get().arn)).context["list"].rows] == [
        "UpdateGroup",
        "CreateGroup",
    ]


def test_a_rename_that_failed_is_not_followed(admin: Caller, nobody: Caller) -> None:
    for name in ("dora", "erin"):
        create_user(admin, user_name=name)
    for caller, error in ((nobody, AccessDenied), (admin, EntityAlreadyExists)):
        with pytest.raises(error):
            update_user(caller, user_name="dora", new_user_name="erin")
    assert Event.objects.filter(name="UpdateUser").count() == 2
    for name in ("dora", "erin"):
        assert [
            each.arn.rpartition("/")[2] for each in names_of(admin.account_id, User.objects.get(name=name).arn)
        ] == [name]


def test_names_are_found_along_the_index_of_what_calls_are_named(admin: Caller) -> None:
    """Asked for by outcome beside, SQLite goes through all that did not fail."""
    create_user(admin, user_name="dora")
    with CaptureQueriesContext(connection) as asked:
        names_of(admin.account_id, User.objects.get(name="dora").arn)
    renames = next(query["sql"] for query in asked.captured_queries if "UpdateUser" in query["sql"])
    assert "error_code" not in renames.partition(" WHERE ")[2]


def test_a_roles_changes(signed_in: Client, admin: Caller) -> None:
    create_role(admin, role_name="deploy", assume_role_policy_document=TRUST % "123456789012")
    update_role(admin, role_name="deploy", description="Rolls out")
    html = signed_in.get("/roles/deploy/history/").content.decode()
    (address,) = {part.partition('"')[0] for part in html.split('href="')[1:] if part.startswith("/trail/?f=entity")}
    assert urlsplit(address).path == "/trail/"
    assert names(signed_in, address.replace("&amp;", "&")) == ["UpdateRole", "CreateRole"]


def test_who_may_not_read_the_trail_has_no_such_link(client: Client, admin: Caller, make_user) -> None:
    make_user("viewer", '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*"}]}')
    create_user(admin, user_name="dora")
    sign_in(client, User.objects.get(name="viewer"))
    assert "/users/dora/history/" not in client.get("/users/dora/").content.decode()
