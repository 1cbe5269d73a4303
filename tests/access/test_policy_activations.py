"""Versions that are put in force at a later moment: as the call of who scheduled it, with the rights of that moment, once, or told why not."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from accounts.operations.contain import contain_user
from accounts.operations.inline_policies import delete_user_policy, put_user_policy
from iamconsole.schedule import Schedule
from operations.clock import at as at_moment
from operations.clock import now
from operations.errors import AccessDenied, EntityAlreadyExists, InvalidInput, NoSuchEntity
from operations.models import Event
from policies.activating import carry_out
from policies.models import ManagedPolicy, PolicyActivation
from policies.operations.managed_policies import create_policy
from policies.operations.policy_activations import (
    cancel_policy_activation,
    list_policy_activations,
    schedule_policy_activation,
)
from policies.operations.policy_tests import put_policy_test
from policies.operations.policy_versions import (
    create_policy_version,
    delete_policy_version,
    set_default_policy_version,
)
from tests.access.conftest import document
from tests.signing_in import sign_in

MAY = ["iam:GetPolicy", "iam:ListPolicyVersions", "iam:SetDefaultPolicyVersion"]


@pytest.fixture
def arn(admin):
    arn = create_policy(admin, policy_name="reading", policy_document=document("s3:GetObject"))["Policy"]["Arn"]
    for name in ("s3:Get*", "s3:List*"):
        create_policy_version(admin, policy_arn=arn, policy_document=document(name))
    return arn


@pytest.fixture
def eve(make_user, caller_of, admin):
    """Somebody who may put versions in force, as a Caller."""
    user = make_user("eve")
    put_user_policy(admin, user_name="eve", policy_name="own", policy_document=document(MAY))
    return caller_of(user)


@pytest.fixture
def scheduled(eve, arn):
    plan(replace(eve, reason="OPS-9"), arn)
    return arn


def plan(caller, arn, version="v2", **after):
    moment = now() + timedelta(**(after or {"hours": 1}))
    return schedule_policy_activation(caller, policy_arn=arn, version_id=version, activation_date=moment)


def later(**after):
    return at_moment(now() + timedelta(**(after or {"hours": 2})))


def last(name):
    return json.loads(Event.objects.filter(name=name).latest("id").record)


def in_force():
    return ManagedPolicy.objects.get(name="reading").default_version


def words(response):
    return re.sub(r"\s+", " ", response.content.decode())


def page(name, arn, query=""):
    return reverse(f"policies:{name}", args=[arn]) + query


def test_it_comes_into_force_when_it_is_due_as_the_users_own_call(scheduled, eve):
    assert carry_out() == 0
    assert in_force() == 1
    with later():
        assert carry_out() == 1
        assert carry_out() == 0
    assert in_force() == 2
    assert not PolicyActivation.objects.exists()
    event = last("SetDefaultPolicyVersion")
    assert event["userIdentity"]["arn"] == eve.arn
    assert event["userIdentity"]["invokedBy"] == "scheduled activation"
    assert event["additionalEventData"]["reason"] == "OPS-9"
    assert event["additionalEventData"]["scheduledActivation"]["versionId"] == "v2"
    assert event["decision"]["outcome"] == "allowed"
    assert Event.objects.filter(name="SetDefaultPolicyVersion").count() == 1


def test_rights_are_those_of_that_moment(scheduled, admin, eve):
    delete_user_policy(admin, user_name="eve", policy_name="own")
    with later():
        assert carry_out() == 1
        assert carry_out() == 0, "what was refused is not tried again"
    assert in_force() == 1
    row = PolicyActivation.objects.get()
    assert "is not authorized to perform: iam:SetDefaultPolicyVersion" in row.failure
    event = last("SetDefaultPolicyVersion")
    assert (event["eventID"], event["errorCode"], event["userIdentity"]["arn"]) == (
        row.event_id,
        "AccessDenied",
        eve.arn,
    )


def test_a_test_that_fails_meanwhile_blocks_it(scheduled, admin):
    put_policy_test(
        admin, policy_arn=scheduled, test_name="none", action_name="s3:GetObject", resource_arn="*", expected_decision="implicitDeny"
    )  # fmt: skip
    with later():
        carry_out()
    assert in_force() == 1
    assert "fails 1 of the tests" in PolicyActivation.objects.get().failure


def test_who_is_gone_or_contained_puts_nothing_in_force(scheduled, admin, eve):
    contain_user(admin, user_name="eve", reason="stolen")
    with later():
        assert carry_out() == 0
    assert in_force() == 1
    assert "was contained" in PolicyActivation.objects.get().failure
    plan(admin, scheduled)
    User.objects.filter(name=admin.user_name).delete()
    with later():
        assert carry_out() == 1
    assert in_force() == 1
    assert "is no more" in PolicyActivation.objects.get().failure


@pytest.mark.parametrize(
    "change",
    [
        lambda admin, arn: cancel_policy_activation(admin, policy_arn=arn),
        lambda admin, arn: delete_policy_version(admin, policy_arn=arn, version_id="v2"),
        lambda admin, arn: set_default_policy_version(admin, policy_arn=arn, version_id="v3"),
    ],
)
def test_what_is_cancelled_gone_or_overtaken_is_not_carried_out(scheduled, admin, change):
    change(admin, scheduled)
    before = in_force()
    with later():
        assert carry_out() == 0
    assert in_force() == before
    with pytest.raises(NoSuchEntity):
        cancel_policy_activation(admin, policy_arn=scheduled)


def test_one_moment_at_a_time_and_a_failed_one_makes_room(scheduled, admin):
    with pytest.raises(EntityAlreadyExists, match="Version v2 of policy .* is scheduled already"):
        plan(admin, scheduled, "v3")
    PolicyActivation.objects.update(failed_at=now(), failure="x")
    assert list_policy_activations(admin)["PolicyActivations"][0]["State"] == "failed"
    assert plan(admin, scheduled, "v3")["PolicyActivation"]["VersionId"] == "v3"
    assert [one["State"] for one in list_policy_activations(admin)["PolicyActivations"]] == ["scheduled"]


@pytest.mark.parametrize("after", [{"seconds": -1}, {"days": 367}])
def test_a_moment_that_is_over_or_too_far_is_refused(admin, arn, after):
    with pytest.raises(InvalidInput, match="in the future, and within 366 days"):
        plan(admin, arn, **after)


def test_the_version_in_force_a_failing_one_and_one_that_is_not_there(admin, arn):
    with pytest.raises(InvalidInput, match="in force already"):
        plan(admin, arn, "v1")
    with pytest.raises(NoSuchEntity):
        plan(admin, arn, "v9")
    put_policy_test(
        admin, policy_arn=arn, test_name="none", action_name="s3:GetObject", resource_arn="*", expected_decision="implicitDeny"
    )  # fmt: skip
    with pytest.raises(InvalidInput, match="fails tests"):
        plan(admin, arn)


def test_who_is_allowed_it_with_a_second_factor_alone_is_told_so(admin, make_user, caller_of, arn):
    user = make_user("mia")
    own = document("iam:SetDefaultPolicyVersion", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    put_user_policy(admin, user_name="mia", policy_name="own", policy_document=own)
    caller = caller_of(user)
    caller = replace(caller, context={**caller.context, "aws:MultiFactorAuthPresent": "true"})
    with pytest.raises(InvalidInput, match="Nobody brings that when an activation is due"):
        plan(caller, arn)


def test_sessions_and_the_machine_schedule_nothing(system, arn, admin):
    for caller in (system, replace(admin, user_id=None)):
        with pytest.raises(InvalidInput, match="Only a user"):
            plan(caller, arn)


def test_who_may_not_is_refused(scheduled, nobody):
    with pytest.raises(AccessDenied):
        plan(nobody, scheduled, "v3")
    with pytest.raises(AccessDenied):
        cancel_policy_activation(nobody, policy_arn=scheduled)
    with pytest.raises(AccessDenied):
        list_policy_activations(nobody)
    assert PolicyActivation.objects.exists()


def test_the_pages_schedule_show_and_cancel(signed_in, arn, admin):
    assert "Schedule for later" in words(signed_in.get(page("set-default", arn, "?version=v2")))
    at = page("schedule", arn, "?version=v2")
    moment = (now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    for wrong in ("", "soon", "2020-01-01T00:00"):
        shown = signed_in.post(at, {"version_id": "v2", "activation_date": wrong})
        assert "There is a problem" in words(shown)
        assert f'value="{wrong}"' in words(shown) or not wrong
    kept = signed_in.post(at, {"version_id": "v2", "activation_date": moment}, follow=True)
    assert "v2 is scheduled to come into force" in words(kept)
    assert PolicyActivation.objects.get().scheduler_id
    assert "v2 is scheduled to come into force" in words(signed_in.get(page("policy", arn)))
    PolicyActivation.objects.update(failed_at=now(), failure="Because <so>")
    shown = words(signed_in.get(page("policy", arn)))
    assert "v2 was not put in force" in shown
    assert "Because &lt;so&gt;" in shown
    assert "Nothing is scheduled" in words(signed_in.post(page("cancel-activation", arn), follow=True))
    assert not PolicyActivation.objects.exists()


def test_names_and_reasons_are_for_who_may_read_the_trail(client, make_user, scheduled):
    sign_in(client, make_user("rita", document(MAY[:2])))
    for name in ("versions", "policy"):
        shown = words(client.get(page(name, scheduled)))
        assert "v2 is scheduled to come into force" in shown
        assert "user/eve" not in shown
        assert "Cancel activation" not in shown
    assert client.get(page("schedule", scheduled, "?version=v2")).status_code == 403
    assert client.post(page("cancel-activation", scheduled)).status_code == 403
    PolicyActivation.objects.update(failed_at=now(), failure="user/eve may not")
    assert "user/eve" not in words(client.get(page("policy", scheduled)))
    sign_in(client, make_user("vera", document("iam:GetPolicy")))
    assert "v2 was not" not in words(client.get(page("policy", scheduled)))


def test_the_pages_cost_no_more_queries_for_it(signed_in, admin, arn):
    def count(name):
        signed_in.get(page(name, arn))
        with CaptureQueriesContext(connection) as caught:
            assert signed_in.get(page(name, arn)).status_code == 200
        return len(caught)

    before = [count("policy"), count("versions")]
    plan(admin, arn)
    assert [count("policy"), count("versions")] == before
    assert max(before) <= 15


def test_a_thread_looks_at_its_start_and_lives_on_whatever_happens(monkeypatch):
    looked = []

    def fail():
        looked.append(1)
        raise RuntimeError("no")

    monkeypatch.setattr("iamconsole.schedule.carry_out", fail)
    monkeypatch.setattr("iamconsole.schedule.close_old_connections", lambda: None)
    thread = Schedule(pause=0.01)
    thread.start()
    while len(looked) < 3:
        thread._end.wait(0.01)
    thread.stop()
    assert not thread._thread.is_alive()


def test_one_that_fails_for_a_fault_of_ours_keeps_no_other_waiting(scheduled, admin, monkeypatch, caplog):
    other = create_policy(admin, policy_name="other", policy_document=document("s3:GetObject"))["Policy"]["Arn"]
    create_policy_version(admin, policy_arn=other, policy_document=document("s3:Get*"))
    plan(admin, other)
    done = []

    def put(caller, policy_arn, version_id):
        if policy_arn == scheduled:
            raise RuntimeError("broken")
        done.append(policy_arn)

    monkeypatch.setattr("policies.activating.set_default_policy_version", put)
    with at_moment(now() + timedelta(days=30)):
        assert carry_out() == 1
    assert done == [other]
    assert "could not be carried out" in caplog.text
    assert PolicyActivation.objects.get(policy__name="reading").failure.startswith("The console failed")


def test_the_moment_is_utc_wherever_the_reader_is(signed_in, arn):
    signed_in.cookies["zone"] = "Asia/Tokyo"
    moment = (now() + timedelta(days=2)).replace(second=0, microsecond=0)
    given = {"version_id": "v2", "activation_date": moment.strftime("%Y-%m-%dT%H:%M")}
    assert signed_in.post(page("schedule", arn), given).status_code == 302
    assert PolicyActivation.objects.get().due_at == moment


def test_the_version_that_is_scheduled_is_the_one_that_was_sent(signed_in, arn):
    moment = (now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    signed_in.post(page("schedule", arn, "?version=v2"), {"activation_date": moment})
    assert not PolicyActivation.objects.exists()
