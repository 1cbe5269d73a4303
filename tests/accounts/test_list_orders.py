"""The lists of users, groups, roles and policies: sorted by each of their columns, and asked for what rows do not have."""

import html
import re
from importlib import import_module
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.urls import reverse

from accounts import trust, trust_facts
from accounts.listings.groups import GROUPS
from accounts.listings.roles import ROLES
from accounts.listings.users import USERS
from accounts.models import Role, User
from accounts.operations.attachments import attach_group_policy, attach_role_policy, attach_user_policy
from accounts.operations.boundaries import delete_user_permissions_boundary, put_user_permissions_boundary
from accounts.operations.groups import create_group
from accounts.operations.inline_policies import put_user_policy
from accounts.operations.memberships import add_user_to_group
from accounts.operations.roles import create_role, update_assume_role_policy
from accounts.operations.service_linked_roles import create_service_linked_role
from accounts.operations.tags import tag_user
from accounts.operations.users import create_user, update_user
from operations.clock import now
from policies.listings import POLICIES
from policies.operations.managed_policies import create_policy
from tests.conftest import ACCOUNT, ADMINISTRATOR
from tests.signing_in import sign_in

READ = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'
LISTS = {
    "accounts:users": USERS, "accounts:groups": GROUPS, "accounts:roles": ROLES, "policies:policies": POLICIES
}  # fmt: skip


def trusting(principal: str) -> str:
    return (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":%s,"Action":"sts:AssumeRole"}]}' % principal
    )


@pytest.fixture
def administrator(client, make_user):
    sign_in(client, make_user("alice", ADMINISTRATOR), mfa=True)
    return client


@pytest.fixture
def people(system, administrator) -> str:
    """Users, groups and roles of which some have what others do not."""
    arn = create_policy(system, policy_name="Limits", policy_document=READ)["Policy"]["Arn"]
    create_policy(system, policy_name="above", policy_document=READ, description="More")
    create_group(system, group_name="ops", path="/x/")
    create_group(system, group_name="dev")
    attach_group_policy(system, group_name="ops", policy_arn=arn)
    for name in ("dora", "emil", "finn"):
        create_user(system, user_name=name, permissions_boundary=arn if name == "emil" else None)
    tag_user(system, user_name="dora", tags=[{"Key": "team", "Value": "ops"}])
    add_user_to_group(system, group_name="ops", user_name="dora")
    attach_user_policy(system, user_name="emil", policy_arn=arn)
    put_user_policy(system, user_name="finn", policy_name="own", policy_document=READ)
    User.objects.filter(name="dora").update(email="dora@example.com", password_last_used=now())
    create_role(
        system, role_name="web", assume_role_policy_document=trusting('{"Service":"ec2.amazonaws.com"}'),
        permissions_boundary=arn,
    )  # fmt: skip
    create_role(
        system, role_name="ci", assume_role_policy_document=trusting(f'{{"AWS":"arn:aws:iam::{ACCOUNT}:user/finn"}}')
    )
    create_role(system, role_name="job", assume_role_policy_document=trusting('{"Service":"batch.amazonaws.com"}'))
    attach_role_policy(system, role_name="web", policy_arn=arn)
    return arn


def names(client: Any, address: str, query: str) -> list[str]:
    shown = client.get(f"{reverse(address)}?{query}")
    assert shown.status_code == 200
    return re.findall(r'<a class="name" href="[^"]*">([^<]+)</a>', shown.content.decode())


@pytest.mark.parametrize("address", LISTS)
def test_each_order_is_the_same_rows_and_turns_around(administrator, people, address):
    for column in (column for column in LISTS[address].columns if column.sort):
        up = names(administrator, address, f"sort={column.key}&size=100")
        down = names(administrator, address, f"sort=-{column.key}&size=100")
        assert len(up) > 1
        assert sorted(up) == sorted(down), column.key


def test_every_column_can_be_sorted_by_but_what_is_put_together(administrator):
    columns = [(address, column) for address, each in LISTS.items() for column in each.columns if column.key != "tags"]
    unsorted = {(address, column.key) for address, column in columns if not column.sort}
    assert unsorted == {("accounts:users", "arn"), ("accounts:groups", "arn"), ("accounts:roles", "arn")}


@pytest.mark.parametrize(
    ("address", "sort", "first"),
    [
        ("accounts:users", "boundary", ["emil"]),
        ("accounts:users", "-boundary", ["emil"]),
        ("accounts:users", "email", ["dora"]),
        ("accounts:users", "-signed_in", ["dora"]),
        ("accounts:groups", "-policies", ["ops", "dev"]),
        ("accounts:groups", "-path", ["ops", "dev"]),
        ("accounts:roles", "boundary", ["web"]),
        ("accounts:roles", "trusted", ["ci", "job", "web"]),
        ("accounts:roles", "-trusted", ["web", "job", "ci"]),
        ("accounts:roles", "-policies", ["web"]),
        ("policies:policies", "description", ["above"]),
    ],
)  # fmt: skip
def test_what_has_no_value_comes_last(administrator, people, address, sort, first):
    assert names(administrator, address, f"sort={sort}")[: len(first)] == first


