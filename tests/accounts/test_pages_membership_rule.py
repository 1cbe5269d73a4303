"""The pages of a group's membership rule: the card, the form with its preview, removing it, and what other pages say of it."""

import html
import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.membership_rules import carry_out
from accounts.models import Group, Membership, MembershipRule, User
from accounts.operations.groups import create_group
from accounts.operations.inline_policies import put_group_policy
from accounts.operations.membership_rules import put_membership_rule
from accounts.operations.memberships import add_user_to_group
from accounts.operations.users import create_user, update_user
from operations.errors import AccessDenied
from operations.models import Event
from policies.saving import mark
from tests.access.conftest import document
from tests.conftest import ADMINISTRATOR
from tests.signing_in import sign_in

PAGE, FORM, REMOVE = "/groups/Crew/", "/groups/Crew/rule/", "/groups/Crew/rule/remove/"
OPS = [{"Key": "team", "Value": "ops"}]
MAY = ["iam:GetGroup", "iam:AddUserToGroup", "iam:RemoveUserFromGroup", "iam:ListUsers", "iam:ListUserTags"]
NONE = mark("")


@pytest.fixture(autouse=True)
def people(system):
    create_group(system, group_name="Crew")
    create_user(system, user_name="ann", path="/ops/", tags=OPS)
    create_user(system, user_name="ben", path="/ops/", tags=OPS)
    create_user(system, user_name="cyd")


def asked(path="/ops/", name="", tags="", seen=NONE, **button):
    return {"path_prefix": path, "user_name_prefix": name, "tags": tags, "seen": seen, **button}


def words(response):
    text = html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode()))
    return re.sub(r"\s+", " ", text)


def set_by(caller, **conditions):
    put_membership_rule(caller, group_name="Crew", **(conditions or {"path_prefix": "/ops/"}))
    while carry_out():
        pass


def members():
    return list(User.objects.filter(groups__name="Crew").order_by("name_key").values_list("name", flat=True))


def seen_of(client, page=FORM):
    return re.search(r'name="seen" value="(\w+)"', client.get(page).content.decode())[1]


# --- setting ----------------------------------------------------------------------------------------------------------------


def test_a_group_without_a_rule_offers_to_set_one(administrator):
    shown = administrator.get(PAGE)
    assert "Set membership rule" in words(shown)
    assert 'id="rule"' not in shown.content.decode()
    form = words(administrator.get(FORM))
    assert "Membership rule of Crew" in form
    assert "Whoever may tag users or change their path or name decides by that who is in this group." in form


def test_the_preview_says_who_comes_and_goes_and_changes_nothing(administrator, admin_caller, system):
    set_by(admin_caller, user_name_prefix="c")
    put_group_policy(system, group_name="Crew", policy_name="own", policy_document=document("s3:GetObject"))
    events = Event.objects.filter(read_only=False).count()
    shown = administrator.post(FORM, asked(tags="team = ops", seen=seen_of(administrator), review="1"))
    said = words(shown)
    assert shown.status_code == 200
    assert "Everybody whose path begins with /ops/ and who has the tag team = ops" in said
    assert "Join 2 ann, ben" in said
    assert "Leave 1 cyd" in said
    assert "Cannot be added" not in said
    assert "Access changes for 2 users" in said
    assert "The group gives administrator access" not in said
    assert "Change rule" in said
    assert Event.objects.filter(read_only=False).count() == events
    assert members() == ["cyd"]


def test_the_preview_warns_of_administrator_access(administrator, system):
    put_group_policy(system, group_name="Crew", policy_name="all", policy_document=ADMINISTRATOR)
    assert "The group gives administrator access" in words(administrator.post(FORM, asked(review="1")))


def test_the_preview_names_who_is_in_too_many_groups(administrator, system):
    User.objects.filter(name="ann").update(group_count=10)
    shown = words(administrator.post(FORM, asked(review="1")))
    assert "Join 1 ben" in shown
    assert "Cannot be added: in as many groups as possible 1 ann" in shown


def test_the_preview_names_fifty_and_counts_all(administrator):
    User.objects.bulk_create(
        User(account_id="123456789012", name=f"u{n:03}", name_key=f"u{n:03}", unique_id=f"AIDAU{n}", path="/ops/")
        for n in range(70)
    )
    shown = words(administrator.post(FORM, asked(review="1")))
    assert "Join 72 ann, ben, u000" in shown
    assert "u047 and 22 more" in shown


