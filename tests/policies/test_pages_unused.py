"""Policies that nobody uses are found by one link, and their deletion shows the proof first, in a fixed number of queries."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Role, User, UserTag
from accounts.operations.attachments import attach_role_policy, attach_user_policy
from accounts.operations.boundaries import put_user_permissions_boundary
from operations.ids import unique_id
from operations.models import Event
from policies import deletable
from policies.models import ManagedPolicy, PolicyUsage
from tests.conftest import ACCOUNT
from tests.policies.conftest import document
from tests.policies.test_pages import at, text
from tests.signing_in import sign_in

LIST = reverse("policies:policies")
REVIEW = reverse("policies:delete-many")


@pytest.fixture
def administrator(client, admin):
    sign_in(client, User.objects.get(name="alice"), mfa=True)
    return client


def chosen(**more):
    return {"select": [str(pk) for pk in ManagedPolicy.objects.values_list("pk", flat=True)], **more}


def test_unused_are_those_that_are_attached_to_nothing_and_bound_nobody(
    administrator, admin, make_user, make_policy, make_aws_policy
):
    make_user("dora")
    attached, bounding, unused = (make_policy(name) for name in ("attached", "bounding", "unused"))
    attach_user_policy(admin, user_name="dora", policy_arn=attached)
    put_user_permissions_boundary(admin, user_name="dora", permissions_boundary=bounding)
    make_aws_policy()
    page = administrator.get(LIST)
    query = next(each.query for each in page.context["presets"] if str(each.label) == "Unused")
    assert f'href="{LIST}?{query.replace("&", "&amp;")}"' in text(page)
    shown = administrator.get(f"{LIST}?{query}")
    assert [row.arn for row in shown.context["list"].rows] == [unused]
    assert [str(each.label) for each in shown.context["presets"] if each.is_current] == ["Unused"]


def test_the_review_says_who_has_each_and_when_it_was_used(administrator, admin, make_user, make_policy):
    with time_machine.travel(datetime(2026, 3, 4, 12, tzinfo=UTC), tick=False):
        make_policy("idle")
    used, bounding = make_policy("used"), make_policy("bounding")
    make_user("dora")
    attach_user_policy(admin, user_name="dora", policy_arn=used)
    put_user_permissions_boundary(admin, user_name="dora", permissions_boundary=bounding)
    PolicyUsage.objects.filter(policy__arn=used).update(last_decided_at=datetime(2026, 3, 5, tzinfo=UTC))
    review = text(administrator.post(REVIEW, chosen()))
    for said in (
        "Use, and what goes with it",
        "Attached to nobody, and nobody&#x27;s boundary.",
        "Has allowed or denied nothing since 4 Mar 2026.",
        "<b>1</b> user loses it",
        "Allowed or denied something:",
        'datetime="2026-03-05',
        "It is the permissions boundary of 1 user or role",
    ):
        assert said in review, said


def test_whoever_may_not_read_the_record_is_not_told_of_it(client, make_user, make_policy):
    make_policy("idle")
    sign_in(client, make_user("vera", document("iam:*")), mfa=True)
    review = text(client.post(REVIEW, chosen()))
    assert "Attached to nobody" in review
    assert "allowed or denied" not in review.lower()


def test_tags_and_boundaries_of_those_who_have_it_count_when_it_is_asked_who_may_detach(
    client, make_user, make_policy, admin
):
    user = make_user("dora")
    UserTag.objects.create(user=user, key="team", key_folded="team", value="ops")
    UserTag.objects.create(user=user, key="city", key_folded="city", value="Rome")
    arn = make_policy()
    attach_user_policy(admin, user_name="dora", policy_arn=arn)
    statements = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:ListPolicies","iam:DeletePolicy*"],"Resource":"*"},'
        '{"Effect":"Allow","Action":"iam:DetachUserPolicy","Resource":"*","Condition":{"StringEquals":%s}}]}'
    )
    for number, (condition, may) in enumerate(
        [
            ('{"aws:ResourceTag/team":"ops","iam:ResourceTag/city":"Rome"}', True),
            ('{"aws:ResourceTag/team":"dev"}', False),
        ]
    ):
        sign_in(client, make_user(f"vera{number}", statements % condition), mfa=True)
        review = text(client.post(REVIEW, chosen()))
        assert ("iam:DetachUserPolicy" not in review) is may
        assert ("user loses it" in review) is may


def test_more_holders_than_there_is_time_for_are_said_not_to_be_looked_at(
    administrator, admin, make_user, make_policy, monkeypatch
):
    arn = make_policy()
    for name in ("dora", "erin", "finn"):
        make_user(name)
        attach_user_policy(admin, user_name=name, policy_arn=arn)
    monkeypatch.setattr(deletable, "READ", 2)
    assert "More hangs on them than could be looked up." in text(administrator.post(REVIEW, chosen()))


@pytest.mark.parametrize("number", [3, 300])
def test_the_review_costs_few_queries_at_any_size(
    administrator, admin, make_user, make_policy, number, django_assert_max_num_queries
):
    user = make_user("dora")
    UserTag.objects.create(user=user, key="team", key_folded="team", value="ops")
    role = Role.objects.create(
        account_id=ACCOUNT, name="worker", name_key="worker", unique_id="AROA1", trust_policy=document()
    )
    for n in range(3):
        arn = make_policy(f"a{n}")
        attach_user_policy(admin, user_name="dora", policy_arn=arn)
        attach_role_policy(admin, role_name=role.name, policy_arn=arn)
    ManagedPolicy.objects.bulk_create(
        ManagedPolicy(
            account_id=ACCOUNT, name=f"more{n}", name_key=f"more{n}", arn=f"arn:aws:iam::{ACCOUNT}:policy/more{n}",
            unique_id=unique_id("ANPA"),
        )
        for n in range(number)
    )  # fmt: skip
    administrator.post(REVIEW, chosen())
    with django_assert_max_num_queries(15):
        assert at("policy", arn) in text(administrator.post(REVIEW, chosen()))


def test_the_proof_reaches_as_far_back_as_the_record(administrator, make_policy):
    with time_machine.travel(datetime(2026, 3, 4, 12, tzinfo=UTC), tick=False):
        make_policy("idle")
    ManagedPolicy.objects.update(created_at=datetime(2024, 1, 1, tzinfo=UTC))
    assert Event.objects.earliest("time").time.year == 2026
    assert "since 4 Mar 2026." in text(administrator.post(REVIEW, chosen()))


def test_the_page_of_one_deletion_says_it_too(administrator, client, make_user, make_policy):
    with time_machine.travel(datetime(2026, 3, 4, 12, tzinfo=UTC), tick=False):
        arn = make_policy("idle")
    assert "Has allowed or denied nothing since 4 Mar 2026." in text(administrator.get(at("delete", arn)))
    sign_in(client, make_user("vera", document("iam:*")), mfa=True)
    page = text(client.get(at("delete", arn)))
    assert "Nobody has it attached." in page
    assert "allowed or denied" not in page
