"""Two callers at once end as one of the two serial orders, the loser with AWS's error."""

from accounts.models import Account, Group, Membership, Role, User
from accounts.operations.aliases import create_account_alias
from accounts.operations.groups import create_group, delete_group
from accounts.operations.memberships import add_user_to_group
from accounts.operations.roles import create_role
from accounts.operations.users import create_user
from operations.caller import command_caller
from operations.errors import DeleteConflict, EntityAlreadyExists, LimitExceeded, NoSuchEntity
from operations.models import Event
from tests.accounts.test_roles import TRUST

SYSTEM = command_caller("123456789012")
NEIGHBOUR = command_caller("210987654321")


def test_a_name_is_created_once(at_once, account):
    answers = at_once(
        *[lambda name=name: create_user(SYSTEM, user_name=name) for name in ("dora", "Dora", "DORA", "dorA")]
    )
    lost = [answer for answer in answers if isinstance(answer, EntityAlreadyExists)]
    assert len(lost) == 3
    assert User.objects.filter(name_key="dora").count() == 1
    assert Event.objects.filter(name="CreateUser").count() == 4
    assert Event.objects.filter(name="CreateUser", error_code="EntityAlreadyExists").count() == 3


def test_the_last_place_in_the_quota_is_given_once(at_once, account):
    create_user(SYSTEM, user_name="dora")
    for number in range(12):
        create_group(SYSTEM, group_name=f"group{number}")
    for number in range(9):
        add_user_to_group(SYSTEM, group_name=f"group{number}", user_name="dora")
    calls = [
        lambda number=number: add_user_to_group(SYSTEM, group_name=f"group{number}", user_name="dora")
        for number in (9, 10, 11)
    ]
    assert [type(answer) for answer in at_once(*calls)].count(LimitExceeded) == 2
    assert Membership.objects.count() == User.objects.get(name="dora").group_count == 10
    assert sum(Group.objects.values_list("member_count", flat=True)) == 10


def test_a_member_is_added_once(at_once, account):
    create_user(SYSTEM, user_name="dora")
    create_group(SYSTEM, group_name="ops")
    answers = at_once(*[lambda: add_user_to_group(SYSTEM, group_name="ops", user_name="dora")] * 3)
    assert answers == [{}, {}, {}]
    assert (User.objects.get(name="dora").group_count, Group.objects.get().member_count) == (1, 1)


def test_a_group_is_deleted_or_gets_a_member(at_once, account):
    create_user(SYSTEM, user_name="dora")
    create_group(SYSTEM, group_name="ops")
    deleted, added = at_once(
        lambda: delete_group(SYSTEM, group_name="ops"),
        lambda: add_user_to_group(SYSTEM, group_name="ops", user_name="dora"),
    )
    if Group.objects.exists():
        assert isinstance(deleted, DeleteConflict)
        assert added == {}
    else:
        assert deleted == {}
        assert isinstance(added, NoSuchEntity)
        assert User.objects.get(name="dora").group_count == 0


def test_an_alias_has_one_account(at_once, account, other_account):
    answers = at_once(
        lambda: create_account_alias(SYSTEM, account_alias="acme"),
        lambda: create_account_alias(NEIGHBOUR, account_alias="acme"),
    )
    assert [type(answer) for answer in answers].count(EntityAlreadyExists) == 1
    assert Account.objects.filter(alias="acme").count() == 1


def test_a_role_is_created_once(at_once, account):
    answers = at_once(*[lambda: create_role(SYSTEM, role_name="deploy", assume_role_policy_document=TRUST)] * 2)
    assert [type(answer) for answer in answers].count(EntityAlreadyExists) == 1
    assert Role.objects.count() == 1
