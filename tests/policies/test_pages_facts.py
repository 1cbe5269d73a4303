"""What the list of policies tells of size, findings, versions and last use: to whom, in which order, and that it is right."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.urls import reverse

from accounts.models import User
from operations import clock
from operations.ids import unique_id
from policies.models import AWS, ManagedPolicy, PolicyUsage
from policies.operations.policy_versions import create_policy_version
from tests.conftest import ACCOUNT
from tests.policies.conftest import document
from tests.policies.test_facts import FAULTY
from tests.policies.test_pages import at, text
from tests.signing_in import sign_in

COLUMNS = "columns=name,decided,findings,size,versions"


@pytest.fixture
def administrator(client, admin):
    sign_in(client, User.objects.get(name="alice"), mfa=True)
    return client


@pytest.fixture
def three(admin, make_policy):
    """A clean policy that decided lately, one with findings and two versions, and a long one; both of these never did."""
    arns = [
        make_policy("clean"),
        make_policy("faulty", FAULTY),
        make_policy("long", document(resource="arn:aws:s3:::b/" + "y" * 900)),
    ]
    create_policy_version(admin, policy_arn=arns[1], policy_document=document())
    used = ManagedPolicy.objects.get(arn=arns[0])
    PolicyUsage.objects.create(policy=used, account_id=ACCOUNT, last_decided_at=clock.now() - timedelta(days=3))
    return arns


def rows(client, query):
    answer = client.get(f"{reverse('policies:policies')}?{COLUMNS}&export=csv&{query}")
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return list(csv.DictReader(StringIO(content.decode("utf-8-sig"))))


def names(client, query):
    return [row["Policy name"] for row in rows(client, query)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("sort=-findings", ["faulty", "long", "clean"]),
        ("sort=-size", ["long", "faulty", "clean"]),
        ("sort=-versions", ["faulty", "long", "clean"]),
        ("sort=-decided", ["clean", "long", "faulty"]),
        ("f=findings:eq:errors&f=findings:eq:security", ["faulty"]),
        ("f=findings:eq:none", ["clean", "long"]),
        ("f=size:gt:900", ["long"]),
        ("f=versions:ge:2", ["faulty"]),
        ("f=decided:eq:never", ["faulty", "long"]),
        ("f=decided:lt:7", ["clean"]),
        ("f=decided:gt:7", []),
    ],
)
def test_orders_and_filters(administrator, three, query, found):
    assert names(administrator, query) == found


def test_the_cells_say_it_in_words_and_lead_to_the_findings(administrator, three):
    shown = text(administrator.get(f"{reverse('policies:policies')}?{COLUMNS}&q=faulty"))
    assert f'href="{at("policy", three[1])}#findings"' in shown
    for part in ("of 6,144", "2 of 5", "Never"):
        assert part in shown
    page = text(administrator.get(at("policy", three[1])))
    assert 'id="findings"' in page
    assert "s3:NoSuchAction" in page
    assert 'id="findings"' not in text(administrator.get(at("policy", three[0])))


def test_policies_that_were_never_checked_are_not_called_free_of_findings(administrator, three):
    ManagedPolicy.objects.filter(arn=three[0]).update(checked_with="")
    assert names(administrator, "f=findings:eq:none") == ["long"]


def test_another_account_s_use_of_an_aws_managed_policy_is_not_told(administrator, other_account, make_aws_policy):
    policy = make_aws_policy()
    PolicyUsage.objects.create(policy=policy, account_id=other_account.pk, last_decided_at=clock.now())
    assert [row["Last used"] for row in rows(administrator, "")] == [""]


@pytest.mark.parametrize(
    ("action", "seen"),
    [
        ("iam:GetPolicyVersion", {"Findings", "Size"}),
        ("iam:ListPolicyVersions", {"Versions"}),
        ("cloudtrail:LookupEvents", {"Last used"}),
        ("iam:GetPolicy", set()),
    ],
)
def test_each_is_told_to_whom_aws_would_tell_it(client, make_user, three, action, seen):
    statements = document(action)[:-2] + ',{"Effect":"Allow","Action":"iam:ListPolicies","Resource":"*"}]}'
    sign_in(client, make_user("vera", statements))
    assert set(rows(client, "")[0]) - {"Policy name"} == seen
    for key, label in (("findings", "Findings"), ("size", "Size"), ("versions", "Versions"), ("decided", "Last used")):
        value = {"findings": "eq:errors", "decided": "eq:never"}.get(key, "gt:0")
        shown = text(client.get(f"{reverse('policies:policies')}?f={key}:{value}"))
        assert ("Needs" in shown) == (label not in seen)
    unsorted = names(client, "")
    if "Findings" not in seen:
        assert names(client, "sort=-findings") == unsorted


@pytest.mark.parametrize("number", [10, 1000])
def test_the_columns_cost_no_query_a_row(administrator, make_aws_policy, number, django_assert_max_num_queries):
    ManagedPolicy.objects.bulk_create(
        ManagedPolicy(
            account_id=AWS, name=f"p{n:04}", name_key=f"p{n:04}", arn=f"arn:aws:iam::aws:policy/p{n:04}",
            unique_id=unique_id("ANPA"), errors=n % 3,
        )
        for n in range(number)
    )  # fmt: skip
    address = f"{reverse('policies:policies')}?{COLUMNS}"
    administrator.get(address)
    for query in ("&sort=-findings", "&sort=-decided", "&f=findings:eq:errors&sort=size"):
        with django_assert_max_num_queries(15):
            administrator.get(address + query)


def test_a_policy_without_a_description_has_no_dash_in_its_place(administrator, make_aws_policy, make_policy):
    bare, told = make_aws_policy(), ManagedPolicy.objects.get(arn=make_policy(description="Reads the logs"))
    for policy, said in ((bare, False), (told, True)):
        page = administrator.get(f"{reverse('policies:policies')}?columns=name,description&preview={policy.pk}")
        assert (">Description</dt>" in page.content.decode()) is said
    assert "–" not in text(page).partition("<tbody")[2].partition("</tbody>")[0]
