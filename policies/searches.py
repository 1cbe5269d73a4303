"""Managed policies in the search over everything: by name, ARN, id, description or tag."""

from collections.abc import Iterable, Mapping

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from operations.caller import Caller
from operations.ids import iam_arn
from pages import search
from pages.listing.needs import sees
from pages.search import Command, Hit, listed_or_tagged
from policies.listings import SEE_TAGS
from policies.queries import policies_seen_from

search.offer(Command(_("Create policy"), "plus", "policies:create", action="iam:CreatePolicy", order=40))
ENOUGH_OF_AN_ID = 6  # the four letters of its kind, and something of its own


def _listed(text: str) -> Mapping[str, str]:
    """The list of policies finds parts of ARNs too."""
    return {"q": text} if text.startswith("arn:") else listed_or_tagged(text)


@search.register(_("Policies"), "policy", "policies:policies", _listed)
def policies(caller: Caller, text: str, limit: int) -> Iterable[Hit]:
    """The policies that a text fits, the account's own first, for whoever may list them; by a tag for whoever may see all tags."""
    if not caller.may("iam:ListPolicies", iam_arn(caller.account_id, "policy/")):
        return []
    word = text.lower()
    if tag := search.tag_of(text):
        tagged = Q(tags__key__iexact=tag[0], **({} if tag[1] is None else {"tags__value__istartswith": tag[1]}))
    else:
        tagged = Q(tags__value__icontains=text) | Q(tags__key__icontains=text)
    by_id = Q(unique_id__istartswith=text) if word.startswith("anpa") and len(word) >= ENOUGH_OF_AN_ID else Q()
    found = Q(name_key__inside=word) | Q(arn__istartswith=text) | by_id
    if sees(caller, SEE_TAGS):
        found |= tagged
    rows = policies_seen_from(caller.account_id).filter(found).distinct()
    own_first = rows.order_by("account_id", "name_key")[
        :limit
    ]  # twelve digits come before the word that AWS's have there
    return [Hit(row.name, reverse("policies:policy", args=[row.arn]), row.arn) for row in own_first]
