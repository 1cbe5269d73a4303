"""A version on trial: what the record's calls since then would have been with it, and the way there and back on the pages."""

import re
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.operations.attachments import attach_user_policy
from accounts.operations.groups import create_group, delete_group
from operations.clock import at as at_moment
from operations.clock import now
from operations.errors import ServiceError
from operations.models import Event
from policies.models import ManagedPolicy, PolicyTrial
from policies.operations.managed_policies import create_policy
from policies.operations.policy_trials import get_policy_trial, start_policy_trial
from policies.operations.policy_versions import create_policy_version
from tests.access.conftest import document
from tests.signing_in import sign_in

NARROWER = document(["iam:DeleteGroup", "iam:GetGroup"])


@pytest.fixture
def arn(admin):
    """A policy that allows to create groups, with a second version that allows to delete them instead."""
    arn = create_policy(
        admin, policy_name="grouping", policy_document=document(["iam:CreateGroup", "iam:ListGroups", "iam:GetGroup"])
    )["Policy"]["Arn"]
    create_policy_version(admin, policy_arn=arn, policy_document=NARROWER)
    return arn


@pytest.fixture
def eve(admin, arn, make_user, caller_of):
    eve = make_user("eve")
    attach_user_policy(admin, user_name="eve", policy_arn=arn)
    return caller_of(eve)


def words(response):
    return re.sub(r"\s+", " ", response.content.decode())


def page(name, arn, query=""):
    return reverse(f"policies:{name}", args=[arn]) + query


def calling(operation, caller, **given):
    with suppress(ServiceError):
        operation(caller, **given)


def test_calls_since_the_start_are_told_and_no_earlier_ones(signed_in, admin, arn, eve):
    calling(create_group, eve, group_name="before")
    started = signed_in.post(page("start-trial", arn), {"version_id": "v2"}, follow=True)
    assert started.redirect_chain[0][0] == page("trial", arn)
    assert "v2 is on trial" in words(started)
    assert "Nobody who has the policy has made a call since the trial began." in words(started)
    for name in ("one", "one", "two"):
        calling(create_group, eve, group_name=name)
    calling(delete_group, eve, group_name="one")
    shown = signed_in.get(page("trial", arn))
    text = words(shown)
    assert "3 calls by 1 principal that were allowed would be denied." in text
    assert "1 call by 1 principal that was denied would be allowed." in text
    losses = shown.context["replay"].value.losses.rows
    assert [(row.action, row.resource.rpartition("/")[2], row.number) for row in losses] == [
        ("iam:CreateGroup", "one", 2),
        ("iam:CreateGroup", "two", 1),
    ]
    newest = Event.objects.filter(name="CreateGroup", resource__endswith="/one").latest("id")
    assert losses[0].event_id == newest.event_id
    assert reverse("audit:event", args=[newest.event_id]) in text
    assert "eve" in text
    assert ManagedPolicy.objects.get(arn=arn).default_version == 1
    found = get_policy_trial(admin, policy_arn=arn)["Replay"]
    assert (found["NewlyDenied"], found["NewlyAllowed"], found["Unknown"], found["Calls"]) == (3, 1, 0, 4)
    assert found["Differences"][0] | {"LastCallDate": None, "LastEventId": None} == {
        "Outcome": "newlyDenied",
        "PrincipalArn": eve.arn,
        "ActionName": "iam:CreateGroup",
        "ResourceArn": newest.resource,
        "Calls": 2,
        "LastCallDate": None,
        "LastEventId": None,
    }


def test_a_long_trial_looks_back_over_the_replays_window_alone(signed_in, admin, arn, eve):
    with at_moment(now() - timedelta(days=200)):
        start_policy_trial(admin, policy_arn=arn, version_id="v2")
    with at_moment(now() - timedelta(days=100)):
        calling(create_group, eve, group_name="old")
    calling(create_group, eve, group_name="new")
    answer = signed_in.get(page("trial", arn)).context["replay"].value
    assert (answer.looked.number, answer.losses.number) == (1, 1)


def test_it_is_stopped_and_started_from_the_versions(signed_in, arn):
    listed = words(signed_in.get(page("versions", arn)))
    assert "Start trial of v2" in listed
    assert "Start trial of v1" not in listed
    assert "No version is on trial" in words(signed_in.get(page("trial", arn)))
    assert "Start trial of v2" in words(signed_in.get(page("trial", arn, "?version=v2")))
    assert "No version is on trial" in words(signed_in.get(page("trial", arn, "?version=v1")))
    assert signed_in.get(page("trial", arn, "?version=v9")).status_code == 404
    signed_in.post(page("start-trial", arn), {"version_id": "v2"})
    listed = words(signed_in.get(page("versions", arn)))
    assert "On trial, started" in listed
    assert "Start trial" not in listed
    assert page("trial", arn) in words(signed_in.get(page("policy", arn)))
    assert "v2 on trial, started" in words(signed_in.get("/policies/"))
    assert "grouping" in words(signed_in.get("/policies/?f=trial:lt:36500"))
    stopped = signed_in.post(page("stop-trial", arn), follow=True)
    assert "The trial was stopped." in words(stopped)
    assert not PolicyTrial.objects.exists()
    assert "grouping" not in words(signed_in.get("/policies/?f=trial:lt:36500")).partition("<tbody")[2]


