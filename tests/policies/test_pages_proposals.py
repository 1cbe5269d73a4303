"""Proposals on the pages: requested in the editor, reviewed, saved or declined by somebody else."""

import html
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from policies.models import ManagedPolicy, PolicyProposal
from policies.operations.policy_comments import put_policy_comment
from policies.operations.policy_proposals import decline_policy_proposal, propose_policy_version
from policies.operations.policy_tests import put_policy_test
from policies.operations.policy_versions import create_policy_version
from tests.policies.conftest import document
from tests.signing_in import sign_in

NEW = document("s3:Put*")
READ = ["iam:GetPolicy", "iam:GetPolicyVersion", "iam:ListPolicyVersions", "iam:ListPolicies"]


@pytest.fixture
def administrator(client, admin):
    sign_in(client, User.objects.get(name="alice"), mfa=True)
    return client


@pytest.fixture
def arn(make_policy):
    return make_policy()


@pytest.fixture
def rita(make_user, caller_of):
    return caller_of(make_user("rita", document([*READ, "iam:ProposePolicyVersion"])))


@pytest.fixture
def proposed(rita, arn):
    return propose_policy_version(rita, policy_arn=arn, policy_document=NEW)["PolicyProposal"]["ProposalId"]


def words(response):
    return re.sub(r"\s+", " ", html.unescape(response.content.decode()))


def page(name, arn, proposal=None):
    return reverse(f"policies:{name}", args=[arn] if proposal is None else [proposal, arn])


def seen(response):
    return re.search(r'name="seen" value="(\w+)"', response.content.decode())[1]


class TestAsking:
    def test_whoever_may_only_propose_is_offered_that_alone(self, client, rita, arn):
        sign_in(client, User.objects.get(name="rita"))
        assert "Propose a change" in words(client.get(page("policy", arn)))
        opened = client.get(page("edit", arn))
        text = words(opened)
        assert "A change of v1 that somebody else reviews." in text
        for hidden in ("Save without review", "Set as default", 'name="save"'):
            assert hidden not in text
        sent = {"policy_document": NEW, "seen": seen(opened)}
        reviewed = words(client.post(page("edit", arn), sent | {"review": "1"}))
        assert "What changes" in reviewed
        assert "Whose access changes" not in reviewed  # rita may not list them
        assert 'name="propose"' in reviewed
        assert 'name="save"' not in reviewed
        assert 'name="try"' not in reviewed
        reason = {"change-reason:propose": "Uploads of the reports"}
        done = client.post(page("edit", arn), sent | reason | {"propose": "1"}, follow=True)
        assert done.redirect_chain[0][0] == page("proposals", arn)
        assert "Your change of reading waits for review." in words(done)
        row = PolicyProposal.objects.get()
        assert (row.document, row.note, row.author) == (NEW, "Uploads of the reports", rita.arn)
        assert ManagedPolicy.objects.get(arn=arn).latest_version == 1

    def test_saving_is_refused_to_who_may_only_propose(self, client, rita, arn):
        sign_in(client, User.objects.get(name="rita"))
        sent = {"policy_document": NEW, "seen": seen(client.get(page("edit", arn))), "set_as_default": "on"}
        refused = client.post(page("edit", arn), sent | {"save": "1"})
        assert "iam:CreatePolicyVersion" in words(refused)
        assert NEW in html.unescape(refused.content.decode())
        assert ManagedPolicy.objects.get(arn=arn).latest_version == 1

    def test_whoever_may_save_may_ask_too_and_take_it_back(self, administrator, arn):
        opened = administrator.get(page("edit", arn))
        assert "Request review" in words(opened)
        sent = {"policy_document": NEW, "seen": seen(opened), "set_as_default": "on"}
        assert "Request review" in words(administrator.post(page("edit", arn), sent | {"review": "1"}))
        done = administrator.post(page("edit", arn), sent | {"propose": "1"}, follow=True)
        token = re.search(r'form="undo" name="token" value="(\w+)"', done.content.decode())[1]
        administrator.post("/undo/", {"token": token, "next": page("proposals", arn)})
        assert PolicyProposal.objects.get().state == "withdrawn"

    def test_no_version_need_be_deleted_for_it(self, administrator, admin, arn):
        for name in "abcd":
            create_policy_version(admin, policy_arn=arn, policy_document=document(f"s3:{name}*"))
        opened = administrator.get(page("edit", arn))
        sent = {"policy_document": NEW, "seen": seen(opened)}
        assert administrator.post(page("edit", arn), sent | {"save": "1"}).status_code == 200
        assert administrator.post(page("edit", arn), sent | {"propose": "1"}).status_code == 302
        assert PolicyProposal.objects.get().document == NEW

    @pytest.mark.parametrize("text", ["{no", document("s3:GetObject"), ""])
    def test_what_could_not_be_saved_is_kept_with_its_error(self, administrator, arn, text):
        sent = {"policy_document": text, "seen": seen(administrator.get(page("edit", arn)))}
        shown = administrator.post(page("edit", arn), sent | {"propose": "1"})
        assert shown.context["form"].errors["policy_document"]
        assert shown.context["form"]["policy_document"].value() == text
        assert not PolicyProposal.objects.exists()

    def test_what_somebody_saved_meanwhile_is_shown_first(self, administrator, admin, arn):
        sent = {"policy_document": NEW, "seen": seen(administrator.get(page("edit", arn)))}
        create_policy_version(admin, policy_arn=arn, policy_document=document("sqs:*"), set_as_default=True)
        shown = administrator.post(page("edit", arn), sent | {"propose": "1"})
        assert shown.status_code == 409
        assert not PolicyProposal.objects.exists()


