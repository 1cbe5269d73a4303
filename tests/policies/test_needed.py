"""Policies are found by what somebody needs, in plain words."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from engine import action_sets
from policies.aws_managed import data_file, load, read
from policies.covering import allowed_actions
from policies.models import AWS, ManagedPolicy
from policies.needed import needed
from policies.needed.everyday import LEVELS, NOISE, THINGS, VERBS
from policies.needed.meanings import MOST_WORDS, _verbs, of_pattern, stem, words_of
from policies.operations.managed_policies import create_policy
from policies.picks import EXAMPLE
from tests.conftest import ACCOUNT, ADMINISTRATOR
from tests.signing_in import sign_in


def saying(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions, resource="*", **more):
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


POLICIES = {
    "one": saying(allow("s3:GetBucketLogging")),
    "two": saying(allow("s3:GetObject", "s3:PutObject", "sqs:ReceiveMessage")),
    "three": saying(allow("sqs:SendMessage", "s3:GetObject", "logs:GetLogEvents")),
    "queues": saying(allow("sqs:*")),
    "people": saying(allow("iam:CreateUser", "iam:GetUser", "iam:DeleteRole")),
    "keys": saying(allow("iam:CreateAccessKey")),
    "everything": saying(allow("*")),
    "denied": saying(allow("sqs:*"), {"Effect": "Deny", "Action": "sqs:*", "Resource": "*"}),
}


@pytest.fixture
def policies(system):
    for name, document in POLICIES.items():
        create_policy(system, policy_name=name, policy_document=document, description=f"The policy {name}: café")


def found(text):
    condition = needed(ACCOUNT, text)
    assert condition is not None, "no word of it has a meaning"
    return set(ManagedPolicy.objects.filter(condition).values_list("name", flat=True))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("read bucket logs", {"one", "three", "everything"}),
        ("READ the Bucket LOGS", {"one", "three", "everything"}),
        ("read buckets", {"one", "two", "three", "everything"}),
        ("write buckets", {"two", "everything"}),
        ("write to a queue", {"three", "queues", "everything"}),
        ("send to a queue", {"three", "queues", "everything"}),
        ("create users", {"people", "everything"}),
        ("delete users", {"everything"}),
        ("delete roles", {"people", "everything"}),
        ("access keys", {"keys", "everything"}),
        ("manage permissions of queues", {"queues", "everything"}),
        ("lambda", {"everything"}),
        ("lamb", {"everything"}),
        ("sqs buckets", {"two", "three", "everything"}),
        ("sqs:Send* buckets", {"three", "everything"}),
        ("queue CAFÉ", {"two", "three", "queues", "everything"}),
        ("queue nothing-like-it", set()),
    ],
)
def test_words_find_what_allows_what_they_mean(policies, text, expected):
    assert found(text) == expected


def test_a_word_in_a_name_does_for_its_meaning(system, policies):
    create_policy(system, policy_name="bucket-guards", policy_document=saying(allow("ec2:RunInstances")))
    assert "bucket-guards" in found("bucket")
    assert "bucket-guards" not in found("read bucket")


def test_another_accounts_policies_are_not_looked_at(stranger, policies):
    create_policy(stranger, policy_name="theirs", policy_document=saying(allow("sqs:*")))
    rows = ManagedPolicy.objects.filter(account_id__in=(ACCOUNT, AWS)).filter(needed(ACCOUNT, "queue"))
    assert "theirs" not in set(rows.values_list("name", flat=True))


@pytest.mark.parametrize("text", ["", "zzzz", "about", "%", "ü" * 200, "xq" * 100])
def test_words_without_a_meaning_are_left_to_the_search_by_letters(db, text):
    assert needed(ACCOUNT, text) is None


def test_there_are_at_most_so_many_words(db):
    assert len(words_of("bucket " * 500)) == MOST_WORDS
    assert len(words_of(" ".join(sorted(NOISE)))) == MOST_WORDS, "where there is nothing else, they are looked for"


@pytest.mark.parametrize("text", ["bucket " * 40, "s3:* " * 40, "*:* ?" * 40, "read write list tag " * 20, "a" * 200])
def test_no_text_asks_more_than_three_queries(policies, text):
    with CaptureQueriesContext(connection) as asked:
        needed(ACCOUNT, text[:200])
    assert len(asked) <= 3


def test_the_number_of_queries_is_the_same_at_any_size(policies, django_assert_num_queries):
    text = "read bucket logs"
    with django_assert_num_queries(1):
        needed(ACCOUNT, text)
    sample = ManagedPolicy.objects.get(name="one")
    ManagedPolicy.objects.bulk_create(
        ManagedPolicy(
            account_id=ACCOUNT, name=f"p{n}", name_key=f"p{n}", arn=f"arn:p{n}", unique_id=f"p{n}", allowed_actions=sample.allowed_actions
        )
        for n in range(2_000)
    )  # fmt: skip
    with django_assert_num_queries(1):
        condition = needed(ACCOUNT, text)
    assert ManagedPolicy.objects.filter(condition).count() == 2_003


def test_the_table_of_words_means_something_in_the_catalogue():
    for word, patterns in THINGS.items():
        assert words_of(word)[0].actions, word
        for pattern in patterns:
            assert of_pattern(pattern), f"{word}: {pattern}"
    for word, verbs in VERBS.items():
        assert all(verb in _verbs() for verb in verbs), word
    for word in (*LEVELS, *VERBS):
        assert words_of(word)[0].is_doing, word
        assert word not in THINGS, word
    assert not NOISE & {*THINGS, *LEVELS, *VERBS}


@pytest.mark.parametrize(
    ("word", "singular"),
    [
        ("buckets", "bucket"), ("policies", "policy"), ("addresses", "address"), ("access", "access"), ("kms", "kms"), ("alias", "alia"),
        ("status", "status"), ("boxes", "box"),
    ],
)  # fmt: skip
def test_words_are_taken_in_the_singular(word, singular):
    assert stem(word) == singular


@pytest.mark.django_db
def test_what_is_kept_beside_a_policy_is_what_it_allows():
    load(read(data_file())[::40])
    for row in ManagedPolicy.objects.all():
        document = row.versions.get(number=row.default_version).document
        assert action_sets.unpacked(bytes(row.allowed_actions)) == allowed_actions(document)


@pytest.mark.parametrize("text", [b"", b"nonsense", b"x\x9c", b"\x00" * 100])
def test_what_is_kept_otherwise_allows_nothing(text):
    assert action_sets.unpacked(text) == 0


class TestOnAFreshInstallation:
    """With AWS's managed policies and nothing else."""

    @pytest.fixture
    def administrator(self, client, make_user):
        load(read(data_file()))
        sign_in(client, make_user("sam", ADMINISTRATOR), mfa=True)
        return client

    def picker(self, client, text=""):
        return client.get(reverse("pages:pick", args=["policies"]), {"name": "policies", "policies-q": text}).context[
            "picking"
        ]

    def test_the_example_below_the_search_finds_something(self, administrator, system):
        examples = str(EXAMPLE).removeprefix("For example: ").split(", or ")
        assert len(examples) == 2
        for example in examples:
            shown = self.picker(administrator, example)
            assert shown.count > 5, example
            assert str(EXAMPLE) == str(shown.example)
            numbers = [ManagedPolicy.objects.get(arn=each.value).allowed_action_count for each in shown.offered]
            assert numbers == sorted(numbers), "from least to most privilege"
        create_policy(system, policy_name="zz-own", policy_document=POLICIES["one"])
        assert self.picker(administrator).offered[0].label == "zz-own", "the account's own come first"
        assert self.picker(administrator, "read bucket logs").offered[0].label == "zz-own", "it allows one action"
        for name in ("ReadOnlyAccess", "administratoraccess", "AmazonS3FullAccess"):
            assert self.picker(administrator, name).offered[0].label.lower() == name.lower(), "a whole name is that row"
        assert "AmazonS3ReadOnlyAccess" in found("read bucket logs")
        assert "AmazonSQSReadOnlyAccess" in found("list queues")
        assert "AmazonSQSReadOnlyAccess" not in found("delete queues")


