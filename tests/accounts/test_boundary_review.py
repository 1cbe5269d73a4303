"""A boundary is set, changed and removed after a look at what that gives and takes; nothing is done before."""

import pytest
from django.urls import reverse

from accounts.models import Group, Role, User
from accounts.operations.boundaries import put_role_permissions_boundary, put_user_permissions_boundary
from accounts.operations.groups import create_group
from accounts.operations.inline_policies import put_group_policy, put_role_policy, put_user_policy
from accounts.operations.memberships import add_user_to_group
from accounts.operations.roles import create_role
from policies.operations.managed_policies import create_policy
from policies.saving import mark
from tests.accounts.browser import text_of
from tests.conftest import ADMINISTRATOR
from tests.every_page import TRUST
from tests.signing_in import sign_in


def allowing(*actions):
    listed = ",".join(f'"{action}"' for action in actions)
    return f'{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":[{listed}],"Resource":"*"}}]}}'


@pytest.fixture
def limits(system):
    return {
        name: create_policy(system, policy_name=name, policy_document=document)["Policy"]["Arn"]
        for name, document in {"storage": allowing("s3:*"), "queues": allowing("sqs:*")}.items()
    }


@pytest.fixture
def dora(make_user, system):
    """Reads buckets herself, sends to queues by a group."""
    user = make_user("dora", allowing("s3:GetObject"))
    create_group(system, group_name="ops")
    put_group_policy(system, group_name="ops", policy_name="queues", policy_document=allowing("sqs:SendMessage"))
    add_user_to_group(system, group_name="ops", user_name="dora")
    return user


@pytest.fixture
def signed_in(client, make_user):
    sign_in(client, make_user("sam", ADMINISTRATOR), mfa=True)
    return client


ADDRESS = "/users/dora/boundary/"


def boundary_of_dora():
    return getattr(User.objects.get(name="dora").boundary, "arn", "")


def test_setting_one_shows_what_it_takes_and_then_sets_it(signed_in, dora, limits):
    asked = {"permissions_boundary": limits["storage"], "seen": mark("")}
    page = signed_in.post(ADDRESS, asked)
    assert "Set the permissions boundary of dora?" in text_of(page)
    assert "Amazon SQS No longer allowed Write: SendMessage" in text_of(page)
    assert "Amazon S3 No longer" not in text_of(page)
    assert "1 action allowed by both, 1 cut by the boundary" in text_of(page)
    assert boundary_of_dora() == ""
    assert signed_in.post(ADDRESS, asked | {"changed": "1"}).status_code == 302
    assert boundary_of_dora() == limits["storage"]


def test_from_the_review_back_to_the_choice(signed_in, dora, limits):
    asked = {"permissions_boundary": limits["storage"], "seen": mark("")}
    assert 'name="edit"' in signed_in.post(ADDRESS, asked).content.decode()
    form = signed_in.post(ADDRESS, asked | {"edit": "1"}).context["form"]
    assert form["permissions_boundary"].value() == [limits["storage"]]
    assert not form.errors
    assert boundary_of_dora() == ""


def test_changing_one_shows_both(signed_in, dora, limits, system):
    put_user_permissions_boundary(system, user_name="dora", permissions_boundary=limits["storage"])
    page = text_of(signed_in.post(ADDRESS, {"permissions_boundary": limits["queues"], "seen": mark(limits["storage"])}))
    assert "Change the permissions boundary of dora?" in page
    assert "Amazon SQS Now allowed Write: SendMessage" in page
    assert "Amazon S3 No longer allowed Read: GetObject" in page
    assert boundary_of_dora() == limits["storage"]


def test_removing_one_shows_what_it_held_back_and_then_removes_it(signed_in, dora, limits, system):
    put_user_permissions_boundary(system, user_name="dora", permissions_boundary=limits["storage"])
    asked = {"seen": mark(limits["storage"])}
    page = text_of(signed_in.post(ADDRESS, asked | {"remove": "1"}))
    assert "Remove the permissions boundary of dora?" in page
    assert "Amazon SQS Now allowed Write: SendMessage" in page
    assert boundary_of_dora() == limits["storage"]
    signed_in.post(ADDRESS, asked | {"removed": "1"})
    assert boundary_of_dora() == ""


def test_the_boundary_of_a_role_too(signed_in, account, limits, system):
    create_role(system, role_name="deploy", assume_role_policy_document=TRUST % f"arn:aws:iam::{account.pk}:root")
    put_role_policy(system, role_name="deploy", policy_name="own", policy_document=allowing("sqs:SendMessage"))
    put_role_permissions_boundary(system, role_name="deploy", permissions_boundary=limits["storage"])
    asked = {"seen": mark(limits["storage"])}
    page = text_of(signed_in.post("/roles/deploy/boundary/", asked | {"remove": "1"}))
    assert "Amazon SQS Now allowed Write: SendMessage" in page
    assert Role.objects.get().boundary is not None
    signed_in.post("/roles/deploy/boundary/", asked | {"removed": "1"})
    assert Role.objects.get().boundary is None