def test_setting_carries_it_out_at_once(administrator):
    shown = administrator.post(FORM, asked(tags="team = ops", put="1"), follow=True)
    said = words(shown)
    assert "The membership rule of Crew is set." in said
    assert "Everybody whose path begins with /ops/ and who has the tag team = ops" in said
    assert "In force" in said
    assert members() == ["ann", "ben"]
    assert MembershipRule.objects.get().tags == [["team", "ops"]]
    event = Event.objects.filter(name="AddUserToGroup").latest("id")
    assert '"reason":"Membership rule of group Crew"' in event.record


def test_the_rest_comes_by_itself_and_is_told(administrator, monkeypatch):
    monkeypatch.setattr("accounts.membership_rules.AT_ONCE", 1)
    said = words(administrator.post(FORM, asked(put="1"), follow=True))
    assert "1 user is still to come or go, which happens by itself." in said
    assert len(members()) == 1
    carry_out()
    assert "still to come" not in words(administrator.get(PAGE))
    assert members() == ["ann", "ben"]


def test_one_that_is_refused_at_once_says_so(administrator, monkeypatch):
    def refuse(caller, **names):
        raise AccessDenied("User: x is not authorized", event_id=str(uuid4()))

    monkeypatch.setattr("accounts.membership_rules.add_user_to_group", refuse)
    said = words(administrator.post(FORM, asked(put="1"), follow=True))
    assert "The membership rule of Crew is set, but has stopped." in said
    assert "User: x is not authorized" in said


@pytest.mark.parametrize(
    ("given", "said", "kept"),
    [
        ({"path": ""}, "Give at least one condition.", ""),
        ({"path": "ops"}, "Begin with a slash, without spaces", 'value="ops"'),
        ({"path": "/a b/"}, "Begin with a slash, without spaces", 'value="/a b/"'),
        ({"name": "a b"}, "Use letters, digits and", 'value="a b"'),
        ({"tags": "= x"}, "Line 1 has no key.", "= x"),
        ({"tags": "aws:a = x"}, "System tags", "aws:a = x"),
        ({"tags": "team = a\nTeam = b"}, "case insensitive", "Team = b"),
        ({"tags": "a? = x"}, "Tag 1: Use letters", "a? = x"),
    ],
)
@pytest.mark.parametrize("button", ["review", "put"])
def test_what_is_wrong_stands_at_its_field_and_stays_typed(administrator, given, said, kept, button):
    shown = administrator.post(FORM, asked(**given, **{button: "1"}))
    assert said in words(shown)
    assert kept in html.unescape(shown.content.decode())
    assert not MembershipRule.objects.exists()


def test_the_path_of_all_users_means_everybody(administrator):
    shown = words(administrator.post(FORM, asked(path="/", review="1")))
    assert "Everybody in the account" in shown
    shown = words(administrator.post(FORM, asked(path="/", name="b", review="1")))
    assert "Everybody whose user name begins with b" in shown


def test_back_from_the_preview_leads_to_the_form_as_it_was(administrator):
    shown = administrator.post(FORM, asked(path="/ops/x", tags="a = b", edit="1"))
    assert "There is a problem" not in words(shown)
    assert 'value="/ops/x"' in shown.content.decode()
    assert "a = b" in shown.content.decode()


def test_whoever_saves_later_sees_what_somebody_else_set(administrator, admin_caller):
    seen = seen_of(administrator)
    set_by(admin_caller, user_name_prefix="c")
    for button in ("review", "put"):
        shown = administrator.post(FORM, asked(seen=seen, **{button: "1"}))
        assert shown.status_code == 409
        assert "Somebody changed this while you were editing" in words(shown)
        assert 'value="/ops/"' in shown.content.decode()
    assert MembershipRule.objects.get().name_prefix == "c"
    renewed = re.search(r'name="seen" value="(\w+)"', shown.content.decode())[1]
    assert administrator.post(FORM, asked(seen=renewed, put="1")).status_code == 302
    assert members() == ["ann", "ben"]


