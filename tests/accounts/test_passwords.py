"""Console passwords: login profiles, the policy, changing, ageing and reuse."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts import passwords
from accounts.models import Account, ConsoleSession, LoginProfile, PasswordHistory, PasswordPolicy, User
from accounts.operations.change_password import change_password, change_root_password
from accounts.operations.login_profiles import (
    create_login_profile,
    delete_login_profile,
    get_login_profile,
    update_login_profile,
)
from accounts.operations.password_policy import (
    delete_account_password_policy,
    get_account_password_policy,
    update_account_password_checks,
    update_account_password_policy,
)
from operations.errors import (
    AccessDenied,
    EntityAlreadyExists,
    InvalidInput,
    InvalidUserType,
    NoSuchEntity,
    PasswordPolicyViolation,
    ServiceError,
    ValidationError,
)
from operations.models import Event

GOOD, BETTER, BEST = "Correct-horse-1", "Battery-staple-2", "Another-horse-3"
OWN_PASSWORD = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:ChangePassword","iam:GetUser"],
"Resource":"arn:aws:iam::*:user/${aws:username}"}]}"""


@pytest.fixture
def erin(make_user):
    return make_user("erin", OWN_PASSWORD)


@pytest.fixture
def with_password(erin, admin):
    create_login_profile(admin, user_name="erin", password=GOOD)
    return erin


def password_fits(user, password):
    return passwords.matches(password, LoginProfile.objects.get(user=user).password_hash)


class TestLoginProfiles:
    def test_created_and_read(self, admin, erin, last_event):
        answer = create_login_profile(admin, user_name="erin", password=GOOD, password_reset_required=True)
        shown = get_login_profile(admin, user_name="ERIN")["LoginProfile"]
        assert answer["LoginProfile"] == shown
        assert (shown["UserName"], shown["PasswordResetRequired"]) == ("erin", True)
        assert password_fits(erin, GOOD)
        erin.refresh_from_db()
        assert erin.console_access
        assert erin.password_changed_at == LoginProfile.objects.get(user=erin).changed_at

    def test_recorded_without_the_password(self, admin, erin, last_event):
        create_login_profile(admin, user_name="erin", password=GOOD)
        record = last_event()
        assert record["eventName"] == "CreateLoginProfile"
        assert record["requestParameters"] == {"userName": "erin", "password": "***"}
        assert record["after"]["passwordSet"] is True

    def test_twice(self, admin, with_password):
        with pytest.raises(EntityAlreadyExists, match="Login Profile for user erin already exists"):
            create_login_profile(admin, user_name="erin", password=GOOD)

    def test_unknown_user(self, admin):
        with pytest.raises(NoSuchEntity, match="The user with name zoe cannot be found"):
            create_login_profile(admin, user_name="zoe", password=GOOD)

    def test_password_is_asked_for(self, admin, erin):
        with pytest.raises(ValidationError, match="'password' failed to satisfy constraint: Member must not be null"):
            create_login_profile(admin, user_name="erin")

    def test_no_profile(self, admin, erin):
        for call in (get_login_profile, delete_login_profile):
            with pytest.raises(NoSuchEntity, match="Login Profile for User erin cannot be found"):
                call(admin, user_name="erin")
        with pytest.raises(NoSuchEntity, match="Login Profile for User erin cannot be found"):
            update_login_profile(admin, user_name="erin", password=GOOD)

    def test_set_anew_ends_sessions(self, admin, with_password):
        ConsoleSession.objects.create(
            session_key="x", session_data="", expire_date=datetime.now(UTC) + timedelta(1), user=with_password
        )
        update_login_profile(admin, user_name="erin", password=BETTER)
        assert password_fits(with_password, BETTER)
        assert not ConsoleSession.objects.exists()

    def test_change_demanded_alone(self, admin, with_password):
        update_login_profile(admin, user_name="erin", password_reset_required=True)
        profile = LoginProfile.objects.get(user=with_password)
        assert profile.reset_required
        assert password_fits(with_password, GOOD)

    def test_deleted(self, admin, with_password):
        delete_login_profile(admin, user_name="erin")
        with_password.refresh_from_db()
        assert (with_password.console_access, with_password.password_changed_at) == (False, None)

    @pytest.mark.parametrize(
        "call", [create_login_profile, update_login_profile, delete_login_profile, get_login_profile]
    )
    def test_denied(self, call, nobody, erin):
        with pytest.raises(
            AccessDenied, match=r"user/bob is not authorized to perform: iam:\w+LoginProfile on resource: user erin"
        ):
            call(nobody, user_name="erin")