def test_all_services_at_once_are_one_line(signed_in, dora, limits, system):
    put_user_policy(system, user_name="dora", policy_name="all", policy_document=ADMINISTRATOR)
    page = signed_in.post(ADDRESS, {"permissions_boundary": limits["storage"], "seen": mark("")}).content.decode()
    table = page.split("<tbody>")[1].split("</tbody>")[0]
    assert table.count("<tr>") == 1
    assert "services" in table


def test_what_may_not_be_read_is_not_told_and_the_rest_goes_on(client, make_user, dora, limits):
    rights = allowing("iam:GetUser", "iam:PutUserPermissionsBoundary", "iam:ListPolicies")
    sign_in(client, make_user("limiter", rights))
    page = client.post(ADDRESS, {"permissions_boundary": limits["storage"], "seen": mark("")})
    assert "iam:ListAttachedUserPolicies" in text_of(page)
    assert "SendMessage" not in text_of(page)
    client.post(ADDRESS, {"permissions_boundary": limits["storage"], "seen": mark(""), "changed": "1"})
    assert boundary_of_dora() == limits["storage"]


def test_what_both_allow_what_is_cut_and_what_is_unused_stand_beside_each_other(signed_in, dora, limits, system):
    put_user_permissions_boundary(system, user_name="dora", permissions_boundary=limits["storage"])
    page = text_of(signed_in.get(ADDRESS))
    assert (
        "Service Allowed by both Cut by the boundary In the boundary, not granted Amazon S3 Read: GetObject None List ("
        in page
    )
    assert "Amazon SQS None Write: SendMessage None" in page
    assert "Partly cut" not in page
    narrow = create_policy(
        system, policy_name="narrow", policy_document=allowing("s3:GetObject").replace('"*"}', '"arn:aws:s3:::a/*"}')
    )["Policy"]["Arn"]
    page = text_of(signed_in.post(ADDRESS, {"permissions_boundary": narrow, "seen": mark(limits["storage"])}))
    assert "0 actions allowed by both, 1 partly cut, 1 cut by the boundary" in page
    assert "Allowed by both Partly cut Cut by the boundary" in page


def test_without_a_boundary_there_is_nothing_beside_the_policies(signed_in, dora):
    assert "Policies and boundary" not in text_of(signed_in.get(ADDRESS))


def test_who_may_not_read_the_policies_sees_the_form_alone(client, make_user, dora, limits, system):
    put_user_permissions_boundary(system, user_name="dora", permissions_boundary=limits["storage"])
    sign_in(client, make_user("limiter", allowing("iam:GetUser", "iam:PutUserPermissionsBoundary", "iam:ListPolicies")))
    page = text_of(client.get(ADDRESS))
    assert "iam:ListAttachedUserPolicies" in page
    assert "GetObject" not in page


def test_who_may_not_remove_one_is_not_asked_to(client, make_user, dora, limits, system):
    put_user_permissions_boundary(system, user_name="dora", permissions_boundary=limits["storage"])
    sign_in(client, make_user("limiter", allowing("iam:GetUser", "iam:PutUserPermissionsBoundary", "iam:ListPolicies")))
    assert "Remove boundary" not in text_of(client.get(ADDRESS))
    for button in ("remove", "removed"):
        assert client.post(ADDRESS, {"seen": mark(limits["storage"]), button: "1"}).status_code == 403
    assert boundary_of_dora() == limits["storage"]


def test_a_policy_that_is_not_there_is_said_on_the_form(signed_in, dora, limits):
    gone = limits["storage"].replace("storage", "gone")
    page = signed_in.post(ADDRESS, {"permissions_boundary": gone, "seen": mark("")})
    assert "does not exist or is not attachable" in text_of(page)


def test_the_review_costs_the_same_for_many_policies(signed_in, dora, limits, system, django_assert_max_num_queries):
    for n in range(8):
        put_user_policy(system, user_name="dora", policy_name=f"p{n}", policy_document=allowing("s3:GetObject"))
    Group.objects.update(member_count=1)
    with django_assert_max_num_queries(60):
        signed_in.post(ADDRESS, {"permissions_boundary": limits["storage"], "seen": mark("")})


@pytest.mark.parametrize("holds_all", [True, False])
def test_setting_an_administrator_free_asks_for_a_fresh_factor(
    client, make_user, dora, limits, system, clock, holds_all
):
    from datetime import timedelta

    sign_in(client, make_user("sam", ADMINISTRATOR))
    if holds_all:
        put_user_policy(system, user_name="dora", policy_name="all", policy_document=ADMINISTRATOR)
    put_user_permissions_boundary(system, user_name="dora", permissions_boundary=limits["storage"])
    clock.shift(timedelta(minutes=11))
    seen = mark(limits["storage"])
    queues = {"permissions_boundary": limits["queues"], "seen": seen}
    assert "Confirm that it is you" not in text_of(client.post(ADDRESS, {"seen": seen, "remove": "1"}))
    page = client.post(reverse("accounts:user-boundary", args=["dora"]), {"seen": seen, "removed": "1"})
    assert ("Confirm that it is you" in page.content.decode()) is holds_all
    assert "Confirm that it is you" not in client.post(ADDRESS, queues | {"changed": "1"}).content.decode()
