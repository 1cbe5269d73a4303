"""The groups, tags and name of a user on the page."""

import json
import re

import pytest
from django.urls import reverse

from accounts.models import Group, User, UserTag
from accounts.operations.attachments import attach_group_policy
from accounts.operations.groups import create_group, update_group
from accounts.operations.memberships import add_user_to_group
from accounts.operations.tags import tag_user
from accounts.operations.users import create_user, update_user
from policies.operations.managed_policies import create_policy
from tests.accounts.browser import html_of as text
from tests.accounts.browser import seen_at
from tests.signing_in import sign_in

READ = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'


def test_the_groups_of_a_user_are_listed_with_the_way_out(administrator, system, dora):
    create_group(system, group_name="builders")
    create_group(system, group_name="finance")
    add_user_to_group(system, group_name="builders", user_name="dora")
    page = text(administrator.get(reverse("accounts:user-groups", args=["dora"])))
    assert "Remove builders" in page
    assert "In no group" not in page
    assert 'value="finance"' in page
    assert 'type="checkbox" name="group_name" value="builders"' not in page


@pytest.mark.parametrize(
    ("actions", "shown"),
    [
        ([], []),
        (["iam:GetGroup"], ["Users"]),
        (["iam:ListAttachedGroupPolicies"], ["Attached policies", "reading"]),
        (["iam:Get*", "iam:List*"], ["Users", "Attached policies", "reading"]),
    ],
)
def test_what_the_groups_have_is_told_to_who_may_know(client, make_user, system, dora, actions, shown):
    arn = create_policy(system, policy_name="reading", policy_document=READ)["Policy"]["Arn"]
    create_group(system, group_name="builders")
    attach_group_policy(system, group_name="builders", policy_arn=arn)
    add_user_to_group(system, group_name="builders", user_name="dora")
    allowed = json.dumps(["iam:GetUser", "iam:ListGroupsForUser", *actions])
    document = f'{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":{allowed},"Resource":"*"}}]}}'
    sign_in(client, make_user("reader", document))
    page = text(client.get(reverse("accounts:user-groups", args=["dora"])))
    table = page[page.index("<table") : page.index("</table>")]
    assert "builders" in table
    for word in ("Users", "Attached policies", "reading"):
        assert (word in table) is (word in shown)


@pytest.mark.parametrize("may", [False, True])
def test_how_many_are_in_a_group_is_told_to_whoever_may_ask_for_its_members(client, make_user, system, dora, may):
    """In the tab and in the picker; ListGroupsForUser and ListGroups do not tell it, and the page of a group is no link without it."""
    for name in ("crew", "idle"):
        create_group(system, group_name=name)
    add_user_to_group(system, group_name="crew", user_name="dora")
    actions = ["iam:GetUser", "iam:ListGroupsForUser", "iam:ListGroups", "iam:AddUserToGroup"]
    allowed = json.dumps(actions + ["iam:GetGroup"] * may)
    grant = f'{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":{allowed},"Resource":"*"}}]}}'
    sign_in(client, make_user("vera", grant))
    page = text(client.get(reverse("accounts:user-groups", args=["dora"])))
    assert ('<td class="num" data-label="Users">1</td>' in page) is may
    assert ('href="/groups/crew/"' in page) is may
    assert ("0 users" in page) is may
    assert 'value="idle"' in page


def test_groups_are_joined_and_left(administrator, system, dora):
    create_group(system, group_name="ops")
    address = reverse("accounts:user-groups", args=["dora"])
    assert "In no group" in text(administrator.get(address))
    administrator.post(address, {"groups": ["ops"], "join": "1"})
    assert dora.groups.count() == 1
    leave = reverse("accounts:user-leave-group", args=["dora"])
    assert "Take dora out of ops?" in text(administrator.get(leave, {"group_name": "ops"}))
    assert dora.groups.count() == 1
    for other in ("", "another"):
        assert administrator.get(leave, {"group_name": other}).status_code == 404
    administrator.post(leave, {"group_name": "ops"})
    assert dora.groups.count() == 0


def test_the_tags_tab_counts_the_tags(administrator, system):
    create_user(system, user_name="fred", tags=[{"Key": "team", "Value": "ops"}])
    assert 'Tags <span class="count">1</span>' in text(administrator.get(reverse("accounts:user-tags", args=["fred"])))