class TestDefaultPolicy:
    @pytest.mark.parametrize(
        "password", ["Abcdef1", "abcdefgh1", "ABCDEFGH", "aaaaaaaaaaaa", "root@example.com", "Root@Example.com"]
    )
    def test_refuses(self, password, admin, erin):
        with pytest.raises(PasswordPolicyViolation):
            create_login_profile(admin, user_name="erin", password=password)

    @pytest.mark.parametrize("password", ["Abcdefg1", "abcdef1!", "ABCDEF1!", "Abcdefg!", "Ab1" + "x" * 125])
    def test_accepts(self, password, admin, erin):
        create_login_profile(admin, user_name="erin", password=password)

    def test_longer_than_128(self, admin, erin):
        with pytest.raises(ValidationError, match="length less than or equal to 128"):
            create_login_profile(admin, user_name="erin", password="Ab1" + "x" * 126)

    def test_none_is_set(self, admin):
        with pytest.raises(NoSuchEntity, match="The Password Policy with domain name 123456789012 cannot be found"):
            get_account_password_policy(admin)
        with pytest.raises(NoSuchEntity, match="The account policy with name PasswordPolicy cannot be found."):
            delete_account_password_policy(admin)


class TestPasswordPolicy:
    def test_every_field(self, admin, last_event):
        update_account_password_policy(
            admin,
            minimum_password_length=14,
            require_symbols=True,
            require_numbers=True,
            require_uppercase_characters=True,
            require_lowercase_characters=True,
            allow_users_to_change_password=True,
            max_password_age=90,
            password_reuse_prevention=24,
            hard_expiry=True,
        )
        assert last_event()["after"]["maxPasswordAge"] == 90
        assert get_account_password_policy(admin)["PasswordPolicy"] == {
            "MinimumPasswordLength": 14,
            "RequireSymbols": True,
            "RequireNumbers": True,
            "RequireUppercaseCharacters": True,
            "RequireLowercaseCharacters": True,
            "AllowUsersToChangePassword": True,
            "MaxPasswordAge": 90,
            "PasswordReusePrevention": 24,
            "HardExpiry": True,
            "ExpirePasswords": True,
        }

    def test_no_partial_update(self, admin):
        update_account_password_policy(admin, minimum_password_length=14, require_symbols=True, max_password_age=90)
        update_account_password_policy(admin, require_numbers=True)
        assert get_account_password_policy(admin)["PasswordPolicy"] == {
            "MinimumPasswordLength": 6,
            "RequireSymbols": False,
            "RequireNumbers": True,
            "RequireUppercaseCharacters": False,
            "RequireLowercaseCharacters": False,
            "AllowUsersToChangePassword": False,
            "HardExpiry": False,
            "ExpirePasswords": False,
        }

    @pytest.mark.parametrize(
        ("member", "low", "high"),
        [("minimum_password_length", 6, 128), ("max_password_age", 1, 1095), ("password_reuse_prevention", 1, 24)],
    )
    def test_ranges(self, member, low, high, admin):
        for value in (low, high):
            update_account_password_policy(admin, **{member: value})
        for value in (low - 1, high + 1):
            with pytest.raises(ValidationError, match="1 validation error detected"):
                update_account_password_policy(admin, **{member: value})

    @pytest.mark.parametrize(
        ("rule", "password", "sentence"),
        [
            ({"minimum_password_length": 16}, GOOD, "Password should have a minimum length of 16"),
            ({"require_symbols": True}, "abcdef1A", "Password should have at least one symbol"),
            ({"require_symbols": True}, "abcdef1A€".replace("€", "~"), "Password should have at least one symbol"),
            ({"require_numbers": True}, "abcdef-A", "Password should have at least one number"),
            ({"require_uppercase_characters": True}, "abcdef-1", "Password should have at least one uppercase letter"),
            ({"require_lowercase_characters": True}, "ABCDEF-1", "Password should have at least one lowercase letter"),
        ],
    )
    def test_refusals(self, rule, password, sentence, admin, erin):
        update_account_password_policy(admin, **rule)
        with pytest.raises(PasswordPolicyViolation) as refused:
            create_login_profile(admin, user_name="erin", password=password)
        assert refused.value.message == sentence

    def test_every_failure_is_told(self, admin, erin):
        update_account_password_policy(admin, minimum_password_length=10, require_symbols=True, require_numbers=True)
        with pytest.raises(PasswordPolicyViolation) as refused:
            create_login_profile(admin, user_name="erin", password="abc")
        assert len(refused.value.details["failures"]) == 3

    @pytest.mark.parametrize("symbol", "!@#$%^&*()_+-=[]{}|'")
    def test_each_symbol_counts(self, symbol):
        assert (
            passwords.failures(
                f"abcdef{symbol}", passwords.Rules(minimum_length=6, minimum_classes=0, require_symbols=True)
            )
            == []
        )

    def test_existing_passwords_stay_when_length_and_classes_change(self, admin, with_password):
        update_account_password_policy(admin, minimum_password_length=40, require_symbols=True)
        assert password_fits(with_password, GOOD)

    def test_deleted_returns_to_the_default_policy(self, admin, erin):
        update_account_password_policy(admin, minimum_password_length=6)
        delete_account_password_policy(admin)
        with pytest.raises(PasswordPolicyViolation):
            create_login_profile(admin, user_name="erin", password="abcdef")

    @pytest.mark.parametrize(
        "call",
        [
            update_account_password_policy,
            get_account_password_policy,
            delete_account_password_policy,
            update_account_password_checks,
        ],
    )
    def test_denied(self, call, nobody):
        with pytest.raises(
            AccessDenied, match=r"is not authorized to perform: iam:\w+AccountPasswordPolicy on resource: \*"
        ):
            call(nobody)

    def test_generated_password_fits(self, account):
        policy = PasswordPolicy(
            minimum_length=30,
            require_symbols=True,
            require_numbers=True,
            require_uppercase=True,
            require_lowercase=True,
        )
        rules = passwords.rules_from(policy, minimum_strength=4)
        password = passwords.generated(rules)
        assert len(password) == 30
        assert passwords.failures(password, rules) == []


