"""The review before what one change found is brought back: what it shows, and to whom it is offered."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AccessKey, User
from accounts.operations.access_keys import create_access_key, delete_access_key, update_access_key
from accounts.operations.access_keys import update_access_key_details as update_details
from accounts.operations.attachments import attach_user_policy, detach_user_policy
from accounts.operations.boundaries import delete_user_permissions_boundary, put_user_permissions_boundary
from accounts.operations.groups import create_group, delete_group
from accounts.operations.inline_policies import delete_user_policy, put_user_policy
from accounts.operations.login_profiles import create_login_profile, delete_login_profile, update_login_profile
from accounts.operations.memberships import add_user_to_group, remove_user_from_group
from accounts.operations.tags import tag_user, untag_user
from accounts.operations.users import create_user, delete_user, update_user
from operations.caller import Caller
from operations.clock import now
from operations.errors import AccessDenied
from operations.models import Event
from policies.operations.managed_policies import delete_policy
from tests.accounts.test_history import HISTORY, PASSWORD, SEEING, allow, place, reading, restore, text_of, user
from tests.every_page import READ, WRITE
from tests.signing_in import sign_in

__all__ = ["reading"]  # the fixture


class TestReviewed:
    def test_it_shows_what_would_change_now_and_what_changed_since(
        self, administrator: Client, system: Caller, dora: User, reading: str
    ) -> None:
        put_user_policy(system, user_name="dora", policy_name="own", policy_document=READ)
        put_user_policy(system, user_name="dora", policy_name="own", policy_document=WRITE)
        address = place("PutUserPolicy")
        assert "Changed since then" not in text_of(administrator.get(address))
        attach_user_policy(system, user_name="dora", policy_arn=reading)
        delete_user_policy(system, user_name="dora", policy_name="own")
        page = administrator.get(address)
        assert "Changed since then" in text_of(page)
        assert [event.name for event in page.context["since"]] == ["DeleteUserPolicy"]
        assert (page.context["plan"].now, page.context["plan"].wanted) == (
            {"Inline policy own": None},
            {"Inline policy own": READ},
        )
        assert not user().inline_policies.exists()

    def test_what_is_so_already_has_no_button(self, administrator: Client, system: Caller, dora: User) -> None:
        tag_user(system, user_name="dora", tags=[{"Key": "team", "Value": "red"}])
        untag_user(system, user_name="dora", tag_keys=["team"])
        address = place("TagUser")
        page = administrator.get(address)
        assert "there is nothing to restore" in text_of(page)
        assert 'name="go"' not in page.content.decode()
        before = Event.objects.filter(read_only=False).count()
        administrator.post(address, {"go": "1"})
        assert Event.objects.filter(read_only=False).count() == before

    def test_what_was_changed_while_the_page_was_open_is_told_and_nothing_is_done(
        self, administrator: Client, system: Caller, dora: User
    ) -> None:
        put_user_policy(system, user_name="dora", policy_name="own", policy_document=READ)
        put_user_policy(system, user_name="dora", policy_name="own", policy_document=WRITE)
        address = place("PutUserPolicy")
        seen = administrator.get(address).context["plan"].seen
        other = READ.replace("s3", "sqs")
        put_user_policy(system, user_name="dora", policy_name="own", policy_document=other)
        page = administrator.post(address, {"seen": seen, "go": "1"})
        assert page.status_code == 409
        assert "It was changed while this page was open" in text_of(page)
        assert user().inline_policies.get().document == other
        administrator.post(address, {"seen": page.context["plan"].seen, "go": "1"})
        assert user().inline_policies.get().document == READ

    @pytest.mark.parametrize("what", ["policy", "boundary", "group", "key", "expiry"])
    def test_what_is_gone_is_told_instead_of_a_button(
        self, administrator: Client, system: Caller, dora: User, reading: str, what: str, settings: Any
    ) -> None:
        said = "was deleted meanwhile, or bears another name"
        if what == "policy":
            attach_user_policy(system, user_name="dora", policy_arn=reading)
            detach_user_policy(system, user_name="dora", policy_arn=reading)
            delete_policy(system, policy_arn=reading)
            address, said = place("DetachUserPolicy"), "The policy reading has been deleted."
        elif what == "boundary":
            put_user_permissions_boundary(system, user_name="dora", permissions_boundary=reading)
            delete_user_permissions_boundary(system, user_name="dora")
            delete_policy(system, policy_arn=reading)
            address, said = place("DeleteUserPermissionsBoundary"), "The policy reading has been deleted."
        elif what == "group":
            create_group(system, group_name="builders")
            add_user_to_group(system, group_name="builders", user_name="dora")
            remove_user_from_group(system, group_name="builders", user_name="dora")
            delete_group(system, group_name="builders")
            address = place("RemoveUserFromGroup")
        else:
            key = create_access_key(system, user_name="dora")["AccessKey"]["AccessKeyId"]
            if what == "key":
                update_access_key(system, user_name="dora", access_key_id=key, status="Inactive")
                delete_access_key(system, user_name="dora", access_key_id=key)
                address = place("UpdateAccessKey")
            else:
                AccessKey.objects.update(expires_at=now() - timedelta(days=1))
                update_details(system, user_name="dora", access_key_id=key, description="x")
                address, said = place("UpdateAccessKeyDetails"), "The expiry date that the key had is over."
        page = administrator.get(address)
        assert said in text_of(page)
        assert 'name="go"' not in page.content.decode()
        before = Event.objects.filter(read_only=False).count()
        administrator.post(address, {"go": "1"})
        assert Event.objects.filter(read_only=False).count() == before

    def test_secrets_and_the_like_are_told_why_not(self, administrator: Client, system: Caller, dora: User) -> None:
        key = create_access_key(system, user_name="dora")["AccessKey"]["AccessKeyId"]
        delete_access_key(system, user_name="dora", access_key_id=key)
        create_login_profile(system, user_name="dora", password=PASSWORD)
        update_login_profile(system, user_name="dora", password=PASSWORD + "9")
        delete_login_profile(system, user_name="dora")
        text = text_of(administrator.get(HISTORY))
        assert "Restore…" not in text
        assert text.count("Passwords are not recorded") == 2
        assert text.count("The secret is not recorded") == 1
        assert text.count("What was created is taken back by deleting it") == 1
        page = administrator.get(place("DeleteAccessKey"))
        assert "This cannot be brought back" in text_of(page)
        assert 'name="go"' not in page.content.decode()

    def test_a_change_of_somebody_else_or_one_that_failed_is_not_found(
        self, administrator: Client, system: Caller, dora: User, make_user: Any, caller_of: Any
    ) -> None:
        create_user(system, user_name="emil")
        tag_user(system, user_name="emil", tags=[{"Key": "team", "Value": "red"}])
        assert administrator.get(place("TagUser")).status_code == 404
        assert administrator.post(place("TagUser"), {"go": "1"}).status_code == 404
        with pytest.raises(AccessDenied):
            tag_user(caller_of(make_user("nobody")), user_name="dora", tags=[{"Key": "team", "Value": "red"}])
        denied = Event.objects.get(name="TagUser", error_code="AccessDenied").event_id
        assert administrator.get(f"{HISTORY}restore/{denied}/").status_code == 404
        assert administrator.get(f"{HISTORY}restore/00000000-0000-4000-8000-000000000000/").status_code == 404

    def test_a_namesake_has_nothing_to_do_with_it(self, administrator: Client, system: Caller, dora: User) -> None:
        tag_user(system, user_name="dora", tags=[{"Key": "team", "Value": "red"}])
        address = place("TagUser")
        untag_user(system, user_name="dora", tag_keys=["team"])
        delete_user(system, user_name="dora")
        create_user(system, user_name="dora")
        assert administrator.get(address).status_code == 404

    def test_what_the_operation_refuses_is_told_and_nothing_is_done(
        self, administrator: Client, system: Caller, dora: User
    ) -> None:
        update_user(system, user_name="dora", new_user_name="doris")
        create_user(system, user_name="dora")
        address = place("UpdateUser", "users/doris")
        page = administrator.post(address, {"seen": administrator.get(address).context["plan"].seen, "go": "1"})
        assert "already exists" in text_of(page)
        assert User.objects.filter(name="doris").exists()

    def test_queries(self, administrator: Client, system: Caller, dora: User, reading: str) -> None:
        attach_user_policy(system, user_name="dora", policy_arn=reading)
        detach_user_policy(system, user_name="dora", policy_arn=reading)
        attach_user_policy(system, user_name="dora", policy_arn=reading)
        address = place("DetachUserPolicy")
        administrator.get(address)
        with CaptureQueriesContext(connection) as asked:
            administrator.get(address)
        assert len(asked) <= 15


class TestPermitted:
    @pytest.fixture
    def detached(self, system: Caller, dora: User, reading: str) -> str:
        attach_user_policy(system, user_name="dora", policy_arn=reading)
        detach_user_policy(system, user_name="dora", policy_arn=reading)
        return place("DetachUserPolicy")

    def test_who_may_not_is_told_in_the_list_and_refused(self, client: Client, make_user: Any, detached: str) -> None:
        sign_in(client, make_user("vera", allow(*SEEING, "iam:ListAttachedUserPolicies", "iam:DetachUserPolicy")))
        text = text_of(client.get(HISTORY))
        assert "You are not permitted to do this: iam:AttachUserPolicy" in text
        assert text.count("Restore…") == 1, "what was attached may be detached"
        for answer in (client.get(detached), client.post(detached, {"go": "1"})):
            assert answer.status_code == 403
            assert "iam:AttachUserPolicy" in text_of(answer)
        assert not user().attachments.exists()

    def test_who_may_not_see_what_is_now_is_refused(self, client: Client, make_user: Any, detached: str) -> None:
        sign_in(client, make_user("vera", allow(*SEEING, "iam:AttachUserPolicy")))
        answer = client.get(detached)
        assert answer.status_code == 403
        assert "iam:ListAttachedUserPolicies" in text_of(answer)

    def test_who_may_not_read_the_trail_is_refused(self, client: Client, make_user: Any, detached: str) -> None:
        sign_in(client, make_user("vera", allow("iam:*")))
        assert client.get(detached).status_code == 403
        assert client.post(detached, {"go": "1"}).status_code == 403
        assert not user().attachments.exists()

    def test_a_deny_for_this_policy_holds_when_it_is_done(
        self, client: Client, make_user: Any, detached: str, reading: str
    ) -> None:
        document = json.loads(allow("iam:*", "cloudtrail:LookupEvents"))
        denied = {"Effect": "Deny", "Action": "iam:AttachUserPolicy", "Resource": "*"}
        document["Statement"].append({**denied, "Condition": {"ArnEquals": {"iam:PolicyARN": reading}}})
        sign_in(client, make_user("vera", json.dumps(document)))
        assert client.post(detached, {"go": "1"}).status_code == 403
        assert not user().attachments.exists()

    def test_who_may_do_it_to_others_alone_is_offered_nothing_and_refused(
        self, client: Client, make_user: Any, detached: str, reading: str
    ) -> None:
        others = {
            "Effect": "Allow",
            "Action": "iam:AttachUserPolicy",
            "Resource": "arn:aws:iam::123456789012:user/emil",
        }
        policies = {"Effect": "Allow", "Action": "iam:AttachUserPolicy", "Resource": "*"}
        policies |= {"Condition": {"ArnEquals": {"iam:PolicyARN": reading.replace("reading", "other")}}}
        for name, statement in (("vera", others), ("wanda", policies)):
            document = json.loads(allow(*SEEING, "iam:ListAttachedUserPolicies"))
            document["Statement"].append(statement)
            sign_in(client, make_user(name, json.dumps(document)))
            text = text_of(client.get(HISTORY))
            assert "Restore…" not in text
            assert "You are not permitted to do this: iam:AttachUserPolicy" in text
            for answer in (client.get(detached), client.post(detached, {"go": "1"})):
                assert answer.status_code == 403
                assert "iam:AttachUserPolicy" in text_of(answer)
        assert not user().attachments.exists()

    def test_who_may_do_just_this_may_do_it(self, client: Client, make_user: Any, detached: str, reading: str) -> None:
        document = json.loads(allow(*SEEING, "iam:ListAttachedUserPolicies"))
        one = {"Effect": "Allow", "Action": "iam:AttachUserPolicy", "Resource": user().arn}
        document["Statement"].append(one | {"Condition": {"ArnEquals": {"iam:PolicyARN": reading}}})
        sign_in(client, make_user("vera", json.dumps(document)))
        assert text_of(client.get(HISTORY)).count("Restore…") == 1
        restore(client, detached)
        assert user().attachments.exists()

    def test_a_name_needs_the_permission_under_both(
        self, client: Client, make_user: Any, system: Caller, dora: User
    ) -> None:
        update_user(system, user_name="dora", new_user_name="doris", new_path="/ops/")
        address = place("UpdateUser", "users/doris")

        def seen_by(name: str, *arns: str) -> tuple[bool, int]:
            document = json.loads(allow(*SEEING))
            document["Statement"].append({"Effect": "Allow", "Action": "iam:UpdateUser", "Resource": list(arns)})
            sign_in(client, make_user(name, json.dumps(document)))
            return "Restore…" in text_of(client.get("/users/doris/history/")), client.get(address).status_code

        new, old = "arn:aws:iam::123456789012:user/ops/doris", "arn:aws:iam::123456789012:user/dora"
        assert seen_by("vera", new) == (False, 403)
        assert seen_by("wanda", old) == (False, 403)
        assert seen_by("xenia", new, old) == (True, 200)

    def test_a_membership_needs_it_for_this_group(
        self, client: Client, make_user: Any, system: Caller, dora: User
    ) -> None:
        create_group(system, group_name="builders")
        add_user_to_group(system, group_name="builders", user_name="dora")

        def seen_by(name: str, group: str) -> tuple[bool, int]:
            document = json.loads(allow(*SEEING, "iam:ListGroupsForUser"))
            arn = f"arn:aws:iam::123456789012:group/{group}"
            document["Statement"].append({"Effect": "Allow", "Action": "iam:RemoveUserFromGroup", "Resource": arn})
            sign_in(client, make_user(name, json.dumps(document)))
            return "Restore…" in text_of(client.get(HISTORY)), client.get(place("AddUserToGroup")).status_code

        assert seen_by("vera", "makers") == (False, 403)
        assert seen_by("wanda", "builders") == (True, 200)

    def test_what_is_needed_now_is_asked_for_and_not_what_was_then(
        self, client: Client, make_user: Any, system: Caller, dora: User
    ) -> None:
        tag_user(system, user_name="dora", tags=[{"Key": "team", "Value": "red"}, {"Key": "cost", "Value": "7"}])
        untag_user(system, user_name="dora", tag_keys=["team", "cost"])
        tag_user(system, user_name="dora", tags=[{"Key": "cost", "Value": "7"}])
        document = json.loads(allow(*SEEING, "iam:ListUserTags"))
        condition = {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}
        document["Statement"].append(
            {"Effect": "Allow", "Action": "iam:TagUser", "Resource": "*", "Condition": condition}
        )
        sign_in(client, make_user("vera", json.dumps(document)))
        restore(client, place("UntagUser"))
        assert user().tags.count() == 2

    def test_it_asks_for_a_fresh_factor(self, client: Client, make_user: Any, detached: str) -> None:
        sign_in(client, make_user("vera", allow("*")), at=now() - timedelta(minutes=20))
        assert client.get(detached).status_code == 200
        assert "Confirm that it is you" in text_of(client.post(detached, {"go": "1"}))
        assert not user().attachments.exists()
