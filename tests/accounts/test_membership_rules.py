"""Membership rules: what they ask for, who may set them, and how the thread of a serving process carries them out."""

import json
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.membership_rules import carry_out, carry_out_now
from accounts.models import Group, Membership, MembershipRule, User
from accounts.operations.contain import contain_user
from accounts.operations.groups import create_group, delete_group, update_group
from accounts.operations.inline_policies import delete_user_policy, put_user_policy
from accounts.operations.membership_rules import (
    delete_membership_rule,
    get_membership_rule,
    list_membership_rules,
    put_membership_rule,
)
from accounts.operations.memberships import add_user_to_group, remove_user_from_group
from accounts.operations.tags import tag_user, untag_user
from accounts.operations.users import create_user, update_user
from accounts.queries.membership_rules import to_look_at
from operations.errors import AccessDenied, InvalidInput, LimitExceeded, NoSuchEntity, ServiceError, ValidationError
from operations.models import Event
from tests.access.conftest import document

MAY = ["iam:AddUserToGroup", "iam:RemoveUserFromGroup", "iam:ListUsers", "iam:ListUserTags"]
OPS = [{"Key": "team", "Value": "ops"}]


@pytest.fixture(autouse=True)
def group(system):
    create_group(system, group_name="Crew")
    return Group.objects.get(name="Crew")


@pytest.fixture
def people(system):
    """Two whom most rules of these tests mean, and two whom they do not."""
    create_user(system, user_name="Ann", path="/ops/", tags=OPS)
    create_user(system, user_name="ben", path="/ops/db/", tags=OPS)
    create_user(system, user_name="cyd", path="/OPS/", tags=[{"Key": "Team", "Value": "Ops"}])
    create_user(system, user_name="anton")


@pytest.fixture
def eve(make_user, caller_of, admin):
    """Somebody who may set rules and nothing else."""
    user = make_user("eve")
    put_user_policy(admin, user_name="eve", policy_name="own", policy_document=document(MAY))
    return caller_of(user)


def put(caller, **conditions):
    return put_membership_rule(caller, group_name="crew", **(conditions or {"path_prefix": "/ops/"}))["MembershipRule"]


def members(by_rule=None):
    rows = Membership.objects.filter(group__name="Crew").order_by("user__name_key")
    rows = rows if by_rule is None else rows.filter(by_rule=by_rule)
    return [row.user.name for row in rows.select_related("user")]


def rule():
    return MembershipRule.objects.select_related("group").get(group__name="Crew")


def last(name):
    return json.loads(Event.objects.filter(name=name).latest("id").record)


def settle():
    """Look until nothing is left to do."""
    for _ in range(50):
        if not carry_out():
            return
    raise AssertionError("it does not come to rest")


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        ({"path_prefix": "/ops/"}, ["Ann", "ben"]),
        ({"path_prefix": "/ops/d"}, ["ben"]),
        ({"path_prefix": "/"}, ["alice", "Ann", "anton", "ben", "cyd"]),
        ({"user_name_prefix": "AN"}, ["Ann", "anton"]),
        ({"user_name_prefix": "an", "path_prefix": "/ops/"}, ["Ann"]),
        ({"user_tags": [{"Key": "TEAM", "Value": "ops"}]}, ["Ann", "ben"]),
        ({"user_tags": OPS, "path_prefix": "/ops/db/"}, ["ben"]),
        ({"user_tags": [*OPS, {"Key": "on-call", "Value": ""}]}, []),
    ],
)
def test_who_fulfils_all_conditions_is_added(people, admin, conditions, found):
    assert put(admin, **conditions)["State"] == "waiting"
    assert members() == []
    settle()
    assert members(by_rule=True) == found
    assert Group.objects.get(name="Crew").member_count == len(found)
    assert get_membership_rule(admin, group_name="Crew")["MembershipRule"]["State"] == "applied"


def test_a_tag_with_an_empty_value_and_one_with_any_other(people, admin, system):
    tag_user(system, user_name="ann", tags=[{"Key": "on-call", "Value": ""}])
    tag_user(system, user_name="ben", tags=[{"Key": "on-call", "Value": "no"}])
    put(admin, user_tags=[{"Key": "on-call", "Value": ""}])
    settle()
    assert members() == ["Ann"]