def test_pages_go_on_where_texts_are_empty(administrator, people, account):
    User.objects.bulk_create(
        User(account=account, name=f"u{n:02}", name_key=f"u{n:02}", unique_id=f"AIDA{n}", email=f"{n:02}@x" * (n % 2))
        for n in range(40)
    )
    for sort in ("email", "-email"):
        query, seen = f"sort={sort}&size=10", []
        while query:
            page = administrator.get(f"{reverse('accounts:users')}?{query}").context["list"]
            seen += [row.email for row in page.rows]
            query = page.next_url.lstrip("?")
        assert len(seen) == User.objects.count()
        given = [each for each in seen if each]
        assert seen == [*sorted(given, reverse=sort.startswith("-")), *[""] * (len(seen) - len(given))]
        back = administrator.get(f"{reverse('accounts:users')}?sort={sort}&size=10&last=1").context["list"]
        before = administrator.get(f"{reverse('accounts:users')}{back.previous_url}").context["list"]
        assert [row.email for row in (*before.rows, *back.rows)] == seen[-20:]


@pytest.mark.parametrize(
    ("address", "query", "found"),
    [
        ("accounts:users", "f=boundary:eq:(none)", {"alice", "dora", "finn"}),
        ("accounts:users", "f=boundary:ne:(none)", {"emil"}),
        ("accounts:users", "f=boundary:eq:limits", {"emil"}),
        ("accounts:users", "f=tag:eq:(none)", {"alice", "emil", "finn"}),
        ("accounts:users", "f=group:eq:(none)", {"alice", "emil", "finn"}),
        ("accounts:users", "f=policy:eq:(none)", {"alice", "dora", "finn"}),
        ("accounts:users", "f=policy:eq:limits", {"emil"}),
        ("accounts:users", "f=inline:eq:any", {"alice", "finn"}),
        ("accounts:users", "f=signed-in:eq:never", {"alice", "emil", "finn"}),
        ("accounts:users", "f=email:eq:(none)", {"alice", "emil", "finn"}),
        ("accounts:users", "f=email:has:EXAMPLE", {"dora"}),
        ("accounts:groups", "f=policy:eq:(none)", {"dev"}),
        ("accounts:groups", "f=policies:eq:1", {"ops"}),
        ("accounts:roles", "f=boundary:eq:(none)", {"ci", "job"}),
        ("accounts:roles", "f=policy:eq:Limits", {"web"}),
        ("accounts:roles", "f=tag:eq:(none)", {"ci", "job", "web"}),
        ("policies:policies", "f=type:eq:customer&f=description:eq:(none)", {"Limits"}),
    ],
)  # fmt: skip
def test_what_rows_do_not_have_can_be_asked_for(administrator, people, address, query, found):
    assert set(names(administrator, address, query)) == found


def test_none_is_typed_as_a_word(administrator, people):
    answer = administrator.get(reverse("accounts:users") + "?q=permissions boundary = None")
    assert answer.status_code == 302
    assert answer["Location"].endswith("f=boundary:eq:%28none%29")
    assert "Permissions boundary = (none)" in administrator.get(answer["Location"]).content.decode()
    create_group(people and administrator.get(reverse("accounts:users")).wsgi_request.caller, group_name="none")
    assert names(administrator, "accounts:users", "f=group:eq:none") == [], (
        "a group that is called so is another matter"
    )


@pytest.mark.parametrize("address", LISTS)
def test_no_list_suggests_what_it_does_not_understand(administrator, people, address):
    """Each property with each of its operators: what is suggested is a filter, and each lists' `= (none)` is among it where there may be none."""
    for item in LISTS[address].filters:
        for operator in item.operators:
            sign = {
                "eq": "=",
                "ne": "≠",
                "has": ":",
                "not": "!:",
                "starts": "^",
                "gt": ">",
                "lt": "<",
                "ge": "≥",
                "le": "≤",
            }[operator]
            shown = administrator.get(
                reverse(address), {"suggest": "1", "add": f"{item.label} {sign} "}
            ).content.decode()
            for link in re.findall(r'href="(\?f=[^"]+)"', shown)[:3]:
                page = administrator.get(reverse(address) + html.unescape(link)).context["list"]
                assert page.state.valid, (item.key, operator, link)
    shown = administrator.get(
        reverse("accounts:users"), {"suggest": "1", "add": "Permissions boundary = "}
    ).content.decode()
    assert "(none)" in shown
    assert "Limits" in shown
    shown = administrator.get(reverse("accounts:users"), {"suggest": "1", "add": "Last activity = "}).content.decode()
    assert "Last activity = never" in shown
    assert "30 days" not in shown


