"""Users who can be in no further group."""

from django.db.models import Q
from django.utils.translation import ngettext

from accounts.models import User
from operations.quotas import quota


def in_too_many_groups(user: User) -> str:
    """Why a user cannot be added to a group, or an empty text."""
    most = quota("GroupsPerUserQuota")
    words = ngettext(
        "In %(n)d group already, the most there may be", "In %(n)d groups already, the most there may be", most
    )
    return words % {"n": most} if user.group_count >= most else ""


def in_most_groups() -> Q:
    """The same as a condition."""
    return Q(group_count__gte=quota("GroupsPerUserQuota"))