def test_whoever_begins_or_ceases_to_fulfil_it_comes_and_goes(people, admin, system):
    put(admin, path_prefix="/ops/", user_tags=OPS)
    settle()
    tag_user(system, user_name="ann", tags=[{"Key": "team", "Value": "web"}])
    update_user(system, user_name="anton", new_path="/ops/x/")
    tag_user(system, user_name="anton", tags=OPS)
    create_user(system, user_name="dan", path="/ops/", tags=OPS)
    settle()
    assert members() == ["anton", "ben", "dan"]
    untag_user(system, user_name="ben", tag_keys=["TEAM"])
    update_user(system, user_name="dan", new_path="/")
    settle()
    assert members() == ["anton"]


def test_each_is_an_ordinary_call_of_who_set_it(people, eve):
    put(replace(eve, reason="OPS-9"))
    event = last("PutMembershipRule")
    assert event["before"]["membershipRule"] is None
    assert event["after"]["membershipRule"] == {"pathPrefix": "/ops/"}
    settle()
    event = last("AddUserToGroup")
    assert event["requestParameters"] == {"groupName": "Crew", "userName": "ben"}
    assert event["userIdentity"]["arn"] == eve.arn
    assert event["userIdentity"]["invokedBy"] == "membership rule"
    assert event["additionalEventData"]["reason"] == "Membership rule of group Crew: OPS-9"
    assert event["decision"]["outcome"] == "allowed"
    assert event["after"]["groups"] == ["Crew"]


def test_whom_somebody_added_by_hand_stays(people, admin, system):
    for name in ("ann", "anton"):
        add_user_to_group(system, group_name="crew", user_name=name)
    put(admin)
    settle()
    assert members(by_rule=False) == ["Ann", "anton"]
    assert members(by_rule=True) == ["ben"]
    update_user(system, user_name="ann", new_path="/")
    add_user_to_group(system, group_name="crew", user_name="ben")  # once more changes nothing
    assert members(by_rule=True) == ["ben"]
    update_user(system, user_name="ben", new_path="/")
    settle()
    assert members() == ["Ann", "anton"]


def test_who_is_removed_by_hand_is_added_again_while_the_rule_means_them(people, admin, system):
    put(admin)
    settle()
    remove_user_from_group(system, group_name="crew", user_name="ann")
    assert members() == ["ben"]
    settle()
    assert members() == ["Ann", "ben"]


def test_another_rule_takes_the_place_of_the_first(people, admin):
    put(admin)
    settle()
    put(admin, user_name_prefix="a")
    event = last("PutMembershipRule")
    assert event["before"]["membershipRule"]["pathPrefix"] == "/ops/"
    settle()
    assert members() == ["alice", "Ann", "anton"]
    assert MembershipRule.objects.count() == 1


# --- coming to rest -------------------------------------------------------------------------------------------------------


def test_it_comes_to_rest_and_a_look_then_costs_one_query(people, admin, system):
    create_group(system, group_name="other")
    put(admin)
    put_membership_rule(admin, group_name="other", user_name_prefix="a")
    settle()
    settle()  # what one has done moved the stamp that the other had seen
    before = Event.objects.count()
    with CaptureQueriesContext(connection) as asked:
        assert carry_out() is False
    assert len(asked) == 1
    assert Event.objects.count() == before
    assert not to_look_at().exists()


def test_what_changes_nothing_for_it_costs_no_lock_and_no_event(people, admin, system):
    put(admin)
    settle()
    create_group(system, group_name="other")
    before = Event.objects.count()
    with CaptureQueriesContext(connection) as asked:
        assert carry_out() is False
    assert len(asked) <= 10
    assert not any("operations_event" in query["sql"] for query in asked)
    assert Event.objects.count() == before
    assert not to_look_at().exists()


def test_many_are_moved_some_at_a_time(admin, system, monkeypatch):
    monkeypatch.setattr("accounts.membership_rules.AT_ONCE", 3)
    for number in range(7):
        create_user(system, user_name=f"u{number}", path="/ops/")
    put(admin)
    assert carry_out() is True
    assert (len(members()), rule().waiting, rule().state) == (3, 4, "waiting")
    assert carry_out() is True
    assert carry_out() is False
    assert (len(members()), rule().waiting, rule().state) == (7, 0, "applied")
    User.objects.filter(name__startswith="u").update(path="/")
    create_user(system, user_name="new", path="/ops/")
    assert [carry_out(), carry_out(), carry_out()] == [True, True, False]
    assert members() == ["new"]


def test_exactly_as_many_as_are_moved_at_once_are_done(admin, system, monkeypatch):
    monkeypatch.setattr("accounts.membership_rules.AT_ONCE", 2)
    for number in range(2):
        create_user(system, user_name=f"u{number}", path="/ops/")
    put(admin)
    assert carry_out() is False
    assert rule().state == "applied"