class TestOwnChecks:
    def test_strength(self, admin, erin):
        update_account_password_checks(admin, minimum_strength=3)
        with pytest.raises(PasswordPolicyViolation, match="too easy to guess"):
            create_login_profile(admin, user_name="erin", password="Password1!")
        create_login_profile(admin, user_name="erin", password="Wobbly-lamp-marmalade-7")

    def test_no_list_installed(self, admin):
        with pytest.raises(InvalidInput, match="No list of breached passwords is installed"):
            update_account_password_checks(admin, refuse_breached=True)

    def test_breached(self, admin, erin, settings, tmp_path):
        from hashlib import sha1

        known = sorted(
            sha1(text.encode(), usedforsecurity=False).hexdigest().upper()
            for text in [GOOD, *(f"word{n}" for n in range(500))]
        )
        settings.BREACHED_PASSWORDS_FILE = str(tmp_path / "list.txt")
        (tmp_path / "list.txt").write_text("\n".join(f"{line}:{len(line)}" for line in known))
        update_account_password_checks(admin, refuse_breached=True)
        with pytest.raises(PasswordPolicyViolation, match="known from breaches"):
            create_login_profile(admin, user_name="erin", password=GOOD)
        create_login_profile(admin, user_name="erin", password=BETTER)

    def test_list_is_searched_to_both_ends(self, settings, tmp_path):
        from hashlib import sha1

        from accounts import breached

        words = [f"word{n}" for n in range(200)]
        settings.BREACHED_PASSWORDS_FILE = str(tmp_path / "list.txt")
        (tmp_path / "list.txt").write_text(
            "\n".join(sorted(sha1(word.encode(), usedforsecurity=False).hexdigest() for word in words))
        )
        assert all(breached.contains(word) for word in words)
        assert not any(breached.contains(f"other{n}") for n in range(200))

    def test_left_alone_by_the_policy_operations(self, admin, erin):
        update_account_password_checks(admin, minimum_strength=4)
        update_account_password_policy(admin)
        delete_account_password_policy(admin)
        assert passwords.rules_of(Account.objects.get(pk=admin.account_id)).minimum_strength == 4


