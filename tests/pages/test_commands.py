"""A form as AWS CLI commands: rehearsed through the real views, and nothing of it stays."""

import html
import json
import re

import pytest
from django.urls import reverse

from accounts.models import ConsoleSession, Group, User
from accounts.operations.groups import create_group
from accounts.operations.users import create_user
from operations.models import Event, Ledger
from operations.stamps import stamp
from policies.models import ManagedPolicy
from policies.operations.managed_policies import create_policy
from tests.conftest import ACCOUNT, ADMINISTRATOR
from tests.signing_in import sign_in

READ = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'
NOTHING = "There are no commands yet"


@pytest.fixture
def signed_in(client, make_user):
    sign_in(client, make_user("sam", ADMINISTRATOR), mfa=True)
    return client


def commands(client, address, data, press="", **headers):
    answer = client.post(address, data | {"show-commands": press}, **headers)
    assert answer.status_code == 200
    return answer


def told(answer):
    """The commands, as they are copied."""
    found = re.search(r'data-copy="([^"]*aws [^"]*)"', answer.content.decode())
    return html.unescape(found[1]).replace(" \\\n ", "").replace("&#x27;", "'") if found else ""


def test_a_form_is_told_as_commands_and_nothing_is_done(signed_in, system):
    create_group(system, group_name="ops")
    create_policy(system, policy_name="reading", policy_document=READ)
    ledger, before = Ledger.objects.values_list("stamp").get(pk=ACCOUNT), stamp(ACCOUNT)
    writes = Event.objects.filter(read_only=False).count()
    asked = {
        "user_names": "emil\nanna",
        "access": "none",
        "path": "/people/",
        "groups": ["ops"],
        "policies": [f"arn:aws:iam::{ACCOUNT}:policy/reading"],
        "tags": "team = blue",
    }
    text = told(commands(signed_in, reverse("accounts:user-create"), asked, "create"))
    for command in (
        "aws iam create-user --user-name emil --path /people/ --tags Key=team,Value=blue",
        "aws iam add-user-to-group --group-name ops --user-name emil",
        f"aws iam attach-user-policy --user-name emil --policy-arn arn:aws:iam::{ACCOUNT}:policy/reading",
        "aws iam create-user --user-name anna",
    ):
        assert command in re.sub(r"\s+", " ", text)
    assert not User.objects.filter(name__in=["emil", "anna"]).exists()
    assert Event.objects.filter(read_only=False).count() == writes
    assert (Ledger.objects.values_list("stamp").get(pk=ACCOUNT), stamp(ACCOUNT)) == (ledger, before)


def test_what_is_told_is_what_the_form_then_does(signed_in, system):
    asked = {"group_name": "crew", "path": "/", "users": ["sam"]}
    text = told(commands(signed_in, reverse("accounts:group-create"), asked, "create"))
    assert text.count("aws iam") == 2
    signed_in.post(reverse("accounts:group-create"), asked | {"create": "1"})
    done = [row.name for row in Event.objects.filter(read_only=False).order_by("sequence")][-2:]
    assert done == ["CreateGroup", "AddUserToGroup"]


def test_a_form_that_is_not_complete_is_said_to_be_so(signed_in):
    page = commands(signed_in, reverse("accounts:group-create"), {"group_name": "", "path": "/"}, "create")
    assert NOTHING in page.content.decode()


def test_a_form_that_the_operation_refuses_is_said_to_be_so(signed_in, system):
    create_group(system, group_name="ops")
    page = commands(signed_in, reverse("accounts:group-create"), {"group_name": "OPS", "path": "/"}, "create")
    assert NOTHING in page.content.decode()
    assert Event.objects.filter(error_code="EntityAlreadyExists").count() == 1


def test_where_one_operation_fails_the_others_are_no_commands_either(signed_in):
    asked = {"user_names": "emil", "access": "none", "path": "/", "policies": f"arn:aws:iam::{ACCOUNT}:policy/gone"}
    page = commands(signed_in, reverse("accounts:user-create"), asked, "create")
    assert NOTHING in page.content.decode()