# --- who cannot be added --------------------------------------------------------------------------------------------------


@pytest.fixture
def busy(people, system):
    """Ann is in as many groups as a user may be in."""
    for number in range(10):
        create_group(system, group_name=f"g{number}")
        add_user_to_group(system, group_name=f"g{number}", user_name="ann")


def test_who_is_in_too_many_groups_is_told_and_stops_nothing(busy, admin, system):
    put(admin)
    settle()
    assert members() == ["ben"]
    assert (rule().full, rule().full_names, rule().state) == (1, ["Ann"], "applied")
    assert get_membership_rule(admin, group_name="crew")["MembershipRule"]["UsersNotAdded"] == 1
    assert not Event.objects.filter(name="AddUserToGroup").exclude(error_code="").exists()
    remove_user_from_group(system, group_name="g3", user_name="ann")
    settle()
    assert members() == ["Ann", "ben"]
    assert (rule().full, rule().full_names) == (0, [])


def test_a_summary_that_is_wrong_leads_to_no_endless_trying(busy, admin):
    User.objects.filter(name="Ann").update(group_count=0)
    put(admin)
    settle()
    assert members() == ["ben"]
    refused = Event.objects.filter(name="AddUserToGroup", error_code="LimitExceeded").count()
    assert refused <= 2
    carry_out()
    assert Event.objects.filter(name="AddUserToGroup", error_code="LimitExceeded").count() == refused


# --- what stops it --------------------------------------------------------------------------------------------------------


def test_rights_are_those_of_that_moment(people, admin, eve, system):
    put(eve)
    settle()
    delete_user_policy(admin, user_name="eve", policy_name="own")
    create_user(system, user_name="dan", path="/ops/")
    assert carry_out() is False
    assert members() == ["Ann", "ben"]
    assert "is not authorized to perform: iam:AddUserToGroup" in rule().failure
    event = last("AddUserToGroup")
    assert (event["eventID"], event["errorCode"], event["userIdentity"]["arn"]) == (
        rule().event_id,
        "AccessDenied",
        eve.arn,
    )
    assert get_membership_rule(admin, group_name="crew")["MembershipRule"]["State"] == "stopped"
    before = Event.objects.filter(name="AddUserToGroup").count()
    create_user(system, user_name="fay", path="/ops/")
    carry_out()
    assert Event.objects.filter(name="AddUserToGroup").count() == before, "what was refused is not tried again"


def test_what_was_done_before_a_refusal_stays(people, admin, eve):
    put(eve)
    deny = document("iam:RemoveUserFromGroup", effect="Deny")
    settle()
    put_user_policy(admin, user_name="eve", policy_name="no", policy_document=deny)
    update_user(admin, user_name="ben", new_path="/")
    create_user(admin, user_name="dan", path="/ops/")
    carry_out()
    assert members() == ["Ann", "ben"], "who leaves is taken out first"
    assert "iam:RemoveUserFromGroup" in rule().failure


def test_it_is_set_again_by_whoever_may(people, admin, eve):
    put(eve)
    MembershipRule.objects.update(failed_at="2026-01-01T00:00Z", failure="x", event_id="y")
    put(admin)
    assert (rule().failed_at, rule().failure, rule().event_id, rule().set_by) == (None, "", "", admin.arn)
    settle()
    assert members() == ["Ann", "ben"]


def test_who_is_gone_adds_nobody(people, eve):
    put(eve)
    User.objects.filter(name="eve").delete()
    carry_out()
    assert members() == []
    assert rule().failure == f"The user who set it is no more: {eve.arn}"


def test_who_is_contained_adds_nobody(people, admin, eve):
    put(eve)
    contain_user(admin, user_name="eve", reason="stolen")
    carry_out()
    assert members() == []
    assert rule().failure == f"The user who set it was contained: {eve.arn}"


def test_who_moves_the_one_who_set_it_goes_on_with_the_new_rights(people, admin, eve, system):
    """The rule adds Eve to a group that denies her to add anybody."""
    from accounts.operations.inline_policies import put_group_policy

    update_user(system, user_name="eve", new_path="/ops/")
    denied = document("iam:AddUserToGroup", effect="Deny")
    put_group_policy(system, group_name="crew", policy_name="no", policy_document=denied)
    put(eve)
    create_user(system, user_name="zed", path="/ops/")
    settle()
    assert "eve" in members()
    assert "zed" not in members()
    assert "is not authorized to perform: iam:AddUserToGroup" in rule().failure


