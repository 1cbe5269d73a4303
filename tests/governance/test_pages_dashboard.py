"""The dashboard: numbers, recommendations by risk, recent changes; each for who may see it."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import AccessKey, Account, LoginProfile, PasswordPolicy, User
from accounts.operations.attachments import attach_user_policy
from accounts.operations.roles import create_role
from accounts.operations.users import create_user
from governance.queries.standing import people, risky
from operations.clock import now
from operations.ids import access_key_id, unique_id
from operations.models import Event
from policies.operations.managed_policies import create_policy
from tests.conftest import ACCOUNT
from tests.signing_in import sign_in

ADMINISTRATOR = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
LIMITED = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'


@pytest.fixture
def signed_in(client, make_user):
    sign_in(client, make_user("sam", ADMINISTRATOR))
    return client


def titles(page):
    return [each.title for each in page.context["recommendations"]]


def update(name, **columns):
    User.everyone.filter(name=name).update(**columns)


def test_numbers_lead_to_their_lists(signed_in, admin):
    create_user(admin, user_name="dora")
    create_policy(admin, policy_name="one", policy_document=LIMITED)
    page = signed_in.get("/")
    assert [figure.number for figure in page.context["figures"]] == [3, 0, 0, 1]
    assert [figure.href for figure in page.context["figures"]] == [
        "/users/",
        "/groups/",
        "/roles/",
        "/policies/?f=type:eq:customer",
    ]
    assert signed_in.get(page.context["figures"][3].href).status_code == 200


def test_recommendations_are_ordered_by_risk(signed_in):
    page = signed_in.get("/")
    risks = [each.risk for each in page.context["recommendations"]]
    assert risks == sorted(risks)
    assert titles(page)[0] in ("You have no MFA device", "The root user has no MFA")


def test_each_risk_is_found_and_leads_to_the_place_to_act(signed_in, admin, make_user):
    old = now() - timedelta(days=100)
    for name in ("dora", "emil", "fred", "gina", "hana"):
        make_user(name)
    update("dora", console_access=True, password_changed_at=now())
    update("emil", oldest_active_key_at=old, active_key_count=1)
    update("fred", last_activity_at=old)
    update("gina", created_at=old)
    update("hana", unused_key_at=old, active_key_count=1)
    wide = create_policy(admin, policy_name="everything", policy_document=ADMINISTRATOR)["Policy"]["Arn"]
    attach_user_policy(admin, user_name="dora", policy_arn=wide)
    create_policy(admin, policy_name="forgotten", policy_document=LIMITED)
    page = signed_in.get("/")
    expected = {
        "1 user signs in without MFA": {"dora"},
        "1 user has an active access key older than 90 days": {"emil"},
        "1 user has done nothing for 90 days": {"fred"},
        "1 user has an active access key that was not used once in 45 days": {"hana"},
        "1 user older than 90 days was never active": {"gina"},
    }
    for title, names in expected.items():
        found = next(each for each in page.context["recommendations"] if each.title == title)
        rows = signed_in.get(found.href).context["list"].rows
        assert {row.name for row in rows} == names, title
    assert "The policy everything allows everything on everything" in titles(page)
    unused = next(each for each in page.context["recommendations"] if "attached to nothing" in each.title)
    assert unused.title == "1 customer managed policy is attached to nothing"
    assert "forgotten" in signed_in.get(unused.href).content.decode()


def test_roles_that_anybody_can_assume_are_counted_for_who_may_list_them(signed_in, client, admin, make_user):
    title = "2 roles can be assumed by anybody"
    for name, principal in (("ops", {"AWS": ACCOUNT}), ("shop", {"AWS": "*"}), ("web", {"AWS": "*"})):
        statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        create_role(admin, role_name=name, assume_role_policy_document=document)
    found = next(each for each in signed_in.get("/").context["recommendations"] if each.title == title)
    assert found.word == "High risk"
    assert [row.name for row in signed_in.get(found.href).context["list"].rows] == ["shop", "web"]
    summary = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:GetAccountSummary","Resource":"*"}]}'
    )
    sign_in(client, make_user("vera", summary))
    assert title not in titles(client.get("/"))
    assert "be assumed by anybody" not in client.get("/").content.decode()


def test_the_root_user_s_risks_are_named(signed_in, account):
    root = User.everyone.get(account=account, is_root=True)
    AccessKey.objects.create(user=root, key_id=access_key_id(), secret="s")
    assert {"The root user has no MFA", "The root user has access keys"} <= set(titles(signed_in.get("/")))
    update("<root_account>", mfa_device_count=1)
    AccessKey.objects.all().delete()
    assert not {"The root user has no MFA", "The root user has access keys"} & set(titles(signed_in.get("/")))


def test_nothing_to_do_is_said(signed_in, account):
    User.everyone.update(mfa_device_count=1)
    PasswordPolicy.objects.create(account=account)
    Account.objects.filter(pk=account.pk).update(alias="example")
    page = signed_in.get("/")
    assert page.context["recommendations"] == []
    assert "Nothing to do" in page.content.decode()


def test_the_sign_in_address_has_the_alias_or_the_number(signed_in, account):
    assert f"/sign-in/{ACCOUNT}/" in signed_in.get("/").context["sign_in_url"]
    Account.objects.filter(pk=account.pk).update(alias="example")
    assert "/sign-in/example/" in signed_in.get("/").context["sign_in_url"]


def test_recent_changes_come_from_the_trail_without_reads_and_failures(signed_in, admin):
    create_user(admin, user_name="dora")
    signed_in.get(reverse("accounts:users"))
    changes = signed_in.get("/").context["changes"]
    assert [(change.event.name, change.resource) for change in changes] == [("CreateUser", "user/dora")]


def test_the_reads_are_recorded(signed_in):
    signed_in.get("/")
    names = set(Event.objects.values_list("name", flat=True))
    assert {"GetAccountSummary", "GetCredentialReport", "ListPolicies", "LookupEvents"} <= names


def test_without_rights_only_one_s_own_things_are_shown(client, make_user, admin):
    create_user(admin, user_name="dora")
    before = Event.objects.count()
    sign_in(client, make_user("bob"))
    page = client.get("/")
    assert page.status_code == 200
    assert page.context["figures"] == []
    assert page.context["changes"] is None
    assert titles(page) == ["You have no MFA device"]
    assert page.context["missing"] == [
        "iam:GetAccountSummary",
        "iam:GetCredentialReport",
        "iam:ListPolicies",
        "cloudtrail:LookupEvents",
        "iam:GetAccountAuthorizationDetails",
        "iam:GetPolicyVersion",
    ]
    assert "dora" not in page.content.decode()
    assert Event.objects.count() == before


def test_a_part_is_there_for_who_may_read_just_that(client, make_user, admin):
    create_user(admin, user_name="dora")
    sign_in(client, make_user("vera", LIMITED.replace("s3:GetObject", "iam:GetAccountSummary")))
    page = client.get("/")
    assert [figure.number for figure in page.context["figures"]] == [3, 0, 0, 0]
    assert {figure.href for figure in page.context["figures"]} == {""}
    assert page.context["changes"] is None


def test_whoever_is_not_signed_in_is_asked_to(client, db):
    assert client.get("/").url.startswith("/sign-in/")


def test_policies_of_other_accounts_do_not_count(stranger, account):
    create_policy(stranger, policy_name="everything", policy_document=ADMINISTRATOR)
    assert (risky(ACCOUNT).everything, risky(ACCOUNT).unused) == ([], 0)
    assert people(ACCOUNT).without_mfa == 0


@pytest.mark.parametrize(
    ("statement", "is_found"),
    [
        ('{"Effect":"Allow","Action":"*","Resource":"*"}', True),
        ('{"Effect":"Allow","Action":["s3:Get*","*"],"Resource":["arn:aws:s3:::a","*"]}', True),
        ('{"Effect":"Deny","Action":"*","Resource":"*"}', False),
        ('{"Effect":"Allow","Action":"s3:*","Resource":"*"}', False),
        ('{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::a"}', False),
        (
            '{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}',
            False,
        ),
    ],
)
def test_what_counts_as_everything(admin, statement, is_found):
    create_policy(admin, policy_name="one", policy_document=f'{{"Version":"2012-10-17","Statement":[{statement}]}}')
    assert bool(risky(ACCOUNT).everything) is is_found


@pytest.mark.parametrize("number", [10, 1000])
def test_the_page_costs_the_same_number_of_queries_at_any_size(signed_in, account, number, django_assert_num_queries):
    User.objects.bulk_create(
        User(account=account, name=f"u{n}", name_key=f"u{n}", unique_id=unique_id("AIDA")) for n in range(number)
    )
    signed_in.get("/")
    with django_assert_num_queries(15):
        signed_in.get("/")
    assert LoginProfile.objects.count() == 0
