"""Who fulfils a group's membership rule, and what is left to do about it. Each takes a rule that may not be saved yet: a preview.

Prefixes are found along the account's indexes of paths and names, tags along their own.
"""

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Group, Membership, MembershipRule, User, UserTag
from operations.models import Ledger
from operations.quotas import quota
from policies.listing import under_path


def rule_of(group: Group) -> MembershipRule | None:
    """The rule of a group, if it has one. One query, none where it was read along."""
    try:
        return group.rule
    except MembershipRule.DoesNotExist:
        return None


def matching(rule: MembershipRule) -> "QuerySet[User]":
    """The users who fulfil all conditions; nobody once the rule ends."""
    found = User.objects.filter(account_id=rule.group.account_id)
    if rule.is_ending:
        return found.none()
    if rule.path_prefix:
        found = under_path(found, rule.path_prefix)
    if rule.name_prefix:
        found = under_path(found, rule.name_prefix.lower(), "name_key")
    for key, value in rule.tags:
        found = found.filter(pk__in=UserTag.objects.filter(key_folded=key.lower(), value=value).values("user"))
    return found


def joiners(rule: MembershipRule) -> "QuerySet[User]":
    """Who is to be added, and can be."""
    return outside(rule).filter(group_count__lt=quota("GroupsPerUserQuota"))


def full(rule: MembershipRule) -> "QuerySet[User]":
    """Who is to be added, but is in as many groups as possible."""
    return outside(rule).filter(group_count__gte=quota("GroupsPerUserQuota"))


def outside(rule: MembershipRule) -> "QuerySet[User]":
    """Who is to be added, whether possible or not."""
    members = Membership.objects.filter(group=rule.group, user=OuterRef("pk"))
    return matching(rule).filter(~Exists(members))


def leavers(rule: MembershipRule) -> "QuerySet[User]":
    """Whom the rule has added, and who does not fulfil it any more."""
    added = Membership.objects.filter(group=rule.group, by_rule=True).values("user")
    found = User.objects.filter(account_id=rule.group.account_id, pk__in=added)
    return found if rule.is_ending else found.filter(~Exists(matching(rule).filter(pk=OuterRef("pk"))))


def asking_for_tags(account_id: str, key: str = "") -> list[str]:
    """The groups whose rules ask for tags, or for one of that key, by name. One query."""
    rows = _in_force(account_id).exclude(tags=[]).values_list("group__name", "tags")
    return [name for name, tags in rows if not key or key.lower() in {each.lower() for each, _value in tags}]


def asking_for_names(account_id: str) -> list[str]:
    """The groups whose rules ask for a path or a user name, by name. One query."""
    rows = _in_force(account_id).exclude(path_prefix__in=["", "/"], name_prefix="")
    return list(rows.values_list("group__name", flat=True))


def _in_force(account_id: str) -> "QuerySet[MembershipRule]":
    rows = MembershipRule.objects.filter(group__account=account_id, failed_at=None, is_ending=False)
    return rows.order_by("group__name_key")


def to_look_at() -> "QuerySet[MembershipRule]":
    """The rules in whose account something has changed since nothing was left to do. One query."""
    at_rest = Ledger.objects.filter(account_id=OuterRef("group__account_id"), stamp=OuterRef("applied_stamp"))
    return MembershipRule.objects.filter(~Exists(at_rest), failed_at=None).order_by("pk")