def test_a_fault_of_ours_keeps_no_other_waiting(people, admin, system, monkeypatch, caplog):
    create_group(system, group_name="other")
    put(admin)
    put_membership_rule(admin, group_name="other", path_prefix="/ops/")
    moved = add_user_to_group

    def add(caller, group_name, user_name):
        if group_name == "Crew":
            raise RuntimeError("broken")
        return moved(caller, group_name=group_name, user_name=user_name)

    monkeypatch.setattr("accounts.membership_rules.add_user_to_group", add)
    settle()
    assert members() == []
    assert Group.objects.get(name="other").member_count == 2
    assert "could not be carried out" in caplog.text
    assert rule().failure.startswith("The console failed")


# --- ending ---------------------------------------------------------------------------------------------------------------


def test_without_its_rule_a_group_keeps_its_members_as_by_hand(people, admin, system):
    put(admin)
    settle()
    delete_membership_rule(admin, group_name="crew")
    assert not MembershipRule.objects.exists()
    assert members(by_rule=False) == ["Ann", "ben"]
    assert last("DeleteMembershipRule")["before"]["membershipRule"]["pathPrefix"] == "/ops/"
    update_user(system, user_name="ben", new_path="/")
    settle()
    assert members() == ["Ann", "ben"]


def test_or_they_leave_first_whom_it_added(people, admin, system, monkeypatch):
    monkeypatch.setattr("accounts.membership_rules.AT_ONCE", 1)
    add_user_to_group(system, group_name="crew", user_name="anton")
    put(admin)
    settle()
    delete_membership_rule(admin, group_name="crew", remove_users=True)
    assert get_membership_rule(admin, group_name="crew")["MembershipRule"]["State"] == "ending"
    assert carry_out() is True
    assert rule().waiting == 1
    create_user(system, user_name="dan", path="/ops/")
    settle()
    assert members() == ["anton"]
    assert not MembershipRule.objects.exists()
    assert last("RemoveUserFromGroup")["additionalEventData"]["reason"] == "Membership rule of group Crew"


def test_one_that_has_added_nobody_ends_at_once(admin):
    put(admin)
    delete_membership_rule(admin, group_name="crew", remove_users=True)
    assert carry_out_now(admin, "crew") is None
    assert not MembershipRule.objects.exists()


def test_it_goes_with_its_group_and_follows_its_name(people, admin, system):
    put(admin)
    settle()
    update_group(system, group_name="crew", new_group_name="team")
    create_user(system, user_name="dan", path="/ops/")
    settle()
    assert Membership.objects.filter(group__name="team").count() == 3
    assert last("AddUserToGroup")["additionalEventData"]["reason"] == "Membership rule of group team"
    for name in ("ann", "ben", "dan"):
        remove_user_from_group(system, group_name="team", user_name=name)
    delete_group(system, group_name="team")
    assert not MembershipRule.objects.exists()
    settle()


def test_it_begins_at_once_as_the_call_of_who_has_just_set_it(people, admin):
    put(admin)
    found = carry_out_now(admin, "CREW")
    assert (found.state, members()) == ("applied", ["Ann", "ben"])
    event = last("AddUserToGroup")
    assert event["userIdentity"]["arn"] == admin.arn
    assert "invokedBy" not in event["userIdentity"]
    assert event["sourceIPAddress"] == "192.0.2.10"


# --- the operations -------------------------------------------------------------------------------------------------------


def test_answers_say_what_it_asks_for(admin, system):
    put(admin, path_prefix="/ops/", user_name_prefix="a", user_tags=OPS)
    answer = get_membership_rule(admin, group_name="crew")["MembershipRule"]
    assert {key: answer[key] for key in ("GroupName", "PathPrefix", "UserNamePrefix", "UserTags")} == {
        "GroupName": "Crew",
        "PathPrefix": "/ops/",
        "UserNamePrefix": "a",
        "UserTags": OPS,
    }
    create_group(system, group_name="other")
    put_membership_rule(admin, group_name="other", path_prefix="/")
    page = list_membership_rules(admin, max_items=1)
    assert [one["GroupName"] for one in page["MembershipRules"]] == ["Crew"]
    rest = list_membership_rules(admin, marker=page["Marker"])
    assert [one["GroupName"] for one in rest["MembershipRules"]] == ["other"]


