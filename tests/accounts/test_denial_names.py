"""Who is denied does not learn from a sentence how a name is spelled, nor that there is one: it says the name as it was given."""

import html

import pytest
from django.urls import reverse

from accounts.operations.access_keys import list_access_keys
from accounts.operations.groups import create_group, delete_group, update_group
from accounts.operations.instance_profiles import (
    add_role_to_instance_profile,
    create_instance_profile,
    get_instance_profile,
)
from accounts.operations.memberships import add_user_to_group
from accounts.operations.roles import create_role, get_role, update_role
from accounts.operations.service_specific_credentials import create_service_specific_credential
from accounts.operations.tags import tag_user
from accounts.operations.users import create_user, delete_user, get_user, update_user
from operations.errors import AccessDenied
from operations.models import Event
from tests.every_page import TRUST
from tests.federation.conftest import allow
from tests.signing_in import sign_in

NONE = "User: arn:aws:iam::123456789012:user/vera is not authorized to perform: "


@pytest.fixture
def there(system):
    """One of each, in a path of their own."""
    given = {"path": "/hidden/"}
    create_user(system, user_name="Dora", **given)
    create_group(system, group_name="Ops", **given)
    create_role(system, role_name="Web", assume_role_policy_document=TRUST % "arn:aws:iam::123456789012:root", **given)
    create_instance_profile(system, instance_profile_name="Box", **given)


CALLS = [
    (get_user, "user_name", {}),
    (delete_user, "user_name", {}),
    (update_user, "user_name", {"new_user_name": "other"}),
    (list_access_keys, "user_name", {}),
    (tag_user, "user_name", {"tags": [{"Key": "a", "Value": "b"}]}),
    (create_service_specific_credential, "user_name", {"service_name": "codecommit.amazonaws.com"}),
    (delete_group, "group_name", {}),
    (update_group, "group_name", {"new_group_name": "other"}),
    (add_user_to_group, "group_name", {"user_name": "vera"}),
    (get_role, "role_name", {}),
    (update_role, "role_name", {"description": "other"}),
    (get_instance_profile, "instance_profile_name", {}),
    (add_role_to_instance_profile, "instance_profile_name", {"role_name": "web"}),
]
NAMES = {"user_name": "DORA", "group_name": "OPS", "role_name": "WEB", "instance_profile_name": "BOX"}


@pytest.mark.parametrize(("operation", "parameter", "more"), CALLS, ids=lambda each: getattr(each, "name", ""))
def test_a_name_that_is_there_is_denied_as_one_that_is_not(make_user, caller_of, there, operation, parameter, more):
    vera = caller_of(make_user("vera"))
    said = []
    for name in (NAMES[parameter], "ABSENT"):
        with pytest.raises(AccessDenied) as denied:
            operation(vera, **{parameter: name}, **more)
        said.append(denied.value.message.replace(name, "…"))
        assert f" {name} because" in denied.value.message
    assert said[0] == said[1]
    assert said[0].startswith(NONE)


def test_the_record_has_the_sentence_and_the_stored_arn(make_user, caller_of, there):
    with pytest.raises(AccessDenied):
        delete_user(caller_of(make_user("vera")), user_name="DORA")
    event = Event.objects.get(name="DeleteUser")
    assert event.resource.endswith("user/hidden/Dora")
    assert "user DORA because" in event.record


@pytest.mark.parametrize(
    ("page", "name"),
    [("user", "DORA"), ("group", "OPS"), ("role", "WEB"), ("user-security-credentials", "DORA")],
)
def test_pages_say_it_alike(client, make_user, there, page, name):
    sign_in(client, make_user("vera"))
    shown = []
    for asked in (name, "ABSENT"):
        answer = client.get(reverse(f"accounts:{page}", args=[asked]))
        assert answer.status_code == 403
        text = html.unescape(answer.content.decode()).partition("<main")[2].partition("Request ID")[0]
        assert f" {asked} because" in text
        shown.append(text.replace(asked, "…"))
    assert shown[0] == shown[1]
    assert "/hidden/" not in shown[0]


def test_whom_one_wants_to_copy_or_simulate_is_not_spelled(client, make_user, there):
    sign_in(client, make_user("vera", allow("iam:CreateUser", "iam:SimulatePrincipalPolicy")))
    vera = {"user_name": "new", "copy_from": "DORA", "create": "1"}
    answers = [client.post(reverse("accounts:user-create"), vera)]
    sign_in(client, make_user("walt"))
    answers += [client.get("/simulator/", {"principal": "DORA", "action": "s3:GetObject"})]
    for answer in answers:
        text = html.unescape(answer.content.decode())
        assert "Dora" not in text.partition("<main")[2]
