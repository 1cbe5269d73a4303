"""A membership rule that several processes look at in the same moment, or that is deleted then."""

from access.callers import Connection, user_caller
from accounts.membership_rules import carry_out
from accounts.models import Group, MembershipRule, User
from accounts.operations.groups import create_group
from accounts.operations.membership_rules import delete_membership_rule, put_membership_rule
from accounts.operations.users import create_user
from operations.caller import command_caller
from operations.clock import now
from operations.models import Event

SYSTEM = command_caller("123456789012")


def ruled():
    create_group(SYSTEM, group_name="crew")
    for number in range(5):
        create_user(SYSTEM, user_name=f"u{number}", path="/ops/")
    root = user_caller(User.everyone.get(is_root=True), Connection(), now())
    put_membership_rule(root, group_name="crew", path_prefix="/ops/")
    return root


def test_each_user_is_added_once(at_once, account):
    ruled()
    assert at_once(*[carry_out] * 4) == [False] * 4
    assert Event.objects.filter(name="AddUserToGroup").count() == 5
    assert Group.objects.get().member_count == 5
    assert MembershipRule.objects.get().state == "applied"


def test_it_is_deleted_or_carried_out(at_once, account):
    root = ruled()
    at_once(carry_out, lambda: delete_membership_rule(root, group_name="crew"))
    assert not MembershipRule.objects.exists()
    assert Group.objects.get().member_count in {0, 5}
    assert not carry_out()
