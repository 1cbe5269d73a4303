"""The permissions of a user on the page: policies from everywhere, inline policies, the boundary."""

import re

from django.urls import reverse

from accounts.operations.attachments import attach_user_policy
from accounts.operations.boundaries import put_user_permissions_boundary
from accounts.operations.groups import create_group
from accounts.operations.inline_policies import put_user_policy
from accounts.operations.memberships import add_user_to_group
from policies.operations.managed_policies import create_policy
from tests.accounts.browser import html_of as text
from tests.accounts.browser import seen_at
from tests.signing_in import sign_in

READ = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'


def test_the_page_of_a_user_shows_where_each_policy_comes_from(administrator, system, dora):
    create_group(system, group_name="ops")
    add_user_to_group(system, group_name="ops", user_name="dora")
    arn = create_policy(system, policy_name="reading", policy_document=READ)["Policy"]["Arn"]
    attach_user_policy(system, user_name="dora", policy_arn=arn)
    put_user_policy(system, user_name="dora", policy_name="own", policy_document=READ)
    page = text(administrator.get(reverse("accounts:user", args=["dora"])))
    assert "reading" in page
    assert "Directly" in page
    assert "Inline" in page


def test_policies_are_attached_and_detached(administrator, system, dora):
    arn = create_policy(system, policy_name="reading", policy_document=READ)["Policy"]["Arn"]
    assert "reading" in text(administrator.get(reverse("accounts:user-attach", args=["dora"])))
    administrator.post(reverse("accounts:user-attach", args=["dora"]), {"policy_arn": [arn], "attach": "1"})
    assert dora.attachments.count() == 1
    detach = reverse("accounts:user-detach", args=["dora"])
    asked = text(administrator.get(detach, {"policy_arn": arn}))
    assert "Detach reading from dora?" in asked
    assert "dora loses what it allows" in asked
    assert dora.attachments.count() == 1
    administrator.post(detach, {"policy_arn": arn})
    assert dora.attachments.count() == 0
    assert administrator.get(detach, {"policy_arn": "no arn"}).status_code == 404


def test_an_inline_policy_is_shown_once_more_before_it_is_deleted(administrator, system, dora):
    put_user_policy(system, user_name="dora", policy_name="own", policy_document=READ)
    delete = reverse("accounts:user-inline-delete", args=["dora"])
    page = text(administrator.get(reverse("accounts:user", args=["dora"])))
    assert f'href="{delete}?policy_name=own" aria-label="Delete own"' in page
    asked = text(administrator.get(delete, {"policy_name": "own"}))
    assert "Delete the inline policy own of dora?" in asked
    assert "s3:GetObject" in asked
    assert dora.inline_policies.exists()
    assert administrator.get(delete, {"policy_name": "another"}).status_code == 404
    administrator.post(delete, {"policy_name": "own"})
    assert not dora.inline_policies.exists()


def test_whoever_may_not_take_policies_away_sees_no_button_for_it(client, make_user, system, dora):
    put_user_policy(system, user_name="dora", policy_name="own", policy_document=READ)
    arn = create_policy(system, policy_name="reading", policy_document=READ)["Policy"]["Arn"]
    attach_user_policy(system, user_name="dora", policy_arn=arn)
    reader = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:Get*","iam:List*"],"Resource":"*"}]}'
    )
    sign_in(client, make_user("reader", reader))
    page = text(client.get(reverse("accounts:user", args=["dora"])))
    assert "reading" in page
    assert "Detach" not in page
    assert "policy_name=own" not in page


def test_what_a_member_loses_with_a_groups_policy_is_said_by_number(administrator, system, dora):
    create_group(system, group_name="ops")
    add_user_to_group(system, group_name="ops", user_name="dora")
    arn = create_policy(system, policy_name="reading", policy_document=READ)["Policy"]["Arn"]
    administrator.post(reverse("accounts:group-attach", args=["ops"]), {"policy_arn": [arn], "attach": "1"})
    asked = text(administrator.get(reverse("accounts:group-detach", args=["ops"]), {"policy_arn": arn}))
    assert "1 member loses what it allows" in asked
    done = administrator.post(reverse("accounts:group-detach", args=["ops"]), {"policy_arn": arn})
    assert done.url == reverse("accounts:group-permissions", args=["ops"])


def test_a_malformed_inline_policy_is_refused_at_its_field_and_kept(administrator, dora):
    typed = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject"}]}'
    page = text(
        administrator.post(
            reverse("accounts:user-inline-create", args=["dora"]), {"policy_name": "p", "policy_document": typed}
        )
    )
    assert "Policy statement must contain resources." in page
    assert "s3:GetObject" in page
    assert dora.inline_policies.count() == 0


def test_the_later_of_two_editors_sees_what_was_saved_meanwhile(administrator, system, dora):
    put_user_policy(system, user_name="dora", policy_name="p", policy_document=READ)
    address = reverse("accounts:user-inline", args=["dora", "p"])
    seen = seen_at(administrator, address)
    theirs = READ.replace("GetObject", "ListBucket")
    put_user_policy(system, user_name="dora", policy_name="p", policy_document=theirs)
    mine = READ.replace("GetObject", "PutObject")
    first = administrator.post(address, {"policy_document": mine, "seen": seen})
    assert first.status_code == 409
    assert "Somebody changed this while you were editing" in text(first)
    assert dora.inline_policies.get().document == theirs
    now_seen = re.search(r'name="seen" value="(\w+)"', first.content.decode())[1]
    administrator.post(address, {"policy_document": mine, "seen": now_seen})
    assert dora.inline_policies.get().document == mine


def test_a_boundary_is_set_and_removed(administrator, system, dora):
    arn = create_policy(system, policy_name="most", policy_document=READ)["Policy"]["Arn"]
    address = reverse("accounts:user-boundary", args=["dora"])
    administrator.post(address, {"permissions_boundary": arn, "seen": seen_at(administrator, address), "changed": "1"})
    dora.refresh_from_db()
    assert dora.boundary.arn == arn
    administrator.post(address, {"removed": "1", "seen": seen_at(administrator, address)})
    dora.refresh_from_db()
    assert dora.boundary is None


def test_a_boundary_that_was_set_meanwhile_is_not_overwritten_without_a_word(administrator, system, dora):
    mine, theirs = (
        create_policy(system, policy_name=name, policy_document=READ)["Policy"]["Arn"] for name in ("mine", "theirs")
    )
    address = reverse("accounts:user-boundary", args=["dora"])
    seen = seen_at(administrator, address)
    put_user_permissions_boundary(system, user_name="dora", permissions_boundary=theirs)
    answer = administrator.post(address, {"permissions_boundary": mine, "seen": seen, "changed": "1"})
    assert answer.status_code == 409
    assert "Somebody changed this while you were editing" in text(answer)
    dora.refresh_from_db()
    assert dora.boundary.arn == theirs
    assert administrator.post(address, {"remove": "1", "seen": seen}).status_code == 409
    assert administrator.post(address, {"removed": "1", "seen": seen}).status_code == 409
    dora.refresh_from_db()
    assert dora.boundary.arn == theirs
    renewed = re.search(r'name="seen" value="(\w+)"', text(answer))[1]
    assert (
        administrator.post(address, {"permissions_boundary": mine, "seen": renewed, "changed": "1"}).status_code == 302
    )
    dora.refresh_from_db()
    assert dora.boundary.arn == mine
