"""Stepping up: sensitive forms, and those by which somebody is given everything, ask again who it is."""

import json
import re
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Group, User, UserInlinePolicy
from accounts.operations.groups import create_group
from accounts.operations.inline_policies import put_group_policy, put_user_policy
from accounts.operations.memberships import add_user_to_group
from accounts.operations.users import create_user
from operations.models import Event
from tests.accounts.browser import ALL_IAM, HOME, PASSWORD, code_of, give_device, text_of


class TestFreshFactor:
    """A sensitive form asks again when the last factor is ten minutes old, and then goes on with what was typed."""

    def test_password_asked_in_place_and_the_form_goes_on(self, person, user_with, clock):
        user = user_with(ALL_IAM)
        person.sign_in(user)
        clock.shift(timedelta(minutes=11))
        target = reverse("accounts:create-access-key")
        asked = person.post(target, {"description": "backup of the archive"})
        assert "Confirm that it is you" in text_of(asked)
        assert "backup of the archive" not in asked.content.decode()
        assert not user.access_keys.exists()
        token = re.search(r'name="_confirm" value="([^"]+)"', asked.content.decode())[1]
        wrong = person.post(target, {"_confirm": token, "password": "Wrong"})
        assert "The password is not right" in text_of(wrong)
        assert not Event.objects.filter(name="ConsoleLogin", record__contains="Failure").exists()
        assert json.loads(Event.objects.get(name="CheckPassword").record)["responseElements"] == {
            "CheckPassword": "Failure"
        }
        done = person.post(target, {"_confirm": token, "password": PASSWORD})
        assert done.status_code == 302
        assert user.access_keys.get().description == "backup of the archive"

    def test_second_factor_for_who_has_one(self, person, user_with, clock):
        user = user_with(ALL_IAM)
        device = give_device(user)
        person.sign_in(user, code=code_of(device))
        clock.shift(timedelta(minutes=11))
        target = reverse("accounts:create-access-key")
        asked = person.post(target, {})
        token = re.search(r'name="_confirm" value="([^"]+)"', asked.content.decode())[1]
        assert person.post(target, {"_confirm": token, "password": PASSWORD}).status_code == 403
        assert person.post(target, {"_confirm": token, "code": code_of(device)}).status_code == 302

    def test_the_age_of_mfa_is_fresh_within_the_same_request(self, person, user_with, clock):
        document = json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Allow", "Action": "iam:*", "Resource": "*"},
                    {
                        "Effect": "Deny",
                        "Action": "iam:CreateAccessKey",
                        "Resource": "*",
                        "Condition": {"NumericGreaterThan": {"aws:MultiFactorAuthAge": "300"}},
                    },
                ],
            }
        )
        user = user_with(document)
        device = give_device(user)
        person.sign_in(user, code=code_of(device))
        clock.shift(timedelta(minutes=11))
        target = reverse("accounts:create-access-key")
        token = re.search(r'name="_confirm" value="([^"]+)"', person.post(target, {}).content.decode())[1]
        assert person.post(target, {"_confirm": token, "code": code_of(device)}).status_code == 302
        assert user.access_keys.count() == 1

    def test_another_form_in_between(self, person, user_with, clock):
        user = user_with(ALL_IAM)
        person.sign_in(user)
        clock.shift(timedelta(minutes=11))
        target = reverse("accounts:create-access-key")
        person.post(target, {"description": "one"})
        answer = person.post(target, {"_confirm": "made-up", "password": PASSWORD})
        assert answer.status_code == 409
        assert not user.access_keys.exists()

    def test_opening_the_enrolment_page(self, person, user_with, clock):
        person.sign_in(user_with(ALL_IAM))
        clock.shift(timedelta(minutes=11))
        target = reverse("accounts:add-mfa-device")
        asked = person.get(target)
        token = re.search(r'name="_confirm" value="([^"]+)"', asked.content.decode())[1]
        assert person.post(target, {"_confirm": token, "password": PASSWORD}).url == target
        assert "Scan the code" in text_of(person.get(target))

    def test_what_was_typed_waits_encrypted(self, person, user_with, clock):
        from accounts.models import ConsoleSession

        person.sign_in(user_with(ALL_IAM))
        clock.shift(timedelta(minutes=11))
        person.post(reverse("accounts:create-access-key"), {"description": "a telling word"})
        assert all("a telling word" not in str(row.get_decoded()) for row in ConsoleSession.objects.all())

    def test_the_key_of_the_session_changes(self, person, user_with, clock):
        person.sign_in(user_with(ALL_IAM))
        clock.shift(timedelta(minutes=11))
        target = reverse("accounts:create-access-key")
        before = person.session.session_key
        token = re.search(r'name="_confirm" value="([^"]+)"', person.post(target, {}).content.decode())[1]
        person.post(target, {"_confirm": token, "password": PASSWORD})
        assert person.session.session_key != before
        assert person.get(HOME).status_code == 200


