"""What might be cleaned up about a group: nobody is in it, or another one has the same users or says the same."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.listings.groups import SEE_DOCUMENTS, SEE_MEMBERS
from accounts.models import Group
from accounts.queries.groups import twins_of
from operations.caller import Caller
from operations.ids import iam_arn
from pages.listing.needs import sees


@dataclass(frozen=True)
class Suggestion:
    """One thing that might be done, and the page where to do it."""

    title: str
    text: str
    href: str
    link: str


def suggestions(caller: Caller, group: Group) -> Sequence[Suggestion]:
    """What might be cleaned up, as far as the caller may know it; two queries, or none for who may not list groups."""
    return tuple(_found(caller, group))


def _found(caller: Caller, group: Group) -> Iterator[Suggestion]:
    if not group.member_count and caller.may("iam:DeleteGroup", group.arn):
        text = _("If nobody is meant to join it, it can go.")
        yield Suggestion(
            _("This group gives nobody anything"),
            text,
            reverse("accounts:group-delete", args=[group.name]),
            _("Delete group"),
        )
    may_list = caller.may("iam:ListGroups", iam_arn(caller.account_id, "group/"))
    if not may_list or not (sees(caller, SEE_MEMBERS) or sees(caller, SEE_DOCUMENTS)):
        return
    twins = twins_of(group)
    if twins.members and sees(caller, SEE_MEMBERS):
        text = _("One group with the policies of both would give them the same.")
        yield _twin(group, twins.members, _("The same users are in %(names)s"), text)
    if twins.policies and sees(caller, SEE_DOCUMENTS):
        text = _("One group with the users of both would give them the same.")
        yield _twin(group, twins.policies, _("The same policies are on %(names)s"), text)


def _twin(group: Group, names: Sequence[str], title: str, text: str) -> Suggestion:
    asked = urlencode({"a": f"group/{group.name}", "b": f"group/{names[0]}"}, safe="/")
    return Suggestion(title % {"names": ", ".join(names)}, text, f"{reverse('access:compare')}?{asked}", _("Compare"))
