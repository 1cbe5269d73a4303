"""The pages of groups: create, fill, rename, delete."""

import re

from django.urls import reverse

from accounts.models import Group
from accounts.operations.groups import create_group
from accounts.operations.inline_policies import put_group_policy
from accounts.operations.memberships import add_user_to_group
from tests.accounts.browser import html_of as text
from tests.signing_in import sign_in

READ = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'


def test_a_group_is_created_filled_renamed_and_deleted(administrator, system, dora):
    administrator.post(reverse("accounts:group-create"), {"group_name": "ops", "path": "/"})
    group = Group.objects.get(name="ops")
    add = reverse("accounts:group-add-users", args=["ops"])
    page = text(administrator.get(add))
    assert re.search(rf'<input type="checkbox" name="select" value="{dora.pk}" aria-label="[^"]*dora[^"]*">', page)
    assert re.search(r'<th scope="row"[^>]*> ?(?:<div class="peeked">)?<a class="name"[^>]*>dora</a>', page)
    review = text(administrator.post(add, {"select": [dora.pk]}))
    assert "Add users to ops" in review
    assert not group.memberships.exists()
    administrator.post(add, {"select": [dora.pk], "go": "1"})
    group.refresh_from_db()
    assert group.member_count == 1
    assert "dora" in text(administrator.get(reverse("accounts:group", args=["ops"])))
    administrator.post(
        reverse("accounts:group-inline-create", args=["ops"]), {"policy_name": "p", "policy_document": READ}
    )
    assert "p" in text(administrator.get(reverse("accounts:group-permissions", args=["ops"])))
    administrator.post(reverse("accounts:group-rename", args=["ops"]), {"new_group_name": "platform", "new_path": "/"})
    take_out = reverse("accounts:group-remove-users", args=["platform"])
    assert "They lose what the group" in text(administrator.post(take_out, {"select": [dora.pk]}))
    assert group.memberships.exists()
    administrator.post(take_out, {"select": [dora.pk], "go": "1"})
    group.refresh_from_db()
    assert (group.name, group.member_count) == ("platform", 0)
    administrator.post(reverse("accounts:group-delete", args=["platform"]), {"confirmation": "platform"})
    assert not Group.objects.exists()


def test_a_taken_group_name_is_refused_at_its_field(administrator, system):
    create_group(system, group_name="ops")
    page = text(administrator.post(reverse("accounts:group-create"), {"group_name": "OPS", "path": "/"}))
    assert "Group with name OPS already exists." in page
    assert 'value="OPS"' in page


def test_a_user_who_cannot_join_a_new_group_is_named_at_the_field(administrator, system, make_user):
    for name in ("ann", "bea"):
        make_user(name)
    for n in range(10):
        create_group(system, group_name=f"g{n}")
        add_user_to_group(system, group_name=f"g{n}", user_name="bea")
    for users, said in (
        (["ann", "bea"], "bea: Cannot exceed quota for GroupsPerUser: 10"),
        (["gone"], "The user with name gone cannot be found."),
    ):
        sent = {"group_name": "crew", "path": "/", "users": users}
        form = administrator.post(reverse("accounts:group-create"), sent).context["form"]
        assert form.errors == {"users": [said]}
    assert not Group.objects.filter(name="crew").exists()


def test_groups_without_users_or_policies_are_one_click_away(client, make_user, system):
    for name in ("crew", "idle"):
        create_group(system, group_name=name)
    put_group_policy(system, group_name="idle", policy_name="own", policy_document=READ)
    make_user("ann")
    add_user_to_group(system, group_name="crew", user_name="ann")
    everything = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[%s],"Resource":"*"}]}'
    sign_in(client, make_user("vera", everything % '"iam:*"'), mfa=True)
    page = client.get("/groups/").content.decode()
    assert 'href="/groups/?f=members:eq:0">Empty</a>' in page
    assert 'href="/groups/?show=all" aria-current="page">All</a>' in page
    empty = client.get("/groups/?f=members:eq:0")
    assert [row.name for row in empty.context["list"].rows] == ["idle"]
    assert 'href="/groups/?f=members:eq:0" aria-current="page">Empty</a>' in empty.content.decode()
    bare = client.get("/groups/?f=policies:eq:0").context["list"].rows
    assert [row.name for row in bare] == ["crew"]
    sign_in(client, make_user("walt", everything % '"iam:ListGroups"'), mfa=True)
    assert "f=members:eq:0" not in client.get("/groups/").content.decode()
    sign_in(client, make_user("xena", everything % '"iam:ListGroups","iam:GetGroup"'), mfa=True)
    page = client.get("/groups/").content.decode()
    assert "f=members:eq:0" in page
    assert "f=policies:eq:0" not in page
