"""What the pages about users show: the list, and the policies in which an ARN stands.

Every function costs a fixed number of queries at any size; policies are `held_policies`' matter.
"""

from django.db.models import QuerySet

from accounts.models import User
from policies.models import PolicyVersion


def policies_naming(account_id: str, arn: str) -> list[str]:
    """Customer managed policies whose text holds an ARN: a rename does not follow there, as in AWS."""
    rows = PolicyVersion.objects.filter(policy__account_id=account_id, document__contains=arn)
    return sorted(set(rows.values_list("policy__name", flat=True)))


def listed_users(account_id: str) -> QuerySet[User]:
    """The rows of the users list: its columns are the user's own, so that a page of a hundred thousand is read along an index."""
    return User.objects.filter(account_id=account_id).select_related("boundary")
