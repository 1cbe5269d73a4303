"""Names of users, groups and roles in addresses: `path("users/<entity:name>/", …)`.

IAM allows names that an address cannot have at that place: `create`, which is the page that creates one, and `.` and `..`, which a browser
takes for folders. These bear a mark in addresses that no name contains (IAM User Guide, «IAM and AWS STS quotas», name requirements).
"""

from django.urls import register_converter

MARK = "~"
# What stands in the place of a name in addresses of ours.
TAKEN = frozenset(
    {
        "create", "delete", "tag", "add-to-group", "contain", "disable", "require-password", "set-boundary", "remove-boundary",
        "deactivate-keys", "root", "factor", "passkey", ".", "..",
    }
)  # fmt: skip


class EntityName:
    """Django's path converter for such a name."""

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        return value.removeprefix(MARK)

    def to_url(self, value: str) -> str:
        return f"{MARK}{value}" if str(value) in TAKEN else str(value)


register_converter(EntityName, "entity")