def test_a_refusal_is_recorded_although_nothing_was_to_be_done(client, make_user, system):
    create_user(system, user_name="dora")
    sign_in(client, make_user("nobody"))
    page = commands(client, reverse("accounts:group-create"), {"group_name": "ops", "path": "/"}, "create")
    assert NOTHING in page.content.decode()
    denied = Event.objects.get(error_code="AccessDenied", name="CreateGroup")
    assert json.loads(denied.record)["decision"]["outcome"] == "implicitDeny"
    assert not Group.objects.exists()


def test_why_it_would_be_refused_is_said_in_the_operations_words(signed_in, system):
    create_group(system, group_name="ops")
    page = commands(signed_in, reverse("accounts:group-create"), {"group_name": "ops", "path": "/"}, "create")
    assert "EntityAlreadyExists" in page.content.decode()
    assert "Group with name ops already exists." in page.content.decode()


def test_reads_of_a_rehearsal_are_recorded(signed_in, system):
    create_user(system, user_name="dora")
    commands(signed_in, "/users/dora/tags/", {"tags": "a = b", "seen": ""})
    assert Event.objects.filter(name="ListUserTags", principal_arn__endswith="/sam").exists()


def test_the_session_and_its_messages_are_as_before(signed_in, system):
    create_user(system, user_name="dora")
    keys = set(ConsoleSession.objects.values_list("session_key", flat=True))
    asked = {"user_names": "emil", "access": "invite", "path": "/"}
    commands(signed_in, reverse("accounts:user-create"), asked, "create")
    assert set(ConsoleSession.objects.values_list("session_key", flat=True)) == keys
    page = signed_in.get(reverse("accounts:user-create")).content.decode()
    assert "/set-password/" not in page
    assert "user created" not in page


def test_no_mail_goes_out(signed_in, system, mailoutbox, django_capture_on_commit_callbacks):
    create_user(system, user_name="dora")
    User.objects.filter(name="dora").update(email="dora@example.com")
    with django_capture_on_commit_callbacks(execute=True):
        commands(signed_in, "/users/dora/security-credentials/access-keys/create/", {"description": "laptop"})
    assert mailoutbox == []
    assert not User.objects.get(name="dora").access_keys.exists()


def test_a_secret_is_not_told(signed_in, system):
    asked = {"old_password": "Correct-horse-1", "new_password": "Correct-horse-2", "repeated": "Correct-horse-2"}
    page = commands(signed_in, reverse("accounts:change-password"), asked)
    assert "Correct-horse" not in page.content.decode()


def test_operations_of_our_own_have_no_command(signed_in, system):
    asked = {"user_names": "emil", "access": "invite", "path": "/"}
    text = told(commands(signed_in, reverse("accounts:user-create"), asked, "create"))
    assert "aws iam create-user --user-name emil" in text
    assert "# InviteUser: an operation of this console's own" in text


def test_a_policy_document_arrives_whole_and_is_not_saved(signed_in):
    asked = {"policy_name": "reading", "policy_document": READ, "path": "/"}
    text = told(commands(signed_in, reverse("policies:create"), asked, "create"))
    assert f"--policy-document '{READ}'" in text
    assert not ManagedPolicy.objects.exists()


def test_htmx_gets_the_panels_content_alone(signed_in):
    asked = {"group_name": "crew", "path": "/"}
    page = commands(signed_in, reverse("accounts:group-create"), asked, "create", HTTP_HX_REQUEST="true")
    assert "<html" not in page.content.decode()
    assert "aws iam create-group --group-name crew" in told(page)


def test_nobody_and_a_forged_request_get_nothing(client, make_user):
    assert client.post("/groups/create/", {"group_name": "ops", "show-commands": "create"}).status_code == 302
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    sign_in(strict, make_user("sam", ADMINISTRATOR))
    page = strict.post("/groups/create/", {"group_name": "ops", "path": "/", "show-commands": "create"})
    assert NOTHING in page.content.decode()
    assert not Group.objects.exists()
