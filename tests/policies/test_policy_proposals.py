"""Proposals of new versions: proposing, answering, and who may do which."""

import json

import pytest

from accounts.models import User
from operations.errors import (
    AccessDenied,
    InvalidInput,
    LimitExceeded,
    MalformedPolicyDocument,
    NoSuchEntity,
    ValidationError,
)
from operations.models import Event
from policies.models import ManagedPolicy, PolicyProposal
from policies.operations.managed_policies import delete_policy
from policies.operations.policy_proposals import (
    OwnPolicyProposal,
    PolicyProposalClosed,
    accept_policy_proposal,
    decline_policy_proposal,
    get_policy_proposal,
    list_policy_proposals,
    propose_policy_version,
    withdraw_policy_proposal,
)
from policies.operations.policy_versions import create_policy_version
from tests.policies.conftest import document

NEW = document("s3:Put*")


@pytest.fixture
def arn(make_policy):
    return make_policy()


@pytest.fixture
def rita(make_user, caller_of):
    """Somebody who may read and propose, and save nothing."""
    return caller_of(make_user("rita", document(["iam:GetPolicyVersion", "iam:ProposePolicyVersion"])))


@pytest.fixture
def proposed(rita, arn):
    return propose_policy_version(rita, policy_arn=arn, policy_document=NEW)["PolicyProposal"]["ProposalId"]


def last(name):
    return json.loads(Event.objects.filter(name=name, error_code="").latest("id").record)


def waiting(arn):
    return ManagedPolicy.objects.get(arn=arn).proposal_count


def test_a_proposal_is_made_told_and_listed(rita, arn):
    made = propose_policy_version(rita, policy_arn=arn, policy_document=NEW)["PolicyProposal"]
    row = PolicyProposal.objects.get()
    assert made == {
        "ProposalId": row.proposal_id,
        "PolicyArn": arn,
        "Author": rita.arn,
        "BaseVersionId": "v1",
        "State": "Open",
        "CreateDate": row.created_at,
    }
    assert (row.document, waiting(arn)) == (NEW, 1)
    after = last("ProposePolicyVersion")["after"]
    assert (after["document"], after["baseVersionId"]) == (NEW, "v1")
    found = get_policy_proposal(rita, policy_arn=arn, proposal_id=made["ProposalId"])["PolicyProposal"]
    assert found == made | {"PolicyDocument": NEW}
    assert list_policy_proposals(rita, policy_arn=arn) == {"PolicyProposals": [made], "IsTruncated": False}
    assert list_policy_proposals(rita, policy_arn=arn, state="Declined")["PolicyProposals"] == []
    assert ManagedPolicy.objects.get(arn=arn).latest_version == 1


def test_it_is_withdrawn_by_its_author_alone(admin, rita, arn, proposed):
    with pytest.raises(OwnPolicyProposal, match="somebody else's"):
        withdraw_policy_proposal(admin, policy_arn=arn, proposal_id=proposed)
    assert waiting(arn) == 1
    done = withdraw_policy_proposal(rita, policy_arn=arn, proposal_id=proposed)["PolicyProposal"]
    assert (done["State"], done["AnsweredBy"], waiting(arn)) == ("Withdrawn", rita.arn, 0)
    assert last("WithdrawPolicyProposal")["before"]["state"] == "open"


def test_it_is_declined_with_a_message(admin, arn, proposed):
    done = decline_policy_proposal(admin, policy_arn=arn, proposal_id=proposed, message="Too\u202e wide\n here")
    assert done["PolicyProposal"]["Message"] == "Too wide here"
    assert (done["PolicyProposal"]["State"], waiting(arn)) == ("Declined", 0)
    assert last("DeclinePolicyProposal")["after"]["message"] == "Too wide here"


def test_a_message_that_cannot_be_seen_is_refused(admin, arn, proposed):
    with pytest.raises(InvalidInput, match="characters that can be seen"):
        decline_policy_proposal(admin, policy_arn=arn, proposal_id=proposed, message="\u202e \n")
    assert waiting(arn) == 1


def test_it_is_accepted_by_a_version_saved_since(admin, arn, proposed):
    with pytest.raises(InvalidInput, match="v1 was saved before"):
        accept_policy_proposal(admin, policy_arn=arn, proposal_id=proposed, version_id="v1")
    with pytest.raises(NoSuchEntity, match="version v2"):
        accept_policy_proposal(admin, policy_arn=arn, proposal_id=proposed, version_id="v2")
    create_policy_version(admin, policy_arn=arn, policy_document=NEW)
    done = accept_policy_proposal(admin, policy_arn=arn, proposal_id=proposed, version_id="v2")["PolicyProposal"]
    assert (done["State"], done["VersionId"], waiting(arn)) == ("Accepted", "v2", 0)


def test_nobody_accepts_what_they_proposed(admin, arn):
    made = propose_policy_version(admin, policy_arn=arn, policy_document=NEW)["PolicyProposal"]["ProposalId"]
    create_policy_version(admin, policy_arn=arn, policy_document=NEW)
    with pytest.raises(OwnPolicyProposal, match="somebody else must review it"):
        accept_policy_proposal(admin, policy_arn=arn, proposal_id=made, version_id="v2")
    assert waiting(arn) == 1