def test_the_columns_to_sort_by_follow_what_changes(system, people):
    emil, web = User.objects.get(name="emil"), Role.objects.get(name="web")
    assert (emil.boundary_key, web.boundary_key, web.trusted_first) == ("limits", "limits", "ec2.amazonaws.com")
    delete_user_permissions_boundary(system, user_name="emil")
    put_user_permissions_boundary(system, user_name="dora", permissions_boundary=people)
    assert dict(User.objects.values_list("name", "boundary_key")) == {
        "alice": "", "dora": "limits", "emil": "", "finn": "",
    }  # fmt: skip
    update_assume_role_policy(system, role_name="web", policy_document=trusting('{"AWS":"*"}'))
    assert Role.objects.get(name="web").trusted_first == "*"
    linked = create_service_linked_role(system, aws_service_name="autoscaling.amazonaws.com")["Role"]["RoleName"]
    assert Role.objects.get(name=linked).trusted_first == "autoscaling.amazonaws.com"


def test_roles_are_sorted_by_the_names_that_trusted_users_have_now(administrator, system, people):
    create_role(
        system, role_name="cd", assume_role_policy_document=trusting(f'{{"AWS":"arn:aws:iam::{ACCOUNT}:user/dora"}}')
    )
    assert names(administrator, "accounts:roles", "sort=trusted")[:2] == ["cd", "ci"]
    update_user(system, user_name="finn", new_user_name="anna")
    assert names(administrator, "accounts:roles", "sort=trusted")[:2] == ["ci", "cd"]


def test_what_was_there_before_the_columns_is_sorted_too(people):
    User.objects.update(boundary_key="")
    Role.objects.update(boundary_key="", trusted_first="")
    import_module("accounts.migrations.0003_list_orders").fill(apps, None)
    assert User.objects.get(name="emil").boundary_key == "limits"
    assert dict(Role.objects.values_list("name", "boundary_key")) == {"web": "limits", "ci": "", "job": ""}
    assert Role.objects.get(name="job").trusted_first == "batch.amazonaws.com"
    assert Role.objects.get(name="ci").trusted_first == User.objects.get(name="finn").unique_id


def open_roles(client):
    return names(client, "accounts:roles", "f=open:eq:yes")


def test_whether_anybody_may_assume_a_role_follows_its_trust_policy(administrator, system, people):
    assert open_roles(administrator) == []
    create_role(system, role_name="gate", assume_role_policy_document=trusting('{"AWS":"*"}'))
    update_assume_role_policy(system, role_name="web", policy_document=trusting('{"AWS":"*"}'))
    create_service_linked_role(system, aws_service_name="autoscaling.amazonaws.com")
    assert open_roles(administrator) == ["gate", "web"]
    assert {"gate", "web"}.isdisjoint(names(administrator, "accounts:roles", "f=open:eq:no"))
    update_assume_role_policy(system, role_name="gate", policy_document=trusting('{"Service":"ec2.amazonaws.com"}'))
    assert open_roles(administrator) == ["web"]
    shown = administrator.get(
        reverse("accounts:roles"), {"suggest": "1", "add": "Trusted by anybody = "}
    ).content.decode()
    assert "Trusted by anybody = yes" in shown
    assert "Trusted by anybody = no" in shown
    assert administrator.get(reverse("accounts:roles")).content.decode().count("Open to everybody") == 1


def test_another_release_looks_at_the_trust_policies_again(system, people, monkeypatch):
    """As those are looked at that were there before the column. A second run finds nothing to do."""
    for name in ("ci", "web"):
        update_assume_role_policy(system, role_name=name, policy_document=trusting('{"AWS":"*"}'))
    Role.objects.filter(name="job").update(trust_policy="nonsense", trusts_anybody=True)
    assert trust_facts.check_again() == 0, "the operations have looked"
    Role.objects.filter(name="ci").update(trusts_anybody=False)
    for module in (trust_facts, trust):
        monkeypatch.setattr(module, "edition", lambda: "next")
    monkeypatch.setattr(trust_facts, "BATCH", 2)
    call_command("check_trust_policies", stdout=(out := StringIO()))
    assert out.getvalue() == f"{Role.objects.count()} trust policies checked anew.\n"
    assert set(Role.objects.filter(trusts_anybody=True).values_list("name", flat=True)) == {"ci", "web"}
    call_command("check_trust_policies", stdout=(again := StringIO()))
    assert again.getvalue() == ""
