"""What attaching policies and moving members does to access is told before it is done, and to how many people."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Group, Membership, User
from accounts.operations.attachments import attach_group_policy, attach_user_policy
from accounts.operations.boundaries import put_user_permissions_boundary
from accounts.operations.groups import create_group
from accounts.operations.inline_policies import put_group_policy, put_user_policy
from accounts.operations.memberships import add_user_to_group
from accounts.operations.roles import create_role
from operations.caller import Caller
from policies.operations.managed_policies import create_policy
from tests.accounts.browser import text_of
from tests.conftest import ADMINISTRATOR
from tests.every_page import TRUST
from tests.signing_in import sign_in


def allowing(*actions: str) -> str:
    listed = ",".join(f'"{action}"' for action in actions)
    return f'{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":[{listed}],"Resource":"*"}}]}}'


@pytest.fixture
def arns(system: Caller) -> dict[str, str]:
    documents = {"reading": allowing("s3:GetObject"), "writing": allowing("s3:PutObject"), "queues": allowing("sqs:*")}
    return {
        name: create_policy(system, policy_name=name, policy_document=document)["Policy"]["Arn"]
        for name, document in documents.items()
    }


@pytest.fixture
def dora(make_user: Any, system: Caller) -> User:
    user: User = make_user("dora")
    create_group(system, group_name="ops")
    add_user_to_group(system, group_name="ops", user_name="dora")
    return user


@pytest.fixture
def signed_in(client: Client, make_user: Any) -> Client:
    sign_in(client, make_user("sam", ADMINISTRATOR), mfa=True)
    return client


ATTACH = "/users/dora/attach/"


class TestAttaching:
    def test_nothing_is_attached_before_what_it_adds_was_shown(
        self, signed_in: Client, dora: User, arns: dict[str, str]
    ) -> None:
        page = text_of(signed_in.post(ATTACH, {"policy_arn": [arns["reading"], arns["writing"]]}))
        assert "Attach 2 policies to dora?" in page
        assert "reading 1 more action" in page
        assert "Amazon S3 Now allowed Read: GetObject" in page
        assert not dora.attachments.exists()
        signed_in.post(ATTACH, {"policy_arn": [arns["reading"], arns["writing"]], "attach": "1"})
        assert dora.attachments.count() == 2

    def test_a_deny_takes_nothing_that_was_not_allowed(
        self, signed_in: Client, dora: User, system: Caller, crew: Group
    ) -> None:
        """No decision moves by it, so no action counts as lost; of a group another policy may allow what it takes."""
        allow = json.loads(allowing("sqs:*"))["Statement"][0]
        deny = {**allow, "Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
        both, alone = (json.dumps({"Version": "2012-10-17", "Statement": said}) for said in ([allow, deny], [deny]))
        made = [
            create_policy(system, policy_name=name, policy_document=text)["Policy"]["Arn"]
            for name, text in (("guarded", both), ("guard", alone))
        ]
        page = text_of(signed_in.post(ATTACH, {"policy_arn": made[0]}))
        assert "more actions" in page
        assert "fewer action" not in page
        assert "Denied, not allowed by these policies before" in page
        page = text_of(signed_in.post(ATTACH, {"policy_arn": made[1]}))
        assert "only a Deny of what these policies do not allow" in page
        for action in ("sts:AssumeRole", "iam:ChangePassword"):
            text = allowing(action).replace("Allow", "Deny")
            other = create_policy(system, policy_name=action[4:], policy_document=text)["Policy"]["Arn"]
            page = text_of(signed_in.post(ATTACH, {"policy_arn": other}))
            assert "1 fewer action" in page, "a trust policy or the password policy may allow it"
        page = text_of(signed_in.post("/groups/crew/attach/", {"policy_arn": made[1]}))
        assert "fewer actions" in page
        assert "Access stays the same for 3 users" in page

    def test_how_many_are_attached_then_and_what_they_add_together(
        self, client: Client, signed_in: Client, dora: User, arns: dict[str, str], system: Caller, make_user: Any
    ) -> None:
        attach_user_policy(system, user_name="dora", policy_arn=arns["queues"])
        chosen = {"policy_arn": [arns["reading"], arns["writing"]]}
        page = text_of(signed_in.post(ATTACH, chosen))
        assert "Afterwards, 3 of 10 policies are attached." in page
        assert "Together 2 more actions" in page
        one = text_of(signed_in.post(ATTACH, {"policy_arn": [arns["reading"]]}))
        assert "Afterwards, 2 of 10 policies are attached." in one
        assert "Together" not in one
        sign_in(
            client, make_user("vera", allowing("iam:AttachUserPolicy", "iam:GetUser", "iam:ListPolicies")), mfa=True
        )
        blind = text_of(client.post(ATTACH, chosen))
        assert "Attach 2 policies to dora?" in blind
        assert "Afterwards" not in blind

    def test_what_is_covered_already_is_said_by_way(
        self, signed_in: Client, dora: User, arns: dict[str, str], system: Caller
    ) -> None:
        attach_group_policy(system, group_name="ops", policy_arn=arns["reading"])
        put_user_policy(system, user_name="dora", policy_name="own", policy_document=allowing("s3:Put*"))
        page = text_of(signed_in.post(ATTACH, {"policy_arn": [arns["reading"], arns["writing"]]}))
        assert "reading Already covered: through group ops" in page
        assert "writing Already covered: other policies say the same" in page
        assert "Nothing: every request is decided as before." in page

    def test_what_the_boundary_leaves_out_is_no_gain(
        self, signed_in: Client, dora: User, arns: dict[str, str], system: Caller
    ) -> None:
        put_user_permissions_boundary(system, user_name="dora", permissions_boundary=arns["queues"])
        page = text_of(signed_in.post(ATTACH, {"policy_arn": arns["reading"]}))
        assert "Nothing: other policies say the same, or the boundary leaves it out" in page

    def test_to_a_role(self, signed_in: Client, arns: dict[str, str], system: Caller, account: Any) -> None:
        create_role(system, role_name="deploy", assume_role_policy_document=TRUST % f"arn:aws:iam::{account.pk}:root")
        page = text_of(signed_in.post("/roles/deploy/attach/", {"policy_arn": arns["queues"]}))
        assert "Attach 1 policy to deploy?" in page
        assert "Amazon SQS" in page

    def test_who_may_not_read_what_is_held_attaches_all_the_same(
        self, client: Client, make_user: Any, dora: User, arns: dict[str, str]
    ) -> None:
        sign_in(client, make_user("giver", allowing("iam:GetUser", "iam:AttachUserPolicy", "iam:ListPolicies")))
        page = text_of(client.post(ATTACH, {"policy_arn": arns["reading"]}))
        assert "iam:ListAttachedUserPolicies" in page
        assert "GetObject" not in page
        assert "reading Not told" in page
        client.post(ATTACH, {"policy_arn": arns["reading"], "attach": "1"})
        assert dora.attachments.count() == 1

    def test_who_may_not_attach_that_policy_is_refused_on_the_form(
        self, client: Client, make_user: Any, dora: User, arns: dict[str, str]
    ) -> None:
        only = allowing("iam:AttachUserPolicy").replace(
            '"Resource":"*"', f'"Resource":"*","Condition":{{"ArnEquals":{{"iam:PolicyARN":"{arns["reading"]}"}}}}'
        )
        rights = allowing("iam:GetUser", "iam:ListPolicies")
        user = make_user("giver", rights)
        put_user_policy_of(user, only)
        sign_in(client, user)
        assert client.post(ATTACH, {"policy_arn": arns["reading"]}).status_code == 200
        assert client.post(ATTACH, {"policy_arn": arns["writing"]}).status_code == 403

    def test_one_that_is_not_there_is_said_on_the_form(
        self, signed_in: Client, dora: User, arns: dict[str, str]
    ) -> None:
        gone = arns["reading"].replace("reading", "gone")
        assert "does not exist or is not attachable" in text_of(signed_in.post(ATTACH, {"policy_arn": gone}))

    def test_it_costs_the_same_for_many_policies(
        self, signed_in: Client, dora: User, system: Caller, django_assert_max_num_queries: Any
    ) -> None:
        many = [
            create_policy(system, policy_name=f"p{n}", policy_document=allowing("s3:GetObject"))["Policy"]["Arn"]
            for n in range(8)
        ]
        with django_assert_max_num_queries(60):
            signed_in.post(ATTACH, {"policy_arn": many})


def put_user_policy_of(user: User, document: str) -> None:
    user.inline_policies.create(name="more", name_key="more", document=document)


class TestSearchingByWhatIsNeeded:
    def offered(self, client: Client, text: str) -> list[str]:
        page = client.get(reverse("pages:pick", args=["policies"]), {"name": "policy_arn", "policy_arn-q": text})
        return [each.label for each in page.context["picking"].offered]

    def test_an_action_finds_the_policies_that_allow_it(self, signed_in: Client, arns: dict[str, str]) -> None:
        assert self.offered(signed_in, "s3:PutObject") == ["writing"]
        assert self.offered(signed_in, "S3:*object") == ["reading", "writing"]
        assert self.offered(signed_in, "sqs:SendMessage que") == ["queues"]

    def test_names_find_as_before(self, signed_in: Client, arns: dict[str, str]) -> None:
        assert self.offered(signed_in, "writ") == ["writing"]
        assert self.offered(signed_in, "*") == []

    def test_a_row_is_looked_at_beside_the_form(self, signed_in: Client, arns: dict[str, str]) -> None:
        address = reverse("policies:look", args=[arns["queues"]])
        assert (
            address in signed_in.get(reverse("pages:pick", args=["policies"]), {"name": "policy_arn"}).content.decode()
        )
        assert "Amazon SQS" in text_of(signed_in.get(address, headers={"HX-Request": "true"}))
        assert signed_in.get(address).url == reverse("policies:policy", args=[arns["queues"]])


@pytest.fixture
def crew(system: Caller, make_user: Any, arns: dict[str, str]) -> Group:
    """A group of three: one has nothing else, one reads by himself, one is held within queues."""
    create_group(system, group_name="crew")
    attach_group_policy(system, group_name="crew", policy_arn=arns["writing"])
    for name in ("ann", "bob", "cid"):
        make_user(name)
        add_user_to_group(system, group_name="crew", user_name=name)
    attach_user_policy(system, user_name="bob", policy_arn=arns["reading"])
    put_user_permissions_boundary(system, user_name="cid", permissions_boundary=arns["queues"])
    return Group.objects.get(name="crew")


class TestGroups:
    def test_attaching_says_who_gains(self, signed_in: Client, crew: Group, arns: dict[str, str]) -> None:
        page = text_of(signed_in.post("/groups/crew/attach/", {"policy_arn": arns["reading"]}))
        assert "Access changes for 1 user, for 2 it stays" in page
        assert "1 more action 1 ann" in page
        assert "or the boundary leaves it out 2 bob, cid" in page
        assert "What the group's policies give or take by themselves 1 more action" in page

    def test_detaching_says_who_loses(self, signed_in: Client, crew: Group, arns: dict[str, str]) -> None:
        page = text_of(signed_in.get("/groups/crew/detach/", {"policy_arn": arns["writing"]}))
        assert "Access changes for 2 users, for 1 it stays" in page
        assert "1 fewer action 2 ann, bob" in page

    def test_deleting_an_inline_policy_says_who_loses(self, signed_in: Client, crew: Group, system: Caller) -> None:
        put_group_policy(system, group_name="crew", policy_name="own", policy_document=allowing("sqs:SendMessage"))
        page = text_of(signed_in.get("/groups/crew/inline-delete/", {"policy_name": "own"}))
        assert "Access changes for 3 users" in page

    def test_adding_and_removing_members(self, signed_in: Client, crew: Group, make_user: Any) -> None:
        new = [make_user(name) for name in ("eve", "fay")]
        put_user_policy_of(new[0], allowing("s3:*"))
        asked = {"select": [str(user.pk) for user in new], "state": "?"}
        page = text_of(signed_in.post("/groups/crew/add-users/", asked))
        assert "Access changes for 1 user, for 1 it stays" in page
        assert "1 more action 1 fay" in page
        gone = {"select": [str(User.objects.get(name="ann").pk)], "state": "?"}
        page = text_of(signed_in.post(reverse("accounts:group-remove-users", args=["crew"]), gone))
        assert "1 fewer action 1 ann" in page

    def test_who_may_not_read_everybodys_policies_is_told_so(
        self, client: Client, make_user: Any, crew: Group, arns: dict[str, str]
    ) -> None:
        rights = ("iam:GetGroup", "iam:DetachGroupPolicy", "iam:ListAttachedGroupPolicies", "iam:GetPolicyVersion")
        sign_in(client, make_user("giver", allowing(*rights)))
        page = text_of(client.get("/groups/crew/detach/", {"policy_arn": arns["writing"]}))
        assert "Access changes for 3 users, unless another policy says the same" in page
        assert "All of it, unless another policy says the same 3 ann, bob, cid" in page

    def test_it_costs_the_same_for_many_members(
        self, signed_in: Client, crew: Group, arns: dict[str, str], make_user: Any, django_assert_max_num_queries: Any
    ) -> None:
        for n in range(30):
            crew.members.add(make_user(f"user{n}"))
        with django_assert_max_num_queries(60):
            signed_in.post("/groups/crew/attach/", {"policy_arn": arns["reading"]})


class TestJoiningFromTheUsersPage:
    PAGE = "/users/dora/groups/"

    @pytest.fixture
    def groups(self, system: Caller, arns: dict[str, str], dora: User) -> None:
        for name, arn in (("readers", arns["reading"]), ("writers", arns["writing"]), ("more", arns["reading"])):
            create_group(system, group_name=name)
            attach_group_policy(system, group_name=name, policy_arn=arn)
        attach_user_policy(system, user_name="dora", policy_arn=arns["reading"])

    def test_nothing_is_joined_before_what_it_adds_was_shown(self, signed_in: Client, dora: User, groups: None) -> None:
        asked = {"groups": ["readers", "writers"]}
        page = text_of(signed_in.post(self.PAGE, asked | {"review": "1"}))
        assert "Add dora to 2 groups?" in page
        assert "readers Already covered: other policies say the same" in page
        assert "writers 1 more action" in page
        assert "Amazon S3 Now allowed Write: PutObject" in page
        assert dora.groups.count() == 1
        signed_in.post(self.PAGE, asked | {"join": "1"})
        assert set(dora.groups.values_list("name", flat=True)) == {"ops", "readers", "writers"}

    def test_the_choice_can_be_changed(self, signed_in: Client, dora: User, groups: None) -> None:
        page = signed_in.post(self.PAGE, {"groups": ["readers"], "review": "1"}).content.decode()
        assert 'href="/users/dora/groups/?group=readers#join"' in page

    def test_what_the_boundary_leaves_out_is_no_gain(
        self, signed_in: Client, dora: User, groups: None, arns: dict[str, str], system: Caller
    ) -> None:
        put_user_permissions_boundary(system, user_name="dora", permissions_boundary=arns["queues"])
        page = text_of(signed_in.post(self.PAGE, {"groups": ["writers"], "review": "1"}))
        assert "writers Nothing: other policies say the same, or the boundary leaves it out" in page

    def test_who_may_not_read_the_groups_policies_is_told_nothing_of_them(
        self, client: Client, make_user: Any, dora: User, groups: None
    ) -> None:
        reads = ("iam:GetUser", "iam:ListAttachedUserPolicies", "iam:GetPolicyVersion", "iam:ListGroups")
        sign_in(client, make_user("giver", allowing(*reads, "iam:AddUserToGroup")))
        page = text_of(client.post(self.PAGE, {"groups": ["writers"], "review": "1"}))
        assert "writers Not told" in page
        assert "PutObject" not in page
        client.post(self.PAGE, {"groups": ["writers"], "join": "1"})
        assert dora.groups.filter(name="writers").exists()

    def test_who_may_not_read_the_users_policies_is_told_why(
        self, client: Client, make_user: Any, dora: User, groups: None
    ) -> None:
        sign_in(client, make_user("giver", allowing("iam:GetUser", "iam:AddUserToGroup", "iam:ListGroups")))
        page = text_of(client.post(self.PAGE, {"groups": ["writers"], "review": "1"}))
        assert "writers Not told" in page
        assert "iam:ListAttachedUserPolicies" in page
        assert "PutObject" not in page

    def test_a_group_that_may_not_be_joined_or_is_not_there_stands_on_the_form(
        self, client: Client, make_user: Any, dora: User, groups: None, account: Any
    ) -> None:
        one = allowing("iam:AddUserToGroup").replace('"*"', f'"arn:aws:iam::{account.pk}:group/readers"')
        user = make_user("giver", allowing("iam:GetUser", "iam:ListGroups"))
        put_user_policy_of(user, one)
        sign_in(client, user)
        assert client.post(self.PAGE, {"groups": ["readers"], "review": "1"}).status_code == 200
        answer = client.post(self.PAGE, {"groups": ["writers"], "review": "1"})
        assert answer.status_code == 403
        assert 'value="writers"' in answer.content.decode()

    def test_one_that_is_not_there(self, signed_in: Client, dora: User) -> None:
        page = text_of(signed_in.post(self.PAGE, {"groups": ["gone"], "review": "1"}))
        assert "The group with name gone cannot be found." in page

    def test_it_costs_the_same_for_many_groups(self, signed_in: Client, dora: User, system: Caller) -> None:
        def count(names: list[str]) -> int:
            with CaptureQueriesContext(connection) as asked:
                assert "What it adds" in text_of(signed_in.post(self.PAGE, {"groups": names, "review": "1"}))
            return len(asked)

        names = [f"g{n}" for n in range(8)]
        for name in names:
            create_group(system, group_name=name)
            put_group_policy(system, group_name=name, policy_name="own", policy_document=allowing(f"sqs:{name}"))
        count(names[:1])
        assert count(names) == count(names[:1])


class TestDeletingGroups:
    @pytest.fixture
    def others(self, system: Caller, crew: Group, arns: dict[str, str]) -> list[int]:
        """Two more groups: one says the same as crew and has ann, one has nobody."""
        for name in ("twin", "empty"):
            create_group(system, group_name=name)
            attach_group_policy(system, group_name=name, policy_arn=arns["writing"])
        add_user_to_group(system, group_name="twin", user_name="ann")
        return [Group.objects.get(name=name).pk for name in ("crew", "twin", "empty")]

    def test_who_loses_what_is_told_of_one(self, signed_in: Client, others: list[int]) -> None:
        page = text_of(signed_in.get("/groups/crew/delete/"))
        assert "Access changes for 1 user, for 2 it stays" in page
        assert "1 fewer action 1 bob" in page
        assert "Who gains or loses what" not in text_of(signed_in.get("/groups/empty/delete/"))

    def test_groups_that_go_together_are_looked_at_together(self, signed_in: Client, others: list[int]) -> None:
        address = reverse("accounts:groups-delete")
        page = text_of(signed_in.post(address, {"select": others[:1]}))
        assert "Access changes for 1 user, for 2 it stays" in page
        page = text_of(signed_in.post(address, {"select": others}))
        assert "Access changes for 2 users, for 1 it stays" in page
        assert "1 fewer action 2 ann, bob" in page
        assert Group.objects.filter(pk__in=others).count() == 3

    def test_one_that_stays_is_left_out_of_it(
        self, client: Client, make_user: Any, others: list[int], account: Any
    ) -> None:
        reads = ("iam:ListGroups", "iam:GetGroup", "iam:ListAttachedGroupPolicies", "iam:GetPolicyVersion")
        rights = ("iam:RemoveUserFromGroup", "iam:DetachGroupPolicy", "iam:GetAccountAuthorizationDetails")
        user = make_user("remover", allowing(*reads, *rights))
        put_user_policy_of(user, allowing("iam:DeleteGroup").replace('"*"', f'"arn:aws:iam::{account.pk}:group/twin"'))
        sign_in(client, user, mfa=True)
        page = text_of(client.post(reverse("accounts:groups-delete"), {"select": others}))
        assert "Access stays the same for 1 user" in page  # ann keeps what crew says
        assert "bob" not in page

    @pytest.mark.parametrize("missing", ["iam:GetGroup", "iam:ListAttachedGroupPolicies", "iam:GetPolicyVersion"])
    def test_who_may_not_know_members_or_policies_is_told_neither(
        self, client: Client, make_user: Any, others: list[int], missing: str
    ) -> None:
        rights = {"iam:ListGroups", "iam:GetGroup", "iam:ListAttachedGroupPolicies", "iam:GetPolicyVersion"}
        rights |= {"iam:RemoveUserFromGroup", "iam:DetachGroupPolicy", "iam:DeleteGroup"}
        rights |= {"iam:GetAccountAuthorizationDetails"}
        sign_in(client, make_user("remover", allowing(*(rights - {missing}))), mfa=True)
        page = text_of(client.post(reverse("accounts:groups-delete"), {"select": others}))
        assert "Delete 3 groups" in page
        assert "Who gains or loses what" not in page
        assert "bob" not in page

    def test_the_review_costs_the_same_at_any_size(
        self, signed_in: Client, others: list[int], make_user: Any, system: Caller
    ) -> None:
        def count(pks: list[int]) -> int:
            with CaptureQueriesContext(connection) as asked:
                signed_in.post(reverse("accounts:groups-delete"), {"select": pks})
            return len(asked)

        count(others)
        few = count(others)
        many = Group.objects.bulk_create(
            Group(account_id=system.account_id, name=f"g{n}", name_key=f"g{n}", unique_id=f"AGPA{n}") for n in range(90)
        )
        users = [make_user(f"user{n}") for n in range(30)]
        Membership.objects.bulk_create(Membership(user=user, group=group) for user in users for group in many[:10])
        assert count([*others, *(group.pk for group in many)]) == few <= 20
