"""The pages of accounts in the side bar and in the menu of the person."""

from django.utils.translation import gettext_lazy as _

from pages.navigation import Item, register

register(
    Item(_("Users"), "accounts:users", "user", "identities", action="iam:ListUsers", on="user/", key="u", order=10),
    Item(
        _("Groups"), "accounts:groups", "group", "identities", action="iam:ListGroups", on="group/", key="g", order=20
    ),
    Item(_("Roles"), "accounts:roles", "role", "identities", action="iam:ListRoles", on="role/", key="r", order=30),
    Item(_("My security credentials"), "accounts:security-credentials", "key", "me", order=10, users_only=True),
    Item(
        _("My sessions"),
        "accounts:sessions",
        "session",
        "me",
        action="iam:ListConsoleSessions",
        on="self",
        order=20,
        users_only=True,
    ),
    Item(_("Account"), "accounts:account", "account", "settings", action="iam:GetAccountSummary", order=10),
    Item(
        _("Password policy"),
        "accounts:password-policy",
        "lock",
        "settings",
        action="iam:GetAccountPasswordPolicy",
        order=20,
    ),
    Item(
        _("Import"), "accounts:import", "upload", "settings", action="iam:ImportAccountAuthorizationDetails", order=40
    ),
)
