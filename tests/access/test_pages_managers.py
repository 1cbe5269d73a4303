"""Who manages a user: decided by the engine, for whoever may read everybody's policies, in a fixed number of queries."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from access import managing
from accounts.models import Group, Membership, User, UserInlinePolicy
from accounts.operations.attachments import attach_group_policy, attach_role_policy, attach_user_policy
from accounts.operations.boundaries import put_user_permissions_boundary
from accounts.operations.groups import create_group
from accounts.operations.inline_policies import put_group_policy, put_role_policy, put_user_policy
from accounts.operations.memberships import add_user_to_group
from accounts.operations.roles import create_role
from accounts.operations.tags import tag_user
from accounts.operations.users import create_user
from operations.ids import unique_id
from operations.models import Event
from policies.operations.managed_policies import create_policy
from tests.accounts.browser import html_of, text_of
from tests.conftest import ACCOUNT, ADMINISTRATOR
from tests.signing_in import sign_in

ADDRESS = "/users/erin/managers/"
ERIN = f"arn:aws:iam::{ACCOUNT}:user/erin"
RECORDED = 5  # queries that record the read, which a served process leaves to its journal
TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}'


def document(*actions, resource="*", effect="Allow", **more):
    statement = {"Effect": effect, "Action": actions, "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def administrator(client, make_user):
    sign_in(client, make_user("alice", ADMINISTRATOR), mfa=True)
    return client


@pytest.fixture
def erin(administrator, system):
    for name in ("erin", "frank", "grace"):
        create_user(system, user_name=name)
    return User.objects.get(name="erin")


def found(user, kind="user", actions=managing.ACTIONS, after=""):
    """Who may do what: names with the actions and whether a second factor is needed."""
    answer = managing.find(user, kind, actions, after)
    return {
        one.row.name: {(action, grant.needs_mfa) for grant in one.grants for action in grant.actions}
        for one in answer.found
    }


def put(system, name, text):
    put_user_policy(system, user_name=name, policy_name="own", policy_document=text)


class TestWho:
    def test_an_administrator_may_do_all_of_it(self, erin, system):
        create_group(system, group_name="ops")
        answer = managing.find(erin, "user")
        assert [(one.row.name, one.is_all) for one in answer.found] == [("alice", True)]
        assert [source.policy for source in answer.found[0].grants[0].by] == ["given"]

    def test_each_operation_is_found_for_itself(self, erin, system):
        create_group(system, group_name="ops")
        for action in managing.ACTIONS:
            put(system, "frank", document(action))
            assert found(erin)["frank"] == {(action.partition(":")[2], False)}, action
            assert "frank" in found(erin, actions=(action,))
            others = tuple(each for each in managing.ACTIONS if each != action)
            assert "frank" not in found(erin, actions=others)

    def test_the_ways_are_told(self, erin, system):
        arn = create_policy(system, policy_name="desk", policy_document=document("iam:DeleteUser"))["Policy"]["Arn"]
        create_group(system, group_name="ops")
        add_user_to_group(system, group_name="ops", user_name="frank")
        attach_group_policy(system, group_name="ops", policy_arn=arn)
        attach_user_policy(system, user_name="frank", policy_arn=arn)
        put_group_policy(system, group_name="ops", policy_name="keys", policy_document=document("iam:CreateAccessKey"))
        (frank,) = (one for one in managing.find(erin, "user").found if one.row.name == "frank")
        by = {grant.actions[0]: {(source.policy, source.group) for source in grant.by} for grant in frank.grants}
        assert by == {"DeleteUser": {("desk", ""), ("desk", "ops")}, "CreateAccessKey": {("keys", "ops")}}

    def test_roles(self, erin, system):
        arn = create_policy(system, policy_name="desk", policy_document=document("iam:DeleteUser"))["Policy"]["Arn"]
        for name in ("attached", "inline", "other"):
            create_role(system, role_name=name, assume_role_policy_document=TRUST)
        attach_role_policy(system, role_name="attached", policy_arn=arn)
        text = document("iam:PutUserPolicy")
        put_role_policy(system, role_name="inline", policy_name="own", policy_document=text)
        needing = document("iam:*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
        put_role_policy(system, role_name="other", policy_name="own", policy_document=needing)
        assert found(erin, "role") == {"attached": {("DeleteUser", False)}, "inline": {("PutUserPolicy", False)}}

    @pytest.mark.parametrize(
        "resource", ["*", ERIN, f"arn:aws:iam::{ACCOUNT}:user/*", f"arn:aws:iam::{ACCOUNT}:user/er?n"]
    )
    def test_a_resource_that_is_the_user(self, erin, system, resource):
        put(system, "frank", document("iam:DeleteUser", resource=resource))
        assert "frank" in found(erin)

    @pytest.mark.parametrize(
        "text",
        [
            document("iam:DeleteUser", resource=f"arn:aws:iam::{ACCOUNT}:user/grace"),
            document("iam:DeleteUser", resource=f"arn:aws:iam::{ACCOUNT}:user/ops/*"),
            document("iam:CreateAccessKey", resource=f"arn:aws:iam::{ACCOUNT}:user/${{aws:username}}"),
            document("iam:Get*"),
            document("s3:*"),
            document("iam:*", effect="Deny"),
            document("iam:DeleteUser", Condition={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}),
        ],
    )
    def test_what_does_not_concern_the_user(self, erin, system, text):
        put(system, "frank", text)
        assert "frank" not in found(erin)

    def test_whoever_holds_what_is_about_themselves_alone_is_not_asked_about(self, erin, system):
        text = document("iam:CreateAccessKey", resource=f"arn:aws:iam::{ACCOUNT}:user/${{aws:username}}")
        for name in ("erin", "frank", "grace"):
            put(system, name, text)
        answer = managing.find(erin, "user")
        assert answer.asked == 2  # alice, and erin herself
        assert [(one.row.name, one.is_self) for one in answer.found] == [("alice", False), ("erin", True)]

    def test_variables_of_tags_are_those_of_who_asks(self, erin, system):
        for name in ("frank", "grace"):
            put(
                system,
                name,
                document("iam:DeleteUser", resource=f"arn:aws:iam::{ACCOUNT}:user/${{aws:PrincipalTag/charge}}"),
            )
        tag_user(system, user_name="frank", tags=[{"Key": "charge", "Value": "erin"}])
        assert set(found(erin)) == {"alice", "frank"}

    def test_tags_of_the_user_count(self, erin, system):
        tagged = document("iam:DeleteUser", Condition={"StringEquals": {"iam:ResourceTag/team": "blue"}})
        put(system, "frank", tagged)
        assert "frank" not in found(erin)
        tag_user(system, user_name="erin", tags=[{"Key": "team", "Value": "blue"}])
        assert "frank" in found(User.objects.get(name="erin"))

    def test_a_deny_and_a_boundary_take_it_away(self, erin, system):
        put(system, "frank", document("iam:DeleteUser"))
        put_user_policy(system, user_name="frank", policy_name="no", policy_document=document("iam:*", effect="Deny"))
        assert "frank" not in found(erin)
        put(system, "grace", document("iam:DeleteUser"))
        arn = create_policy(system, policy_name="limits", policy_document=document("s3:*"))["Policy"]["Arn"]
        put_user_permissions_boundary(system, user_name="grace", permissions_boundary=arn)
        assert "grace" not in found(erin)

    def test_a_second_factor_is_told(self, erin, system):
        put(system, "frank", document("iam:DeleteUser", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}))
        assert found(erin)["frank"] == {("DeleteUser", True)}

    def test_attaching_is_asked_about_administrator_access(self, erin, system):
        def attaching(arn):
            return document("iam:AttachUserPolicy", Condition={"ArnLike": {"iam:PolicyARN": arn}})

        put(system, "frank", attaching("arn:aws:iam::aws:policy/AdministratorAccess"))
        put(system, "grace", attaching("arn:aws:iam::aws:policy/ReadOnlyAccess"))
        assert set(found(erin)) == {"alice", "frank"}

    def test_a_group_that_the_user_is_in_is_none_to_be_added_to(self, erin, system):
        create_group(system, group_name="ops")
        text = document("iam:AddUserToGroup", resource=f"arn:aws:iam::{ACCOUNT}:group/ops")
        put(system, "frank", text)
        assert found(erin)["frank"] == {("AddUserToGroup", False)}
        add_user_to_group(system, group_name="ops", user_name="erin")
        assert "frank" not in found(erin)

    @pytest.mark.parametrize(
        "statement",
        [
            {"NotAction": "s3:GetObject", "Resource": ERIN},
            {"NotAction": "s3:GetObject", "NotResource": "arn:aws:s3:::logs"},
            {"Action": "iam:DeleteUser", "NotResource": "arn:aws:s3:::logs"},
            {"Action": "IAM:deleteuser", "Resource": ERIN},
        ],
    )
    def test_what_is_looked_through_first_leaves_nobody_out(self, erin, system, statement):
        put(system, "frank", json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}))
        assert "frank" in found(erin)

    def test_another_account_has_no_part(self, erin, stranger):
        create_user(stranger, user_name="mallory")
        put(stranger, "mallory", document("iam:*"))
        assert set(found(erin)) == {"alice"}

    def test_a_document_that_cannot_be_read_grants_nothing(self, erin):
        frank = User.objects.get(name="frank")
        UserInlinePolicy.objects.create(user=frank, name="old", name_key="old", document='{"Statement": "iam:*"')
        assert set(found(erin)) == {"alice"}


class TestBounds:
    def test_a_page_ends_when_it_is_full_and_the_next_goes_on(self, erin, system, monkeypatch):
        monkeypatch.setattr(managing, "MOST_FOUND", 2)
        for name in ("frank", "grace"):
            put(system, name, document("iam:DeleteUser"))
        first = managing.find(erin, "user")
        assert [one.row.name for one in first.found] == ["alice", "frank"]
        assert first.following == "frank"
        assert list(found(erin, after=first.following)) == ["grace"]

    @pytest.mark.parametrize("most", [1, 2, 3, 9])
    @pytest.mark.parametrize("at_once", [(1, 1), (1, 2), (2, 1), (3, 2), (1, 8), (9, 9)])
    def test_however_many_are_read_at_once_nobody_is_left_out_or_named_twice(
        self, erin, system, monkeypatch, at_once, most
    ):
        for number in range(4):
            create_user(system, user_name=f"h{number}")
            put(system, f"h{number}", document("iam:DeleteUser" if number % 2 else "iam:CreateUser"))
        monkeypatch.setattr(managing, "ASKED_AT_ONCE", at_once)
        monkeypatch.setattr(managing, "MOST_FOUND", most)
        names, after = [], ""
        for _page in range(9):
            answer = managing.find(erin, "user", after=after)
            assert len(answer.found) <= most
            assert answer.asked <= sum(at_once)
            names += [one.row.name for one in answer.found]
            after = answer.following
            if not after:
                break
        assert (names, after) == (["alice", "h1", "h3"], "")

    def test_it_is_recorded(self, administrator, erin):
        administrator.get(ADDRESS)
        assert Event.objects.filter(name="GetAccountAuthorizationDetails", outcome="allowed").count() == 1

    def test_documents_are_read_for_so_long(self, administrator, erin, system, monkeypatch):
        monkeypatch.setattr(managing, "READING_SECONDS", -1.0)
        put(system, "frank", document("iam:DeleteUser"))
        answer = managing.find(erin, "user")
        assert answer.is_cut
        assert "There are more policies than" in text_of(administrator.get(ADDRESS))

    def test_so_it_does_when_time_is_over(self, erin, system, monkeypatch):
        monkeypatch.setattr(managing, "MOST_SECONDS", -1.0)
        put(system, "frank", document("iam:DeleteUser"))
        answer = managing.find(erin, "user")
        assert (answer.asked, answer.following) == (1, "alice")

    def test_what_was_passed_over_is_said(self, administrator, erin, system, monkeypatch):
        said = "There are more policies than"
        assert said not in text_of(administrator.get(ADDRESS))
        monkeypatch.setattr(managing, "MOST_DOCUMENTS", 1)
        monkeypatch.setattr(managing, "MOST_GROUPS", 1)
        put(system, "frank", document("iam:DeleteUser"))
        for name in ("dev", "ops"):
            create_group(system, group_name=name)
        page = text_of(administrator.get(ADDRESS))
        assert "There are more policies than the 1 of each kind" in page
        assert "AddUserToGroup is asked of the first 1 groups only." in page
        assert "alice" in page.partition("Who manages this user")[2]
        assert "first 1 groups" not in text_of(administrator.get(f"{ADDRESS}?action=DeleteUser"))


class TestPage:
    def test_it_is_reached_from_the_user_s_page(self, administrator, erin):
        assert f'href="{ADDRESS}"' in html_of(administrator.get("/users/erin/"))

    def test_it_says_who_may_do_what_and_how(self, administrator, erin, system):
        create_group(system, group_name="ops")
        add_user_to_group(system, group_name="ops", user_name="frank")
        put_group_policy(system, group_name="ops", policy_name="desk", policy_document=document("iam:DeleteUser"))
        page = administrator.get(ADDRESS)
        assert "alice All of it given on alice" in text_of(page)
        assert "frank DeleteUser desk by the group ops" in text_of(page)
        assert 'href="/groups/ops/"' in html_of(page)
        only = text_of(administrator.get(f"{ADDRESS}?action=CreateAccessKey"))
        assert "alice CreateAccessKey" in only
        assert "1 of the 2 asked about on this page may do it" in only
        assert "frank" not in only

    def test_roles_lead_to_who_can_assume_them(self, administrator, erin, system):
        create_role(system, role_name="desk", assume_role_policy_document=TRUST)
        put_role_policy(system, role_name="desk", policy_name="own", policy_document=document("iam:DeleteUser"))
        page = administrator.get(f"{ADDRESS}?kind=role")
        assert 'href="/roles/desk/who-can-assume/"' in html_of(page)
        assert "DeleteUser own on desk" in text_of(page)

    def test_nobody(self, client, make_user, system):
        create_user(system, user_name="erin")
        reading = document("iam:GetUser", "iam:GetAccountAuthorizationDetails")
        sign_in(client, make_user("vera", reading), mfa=True)
        assert "No user may do it; the root user always may." in text_of(client.get(ADDRESS))
        roles = text_of(client.get(f"{ADDRESS}?kind=role"))
        assert "No role may do it." in roles
        assert "0 of the" not in roles

    def test_who_may_not_read_all_policies_is_told_what_is_missing(self, client, make_user, erin, system):
        put(system, "frank", document("iam:DeleteUser"))
        sign_in(client, make_user("vera", document("iam:GetUser", "iam:ListUsers")), mfa=True)
        page = client.get(ADDRESS)
        assert "iam:GetAccountAuthorizationDetails" in text_of(page)
        assert "frank" not in html_of(page)
        assert "alice" not in html_of(page)
        assert ADDRESS not in html_of(client.get("/users/erin/"))

    def test_who_may_not_read_the_user_does_not_see_the_page(self, client, make_user, erin):
        sign_in(client, make_user("vera", document("iam:GetAccountAuthorizationDetails")), mfa=True)
        assert client.get(ADDRESS).status_code == 403

    @pytest.mark.parametrize("query", ["kind=group", "action=GetUser", "action=iam:DeleteUser", "kind="])
    def test_another_question_is_none(self, administrator, erin, query):
        assert administrator.get(f"{ADDRESS}?{query}").status_code == 404

    def test_nobody_of_that_name(self, administrator):
        assert administrator.get("/users/nobody/managers/").status_code == 404
        assert administrator.post("/users/alice/managers/").status_code == 405

    def test_any_name_to_go_on_from(self, administrator, erin):
        for after in ("zzz", "%00", "x" * 5000, "é"):
            assert administrator.get(f"{ADDRESS}?after={after}").status_code == 200

    @pytest.mark.parametrize("kind", ["user", "role"])
    def test_it_costs_the_same_number_of_queries_at_any_size(self, administrator, account, system, erin, kind):
        arn = create_policy(system, policy_name="desk", policy_document=document("iam:DeleteUser"))["Policy"]["Arn"]
        create_group(system, group_name="ops")
        attach_group_policy(system, group_name="ops", policy_arn=arn)
        create_role(system, role_name="desk", assume_role_policy_document=TRUST)
        attach_role_policy(system, role_name="desk", policy_arn=arn)
        address = f"{reverse('access:user-managers', args=['erin'])}?kind={kind}"

        def grow(start, end):
            made = User.objects.bulk_create(
                User(account=account, name=f"u{n}", name_key=f"u{n}", unique_id=unique_id("AIDA"))
                for n in range(start, end)
            )
            group = Group.objects.get(name="ops")
            Membership.objects.bulk_create(Membership(user=user, group=group) for user in made)

        def count():
            with CaptureQueriesContext(connection) as asked:
                assert administrator.get(address).status_code == 200
            return len(asked)

        grow(0, 10)
        count()
        few = count()
        grow(10, 1000)
        assert count() == few <= 15 + RECORDED
