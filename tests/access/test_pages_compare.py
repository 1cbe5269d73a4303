"""Two users, groups or roles beside each other: what each has, how their access differs, and what the reader may not see of it."""

import html
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Group, Role, User
from accounts.operations.attachments import attach_user_policy
from accounts.operations.boundaries import put_user_permissions_boundary
from accounts.operations.groups import create_group
from accounts.operations.inline_policies import put_user_policy
from accounts.operations.roles import create_role
from operations.models import Event
from policies.operations.managed_policies import create_policy
from tests.access.conftest import document
from tests.every_page import TRUST
from tests.signing_in import sign_in


@pytest.fixture
def eve(admin, dora, make_user):
    """Beside dora: another inline policy of the same name, a managed policy, and the boundary that leaves reading alone."""
    make_user("eve")
    put_user_policy(
        admin, user_name="eve", policy_name="own", policy_document=document("s3:GetObject", "arn:aws:s3:::a/*")
    )
    arn = create_policy(admin, policy_name="queues", policy_document=document("sqs:*"))["Policy"]["Arn"]
    attach_user_policy(admin, user_name="eve", policy_arn=arn)
    return User.objects.get(name="eve")


def compared(client, first="user/dora", second="eve"):
    response = client.get(reverse("access:compare"), {"a": first, "b": second})
    return response, re.sub(r"\s+", " ", response.content.decode())


def changes(response):
    """The lines of the difference: the word, the service, the actions' number."""
    rows = response.context["found"].access.value.rows
    return {(str(row.word), row.service, sum(number for _level, number, _names in row.levels)) for row in rows}


def test_what_each_has_stands_beside_what_the_other_has(signed_in, eve):
    response, text = compared(signed_in)
    found = response.context["found"]
    assert {(row.name, row.where) for row in found.policies} == {
        ("denying", "first"),
        ("shared", "first"),
        ("queues", "second"),
        ("own", "both"),
    }
    assert [row.name for row in found.policies if row.differs] == ["own"]
    assert [(row.name, row.where) for row in found.groups] == [("Ops", "first")]
    assert "Only dora" in text
    assert "Of the same name, with other documents" in text
    for kind, name in (("user-attach", "dora"), ("user-attach", "eve"), ("user-groups", "eve")):
        assert reverse(f"accounts:{kind}", args=[name]) in text


def test_the_difference_in_access_is_that_of_the_engine(signed_in, eve):
    lines = {(word, service) for word, service, _number in changes(compared(signed_in)[0])}
    assert lines == {("Only dora", "Amazon S3"), ("Only eve", "Amazon SQS"), ("Denied to dora", "Amazon S3")}


def test_a_boundary_counts(signed_in, admin, eve):
    arn = create_policy(admin, policy_name="limit", policy_document=document("s3:*"))["Policy"]["Arn"]
    put_user_permissions_boundary(admin, user_name="eve", permissions_boundary=arn)
    response, text = compared(signed_in)
    assert not any(service == "Amazon SQS" for _word, service, _number in changes(response))
    assert reverse("policies:policy", args=[arn]) in text


def test_a_group_and_a_user_with_the_same_policies_differ_in_nothing(signed_in, admin, dora, make_user):
    make_user("Ops")
    put_user_policy(admin, user_name="Ops", policy_name="shared", policy_document=document("s3:PutObject"))
    arn = f"arn:aws:iam::{dora.account_id}:policy/denying"
    attach_user_policy(admin, user_name="Ops", policy_arn=arn)
    response, text = compared(signed_in, "group/Ops", "user/Ops")
    assert response.context["found"].labels == ("group/Ops", "user/Ops")
    assert "None: the policies of both allow and deny the same." in text
    assert {row.where for row in response.context["found"].policies} == {"both"}


def test_without_a_choice_the_page_asks_and_names_what_is_wrong(signed_in, eve):
    empty = signed_in.get(reverse("access:compare"), {"a": "user/dora"})
    assert 'value="user/dora"' in empty.content.decode()
    assert empty.context["found"] is None
    assert not empty.context["form"].errors
    assert "This is the same one" in compared(signed_in, "user/dora", "dora")[1]
    for nobody in ("ghost", "root", "role/ghost", "nul\0"):
        response, text = compared(signed_in, "user/dora", nobody)
        assert response.status_code == 200
        assert response.context["form"].errors["b"], nobody
        assert 'value="user/dora"' in text
    assert compared(signed_in, "", "")[0].context["form"].errors.keys() == {"a", "b"}


def test_what_may_not_be_read_is_said_in_its_place(client, eve, make_user):
    sign_in(client, make_user("vera", document("iam:GetUser")))
    response, text = compared(client)
    found = response.context["found"]
    assert found.first.policies.refusal.permission == "iam:ListAttachedUserPolicies"
    assert found.first.groups.refusal.permission == "iam:ListGroupsForUser"
    assert found.access.refusal
    assert "denying" not in text
    assert "queues" not in text
    sign_in(client, make_user("otto", document(["iam:GetUser", "iam:List*"])))
    response, text = compared(client)
    assert response.context["found"].access.refusal.permission == "iam:GetUserPolicy"
    assert "queues" in text
    assert "with other documents" not in text
    sign_in(client, make_user("nora", document("iam:GetGroup")))
    response, text = compared(client)
    assert [refusal.permission for refusal in response.context["refusals"]] == ["iam:GetUser", "iam:GetUser"]
    assert response.context["found"] is None
    assert Event.objects.filter(name="GetUser", error_code="AccessDenied").exists()
    sign_in(client, make_user("nobody"))
    assert client.get(reverse("access:compare")).status_code == 403


