"""Comments on policies: said, read and taken back by whoever said them, and shown as the text that they are."""

import json
import re
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from operations.errors import AccessDenied, InvalidInput, LimitExceeded, NoSuchEntity, ValidationError
from operations.models import Event
from policies.models import ManagedPolicy, PolicyComment
from policies.operations.managed_policies import delete_policy
from policies.operations.policy_comments import delete_policy_comment, list_policy_comments, put_policy_comment
from tests.policies.conftest import document
from tests.signing_in import sign_in

WRITE = ["iam:GetPolicy", "iam:GetPolicyVersion", "iam:PutPolicyComment", "iam:DeletePolicyComment"]


@pytest.fixture
def administrator(client, admin):
    sign_in(client, User.objects.get(name="alice"), mfa=True)
    return client


@pytest.fixture
def arn(make_policy):
    return make_policy()


@pytest.fixture
def said(admin, arn):
    """A comment of alice's; its id."""
    return put_policy_comment(admin, policy_arn=arn, text="Ask the team first")["PolicyComment"]["CommentId"]


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


def at(name, arn, query=""):
    return reverse(f"policies:{name}", args=[arn]) + query


def test_a_comment_is_put_listed_and_deleted(admin, arn):
    made = put_policy_comment(admin, policy_arn=arn, text="  Why?\r\n\r\nAsk   ops.  ")["PolicyComment"]
    assert (made["Text"], made["Author"]) == ("Why?\n\nAsk ops.", admin.arn)
    second = put_policy_comment(admin, policy_arn=arn, text="Done")["PolicyComment"]
    assert list_policy_comments(admin, policy_arn=arn) == {"PolicyComments": [made, second], "IsTruncated": False}
    first = list_policy_comments(admin, policy_arn=arn, max_items=1)
    assert list_policy_comments(admin, policy_arn=arn, marker=first["Marker"])["PolicyComments"] == [second]
    delete_policy_comment(admin, policy_arn=arn, comment_id=made["CommentId"])
    event = json.loads(Event.objects.get(name="DeletePolicyComment").record)
    assert event["before"] == {"commentId": made["CommentId"], "text": "Why?\n\nAsk ops."}
    with pytest.raises(NoSuchEntity):
        delete_policy_comment(admin, policy_arn=arn, comment_id=made["CommentId"])


def test_nobody_deletes_what_somebody_else_said(arn, said, make_user, caller_of):
    other = caller_of(make_user("wanda", document(WRITE)))
    with pytest.raises(InvalidInput, match="somebody else's"):
        delete_policy_comment(other, policy_arn=arn, comment_id=said)
    assert PolicyComment.objects.exists()


def test_the_root_user_and_the_operator_delete_anybodys(arn, said, admin, root, system):
    again = put_policy_comment(admin, policy_arn=arn, text="Abuse")["PolicyComment"]["CommentId"]
    delete_policy_comment(root, policy_arn=arn, comment_id=said)
    delete_policy_comment(system, policy_arn=arn, comment_id=again)
    assert not PolicyComment.objects.exists()


def test_who_has_a_former_name_has_not_its_comments(arn, admin, said, make_user, caller_of):
    User.objects.filter(name="alice").update(name="former", name_key="former")
    namesake = caller_of(make_user("alice", document(WRITE)))
    assert namesake.arn == admin.arn
    with pytest.raises(InvalidInput):
        delete_policy_comment(namesake, policy_arn=arn, comment_id=said)


@pytest.mark.parametrize(
    ("operation", "given", "action"),
    [
        (put_policy_comment, {"text": "x"}, "iam:PutPolicyComment"),
        (delete_policy_comment, {"comment_id": "PCOM" + "0" * 17}, "iam:DeletePolicyComment"),
        (list_policy_comments, {}, "iam:GetPolicyVersion"),
    ],
)
def test_who_may_not_is_refused(arn, said, make_user, caller_of, operation, given, action):
    nobody = caller_of(make_user("nobody", document("iam:ListUsers")))
    with pytest.raises(AccessDenied, match=action):
        operation(nobody, policy_arn=arn, **given)
    assert PolicyComment.objects.count() == 1


@pytest.mark.parametrize(
    ("words", "error"),
    [("", ValidationError), (" \n\t", InvalidInput), ("\u202e", InvalidInput), ("x" * 2001, ValidationError)],
)
def test_bad_input(admin, arn, words, error):
    with pytest.raises(error):
        put_policy_comment(admin, policy_arn=arn, text=words)
    assert not PolicyComment.objects.exists()


def test_what_cannot_be_seen_or_turns_the_text_is_left_out(admin, arn):
    made = put_policy_comment(admin, policy_arn=arn, text="a\0b\u202ec" + "d" * 1994)["PolicyComment"]
    assert made["Text"] == "a b c" + "d" * 1994