def test_a_start_is_undone(signed_in, arn):
    started = signed_in.post(page("start-trial", arn), {"version_id": "v2"}, follow=True)
    token = re.search(r'form="undo" name="token" value="(\w+)"', started.content.decode())[1]
    signed_in.post("/undo/", {"token": token, "next": page("versions", arn)})
    assert not PolicyTrial.objects.exists()


def test_the_review_offers_to_save_and_try(signed_in, admin, arn, eve):
    start_policy_trial(admin, policy_arn=arn, version_id="v2")
    seen = re.search(r'name="seen" value="(\w+)"', words(signed_in.get(page("edit", arn))))[1]
    sent = {"policy_document": document("iam:ListGroups"), "set_as_default": "on", "seen": seen}
    assert "Save and start trial" in words(signed_in.post(page("edit", arn), sent | {"review": "1"}))
    saved = signed_in.post(page("edit", arn), sent | {"try": "1"}, follow=True)
    assert saved.redirect_chain[0][0] == page("trial", arn)
    assert "It is on trial from now on and not in force." in words(saved)
    policy = ManagedPolicy.objects.get(arn=arn)
    assert (policy.default_version, policy.latest_version, policy.trial.number) == (1, 3, 3)


def test_where_there_is_no_room_the_version_on_trial_stays(signed_in, admin, arn):
    for name in ("a", "b", "c"):
        create_policy_version(admin, policy_arn=arn, policy_document=document(f"s3:{name}*"))
    start_policy_trial(admin, policy_arn=arn, version_id="v2")
    assert "Delete v3, the oldest version" in words(signed_in.get(page("edit", arn)))


def test_bad_documents_are_kept_and_nothing_is_tried(signed_in, arn):
    seen = re.search(r'name="seen" value="(\w+)"', words(signed_in.get(page("edit", arn))))[1]
    shown = signed_in.post(page("edit", arn), {"policy_document": "{no", "seen": seen, "try": "1"})
    assert "{no" in words(shown)
    assert not PolicyTrial.objects.exists()
    assert signed_in.post(page("start-trial", arn), {"version_id": "v1"}).status_code == 400
    assert signed_in.get(page("start-trial", arn)).status_code == 405


def test_who_may_not(client, make_user, admin, arn, eve):
    start_policy_trial(admin, policy_arn=arn, version_id="v2")
    calling(create_group, eve, group_name="secret")
    see = ["iam:GetPolicy", "iam:ListPolicyVersions"]
    sign_in(client, make_user("vera", document(see)))
    shown = words(client.get(page("trial", arn)))
    assert "Needs iam:GetPolicyVersion" in shown
    assert "v2 is on trial" not in shown
    assert "On trial, started" not in words(client.get(page("versions", arn)))
    assert client.post(page("stop-trial", arn)).status_code == 403
    assert client.post(page("start-trial", arn), {"version_id": "v2"}).status_code == 403
    sign_in(client, make_user("rita", document([*see, "iam:GetPolicyVersion"])))
    shown = words(client.get(page("trial", arn)))
    assert "v2 is on trial" in shown
    assert "Needs cloudtrail:LookupEvents" in shown
    assert "since the trial began would be decided otherwise is shown" in shown
    for hidden in ("secret", "user/eve", "Started by", "Stop trial", "Set v2 as default"):
        assert hidden not in shown.partition("<main")[2]
    PolicyTrial.objects.all().delete()
    assert client.get(page("trial", arn)).status_code == 200
    assert client.get(page("trial", arn, "?version=v2")).status_code == 403


def test_queries_do_not_grow_with_calls(signed_in, admin, arn, eve):
    start_policy_trial(admin, policy_arn=arn, version_id="v2")

    def count():
        signed_in.get(page("trial", arn))
        with CaptureQueriesContext(connection) as caught:
            assert signed_in.get(page("trial", arn)).status_code == 200
        return len(caught)

    calling(create_group, eve, group_name="one")
    few = count()
    for number in range(20):
        calling(create_group, eve, group_name=f"more-{number}")
    assert count() == few <= 15
