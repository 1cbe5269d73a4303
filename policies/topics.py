"""The help of the pages of policies."""

from django.utils.translation import gettext_lazy as _

from pages.topics import Topic, register

register(
    Topic("policies", _("Policies"), ("policies:*", "governance:policy-*")),
    Topic(
        "policy-editor",
        _("Policy editor"),
        (
            "policies:create",
            "policies:edit",
            "policies:editor",
            "accounts:user-inline*",
            "accounts:group-inline*",
            "accounts:role-inline*",
        ),
    ),
)
