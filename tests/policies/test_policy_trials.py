"""Trials of versions: starting, stopping, what ends one, and who may."""

import json

import pytest

from operations.errors import AccessDenied, EntityAlreadyExists, InvalidInput, NoSuchEntity, ValidationError
from operations.models import Event
from policies.models import ManagedPolicy, PolicyTrial
from policies.operations.managed_policies import delete_policy
from policies.operations.policy_trials import (
    get_policy_trial,
    list_policy_trials,
    start_policy_trial,
    stop_policy_trial,
)
from policies.operations.policy_versions import (
    create_policy_version,
    delete_policy_version,
    set_default_policy_version,
)
from tests.policies.conftest import document


@pytest.fixture
def arn(admin, make_policy):
    """A policy with three versions, the first of which is in force."""
    arn = make_policy()
    for name in ("s3:Put*", "s3:List*"):
        create_policy_version(admin, policy_arn=arn, policy_document=document(name))
    return arn


@pytest.fixture
def tried(admin, arn):
    start_policy_trial(admin, policy_arn=arn, version_id="v2")
    return arn


def last(name):
    return json.loads(Event.objects.filter(name=name, error_code="").latest("id").record)


def test_a_trial_is_started_told_listed_and_stopped(admin, arn):
    made = start_policy_trial(admin, policy_arn=arn, version_id="v2")["PolicyTrial"]
    row = PolicyTrial.objects.get()
    assert made == {"PolicyArn": arn, "VersionId": "v2", "StartDate": row.started_at}
    assert row.started_by == admin.arn
    assert last("StartPolicyTrial")["after"]["versionId"] == "v2"
    found = get_policy_trial(admin, policy_arn=arn)
    assert found["PolicyTrial"] == made
    assert found["Replay"]["Differences"] == []
    assert list_policy_trials(admin) == {"PolicyTrials": [made], "IsTruncated": False}
    stop_policy_trial(admin, policy_arn=arn)
    assert last("StopPolicyTrial")["before"]["startedBy"] == admin.arn
    assert not PolicyTrial.objects.exists()
    for gone in (stop_policy_trial, get_policy_trial):
        with pytest.raises(NoSuchEntity):
            gone(admin, policy_arn=arn)


def test_one_version_at_a_time_and_never_the_one_in_force(admin, tried):
    for version in ("v2", "v3"):
        with pytest.raises(EntityAlreadyExists, match="Version v2 of policy .* is on trial already"):
            start_policy_trial(admin, policy_arn=tried, version_id=version)
    with pytest.raises(InvalidInput, match="in force already"):
        start_policy_trial(admin, policy_arn=tried, version_id="v1")
    assert PolicyTrial.objects.get().number == 2


@pytest.mark.parametrize(
    "change",
    [
        lambda admin, arn: set_default_policy_version(admin, policy_arn=arn, version_id="v2"),
        lambda admin, arn: set_default_policy_version(admin, policy_arn=arn, version_id="v3"),
        lambda admin, arn: create_policy_version(
            admin, policy_arn=arn, policy_document=document("sqs:*"), set_as_default=True
        ),
        lambda admin, arn: delete_policy_version(admin, policy_arn=arn, version_id="v2"),
    ],
)
def test_a_new_default_and_the_end_of_the_version_end_its_trial(admin, tried, change):
    change(admin, tried)
    assert not PolicyTrial.objects.exists()
    event = json.loads(Event.objects.latest("id").record)
    assert event["additionalEventData"]["endedTrial"]["versionId"] == "v2"


def test_what_is_no_matter_of_the_trial_leaves_it(admin, tried):
    delete_policy_version(admin, policy_arn=tried, version_id="v3")
    create_policy_version(admin, policy_arn=tried, policy_document=document("sqs:*"))
    assert PolicyTrial.objects.get().number == 2


def test_it_goes_with_its_policy(admin, tried):
    for version in ("v2", "v3"):
        delete_policy_version(admin, policy_arn=tried, version_id=version)
    delete_policy(admin, policy_arn=tried)
    assert not PolicyTrial.objects.exists()


@pytest.mark.parametrize(
    ("operation", "given", "action"),
    [
        (start_policy_trial, {"version_id": "v3"}, "iam:CreatePolicyVersion"),
        (stop_policy_trial, {}, "iam:CreatePolicyVersion"),
        (get_policy_trial, {}, "iam:GetPolicyVersion"),
    ],
)
def test_who_may_not_is_refused(tried, make_user, caller_of, operation, given, action):
    nobody = caller_of(make_user("nobody", document("iam:ListUsers")))
    with pytest.raises(AccessDenied, match=action):
        operation(nobody, policy_arn=tried, **given)
    with pytest.raises(AccessDenied, match="iam:ListPolicies"):
        list_policy_trials(nobody)
    assert PolicyTrial.objects.get().number == 2


def test_who_may_not_read_the_trail_learns_of_no_call(tried, make_user, caller_of):
    reader = caller_of(make_user("rita", document("iam:GetPolicyVersion")))
    assert set(get_policy_trial(reader, policy_arn=tried)) == {"PolicyTrial"}


def test_aws_managed_policies_are_not_tried(admin, make_aws_policy):
    with pytest.raises(InvalidInput):
        start_policy_trial(admin, policy_arn=make_aws_policy().arn, version_id="v3")


@pytest.mark.parametrize(("version", "error"), [("v9", NoSuchEntity), ("2", ValidationError), ("", ValidationError)])
def test_bad_input(admin, arn, version, error):
    with pytest.raises(error):
        start_policy_trial(admin, policy_arn=arn, version_id=version)
    assert not PolicyTrial.objects.exists()


def test_another_accounts_trials_are_not_there(admin, tried):
    ManagedPolicy.objects.update(account_id="999999999999")
    assert list_policy_trials(admin)["PolicyTrials"] == []
    for operation in (get_policy_trial, stop_policy_trial):
        with pytest.raises(NoSuchEntity):
            operation(admin, policy_arn=tried)


def test_many_are_listed_in_pages(admin, tried, make_policy):
    other = make_policy("other")
    create_policy_version(admin, policy_arn=other, policy_document=document("s3:Put*"))
    start_policy_trial(admin, policy_arn=other, version_id="v2")
    first = list_policy_trials(admin, max_items=1)
    assert [one["PolicyArn"] for one in first["PolicyTrials"]] == [tried]
    second = list_policy_trials(admin, marker=first["Marker"])
    assert [one["PolicyArn"] for one in second["PolicyTrials"]] == [other]
