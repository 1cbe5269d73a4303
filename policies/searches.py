"""Managed policies in the search over everything: by name, ARN, id, description or tag."""

from collections.abc import Iterable, Mapping

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from operations.caller import Caller
from operations.ids import iam_arn
from pages import search
from pages.listing.needs import sees
from pages.search import Hit, listed_or_tagged
from policies.listings import SEE_TAGS
from policies.queries import policies_seen_from


def _listed(text: str) -> Mapping[str, str]:
    """The list of policies finds parts of ARNs too."""
    return {"q": text} if text.startswith("arn:") else listed_or_tagged(text)


@search.register(_("Policies"), "policy", "policies:policies", _listed)
def policies(caller: Caller, text: str, limit: int) -> Iterable[Hit]:
    """The policies that a text fits, the account's own first, for whoever may list them; by a tag for whoever may see all tags."""
    if not caller.may("iam:ListPolicies", iam_arn(caller.account_id, "policy/")):
        return []
    word = text.lower()
    key, given, value = text.partition("=")
    tagged = (
        Q(tags__key__iexact=key.strip(), tags__value__istartswith=value.strip())
        if given
        else Q(tags__value__icontains=text) | Q(tags__key__icontains=text)
    )
    found = Q(name_key__inside=word) | Q(arn__istartswith=text) | Q(unique_id__iexact=text)
    if sees(caller, SEE_TAGS):
        found |= tagged
    rows = policies_seen_from(caller.account_id).filter(found).distinct()
    ordered = rows.order_by("-account_id", "name_key")[: limit + 6]
    own_first = sorted(ordered, key=lambda row: (row.is_aws_managed, row.name_key))
    return [Hit(row.name, reverse("policies:policy", args=[row.arn]), row.arn) for row in own_first[:limit]]
