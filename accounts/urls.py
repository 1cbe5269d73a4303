"""The addresses of accounts, one list per noun."""

from django.urls import URLPattern, URLResolver, path

from accounts.urls_identities import group_urls, user_urls
from accounts.urls_importing import import_urls
from accounts.urls_roles import role_urls
from accounts.views import (
    access_keys,
    account,
    kept_form,
    mfa,
    other_credentials,
    password_policy,
    security_credentials,
    service_credentials,
    session_end,
    sessions,
    signin,
    signing_certificates,
    ssh_public_keys,
)

app_name = "accounts"

sign_in_urls: list[URLPattern | URLResolver] = [
    path("sign-in/", signin.sign_in, name="sign-in"),
    path("sign-in/root/", signin.sign_in_root, name="sign-in-root"),
    path("sign-in/factor/", signin.factor, name="sign-in-factor"),
    path("sign-in/passkey/", signin.sign_in_with_passkey, name="sign-in-passkey"),
    path("sign-in/<entity:account>/", signin.sign_in, name="sign-in-account"),
    path("signed-out/kept/", kept_form.kept_form, name="kept-form"),
    path("session/", session_end.session_end, name="session-end"),
    path("sign-out/", signin.sign_out, name="sign-out"),
    path("set-password/<str:token>/", signin.set_password, name="set-password"),
]


def other_credentials_urls(base: str, whose: str) -> list[URLPattern | URLResolver]:
    """The pages of SSH keys and the like: of oneself, or with `whose` before their names of another user."""
    keys, of_keys = f"{base}/ssh-public-keys", {"kind": "ssh-public-key"}
    one_key = f"{keys}/<str:ssh_public_key_id>"
    services, of_services = f"{base}/service-credentials", {"kind": "service-credential"}
    one_service = f"{services}/<str:service_specific_credential_id>"
    certificates, of_certificates = f"{base}/signing-certificates", {"kind": "signing-certificate"}
    one_certificate = f"{certificates}/<str:certificate_id>"
    set_status, delete = other_credentials.set_status, other_credentials.delete
    return [
        path(f"{base}/other/", other_credentials.overview, name=f"{whose}other-credentials"),
        path(f"{keys}/upload/", ssh_public_keys.upload, name=f"{whose}upload-ssh-public-key"),
        path(f"{one_key}/status/", set_status, of_keys, name=f"{whose}ssh-public-key-status"),
        path(f"{one_key}/delete/", delete, of_keys, name=f"{whose}delete-ssh-public-key"),
        path(f"{certificates}/upload/", signing_certificates.upload, name=f"{whose}upload-signing-certificate"),
        path(f"{one_certificate}/status/", set_status, of_certificates, name=f"{whose}signing-certificate-status"),
        path(f"{one_certificate}/delete/", delete, of_certificates, name=f"{whose}delete-signing-certificate"),
        path(f"{services}/create/", service_credentials.create, name=f"{whose}create-service-credential"),
        path(f"{one_service}/secret/", service_credentials.secret, name=f"{whose}service-credential-secret"),
        path(f"{one_service}/reset/", service_credentials.reset, name=f"{whose}reset-service-credential"),
        path(f"{one_service}/status/", set_status, of_services, name=f"{whose}service-credential-status"),
        path(f"{one_service}/delete/", delete, of_services, name=f"{whose}delete-service-credential"),
    ]


security_credentials_urls: list[URLPattern | URLResolver] = [
    path("security-credentials/", security_credentials.overview, name="security-credentials"),
    path("security-credentials/password/", security_credentials.change_own_password, name="change-password"),
    path("security-credentials/contain/", security_credentials.contain, name="contain"),
    path("security-credentials/mfa/add/", mfa.add_device, name="add-mfa-device"),
    path("security-credentials/mfa/add-passkey/", mfa.add_passkey, name="add-passkey"),
    path("security-credentials/mfa/<int:pk>/resync/", mfa.resync_device, name="resync-mfa-device"),
    path("security-credentials/mfa/<int:pk>/remove/", mfa.remove_device, name="remove-mfa-device"),
    path("security-credentials/recovery-codes/", mfa.recovery_codes, name="recovery-codes"),
    path("security-credentials/sessions/", sessions.sessions, name="sessions"),
    path("security-credentials/access-keys/create/", access_keys.create, name="create-access-key"),
    path("security-credentials/access-keys/<str:key_id>/", access_keys.detail, name="access-key"),
    path("security-credentials/access-keys/<str:key_id>/secret/", access_keys.secret, name="access-key-secret"),
    path("security-credentials/access-keys/<str:key_id>/status/", access_keys.set_status, name="access-key-status"),
    path("security-credentials/access-keys/<str:key_id>/delete/", access_keys.delete, name="delete-access-key"),
    *other_credentials_urls("security-credentials", ""),
]

OF_USER = "users/<entity:user_name>/security-credentials"
user_credentials_urls: list[URLPattern | URLResolver] = [
    path(f"{OF_USER}/", security_credentials.overview, name="user-security-credentials"),
    path(f"{OF_USER}/password/", security_credentials.manage_password, name="user-manage-password"),
    path(f"{OF_USER}/email/", security_credentials.set_email, name="user-set-email"),
    path(f"{OF_USER}/contain/", security_credentials.contain, name="user-contain"),
    path(f"{OF_USER}/mfa/<int:pk>/remove/", mfa.remove_device, name="user-remove-mfa-device"),
    path(f"{OF_USER}/mfa/reset/", mfa.reset, name="user-reset-mfa"),
    path(f"{OF_USER}/sessions/", sessions.sessions, name="user-sessions"),
    path(f"{OF_USER}/access-keys/create/", access_keys.create, name="user-create-access-key"),
    path(f"{OF_USER}/access-keys/<str:key_id>/", access_keys.detail, name="user-access-key"),
    path(f"{OF_USER}/access-keys/<str:key_id>/secret/", access_keys.secret, name="user-access-key-secret"),
    path(f"{OF_USER}/access-keys/<str:key_id>/status/", access_keys.set_status, name="user-access-key-status"),
    path(f"{OF_USER}/access-keys/<str:key_id>/delete/", access_keys.delete, name="user-delete-access-key"),
    *other_credentials_urls(OF_USER, "user-"),
]

account_settings_urls: list[URLPattern | URLResolver] = [
    path("account-settings/", account.account, name="account"),
    path("account-settings/password-policy/", password_policy.password_policy, name="password-policy"),
    path("account-settings/password-policy/try/", password_policy.try_password, name="try-password"),
    path("account-settings/password-policy/sign-in/", password_policy.sign_in_settings, name="sign-in-settings"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    *sign_in_urls,
    *security_credentials_urls,
    *user_credentials_urls,
    *account_settings_urls,
    *user_urls,
    *group_urls,
    *role_urls,
    *import_urls,
]
