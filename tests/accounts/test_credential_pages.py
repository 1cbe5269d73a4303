"""Access key pages, the password policy page, and «contain»."""

import base64
import html
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts.models import AccessKey, Account, ConsoleSession, PasswordChecks, PasswordPolicy, User
from accounts.operations.access_keys import create_access_key, update_access_key
from accounts.views.access_keys import rotation_steps, stage
from operations.models import Event
from operations.record import Draft, append
from tests.accounts.browser import ALL_IAM, HOME, PASSWORD, Browser, give_device, give_password, text_of

NOW = datetime(2026, 3, 2, 9, 0, 10, tzinfo=UTC)
READ_ONLY = (
    """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:Get*","iam:List*"],"Resource":"*"}]}"""
)


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def erin(clock, make_user):
    return give_password(make_user("erin", ALL_IAM))


@pytest.fixture
def person(erin):
    visitor = Browser()
    visitor.sign_in(erin)
    return visitor


class TestAccessKeyPages:
    def create(self, person, **given):
        answer = person.post(reverse("accounts:create-access-key"), given)
        assert answer.status_code == 302, text_of(answer)
        return AccessKey.objects.latest("id")

    def test_secret_is_shown_until_it_is_acknowledged(self, person):
        key = self.create(
            person, description="backup", expires_on="2026-06-01", allowed_sources="192.0.2.0/24\n2001:db8::1"
        )
        assert (key.description, key.allowed_sources) == ("backup", ["192.0.2.0/24", "2001:db8::1/128"])
        assert key.expires_at == datetime(2026, 6, 1, tzinfo=UTC)
        page = reverse("accounts:access-key-secret", args=[key.key_id])
        for _ in range(2):
            assert key.secret in html.unescape(person.get(page).content.decode())
        assert person.post(page).url == HOME
        assert key.secret not in html.unescape(person.get(page).content.decode())
        assert AccessKey.objects.count() == 1

    def test_the_file(self, person):
        key = self.create(person)
        page = person.get(reverse("accounts:access-key-secret", args=[key.key_id])).content.decode()
        encoded = re.search(r'href="data:text/csv;base64,([^"]+)" download="erin_accessKeys.csv"', page)[1]
        assert base64.b64decode(encoded).decode() == f"Access key ID,Secret access key\r\n{key.key_id},{key.secret}\r\n"

    def test_secret_is_gone_after_ten_minutes_and_for_others(self, person, erin, clock):
        key = self.create(person)
        page = reverse("accounts:access-key-secret", args=[key.key_id])
        other = Browser()
        other.sign_in(erin)
        assert key.secret not in html.unescape(other.get(page).content.decode())
        clock.shift(601)
        assert key.secret not in html.unescape(person.get(page).content.decode())

    def test_a_wrong_source_makes_no_key(self, person):
        page = person.post(reverse("accounts:create-access-key"), {"allowed_sources": "everywhere"})
        assert "everywhere is not an IP address" in text_of(page)
        assert not AccessKey.objects.exists()

    def test_a_third_key(self, person):
        self.create(person)
        self.create(person)
        page = person.post(reverse("accounts:create-access-key"), {})
        assert "Cannot exceed quota for AccessKeysPerUser: 2" in text_of(page)
        assert "There are 2 access keys already" in text_of(person.get(reverse("accounts:create-access-key")))

    def test_root_is_warned_and_must_say_so(self, account, clock):
        root = give_password(User.everyone.get(is_root=True))
        visitor = Browser()
        visitor.sign_in(root)
        page = reverse("accounts:create-access-key")
        assert "not recommended" in text_of(visitor.get(page))
        assert visitor.post(page, {}).status_code == 200
        assert not AccessKey.objects.exists()
        key = self.create(visitor, understood="on")
        assert (
            'download="rootkey.csv"'
            in visitor.get(reverse("accounts:access-key-secret", args=[key.key_id])).content.decode()
        )

    def test_deleted_only_when_inactive_and_typed(self, person):
        key = self.create(person)
        page = reverse("accounts:delete-access-key", args=[key.key_id])
        assert "Deactivate the key first" in text_of(person.post(page, {"confirmation": key.key_id}))
        person.post(reverse("accounts:access-key-status", args=[key.key_id]), {"status": "Inactive"})
        assert "Type the key's ID" in text_of(person.post(page, {"confirmation": "AKIA"}))
        assert person.post(page, {"confirmation": key.key_id}).url == HOME
        assert not AccessKey.objects.exists()

    def test_the_way_to_deletion(self, person):
        key = self.create(person)
        own = reverse("accounts:access-key", args=[key.key_id])
        page = reverse("accounts:delete-access-key", args=[key.key_id])
        shown = person.get(own).content.decode()
        assert re.search(r'aria-disabled="true" title="Deactivate it first"[^>]*>Delete…<', shown)
        assert page not in shown
        blocked = person.get(page).content.decode()
        assert "<button" not in re.search(r"<main.*?</main>", blocked, re.DOTALL)[0]
        assert blocked.count(f'href="{own}"') == 2  # the crumb and the way back
        person.post(reverse("accounts:access-key-status", args=[key.key_id]), {"status": "Inactive"})
        assert f'href="{page}"' in person.get(own).content.decode()
        asked = person.get(page)
        assert f"Delete access key {key.key_id}?" in text_of(asked)
        assert re.search(rf'<a class="button" href="{own}">Cancel', asked.content.decode())

    def test_a_key_says_whose_it_is(self, person, admin, make_user):
        make_user("fred")
        key_id = create_access_key(admin, user_name="fred")["AccessKey"]["AccessKeyId"]
        page = person.get(reverse("accounts:user-access-key", args=["fred", key_id])).content.decode()
        assert "<h1>Access key</h1>" in page
        assert f'data-copy="{key_id}"' in page
        assert f'<a href="{reverse("accounts:user-security-credentials", args=["fred"])}">fred</a></dd>' in page
        assert page.partition("</main>")[0].count("button primary") == 1
        assert "Never" in page
        update_access_key(admin, user_name="fred", access_key_id=key_id, status="Inactive")
        asked = text_of(person.get(reverse("accounts:user-delete-access-key", args=["fred", key_id])))
        assert f"Delete access key {key_id} of fred?" in asked

    def test_a_secret_that_is_gone(self, person):
        key = self.create(person)
        page = reverse("accounts:access-key-secret", args=[key.key_id])
        person.post(page)
        gone = person.get(page)
        assert f"The secret of {key.key_id} is not shown any more" in text_of(gone)
        assert f'href="{reverse("accounts:access-key", args=[key.key_id])}">Open key<' in gone.content.decode()
        assert reverse("accounts:create-access-key") in gone.content.decode()

    def test_details_are_changed(self, person):
        key = self.create(person, description="old")
        page = reverse("accounts:access-key", args=[key.key_id])
        assert person.post(page, {"description": "new"}).url == page
        assert "new" in text_of(person.get(page))
        refused = person.post(page, {"description": "new", "expires_on": "2026-01-01"})
        assert "must be in the future" in text_of(refused)

    def test_key_of_another_user(self, person, admin, make_user):
        make_user("fred")
        key_id = create_access_key(admin, user_name="fred")["AccessKey"]["AccessKeyId"]
        assert person.get(reverse("accounts:access-key", args=[key_id])).status_code == 404
        assert person.get(reverse("accounts:user-access-key", args=["fred", key_id])).status_code == 200
        assert person.get(reverse("accounts:user-access-key-secret", args=["fred", key_id])).status_code == 200

    def test_traffic_comes_from_the_record(self, person, erin, caller_of):
        from dataclasses import replace

        key = self.create(person)
        caller = replace(caller_of(erin), access_key_id=key.key_id, source_ip="198.51.100.7")
        for name, code in (("ListUsers", ""), ("ListUsers", ""), ("DeleteUser", "AccessDenied")):
            append(Draft(name, caller, error_code=code))
        said = text_of(person.get(reverse("accounts:access-key", args=[key.key_id])))
        assert (
            "3 calls in the last 14 days , 1 of them refused" in said
            or "3 calls in the last 14 days, 1 of them refused" in said
        )
        assert "iam:ListUsers 2" in said
        assert "198.51.100.7 3" in said