class TestAdministratorAccess:
    """Forms by which somebody is given everything ask for a fresh factor; ordinary ones do not."""

    SOME = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'
    ALL = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'

    @pytest.fixture
    def late(self, person, user_with, make_user, clock):
        person.sign_in(user_with(self.ALL))
        make_user("fred")
        clock.shift(timedelta(minutes=11))
        return person

    def asked(self, response):
        return "Confirm that it is you" in text_of(response)

    def test_an_inline_policy(self, late):
        page = reverse("accounts:user-inline-create", args=["fred"])
        seen = re.search(r'name="seen" value="([^"]*)"', late.get(page).content.decode())[1]
        some = {"policy_name": "some", "policy_document": self.SOME, "seen": seen}
        assert not self.asked(late.post(page, some))
        asked = late.post(page, some | {"policy_name": "all", "policy_document": self.ALL})
        assert self.asked(asked)
        assert UserInlinePolicy.objects.filter(user__name="fred").count() == 1
        token = re.search(r'name="_confirm" value="([^"]+)"', asked.content.decode())[1]
        assert self.asked(late.post(page, {"_confirm": token, "password": "Wrong"}))
        assert late.post(page, {"_confirm": token, "password": PASSWORD}).status_code == 302
        assert UserInlinePolicy.objects.filter(user__name="fred", name="all").exists()

    def test_attaching_a_managed_policy(self, late, system):
        from policies.operations.managed_policies import create_policy

        arns = {}
        for name, document in (("some", self.SOME), ("all", self.ALL)):
            arns[name] = create_policy(system, policy_name=name, policy_document=document)["Policy"]["Arn"]
        page = reverse("accounts:user-attach", args=["fred"])
        assert not self.asked(late.post(page, {"policy_arn": arns["some"]}))
        assert self.asked(late.post(page, {"policy_arn": [arns["some"], arns["all"]]}))
        assert self.asked(late.post(reverse("policies:attach", args=[arns["all"]]), {"users": "fred", "attach": "1"}))

    @pytest.mark.parametrize("panel", [False, True])
    def test_a_new_group(self, late, system, panel):
        """It has no review, so it asks whichever button was pressed; also in the side panel of another form."""
        from policies.operations.managed_policies import create_policy

        arns = {}
        for name, document in (("some", self.SOME), ("all", self.ALL)):
            arns[name] = create_policy(system, policy_name=name, policy_document=document)["Policy"]["Arn"]
        page = reverse("accounts:group-create") + ("?into=groups" if panel else "")
        prefix = "new-group-" if panel else ""

        def sent(name):
            given = {"group_name": name, "path": "/", "policies": arns[name]}
            return late.post(page, {f"{prefix}{field}": value for field, value in given.items()})

        assert not self.asked(sent("some"))
        assert Group.objects.filter(name="some").exists()
        assert self.asked(sent("all"))
        assert not Group.objects.filter(name="all").exists()

    @pytest.mark.parametrize(("held", "is_asked"), [("inline", True), ("group", True), ("little", False)])
    def test_copying_the_permissions_of_an_administrator(self, late, system, held, is_asked):
        create_user(system, user_name="model")
        create_group(system, group_name="admins")
        put_group_policy(system, group_name="admins", policy_name="all", policy_document=self.ALL)
        if held == "group":
            add_user_to_group(system, group_name="admins", user_name="model")
        else:
            given = self.ALL if held == "inline" else self.SOME
            put_user_policy(system, user_name="model", policy_name="own", policy_document=given)
        asked = {"user_names": "new", "access": "none", "path": "/", "copy_from": "model"}
        page = reverse("accounts:user-create")
        assert not self.asked(late.post(page, asked | {"review": "1"}))
        assert self.asked(late.post(page, asked | {"create": "1"})) is is_asked
        assert User.objects.filter(name="new").exists() is not is_asked

    @pytest.mark.parametrize(
        ("statement", "gives"),
        [
            ('{"Effect":"Allow","Action":["s3:*","IAM:*"],"Resource":"*"}', True),
            ('{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}', True),
            ('{"Effect":"Allow","Action":"*","NotResource":"arn:aws:s3:::x"}', True),
            ('{"Effect":"Deny","Action":"*","Resource":"*"}', False),
            ('{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::x"}', False),
            ('{"Effect":"Allow","Action":"s3:*","Resource":"*"}', False),
            ("no policy", False),
        ],
    )
    def test_what_counts(self, statement, gives):
        from access.administrator import document_gives_all

        assert document_gives_all(f'{{"Version":"2012-10-17","Statement":[{statement}]}}') is gives
