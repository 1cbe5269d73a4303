"""Ways by which somebody could get more than the policies give."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Group, Membership, MfaDevice, User, UserAttachment, UserTag
from accounts.operations.account_properties import put_account_properties
from accounts.operations.change_password import MOST_TRIES, change_password
from accounts.operations.mfa_devices import register_passkey
from accounts.operations.users import get_user
from federation.operations.user_sessions import get_session_token
from operations.errors import AccessDenied, InvalidInput, ServiceError
from operations.models import Event
from policies.operations.managed_policies import create_policy
from tests.accounts.browser import give_device, give_password
from tests.conftest import ACCOUNT, ADMINISTRATOR
from tests.signing_in import sign_in


def allowing(*actions: str, **more: object) -> str:
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def browser_of(user: User) -> Client:
    client = Client()
    sign_in(client, user)
    return client


PASSKEY = {"passkey_name": "mine", "credential_id": "Y3JlZA", "public_key": b"key"}


class TestPasskeysOfOthers:
    """A passkey signs in without a password, so giving one away is giving a sign-in."""

    def test_enabling_devices_is_not_enough(self, make_user, caller_of):
        helper, victim = make_user("helper", allowing("iam:EnableMFADevice")), make_user("victim")
        with pytest.raises(AccessDenied, match="iam:UpdateLoginProfile"):
            register_passkey(caller_of(helper), user_name=victim.name, **PASSKEY)
        assert not MfaDevice.objects.exists()

    def test_whoever_may_set_the_password_may(self, make_user, caller_of):
        helper, victim = (
            make_user("helper", allowing("iam:EnableMFADevice", "iam:UpdateLoginProfile")),
            make_user("victim"),
        )
        register_passkey(caller_of(helper), user_name=victim.name, **PASSKEY)
        assert MfaDevice.objects.get().user == victim

    def test_oneself(self, make_user, caller_of):
        helper = make_user("helper", allowing("iam:EnableMFADevice"))
        register_passkey(caller_of(helper), user_name=helper.name, **PASSKEY)
        assert MfaDevice.objects.get().user == helper

    def test_no_program_makes_its_key_a_way_into_the_console(self, make_user, caller_of):
        from dataclasses import replace

        helper = make_user("helper", ADMINISTRATOR)
        with pytest.raises(AccessDenied, match="in the console only"):
            register_passkey(replace(caller_of(helper), door="api"), user_name=helper.name, **PASSKEY)
        assert not MfaDevice.objects.exists()


class TestPagesOfOthersCredentials:
    """Each of these pages names things of the user; none of them opens without the right to see the user, and none tells who exists."""

    PAGES = ("security-credentials", "manage-password", "contain", "create-access-key", "reset-mfa", "sessions")

    @pytest.mark.parametrize("page", PAGES)
    @pytest.mark.parametrize("name", ["victim", "missing"])
    def test_refused_alike(self, page, name, nobody, make_user):
        make_user("victim")
        response = browser_of(User.objects.get(pk=nobody.user_id)).get(reverse(f"accounts:user-{page}", args=[name]))
        assert response.status_code == 403
        assert "iam:GetUser" in response.content.decode()

    @pytest.mark.parametrize("page", ["user-remove-mfa-device", "user-reset-mfa"])
    def test_devices_need_the_right_to_list_them(self, page, make_user):
        device = give_device(make_user("victim"), name="quokka")
        arguments = ["victim", device.pk] if "remove" in page else ["victim"]
        change = ["iam:GetUser", "iam:DeactivateMFADevice", "iam:ResetUserMFA"]
        for actions, status in ((change, 403), ([*change, "iam:ListMFADevices"], 200)):
            reader = make_user(f"reader{status}", allowing(*actions))
            response = browser_of(reader).get(reverse(f"accounts:{page}", args=arguments))
            assert response.status_code == status
            assert ("quokka" in response.content.decode()) == (status == 200)


class TestCopyingPermissions:
    """What a new user is to have as an old one has is shown in the review, so it must be allowed to be read."""

    REVIEW = {"user_names": "newcomer", "path": "/", "access": "none", "copy_from": "victim", "review": "1"}

    @pytest.fixture
    def victim(self, make_user, admin) -> User:
        user = make_user("victim")
        arn = create_policy(admin, policy_name="Quokka", policy_document=ADMINISTRATOR)["Policy"]["Arn"]
        from policies.models import ManagedPolicy

        UserAttachment.objects.create(user=user, policy=ManagedPolicy.objects.get(arn=arn))
        group = Group.objects.create(account_id=ACCOUNT, name="numbat", name_key="numbat", unique_id="AGPA1")
        Membership.objects.create(user=user, group=group)
        return user

    @pytest.mark.parametrize("may", [(), ("iam:GetUser",), ("iam:GetUser", "iam:ListGroupsForUser")])
    def test_refused(self, may, victim, make_user):
        reader = make_user("reader", allowing("iam:ListGroups", "iam:CreateUser", *may))
        response = browser_of(reader).post(reverse("accounts:user-create"), self.REVIEW)
        assert response.status_code == 403
        assert "Quokka" not in response.content.decode()

    def test_a_missing_model_is_refused_alike(self, make_user):
        reader = make_user("reader", allowing("iam:ListGroups"))
        response = browser_of(reader).post(reverse("accounts:user-create"), self.REVIEW | {"copy_from": "missing"})
        assert response.status_code == 403


def test_denies_by_tag_hold_on_pages_as_in_the_api(make_user, caller_of):
    """A page is authorised with the condition keys of what it shows, as the operation of that name is."""
    statements = [
        {"Effect": "Allow", "Action": "iam:*", "Resource": "*"},
        {
            "Effect": "Deny",
            "Action": "iam:*",
            "Resource": "*",
            "Condition": {"StringEquals": {"iam:ResourceTag/secret": "yes"}},
        },
    ]
    reader = make_user("reader", json.dumps({"Version": "2012-10-17", "Statement": statements}))
    victim = make_user("victim")
    UserTag.objects.create(user=victim, key="secret", key_folded="secret", value="yes")
    with pytest.raises(AccessDenied):
        get_user(caller_of(reader), user_name="victim")
    for page in ("user", "user-groups", "user-tags", "user-delete", "user-rename", "user-attach", "user-boundary", "user-inline-create",
                 "user-security-credentials"):  # fmt: skip
        assert browser_of(reader).get(reverse(f"accounts:{page}", args=["victim"])).status_code == 403, page


class TestGuessing:
    """Tries are counted by the record, however many other calls stand between them."""

    def test_codes_of_a_device(self, make_user, caller_of):
        user = make_user("erin")
        device, caller = give_device(user), caller_of(user)
        for _ in range(5):
            with pytest.raises(AccessDenied, match="invalid MFA one time pass code"):
                get_session_token(caller, serial_number=device.serial_number, token_code="000000")
        for _ in range(101):
            get_session_token(caller)
        with pytest.raises(AccessDenied, match="Too many attempts"):
            get_session_token(caller, serial_number=device.serial_number, token_code="000000")

    def test_old_passwords(self, make_user, caller_of):
        user = give_password(make_user("erin", allowing("iam:ChangePassword", "iam:GetUser")))
        caller = caller_of(user)
        for _ in range(MOST_TRIES):
            with pytest.raises(AccessDenied, match="old password"):
                change_password(caller, old_password="wrong", new_password="Another-horse-2")
        for _ in range(101):
            get_user(caller)
        with pytest.raises(ServiceError, match="Rate exceeded"):
            change_password(caller, old_password="wrong", new_password="Another-horse-2")


@pytest.mark.parametrize("minutes", ["0", "721", "0000012345", "00001" + "9" * 30, "１２"])
def test_idle_minutes_stay_within_their_range(minutes, admin):
    with pytest.raises(InvalidInput):
        put_account_properties(admin, properties={"SignIn/SessionIdleMinutes": minutes})
    assert not Event.objects.filter(name="PutAccountProperties", error_code="").exists()
