"""History and Restore never take a namesake for the one that was meant."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from accounts.models import Group, Role, User
from accounts.operations.attachments import attach_user_policy, detach_user_policy
from accounts.operations.boundaries import delete_user_permissions_boundary, put_user_permissions_boundary
from accounts.operations.groups import create_group, delete_group, update_group
from accounts.operations.memberships import add_user_to_group, remove_user_from_group
from accounts.operations.roles import create_role, delete_role, update_assume_role_policy, update_role
from accounts.operations.users import create_user, delete_user, update_user
from operations.caller import Caller
from operations.models import Event
from policies.models import ManagedPolicy
from policies.operations.managed_policies import create_policy, delete_policy
from tests.accounts.test_history import HISTORY, listed, place, reading, restore, text_of, user
from tests.every_page import READ, TRUST

__all__ = ["reading"]  # the fixture
GONE = "was deleted meanwhile, or bears another name"
LONG_AGO = datetime(2020, 1, 2, tzinfo=UTC)  # as an import brings it in


def assert_hindered(client: Client, address: str, said: str) -> None:
    """The review says why, has no button, and does nothing when it is sent all the same."""
    page = client.get(address)
    assert said in text_of(page)
    assert 'name="go"' not in page.content.decode()
    before = Event.objects.filter(read_only=False).count()
    client.post(address, {"go": "1"})
    assert Event.objects.filter(read_only=False).count() == before


@pytest.fixture
def left(system: Caller, dora: User) -> User:
    """Dora was in a group, and is taken out of it."""
    create_group(system, group_name="builders")
    add_user_to_group(system, group_name="builders", user_name="dora")
    remove_user_from_group(system, group_name="builders", user_name="dora")
    return dora


class TestMemberships:
    ADDRESS = "groups/builders"

    def test_another_user_of_that_name_does_not_join(self, administrator: Client, system: Caller, left: User) -> None:
        address = place("RemoveUserFromGroup", self.ADDRESS)
        delete_user(system, user_name="dora")
        create_user(system, user_name="dora")
        assert_hindered(administrator, address, GONE)
        assert not Group.objects.get().members.exists()

    def test_nor_one_who_took_the_name_later(self, administrator: Client, system: Caller, left: User) -> None:
        create_user(system, user_name="emil")
        User.objects.filter(name="emil").update(created_at=LONG_AGO)
        update_user(system, user_name="dora", new_user_name="doris")
        update_user(system, user_name="emil", new_user_name="dora")
        assert_hindered(administrator, place("RemoveUserFromGroup", self.ADDRESS), GONE)

    def test_nor_one_who_was_imported_after_the_deletion(
        self, administrator: Client, system: Caller, left: User
    ) -> None:
        account, arn = left.account, left.arn
        delete_user(system, user_name="dora")
        User.objects.create(
            account=account, name="dora", name_key="dora", unique_id="AIDAIMPORTEDDORA0001", created_at=LONG_AGO
        )
        assert user().arn == arn
        assert_hindered(administrator, place("RemoveUserFromGroup", self.ADDRESS), GONE)
        assert listed(administrator) == []

    def test_who_was_called_otherwise_meanwhile_and_has_the_name_again_does(
        self, administrator: Client, system: Caller, left: User
    ) -> None:
        update_user(system, user_name="dora", new_user_name="doris")
        update_user(system, user_name="doris", new_user_name="dora")
        restore(administrator, place("RemoveUserFromGroup", self.ADDRESS))
        assert user().groups.get().name == "builders"

    def test_another_group_of_that_name_is_not_joined(self, administrator: Client, system: Caller, left: User) -> None:
        delete_group(system, group_name="builders")
        create_group(system, group_name="builders")
        assert_hindered(administrator, place("RemoveUserFromGroup"), GONE)
        create_group(system, group_name="makers")
        delete_group(system, group_name="builders")
        update_group(system, group_name="makers", new_group_name="builders")
        assert_hindered(administrator, place("RemoveUserFromGroup"), GONE)


class TestTrust:
    @pytest.fixture
    def trusting(self, system: Caller, dora: User) -> str:
        """A role trusted dora, and no longer does; the address of restoring that."""
        create_role(system, role_name="deploy", assume_role_policy_document=TRUST % dora.arn)
        update_assume_role_policy(system, role_name="deploy", policy_document=TRUST % "123456789012")
        return place("UpdateAssumeRolePolicy", "roles/deploy")

    def test_a_namesake_is_not_trusted(self, administrator: Client, system: Caller, trusting: str) -> None:
        before = Role.objects.get().trust_policy
        delete_user(system, user_name="dora")
        create_user(system, user_name="dora")
        assert_hindered(administrator, trusting, "names the user dora, who was created after this change")
        assert Role.objects.get().trust_policy == before

    def test_nor_one_who_took_the_name_later(self, administrator: Client, system: Caller, trusting: str) -> None:
        create_user(system, user_name="emil")
        User.objects.filter(name="emil").update(created_at=LONG_AGO)
        update_user(system, user_name="dora", new_user_name="doris")
        assert_hindered(administrator, trusting, "names dora, who was deleted or bears another name")
        update_user(system, user_name="emil", new_user_name="dora")
        assert_hindered(administrator, trusting, "names the user dora")

    def test_who_is_gone_is_told(self, administrator: Client, system: Caller, trusting: str) -> None:
        delete_user(system, user_name="dora")
        assert_hindered(administrator, trusting, "names dora, who was deleted or bears another name")

    def test_whose_id_alone_was_left_is_told(self, administrator: Client, system: Caller, dora: User) -> None:
        create_role(system, role_name="deploy", assume_role_policy_document=TRUST % dora.arn)
        delete_user(system, user_name="dora")
        update_assume_role_policy(system, role_name="deploy", policy_document=TRUST % "123456789012")
        address = place("UpdateAssumeRolePolicy", "roles/deploy")
        assert_hindered(administrator, address, f"names {dora.unique_id}, who was deleted")

    def test_a_role_of_that_name_is_not_trusted(self, administrator: Client, system: Caller) -> None:
        def made(name: str, trusted: str) -> str:
            return str(create_role(system, role_name=name, assume_role_policy_document=TRUST % trusted)["Role"]["Arn"])

        made("deploy", made("robot", "123456789012"))
        update_assume_role_policy(system, role_name="deploy", policy_document=TRUST % "123456789012")
        delete_role(system, role_name="robot")
        made("robot", "123456789012")
        address = place("UpdateAssumeRolePolicy", "roles/deploy")
        assert_hindered(administrator, address, "names the role robot, which was created after this change")

    def test_who_is_the_same_is_trusted_again(self, administrator: Client, system: Caller, trusting: str) -> None:
        restore(administrator, trusting)
        assert user().unique_id in Role.objects.get().trust_policy


class TestRoles:
    def test_the_history_of_a_role_begins_with_it(self, administrator: Client, system: Caller, dora: User) -> None:
        create_role(system, role_name="deploy", assume_role_policy_document=TRUST % dora.arn)
        update_assume_role_policy(system, role_name="deploy", policy_document=TRUST % "123456789012")
        address = place("UpdateAssumeRolePolicy", "roles/deploy")
        delete_role(system, role_name="deploy")
        create_role(system, role_name="deploy", assume_role_policy_document=TRUST % "123456789012")
        update_role(system, role_name="deploy", description="anew")
        assert len(listed(administrator, "/roles/deploy/history/")) == 2
        assert administrator.get(address).status_code == 404
        assert administrator.post(address, {"go": "1"}).status_code == 404

    def test_of_an_imported_one_nothing_of_before_is_lost_or_added(
        self, administrator: Client, system: Caller, dora: User
    ) -> None:
        create_role(system, role_name="deploy", assume_role_policy_document=TRUST % dora.arn)
        found = Role.objects.get()
        delete_role(system, role_name="deploy")
        Role.objects.create(
            account=found.account, name="deploy", name_key="deploy", unique_id="AROAIMPORTEDROLE0001",
            trust_policy=found.trust_policy, created_at=LONG_AGO,
        )  # fmt: skip
        assert listed(administrator, "/roles/deploy/history/") == []
        update_role(system, role_name="deploy", description="anew")
        assert len(listed(administrator, "/roles/deploy/history/")) == 1

    def test_one_imported_without_any_namesake_has_all_of_its_history(
        self, administrator: Client, system: Caller, dora: User
    ) -> None:
        Role.objects.create(
            account=dora.account, name="deploy", name_key="deploy", unique_id="AROAIMPORTEDROLE0001",
            trust_policy=TRUST % "123456789012", created_at=LONG_AGO,
        )  # fmt: skip
        update_assume_role_policy(system, role_name="deploy", policy_document=TRUST % dora.arn)
        assert len(listed(administrator, "/roles/deploy/history/")) == 1
        restore(administrator, place("UpdateAssumeRolePolicy", "roles/deploy"))
        assert Role.objects.get().trust_policy == TRUST % "123456789012"


class TestPolicies:
    @pytest.mark.parametrize("imported", [False, True])
    def test_another_policy_of_that_name_is_not_attached_and_no_boundary(
        self, administrator: Client, system: Caller, dora: User, reading: str, imported: bool
    ) -> None:
        attach_user_policy(system, user_name="dora", policy_arn=reading)
        detach_user_policy(system, user_name="dora", policy_arn=reading)
        put_user_permissions_boundary(system, user_name="dora", permissions_boundary=reading)
        delete_user_permissions_boundary(system, user_name="dora")
        delete_policy(system, policy_arn=reading)
        create_policy(system, policy_name="reading", policy_document=READ)
        if imported:
            ManagedPolicy.objects.update(created_at=LONG_AGO)
        for name in ("DetachUserPolicy", "DeleteUserPermissionsBoundary"):
            assert_hindered(administrator, place(name), "the one of that name was created after this change")
        assert not user().attachments.exists()

    def test_one_that_was_changed_since_is_the_same(
        self, administrator: Client, system: Caller, dora: User, reading: str
    ) -> None:
        attach_user_policy(system, user_name="dora", policy_arn=reading)
        detach_user_policy(system, user_name="dora", policy_arn=reading)
        ManagedPolicy.objects.update(created_at=LONG_AGO)
        restore(administrator, place("DetachUserPolicy"))
        assert "The policy reading was attached" in listed(administrator, HISTORY)