class TestRotation:
    def test_stages(self, admin, make_user, clock):
        make_user("fred")

        def key():
            return AccessKey.objects.get(key_id=create_access_key(admin, user_name="fred")["AccessKey"]["AccessKeyId"])

        old = key()
        assert stage(old, None, NOW) == "create"
        clock.shift(60)
        new = key()
        assert stage(old, new, NOW) == "deploy"
        old.last_used_at, new.last_used_at = NOW, NOW + timedelta(hours=1)
        assert stage(old, new, NOW + timedelta(hours=2)) == "deploy"
        assert stage(old, new, NOW + timedelta(days=1)) == "deactivate"
        update_access_key(admin, user_name="fred", access_key_id=old.key_id, status="Inactive")
        old = AccessKey.objects.get(pk=old.pk)
        assert stage(old, new, old.status_changed_at + timedelta(hours=1)) == "wait"
        assert stage(old, new, old.status_changed_at + timedelta(days=1)) == "delete"

    def test_steps(self):
        used, unused = AccessKey(last_used_at=NOW), AccessKey()

        def states(*given):
            return [state for _label, state in rotation_steps(*given)]

        assert states("create", None) == ["current", "", "", "", ""]
        assert states("deploy", unused) == ["done", "current", "", "", ""]
        assert states("deploy", used) == ["done", "done", "current", "", ""]
        assert states("deactivate", used) == ["done", "done", "done", "current", ""]
        assert states("wait", used) == ["done", "done", "done", "done", "current"]
        assert states("delete", None) == ["", "", "", "done", "current"]

    def test_the_page_shows_both(self, person, admin, clock):
        for _ in range(2):
            clock.shift(1)
            create_access_key(admin, user_name="erin")
        old, new = AccessKey.objects.order_by("id")
        said = text_of(person.get(reverse("accounts:access-key", args=[old.key_id])))
        assert f"Traffic of the newer key {new.key_id}" in said
        assert "The new key was not used yet" in said