def test_setting_is_undone(administrator):
    page = administrator.post(FORM, asked(put="1"), follow=True).content.decode()
    token = re.search(r'name="token" value="(\w+)"', page)[1]
    administrator.post("/undo/", {"token": token})
    while carry_out():
        pass
    assert not MembershipRule.objects.exists()
    assert members() == []


def test_changing_is_undone(administrator, admin_caller):
    set_by(admin_caller, user_name_prefix="c", user_tags=[])
    page = administrator.post(FORM, asked(seen=seen_of(administrator), put="1"), follow=True).content.decode()
    token = re.search(r'name="token" value="(\w+)"', page)[1]
    administrator.post("/undo/", {"token": token})
    carry_out()
    assert members() == ["cyd"]


# --- the card ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def admin_caller(admin_user, caller_of):
    return caller_of(admin_user)


@pytest.fixture
def admin_user(administrator):
    return User.objects.get(name="alice")


def test_the_card_says_what_became_of_it(administrator, admin_caller):
    put_membership_rule(admin_caller, group_name="Crew", path_prefix="/ops/")
    assert "Not carried out yet" in words(administrator.get(PAGE))
    User.objects.filter(name="ann").update(group_count=10)
    carry_out()
    shown = words(administrator.get(PAGE))
    assert "In force" in shown
    assert "1 user could not be added" in shown
    assert "room. ann" in shown
    MembershipRule.objects.update(failed_at="2026-01-01T00:00Z", failure="Because <so>", event_id=str(uuid4()))
    shown = words(administrator.get(PAGE))
    assert "The rule has stopped" in shown
    assert "Because <so>" in shown
    assert "Set again" in shown
    assert "Open event" in shown
    MembershipRule.objects.update(failed_at=None, is_ending=True, waiting=3)
    assert "3 users whom it has added are still to leave." in words(administrator.get(PAGE))


def test_members_by_rule_are_shown_and_filtered(administrator, admin_caller, system):
    add_user_to_group(system, group_name="Crew", user_name="cyd")
    assert "By rule" not in administrator.get(PAGE).content.decode().partition("<tbody")[0].rpartition("<thead")[2]
    set_by(admin_caller)
    page = administrator.get(PAGE).content.decode()
    assert "By rule" in page.partition("<tbody")[0].rpartition("<thead")[2]
    found = {
        value: [name for name in ("ann", "ben", "cyd") if f">{name}<" in administrator.get(f"{PAGE}?f=by-rule:eq:{value}").content.decode()]
        for value in ("yes", "no")
    }  # fmt: skip
    assert found == {"yes": ["ann", "ben"], "no": ["cyd"]}
    own = words(administrator.get("/users/ann/groups/"))
    assert "Crew By rule" in own
    assert "Crew By rule" not in words(administrator.get("/users/cyd/groups/"))


def test_the_list_of_groups_is_filtered_by_it(administrator, admin_caller, system):
    create_group(system, group_name="Other")
    set_by(admin_caller)
    assert "Other" not in words(administrator.get("/groups/?f=rule:eq:yes"))
    assert "Crew" not in words(administrator.get("/groups/?f=rule:eq:no"))


def test_who_is_taken_out_by_hand_is_added_again_and_the_reviews_say_so(administrator, admin_caller, system):
    set_by(admin_caller)
    ann = User.objects.get(name="ann")
    review = words(administrator.post("/groups/Crew/remove-users/", {"select": ann.pk}))
    assert "Whoever fulfils the membership rule of the group is added again by it." in review
    leave = "/users/{}/groups/leave/?group_name=Crew"
    assert "The membership rule of the group adds ann again." in words(administrator.get(leave.format("ann")))
    add_user_to_group(system, group_name="Crew", user_name="cyd")
    assert "adds cyd again" not in words(administrator.get(leave.format("cyd")))


def test_deleting_says_that_the_rule_goes_or_stops(administrator, admin_caller):
    assert "membership rule" not in words(administrator.get("/groups/Crew/delete/"))
    set_by(admin_caller)
    assert "1 membership rule is deleted" in words(administrator.get("/groups/Crew/delete/"))
    assert "1 group's membership rule stops: this user set it: Crew" in words(administrator.get("/users/alice/delete/"))
    many = words(administrator.post("/groups/delete/", {"select": Group.objects.get().pk}))
    assert "membership rule is deleted" in many
    administrator.post("/groups/Crew/delete/", {"confirmation": "Crew"})
    assert not MembershipRule.objects.exists()