def test_a_key_with_an_equals_sign_stays_whole(administrator, system, dora):
    tag_user(system, user_name="dora", tags=[{"Key": "cost=centre", "Value": "42"}])
    page = administrator.get("/users/dora/tags/")
    form = page.context["form"]
    assert form["tags"].value() == "cost\\=centre = 42"
    administrator.post("/users/dora/tags/", {"tags": form["tags"].value(), "seen": form["seen"].value()})
    assert [(tag.key, tag.value) for tag in dora.tags.all()] == [("cost=centre", "42")]


def test_the_tags_tab_shows_the_users_own(administrator, system, dora):
    create_user(system, user_name="fred", tags=[{"Key": "team", "Value": "ops"}])
    create_user(system, user_name="gina", tags=[{"Key": "team", "Value": "dev"}, {"Key": "lead", "Value": "x"}])
    form = administrator.get("/users/fred/tags/").context["form"]
    assert form["tags"].value() == "team = ops"
    administrator.post("/users/fred/tags/", {"tags": "", "seen": form["seen"].value()})
    assert sorted(UserTag.objects.values_list("user__name", "key")) == [("gina", "lead"), ("gina", "team")]


def test_tags_are_edited_as_lines(administrator, system, dora):
    address = reverse("accounts:user-tags", args=["dora"])
    seen = seen_at(administrator, address)
    administrator.post(address, {"tags": "team = ops\nlead = alice", "seen": seen})
    assert {tag.key: tag.value for tag in dora.tags.all()} == {"team": "ops", "lead": "alice"}
    seen = seen_at(administrator, address)
    administrator.post(address, {"tags": "team = dev", "seen": seen})
    assert {tag.key: tag.value for tag in dora.tags.all()} == {"team": "dev"}
    wrong = text(administrator.post(address, {"tags": "= nothing", "seen": seen}))
    assert "Line 1 has no key." in wrong


@pytest.mark.parametrize("name_taken", [False, True])
def test_what_was_renamed_meanwhile_is_said_to_be_called_otherwise_now(administrator, system, dora, name_taken):
    address = reverse("accounts:user-rename", args=["dora"])
    seen = seen_at(administrator, address)
    update_user(system, user_name="dora", new_user_name="dorothea")
    if name_taken:
        create_user(system, user_name="dora")
    answer = administrator.post(address, {"new_user_name": "doris", "new_path": "/", "seen": seen})
    assert answer.status_code == 404
    assert "dora was renamed meanwhile: it is called dorothea now." in text(answer)
    assert "doris" in text(answer)
    assert not User.objects.filter(name="doris").exists()


@pytest.mark.parametrize("kind", ["user", "group"])
def test_whoever_moves_it_later_sees_where_it_was_moved_meanwhile(administrator, system, dora, kind):
    create_group(system, group_name="ops")
    name, change = {"user": ("dora", update_user), "group": ("ops", update_group)}[kind]
    address = reverse(f"accounts:{kind}-rename", args=[name])
    read = administrator.get(address).content.decode()
    kept = dict(re.findall(r'name="(seen|was)" value="(\w+)"', read))
    change(system, **{f"{kind}_name": name, "new_path": "/theirs/"})
    mine = {f"new_{kind}_name": name, "new_path": "/mine/", **kept}
    answer = administrator.post(address, mine)
    assert answer.status_code == 409
    shown = text(answer)
    assert "Somebody changed this while you were editing" in shown
    assert f">Update{kind.title()}</a>" in shown
    assert "/theirs/" in shown.replace("<wbr>", "")
    assert 'value="/mine/"' in shown
    renewed = dict(re.findall(r'name="(seen|was)" value="(\w+)"', shown))
    assert administrator.post(address, mine | renewed).status_code == 302
    assert {"user": User, "group": Group}[kind].objects.get(name=name).path == "/mine/"


def test_a_rename_names_the_policies_that_will_stop_matching(administrator, system, dora):
    document = READ.replace('"*"', f'"{dora.arn}"').replace("s3:GetObject", "iam:GetUser")
    create_policy(system, policy_name="about-dora", policy_document=document)
    address = reverse("accounts:user-rename", args=["dora"])
    assert "about-dora" in text(administrator.get(address))
    administrator.post(address, {"new_user_name": "dorothea", "new_path": "/"})
    assert User.objects.filter(name="dorothea", unique_id=dora.unique_id).exists()
