"""The versions of a policy: comparing, writing, putting in force, deleting, and two people at once."""

import html
import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from accounts.operations.attachments import attach_group_policy, attach_user_policy
from accounts.operations.boundaries import put_user_permissions_boundary
from accounts.operations.groups import create_group
from accounts.operations.users import create_user
from operations.clock import now
from pages.components.source import code
from policies.models import ManagedPolicy
from policies.operations.policy_activations import schedule_policy_activation
from policies.operations.policy_trials import start_policy_trial
from policies.operations.policy_versions import create_policy_version, set_default_policy_version
from policies.saving import mark
from tests.policies.conftest import document
from tests.signing_in import sign_in


@pytest.fixture
def administrator(client, admin):
    sign_in(client, User.objects.get(name="alice"), mfa=True)
    return client


@pytest.fixture
def arn(make_policy):
    return make_policy()


@pytest.fixture
def full(admin, arn):
    """A policy with all the versions that it may have; v1 is in force."""
    for name in ("a", "b", "c", "d"):
        create_policy_version(admin, policy_arn=arn, policy_document=document(f"s3:{name}*"))
    return arn


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


def at(name, arn):
    return reverse(f"policies:{name}", args=[arn])


def seen(administrator, arn):
    return re.search(r'name="seen" value="(\w+)"', text(administrator.get(at("edit", arn))))[1]


def test_versions_are_listed_compared_and_shown(administrator, full):
    shown = text(administrator.get(at("versions", full)))
    assert "v5" in shown
    assert "Default" in shown
    compared = text(administrator.get(at("versions", full) + "?from=v1&to=v3"))
    assert "v1 → v3" in compared
    assert "<del>" in compared
    assert "s3:d*" in text(administrator.get(at("versions", full) + "?show=v5"))
    assert administrator.get(at("versions", full) + "?show=v9").status_code == 404


def test_documents_are_not_shown_to_whoever_may_only_list_versions(client, make_user, full):
    sign_in(client, make_user("vera", document("iam:ListPolicyVersions")))
    shown = text(client.get(at("versions", full) + "?from=v1&to=v3"))
    assert "iam:GetPolicyVersion" in shown
    assert "s3:b*" not in shown


def test_a_new_version_is_reviewed_and_put_in_force(administrator, arn):
    asked = {"policy_document": document("sqs:SendMessage"), "set_as_default": "on", "seen": seen(administrator, arn)}
    review = text(administrator.post(at("edit", arn), asked | {"review": "1"}))
    assert "What changes" in review
    assert "aws iam create-policy-version" in review
    assert ManagedPolicy.objects.get().versions.count() == 1
    administrator.post(at("edit", arn), asked | {"save": "1"})
    policy = ManagedPolicy.objects.get()
    assert policy.default_version == 2
    assert policy.versions.get(number=2).document == asked["policy_document"]


def test_the_review_begins_with_what_it_warns_of_and_folds_what_is_long(administrator, arn):
    asked = {"policy_document": document("*"), "seen": seen(administrator, arn), "review": "1"}
    page = text(administrator.post(at("edit", arn), asked))
    places = [
        page.index(words) for words in ("Every action on all resources is allowed.", "Findings", "of 457 services")
    ]
    assert places == sorted(places)
    assert "437 more services" in page
    page = text(administrator.post(at("edit", arn), asked | {"policy_document": document("s3:GetObject")}))
    assert "Every action on all resources" not in page
    assert "more services" not in page


def test_the_review_names_whose_access_changes(administrator, admin, arn, make_user):
    """Also those whose permissions boundary the policy is."""
    sent = {"policy_document": document("sqs:*"), "seen": seen(administrator, arn), "review": "1"}
    assert "Nobody has it attached." in text(administrator.post(at("edit", arn), sent))
    make_user("zoe", document())
    attach_user_policy(admin, user_name="zoe", policy_arn=arn)
    put_user_permissions_boundary(admin, user_name="zoe", permissions_boundary=arn)
    told = text(administrator.post(at("edit", arn), sent))
    assert "1 user has the policy attached:" in told
    assert "It is the permissions boundary of 1 user:" in told
    assert told.count('<a href="/users/zoe/">zoe</a>') == 2
    assert "Whose access changes" not in text(administrator.get(at("edit", arn)))


def test_a_new_version_may_wait(administrator, arn):
    administrator.post(
        at("edit", arn), {"policy_document": document("sqs:*"), "seen": seen(administrator, arn), "save": "1"}
    )
    assert (ManagedPolicy.objects.get().default_version, ManagedPolicy.objects.get().latest_version) == (1, 2)


