"""The help of the pages of accounts."""

from django.utils.translation import gettext_lazy as _

from pages.topics import Topic, register

register(
    Topic("users", _("Users"), ("accounts:users*", "accounts:user-create")),
    Topic("user", _("A user"), ("accounts:user", "accounts:user-*", "governance:user-*", "access:user-managers")),
    Topic(
        "credentials",
        _("Security credentials"),
        (
            "accounts:security-credentials",
            "accounts:user-security-credentials",
            "accounts:change-password",
            "accounts:user-manage-password",
            "accounts:user-set-email",
            "accounts:contain",
            "accounts:user-contain",
            "accounts:add-*",
            "accounts:re*",
            "accounts:user-remove-mfa-device",
            "accounts:user-reset-mfa",
            "accounts:sessions",
            "accounts:user-sessions",
            "accounts:access-key*",
            "accounts:create-access-key",
            "accounts:delete-access-key",
            "accounts:user-access-key*",
            "accounts:user-create-access-key",
            "accounts:user-delete-access-key",
            "accounts:other-credentials",
            "accounts:user-other-credentials",
            "accounts:ssh-public-key*",
            "accounts:upload-ssh-public-key",
            "accounts:delete-ssh-public-key",
            "accounts:create-service-credential",
            "accounts:service-credential*",
            "accounts:delete-service-credential",
            "accounts:user-create-service-credential",
            "accounts:user-reset-service-credential",
            "accounts:user-service-credential*",
            "accounts:user-delete-service-credential",
            "accounts:user-ssh-public-key*",
            "accounts:user-upload-ssh-public-key",
            "accounts:user-delete-ssh-public-key",
            "federation:revoke*",
        ),
    ),
    Topic("groups", _("Groups"), ("accounts:group*", "federation:group*", "governance:group-*")),
    Topic("roles", _("Roles"), ("accounts:role*", "federation:role*", "governance:role-*", "access:role-try-trust")),
    Topic(
        "account",
        _("Account settings"),
        ("accounts:account", "accounts:password-policy", "accounts:try-password", "accounts:sign-in-settings"),
    ),
    Topic("import", _("Import"), ("accounts:import*",)),
)
