"""Standing administrator access on the dashboard: who has it, who does not use it, how the numbers move; and the other rows of the work list."""

from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from accounts.models import Role, ServerCertificate, User
from accounts.operations.attachments import attach_group_policy, attach_role_policy, attach_user_policy
from accounts.operations.groups import create_group
from accounts.operations.inline_policies import put_group_policy, put_role_policy, put_user_policy
from accounts.operations.memberships import add_user_to_group
from accounts.operations.roles import create_role
from accounts.operations.users import create_user
from accounts.risks import ADMINISTRATOR as ADMINISTRATOR_NOTE
from accounts.risks import is_administrator
from governance.models import PrivilegeSample
from governance.operations.access_requests import create_access_request
from governance.queries.privilege import administrators
from operations import clock
from operations.clock import now
from operations.errors import AccessDenied
from operations.models import Event
from policies.operations.managed_policies import create_policy
from policies.operations.policy_tests import put_policy_test
from policies.operations.policy_versions import create_policy_version
from tests.conftest import ACCOUNT, ADMINISTRATOR
from tests.every_page import TRUST
from tests.signing_in import sign_in

LIMITED = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'
OLD = timedelta(days=100)


@pytest.fixture
def signed_in(client, make_user):
    sign_in(client, make_user("sam", ADMINISTRATOR))
    return client


def found():
    return administrators(ACCOUNT)


def titles(page):
    return {each.title: each for each in page.context["recommendations"]}


def test_every_way_to_administrator_access_counts_and_each_holder_once(system, account):
    for name in ("direct", "inline", "member", "byinline", "twice", "none"):
        create_user(system, user_name=name)
    everything = create_policy(system, policy_name="all", policy_document=ADMINISTRATOR)["Policy"]["Arn"]
    limited = create_policy(system, policy_name="few", policy_document=LIMITED)["Policy"]["Arn"]
    attach_user_policy(system, user_name="direct", policy_arn=everything)
    attach_user_policy(system, user_name="none", policy_arn=limited)
    put_user_policy(system, user_name="inline", policy_name="p", policy_document=ADMINISTRATOR)
    for name, member in (("admins", "member"), ("written", "byinline")):
        create_group(system, group_name=name)
        add_user_to_group(system, group_name=name, user_name=member)
        add_user_to_group(system, group_name=name, user_name="twice")
    attach_group_policy(system, group_name="admins", policy_arn=everything)
    put_group_policy(system, group_name="written", policy_name="p", policy_document=ADMINISTRATOR)
    for name in ("attached", "written", "plain"):
        create_role(system, role_name=name, assume_role_policy_document=TRUST % f"arn:aws:iam::{account.pk}:root")
    attach_role_policy(system, role_name="attached", policy_arn=everything)
    put_role_policy(system, role_name="written", policy_name="p", policy_document=ADMINISTRATOR)
    put_role_policy(system, role_name="plain", policy_name="p", policy_document=LIMITED)
    assert (found().users, found().roles, found().unused_total) == (5, 2, 0)
    create_policy_version(system, policy_arn=everything, policy_document=LIMITED, set_as_default=True)
    assert (found().users, found().roles) == (3, 1), "the version in force counts"


def test_a_boundary_that_allows_less_takes_it_away_and_the_list_of_users_counts_the_same(system, account):
    limited = create_policy(system, policy_name="few", policy_document=LIMITED)["Policy"]["Arn"]
    wide = create_policy(system, policy_name="all", policy_document=ADMINISTRATOR)["Policy"]["Arn"]
    trust = TRUST % f"arn:aws:iam::{account.pk}:root"
    for name, boundary in (("free", None), ("bounded", limited), ("widely", wide)):
        create_user(system, user_name=name, permissions_boundary=boundary)
        put_user_policy(system, user_name=name, policy_name="p", policy_document=ADMINISTRATOR)
        create_role(system, role_name=name, assume_role_policy_document=trust, permissions_boundary=boundary)
        put_role_policy(system, role_name=name, policy_name="p", policy_document=ADMINISTRATOR)
    assert (found().users, found().roles) == (2, 2)
    listed = User.objects.annotate(**{ADMINISTRATOR_NOTE: is_administrator()}).filter(**{ADMINISTRATOR_NOTE: True})
    assert sorted(user.name for user in listed) == ["free", "widely"]


def test_another_account_does_not_count(stranger, account):
    assert (found().users, found().roles) == (0, 0)


def test_whoever_has_it_and_does_not_use_it_is_named(signed_in, make_user, system, account):
    make_user("idle", ADMINISTRATOR)
    create_role(system, role_name="dusty", assume_role_policy_document=TRUST % f"arn:aws:iam::{account.pk}:root")
    put_role_policy(system, role_name="dusty", policy_name="p", policy_document=ADMINISTRATOR)
    assert not any("has done nothing" in title for title in titles(signed_in.get("/"))), "they are new"
    User.objects.filter(name="idle").update(created_at=now() - OLD)
    row = titles(signed_in.get("/"))["1 administrator has done nothing for 90 days"]
    assert row.href == "/users/idle/"
    assert row.text.startswith("idle may do everything")
    Role.objects.update(created_at=now() - OLD)
    row = titles(signed_in.get("/"))["2 administrators have done nothing for 90 days"]
    assert row.text.startswith("dusty, idle may")
    assert signed_in.get(row.href).status_code == 200
    User.objects.filter(name="idle").update(last_activity_at=now())
    assert titles(signed_in.get("/"))["1 administrator has done nothing for 90 days"].href == "/roles/dusty/"


