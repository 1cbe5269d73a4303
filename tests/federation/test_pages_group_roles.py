"""Groups and roles: giving, taking, whether the role lets the members in, mending, and what the members find."""

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Group, GroupInlinePolicy, Role
from accounts.operations.groups import create_group
from accounts.operations.inline_policies import put_group_policy
from accounts.operations.memberships import add_user_to_group
from federation.group_roles import give_roles, given_roles, gives_more, take_role, with_roles, without_role
from operations.errors import ValidationError
from operations.models import Event
from tests.conftest import ADMINISTRATOR
from tests.federation.conftest import allow
from tests.signing_in import sign_in

MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
ID = {"StringEquals": {"sts:ExternalId": "4711"}}
ROOT = "arn:aws:iam::123456789012:root"
ABROAD = "arn:aws:iam::210987654321:role/team/Guest"


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


def document(group="ops"):
    return json.loads(GroupInlinePolicy.objects.get(group__name=group, name="AssumeRoles").document)


@pytest.fixture
def ops(system, make_user):
    """A group with two members."""
    create_group(system, group_name="ops")
    for name in ("mia", "max"):
        make_user(name)
        add_user_to_group(system, group_name="ops", user_name=name)
    return Group.objects.get(name="ops")


@pytest.fixture
def administrator(client, make_user):
    sign_in(client, make_user("alice", ADMINISTRATOR), mfa=True)
    return client


def give(client, *names, arn="", group="ops"):
    url = reverse("federation:group-add-roles", args=[group])
    return client.post(url, {"roles": names, "role_arn": arn, "give": "1"}, follow=True)


def roles_page(client, group="ops"):
    return text(client.get(reverse("federation:group-roles", args=[group])))


def test_members_get_roles_and_switch_to_them(administrator, ops, make_role):
    role = make_role("Reader", policy=allow("iam:ListUsers"))
    page = text(give(administrator, "Reader"))
    assert "The members of ops may now switch to Reader." in page
    assert "Lets the members in" in page
    assert document() == {
        "Version": "2012-10-17",
        "Statement": [{"Sid": "AssumeRoles", "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": [role.arn]}],
    }
    sign_in(administrator, ops.members.get(name="mia"))
    assert "Switch to Reader" in text(administrator.get("/switch-role/"))
    assert administrator.post("/switch-role/", {"role_arn": role.arn}).status_code == 302
    assert "mia" in text(administrator.get(reverse("accounts:users")))


def test_taking_a_role_away_ends_who_acts_as_it(administrator, client, ops, make_role, system):
    role = make_role("Reader", policy=allow("iam:ListUsers"))
    give_roles(system, ops, [role.arn])
    sign_in(client, ops.members.get(name="mia"))
    client.post("/switch-role/", {"role_arn": role.arn})
    take_role(system, ops, role.arn)
    assert client.get(reverse("accounts:users"))["Location"] == "/switch-role/"
    assert "No roles for you yet" in text(client.get("/switch-role/"))


def test_a_role_is_taken_and_with_the_last_one_the_policy(administrator, ops, make_role):
    first, second = make_role("First"), make_role("Second")
    give(administrator, "First", "Second")
    url = reverse("federation:group-remove-role", args=["ops"])
    administrator.post(url, {"role_arn": first.arn})
    assert document()["Statement"][0]["Resource"] == [second.arn]
    page = text(administrator.post(url, {"role_arn": second.arn}, follow=True))
    assert "No roles yet" in page
    assert not GroupInlinePolicy.objects.exists()
    assert administrator.post(url, {"role_arn": second.arn}).status_code == 404


@pytest.mark.parametrize(
    ("trusted", "options", "said", "mendable"),
    [
        (ROOT, {}, "Lets the members in", False),
        ("*", {}, "Lets the members in", False),
        (ROOT, {"condition": MFA}, "With MFA", False),
        ("arn:aws:iam::123456789012:user/mia", {}, "Leaves 1 member out", True),
        ("arn:aws:iam::123456789012:user/alice", {}, "Does not trust them", True),
        (ROOT, {"condition": ID}, "Requires an external ID", True),
        (ROOT, {"condition": {"StringEquals": {"aws:PrincipalTag/team": "x"}}}, "Does not trust them", True),
    ],
)
def test_whether_the_role_lets_the_members_in(administrator, ops, make_role, trusted, options, said, mendable):
    make_role("Reader", trusted, **options)
    page = text(give(administrator, "Reader"))
    assert said in page
    assert ("/roles/Reader/mend/" in page) is mendable