def test_editing_begins_with_the_version_that_is_asked_for(administrator, full):
    assert "s3:GetObject" in text(administrator.get(at("edit", full)))
    assert "s3:b*" in text(administrator.get(at("edit", full) + "?from=v3"))


def test_a_document_in_one_line_is_edited_as_it_was_written(administrator, arn):
    form = administrator.get(at("edit", arn)).context["form"]
    assert form["policy_document"].value() == document()


def test_the_sixth_version_takes_the_place_of_the_oldest_that_is_not_in_force(administrator, full):
    mark = seen(administrator, full)
    offered = text(administrator.get(at("edit", full)))
    assert "Delete v2, the oldest version that is not the default" in offered
    asked = {"policy_document": document("sqs:*"), "seen": mark, "save": "1"}
    refused = text(administrator.post(at("edit", full), asked))
    assert (
        ">Version to delete: The policy has all the versions it may have. Agree to delete one of them.</a>" in refused
    )
    assert "sqs:*" in refused
    administrator.post(at("edit", full), asked | {"delete_version": "on"})
    assert sorted(ManagedPolicy.objects.get().versions.values_list("number", flat=True)) == [1, 3, 4, 5, 6]


def test_what_is_planned_is_no_room_and_ends_only_after_it_was_said(administrator, admin, full):
    """A version on trial or scheduled is not deleted to make room; deleting it, or putting another one in force, says what ends."""
    start_policy_trial(admin, policy_arn=full, version_id="v3")
    schedule_policy_activation(admin, policy_arn=full, version_id="v2", activation_date=now() + timedelta(days=1))
    form = administrator.get(at("edit", full)).context["form"]
    assert form.oldest == "v4"
    cancelled, ended = "v2 is scheduled to come into force: that is cancelled.", "The trial of v3 ends."
    assert form.fields["set_as_default"].help_text == f"{cancelled} {ended}"
    shown = text(administrator.get(at("set-default", full) + "?version=v4"))
    assert cancelled in shown
    assert ended in shown
    for version, said in (("v2", cancelled), ("v3", ended)):
        shown = text(administrator.get(at("delete-version", full) + f"?version={version}"))
        assert said in shown
        assert ("that is cancelled" in shown, "The trial of" in shown) == (version == "v2", version == "v3")
    assert "What is planned ends" not in text(administrator.get(at("delete-version", full) + "?version=v4"))


def test_a_version_that_came_into_force_meanwhile_is_not_scheduled_in_silence(administrator, full):
    sent = {"version_id": "v1", "activation_date": "2999-01-01T00:00"}
    assert "v1 is the default version." in text(administrator.post(at("schedule", full), sent, follow=True))


@pytest.mark.parametrize("character", ["\u201c", "部"])
def test_a_character_that_no_document_may_hold_is_named(administrator, arn, character):
    sent = {"policy_document": document("s3:Get*").replace("Get", f"Get{character}"), "seen": seen(administrator, arn)}
    told = str(administrator.post(at("edit", arn), sent | {"save": "1"}).context["form"].errors)
    assert f"The character U+{ord(character):04X} at line 1, column" in told
    assert "pattern" not in told


def test_the_mark_with_which_files_begin_is_no_part_of_a_document(administrator, arn):
    sent = {"policy_document": "\ufeff" + document("sqs:*"), "seen": seen(administrator, arn), "save": "1"}
    assert administrator.post(at("edit", arn), sent).status_code == 302
    assert ManagedPolicy.objects.get().versions.get(number=2).document == document("sqs:*")


def test_what_is_too_long_is_told_at_once_at_the_review(administrator, arn):
    long = json.loads(document("s3:Get*"))
    long["Statement"] = [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}] * 200
    long = json.dumps(long)
    for button in ("save", "review"):
        page = administrator.post(
            at("edit", arn), {"policy_document": long, "seen": seen(administrator, arn), button: "1"}
        )
        assert "What changes" not in text(page)
        assert "6144" in str(page.context["form"].errors)
        assert page.context["review"] is None


def test_a_long_text_of_few_words_is_reviewed(administrator, arn):
    spaced = document("sqs:SendMessage").replace(" ", " " * 300_000, 1)
    asked = {"policy_document": spaced, "seen": seen(administrator, arn), "review": "1"}
    assert "What changes" in text(administrator.post(at("edit", arn), asked))