def test_what_is_answered_is_closed(admin, rita, arn, proposed):
    decline_policy_proposal(admin, policy_arn=arn, proposal_id=proposed, message="no")
    for again in (
        lambda: decline_policy_proposal(admin, policy_arn=arn, proposal_id=proposed, message="no"),
        lambda: accept_policy_proposal(admin, policy_arn=arn, proposal_id=proposed, version_id="v1"),
        lambda: withdraw_policy_proposal(rita, policy_arn=arn, proposal_id=proposed),
    ):
        with pytest.raises(PolicyProposalClosed, match="it was declined"):
            again()
    assert waiting(arn) == 0


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("{no", MalformedPolicyDocument),
        ("", ValidationError),
        (document("s3:" + "x" * 6200), LimitExceeded),
        (document(), InvalidInput),  # in force already
    ],
)
def test_documents_that_could_not_be_saved_are_refused(rita, arn, text, error):
    with pytest.raises(error):
        propose_policy_version(rita, policy_arn=arn, policy_document=text)
    assert not PolicyProposal.objects.exists()


def test_the_same_twice_and_too_many_are_refused(rita, arn, proposed):
    with pytest.raises(InvalidInput, match=f"waits for review already: proposal {proposed}"):
        propose_policy_version(rita, policy_arn=arn, policy_document=NEW)
    for number in range(19):
        propose_policy_version(rita, policy_arn=arn, policy_document=document(f"s3:Get{number}"))
    with pytest.raises(LimitExceeded, match="OpenProposalsPerPolicy: 20"):
        propose_policy_version(rita, policy_arn=arn, policy_document=document("s3:GetMore"))
    withdraw_policy_proposal(rita, policy_arn=arn, proposal_id=proposed)
    propose_policy_version(rita, policy_arn=arn, policy_document=document("s3:GetMore"))
    assert waiting(arn) == 20
    first = list_policy_proposals(rita, policy_arn=arn, max_items=5, state="Open")
    assert first["IsTruncated"]
    rest = list_policy_proposals(rita, policy_arn=arn, marker=first["Marker"], state="Open")
    assert len(first["PolicyProposals"]) + len(rest["PolicyProposals"]) == 20


def test_policies_of_aws_are_nobodys_to_change(admin, make_aws_policy):
    with pytest.raises(InvalidInput, match="AWS managed policy"):
        propose_policy_version(admin, policy_arn=make_aws_policy().arn, policy_document=NEW)


def test_who_may_not_is_refused(rita, make_user, caller_of, arn, proposed):
    nobody = caller_of(make_user("nobody", document("iam:ListUsers")))
    with pytest.raises(AccessDenied, match="iam:ProposePolicyVersion"):
        propose_policy_version(nobody, policy_arn=arn, policy_document=NEW)
    with pytest.raises(AccessDenied, match="iam:ProposePolicyVersion"):
        withdraw_policy_proposal(nobody, policy_arn=arn, proposal_id=proposed)
    for read in (
        lambda: get_policy_proposal(nobody, policy_arn=arn, proposal_id=proposed),
        lambda: list_policy_proposals(nobody, policy_arn=arn),
    ):
        with pytest.raises(AccessDenied, match="iam:GetPolicyVersion"):
            read()
    for answer in (
        lambda: decline_policy_proposal(rita, policy_arn=arn, proposal_id=proposed, message="no"),
        lambda: accept_policy_proposal(rita, policy_arn=arn, proposal_id=proposed, version_id="v1"),
    ):
        with pytest.raises(AccessDenied, match="iam:CreatePolicyVersion"):
            answer()
    assert waiting(arn) == 1


def test_another_policys_and_another_accounts_are_not_there(admin, make_policy, arn, proposed):
    other = make_policy("other")
    for call, given in ((get_policy_proposal, {}), (decline_policy_proposal, {"message": "no"})):
        with pytest.raises(NoSuchEntity, match="cannot be found"):
            call(admin, policy_arn=other, proposal_id=proposed, **given)
    ManagedPolicy.objects.filter(arn=arn).update(account_id="999999999999")
    with pytest.raises(NoSuchEntity):
        get_policy_proposal(admin, policy_arn=arn, proposal_id=proposed)


def test_proposals_go_with_their_policy(admin, arn, proposed):
    delete_policy(admin, policy_arn=arn)
    assert not PolicyProposal.objects.exists()


@pytest.mark.parametrize("answer", ["accepted", "declined"])
def test_the_author_is_told_by_mail(admin, arn, proposed, mailoutbox, django_capture_on_commit_callbacks, answer):
    User.objects.filter(name="rita").update(email="rita@example.com")
    with django_capture_on_commit_callbacks(execute=True):
        if answer == "declined":
            decline_policy_proposal(admin, policy_arn=arn, proposal_id=proposed, message="Too wide")
        else:
            create_policy_version(admin, policy_arn=arn, policy_document=NEW)
            accept_policy_proposal(admin, policy_arn=arn, proposal_id=proposed, version_id="v2")
    (mail,) = mailoutbox
    assert mail.to == ["rita@example.com"]
    assert answer in mail.subject
    assert ("Too wide" if answer == "declined" else "saved as v2") in mail.body
    assert f"/policies/proposal/{proposed}/{arn}/" in mail.body
