"""The published policies by which users look after themselves, word for word; and what a user's policies are called in plain words."""

import pytest
from django.urls import reverse

from accounts.models import (
    MfaDevice,
    PasswordPolicy,
    User,
    UserInlinePolicy,
)
from accounts.operations.login_profiles import update_login_profile
from tests.accounts.browser import ALL_IAM, HOME, PASSWORD, Browser, code_of, enrol, give_password, text_of
from tests.accounts.self_management import FULL, MFA_ONLY, NO_MFA, PASSWORD_ONLY
from tests.every_page import SSH_KEY
from tests.signed_by_itself import certificate


class TestPublishedPolicies:
    def refused(self, page):
        return text_of(page).count("is not authorized to perform")

    @pytest.mark.parametrize("document", [FULL, MFA_ONLY], ids=["full", "mfa only"])
    def test_nothing_but_enrolment_until_mfa_is_present(self, document, person, user_with):
        person.sign_in(user_with(document))
        page = person.get(HOME)
        said = text_of(page)
        for action in ("iam:ListAccessKeys", "iam:ListConsoleSessions"):
            assert f"is not authorized to perform: {action}" in said
        assert "Add authenticator app" in said
        for name in ("create-access-key", "sessions"):
            target = reverse(f"accounts:{name}")
            assert (person.post(target) if name == "create-access-key" else person.get(target)).status_code in {
                200,
                403,
            }
        assert not User.objects.get(name="erin").access_keys.exists()
        assert person.get(reverse("accounts:sessions")).status_code == 403
        changed = person.post(
            reverse("accounts:change-password"),
            {"old_password": PASSWORD, "new_password": "Other-horse-22", "repeated": "Other-horse-22"},
        )
        assert "iam:ChangePassword" in text_of(changed)
        assert Browser().sign_in(User.objects.get(name="erin")).status_code == 302

    def test_everything_of_ones_own_with_mfa(self, person, user_with):
        user = user_with(FULL)
        person.sign_in(user)
        assert enrol(person).url == reverse("accounts:recovery-codes")
        page = person.get(HOME)
        assert self.refused(page) == 0
        made = person.post(reverse("accounts:create-access-key"), {"description": "x"})
        assert made.status_code == 302
        key = user.access_keys.get()
        assert key.description == "x"
        assert (
            person.post(reverse("accounts:access-key-status", args=[key.key_id]), {"status": "Inactive"}).status_code
            == 302
        )
        assert (
            person.post(reverse("accounts:delete-access-key", args=[key.key_id]), {"confirmation": key.key_id}).url
            == HOME
        )
        given = {"old_password": PASSWORD, "new_password": "Other-horse-22", "repeated": "Other-horse-22"}
        assert person.post(reverse("accounts:change-password"), given).url == HOME
        assert person.get(reverse("accounts:sessions")).status_code == 200

    def test_ones_own_ssh_keys_with_mfa(self, person, user_with):
        user = user_with(FULL)
        person.sign_in(user)
        enrol(person)
        page = reverse("accounts:other-credentials")
        assert page in person.get(HOME).content.decode()
        upload = reverse("accounts:upload-ssh-public-key")
        assert upload in person.get(page).content.decode()
        assert person.post(upload, {"ssh_public_key_body": SSH_KEY}).url == page
        key = user.ssh_public_keys.get()
        status = reverse("accounts:ssh-public-key-status", args=[key.key_id])
        delete = reverse("accounts:delete-ssh-public-key", args=[key.key_id])
        shown = person.get(page).content.decode()
        assert status in shown
        assert delete in shown
        assert person.post(status, {"status": "Inactive"}).url == page
        assert not user.ssh_public_keys.get().is_active
        assert person.get(delete).status_code == 200
        assert person.post(delete).url == page
        assert not user.ssh_public_keys.exists()

    def test_ones_own_git_credentials_with_mfa(self, person, user_with):
        user = user_with(FULL)
        person.sign_in(user)
        enrol(person)
        page = reverse("accounts:other-credentials")
        create = reverse("accounts:create-service-credential")
        assert create in person.get(page).content.decode()
        made = person.post(create, {"service_name": "codecommit.amazonaws.com"})
        name = user.service_credentials.get().credential_id
        assert made.url == reverse("accounts:service-credential-secret", args=[name])
        shown = person.get(page).content.decode()
        reset, status, delete = (
            reverse(f"accounts:{each}", args=[name])
            for each in ("reset-service-credential", "service-credential-status", "delete-service-credential")
        )
        assert all(each in shown for each in (reset, status, delete))
        assert person.get(reset).status_code == 200
        assert person.post(reset).url == made.url
        assert person.post(status, {"status": "Inactive"}).url == page
        assert not user.service_credentials.get().is_active
        assert person.get(delete).status_code == 200
        assert person.post(delete).url == page
        assert not user.service_credentials.exists()

    def test_ones_own_signing_certificates_with_mfa(self, person, user_with):
        user = user_with(FULL)
        person.sign_in(user)
        enrol(person)
        page = reverse("accounts:other-credentials")
        upload = reverse("accounts:upload-signing-certificate")
        assert upload in person.get(page).content.decode()
        assert person.post(upload, {"certificate_body": certificate("erin")}).url == page
        name = user.signing_certificates.get().certificate_id
        status = reverse("accounts:signing-certificate-status", args=[name])
        delete = reverse("accounts:delete-signing-certificate", args=[name])
        shown = person.get(page).content.decode()
        assert status in shown
        assert delete in shown
        assert person.post(status, {"status": "Inactive"}).url == page
        assert not user.signing_certificates.get().is_active
        assert person.get(delete).status_code == 200
        assert person.post(delete).url == page
        assert not user.signing_certificates.exists()

    def test_nothing_of_others(self, person, user_with, make_user):
        give_password(make_user("fred"))
        person.sign_in(user_with(FULL))
        enrol(person)
        page = person.get(reverse("accounts:user-security-credentials", args=["fred"]))
        assert self.refused(page) >= 1
        assert person.post(reverse("accounts:user-create-access-key", args=["fred"]), {}).status_code in {200, 403}
        assert not User.objects.get(name="fred").access_keys.exists()
        for page in (
            "other-credentials",
            "upload-ssh-public-key",
            "create-service-credential",
            "upload-signing-certificate",
        ):
            assert person.get(reverse(f"accounts:user-{page}", args=["fred"])).status_code == 403
        assert not User.objects.get(name="fred").ssh_public_keys.exists()

    def test_signing_in_with_the_device_gives_it_too(self, person, user_with, clock):
        person.sign_in(user_with(FULL))
        enrol(person)
        person.post(reverse("accounts:sign-out"))
        clock.shift(60)
        user = User.objects.get(name="erin")
        person.sign_in(user, code=code_of(MfaDevice.objects.get()))
        assert self.refused(person.get(HOME)) == 0

    def test_removing_the_last_device_takes_mfa_from_the_session_and_leaves_no_orphan(self, person, user_with):
        person.sign_in(user_with(FULL))
        enrol(person)
        device = MfaDevice.objects.get()
        assert person.post(reverse("accounts:remove-mfa-device", args=[device.pk])).url == HOME
        assert not MfaDevice.objects.exists()
        assert person.get(reverse("accounts:sessions")).status_code == 403
        assert enrol(person, device.name).status_code == 302

    def test_without_the_mfa_parts(self, person, user_with):
        person.sign_in(user_with(NO_MFA))
        said = text_of(person.get(HOME))
        assert "is not authorized to perform: iam:ListMFADevices" in said
        assert person.post(reverse("accounts:create-access-key"), {}).status_code == 302

    def test_password_alone(self, person, user_with):
        person.sign_in(user_with(PASSWORD_ONLY))
        given = {"old_password": PASSWORD, "new_password": "Other-horse-22", "repeated": "Other-horse-22"}
        assert person.post(reverse("accounts:change-password"), given).url == HOME
        assert person.get(reverse("accounts:password-policy")).status_code in {200, 302}
        assert person.get(reverse("accounts:create-access-key")).status_code == 403
        assert person.post(reverse("accounts:create-access-key"), {}).status_code in {200, 403}
        assert not User.objects.get(name="erin").access_keys.exists()

    def test_forced_change_and_forced_mfa_do_not_block_each_other(self, person, user_with, admin):
        """A user under the full policy who must change the password: the device first, then the password."""
        user = user_with(FULL)
        update_login_profile(admin, user_name="erin", password_reset_required=True)
        person.sign_in(user)
        assert person.get(HOME).url == reverse("accounts:add-mfa-device")
        assert enrol(person).url == reverse("accounts:change-password")
        assert person.get(HOME).url == reverse("accounts:change-password")
        given = {"old_password": PASSWORD, "new_password": "Other-horse-22", "repeated": "Other-horse-22"}
        assert person.post(reverse("accounts:change-password"), given).url == "/"
        assert person.get(HOME).status_code == 200


def test_policies_of_a_user_in_plain_words(person, user_with):
    person.sign_in(user_with(FULL))
    enrol(person)
    said = text_of(person.get(HOME))
    assert "AWS Identity and Access Management (IAM): ChangePassword, GetUser on your own user" in said
    assert "everything except" in said
    assert "unless MFA was used in the session" in said


def test_the_implicit_grant_shows_in_plain_words(person, user_with):
    PasswordPolicy.objects.create(account_id="123456789012", allow_users_to_change=True)
    user = user_with(ALL_IAM)
    UserInlinePolicy.objects.filter(user=user).delete()
    person.sign_in(user)
    assert "Account password policy: allow users to change their own password" in text_of(person.get(HOME))