def test_who_changes_what_rules_ask_for_is_told_whose_members_follow(administrator, admin_caller, client, make_user):
    pages = {"tags": "/users/ann/tags/", "rename": "/users/ann/rename/"}
    ann = User.objects.get(name="ann").pk
    bulk = {"select": ann, "asked": "1", "review": "1", "key": "TEAM", "value": "x"}

    def told():
        found = {name for name, page in pages.items() if "By membership rules" in words(administrator.get(page))}
        return found | (
            {"bulk"} if "decide who is in Crew" in words(administrator.post("/users/tag/", bulk)) else set()
        )

    assert told() == set()
    set_by(admin_caller, path_prefix="/")
    assert told() == set()
    set_by(admin_caller)
    assert told() == {"rename"}
    set_by(admin_caller, user_tags=[{"Key": "other", "Value": ""}])
    assert told() == {"tags"}
    set_by(admin_caller, user_tags=OPS)
    assert told() == {"tags", "bulk"}
    assert "users' tags decide who is in Crew: that follows within half a minute." in words(
        administrator.get(pages["tags"])
    )
    MembershipRule.objects.update(failed_at="2026-01-01T00:00Z")
    assert told() == set()
    MembershipRule.objects.update(failed_at=None)
    sign_in(client, make_user("rita", document(["iam:GetUser", "iam:ListUserTags", "iam:TagUser"])))
    assert "By membership rules" not in words(client.get(pages["tags"]))


# --- removing ---------------------------------------------------------------------------------------------------------------


def test_removing_shows_whom_it_has_added(administrator, admin_caller, system):
    put_group_policy(system, group_name="Crew", policy_name="own", policy_document=document("s3:GetObject"))
    add_user_to_group(system, group_name="Crew", user_name="cyd")
    set_by(admin_caller)
    shown = words(administrator.get(REMOVE))
    assert "It has added 2 users who are in the group: ann, ben" in shown
    assert "Access changes for 2 users" in shown


@pytest.mark.parametrize(("users", "left"), [("stay", ["ann", "ben", "cyd"]), ("leave", ["cyd"])])
def test_its_members_stay_or_leave(administrator, admin_caller, system, users, left):
    add_user_to_group(system, group_name="Crew", user_name="cyd")
    set_by(admin_caller)
    seen = seen_of(administrator, REMOVE)
    said = words(administrator.post(REMOVE, {"users": users, "seen": seen}, follow=True))
    assert "The membership rule of Crew is removed." in said
    assert members() == left
    assert not MembershipRule.objects.exists()
    assert not Membership.objects.filter(by_rule=True).exists()


def test_removing_with_its_members_is_undone(administrator, admin_caller):
    set_by(admin_caller)
    seen = seen_of(administrator, REMOVE)
    page = administrator.post(REMOVE, {"users": "leave", "seen": seen}, follow=True).content.decode()
    assert members() == []
    token = re.search(r'name="token" value="(\w+)"', page)[1]
    administrator.post("/undo/", {"token": token})
    carry_out()
    assert members() == ["ann", "ben"]
    assert Membership.objects.filter(by_rule=True).count() == 2


def test_where_its_members_stay_nothing_can_be_undone(administrator, admin_caller):
    """They count as added by hand then, and a rule set anew would not take them out again."""
    set_by(admin_caller)
    page = administrator.post(REMOVE, {"users": "stay", "seen": seen_of(administrator, REMOVE)}, follow=True)
    assert 'name="token"' not in page.content.decode()


def test_many_leave_one_after_the_other(administrator, admin_caller, monkeypatch):
    set_by(admin_caller)
    monkeypatch.setattr("accounts.membership_rules.AT_ONCE", 1)
    seen = seen_of(administrator, REMOVE)
    said = words(administrator.post(REMOVE, {"users": "leave", "seen": seen}, follow=True))
    assert "1 user is still to come or go" in said
    assert "The rule is being removed" in said
    carry_out()
    assert members() == []


