"""A role is duplicated: a form that has all of it that can be copied and that its reader may read."""

import json

import pytest

from accounts.models import Role
from accounts.operations.attachments import attach_role_policy
from accounts.operations.inline_policies import put_role_policy
from accounts.operations.roles import create_role
from accounts.operations.service_linked_roles import create_service_linked_role
from accounts.operations.users import create_user
from policies.operations.managed_policies import create_policy
from tests.accounts.test_pages_roles import DORA, READ, trusting
from tests.signing_in import sign_in


def allowing(*actions):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]})


@pytest.fixture
def original(system):
    """A role with all that can be copied, and an inline policy, which is not."""
    arn = create_policy(system, policy_name="reading", policy_document=READ)["Policy"]["Arn"]
    create_user(system, user_name="dora")
    create_role(
        system,
        role_name="deploy",
        path="/ci/",
        description="Deploys",
        max_session_duration=7200,
        assume_role_policy_document=trusting({"AWS": DORA}),
        permissions_boundary=arn,
        tags=[{"Key": "a=b", "Value": "c"}],
    )
    attach_role_policy(system, role_name="deploy", policy_arn=arn)
    put_role_policy(system, role_name="deploy", policy_name="own", policy_document=READ)
    return arn


def test_a_role_is_duplicated(administrator, original):
    role_page = administrator.get("/roles/deploy/").content.decode()
    assert 'href="/roles/create/?copy=deploy"' in role_page
    page = administrator.get("/roles/create/?copy=deploy")
    form = page.context["form"]
    assert form["role_name"].value() == "deploy-copy"
    assert DORA in form["policy_document"].value()  # as it is read, not as it is stored
    assert (form["path"].value(), form["description"].value(), form["max_session_duration"].value()) == (
        "/ci/",
        "Deploys",
        7200,
    )
    assert (form["policies"].value(), form["permissions_boundary"].value()) == ([original], original)
    assert form["tags"].value() == "a\\=b = c"
    html = page.content.decode()
    assert "This begins as a copy of deploy" in html
    assert "Its inline policy is not copied: own." in html
    sent = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    sent |= {"max_session_duration": "7200", "create": "1"}
    assert administrator.post("/roles/create/", sent)["Location"] == "/roles/deploy-copy/"
    made, old = Role.objects.get(name="deploy-copy"), Role.objects.get(name="deploy")
    assert (made.trust_policy, made.path, made.boundary) == (old.trust_policy, old.path, old.boundary)
    assert list(made.attachments.values_list("policy__arn", flat=True)) == [original]


def test_a_copy_of_a_role_that_may_not_be_read_is_refused(client, make_user, original):
    sign_in(client, make_user("vera", allowing("iam:CreateRole")))
    assert client.get("/roles/create/?copy=deploy").status_code == 403
    assert client.get("/roles/create/").status_code == 200


def test_policies_that_may_not_be_listed_are_said_to_be_missing(client, make_user, original):
    sign_in(client, make_user("vera", allowing("iam:CreateRole", "iam:GetRole")))
    page = client.get("/roles/create/?copy=deploy")
    assert page.context["form"]["policies"].value() == []
    assert "iam:ListAttachedRolePolicies" in page.content.decode()


def test_there_is_no_copy_of_nothing_and_of_a_services_own_role(administrator, system):
    assert administrator.get("/roles/create/?copy=nobody").status_code == 404
    create_service_linked_role(system, aws_service_name="support.amazonaws.com")
    assert "?copy=" not in administrator.get("/roles/AWSServiceRoleForSupport/").content.decode()