def test_bad_input_is_kept_with_the_error_at_its_line(administrator, arn):
    bad = '{\n  "Version": "2012-10-17",\n  "Statement": [{"Effect": "Maybe"}]\n}'
    for button in ("save", "review"):
        shown = text(
            administrator.post(at("edit", arn), {"policy_document": bad, "seen": seen(administrator, arn), button: "1"})
        )
        assert "Line 3: " in shown
        assert "Maybe" in shown
    assert ManagedPolicy.objects.get().latest_version == 1


def test_a_policy_that_is_too_long_is_refused_in_awss_words(administrator, arn):
    long = document("s3:GetObject", "arn:aws:s3:::" + "x" * 6200)
    shown = text(
        administrator.post(at("edit", arn), {"policy_document": long, "seen": seen(administrator, arn), "save": "1"})
    )
    assert "Cannot exceed quota for PolicySize: 6144" in shown


def test_the_later_of_two_sees_what_the_other_saved(administrator, admin, arn):
    mark = seen(administrator, arn)
    create_policy_version(admin, policy_arn=arn, policy_document=document("sns:Publish"), set_as_default=True)
    asked = {"policy_document": document("sqs:*"), "set_as_default": "on", "save": "1"}
    answer = administrator.post(at("edit", arn), asked | {"seen": mark})
    assert answer.status_code == 409
    shown = text(answer)
    assert "Somebody changed this while you were editing" in shown
    assert "sns" in shown
    assert "sqs:*" in shown
    again = re.search(r'name="seen" value="(\w+)"', shown)[1]
    administrator.post(at("edit", arn), asked | {"seen": again})
    assert ManagedPolicy.objects.get().default_version == 3


def test_a_version_is_put_in_force_and_another_deleted(administrator, full):
    administrator.post(at("set-default", full), {"version_id": "v4"})
    assert ManagedPolicy.objects.get().default_version == 4
    administrator.post(at("delete-version", full), {"version_id": "v2"})
    assert not ManagedPolicy.objects.get().versions.filter(number=2).exists()
    refused = administrator.post(at("delete-version", full), {"version_id": "v4"})
    assert refused.status_code == 409
    assert "Cannot delete the default version of a policy." in text(refused)


@pytest.mark.parametrize("name", ["set-default", "delete-version"])
def test_without_a_version_to_review_the_way_leads_back(administrator, full, name):
    for query in ("", "?version=v1"):  # none, and the one in force
        assert administrator.get(at(name, full) + query)["Location"] == at("versions", full)
    assert administrator.get(at(name, full) + "?version=v9").status_code == 404


def test_before_a_version_comes_into_force_its_effect_is_shown(administrator, admin, full):
    create_user(admin, user_name="dora")
    create_group(admin, group_name="readers")
    attach_user_policy(admin, user_name="dora", policy_arn=full)
    attach_group_policy(admin, group_name="readers", policy_arn=full)
    assert f'href="{at("set-default", full)}?version=v3"' in text(administrator.get(at("versions", full)))
    shown = text(administrator.get(at("set-default", full) + "?version=v3"))
    for said in ("What changes in access", "No longer allowed", "1 group and 1 user have the policy attached:", "dora"):
        assert said in shown
    assert ManagedPolicy.objects.get().default_version == 1
    mark = re.search(r'name="seen" value="(\w+)"', shown)[1]
    administrator.post(at("set-default", full), {"version_id": "v3", "seen": mark})
    assert ManagedPolicy.objects.get().default_version == 3


def test_a_review_that_compared_with_an_earlier_default_is_shown_once_more(administrator, admin, full):
    mark = re.search(r'name="seen" value="(\w+)"', text(administrator.get(at("set-default", full) + "?version=v3")))[1]
    set_default_policy_version(admin, policy_arn=full, version_id="v2")
    answer = administrator.post(at("set-default", full), {"version_id": "v3", "seen": mark})
    assert answer.status_code == 409
    assert "Another version came into force meanwhile" in text(answer)
    assert ManagedPolicy.objects.get().default_version == 2
    again = re.search(r'name="seen" value="(\w+)"', text(answer))[1]
    administrator.post(at("set-default", full), {"version_id": "v3", "seen": again})
    assert ManagedPolicy.objects.get().default_version == 3


def test_before_a_version_is_deleted_its_document_is_shown(administrator, full):
    assert f'href="{at("delete-version", full)}?version=v2"' in text(administrator.get(at("versions", full)))
    shown = text(administrator.get(at("delete-version", full) + "?version=v2"))
    assert "s3:a*" in shown
    assert "Delete v2 of reading?" in shown
    assert ManagedPolicy.objects.get().versions.count() == 5