class TestReviewing:
    def test_it_is_saved_as_it_is(self, administrator, arn, proposed):
        listed = words(administrator.get(page("proposals", arn)))
        assert page("proposal", arn, proposed) in listed
        assert page("review-proposal", arn, proposed) in words(administrator.get(page("proposal", arn, proposed)))
        review = administrator.get(page("review-proposal", arn, proposed))
        text = words(review)
        for shown in (
            "What changes",
            "Whose access changes",
            "Save version",
            "Save and start trial",
            "user/rita",
            "Decline",
        ):
            assert shown in text
        assert "Request review" not in text
        sent = {"policy_document": NEW, "seen": seen(review), "set_as_default": "on", "save": "1"}
        done = administrator.post(page("review-proposal", arn, proposed), sent, follow=True)
        assert "A new version of reading was saved. The proposal is accepted." in words(done)
        row, policy = PolicyProposal.objects.get(), ManagedPolicy.objects.get(arn=arn)
        assert (row.state, row.version_id, policy.default_version_id, policy.proposal_count) == (
            "accepted", "v2", "v2", 0,
        )  # fmt: skip
        answered = words(administrator.get(page("proposals", arn)))
        assert "Nothing waits for review" in answered
        assert "Accepted" in answered

    def test_it_is_edited_first_and_may_be_tried(self, administrator, arn, proposed):
        review = administrator.get(page("review-proposal", arn, proposed))
        sent = {"policy_document": NEW, "seen": seen(review)}
        assert "Save without review" in words(
            administrator.post(page("review-proposal", arn, proposed), sent | {"edit": "1"})
        )
        sent["policy_document"] = document("s3:PutObject")
        done = administrator.post(page("review-proposal", arn, proposed), sent | {"try": "1"}, follow=True)
        assert "It is on trial from now on and not in force. The proposal is accepted." in words(done)
        policy = ManagedPolicy.objects.get(arn=arn)
        assert (policy.default_version, policy.trial.number, PolicyProposal.objects.get().number) == (1, 2, 2)

    def test_of_two_who_answer_the_second_is_told(self, administrator, admin, arn, proposed):
        review = administrator.get(page("review-proposal", arn, proposed))
        decline_policy_proposal(admin, policy_arn=arn, proposal_id=proposed, message="no")
        edited = document("s3:PutObject")
        sent = {"policy_document": edited, "seen": seen(review), "set_as_default": "on", "save": "1"}
        told = administrator.post(page("review-proposal", arn, proposed), sent)
        assert told.status_code == 409
        assert "Somebody answered the proposal meanwhile" in words(told)
        assert told.context["form"]["policy_document"].value() == edited
        assert f'action="{page("edit", arn)}"' in words(told)
        late = administrator.post(page("decline-proposal", arn, proposed), {"message": "too late"})
        assert "it was declined" in words(late)
        assert "too late" in words(late)
        assert ManagedPolicy.objects.get(arn=arn).latest_version == 1
        administrator.post(page("edit", arn), sent | {"seen": seen(told)})
        assert ManagedPolicy.objects.get(arn=arn).latest_version == 2
        for name in ("review-proposal", "decline-proposal"):
            assert administrator.get(page(name, arn, proposed)).status_code == 302

    def test_where_all_versions_are_taken_the_review_is_shown_and_one_must_go(
        self, administrator, admin, arn, proposed
    ):
        for name in "abcd":
            create_policy_version(admin, policy_arn=arn, policy_document=document(f"s3:{name}*"))
        review = administrator.get(page("review-proposal", arn, proposed))
        assert "What changes" in words(review)
        assert "Delete v2, the oldest version" in words(review)
        sent = {"policy_document": NEW, "seen": seen(review), "save": "1"}
        assert "Agree to delete one of them." in words(administrator.post(page("review-proposal", arn, proposed), sent))
        administrator.post(page("review-proposal", arn, proposed), sent | {"delete_version": "on"})
        assert PolicyProposal.objects.get().version_id == "v6"

    def test_it_is_said_that_the_policy_has_moved_on(self, administrator, admin, arn, proposed):
        create_policy_version(admin, policy_arn=arn, policy_document=document("sqs:*"), set_as_default=True)
        for name in ("proposal", "review-proposal"):
            assert "v2 has come into force since" in words(administrator.get(page(name, arn, proposed)))

    def test_ones_own_is_withdrawn_when_saved(self, administrator, admin, arn):
        made = propose_policy_version(admin, policy_arn=arn, policy_document=NEW)["PolicyProposal"]["ProposalId"]
        review = administrator.get(page("review-proposal", arn, made))
        assert "It is your own proposal" in words(review)
        assert page("decline-proposal", arn, made) not in words(review)
        sent = {"policy_document": NEW, "seen": seen(review), "save": "1"}
        done = administrator.post(page("review-proposal", arn, made), sent, follow=True)
        assert "Your proposal is withdrawn." in words(done)
        assert PolicyProposal.objects.get().state == "withdrawn"

    def test_it_is_declined_with_words_to_its_author(self, administrator, client, arn, proposed, rita):
        assert "Decline proposal for reading" in words(administrator.get(page("decline-proposal", arn, proposed)))
        empty = administrator.post(page("decline-proposal", arn, proposed), {"message": " "})
        assert empty.context["form"].errors["message"]
        done = administrator.post(page("decline-proposal", arn, proposed), {"message": "Too wide"}, follow=True)
        assert "The proposal was declined." in words(done)
        sign_in(client, User.objects.get(name="rita"))
        told = words(client.get(page("proposal", arn, proposed)))
        assert "Too wide" in told
        assert "Declined" in told

    def test_its_author_takes_it_back(self, client, rita, arn, proposed):
        sign_in(client, User.objects.get(name="rita"))
        assert "Withdraw" in words(client.get(page("proposal", arn, proposed)))
        done = client.post(page("withdraw-proposal", arn, proposed), follow=True)
        assert "The proposal was withdrawn." in words(done)
        assert "Withdrawn" in words(client.get(page("proposals", arn)))