def test_what_somebody_else_changed_meanwhile_is_not_removed(administrator, admin_caller):
    set_by(admin_caller)
    seen = seen_of(administrator, REMOVE)
    set_by(admin_caller, user_name_prefix="c")
    shown = administrator.post(REMOVE, {"users": "leave", "seen": seen})
    assert shown.status_code == 409
    assert "Nothing is removed yet" in words(shown)
    assert "whose user name begins with c" in words(shown)
    assert MembershipRule.objects.exists()


def test_a_choice_that_there_is_not_and_a_group_without_a_rule(administrator, admin_caller):
    assert administrator.get(REMOVE).status_code == 404
    set_by(admin_caller)
    shown = administrator.post(REMOVE, {"users": "other", "seen": seen_of(administrator, REMOVE)})
    assert "There is a problem" in words(shown)
    assert MembershipRule.objects.exists()


# --- who may ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", MAY[1:3])
def test_who_may_not_move_users_opens_no_form(client, make_user, caller_of, missing):
    sign_in(client, make_user("mia", document([action for action in MAY if action != missing])))
    shown = client.get(FORM)
    assert shown.status_code == 403
    assert missing in words(shown)
    assert "Set membership rule" not in words(client.get(PAGE))


@pytest.mark.parametrize("missing", MAY[3:])
@pytest.mark.parametrize("button", ["review", "put"])
def test_who_may_not_see_users_or_their_tags_sets_no_rule_by_them(client, make_user, missing, button):
    sign_in(client, make_user("mia", document([action for action in MAY if action != missing])))
    shown = client.post(FORM, asked(tags="team = ops", **{button: "1"}))
    assert shown.status_code == 403
    assert missing in words(shown)
    assert "ann" not in words(shown)
    assert 'value="/ops/"' in shown.content.decode()
    assert not MembershipRule.objects.exists()


def test_who_set_it_and_why_it_stopped_is_for_who_may_read_the_trail(client, make_user, admin):
    set_by(admin)
    User.objects.filter(name="ann").update(group_count=10)
    MembershipRule.objects.update(failure="user/eve may not", full=1, full_names=["ann"])
    sign_in(client, make_user("rita", document("iam:GetGroup")))
    shown = words(client.get(PAGE))
    assert "Everybody whose path begins with /ops/" in shown
    assert "user/alice" not in shown
    assert "1 user could not be added" in shown
    assert "room. ann" not in shown
    assert "Remove rule" not in shown
    MembershipRule.objects.update(failed_at="2026-01-01T00:00Z")
    shown = words(client.get(PAGE))
    assert "The rule has stopped" in shown
    assert "user/eve" not in shown
    assert client.get(REMOVE).status_code == 403
    assert client.post(REMOVE, {"users": "stay", "seen": "x"}).status_code in {403, 409}
    assert MembershipRule.objects.exists()


# --- its cost ---------------------------------------------------------------------------------------------------------------


def test_the_pages_cost_as_much_for_ten_users_as_for_a_thousand(administrator, admin_caller, system):
    put_group_policy(system, group_name="Crew", policy_name="own", policy_document=document("s3:GetObject"))

    def grow(first, last):
        User.objects.bulk_create(
            User(account_id="123456789012", name=f"u{n}", name_key=f"u{n}", unique_id=f"AIDAU{n}", path="/ops/")
            for n in range(first, last)
        )

    def counts():
        found = {}
        ways = {
            "page": lambda: administrator.get(PAGE),
            "form": lambda: administrator.get(FORM),
            "remove": lambda: administrator.get(REMOVE),
        }
        seen = seen_of(administrator)
        ways["preview"] = lambda: administrator.post(FORM, asked(seen=seen, tags="team = ops", path="/", review="1"))
        for name, way in ways.items():
            way()
            with CaptureQueriesContext(connection) as caught:
                assert way().status_code == 200
            found[name] = len(caught)
        return found

    grow(0, 10)
    set_by(admin_caller)
    update_user(system, user_name="ben", new_path="/")
    few = counts()
    grow(10, 1000)
    while carry_out():
        pass
    create_user(system, user_name="new", path="/x/", tags=OPS)
    many = counts()
    assert {name: number for name, number in many.items() if number > few[name] + 3} == {}
    assert max(*few.values(), *many.values()) <= 15, (few, many)