def test_a_trust_policy_that_denies_is_not_mended(administrator, ops, make_role, system):
    role = make_role("Reader")
    deny = {"Effect": "Deny", "Principal": {"AWS": ROOT}, "Action": "sts:AssumeRole"}
    policy = json.loads(role.trust_policy)
    policy["Statement"].append(deny)
    Role.objects.filter(pk=role.pk).update(trust_policy=json.dumps(policy))
    page = text(give(administrator, "Reader"))
    assert "Denies them" in page
    assert "/roles/Reader/mend/" not in page


@pytest.mark.parametrize(
    ("choice", "principal"),
    [
        ("account", ["arn:aws:iam::123456789012:user/alice", ROOT]),
        ("members", [f"arn:aws:iam::123456789012:user/{name}" for name in ("alice", "max", "mia")]),
    ],
)
def test_mending_shows_the_difference_and_lets_them_in(administrator, ops, make_role, choice, principal):
    make_role("Reader", "arn:aws:iam::123456789012:user/alice")
    give(administrator, "Reader")
    url = reverse("federation:group-mend", args=["ops", "Reader"])
    asked = administrator.get(url, {"choice": choice})
    assert "Change the trust policy" in text(asked)
    assert principal[-1] in text(asked)
    assert {each.row.name for each in asked.context["who"].value.gaining} == {"max", "mia"}
    assert "2 gain it. For 1 it stays as it is." in text(asked)
    page = text(administrator.post(url, {"choice": choice}, follow=True))
    assert "Lets the members in" in page
    record = json.loads(Event.objects.filter(name="UpdateAssumeRolePolicy").latest("id").record)
    shown = json.loads(record["after"]["assumeRolePolicyDocument"])
    assert [statement["Principal"]["AWS"] for statement in shown["Statement"]] == [principal]


def test_mending_keeps_statements_with_conditions(administrator, ops, make_role):
    role = make_role("Reader", condition=ID)
    give(administrator, "Reader")
    administrator.post(reverse("federation:group-mend", args=["ops", "Reader"]), {"choice": "account"})
    role.refresh_from_db()
    statements = json.loads(role.trust_policy)["Statement"]
    assert statements[0]["Condition"] == ID
    assert statements[1] == {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "sts:AssumeRole"}


def test_a_mend_that_grows_too_long_is_said(administrator, ops, make_role):
    make_role("Reader", "arn:aws:iam::123456789012:user/alice", condition={"StringLike": {"aws:userid": ["x" * 1800]}})
    give(administrator, "Reader")
    answer = administrator.post(reverse("federation:group-mend", args=["ops", "Reader"]), {"choice": "account"})
    assert answer.status_code == 400
    assert "Cannot exceed quota" in text(answer)


def test_a_role_of_another_account_and_one_that_is_gone(administrator, ops, make_role):
    make_role("Reader")
    give(administrator, "Reader", arn=ABROAD)
    Role.objects.all().delete()
    page = roles_page(administrator)
    assert "Another account" in page
    assert "The role was deleted" in page


@pytest.mark.parametrize("arn", ["nonsense", "arn:aws:iam::210987654321:role/*", "arn:aws:iam::210987654321:user/x"])
def test_what_is_no_role(administrator, ops, arn):
    assert f"{arn} is invalid" in text(give(administrator, arn=arn))
    assert not GroupInlinePolicy.objects.exists()


def test_too_many_roles_for_the_groups_policies(system, administrator, ops, make_role):
    make_role("Reader")
    put_group_policy(
        system, group_name="ops", policy_name="long", policy_document=allow(*[f"s3:{'x' * 100}{n}" for n in range(46)])
    )
    page = text(give(administrator, "Reader"))
    assert "Maximum policy size of 5120 bytes exceeded for group ops" in page


def test_one_role_serves_several_groups(administrator, ops, make_role, system):
    create_group(system, group_name="dev")
    make_role("Reader")
    give(administrator, "Reader")
    give(administrator, "Reader", group="dev")
    page = roles_page(administrator)
    assert re.search(r'href="/groups/dev/roles/">dev</a>', page)


def test_nothing_chosen_is_said_at_the_field_and_a_wrong_arn_stays(administrator, ops, make_role):
    make_role("Other")
    assert "Choose at least one role, or type the ARN of one." in text(give(administrator))
    page = text(give(administrator, "Other", arn="arn:aws:iam::111122223333:user/x"))
    assert "arn:aws:iam::111122223333:user/x is invalid" in page
    assert 'value="arn:aws:iam::111122223333:user/x"' in page
    assert re.search(r'<input [^>]*value="Other"[^>]* checked', page)
    assert not GroupInlinePolicy.objects.exists()


