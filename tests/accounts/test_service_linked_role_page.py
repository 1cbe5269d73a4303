"""The page of a service-linked role: what of it can be changed here, and its deletion."""

import pytest
from django.test import Client

from accounts.models import Role, RoleDeletionTask, User
from accounts.operations.service_linked_roles import create_service_linked_role
from operations.caller import Caller
from operations.models import Event
from tests.signing_in import sign_in

NAME = "AWSServiceRoleForAutoScaling"
READER = """{"Version":"2012-10-17","Statement":[
 {"Effect":"Allow","Action":["iam:Get*","iam:List*","iam:DeleteRole"],"Resource":"*"}]}"""


@pytest.fixture
def linked(admin: Caller) -> Role:
    create_service_linked_role(admin, aws_service_name="autoscaling.amazonaws.com")
    return Role.objects.get(name=NAME)


def test_it_is_deleted_as_a_task_after_its_name_is_typed(client: Client, admin: Caller, linked: Role) -> None:
    sign_in(client, User.objects.get(name="alice"), mfa=True)
    assert f'href="/roles/{NAME}/delete/"' in client.get(f"/roles/{NAME}/").content.decode()
    assert client.post(f"/roles/{NAME}/delete/", {"confirmation": "something else"}).status_code == 400
    assert Role.objects.filter(pk=linked.pk).exists()
    client.post(f"/roles/{NAME}/delete/", {"confirmation": NAME})
    assert not Role.objects.filter(pk=linked.pk).exists()
    assert RoleDeletionTask.objects.get(role_arn=linked.arn).status == RoleDeletionTask.SUCCEEDED
    assert Event.objects.latest("id").name == "DeleteServiceLinkedRole"


def test_who_may_only_delete_other_roles_has_no_button_and_no_form(
    client: Client, admin: Caller, linked: Role, make_user
) -> None:
    make_user("reader", READER)
    sign_in(client, User.objects.get(name="reader"))
    assert "/delete/" not in client.get(f"/roles/{NAME}/").content.decode()
    assert client.get(f"/roles/{NAME}/delete/").status_code == 403
    assert client.post(f"/roles/{NAME}/delete/", {"confirmation": NAME}).status_code == 403
    assert Role.objects.filter(pk=linked.pk).exists()
