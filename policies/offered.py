"""What the policy editor offers of this account's managed policies: their ARNs, and what they are tagged with.

Offered is what the reader may list.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from operations.ids import iam_arn
from pages.listing.needs import sees
from policies.completion import Asked, Completion, register
from policies.listings import SEE_TAGS
from policies.models import AWS, ManagedPolicy, PolicyTag

MOST = 100  # of each; who types on finds the others
OF_POLICIES = ("iam:policyarn", "iam:permissionsboundary")  # condition keys whose values are policies
OF_TAGS = ("aws:principaltag/", "aws:resourcetag/", "aws:requesttag/", "iam:resourcetag/")
TAG_KEYS = ("aws:PrincipalTag/", "aws:ResourceTag/", "aws:RequestTag/", "iam:ResourceTag/")


@register("resource", "value")
def policies(asked: Asked) -> Iterator[Completion]:
    """Managed policies by name or ARN: as resources of IAM's actions the account's own, as values of a condition AWS's too. One query."""
    if asked.key not in OF_POLICIES and (asked.key or not is_about_iam(asked)):
        return
    account = asked.caller.account_id
    if not asked.caller.may("iam:ListPolicies", iam_arn(account, "policy/")):
        return
    name = asked.text.lower().rpartition("/")[2] if "/" in asked.text else asked.text.lower()
    wanted = Q(name_key__inside=name) if not asked.text.startswith("arn:") or "/" in asked.text else Q()
    rows = ManagedPolicy.objects.filter(wanted, account_id__in=(account, AWS) if asked.key else (account,))
    for row in rows.order_by("name_key").only("account_id", "arn")[:MOST]:
        yield Completion(row.arn, _("AWS managed") if row.account_id == AWS else _("Customer managed"))


@register("key", "value")
def tags_of_policies(asked: Asked) -> Iterable[Completion]:
    """The keys of the policies' tags, and the values of one. One query."""
    if not wants_tags(asked) or not sees(asked.caller, SEE_TAGS):
        return ()
    return tags(asked, PolicyTag.objects.filter(policy__account_id=asked.caller.account_id), "key")


def is_about_iam(asked: Asked) -> bool:
    """Whether a resource is typed that may be one of IAM."""
    if asked.text.startswith("arn:"):
        return asked.text.split(":")[2:3] in ([""], ["iam"], [])
    return bool({"iam", "sts"} & set(asked.services))


def wants_tags(asked: Asked) -> bool:
    """Whether the key of a tag may stand there, or the value of one."""
    if asked.key:
        return asked.key == "aws:tagkeys" or asked.key.startswith(OF_TAGS)
    return asked.text.lower().startswith(("aws:", "iam:"))


def tags(asked: Asked, rows: "QuerySet[Any]", column: str) -> Iterator[Completion]:
    """What some tags offer: condition keys that name them, their keys, or their values. `column` holds the key as it is compared.
    One query."""
    if asked.key.startswith(OF_TAGS):
        key = asked.key.partition("/")[2]
        lookup = f"{column}__iexact" if column == "key" else column
        values = rows.filter(**{lookup: key}, value__icontains=asked.text).exclude(value="")
        yield from (
            Completion(value) for value in values.order_by("value").values_list("value", flat=True).distinct()[:MOST]
        )
        return
    keys = list(rows.order_by("key").values_list("key", flat=True).distinct()[:MOST])
    yield from (
        Completion(f"{prefix}{key}" if not asked.key else key)
        for prefix in (TAG_KEYS if not asked.key else ("",))
        for key in keys
    )