def test_an_empty_group_is_asked_for_anybody_of_the_account(administrator, make_role, system):
    create_group(system, group_name="empty")
    make_role("Reader")
    make_role("Closed", "arn:aws:iam::123456789012:user/alice")
    page = text(give(administrator, "Reader", "Closed", group="empty"))
    assert "Lets the members in" in page
    assert "Does not trust them" in page


# --- whoever may not ------------------------------------------------------------------------------------------------------


def test_who_may_not_read_the_policy_sees_the_refusal(client, make_user, ops):
    sign_in(client, make_user("vera", allow("iam:GetGroup")))
    page = roles_page(client)
    assert "iam:GetGroupPolicy" in page
    assert "Give roles" not in page


def test_a_reader_sees_the_roles_and_changes_nothing(client, make_user, ops, make_role, system):
    role = make_role("Reader", "arn:aws:iam::123456789012:user/mia")
    give_roles(system, ops, [role.arn])
    sign_in(client, make_user("vera", allow("iam:Get*", "iam:List*")))
    page = roles_page(client)
    assert "Leaves 1 member out" in page
    for word in ("Give roles", "Mend", 'name="role_arn"'):
        assert word not in page
    assert client.post(reverse("federation:group-remove-role", args=["ops"]), {"role_arn": role.arn}).status_code == 403
    assert client.post(reverse("federation:group-mend", args=["ops", "Reader"])).status_code == 403
    assert client.post(reverse("federation:group-add-roles", args=["ops"]), {"roles": ["Reader"]}).status_code == 403
    assert given_roles(GroupInlinePolicy.objects.get().document) == [role.arn]


def test_who_may_not_see_the_group(client, make_user, ops):
    sign_in(client, make_user("vera"))
    assert client.get(reverse("federation:group-roles", args=["ops"])).status_code == 403


def test_a_group_that_is_not_there(administrator):
    assert administrator.get(reverse("federation:group-roles", args=["nowhere"])).status_code == 404


# --- the document ---------------------------------------------------------------------------------------------------------

BY_HAND = {
    "Version": "2012-10-17",
    "Id": "by-hand",
    "Statement": [
        {"Sid": "A", "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*", "Condition": MFA},
        {"Sid": "B", "Effect": "Allow", "Action": ["STS:assumerole"], "Resource": ABROAD},
        {"Sid": "C", "Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::1:role/x"},
    ],
}


def test_what_was_written_by_hand_stays():
    before = json.dumps(BY_HAND)
    assert given_roles(before) == [ABROAD]
    assert gives_more(before)
    added = json.loads(with_roles(before, ["arn:aws:iam::123456789012:role/New", ABROAD]))
    assert added["Id"] == "by-hand"
    assert added["Statement"][1]["Resource"] == [ABROAD, "arn:aws:iam::123456789012:role/New"]
    assert [added["Statement"][n] for n in (0, 2)] == [BY_HAND["Statement"][n] for n in (0, 2)]
    left = json.loads(without_role(before, ABROAD))
    assert left["Statement"] == [BY_HAND["Statement"][0], BY_HAND["Statement"][2]]


def test_a_single_statement_without_a_list():
    single = json.dumps({"Version": "2012-10-17", "Statement": {"Sid": "AssumeRoles", **BY_HAND["Statement"][0]}})
    added = json.loads(with_roles(single, [ABROAD]))
    assert len(added["Statement"]) == 2
    assert not gives_more(with_roles(None, [ABROAD]))


def test_only_roles_can_be_given(system, ops):
    with pytest.raises(ValidationError):
        give_roles(system, ops, ["arn:aws:s3:::bucket"])


def test_who_may_not_list_roles_learns_nothing_of_their_trust(client, make_user, ops, make_role, system):
    give_roles(system, ops, [make_role("Reader").arn])
    sign_in(client, make_user("vera", allow("iam:GetGroup", "iam:GetGroupPolicy")))
    page = roles_page(client)
    assert "Shown to who may list roles" in page
    assert "Lets the members in" not in page


@pytest.mark.parametrize("number", [1, 40])
def test_pages_cost_few_queries_at_any_number_of_roles(administrator, system, ops, make_role, make_user, number):
    roles = [make_role(f"R{n}", "arn:aws:iam::123456789012:user/mia") for n in range(number)]
    for n in range(number):
        make_user(f"member{n}")
        add_user_to_group(system, group_name="ops", user_name=f"member{n}")
    give_roles(system, ops, [role.arn for role in roles])
    assert roles_page(administrator).count("Leaves ") == number
    for name, parts in (("group-roles", []), ("group-add-roles", []), ("group-mend", ["R0"])):
        with CaptureQueriesContext(connection) as done:
            administrator.get(reverse(f"federation:{name}", args=["ops", *parts]))
        asked = [query["sql"] for query in done if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
        assert len(asked) <= 15, (name, asked)
