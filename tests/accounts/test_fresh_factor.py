"""Stepping up: sensitive forms, and those by which somebody is given everything, ask again who it is."""

import json
import re
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Group, Membership, Role, User, UserInlinePolicy
from accounts.operations.attachments import attach_group_policy, attach_role_policy
from accounts.operations.groups import create_group
from accounts.operations.inline_policies import put_group_policy, put_role_policy, put_user_policy
from accounts.operations.membership_rules import put_membership_rule
from accounts.operations.memberships import add_user_to_group
from accounts.operations.roles import create_role
from accounts.operations.users import create_user
from accounts.trust import readable
from operations.clock import now
from operations.models import Event
from policies.models import ManagedPolicy, PolicyActivation, PolicyProposal
from policies.operations.managed_policies import create_policy
from policies.operations.policy_versions import create_policy_version
from policies.saving import mark
from tests.accounts.browser import ALL_IAM, HOME, PASSWORD, code_of, give_device, text_of
from tests.conftest import ACCOUNT


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
    TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}'

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
        arns = {}
        for name, document in (("some", self.SOME), ("all", self.ALL)):
            arns[name] = create_policy(system, policy_name=name, policy_document=document)["Policy"]["Arn"]
        page = reverse("accounts:user-attach", args=["fred"])
        assert not self.asked(late.post(page, {"policy_arn": arns["some"], "attach": "1"}))
        both = {"policy_arn": [arns["some"], arns["all"]]}
        assert not self.asked(late.post(page, both)), "a review saves nothing"
        assert self.asked(late.post(page, both | {"attach": "1"}))
        assert self.asked(late.post(reverse("policies:attach", args=[arns["all"]]), {"users": "fred", "attach": "1"}))

    @pytest.mark.parametrize("panel", [False, True])
    def test_a_new_group(self, late, system, panel):
        """It has no review, so it asks whichever button was pressed; also in the side panel of another form."""
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

    @pytest.fixture
    def arns(self, system):
        """A policy that gives everything, though its name has a comma, and one that gives little."""
        documents = {"some": self.SOME, "all,in": self.ALL}
        return {
            name: create_policy(system, policy_name=name, policy_document=document)["Policy"]["Arn"]
            for name, document in documents.items()
        }

    @pytest.fixture
    def groups(self, system, arns):
        """Groups that have everything, one way or the other, and one that has little."""
        for name in ("Attached", "inline", "little"):
            create_group(system, group_name=name)
        attach_group_policy(system, group_name="Attached", policy_arn=arns["all,in"])
        put_group_policy(system, group_name="inline", policy_name="all", policy_document=self.ALL)
        attach_group_policy(system, group_name="little", policy_arn=arns["some"])

    @pytest.fixture
    def roles(self, system, arns):
        for name in ("attached", "inline", "little"):
            create_role(system, role_name=name, assume_role_policy_document=self.TRUST)
        attach_role_policy(system, role_name="attached", policy_arn=arns["all,in"])
        put_role_policy(system, role_name="inline", policy_name="all", policy_document=self.ALL)

    def test_a_policy_is_found_whatever_its_name_and_however_it_was_sent(self, late, system, arns):
        page = reverse("accounts:user-attach", args=["fred"])
        assert self.asked(late.post(page, {"policy_arn": f"{arns['some']}\n{arns['all,in']}", "attach": "1"}))
        new = {"user_names": "new", "access": "none", "path": "/", "policies": arns["all,in"], "create": "1"}
        assert self.asked(late.post(reverse("accounts:user-create"), new))

    @pytest.mark.parametrize(
        ("group", "is_asked"), [("Attached", True), ("attached", True), ("inline", True), ("little", False)]
    )
    def test_joining_a_group_of_administrators(self, late, system, groups, group, is_asked):
        asked = {}
        new = {"user_names": "new", "access": "none", "path": "/", "groups": group, "create": "1"}
        asked["new user"] = late.post(reverse("accounts:user-create"), new)
        table = {**new, "groups": "", "user_names": f"user_name;groups\nann;little\nada;{group}"}
        review = {key: value for key, value in table.items() if key != "create"} | {"review": "1"}
        assert not self.asked(late.post(reverse("accounts:user-create"), review))
        asked["table"] = late.post(reverse("accounts:user-create"), table)
        own, both = reverse("accounts:user-groups", args=["fred"]), {"groups": ["little", group]}
        assert not self.asked(late.post(own, both))  # the review
        asked["user"] = late.post(own, both | {"join": "1"})
        many = {"select": str(User.objects.get(name="fred").pk), "group": group}
        assert not self.asked(late.post(reverse("accounts:users-add-to-group"), many))  # the review
        asked["bulk"] = late.post(reverse("accounts:users-add-to-group"), many | {"go": "1", "group": f" {group} "})
        page = reverse("accounts:group-add-users", args=[group])
        assert not self.asked(late.post(page, many))
        asked["group"] = late.post(page, many | {"go": "1"})
        page, rule = reverse("accounts:group-rule", args=[group]), {"path_prefix": "/", "seen": mark("")}
        assert not self.asked(late.post(page, rule | {"review": "1"}))
        asked["rule"] = late.post(page, rule | {"put": "1"})
        assert {way: self.asked(answer) for way, answer in asked.items()} == dict.fromkeys(asked, is_asked)
        assert Membership.objects.filter(group__name__iexact=group).exists() is not is_asked

    @pytest.mark.parametrize(("group", "is_asked"), [("Attached", True), ("little", False)])
    def test_what_the_rule_of_a_group_of_administrators_asks_for(self, late, system, root, groups, group, is_asked):
        new = {"user_names": "new", "access": "none", "path": "/", "create": "1"}
        many = {"select": str(User.objects.get(name="fred").pk), "key": "Team", "value": "ops"}
        ways = {
            "tags": (reverse("accounts:user-tags", args=["fred"]), {"tags": "team = ops", "seen": mark("")}),
            "bulk": (reverse("accounts:users-tag"), many | {"asked": "1", "go": "1"}),
            "other tag": (reverse("accounts:users-tag"), many | {"asked": "1", "go": "1", "key": "other"}),
            "review": (reverse("accounts:users-tag"), many | {"asked": "1", "review": "1"}),
            "rename": (reverse("accounts:user-rename", args=["fred"]), {"new_user_name": "fred", "new_path": "/ops/"}),
            "create": (reverse("accounts:user-create"), new),
        }

        def asked():
            return {way for way, (page, sent) in ways.items() if self.asked(late.post(page, sent))}

        put_membership_rule(root, group_name=group, user_tags=[{"Key": "team", "Value": "ops"}])
        assert asked() == ({"tags", "bulk", "create"} if is_asked else set())
        User.objects.filter(name="new").delete()
        put_membership_rule(root, group_name=group, path_prefix="/ops/")
        assert asked() == ({"rename", "create"} if is_asked else set())

    @pytest.mark.parametrize(("role", "is_asked"), [("attached", True), ("inline", True), ("little", False)])
    def test_who_may_be_a_role_with_administrator_access(self, late, system, roles, role, is_asked):
        create_group(system, group_name="ops")
        page = reverse("accounts:role-trust", args=[role])
        changed = self.TRUST.replace("ec2", "lambda")
        seen = mark(readable(Role.objects.get(name=role).trust_policy))
        given = {"policy_document": changed, "seen": seen}
        for saves_nothing in ("review", "edit"):
            assert not self.asked(late.post(page, {**given, saves_nothing: "1"}))
        assert self.asked(late.post(page, {**given, "save": "1"})) is is_asked
        page = reverse("federation:group-add-roles", args=["ops"])
        assert self.asked(late.post(page, {"roles": role, "role_arn": ""})) is is_asked
        arn = f"arn:aws:iam::{ACCOUNT}:role/{role}"
        assert self.asked(late.post(page, {"role_arn": arn})) is is_asked
        page = reverse("federation:group-mend", args=["ops", role])
        assert self.asked(late.post(page, {"choice": "account"})) is is_asked

    @pytest.mark.parametrize("name", ["set-default", "schedule"])
    @pytest.mark.parametrize(("number", "is_asked"), [(2, True), (3, False)])
    def test_a_version_that_gives_everything_now_or_later(self, late, system, arns, name, number, is_asked):
        for document in (self.ALL, self.SOME.replace("Get", "Put")):
            create_policy_version(system, policy_arn=arns["some"], policy_document=document)
        moment = (now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
        given = {"version_id": f"v{number}", "activation_date": moment}
        page = reverse(f"policies:{name}", args=[arns["some"]])
        assert self.asked(late.post(page, given)) is is_asked
        assert not self.asked(late.post(f"{page}?version=v2", {"activation_date": moment}))
        assert (ManagedPolicy.objects.get(name="some").default_version == 3) is (name == "set-default" and not is_asked)
        assert PolicyActivation.objects.exists() is (name == "schedule" and not is_asked)

    def test_a_proposal_that_gives_everything(self, late, system, arns):
        arn, text = arns["some"], {"policy_document": self.ALL, "seen": mark("1 1"), "set_as_default": "on"}
        edit = reverse("policies:edit", args=[arn])
        assert not self.asked(late.post(edit, text | {"propose": "1"}))  # nobody has anything by it
        made = PolicyProposal.objects.get()
        page = reverse("policies:review-proposal", args=[made.proposal_id, arn])
        assert not self.asked(late.get(page))
        for button in ("review", "edit"):
            assert not self.asked(late.post(page, text | {button: "1"}))
        for address in (edit, page):
            for button in ("save", "try"):
                assert self.asked(late.post(address, text | {button: "1"}))
        assert self.asked(late.post(page, text))
        assert ManagedPolicy.objects.get(arn=arn).latest_version == 1

    def test_an_inline_policy_of_a_role(self, late, roles):
        page = reverse("accounts:role-inline-create", args=["little"])
        assert self.asked(late.post(page, {"policy_name": "all", "policy_document": self.ALL, "seen": ""}))

    def test_a_new_role(self, late, arns):
        page = reverse("accounts:role-create")
        given = {"trusted": "service", "service": "ec2.amazonaws.com", "role_name": "new", "path": "/"}
        given |= {"max_session_duration": "3600", "policies": arns["all,in"]}
        assert not self.asked(late.post(page, given | {"review": "1"}))
        assert self.asked(late.post(page, given | {"create": "1"}))

    @pytest.mark.parametrize("number", [1, 60])
    def test_groups_and_roles_are_looked_at_in_two_queries(
        self, system, groups, roles, number, django_assert_max_num_queries
    ):
        from access.administrator import groups_give_all, roles_have_all

        names = ["little", *(f"gone-{n}" for n in range(number))]
        with django_assert_max_num_queries(4):
            assert not groups_give_all(ACCOUNT, names)
            assert not roles_have_all(ACCOUNT, names)

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
