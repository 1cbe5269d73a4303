"""`manage.py load_managed_policies`: everything once, changes as new versions, nothing the second time."""

import json
import re
from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from engine import Policy
from operations.stamps import stamp
from policies import aws_managed
from policies.aws_managed import DataMissing, data_file, load, read
from policies.models import AWS, ManagedPolicy, PolicyVersion


@pytest.fixture(scope="module")
def published():
    return read(data_file())


@pytest.fixture
def few(published):
    return published[:5]


def test_the_data_is_found_without_importing_the_package(published):
    import sys

    assert len(published) > 1500
    assert "moto" not in sys.modules
    administrator = next(policy for policy in published if policy.name == "AdministratorAccess")
    assert administrator.arn == "arn:aws:iam::aws:policy/AdministratorAccess"
    assert re.fullmatch("ANPA[A-Z2-7]{17}", administrator.unique_id)
    assert len({policy.unique_id for policy in published}) == len(published)
    assert all(Policy.parse(policy.document).statements for policy in published)


@pytest.mark.django_db
def test_all_are_loaded_and_a_second_run_changes_nothing():
    out = StringIO()
    call_command("load_managed_policies", stdout=out)
    total = ManagedPolicy.objects.filter(account_id=AWS).count()
    assert out.getvalue() == f"{total} AWS managed policies: {total} added, 0 changed, 0 retired.\n"
    assert PolicyVersion.objects.count() == total
    system = ManagedPolicy.objects.get(name="SystemAdministrator")
    assert system.path == "/job-function/"
    assert system.versions.get().number == system.default_version > 1
    before = (stamp(AWS), list(ManagedPolicy.objects.order_by("id").values()))
    out = StringIO()
    call_command("load_managed_policies", stdout=out)
    assert out.getvalue() == f"{total} AWS managed policies: 0 added, 0 changed, 0 retired.\n"
    assert (stamp(AWS), list(ManagedPolicy.objects.order_by("id").values())) == before


@pytest.mark.django_db
def test_loading_costs_few_queries(few, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        load(few)


@pytest.mark.django_db
def test_a_changed_document_becomes_the_version_in_force(few):
    load(few)
    old = few[0]
    text = json.dumps({"Version": "2012-10-17", "Statement": []})
    newer = replace(old, version=old.version + 2, document=text)
    before, (stamp_before,) = ManagedPolicy.objects.get(arn=old.arn), stamp(AWS)
    outcome = load([newer, *few[1:]])
    assert (outcome.added, outcome.changed, outcome.retired) == ([], [old.arn], [])
    row = ManagedPolicy.objects.get(arn=old.arn)
    assert (row.unique_id, row.created_at) == (before.unique_id, before.created_at)
    assert row.default_version_id == f"v{newer.version}"
    documents = dict(row.versions.values_list("number", "document"))
    assert documents == {old.version: old.document, newer.version: text}
    assert stamp(AWS) == (stamp_before + 1,)
    load(few)
    row.refresh_from_db()
    assert (row.default_version, row.latest_version) == (old.version, newer.version)


@pytest.mark.django_db
def test_what_aws_withdraws_stays_and_cannot_be_attached_any_more(few):
    load(few)
    outcome = load(few[1:])
    assert outcome.retired == [few[0].arn]
    assert ManagedPolicy.objects.get(arn=few[0].arn).is_attachable is False
    assert not load(few[1:]).anything
    assert load(few).changed == [few[0].arn]
    assert ManagedPolicy.objects.get(arn=few[0].arn).is_attachable is True


def test_a_missing_or_strange_file_is_said_plainly(tmp_path, monkeypatch):
    strange = tmp_path / "data.py"
    strange.write_text("something = 1")
    with pytest.raises(DataMissing, match="does not hold the AWS managed policies as expected"):
        read(strange)
    monkeypatch.setattr(aws_managed, "find_spec", lambda name: None)
    with pytest.raises(CommandError, match="come with the package moto, which is not installed"):
        call_command("load_managed_policies")
