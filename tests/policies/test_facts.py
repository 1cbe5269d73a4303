"""What a document says of itself is kept beside the policy by whatever puts a document in force, and found anew by another release."""

import json
from dataclasses import replace
from importlib import import_module
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command

from engine import action_sets
from engine.summary import number_allowed
from engine.validate import check
from policies import facts
from policies.aws_managed import data_file, load, read
from policies.documents import read_document, size
from policies.models import ManagedPolicy, PolicyVersion
from policies.operations.policy_versions import create_policy_version, delete_policy_version, set_default_policy_version
from tests.policies.conftest import document

FAULTY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": ["iam:PassRole", "s3:NoSuchAction"], "Resource": "*"},
            {"Effect": "Allow", "Action": ["sqs:SendMessage", "sqs:SendMessage"], "Resource": "*"},
        ],
    },
    indent=4,
)


def kept(arn: str) -> tuple[int, ...]:
    row = ManagedPolicy.objects.get(arn=arn)
    row.allowed_actions = action_sets.unpacked(bytes(row.allowed_actions))
    return tuple(getattr(row, name) for name in ("version_count", *facts.FACTS[:-1]))


def expected(versions: int, text: str) -> tuple[int, ...]:
    found = [each.severity for each in check(text, "identity")]
    return (
        versions,
        size(text),
        number_allowed(read_document(text)),
        action_sets.allowed_by(read_document(text)),
        facts.gives_everything(text),
        *(found.count(severity) for severity in facts.FINDINGS),
    )


def test_a_new_policy_is_measured(make_policy):
    arn = make_policy(text=FAULTY)
    assert kept(arn) == expected(1, FAULTY)
    assert 0 not in {kept(arn)[place] for place in (2, 3, 5, 6, 8)}
    assert ManagedPolicy.objects.get(arn=arn).checked_with == facts.edition()


def test_the_document_in_force_is_what_counts(admin, make_policy):
    arn, plain = make_policy(), document()
    create_policy_version(admin, policy_arn=arn, policy_document=FAULTY)
    assert kept(arn) == expected(2, plain)
    set_default_policy_version(admin, policy_arn=arn, version_id="v2")
    assert kept(arn) == expected(2, FAULTY)
    delete_policy_version(admin, policy_arn=arn, version_id="v1")
    assert kept(arn) == expected(1, FAULTY)
    create_policy_version(admin, policy_arn=arn, policy_document=plain, set_as_default=True)
    assert kept(arn) == expected(2, plain)


@pytest.mark.django_db
def test_aws_managed_policies_are_measured_as_they_are_loaded():
    few = read(data_file())[:3]
    load(few)
    newer = [replace(few[0], version=few[0].version + 1, document=FAULTY), *few[1:]]
    load(newer)
    assert [kept(each.arn) for each in newer] == [
        expected(versions, each.document) for versions, each in zip((2, 1, 1), newer, strict=True)
    ]


def test_another_release_checks_again_and_a_second_run_does_nothing(make_policy, monkeypatch):
    arn = make_policy(text=FAULTY)
    before = kept(arn)
    ManagedPolicy.objects.update(errors=7, document_size=1)
    monkeypatch.setattr(facts, "edition", lambda: "next")
    out = StringIO()
    call_command("check_policies", stdout=out)
    assert out.getvalue() == "1 policies checked anew.\n"
    assert kept(arn) == before
    call_command("check_policies", stdout=(again := StringIO()))
    assert again.getvalue() == ""


def test_a_thousand_policies_are_read_in_batches(make_policy, monkeypatch, django_assert_max_num_queries):
    make_policy()
    row = ManagedPolicy.objects.get()
    monkeypatch.setattr(facts, "edition", lambda: "next")
    more = ManagedPolicy.objects.bulk_create(
        ManagedPolicy(
            account_id=row.account_id, name=f"p{n}", name_key=f"p{n}", arn=f"{row.arn}{n}", unique_id=f"ANPA{n:017}"
        )
        for n in range(450)
    )
    PolicyVersion.objects.bulk_create(PolicyVersion(policy=each, number=1, document=document()) for each in more)
    with django_assert_max_num_queries(
        451 + 5
    ):  # each is saved by itself, and left alone where it has changed meanwhile
        assert facts.check_again() == 451


def test_the_edition_follows_the_engine(tmp_path, monkeypatch):
    before = facts.edition()
    (tmp_path / "__init__.py").write_text("")
    monkeypatch.setattr(facts.engine, "__file__", str(tmp_path / "__init__.py"))
    assert facts.edition.__wrapped__() != before


def test_what_exists_is_filled_in(admin, make_policy):
    arn = make_policy(text=FAULTY)
    create_policy_version(admin, policy_arn=arn, policy_document=document())
    ManagedPolicy.objects.update(document_size=0, version_count=1)
    import_module("policies.migrations.0005_fill_facts").measure(apps, None)
    assert kept(arn)[:2] == (2, size(FAULTY))


@pytest.mark.parametrize(
    ("statement", "everything"),
    [
        ({"Action": "*", "Resource": "*"}, True),
        ({"Action": ["s3:Get*", "*:*"], "Resource": ["*"]}, True),
        ({"Action": "*", "Resource": "*", "Effect": "Deny"}, False),
        ({"Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}, False),
        ({"Action": "iam:*", "Resource": "*"}, False),
        ({"NotAction": "s3:GetObject", "Resource": "*"}, False),
        ({"Action": "*", "NotResource": "arn:aws:s3:::logs"}, False),
    ],
)
def test_what_allows_everything(make_policy, statement, everything):
    text = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})
    assert ManagedPolicy.objects.get(arn=make_policy(text=text)).allows_everything is everything


def test_what_cannot_be_read_allows_nothing():
    assert facts.gives_everything('{"Statement": "*"') is False