class TestChangePassword:
    def test_changed(self, caller_of, with_password, last_event):
        change_password(caller_of(with_password), old_password=GOOD, new_password=BETTER)
        assert password_fits(with_password, BETTER)
        assert last_event()["requestParameters"] == {"oldPassword": "***", "newPassword": "***"}

    def test_old_one_is_wrong(self, caller_of, with_password):
        with pytest.raises(AccessDenied) as refused:
            change_password(caller_of(with_password), old_password=BEST, new_password=BETTER)
        assert refused.value.message == "The old password was incorrect."
        assert password_fits(with_password, GOOD)

    def test_guessing_the_old_one_is_slowed_down(self, caller_of, with_password):
        caller = caller_of(with_password)
        for _ in range(10):
            with pytest.raises(AccessDenied):
                change_password(caller, old_password=BEST, new_password=BETTER)
        with pytest.raises(ServiceError, match="Rate exceeded"):
            change_password(caller, old_password=GOOD, new_password=BETTER)
        with time_machine.travel(datetime.now(UTC) + timedelta(minutes=16)):
            change_password(caller, old_password=GOOD, new_password=BETTER)

    def test_no_profile(self, caller_of, erin):
        with pytest.raises(NoSuchEntity, match="Login Profile for User erin cannot be found"):
            change_password(caller_of(erin), old_password=GOOD, new_password=BETTER)

    def test_policy_applies(self, admin, caller_of, with_password):
        update_account_password_policy(admin, minimum_password_length=30)
        with pytest.raises(PasswordPolicyViolation, match="minimum length of 30"):
            change_password(caller_of(with_password), old_password=GOOD, new_password=BETTER)

    def test_root_and_temporary_credentials(self, root, caller_of, with_password):
        from dataclasses import replace

        with pytest.raises(InvalidUserType):
            change_password(root, old_password=GOOD, new_password=BETTER)
        temporary = replace(caller_of(with_password), door="api", access_key_id="ASIAABCDEFGHIJKLMNOP")
        with pytest.raises(InvalidUserType):
            change_password(temporary, old_password=GOOD, new_password=BETTER)
        long_term = replace(temporary, access_key_id="AKIAABCDEFGHIJKLMNOP")
        change_password(long_term, old_password=GOOD, new_password=BETTER)

    def test_demanded_change_needs_another_password(self, admin, caller_of, with_password):
        change_password(caller_of(with_password), old_password=GOOD, new_password=GOOD)
        update_login_profile(admin, user_name="erin", password_reset_required=True)
        with pytest.raises(PasswordPolicyViolation, match="must differ"):
            change_password(caller_of(with_password), old_password=GOOD, new_password=GOOD)
        change_password(caller_of(with_password), old_password=GOOD, new_password=BETTER)
        assert not LoginProfile.objects.get(user=with_password).reset_required

    def test_other_sessions_end(self, caller_of, with_password):
        from dataclasses import replace

        later = datetime.now(UTC) + timedelta(1)
        for public_id in ("mine", "other"):
            ConsoleSession.objects.create(
                session_key=public_id, session_data="", expire_date=later, user=with_password, public_id=public_id
            )
        caller = replace(caller_of(with_password), session_facts={"session_id": "mine"})
        change_password(caller, old_password=GOOD, new_password=BETTER)
        assert [row.public_id for row in ConsoleSession.objects.all()] == ["mine"]

    def test_root_password(self, root, admin, account):
        user = User.everyone.get(is_root=True)
        LoginProfile.objects.create(user=user, password_hash=passwords.hashed(GOOD))
        with pytest.raises(PasswordPolicyViolation):
            change_root_password(root, old_password=GOOD, new_password="Short-1")
        change_root_password(root, old_password=GOOD, new_password=BETTER)
        assert password_fits(user, BETTER)
        with pytest.raises(InvalidUserType):
            change_root_password(admin, old_password=GOOD, new_password=BETTER)