def test_the_number_of_queries_is_fixed(signed_in, admin, eve):
    compared(signed_in)
    with CaptureQueriesContext(connection) as few:
        compared(signed_in)
    for number in range(8):
        arn = create_policy(admin, policy_name=f"more{number}", policy_document=document("sns:*"))["Policy"]["Arn"]
        attach_user_policy(admin, user_name="eve", policy_arn=arn)
    compared(signed_in)
    with CaptureQueriesContext(connection) as many:
        compared(signed_in)
    assert len(few) == len(many)


def test_pages_of_users_groups_and_roles_lead_there(signed_in, eve):
    for name, text in (("user", "dora"), ("group", "Ops")):
        page = signed_in.get(reverse(f"accounts:{name}", args=[text])).content.decode()
        assert f"{reverse('access:compare')}?a={name}/{text}" in page


def test_two_selected_rows_lead_to_their_comparison(signed_in, eve):
    dora = User.objects.get(name="dora")
    html = signed_in.get("/users/").content.decode()
    assert '<button class="button compact " formaction="/compare/users/" data-exactly="2">Compare</button>' in html
    response = signed_in.post("/compare/users/", {"select": [dora.pk, eve.pk], "state": "?q=e"})
    assert response["Location"] == "/compare/?a=user/dora&b=user/eve"
    assert signed_in.get(response["Location"]).status_code == 200


@pytest.mark.parametrize("number", [0, 1, 3])
def test_other_numbers_lead_back_to_the_list(signed_in, eve, make_user, number):
    make_user("third")
    ids = list(User.objects.values_list("pk", flat=True)[:number])
    response = signed_in.post("/compare/users/", {"select": ids, "state": "?q=e"}, follow=True)
    assert response.redirect_chain == [("/users/?q=e", 302)]
    assert "Select two to compare them." in response.content.decode()


def test_names_are_not_told_to_whoever_may_not_list_them(client, eve, make_user):
    sign_in(client, make_user("reader", document("iam:GetUser")))
    ids = list(User.objects.values_list("pk", flat=True)[:2])
    assert client.post("/compare/users/", {"select": ids}).status_code == 403
    assert Event.objects.filter(name="ListUsers", error_code="AccessDenied").exists()


def test_roles_and_groups_are_compared_from_their_lists(signed_in, admin):
    for kind, model in (("role", Role), ("group", Group)):
        rows = list(model.objects.order_by("pk")[:2])
        if len(rows) < 2:
            rows = [_made(admin, kind, name) for name in ("one", "two")]
        names = [row.name for row in rows]
        response = signed_in.post(f"/compare/{kind}s/", {"select": [row.pk for row in rows]})
        assert response["Location"] == f"/compare/?a={kind}/{names[0]}&b={kind}/{names[1]}"


def _made(admin, kind, name):
    if kind == "group":
        create_group(admin, group_name=name)
        return Group.objects.get(name=name)
    create_role(admin, role_name=name, assume_role_policy_document=TRUST % "arn:aws:iam::123456789012:root")
    return Role.objects.get(name=name)


def test_the_side_bar_leads_to_it_for_whoever_may_look_at_somebody(client, signed_in, make_user):
    assert 'href="/compare/"' in signed_in.get("/").content.decode()
    sign_in(client, make_user("reader"))
    assert 'href="/compare/"' not in client.get("/").content.decode()


def test_what_only_the_other_has_is_chosen_already_where_it_is_given(signed_in, eve):
    """dora has the managed policy `denying` and is in Ops, eve has `queues`."""
    _response, page = compared(signed_in)
    links = {
        name: html.unescape(href) for href, name in re.findall(r'href="([^"]*)"[^>]*>(?:<svg.*?</svg>)?([^<]*)', page)
    }
    attach = signed_in.get(links["Attach policies to eve"])
    chosen = attach.context["form"]["policy_arn"].value()
    assert [arn.rpartition("/")[2] for arn in chosen] == ["denying"]
    assert "1 of" in attach.content.decode()
    sent = signed_in.post(reverse("accounts:user-attach", args=["eve"]), {"policy_arn": chosen, "attach": "1"})
    assert sent.status_code == 302
    joining = signed_in.get(links["Add eve to groups"])
    assert joining.context["form"]["groups"].value() == ["Ops"]
    assert [
        arn.rpartition("/")[2]
        for arn in signed_in.get(links["Attach policies to dora"]).context["form"]["policy_arn"].value()
    ] == ["queues"]


def test_what_an_address_has_chosen_is_bounded_and_checked(signed_in, eve):
    address = reverse("accounts:user-attach", args=["eve"])
    many = "&".join(f"policy=arn:{number}" for number in range(50))
    page = signed_in.get(f"{address}?{many}")
    chosen = page.context["form"]["policy_arn"].value()
    assert len(chosen) == 20
    refused = signed_in.post(address, {"policy_arn": chosen[:1]})
    assert refused.status_code != 302
    has = User.objects.get(name="eve").attachments.values_list("policy__arn", flat=True)[0]
    assert signed_in.get(f"{address}?policy={has}").context["form"]["policy_arn"].value() == []


def test_an_address_tells_nobody_what_is_attached(client, eve, make_user):
    sign_in(client, make_user("reader", document(["iam:AttachUserPolicy", "iam:GetUser", "iam:ListPolicies"])))
    has = eve.attachments.values_list("policy__arn", flat=True)[0]
    page = client.get(f"{reverse('accounts:user-attach', args=['eve'])}?policy={has}")
    assert page.context["form"]["policy_arn"].value() == [has]
