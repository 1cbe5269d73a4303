"""A refusal leads to the record of it: whole for who reads the trail, its layer and permission for who was refused, nothing for others."""

import json

import pytest
from django.urls import reverse

from accounts.operations.instance_profiles import add_role_to_instance_profile, create_instance_profile
from accounts.operations.roles import create_role
from accounts.operations.users import create_user
from audit.principals import page_of
from operations.errors import AccessDenied
from operations.gate import one_change
from operations.models import Event
from tests.signing_in import sign_in

READ_TRAIL = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"cloudtrail:LookupEvents","Resource":"*"}}'
TRUST = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}}'
SECRETIVE = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "iam:GetUser", "Resource": "*"},
            {"Sid": "HiddenSid", "Effect": "Deny", "Action": "iam:ListUsers", "Resource": "*",
             "Condition": {"StringNotEquals": {"aws:PrincipalTag/hidden-key": "hidden-value"}}},
        ],
    }
)  # fmt: skip


@pytest.fixture
def refused(client, make_user):
    """Bob, who asked for the users and may not see them; the Event of it."""
    sign_in(client, make_user("bob", SECRETIVE))
    page = client.get(reverse("accounts:users"))
    assert page.status_code == 403
    return Event.objects.latest("id")


def test_the_refused_caller_learns_layer_and_permission_and_nothing_of_the_policy(client, refused):
    page = client.get(reverse("access:why", args=[refused.event_id]))
    text = page.content.decode()
    assert page.status_code == 200
    assert page.context["explanation"] is None
    assert page.context["simulation"] == ""
    assert "iam:ListUsers" in text
    assert "Identity policies" in text
    assert "Denied: a policy forbids it" in text
    assert "bob may not perform iam:ListUsers on arn:aws:iam::123456789012:user/: a policy forbids it." in text
    assert text.index(f'data-copy="{refused.request_id}"') < text.index(f'data-copy="{refused.event_id}"')
    for secret in ("HiddenSid", "hidden-key", "hidden-value", "given", "StringNotEquals"):
        assert secret not in text.split("<main")[1].replace("given in", ""), secret


def test_who_reads_the_trail_sees_the_whole_explanation(client, refused, make_user):
    sign_in(client, make_user("vera", READ_TRAIL))
    page = client.get(reverse("access:why", args=[refused.event_id]))
    text = page.content.decode().replace("<wbr>", "")
    assert page.context["explanation"].outcome == "explicitDeny"
    assert (
        "bob may not perform iam:ListUsers on arn:aws:iam::123456789012:user/: HiddenSid in given forbids it." in text
    )
    assert text.count(f">{json.loads(refused.record)['errorMessage']}<") == 1
    assert "HiddenSid" in text
    assert "hidden-value" in text
    assert Event.objects.latest("id").name == "LookupEvents"


def test_the_permission_is_that_of_the_check_that_denied(client, caller_of, make_user, system):
    create_instance_profile(system, instance_profile_name="Web")
    create_role(system, role_name="Worker", assume_role_policy_document=TRUST)
    bob = make_user("bob", SECRETIVE.replace("iam:GetUser", "iam:AddRoleToInstanceProfile"))
    with pytest.raises(AccessDenied):
        add_role_to_instance_profile(caller_of(bob), instance_profile_name="Web", role_name="Worker")
    denied = Event.objects.latest("id")
    for reader in (bob, make_user("vera", READ_TRAIL)):
        sign_in(client, reader)
        text = client.get(reverse("access:why", args=[denied.event_id])).content.decode().replace("<wbr>", "")
        assert "bob may not perform iam:PassRole on arn:aws:iam::123456789012:role/Worker: no policy allows it." in text
        assert "iam:AddRoleToInstanceProfile on" not in text


def test_the_refused_page_leads_only_those_to_the_explanation_who_learn_more_there(client, refused, make_user):
    page = client.get(reverse("accounts:users"))
    event = Event.objects.latest("id")
    text = page.content.decode()
    assert "Why was this denied?" not in text
    assert text.index(f'data-copy="{event.request_id}"') < text.index(f'data-copy="{event.event_id}"')
    sign_in(client, make_user("vera", READ_TRAIL))
    text = client.get(reverse("accounts:users")).content.decode()
    assert reverse("access:why", args=[Event.objects.latest("id").event_id]) in text


def test_nothing_refuses_where_nothing_allows(client, make_user):
    sign_in(client, make_user("carl"))
    refused = client.get(reverse("accounts:users"))
    why = client.get(reverse("access:why", args=[Event.objects.latest("id").event_id]))
    for page in (refused, why):
        text = " ".join(page.content.decode().split())
        assert "Denied: no policy allows it" in text
        assert "<dt>Missing in</dt>" in text
        assert "Refused by" not in text
        assert "Request access: whoever answers sees exactly why it was refused." in text