class TestAllowUsersToChange:
    """The account setting grants two actions to everybody, and nothing else."""

    def test_off(self, nobody):
        with pytest.raises(AccessDenied, match="iam:ChangePassword"):
            change_password(nobody, old_password=GOOD, new_password=BETTER)

    def test_on(self, admin, make_user, caller_of):
        user = make_user("fred")
        create_login_profile(admin, user_name="fred", password=GOOD)
        update_account_password_policy(admin, allow_users_to_change_password=True)
        caller = caller_of(user)
        assert get_account_password_policy(caller)["PasswordPolicy"]["AllowUsersToChangePassword"]
        change_password(caller, old_password=GOOD, new_password=BETTER)
        assert not caller.may("iam:ChangePassword", "arn:aws:iam::123456789012:user/bob")
        assert not caller.may("iam:GetUser", user.arn)
        matched = caller.decide("iam:ChangePassword", user.arn).as_dict()
        assert "allow users to change their own password" in str(matched)

    def test_taken_away_at_once(self, admin, make_user, caller_of):
        user = make_user("fred")
        update_account_password_policy(admin, allow_users_to_change_password=True)
        assert caller_of(user).may("iam:ChangePassword", user.arn)
        update_account_password_policy(admin)
        assert not caller_of(user).may("iam:ChangePassword", user.arn)

    def test_a_deny_wins(self, admin, make_user, caller_of):
        user = make_user(
            "fred",
            '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:ChangePassword","Resource":"*"}]}',
        )
        update_account_password_policy(admin, allow_users_to_change_password=True)
        assert not caller_of(user).may("iam:ChangePassword", user.arn)

    def test_a_path_with_pattern_characters_grants_nothing_more(self, admin, make_user, caller_of):
        user = make_user("fred")
        User.objects.filter(pk=user.pk).update(path="/*/")
        update_account_password_policy(admin, allow_users_to_change_password=True)
        caller = caller_of(User.objects.get(pk=user.pk))
        assert caller.may("iam:ChangePassword", "arn:aws:iam::123456789012:user/*/fred")
        assert not caller.may("iam:ChangePassword", "arn:aws:iam::123456789012:user/x/fred")


class TestReuse:
    def test_last_passwords_are_refused(self, admin, with_password, caller_of):
        update_account_password_policy(admin, password_reuse_prevention=2)
        caller = caller_of(with_password)
        change_password(caller, old_password=GOOD, new_password=BETTER)
        for old in (GOOD, BETTER):
            with pytest.raises(PasswordPolicyViolation, match="password reuse prevention"):
                change_password(caller, old_password=BETTER, new_password=old)
        change_password(caller, old_password=BETTER, new_password=BEST)
        change_password(caller, old_password=BEST, new_password=GOOD)

    def test_allowed_when_not_set(self, with_password, caller_of):
        caller = caller_of(with_password)
        change_password(caller, old_password=GOOD, new_password=BETTER)
        change_password(caller, old_password=BETTER, new_password=GOOD)

    def test_twenty_four_are_kept(self, admin, with_password):
        for number in range(30):
            update_login_profile(admin, user_name="erin", password=f"{GOOD}-{number}")
        assert PasswordHistory.objects.filter(user=with_password).count() == 24


class TestAge:
    START = datetime(2026, 1, 1, 12, tzinfo=UTC)

    def profile(self):
        return LoginProfile(changed_at=self.START)

    def test_expiry(self):
        last, first = self.START + timedelta(days=90, seconds=-1), self.START + timedelta(days=90)
        assert not passwords.is_expired(self.profile(), 90, last)
        assert passwords.is_expired(self.profile(), 90, first)
        assert not passwords.is_expired(self.profile(), None, first + timedelta(days=5000))

    def test_warned_fifteen_days_ahead(self):
        left = [passwords.days_left(self.profile(), 90, self.START + timedelta(days=day)) for day in (74, 75, 89, 90)]
        assert left == [None, 15, 1, None]

    def test_a_shorter_period_bites_at_once(self, admin, with_password):
        profile = LoginProfile.objects.get(user=with_password)
        later = profile.changed_at + timedelta(days=31)
        assert not passwords.must_change(profile, passwords.rules_of(profile.user.account).max_age, later)
        update_account_password_policy(admin, max_password_age=30)
        assert passwords.must_change(profile, passwords.rules_of(profile.user.account).max_age, later)


def test_no_password_in_the_record_or_the_tables(admin, with_password, caller_of, caplog):
    from io import StringIO

    from django.core.management import call_command

    with pytest.raises(AccessDenied):
        change_password(caller_of(with_password), old_password="Wrong-secret-4", new_password=BETTER)
    change_password(caller_of(with_password), old_password=GOOD, new_password=BETTER)
    out = StringIO()
    call_command("dumpdata", "accounts", "operations", stdout=out)
    everything = out.getvalue() + caplog.text + "".join(Event.objects.values_list("record", flat=True))
    for secret in (GOOD, BETTER, "Wrong-secret-4"):
        assert secret not in everything