@pytest.mark.parametrize(
    ("conditions", "error", "said"),
    [
        ({"user_tags": []}, InvalidInput, "needs at least one condition"),
        ({"user_tags": [*OPS, {"Key": "Team", "Value": "web"}]}, InvalidInput, "Duplicate tag keys"),
        ({"user_tags": [{"Key": "aws:x", "Value": ""}]}, InvalidInput, "System tags"),
        ({"user_tags": [{"Key": f"k{n}", "Value": ""} for n in range(51)]}, ValidationError, "userTags"),
        ({"path_prefix": "ops/"}, ValidationError, "pathPrefix"),
        ({"user_name_prefix": "a b"}, ValidationError, "userNamePrefix"),
        ({"user_tags": [{"Key": "a?", "Value": ""}]}, ValidationError, "userTags.1.member.key"),
    ],
)
def test_what_no_rule_can_ask_for_is_refused(admin, conditions, error, said):
    with pytest.raises(error, match=said):
        put(admin, **conditions)
    assert not MembershipRule.objects.exists()


@pytest.mark.parametrize("missing", MAY)
def test_setting_takes_all_of_its_permissions(admin, make_user, caller_of, missing):
    user = make_user("mia", document([action for action in MAY if action != missing]))
    with pytest.raises(AccessDenied, match=missing):
        put(caller_of(user), user_tags=OPS)
    assert not MembershipRule.objects.exists()
    assert last("PutMembershipRule")["errorCode"] == "AccessDenied"


def test_tags_may_stay_unread_by_who_asks_for_none(make_user, caller_of):
    user = make_user("mia", document(MAY[:3]))
    assert put(caller_of(user))["State"] == "waiting"


@pytest.mark.parametrize("missing", MAY[:2])
def test_deleting_takes_both(admin, make_user, caller_of, missing):
    put(admin)
    user = make_user("mia", document([action for action in MAY if action != missing]))
    with pytest.raises(AccessDenied, match=missing):
        delete_membership_rule(caller_of(user), group_name="crew")
    assert MembershipRule.objects.exists()


def test_reading_takes_what_reading_groups_does(admin, nobody, make_user, caller_of):
    put(admin)
    for call in (lambda: get_membership_rule(nobody, group_name="crew"), lambda: list_membership_rules(nobody)):
        with pytest.raises(AccessDenied):
            call()
    reader = caller_of(make_user("rita", document(["iam:GetGroup", "iam:ListGroups"])))
    assert get_membership_rule(reader, group_name="crew")
    assert len(list_membership_rules(reader)["MembershipRules"]) == 1
    with pytest.raises(AccessDenied):
        put(reader)


def test_a_group_that_is_not_there_and_one_without_a_rule(admin):
    with pytest.raises(NoSuchEntity):
        put_membership_rule(admin, group_name="none", path_prefix="/")
    for call in (get_membership_rule, delete_membership_rule):
        with pytest.raises(NoSuchEntity, match="has no membership rule"):
            call(admin, group_name="crew")


def test_who_is_allowed_it_with_a_second_factor_alone_is_told_so(make_user, caller_of):
    own = document(MAY, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    caller = caller_of(make_user("mia", own), aws__MultiFactorAuthPresent="true")
    with pytest.raises(InvalidInput, match="Nobody brings that when a membership rule is carried out"):
        put(caller)


def test_sessions_and_the_machine_set_no_rules(system, admin):
    for caller in (system, replace(admin, user_id=None)):
        with pytest.raises(InvalidInput, match="Only a user"):
            put(caller)
    put(admin)
    with pytest.raises(InvalidInput, match="Only a user"):
        delete_membership_rule(system, group_name="crew", remove_users=True)
    delete_membership_rule(system, group_name="crew")


def test_the_root_user_may_set_one(people, root):
    put(root)
    settle()
    assert members() == ["Ann", "ben"]


def test_each_account_has_its_own(people, admin, stranger, make_user):
    make_user("outsider", account_id="210987654321")
    with pytest.raises(ServiceError):
        put_membership_rule(stranger, group_name="crew", path_prefix="/")
    put(admin, path_prefix="/")
    settle()
    assert not Membership.objects.exclude(user__account_id="123456789012").exists()
    assert list_membership_rules(stranger)["MembershipRules"] == []


def test_adding_by_hand_beyond_the_quota_is_refused_as_ever(busy, admin):
    with pytest.raises(LimitExceeded):
        add_user_to_group(admin, group_name="crew", user_name="ann")