def test_whoever_may_not_read_documents_has_neither_example_nor_order_nor_contents(client, make_user, policies):
    sign_in(client, make_user("dora", saying(allow("iam:ListPolicies"))), mfa=True)
    answer = client.get(reverse("pages:pick", args=["policies"]), {"name": "policies", "policies-q": "queue"})
    shown, page = answer.context["picking"], answer.content.decode()
    assert [each.label for each in shown.offered] == ["queues"], "by its name, not by what it allows"
    assert not shown.is_ranked
    assert str(EXAMPLE) not in page
    assert "What it allows" not in page


def test_a_row_unfolds_to_what_it_allows(client, make_user, policies):
    sign_in(client, make_user("sam", ADMINISTRATOR), mfa=True)
    answer = client.get(reverse("pages:pick", args=["policies"]), {"name": "policies"})
    rows = {each.label: each.contents for each in answer.context["picking"].offered}
    assert rows["three"].lines == [
        ("Amazon CloudWatch Logs", "Limited: Read"), ("Amazon S3", "Limited: Read"), ("Amazon SQS", "Limited: Write"),
    ]  # fmt: skip
    assert rows["queues"].lines == [("Amazon SQS", "Full access")]
    assert (len(rows["everything"].lines), "more services" in str(rows["everything"].more)) == (12, True)
    assert rows["denied"].lines == []
    assert "It allows nothing by itself." in answer.content.decode()
