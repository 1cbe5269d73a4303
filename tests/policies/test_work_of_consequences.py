"""What the consequences beside the editor cost where documents are made to be costly, and who is still told: counted in lines that run."""

import json

import pytest
from django.urls import reverse

from accounts.models import User, UserInlinePolicy
from accounts.operations.attachments import attach_user_policy
from tests.engine.managed_policies import managed_policies
from tests.policies.conftest import document
from tests.policies.test_pages_consequences import EVERYTHING, ask, may, told
from tests.signing_in import sign_in
from tests.work import lines_run

LETTERS = "abcdefghijklmnopqrst"
LINES = 7_500_000  # of half a second or so


@pytest.fixture
def administrator(client, admin):
    sign_in(client, User.objects.get(pk=admin.user_id))
    return client


def many(form, effect="Allow", number=400):
    actions = [form % (one, other) for one in LETTERS for other in LETTERS][:number]
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": actions, "Resource": "*"}]}, separators=(",", ":"))  # fmt: skip


def everywhere(last):
    return may("*", resource=[f"arn:aws:s3:::a{number}*b{number}*{last}" for number in range(180)])


@pytest.mark.parametrize(("before", "after"), [
    (many("ec2:*%s*%s*"), many("ec2:%s*%s*", "Deny")), (many("zzz:*%s*%s*"), many("zzz:%s*%s*", "Deny")), (everywhere("c"), everywhere("d")),
])  # fmt: skip
def test_documents_that_say_too_much_cost_no_more_and_it_is_said(
    administrator, admin, make_policy, make_user, before, after
):
    arn = make_policy("long", before)
    for number in range(6):
        make_user(f"m-{number}", many(f"ec2:?*{'?' * number}%s*%s*", number=60))
        attach_user_policy(admin, user_name=f"m-{number}", policy_arn=arn)
    told(administrator, arn, document("s3:*"))  # what a process keeps
    texts = []
    assert lines_run(lambda: texts.append(told(administrator, arn, after))) < LINES
    assert "The document says too much to be put together here" in texts[0]
    assert "Not compared 6" in texts[0]
    assert "Calls of the last 7 days" in texts[0]


@pytest.mark.parametrize("text", [many("ec2:*%s*%s*"), everywhere("c"), many("zzz:%s*%s*", "Deny")])
def test_a_new_document_that_says_much_costs_no_more(administrator, text):
    address = reverse("policies:consequences-of-new")
    ask(administrator, address, document("s3:*"))
    answers = []
    assert lines_run(lambda: answers.append(ask(administrator, address, text))) < LINES
    assert answers[0].status_code == 200
    assert "At most:" in answers[0].json()["html"]


def test_who_holds_too_much_keeps_nobody_else_from_being_told(administrator, admin, make_policy, make_user):
    """Looked at first are those of whom there are most."""
    arn = make_policy("reading", document("s3:GetObject"))
    long = [make_policy(f"long-{number}", many(f"s3:*{number}*%s*%s*")) for number in range(9)]
    for name in ("dora", "eve"):
        make_user(name)
        for each in (arn, *long):
            attach_user_policy(admin, user_name=name, policy_arn=each)
    make_user("finn", document("s3:*"))
    attach_user_policy(admin, user_name="finn", policy_arn=arn)
    text = told(administrator, arn, document("s3:Put*"))
    assert "Not compared 2 : dora , eve" in text
    assert "No change 1" in text


def test_what_takes_a_moment_longer_is_still_told(administrator, admin, make_policy, make_user):
    """The longest policy of AWS that people hold, beside one that is made everything and nothing."""
    read_only = json.dumps(managed_policies()["ReadOnlyAccess"]["Document"])
    arn = make_policy("long", document("s3:GetObject"))
    dora = make_user("dora")
    attach_user_policy(admin, user_name="dora", policy_arn=arn)
    UserInlinePolicy.objects.create(user=dora, name="own", name_key="own", document=read_only)
    assert "Gain access 1 : dora" in told(administrator, arn, EVERYTHING)
    assert "Lose access 1 : dora" in told(administrator, arn, may("s3:GetObject").replace("Allow", "Deny"))
