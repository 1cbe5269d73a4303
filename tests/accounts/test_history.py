"""The history of a user, group or role: every change with what was before, and what one change found is brought back after a review."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import resolve
from accounts.history.words import sentence
from accounts.models import AccessKey, Group, LoginProfile, Role, User
from accounts.operations.access_keys import create_access_key, update_access_key
from accounts.operations.access_keys import update_access_key_details as update_details
from accounts.operations.attachments import attach_user_policy, detach_user_policy
from accounts.operations.boundaries import delete_user_permissions_boundary, put_user_permissions_boundary
from accounts.operations.contain import contain_user
from accounts.operations.groups import create_group, update_group
from accounts.operations.inline_policies import delete_user_policy, put_group_policy, put_user_policy
from accounts.operations.login_profiles import create_login_profile, update_login_profile
from accounts.operations.memberships import add_user_to_group, remove_user_from_group
from accounts.operations.roles import create_role, update_assume_role_policy, update_role
from accounts.operations.sign_in_settings import update_user_email
from accounts.operations.ssh_public_keys import update_ssh_public_key, upload_ssh_public_key
from accounts.operations.tags import tag_user, untag_user
from accounts.operations.users import create_user, update_user
from operations.caller import Caller
from operations.clock import now
from operations.errors import AccessDenied
from operations.gate import REGISTRY
from operations.models import Event
from policies.models import ManagedPolicy
from policies.operations.managed_policies import create_policy
from tests.accounts import browser
from tests.every_page import READ, SSH_KEY, TRUST, WRITE
from tests.signing_in import sign_in

PASSWORD = "Correct-horse-battery-8"
HISTORY = "/users/dora/history/"


def allow(*actions: str) -> str:
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}
    )


def text_of(page: Any) -> str:
    return str(browser.text_of(page))  # type: ignore[no-untyped-call]


SEEING = ("iam:GetUser", "cloudtrail:LookupEvents")


@pytest.fixture
def reading(system: Caller) -> str:
    return str(create_policy(system, policy_name="reading", policy_document=READ)["Policy"]["Arn"])


def user() -> User:
    return User.objects.get(name="dora")


def told(name: str) -> Event:
    """A call of that name, which changed something."""
    return Event(name=name, record='{"before":{"status":"Active","path":"/a/"},"after":{"status":"Inactive"}}')


def listed(client: Client, address: str = HISTORY) -> list[str]:
    return [sentence(row) for row in client.get(address).context["list"].rows]


def place(name: str, kind: str = "users/dora") -> str:
    """The address of bringing back the newest change of that name."""
    return f"/{kind}/history/restore/{Event.objects.filter(name=name, error_code='').latest('id').event_id}/"


def restore(client: Client, address: str) -> str:
    """Look at the review and press its button; what the page then says."""
    plan = client.get(address).context["plan"]
    assert plan.steps
    answer = client.post(address, {"seen": plan.seen, "go": "1"}, follow=True)
    assert answer.redirect_chain, text_of(answer)
    return text_of(answer)


class TestListed:
    def test_every_change_is_a_sentence_the_newest_first_also_under_an_earlier_name(
        self, administrator: Client, system: Caller, reading: str
    ) -> None:
        create_user(system, user_name="dora")
        create_group(system, group_name="builders")
        attach_user_policy(system, user_name="dora", policy_arn=reading)
        add_user_to_group(system, group_name="builders", user_name="DORA")
        tag_user(system, user_name="dora", tags=[{"Key": "team", "Value": "red"}])
        update_user(system, user_name="dora", new_user_name="doris", new_path="/ops/")
        remove_user_from_group(system, group_name="builders", user_name="doris")
        create_user(system, user_name="dora")
        add_user_to_group(system, group_name="builders", user_name="dora")
        assert listed(administrator, "/users/doris/history/") == [
            "doris was removed from the group builders",
            "It was renamed from dora to doris. It was moved to the path /ops/",
            "Tags were set",
            "DORA was added to the group builders",
            "The policy reading was attached",
            "It was created",
        ]
        assert listed(administrator) == ["dora was added to the group builders", "It was created"]

    def test_what_was_refused_is_there_and_said_to_be_so(
        self, administrator: Client, system: Caller, make_user: Any, caller_of: Any, dora: User
    ) -> None:
        create_group(system, group_name="builders")
        nobody = caller_of(make_user("nobody"))
        with pytest.raises(AccessDenied):
            tag_user(nobody, user_name="dora", tags=[{"Key": "team", "Value": "red"}])
        with pytest.raises(AccessDenied):
            add_user_to_group(nobody, user_name="dora", group_name="builders")
        page = administrator.get(HISTORY)
        assert [sentence(row) for row in page.context["list"].rows][:2] == ["Denied: AddUserToGroup", "Denied: TagUser"]
        assert page.content.decode().count("Restore…") == 0
        assert listed(administrator, f"{HISTORY}?f=outcome:eq:denied") == ["Denied: AddUserToGroup", "Denied: TagUser"]

    def test_it_is_filtered_by_time_what_and_who(self, administrator: Client, system: Caller, dora: User) -> None:
        tag_user(system, user_name="dora", tags=[{"Key": "team", "Value": "red"}])
        assert listed(administrator, f"{HISTORY}?f=name:eq:TagUser") == ["Tags were set"]
        assert len(listed(administrator, f"{HISTORY}?f=time:lt:1")) == 2
        assert listed(administrator, f"{HISTORY}?f=time:gt:1") == []
        assert listed(administrator, f"{HISTORY}?f=user:eq:alice") == []
        assert len(listed(administrator, f"{HISTORY}?q=taguser")) == 1

    def test_it_is_paged_and_exported_with_both_states(self, administrator: Client, system: Caller, dora: User) -> None:
        for number in range(12):
            tag_user(system, user_name="dora", tags=[{"Key": "team", "Value": f"v{number}"}])
        page = administrator.get(f"{HISTORY}?size=10").context["list"]
        assert len(page.rows) == 10
        assert len(administrator.get(f"{HISTORY}{page.next_url}").context["list"].rows) == 3
        file = administrator.get(f"{HISTORY}?export=json")
        rows = json.loads(b"".join(file.streaming_content) if file.streaming else file.content)
        assert '"before":{"arn"' in json.dumps(rows).replace("\\", "").replace(" ", "")

    def test_the_difference_is_shown_and_no_secret(self, administrator: Client, system: Caller, dora: User) -> None:
        put_user_policy(system, user_name="dora", policy_name="own", policy_document=READ)
        put_user_policy(system, user_name="dora", policy_name="own", policy_document=WRITE)
        made = create_access_key(system, user_name="dora")["AccessKey"]
        create_login_profile(system, user_name="dora", password=PASSWORD)
        page = administrator.get(HISTORY).content.decode()
        assert "s3:Put*" in page
        assert made["AccessKeyId"] in page
        assert made["SecretAccessKey"] not in page
        assert PASSWORD not in page

    def test_groups_and_roles_have_one_too(self, administrator: Client, system: Caller, dora: User) -> None:
        create_group(system, group_name="builders")
        add_user_to_group(system, group_name="builders", user_name="dora")
        put_group_policy(system, group_name="builders", policy_name="own", policy_document=READ)
        create_role(system, role_name="deploy", assume_role_policy_document=TRUST % "123456789012")
        assert listed(administrator, "/groups/builders/history/") == [
            "The inline policy own was saved",
            "dora was added to the group builders",
            "It was created",
        ]
        assert listed(administrator, "/roles/deploy/history/") == ["It was created"]

    def test_a_call_that_changed_nothing_is_said_to_be_so(
        self, administrator: Client, system: Caller, dora: User, reading: str
    ) -> None:
        for _number in range(2):
            attach_user_policy(system, user_name="dora", policy_arn=reading)
        page = administrator.get(HISTORY)
        assert [sentence(row) for row in page.context["list"].rows] == [
            "Nothing changed: AttachUserPolicy",
            "The policy reading was attached",
            "It was created",
        ]
        assert "The call changed nothing." in text_of(page)

    def test_every_operation_about_them_has_its_sentence(self, system: Caller) -> None:
        about = (resolve.user, resolve.user_or_self, resolve.group, resolve.role)
        others = {"ChangePassword", "CreateServiceSpecificCredential", "EnableMFADevice", "CreateServiceLinkedRole"}
        gone = {"DeleteUser", "DeleteGroup", "DeleteRole", "DeleteServiceLinkedRole"}  # have no page any more
        names = {each.name for each in REGISTRY.values() if each.on in about and not each.read} | others
        assert len(names) > 50
        without = [name for name in sorted(names - gone) if sentence(told(name)) == name]
        assert without == []

    def test_before_anything_it_says_so(self, administrator: Client) -> None:
        assert "No changes yet" in text_of(administrator.get("/users/alice/history/"))

    def test_reading_it_is_reading_the_trail(self, client: Client, make_user: Any, dora: User) -> None:
        sign_in(client, make_user("vera", allow("iam:GetUser")))
        page = client.get(HISTORY)
        assert page.status_code == 403
        assert "cloudtrail:LookupEvents" in text_of(page)
        assert "It was created" not in text_of(page)
        sign_in(client, make_user("wanda", allow(*SEEING)))
        assert client.get(HISTORY).status_code == 200
        assert Event.objects.filter(name="LookupEvents", user_name="wanda", error_code="").exists()
        assert Event.objects.filter(name="LookupEvents", user_name="vera", error_code="AccessDenied").exists()

    def test_it_costs_the_same_at_any_length(self, administrator: Client, system: Caller, dora: User) -> None:
        def cost() -> int:
            with CaptureQueriesContext(connection) as asked:
                administrator.get(HISTORY)
            return len(asked)

        def change(times: int) -> None:
            for number in range(times):
                attach = attach_user_policy if number % 2 else detach_user_policy
                arn = ManagedPolicy.objects.get(name="reading").arn
                attach(system, user_name="dora", policy_arn=arn)

        create_policy(system, policy_name="reading", policy_document=READ)
        attach_user_policy(system, user_name="dora", policy_arn=ManagedPolicy.objects.get().arn)
        cost()
        few = cost()
        change(16)
        cost()  # which reads the policies anew
        assert few == cost() <= 15


# What is done to dora, and how it is afterwards once what that found was brought back.
class TestRestored:
    def test_policies(self, administrator: Client, system: Caller, dora: User, reading: str) -> None:
        attach_user_policy(system, user_name="dora", policy_arn=reading)
        assert "Restored as before" in restore(administrator, place("AttachUserPolicy"))
        assert not user().attachments.exists()
        attach_user_policy(system, user_name="dora", policy_arn=reading)
        detach_user_policy(system, user_name="dora", policy_arn=reading)
        restore(administrator, place("DetachUserPolicy"))
        assert user().attachments.get().policy.arn == reading
        event = Event.objects.filter(name="AttachUserPolicy").latest("id")
        assert event.user_name == "alice", "an ordinary call of who restored it"

    def test_inline_policies(self, administrator: Client, system: Caller, dora: User) -> None:
        put_user_policy(system, user_name="dora", policy_name="own", policy_document=READ)
        made = place("PutUserPolicy")
        put_user_policy(system, user_name="dora", policy_name="own", policy_document=WRITE)
        restore(administrator, place("PutUserPolicy"))
        assert user().inline_policies.get().document == READ
        restore(administrator, made)
        assert not user().inline_policies.exists()
        put_user_policy(system, user_name="dora", policy_name="own", policy_document=WRITE)
        delete_user_policy(system, user_name="dora", policy_name="own")
        restore(administrator, place("DeleteUserPolicy"))
        assert user().inline_policies.get().document == WRITE

    def test_a_boundary(self, administrator: Client, system: Caller, dora: User, reading: str) -> None:
        put_user_permissions_boundary(system, user_name="dora", permissions_boundary=reading)
        restore(administrator, place("PutUserPermissionsBoundary"))
        assert user().boundary is None
        put_user_permissions_boundary(system, user_name="dora", permissions_boundary=reading)
        delete_user_permissions_boundary(system, user_name="dora")
        restore(administrator, place("DeleteUserPermissionsBoundary"))
        assert getattr(user().boundary, "arn", "") == reading

    def test_tags_that_the_change_touched_and_no_others(
        self, administrator: Client, system: Caller, dora: User
    ) -> None:
        def tags() -> dict[str, str]:
            return dict(user().tags.values_list("key", "value"))

        tag_user(system, user_name="dora", tags=[{"Key": "team", "Value": "red"}])
        tag_user(system, user_name="dora", tags=[{"Key": "Team", "Value": "blue"}, {"Key": "cost", "Value": "7"}])
        changed = place("TagUser")
        tag_user(system, user_name="dora", tags=[{"Key": "site", "Value": "ulm"}])
        restore(administrator, changed)
        assert tags() == {"team": "red", "site": "ulm"}
        untag_user(system, user_name="dora", tag_keys=["site"])
        restore(administrator, place("UntagUser"))
        assert tags() == {"team": "red", "site": "ulm"}

    def test_memberships_from_both_sides(self, administrator: Client, system: Caller, dora: User) -> None:
        create_group(system, group_name="builders")
        add_user_to_group(system, group_name="builders", user_name="dora")
        remove_user_from_group(system, group_name="builders", user_name="dora")
        restore(administrator, place("RemoveUserFromGroup"))
        assert user().groups.get().name == "builders"
        restore(administrator, place("AddUserToGroup", "groups/builders"))
        assert not user().groups.exists()
        update_group(system, group_name="builders", new_group_name="makers")
        restore(administrator, place("UpdateGroup", "groups/makers"))
        assert Group.objects.get().name == "builders"

    def test_a_name_and_the_page_is_found_under_it(self, administrator: Client, system: Caller, dora: User) -> None:
        update_user(system, user_name="dora", new_user_name="doris", new_path="/ops/")
        assert "Restored as before" in restore(administrator, place("UpdateUser", "users/doris"))
        assert User.objects.get(pk=dora.pk).arn == dora.arn

    def test_credentials_that_are_there_still(self, administrator: Client, system: Caller, dora: User) -> None:
        key = create_access_key(system, user_name="dora")["AccessKey"]["AccessKeyId"]
        update_access_key(system, user_name="dora", access_key_id=key, status="Inactive")
        restore(administrator, place("UpdateAccessKey"))
        assert AccessKey.objects.get().is_active
        update_details(system, user_name="dora", access_key_id=key, description="old", allowed_sources=["192.0.2.7"])
        update_details(system, user_name="dora", access_key_id=key, expires_at=now() + timedelta(days=9))
        restore(administrator, place("UpdateAccessKeyDetails"))
        present = AccessKey.objects.get()
        assert (present.description, present.expires_at, present.allowed_sources) == ("old", None, ["192.0.2.7/32"])
        contain_user(system, user_name="dora", reason="lost")
        restore(administrator, place("ContainUser"))
        assert AccessKey.objects.get().is_active
        ssh = upload_ssh_public_key(system, user_name="dora", ssh_public_key_body=SSH_KEY)["SSHPublicKey"]
        named = {"user_name": "dora", "ssh_public_key_id": ssh["SSHPublicKeyId"]}
        update_ssh_public_key(system, **named, status="Inactive")
        restore(administrator, place("UpdateSSHPublicKey"))
        assert user().ssh_public_keys.get().is_active
        create_login_profile(system, user_name="dora", password=PASSWORD)
        update_login_profile(system, user_name="dora", password_reset_required=True)
        restore(administrator, place("UpdateLoginProfile"))
        assert not LoginProfile.objects.get().reset_required
        update_user_email(system, user_name="dora", email="dora@example.com")
        restore(administrator, place("UpdateUserEmail"))
        assert user().email == ""

    def test_a_roles_trust_and_properties(self, administrator: Client, system: Caller, dora: User) -> None:
        create_role(system, role_name="deploy", assume_role_policy_document=TRUST % "123456789012", description="")
        before = Role.objects.get().trust_policy
        update_assume_role_policy(system, role_name="deploy", policy_document=TRUST % dora.arn)
        restore(administrator, place("UpdateAssumeRolePolicy", "roles/deploy"))
        assert Role.objects.get().trust_policy == before
        update_role(system, role_name="deploy", description="new", max_session_duration=7200)
        restore(administrator, place("UpdateRole", "roles/deploy"))
        assert (Role.objects.get().description, Role.objects.get().max_session_duration) == ("", 3600)

    def test_it_can_be_undone(self, administrator: Client, system: Caller, dora: User) -> None:
        put_user_policy(system, user_name="dora", policy_name="own", policy_document=READ)
        delete_user_policy(system, user_name="dora", policy_name="own")
        address = place("DeleteUserPolicy")
        plan = administrator.get(address).context["plan"]
        html = administrator.post(address, {"seen": plan.seen, "go": "1"}, follow=True).content.decode()
        token = html.partition('form="undo" name="token" value="')[2].partition('"')[0]
        administrator.post("/undo/", {"token": token, "next": HISTORY})
        assert not user().inline_policies.exists()
