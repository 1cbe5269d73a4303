"""When a policy last decided something is known from every call and from what other services ask, at the cost of a write an hour."""

import json
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.operations.attachments import attach_user_policy
from accounts.operations.boundaries import put_user_permissions_boundary
from accounts.operations.users import get_user
from operations import clock, record
from operations.errors import AccessDenied
from policies import last_decided
from policies.models import PolicyTest, PolicyUsage
from policies.operations.managed_policies import delete_policy
from policies.operations.policy_tests import put_policy_test
from tests.conftest import ACCOUNT
from tests.policies.conftest import document


@pytest.fixture(autouse=True)
def _nothing_remembered():
    last_decided.forget_all()
    yield
    last_decided.forget_all()


def decided(arn):
    row = PolicyUsage.objects.filter(policy__arn=arn, account_id=ACCOUNT).first()
    return row.last_decided_at if row else None


@pytest.fixture
def with_policy(admin, make_user, make_policy, caller_of):
    """A user whose only right comes from a managed policy."""

    def make(text=None, name="reading"):
        arn = make_policy(name, text or document("iam:GetUser"))
        user = make_user("dora")
        attach_user_policy(admin, user_name="dora", policy_arn=arn)
        return arn, user, caller_of(user)

    return make


def test_an_allowed_call_is_a_use(with_policy):
    arn, _user, caller = with_policy()
    assert decided(arn) is None
    get_user(caller, user_name="dora")
    assert clock.now() - decided(arn) < timedelta(minutes=1)


def test_a_denial_is_a_use_where_a_statement_says_so(admin, with_policy, make_policy, caller_of):
    arn, user, caller = with_policy()
    with pytest.raises(AccessDenied):
        delete_policy(caller, policy_arn=arn)
    assert decided(arn) is None  # nothing that it says denied this
    denying = make_policy("denying", document("iam:DeletePolicy", effect="Deny"))
    attach_user_policy(admin, user_name="dora", policy_arn=denying)
    with pytest.raises(AccessDenied):
        delete_policy(caller_of(user), policy_arn=arn)
    assert (decided(arn), decided(denying) is not None) == (None, True)


def test_a_boundary_that_denies_is_a_use(admin, with_policy, make_policy, caller_of):
    arn, user, _caller = with_policy()
    bounding = make_policy("bounding", document("iam:GetUser", effect="Deny"))
    put_user_permissions_boundary(admin, user_name="dora", permissions_boundary=bounding)
    with pytest.raises(AccessDenied):
        get_user(caller_of(user), user_name="dora")
    assert (decided(arn), decided(bounding) is not None) == (None, True)


def test_an_aws_managed_policy_is_used_by_the_account(admin, make_user, make_aws_policy, caller_of):
    policy = make_aws_policy(text=document("iam:GetUser"))
    user = make_user("dora")
    attach_user_policy(admin, user_name="dora", policy_arn=policy.arn)
    get_user(caller_of(user), user_name="dora")
    assert [row.account_id for row in PolicyUsage.objects.exclude(last_decided_at=None)] == [ACCOUNT]


def test_a_policy_is_written_once_an_hour(with_policy, monkeypatch, django_capture_on_commit_callbacks):
    arn, _user, caller = with_policy()
    with django_capture_on_commit_callbacks(execute=True):
        get_user(caller, user_name="dora")
    first = decided(arn)
    with CaptureQueriesContext(connection) as asked:
        get_user(caller, user_name="dora")
    assert not [each for each in asked.captured_queries if "policies_policyusage" in each["sql"]]
    assert decided(arn) == first
    later = clock.now() + timedelta(hours=1, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    get_user(caller, user_name="dora")
    assert decided(arn) == later


def test_what_is_rolled_back_is_not_remembered_as_written(with_policy):
    arn, _user, caller = with_policy()
    get_user(caller, user_name="dora")
    PolicyUsage.objects.update(last_decided_at=None)  # as if the transaction had not come to its end
    get_user(caller, user_name="dora")
    assert decided(arn) is not None


def test_a_late_entry_takes_nothing_back_and_a_namesake_has_no_part_in_it(with_policy):
    arn, _user, caller = with_policy()
    get_user(caller, user_name="dora")
    newest = decided(arn)
    last_decided.of_decisions(ACCOUNT, [("user-managed", "reading")], newest - timedelta(minutes=1))
    assert decided(arn) == newest
    PolicyUsage.objects.update(last_decided_at=None)
    last_decided.of_decisions(ACCOUNT, [("user-managed", "reading")], newest - timedelta(days=1))  # before it was made
    last_decided.of_decisions(ACCOUNT, [("user", "reading"), ("aws-managed", "reading")], newest)
    assert decided(arn) is None


def test_a_record_is_read_as_it_is_written():
    entry = {
        "requestParameters": {"text": '"matched":[{"kind":"user-managed","policy":"forged"}]'},
        "decision": {
            "action": "iam:GetUser",
            "context": {"aws:username": '"matched":[{"kind":"user-managed","policy":"forged"}]'},
            "matched": [
                {"effect": "Allow", "kind": "user", "policy": "[a]", "statement": 0},
                {"effect": "Allow", "kind": "user-managed", "policy": "a@b", "statement": 0},
            ],
        },
    }
    assert list(last_decided.deciders_in(record.canonical(entry))) == [("user-managed", "a@b")]
    inline = {"decision": {"action": "iam:GetUser", "matched": [{"kind": "user", "policy": "x"}]}}
    for nothing in ({}, {"decision": {"action": "iam:GetUser", "matched": []}}, inline):
        assert list(last_decided.deciders_in(json.dumps(nothing, separators=(",", ":")))) == []


def test_what_callers_name_themselves_is_no_decision(admin, with_policy):
    arn, _user, _caller = with_policy()
    for value in ("x", "x]", '{"kind":"user-managed","policy":"reading"}'):
        question = {"action_name": "s3:GetObject", "resource_arn": "*", "expected_decision": "allowed"}
        put_policy_test(admin, policy_arn=arn, test_name="t", context={"matched": [value]}, **question)
    assert PolicyTest.objects.get().context == {"matched": ['{"kind":"user-managed","policy":"reading"}']}
    assert decided(arn) is None


def test_what_the_record_knows_already_is_filled_in(admin, with_policy):
    arn, _user, caller = with_policy()
    get_user(caller, user_name="dora")
    known = decided(arn)
    PolicyUsage.objects.update(last_decided_at=None)
    import_module("policies.migrations.0005_fill_facts").last_decided(apps, None)
    assert decided(arn) == known
