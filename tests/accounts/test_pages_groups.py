"""The pages of groups: create, fill, rename, delete."""

import re

from django.urls import reverse

from accounts.models import Group
from accounts.operations.groups import create_group
from tests.accounts.browser import html_of as text

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