def test_reviews_of_versions_show_no_document_to_whoever_may_not_read_it(client, make_user, full):
    may = document(["iam:ListPolicyVersions", "iam:SetDefaultPolicyVersion", "iam:DeletePolicyVersion"])
    sign_in(client, make_user("vera", may))
    for name in ("set-default", "delete-version"):
        shown = text(client.get(at(name, full) + "?version=v2"))
        assert "iam:GetPolicyVersion" in shown
        assert "s3:a*" not in shown
        assert "What changes in access" not in shown


def test_versions_of_aws_are_not_reviewed(administrator, make_aws_policy):
    arn = make_aws_policy().arn
    for name in ("set-default", "delete-version"):
        assert administrator.get(at(name, arn) + "?version=v1").status_code == 404


@pytest.mark.parametrize("button", ["review", "save"])
def test_a_document_that_is_stored_already_is_not_saved_again(administrator, full, button):
    for version, stored in (("v1", document()), ("v3", document("s3:b*"))):
        asked = {"policy_document": stored, "seen": seen(administrator, full), button: "1", "delete_version": "on"}
        answer = text(administrator.post(at("edit", full), asked))
        assert f"Same as {version}: nothing to save." in answer
        assert (f'href="{at("set-default", full)}?version={version}"' in answer) == (version != "v1")
        assert "aws iam create-policy-version" not in answer
    assert ManagedPolicy.objects.get().latest_version == 5


def test_the_choice_of_the_default_stands_beside_the_button_of_the_review(administrator, admin, arn):
    create_user(admin, user_name="dora")
    attach_user_policy(admin, user_name="dora", policy_arn=arn)
    asked = {"policy_document": document("sqs:*"), "set_as_default": "on", "seen": seen(administrator, arn)}
    review = text(administrator.post(at("edit", arn), asked | {"review": "1"}))
    assert "Set as default: in force at once for the 1 user, group or role that has the policy" in review
    assert review.count('name="set_as_default"') == 1
    assert review.index('name="set_as_default"') < review.index('name="save"') < review.index('id="reviewed"')


def test_whoever_may_not_write_is_refused(client, make_user, arn):
    sign_in(client, make_user("vera", document("iam:Get*")))
    opened = client.get(at("edit", arn))
    refused = client.post(at("edit", arn), {"policy_document": document("sqs:*"), "seen": mark("1 1"), "save": "1"})
    for answer in (opened, refused):
        assert answer.status_code == 403
        assert "iam:CreatePolicyVersion" in text(answer)
    assert "sqs:*" in text(refused)


