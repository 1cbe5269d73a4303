"""The search over everything finds users, groups, roles and Events, and shows each only to who may see it."""

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import AccessKey, Role, RoleTag, User, UserTag
from accounts.operations.groups import create_group
from accounts.operations.users import create_user
from operations.models import Event
from pages.search import search
from policies.models import ManagedPolicy as Policy
from policies.operations.managed_policies import create_policy
from tests.signing_in import sign_in


def found(caller: Any, text: str) -> dict[str, list[tuple[str, str]]]:
    return {str(group.title): [(str(hit.label), str(hit.note)) for hit in group.hits] for group in search(caller, text)}


@pytest.fixture
def dora(admin: Any) -> User:
    create_user(admin, user_name="Dora", path="/ops/", tags=[{"Key": "Team", "Value": "Blue"}])
    create_user(admin, user_name="isadora")
    return User.objects.get(name="Dora")


def test_names_that_begin_with_the_text_come_first(admin: Any, dora: User) -> None:
    assert [name for name, _ in found(admin, "DORA")["Users"]] == ["Dora", "isadora"]
    assert found(admin, "dora")["Users"][0][1] == dora.arn
    assert "Users" not in found(admin, "nobody-of-that-name")


@pytest.mark.parametrize("part", ["arn", "begun", "unique_id", "begun_id", "pair", "key", "value"])
def test_users_by_arn_id_and_tag(admin: Any, dora: User, part: str) -> None:
    text = {
        "arn": dora.arn, "begun": dora.arn[:-2], "unique_id": dora.unique_id, "begun_id": dora.unique_id[:9].lower(),
        "pair": "team=Blue", "key": "team", "value": "Blue",
    }[part]  # fmt: skip
    assert [name for name, _ in found(admin, text)["Users"]] == ["Dora"]


def test_an_arn_of_another_kind_or_account_finds_nothing(admin: Any, dora: User) -> None:
    assert found(admin, dora.arn.replace(":user/", ":role/")) == {}
    assert found(admin, dora.arn.replace(dora.account_id, "210987654321")) == {}


def test_groups_and_roles(admin: Any, account: Any) -> None:
    create_group(admin, group_name="Builders")
    role = Role.objects.create(
        account=account, name="Deploy", name_key="deploy", unique_id="AROADEPLOY1234567890", trust_policy="{}"
    )
    RoleTag.objects.create(role=role, key="team", key_folded="team", value="blue")
    assert [name for name, _ in found(admin, "build")["Groups"]] == ["Builders"]
    for text in ("deploy", role.arn, role.unique_id, "team=blue"):
        assert [name for name, _ in found(admin, text)["Roles"]] == ["Deploy"]


def test_an_access_key_leads_to_its_user(admin: Any, dora: User, make_user: Any, caller_of: Any) -> None:
    AccessKey.objects.create(user=dora, key_id="AKIAEXAMPLEKEY123456", secret="s")
    assert found(admin, "akiaexam")["Users"] == [("Dora", "access key AKIAEXAMPLEKEY123456")]
    assert found(admin, "AKIA") == {}
    statement = {"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"}
    lister = make_user("lister", json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    assert found(caller_of(lister), "AKIAEXAM") == {}
    assert "Users" in found(caller_of(lister), "dora")


def test_events_by_their_id_and_by_their_request(admin: Any, dora: User) -> None:
    event = Event.objects.get(name="CreateUser", resource=dora.arn)
    assert [name for name, _ in found(admin, event.event_id)["Events"]] == ["CreateUser"]
    assert "CreateUser" in [name for name, _ in found(admin, event.request_id.upper())["Events"]]
    assert found(admin, event.event_id[:20]) == {}


def test_nobody_finds_nothing_and_strangers_find_their_own(nobody: Any, stranger: Any, admin: Any, dora: User) -> None:
    event = Event.objects.filter(name="CreateUser").first()
    assert event is not None
    for text in ("dora", dora.arn, dora.unique_id, "team=Blue", event.event_id):
        assert found(nobody, text) == {}
        assert found(stranger, text) == {}


@pytest.mark.parametrize("count", [3, 60])
def test_the_number_of_queries_is_fixed(
    admin: Any, account: Any, count: int, django_assert_max_num_queries: Any
) -> None:
    made = User.objects.bulk_create(
        User(account=account, name=f"bot{number}", name_key=f"bot{number}", unique_id=f"AIDABOT{number:013}")
        for number in range(count)
    )
    UserTag.objects.bulk_create(UserTag(user=user, key="bot", key_folded="bot", value="1") for user in made)
    with django_assert_max_num_queries(11):
        assert len(found(admin, "bot")["Users"]) == min(count, 6)


@pytest.mark.parametrize("text", ["tag:team", "tag:Team=Blue", "TAG:team = Blue", "tag:"])
def test_a_tag_is_asked_for_by_its_word(admin: Any, dora: User, text: str) -> None:
    create_user(admin, user_name="team")
    names = [name for name, _ in found(admin, text).get("Users", [])]
    assert names == ([] if text == "tag:" else ["Dora"])


READING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"}]}


def test_a_policy_by_the_beginning_of_its_id(admin: Any) -> None:
    create_policy(admin, policy_name="reading", policy_document=json.dumps(READING))
    policy = Policy.objects.get(name="reading")
    assert [name for name, _ in found(admin, policy.unique_id[:9])["Policies"]] == ["reading"]


def commands(caller: Any, text: str) -> list[str]:
    return [name for name, _ in found(caller, text).get("Commands", [])]


def test_commands_are_found_by_their_words_and_only_those_permitted(admin: Any, make_user: Any, caller_of: Any) -> None:
    assert commands(admin, "create") == ["Create user", "Create group", "Create role", "Create policy"]
    assert commands(admin, "user create") == ["Create user"]
    assert "Contrast: high" in commands(admin, "high contrast")
    assert commands(admin, "density") == ["Rows: compact", "Rows: comfortable"]
    assert commands(admin, "sign out") == ["Sign out"]
    nobody = caller_of(make_user("nobody"))
    assert commands(nobody, "create") == []
    assert commands(nobody, "dark") == ["Theme: dark"]


def test_a_command_of_the_page_of_hits_is_posted_and_leads_back(client: Client, make_user: Any) -> None:
    sign_in(client, make_user("alice"))
    page = client.get("/search/?q=theme+dark").content.decode()
    assert '<input type="hidden" name="theme" value="dark">' in page
    answer = client.post("/preferences/", {"theme": "dark", "next": "/search/?q=theme+dark"}, follow=True)
    assert 'data-theme="dark"' in answer.content.decode()