class TestWhoMayNot:
    def test_readers_see_and_answer_nothing(self, client, make_user, arn, proposed):
        sign_in(client, make_user("vera", document(READ)))
        shown = words(client.get(page("proposal", arn, proposed)))
        assert "s3:Put*" in shown
        for hidden in ("Withdraw", page("review-proposal", arn, proposed), page("decline-proposal", arn, proposed)):
            assert hidden not in shown
        for name in ("review-proposal", "decline-proposal", "edit"):
            given = None if name == "edit" else proposed
            assert client.get(page(name, arn, given)).status_code == 403
        assert client.post(page("withdraw-proposal", arn, proposed)).status_code == 403
        assert "Propose a change" not in words(client.get(page("proposals", arn)))

    def test_without_the_document_nothing_is_told(self, client, make_user, arn, proposed):
        sign_in(client, make_user("sam", document(["iam:GetPolicy", "iam:ListPolicies"])))
        for name, given in (("proposals", None), ("proposal", proposed)):
            shown = words(client.get(page(name, arn, given)))
            assert "Needs iam:GetPolicyVersion" in shown
            assert "rita" not in shown.partition("<main")[2]
        for name in ("review-proposal", "decline-proposal"):
            assert client.get(page(name, arn, proposed)).status_code == 403
        listed = words(client.get("/policies/"))
        assert "With proposals" not in listed
        assert "Proposals that wait" not in listed

    def test_what_is_not_there(self, administrator, make_policy, arn, proposed):
        other = make_policy("other")
        for name in ("proposal", "review-proposal", "decline-proposal"):
            assert administrator.get(page(name, arn, "PPRO00000000000000000")).status_code == 404
            assert administrator.get(page(name, other, proposed)).status_code == 404
        assert administrator.get(page("withdraw-proposal", arn, proposed)).status_code == 405