class TestContainPage:
    def test_of_oneself(self, person, erin, admin):
        create_access_key(admin, user_name="erin")
        page = reverse("accounts:contain")
        said = text_of(person.get(page))
        assert "1 access key becomes inactive" in said
        assert "1 console session ends" in said
        assert person.post(page, {"reason": ""}).status_code == 200
        assert person.post(page, {"reason": "laptop stolen"}).url == reverse("accounts:sign-in")
        assert not AccessKey.objects.filter(is_active=True).exists()
        assert not ConsoleSession.objects.filter(user=erin).exists()
        assert person.get(HOME).status_code == 302


class TestEmailForNotices:
    def address(self, name):
        return reverse("accounts:user-set-email", args=[name]), reverse(
            "accounts:user-security-credentials", args=[name]
        )

    @pytest.mark.parametrize("name", ["fred", "erin"])
    def test_the_later_of_two_sees_what_the_other_set(self, person, make_user, name):
        make_user("fred")
        sent_to, page = self.address(name)
        seen = re.search(r'name="seen" value="(\w+)"', person.get(page).content.decode())[1]
        User.objects.filter(name=name).update(email="theirs@example.com")
        mine = {"email": "mine@example.com", "seen": seen}
        answer = person.post(sent_to, mine)
        assert answer.status_code == 409
        assert "− theirs@example.com + mine@example.com" in text_of(answer)
        assert User.objects.get(name=name).email == "theirs@example.com"
        again = re.search(r'name="seen" value="(\w+)"', answer.content.decode())[1]
        assert person.post(sent_to, mine | {"seen": again}).status_code == 302
        assert User.objects.get(name=name).email == "mine@example.com"

    @pytest.mark.parametrize("name", ["fred", "erin"])
    def test_a_wrong_one_stands_there_again_with_the_message_at_the_field(self, person, make_user, name):
        make_user("fred")
        page = person.post(self.address(name)[0], {"email": "nobody@"}).content.decode()
        assert 'value="nobody@"' in page
        assert 'aria-invalid="true"' in page
        assert "There is a problem" in page