def test_pages_of_a_policy_cost_few_queries(administrator, full):
    reviews = (at("set-default", full) + "?version=v2", at("delete-version", full) + "?version=v2")
    for name in (*(at(name, full) for name in ("policy", "versions", "edit", "tags", "delete")), *reviews):
        administrator.get(name)
        with CaptureQueriesContext(connection) as done:
            administrator.get(name)
        asked = [query["sql"] for query in done if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
        assert len(asked) <= 15, (name, asked)


def test_comparing_says_what_the_change_does_to_access(administrator, admin, arn):
    create_policy_version(admin, policy_arn=arn, policy_document=document(["s3:GetObject", "s3:PutObject"]))
    wider = text(administrator.get(at("versions", arn) + "?from=v1&to=v2"))
    assert "1 more action" in wider
    assert "Now allowed" in wider
    assert "Write: PutObject" in wider
    narrower = text(administrator.get(at("versions", arn) + "?from=v2&to=v1"))
    assert "1 fewer action" in narrower
    assert "No longer allowed" in narrower
    assert "Nothing: every request is decided as before." in text(
        administrator.get(at("versions", arn) + "?from=v1&to=v1")
    )


def test_what_changes_in_access_is_not_told_to_whoever_may_not_read_documents(client, make_user, full):
    sign_in(client, make_user("vera", document("iam:ListPolicyVersions")))
    assert "What changes in access" not in text(client.get(at("versions", full) + "?from=v1&to=v3"))


def test_the_review_says_what_the_draft_does_to_access(administrator, arn):
    denying = document("s3:GetObject", effect="Deny")
    asked = {"policy_document": denying, "seen": seen(administrator, arn), "review": "1"}
    review = text(administrator.post(at("edit", arn), asked))
    assert "Now denied" in review
    assert "No longer allowed" in review
    assert "Now allowed" not in review


def test_each_version_says_who_saved_it_and_why(administrator, arn, admin):
    edit = {
        "policy_document": document("s3:a*"),
        "seen": seen(administrator, arn),
        "change-reason:save": "OPS-7 <read>",
    }
    reviewed = administrator.post(at("edit", arn), edit | {"review": "1"})
    assert ">\nOPS-7 &lt;read&gt;</textarea>" in reviewed.content.decode()  # kept over the review
    assert administrator.post(at("edit", arn), edit | {"save": "1"}).status_code == 302
    create_policy_version(admin, policy_arn=arn, policy_document=document("s3:b*"))
    saved = {row.number: (row.created_by, row.note) for row in ManagedPolicy.objects.get(arn=arn).versions.all()}
    assert saved[2] == (admin.arn, "OPS-7 <read>")
    assert saved[3] == (admin.arn, "")
    listed = text(administrator.get(at("versions", arn)))
    assert "user/alice</span>" in listed
    assert listed.count("OPS-7 &lt;read&gt;") == 1
    compared = text(administrator.get(at("versions", arn) + "?from=v2&to=v3"))
    assert '<div class="version-told"><b>v2</b>' in compared
    assert compared.count("OPS-7 &lt;read&gt;") == 2
    assert "No note" in compared


def test_a_policy_begins_with_the_note_of_its_first_version(administrator, admin):
    asked = {"policy_name": "fresh", "policy_document": document("s3:a*"), "path": "/", "create": "1"}
    assert (
        administrator.post(reverse("policies:create"), asked | {"change-reason:create": "New team"}).status_code == 302
    )
    policy = ManagedPolicy.objects.get(name="fresh")
    assert policy.versions.get().note == "New team"


def test_a_reason_that_is_too_long_saves_no_version(administrator, arn):
    edit = {"policy_document": document("s3:a*"), "seen": seen(administrator, arn), "change-reason:save": "x" * 501}
    page = text(administrator.post(at("edit", arn), edit | {"save": "1"}))
    assert "Use at most 500 characters." in page
    assert "s3:a*" in page
    assert ManagedPolicy.objects.get(arn=arn).versions.count() == 1


def test_in_a_review_the_document_is_read_and_edit_leads_back_with_all_that_was_typed(administrator, arn):
    written = '{"Version": "2012-10-17",\n"Statement": [{"Effect": "Deny", "Action": "s3:Put*", "Resource": "*"}]}'
    asked = {"policy_document": written, "seen": seen(administrator, arn), "set_as_default": "on"}
    review = administrator.post(at("edit", arn), asked | {"review": "1"})
    said = text(review)
    assert "Denies every action of Amazon S3 that begins with Put, on every resource." in said
    assert 'href="#line-2"' in said
    assert 'id="line-2"' in said
    assert "data-editor" not in said
    sent = re.search(
        r"<textarea[^>]*name=\"policy_document\"[^>]*hidden>\n(.*?)</textarea>", review.content.decode(), re.DOTALL
    )
    assert sent is not None
    assert html.unescape(sent[1]) == written
    back = administrator.post(at("edit", arn), asked | {"edit": "1"})
    assert back.status_code == 200
    assert 'data-editor="identity"' in text(back)
    assert html.escape(written) in back.content.decode().replace("&#x27;", "'")
    assert "What changes" not in text(back)
    assert ManagedPolicy.objects.get(arn=arn).latest_version == 1


def test_findings_name_the_lines_that_are_shown_of_a_document_in_one_line(administrator, admin, arn):
    written = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObjec", "Resource": "*"}]}'
    asked = {"policy_document": written, "seen": seen(administrator, arn), "set_as_default": "on"}
    review = text(administrator.post(at("edit", arn), asked | {"review": "1"}))
    assert re.search(r"Line 6</span> The action s3:GetObjec does not exist", review)
    administrator.post(at("edit", arn), asked | {"save": "1"})
    assert re.search(r"Line 6</span> The action s3:GetObjec does not exist", text(administrator.get(at("policy", arn))))


def test_beside_one_version_two_different_ones_are_offered_to_be_compared(administrator, full):
    page = text(administrator.get(at("versions", full) + "?show=v2"))
    assert re.findall(r"<option selected>(v\d)", page) == ["v4", "v5"]


def test_the_policy_is_said_in_sentences_to_whoever_may_read_its_document(administrator, client, make_user, admin, arn):
    page = text(administrator.get(at("policy", arn)))
    assert "Allows GetObject of Amazon S3, on every resource." in page
    assert re.search(r'href="#line-(\d+)".*id="line-\1"', page)
    reader = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:GetPolicy","Resource":"*"}]}'
    sign_in(client, make_user("liz", reader))
    page = text(client.get(at("policy", arn)))
    assert "reading" in page
    assert "In sentences" not in page
    assert "GetObject" not in page


def test_a_text_without_places_to_link_to_is_shown():
    assert "one" in code("one\ntwo", anchors="")  # what a template gives for a document without sentences