def test_aws_managed_policies_have_none(admin, administrator, make_aws_policy):
    aws = make_aws_policy().arn
    with pytest.raises(InvalidInput):
        put_policy_comment(admin, policy_arn=aws, text="x")
    assert list_policy_comments(admin, policy_arn=aws)["PolicyComments"] == []
    assert administrator.get(at("comments", aws)).status_code == 404
    assert at("comments", aws) not in administrator.get(at("policy", aws)).content.decode()


def test_a_policy_has_so_many(admin, arn, monkeypatch):
    monkeypatch.setattr("policies.operations.policy_comments.MOST", 1)
    put_policy_comment(admin, policy_arn=arn, text="a")
    with pytest.raises(LimitExceeded, match="CommentsPerPolicy: 1"):
        put_policy_comment(admin, policy_arn=arn, text="b")


def test_they_go_with_their_policy_and_are_not_another_accounts(admin, arn, said):
    ManagedPolicy.objects.update(account_id="999999999999")
    with pytest.raises(NoSuchEntity):
        list_policy_comments(admin, policy_arn=arn)
    ManagedPolicy.objects.update(account_id=admin.account_id)
    delete_policy(admin, policy_arn=arn)
    assert not PolicyComment.objects.exists()


def test_the_page_adds_shows_and_deletes(administrator, arn):
    assert "No comments yet" in text(administrator.get(at("comments", arn)))
    added = administrator.post(at("comments", arn), {"text": "<b>Why</b>\n**this**"}, follow=True)
    assert added.redirect_chain[0][0] == at("comments", arn)
    assert "&lt;b&gt;Why&lt;/b&gt;<br>**this**" in text(added)
    assert "user/alice" in text(added)
    token = re.search(r'form="undo" name="token" value="(\w+)"', added.content.decode())[1]
    administrator.post("/undo/", {"token": token, "next": at("comments", arn)})
    assert not PolicyComment.objects.exists()
    administrator.post(at("comments", arn), {"text": "again"})
    one = PolicyComment.objects.get().comment_id
    assert "Comment deleted." in text(administrator.post(at("delete-comment", arn), {"comment_id": one}, follow=True))
    assert not PolicyComment.objects.exists()


@pytest.mark.parametrize(("words", "answer"), [("", "This field is required"), ("y" * 2001, "at most 2000"), ("\u202e\u202c", "characters that can be seen")])  # fmt: skip
def test_bad_input_is_said_and_kept(administrator, arn, words, answer):
    shown = administrator.post(at("comments", arn), {"text": words})
    assert answer in text(shown)
    assert words in shown.content.decode()
    assert not PolicyComment.objects.exists()


def test_who_may_only_read_has_neither_form_nor_buttons(client, make_user, arn, said):
    sign_in(client, make_user("rita", document(WRITE[:2])))
    shown = text(client.get(at("comments", arn)))
    assert "Ask the team first" in shown
    assert "Add comment" not in shown
    assert "delete-comment" not in shown
    refused = client.post(at("comments", arn), {"text": "kept words"})
    assert "iam:PutPolicyComment" in text(refused)
    assert PolicyComment.objects.count() == 1


def test_one_s_own_alone_have_a_button(client, make_user, arn, said):
    sign_in(client, make_user("wanda", document(WRITE)))
    assert "delete-comment" not in text(client.get(at("comments", arn)))
    client.post(at("comments", arn), {"text": "mine"})
    assert text(client.get(at("comments", arn))).count(f'action="{at("delete-comment", arn)}"') == 1
    assert client.post(at("delete-comment", arn), {"comment_id": said}).status_code == 400


def test_who_may_not_read_the_document_reads_no_comment(client, make_user, arn, said):
    sign_in(client, make_user("vera", document("iam:GetPolicy")))
    shown = text(client.get(at("comments", arn)))
    assert "Needs iam:GetPolicyVersion" in shown
    assert "Ask the team" not in shown
    assert client.get(at("delete-comment", arn)).status_code == 405


def test_queries_do_not_grow_with_the_comments_and_they_stand_on_pages(administrator, admin, arn, said):
    def count(query=""):
        administrator.get(at("comments", arn))
        with CaptureQueriesContext(connection) as caught:
            shown = administrator.get(at("comments", arn, query))
        return len(caught), shown

    few, _page = count()
    row = PolicyComment.objects.get()
    PolicyComment.objects.bulk_create(
        PolicyComment(
            policy=row.policy, comment_id=f"PCOM{n:017}", author=row.author, author_id=row.author_id, text=f"no {n}."
        )
        for n in range(120)
    )
    many, shown = count()
    assert many == few <= 15
    assert "no 119." in text(shown)
    assert "no 69." not in text(shown)
    _number, last = count("?page=3")
    assert "Ask the team first" in text(last)


def test_the_machine_itself_has_no_name(admin, arn, system):
    made = put_policy_comment(replace(system, account_id=admin.account_id), policy_arn=arn, text="x")
    assert made["PolicyComment"]["Author"] == ""