def test_what_was_measured_is_shown_and_nothing_is_made_up(signed_in, make_user):
    page = signed_in.get("/")
    assert page.context["course"].totals == [1]
    assert "shows here once they were measured in two different weeks" in page.content.decode()
    assert PrivilegeSample.objects.get().users == 1
    today = now().date()
    monday = today - timedelta(days=today.weekday())
    for day, users, roles in (
        (monday - timedelta(weeks=3), 4, 2),
        (monday - timedelta(weeks=3) + timedelta(days=2), 5, 1),
        (monday - timedelta(weeks=40), 9, 9),
    ):
        PrivilegeSample.objects.create(account_id=ACCOUNT, day=day, users=users, roles=roles)
    make_user("second", ADMINISTRATOR)
    page = signed_in.get("/")
    course = page.context["course"]
    assert len(course.weeks) == 12
    assert course.totals == [6, 2], "the last of each week, the present one as it is now"
    assert course.change == -4
    text = page.content.decode()
    assert "4 fewer than in the week of" in text
    assert text.count("Not measured") == 10
    assert 'role="img"' in text
    assert PrivilegeSample.objects.get(day=today).users == 2
    assert PrivilegeSample.objects.count() == 4


def test_a_measurement_is_kept_once_a_day_and_by_the_command(system, make_user, other_account):
    make_user("ann", ADMINISTRATOR)
    said = StringIO()
    with clock.at(now() - timedelta(days=8)):
        call_command("measure_privilege", stdout=said)
        call_command("measure_privilege", verbosity=0)
    assert said.getvalue().splitlines() == [f"{ACCOUNT}: 1 administrator", f"{other_account.pk}: 0 administrators"]
    (sample,) = PrivilegeSample.objects.filter(account_id=ACCOUNT)
    assert sample.day == (now() - timedelta(days=8)).date()
    assert isinstance(sample.day, date)


def test_it_is_told_and_measured_for_who_may_see_who_holds_what_only(client, make_user, signed_in):
    make_user("idle", ADMINISTRATOR)
    User.objects.filter(name="idle").update(created_at=now() - OLD)
    reads = ["iam:GetAccountSummary", "iam:ListPolicies", "iam:GetCredentialReport"]
    sign_in(client, make_user("vera", LIMITED.replace('"s3:GetObject"', str(reads).replace("'", '"'))))
    page = client.get("/")
    assert page.context["holders"] is None
    assert "Standing administrator access" not in page.content.decode()
    assert "administrator has done nothing" not in page.content.decode()
    assert not PrivilegeSample.objects.exists()
    assert "iam:GetAccountAuthorizationDetails" in page.context["missing"]


def test_the_read_is_recorded(signed_in):
    signed_in.get("/")
    assert {"GetAccountAuthorizationDetails", "GetPolicyVersion"} <= set(Event.objects.values_list("name", flat=True))


def test_failing_tests_of_policies_are_work(signed_in, system, client, make_user):
    for name in ("ok", "few"):
        arn = create_policy(system, policy_name=name, policy_document=LIMITED)["Policy"]["Arn"]
        put_policy_test(
            system,
            policy_arn=arn,
            test_name="reads",
            action_name="s3:GetObject",
            resource_arn="*",
            expected_decision="allowed",
        )
    put_policy_test(
        system,
        policy_arn=arn,
        test_name="nobody-deletes",
        action_name="s3:DeleteObject",
        resource_arn="*",
        expected_decision="explicitDeny",
    )
    rows = titles(signed_in.get("/"))
    assert [title for title in rows if "test" in title] == ["1 test of the policy few fails"]
    assert signed_in.get(rows["1 test of the policy few fails"].href).status_code == 200
    sign_in(client, make_user("vera", LIMITED.replace("s3:GetObject", "iam:ListPolicies")))
    assert "few fails" not in client.get("/").content.decode()


def test_certificates_that_end_are_work(signed_in, account, client, make_user):
    for name, days in (("gone", -1), ("soon", 20), ("later", 200)):
        ServerCertificate.objects.create(
            account=account,
            name=name,
            name_key=name,
            unique_id=f"ASCA{name}",
            body="b",
            private_key="k",
            expires_at=now() + timedelta(days=days),
        )
    rows = titles(signed_in.get("/"))
    assert rows["1 server certificate has expired"].risk < rows["1 server certificate expires within 30 days"].risk
    sign_in(client, make_user("vera", LIMITED.replace("s3:GetObject", "iam:GetAccountSummary")))
    assert "certificate" not in client.get("/").content.decode()


def test_requests_that_wait_are_work_for_who_may_answer(signed_in, nobody, client, make_user):
    with pytest.raises(AccessDenied) as denied:
        create_user(nobody, user_name="eve")
    create_access_request(nobody, event_id=denied.value.details["event_id"], reason="To help out")
    row = titles(signed_in.get("/"))["1 request for access waits for an answer"]
    assert signed_in.get(row.href).status_code == 200
    sign_in(client, make_user("vera"))
    assert "waits for an answer" not in client.get("/").content.decode()