def test_lists_and_the_dashboard_lead_to_them(administrator, arn, proposed):
    assert "A change of 1 policy waits for review" in words(administrator.get("/"))
    listed = words(administrator.get("/policies/?f=proposals:gt:0")).partition("<tbody")[2]
    assert "reading" in listed
    decline = {"message": "no"}
    administrator.post(page("decline-proposal", arn, proposed), decline)
    assert "waits for review" not in words(administrator.get("/"))
    assert "reading" not in words(administrator.get("/policies/?f=proposals:gt:0")).partition("<tbody")[2]


def test_queries_do_not_grow_with_proposals(administrator, admin, rita, arn, proposed):
    def count(name, given=None):
        administrator.get(page(name, arn, given))
        with CaptureQueriesContext(connection) as caught:
            assert administrator.get(page(name, arn, given)).status_code == 200
        return len(caught)

    early = propose_policy_version(rita, policy_arn=arn, policy_document=document("s3:Early"))["PolicyProposal"]
    decline_policy_proposal(admin, policy_arn=arn, proposal_id=early["ProposalId"], message="no")
    names = (("proposals", None), ("proposal", proposed), ("review-proposal", proposed), ("decline-proposal", proposed))
    few = [count(*name) for name in names]
    for number in range(15):
        made = propose_policy_version(rita, policy_arn=arn, policy_document=document(f"s3:Get{number}"))
        if number % 2:
            given = made["PolicyProposal"]["ProposalId"]
            decline_policy_proposal(admin, policy_arn=arn, proposal_id=given, message="no")
    assert [count(*name) for name in names] == few
    assert max(few) <= 15


def test_a_deletion_says_what_is_written_about_the_policy(administrator, client, make_user, admin, arn, proposed):
    put_policy_comment(admin, policy_arn=arn, text="Ask first")
    put_policy_test(
        admin,
        policy_arn=arn,
        test_name="reads",
        action_name="s3:GetObject",
        resource_arn="*",
        expected_decision="allowed",
    )
    shown = words(administrator.get(page("delete", arn)))
    for said in ("<b>1</b> test goes", "<b>1</b> comment goes", "<b>1</b> proposal that waits for review goes"):
        assert said in shown
    sign_in(client, make_user("del", document(["iam:GetPolicy", "iam:DeletePolicy"])))
    shown = words(client.get(page("delete", arn)))
    assert "version is deleted" in shown
    assert "goes with it" not in shown
