"""The review of a Restore tells what it does to access, as the pages do on which the same is done by hand."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.operations.attachments import (
    attach_group_policy,
    attach_role_policy,
    attach_user_policy,
    detach_group_policy,
    detach_role_policy,
    detach_user_policy,
)
from accounts.operations.boundaries import delete_user_permissions_boundary, put_user_permissions_boundary
from accounts.operations.groups import create_group
from accounts.operations.inline_policies import delete_user_policy, put_group_policy, put_user_policy
from accounts.operations.memberships import add_user_to_group, remove_user_from_group
from accounts.operations.roles import create_role, update_assume_role_policy
from accounts.operations.tags import tag_user
from accounts.operations.users import create_user
from operations.caller import Caller
from tests.accounts.test_history import SEEING, allow, place, reading, text_of
from tests.every_page import READ, TRUST, WRITE
from tests.reviews import OPEN
from tests.signing_in import sign_in

__all__ = ["reading"]  # the fixture
SENDING = allow("sqs:SendMessage")
GROUP, ROLE = "groups/builders", "roles/deploy"
NOTHING = "Nothing: every request is decided as before."


def lead(client: Client, address: str) -> str:
    """The sentence above what changes in access."""
    return str(client.get(address).context["told"].value.access.lead)


@pytest.fixture
def group(system: Caller, dora: User) -> None:
    """A group with dora in it, and one who has as much by another way."""
    create_group(system, group_name="builders")
    create_user(system, user_name="emil")
    put_user_policy(system, user_name="emil", policy_name="own", policy_document=READ)
    for name in ("dora", "emil"):
        add_user_to_group(system, group_name="builders", user_name=name)


@pytest.fixture
def role(system: Caller, dora: User) -> None:
    put_user_policy(system, user_name="dora", policy_name="own", policy_document=allow("sts:AssumeRole"))
    create_role(system, role_name="deploy", assume_role_policy_document=TRUST % "123456789012")


class TestTrust:
    def test_who_gains_and_the_findings(self, administrator: Client, system: Caller, dora: User, role: None) -> None:
        create_user(system, user_name="emil")
        update_assume_role_policy(system, role_name="deploy", policy_document=TRUST % dora.arn)
        update_assume_role_policy(system, role_name="deploy", policy_document=TRUST % User.objects.get(name="emil").arn)
        page = administrator.get(place("UpdateAssumeRolePolicy", ROLE))
        found = page.context["told"].value.trust
        assert [each.row.name for each in found.who.value.gaining] == ["dora"]
        assert "Who gains or loses the role in this account" in text_of(page)
        assert "Everybody else" in text_of(page)
        assert "Who may assume the role then" in text_of(page)

    def test_that_it_lets_anybody_in(self, administrator: Client, system: Caller, role: None) -> None:
        update_assume_role_policy(system, role_name="deploy", policy_document=OPEN)
        opened = place("UpdateAssumeRolePolicy", ROLE)
        assert "Anybody can assume this role now, and no longer then" in text_of(administrator.get(opened))
        update_assume_role_policy(system, role_name="deploy", policy_document=TRUST % "123456789012")
        page = administrator.get(place("UpdateAssumeRolePolicy", ROLE))
        assert "Then anybody can assume this role" in text_of(page)

    def test_what_the_checker_finds(self, administrator: Client, system: Caller, role: None) -> None:
        odd = OPEN.replace("}]}", ',"Condition":{"StringLike":{"aws:PrincipalArn":"*"}}}]}')
        update_assume_role_policy(system, role_name="deploy", policy_document=odd)
        update_assume_role_policy(system, role_name="deploy", policy_document=TRUST % "123456789012")
        page = administrator.get(place("UpdateAssumeRolePolicy", ROLE))
        assert page.context["told"].value.trust.review.number
        assert "Findings" in text_of(page)

    def test_whose_policies_one_may_not_read_is_not_told(
        self, client: Client, make_user: Any, system: Caller, dora: User, role: None
    ) -> None:
        update_assume_role_policy(system, role_name="deploy", policy_document=TRUST % dora.arn)
        sign_in(
            client, make_user("vera", allow("iam:GetRole", "cloudtrail:LookupEvents", "iam:UpdateAssumeRolePolicy"))
        )
        page = client.get(place("UpdateAssumeRolePolicy", ROLE))
        assert page.status_code == 200
        assert page.context["told"].value.trust.who.refusal.permission == "iam:GetAccountAuthorizationDetails"
        assert 'name="go"' in page.content.decode()


class TestPolicies:
    def test_an_attachment(self, administrator: Client, system: Caller, dora: User, reading: str) -> None:
        attach_user_policy(system, user_name="dora", policy_arn=reading)
        given = place("AttachUserPolicy")
        assert "fewer" in lead(administrator, given)
        detach_user_policy(system, user_name="dora", policy_arn=reading)
        assert "more" in lead(administrator, place("DetachUserPolicy"))
        assert "What changes in access" in text_of(administrator.get(place("DetachUserPolicy")))

    def test_what_groups_give_besides_is_counted_in(
        self, administrator: Client, system: Caller, dora: User, group: None, reading: str
    ) -> None:
        attach_user_policy(system, user_name="dora", policy_arn=reading)
        attach_group_policy(system, group_name="builders", policy_arn=reading)
        assert NOTHING in text_of(administrator.get(place("AttachUserPolicy")))
        detach_user_policy(system, user_name="dora", policy_arn=reading)
        assert NOTHING in text_of(administrator.get(place("DetachUserPolicy")))

    def test_a_roles(self, administrator: Client, system: Caller, role: None, reading: str) -> None:
        attach_role_policy(system, role_name="deploy", policy_arn=reading)
        detach_role_policy(system, role_name="deploy", policy_arn=reading)
        assert "more" in lead(administrator, place("DetachRolePolicy", ROLE))

    def test_an_inline_policy(self, administrator: Client, system: Caller, dora: User) -> None:
        put_user_policy(system, user_name="dora", policy_name="own", policy_document=READ)
        made = place("PutUserPolicy")
        assert "fewer" in lead(administrator, made)
        put_user_policy(system, user_name="dora", policy_name="own", policy_document=SENDING)
        changed = lead(administrator, place("PutUserPolicy"))
        assert "more" in changed
        assert "fewer" in changed
        delete_user_policy(system, user_name="dora", policy_name="own")
        again = lead(administrator, place("DeleteUserPolicy"))
        assert "more" in again
        assert "fewer" not in again

    def test_a_boundary(self, administrator: Client, system: Caller, dora: User, reading: str) -> None:
        put_user_policy(system, user_name="dora", policy_name="own", policy_document=WRITE)
        put_user_permissions_boundary(system, user_name="dora", permissions_boundary=reading)
        assert "more" in lead(administrator, place("PutUserPermissionsBoundary"))
        delete_user_permissions_boundary(system, user_name="dora")
        page = administrator.get(place("DeleteUserPermissionsBoundary"))
        assert "fewer" in page.context["told"].value.access.lead
        assert page.context["told"].value.overlap is not None

    def test_who_may_not_read_all_that_somebody_has_is_told_so(
        self, client: Client, make_user: Any, system: Caller, dora: User, reading: str
    ) -> None:
        attach_user_policy(system, user_name="dora", policy_arn=reading)
        may = (*SEEING, "iam:ListAttachedUserPolicies", "iam:DetachUserPolicy")
        sign_in(client, make_user("vera", allow(*may)))
        page = client.get(place("AttachUserPolicy"))
        assert page.status_code == 200
        assert page.context["told"].value is None
        assert "iam:GetPolicyVersion" in text_of(page)
        assert "s3:Get" not in page.content.decode()
        assert 'name="go"' in page.content.decode()

    def test_what_gives_nothing_tells_nothing(self, administrator: Client, system: Caller, dora: User) -> None:
        tag_user(system, user_name="dora", tags=[{"Key": "team", "Value": "red"}])
        page = administrator.get(place("TagUser"))
        assert page.context["told"] is None
        assert "What changes in access" not in text_of(page)


class TestGroups:
    def test_who_of_the_members_gains_or_loses(
        self, administrator: Client, system: Caller, group: None, reading: str
    ) -> None:
        attach_group_policy(system, group_name="builders", policy_arn=reading)
        page = administrator.get(place("AttachGroupPolicy", GROUP))
        rows = page.context["told"].value.impact.rows
        assert [(row.names, row.outcome) for row in rows] == [(["dora"], "info"), (["emil"], "neutral")]
        assert "fewer" in rows[0].said
        assert "Who gains or loses what" in text_of(page)
        detach_group_policy(system, group_name="builders", policy_arn=reading)
        rows = administrator.get(place("DetachGroupPolicy", GROUP)).context["told"].value.impact.rows
        assert [(row.names, row.outcome) for row in rows] == [(["dora"], "info"), (["emil"], "neutral")]
        assert "more" in rows[0].said

    def test_an_inline_policy(self, administrator: Client, system: Caller, group: None) -> None:
        put_group_policy(system, group_name="builders", policy_name="all", policy_document=READ)
        put_group_policy(system, group_name="builders", policy_name="all", policy_document=SENDING)
        rows = administrator.get(place("PutGroupPolicy", GROUP)).context["told"].value.impact.rows
        assert {row.names[0]: ("more" in row.said, "fewer" in row.said) for row in rows} == {
            "dora": (True, True),
            "emil": (False, True),
        }

    def test_a_membership_from_both_sides(
        self, administrator: Client, system: Caller, group: None, reading: str
    ) -> None:
        attach_group_policy(system, group_name="builders", policy_arn=reading)
        remove_user_from_group(system, group_name="builders", user_name="dora")
        for address in (place("RemoveUserFromGroup", GROUP), place("RemoveUserFromGroup")):
            (members,) = administrator.get(address).context["told"].value.impact.rows
            assert members.names == ["dora"]
            assert "more" in members.said

    def test_whose_policies_one_may_not_read_is_not_told(
        self, client: Client, make_user: Any, system: Caller, group: None, reading: str
    ) -> None:
        attach_group_policy(system, group_name="builders", policy_arn=reading)
        may = ("iam:GetGroup", "cloudtrail:LookupEvents", "iam:ListAttachedGroupPolicies", "iam:DetachGroupPolicy")
        sign_in(client, make_user("vera", allow(*may)))
        page = client.get(place("AttachGroupPolicy", GROUP))
        assert page.status_code == 200
        assert page.context["told"].refusal.permission == "iam:GetPolicyVersion"
        assert "emil" not in page.content.decode().partition("What changes now")[2]
        sign_in(client, make_user("wanda", allow(*may, "iam:GetPolicyVersion")))
        (members,) = client.get(place("AttachGroupPolicy", GROUP)).context["told"].value.impact.rows
        assert members.is_open, "what the members have besides is not told"


class TestQueries:
    @pytest.mark.parametrize("what", ["trust", "attachment", "inline", "boundary", "group", "membership", "joining"])
    def test_each_review_takes_fifteen_at_most(
        self, administrator: Client, system: Caller, dora: User, group: None, role: None, reading: str, what: str
    ) -> None:
        if what == "trust":
            update_assume_role_policy(system, role_name="deploy", policy_document=TRUST % dora.arn)
            update_assume_role_policy(system, role_name="deploy", policy_document=TRUST % "123456789012")
            name, kind = "UpdateAssumeRolePolicy", ROLE
        elif what == "attachment":
            attach_user_policy(system, user_name="dora", policy_arn=reading)
            detach_user_policy(system, user_name="dora", policy_arn=reading)
            name, kind = "DetachUserPolicy", "users/dora"
        elif what == "inline":
            put_user_policy(system, user_name="dora", policy_name="more", policy_document=READ)
            name, kind = "PutUserPolicy", "users/dora"
        elif what == "boundary":
            put_user_permissions_boundary(system, user_name="dora", permissions_boundary=reading)
            delete_user_permissions_boundary(system, user_name="dora")
            name, kind = "DeleteUserPermissionsBoundary", "users/dora"
        elif what == "group":
            attach_group_policy(system, group_name="builders", policy_arn=reading)
            detach_group_policy(system, group_name="builders", policy_arn=reading)
            name, kind = "DetachGroupPolicy", GROUP
        else:
            remove_user_from_group(system, group_name="builders", user_name="dora")
            name, kind = "RemoveUserFromGroup", GROUP if what == "membership" else "users/dora"
        address = place(name, kind)
        assert administrator.get(address).context["told"] is not None
        with CaptureQueriesContext(connection) as asked:
            administrator.get(address)
        assert len(asked) <= 15, [each["sql"][:200] for each in asked]