def test_the_principal_leads_to_its_page_for_who_may_see_it(client, refused, make_user):
    address = reverse("access:why", args=[refused.event_id])
    sign_in(client, make_user("vera", READ_TRAIL))
    assert client.get(address).context["principal_url"] == ""
    both = json.loads(READ_TRAIL)
    both["Statement"] = [both["Statement"], {"Effect": "Allow", "Action": "iam:Get*", "Resource": "*"}]
    sign_in(client, make_user("walt", json.dumps(both)))
    page = client.get(address)
    assert f'<a href="{reverse("accounts:user", args=["bob"])}">bob</a>' in page.content.decode()
    caller = page.wsgi_request.caller
    session = "arn:aws:sts::123456789012:assumed-role/Reader/nightly"
    assert page_of(caller, session) == reverse("accounts:role", args=["Reader"])
    assert page_of(caller, "arn:aws:iam::999999999999:user/bob") == ""


def test_somebody_else_is_refused(client, refused, make_user):
    sign_in(client, make_user("carl"))
    page = client.get(reverse("access:why", args=[refused.event_id]))
    assert page.status_code == 403
    assert "cloudtrail:LookupEvents" in page.content.decode()
    assert Event.objects.latest("id").error_code == "AccessDenied"


def test_an_event_that_is_no_denial_or_not_there_has_no_explanation(client, admin, make_user):
    create_user(admin, user_name="dora")
    sign_in(client, make_user("vera", READ_TRAIL))
    allowed = Event.objects.get(name="CreateUser")
    assert client.get(reverse("access:why", args=[allowed.event_id])).status_code == 404
    missing = reverse("access:why", args=["00000000-0000-4000-8000-000000000000"])
    assert client.get(missing).status_code == 404


def test_a_denial_of_another_account_does_not_exist(client, refused, make_user, other_account):
    sign_in(client, make_user("vera", READ_TRAIL, other_account.pk))
    assert client.get(reverse("access:why", args=[refused.event_id])).status_code == 404


def test_an_operation_s_denial_carries_the_id_of_its_event(nobody):
    with pytest.raises(AccessDenied) as denied:
        create_user(nobody, user_name="dora")
    assert Event.objects.get(event_id=denied.value.details["event_id"]).name == "CreateUser"


def test_a_denial_among_several_operations_is_found_too(nobody):
    with pytest.raises(AccessDenied) as denied, one_change():
        create_user(nobody, user_name="dora")
    assert Event.objects.get(event_id=denied.value.details["event_id"]).error_code == "AccessDenied"


def test_an_htmx_refusal_links_there_too(client, make_user):
    sign_in(client, make_user("bob"))
    answer = client.get(reverse("accounts:users"), headers={"HX-Request": "true"})
    assert reverse("access:why", args=[Event.objects.latest("id").event_id]) in answer.content.decode()


def test_an_event_opens_in_the_simulator_with_its_question(client, admin, nobody, make_user):
    with pytest.raises(AccessDenied):
        create_user(nobody, user_name="dora", tags=[{"Key": "team", "Value": "a"}, {"Key": "cost", "Value": "b"}])
    sign_in(
        client,
        make_user("sam", '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'),
    )
    event = client.get(reverse("audit:event", args=[Event.objects.get(name="CreateUser").event_id]))
    page = client.get(reverse("access:simulator") + "?" + event.context["simulation"])
    rows = page.context["shown"].object_list
    assert [(row.verdict.action, row.verdict.resource, row.verdict.outcome) for row in rows] == [
        ("iam:CreateUser", "arn:aws:iam::123456789012:user/dora", "implicitDeny")
    ]
    given = dict(page.context["question"].context)
    assert given["aws:RequestTag/team"] == "a"
    assert page.context["bench"].simulation.what_if.context["aws:TagKeys"] == ["team", "cost"]
    assert "Open in simulator" in event.content.decode()
    why = client.get(reverse("access:why", args=[event.context["event"].event_id]))
    assert why.context["simulation"] == event.context["simulation"]
    assert "Open in simulator" in why.content.decode()


def test_who_may_not_simulate_is_not_offered_it(client, nobody, make_user):
    with pytest.raises(AccessDenied):
        create_user(nobody, user_name="dora")
    sign_in(client, make_user("vera", READ_TRAIL))
    event = client.get(reverse("audit:event", args=[Event.objects.get(name="CreateUser").event_id]))
    assert "Open in simulator" not in event.content.decode()
    why = client.get(reverse("access:why", args=[event.context["event"].event_id]))
    assert "Open in simulator" not in why.content.decode()


def test_the_page_costs_few_queries(client, refused, django_assert_max_num_queries):
    with django_assert_max_num_queries(15):
        client.get(reverse("access:why", args=[refused.event_id]))