class TestPasswordPolicyPage:
    PAGE = "/account-settings/password-policy/"
    CUSTOM = {"custom": "custom", "minimum_password_length": "14", "minimum_strength": "0"}

    def test_nothing_is_saved_before_the_consequences_are_shown(self, person):
        page = person.post(self.PAGE, self.CUSTOM | {"action": "review", "require_symbols": "on"})
        said = text_of(page)
        assert "Before it is saved" in said
        assert "At least 14 characters" in said
        assert "must follow the new rules when they next change their password" in said
        assert not PasswordPolicy.objects.exists()
        hidden = dict(
            re.findall(r'<input type="hidden" name="(?!csrf)([^"]+)" value="([^"]*)">', page.content.decode())
        )
        assert person.post(self.PAGE, hidden | {"action": "save"}).url == self.PAGE
        policy = PasswordPolicy.objects.get()
        assert (policy.minimum_length, policy.require_symbols, policy.max_age) == (14, True, None)

    def impact(self, person, **given):
        said = text_of(person.post(self.PAGE, self.CUSTOM | given))
        return re.search(r"(Today that touches:.*|Nobody is touched today\.) Save", said)[1]

    def test_who_is_touched(self, person, make_user):
        for number, days in enumerate((5, 80, 95, 400)):
            user = give_password(make_user(f"user{number}"))
            User.objects.filter(pk=user.pk).update(password_changed_at=NOW - timedelta(days=days))
        said = self.impact(person, max_password_age="90", allow_users_to_change_password="on")
        assert "2 users must change their password at the next sign-in" in said
        assert "1 user are warned" in said or "1 user" in said
        said = self.impact(person, max_password_age="90", hard_expiry="on", allow_users_to_change_password="on")
        assert "2 users cannot sign in until an administrator sets a new password" in said
        said = self.impact(person, max_password_age="90")
        assert "locked out unless a policy of theirs allows iam:ChangePassword" in said

    def test_nobody_is_touched(self, person):
        PasswordPolicy.objects.create(account_id="123456789012", minimum_length=20)
        assert self.impact(person) == "Nobody is touched today."

    def test_counted_in_one_query(self, account, django_assert_num_queries):
        from accounts.passwords import Rules
        from accounts.queries.password_impact import impact

        with django_assert_num_queries(1):
            impact(account, Rules(), Rules(max_age=90, minimum_length=20), NOW)

    def seen(self, person):
        return dict(re.findall(r'name="((?:settings_)?seen)" value="(\w+)"', person.get(self.PAGE).content.decode()))

    @pytest.mark.parametrize("action", ["review", "save"])
    def test_the_later_of_two_sees_what_the_other_saved(self, person, action):
        mine = self.CUSTOM | self.seen(person) | {"action": action}
        PasswordPolicy.objects.create(account_id="123456789012", minimum_length=20, require_symbols=True)
        answer = person.post(self.PAGE, mine)
        assert answer.status_code == 409
        said = text_of(answer)
        assert "Somebody changed this while you were editing" in said
        assert "− 20 + 14" in said
        assert "− Yes + No" in said
        assert "Before it is saved" not in said
        assert PasswordPolicy.objects.get().minimum_length == 20
        again = re.search(r'name="seen" value="(\w+)"', answer.content.decode())[1]
        person.post(self.PAGE, mine | {"seen": again, "action": "save"})
        assert PasswordPolicy.objects.get().minimum_length == 14

    def test_the_later_of_two_sees_what_the_other_demands_at_sign_in(self, person, account):
        mine = self.seen(person) | {"session_idle_minutes": "45"}
        Account.objects.filter(pk=account.pk).update(session_idle_minutes=30)
        answer = person.post("/account-settings/password-policy/sign-in/", mine)
        assert answer.status_code == 409
        assert "− 30 + 45" in text_of(answer)
        assert Account.objects.get(pk=account.pk).session_idle_minutes == 30
        again = re.search(r'name="settings_seen" value="(\w+)"', answer.content.decode())[1]
        person.post("/account-settings/password-policy/sign-in/", mine | {"settings_seen": again})
        assert Account.objects.get(pk=account.pk).session_idle_minutes == 45

    def test_wrong_sign_in_settings_stand_there_again_with_the_message_at_the_field(self, person):
        answer = person.post(
            "/account-settings/password-policy/sign-in/", {"session_idle_minutes": "4", "require_mfa": "on"}
        )
        page = answer.content.decode()
        assert 'value="4"' in page
        assert 'aria-invalid="true"' in page
        assert "There is a problem" in page
        assert re.search(r'name="require_mfa"[^>]*checked', page)

    def test_back_to_the_default(self, person):
        PasswordPolicy.objects.create(account_id="123456789012", minimum_length=20)
        person.post(self.PAGE, {"custom": "default", "minimum_strength": "0", "action": "save"})
        assert not PasswordPolicy.objects.exists()
        assert Event.objects.filter(name="DeleteAccountPasswordPolicy").count() == 1

    def test_ranges_are_told_at_the_field(self, person):
        page = person.post(self.PAGE, self.CUSTOM | {"max_password_age": "2000", "action": "save"})
        assert "less than or equal to 1095" in text_of(page)
        assert not PasswordPolicy.objects.exists()

    def test_own_checks(self, person):
        person.post(self.PAGE, self.CUSTOM | {"minimum_strength": "3", "action": "save"})
        assert PasswordChecks.objects.get().minimum_strength == 3
        person.post(self.PAGE, self.CUSTOM | {"minimum_strength": "3", "refuse_breached": "on", "action": "save"})
        assert not PasswordChecks.objects.get().refuse_breached
        page = person.get(self.PAGE)
        assert "No list of breached passwords is installed" in text_of(page)
        assert re.search(r'<input[^>]*name="refuse_breached"[^>]*disabled', page.content.decode())

    def test_a_list_that_is_gone_can_be_switched_off(self, person):
        PasswordChecks.objects.create(account_id="123456789012", refuse_breached=True)
        assert not re.search(r'name="refuse_breached"[^>]*disabled', person.get(self.PAGE).content.decode())
        person.post(self.PAGE, self.CUSTOM | {"action": "save"})
        assert not PasswordChecks.objects.get().refuse_breached

    def test_fields_of_a_custom_policy_count_with_it_alone(self, person):
        page = person.get(self.PAGE).content.decode()
        fields = re.search(r'<fieldset class="form when-custom">.*?</fieldset>', page, re.DOTALL)[0]
        assert set(re.findall(r'name="(\w+)"', fields)) == {
            "minimum_password_length", "require_uppercase_characters", "require_lowercase_characters", "require_numbers",
            "require_symbols", "max_password_age", "hard_expiry", "allow_users_to_change_password", "password_reuse_prevention",
        }  # fmt: skip
        assert "Number of passwords to remember" in fields
        wrong = {"custom": "default", "max_password_age": "2000", "minimum_strength": "0"}
        assert "Nobody is touched today." in text_of(person.post(self.PAGE, wrong | {"action": "review"}))
        assert "less than or equal" in text_of(person.post(self.PAGE, wrong | {"custom": "custom", "action": "review"}))

    def test_who_has_no_device_is_said_at_the_demand(self, person):
        page = person.get(self.PAGE).content.decode()
        between = page.partition('name="require_mfa"')[2].partition('name="session_idle_minutes"')[0]
        assert "Today 1 user with console access has no MFA device." in between
        give_device(User.objects.get(name="erin"))
        assert "Today everybody with console access has an MFA device." in text_of(person.get(self.PAGE))

    def test_try_a_password(self, person, caplog):
        PasswordPolicy.objects.create(account_id="123456789012", minimum_length=14, require_numbers=True)
        page = person.post(reverse("accounts:try-password"), {"sample": "Sample-secret"})
        assert "minimum length of 14" in text_of(page)
        assert "at least one number" in text_of(page)
        assert "Every rule is met" in text_of(
            person.post(reverse("accounts:try-password"), {"sample": "Sample-secret-1-wobbly"})
        )
        assert "Sample-secret" not in caplog.text + "".join(Event.objects.values_list("record", flat=True))

    def test_sign_in_settings(self, person):
        person.post(reverse("accounts:sign-in-settings"), {"require_mfa": "on", "session_idle_minutes": "15"})
        account = Account.objects.get()
        assert (account.require_mfa, account.session_idle_minutes) == (True, 15)
        record = json.loads(Event.objects.get(name="UpdateAccountSignInSettings").record)
        assert record["before"] == {"requireMfa": False, "sessionIdleMinutes": 60}

    def test_reading_alone(self, make_user, clock):
        visitor = Browser()
        visitor.sign_in(give_password(make_user("gina", READ_ONLY)))
        assert "but not change it" in text_of(visitor.get(self.PAGE))
        refused = visitor.post(self.PAGE, self.CUSTOM | {"action": "save"})
        assert "is not authorized to perform: iam:UpdateAccountPasswordPolicy" in text_of(refused)
        assert not PasswordPolicy.objects.exists()
        assert visitor.post(reverse("accounts:sign-in-settings"), {"session_idle_minutes": "15"}).status_code == 403

    def test_no_permission(self, make_user, clock):
        visitor = Browser()
        visitor.sign_in(give_password(make_user("hans")))
        assert visitor.get(self.PAGE).status_code == 403


class TestQueries:
    def test_the_overview_costs_the_same_at_any_history(
        self, person, erin, admin, caller_of, django_assert_max_num_queries
    ):
        create_access_key(admin, user_name="erin")
        person.get(HOME)
        # Eight parts, each recorded as the call that it is: five queries apiece here, where no journal is kept.
        with django_assert_max_num_queries(70) as first:
            person.get(HOME)
        for _ in range(50):
            append(Draft("ListUsers", caller_of(erin)))
        with django_assert_max_num_queries(len(first)):
            person.get(HOME)

    def test_password(self, person, erin):
        assert PASSWORD not in person.get(HOME).content.decode()
