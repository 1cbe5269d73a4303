"""What the policy editor offers of this account's users, groups and roles: their ARNs and names, their tags, and whom roles trust.

Offered is what the reader may list, as the search over everything does it; the roles' trust policies are part of what ListRoles shows.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.listings.roles import SEE_TAGS as SEE_ROLE_TAGS
from accounts.listings.users import SEE_TAGS as SEE_USER_TAGS
from accounts.models import Group, Role, RoleTag, User, UserTag
from operations.ids import iam_arn
from pages.listing.needs import sees
from policies.completion import Asked, Completion, register
from policies.offered import is_about_iam, tags, wants_tags

MOST = 100  # of each kind; who types on finds the others
MOST_READ = 500  # roles whose trust policies are looked through for accounts
_ACCOUNT = re.compile(r'"(?:arn:[a-z0-9-]+:(?:iam|sts)::)?(\d{12})[:"]')


@register("principal")
def principals(asked: Asked) -> Iterator[Completion]:
    """Accounts, users and roles that fit what was typed, a name or an ARN. Three queries at most."""
    if _lists(asked, "role"):
        yield from _accounts(asked.caller.account_id)
    yield from _listed(asked, "user", "role")


@register("resource")
def resources(asked: Asked) -> Iterator[Completion]:
    """Users, groups and roles on which IAM's and STS's actions can be allowed. Three queries at most."""
    if is_about_iam(asked):
        yield from _listed(asked, "user", "group", "role")


@register("value")
def values(asked: Asked) -> Iterator[Completion]:
    """Principals by ARN, and users by name, where a condition compares one. Two queries at most."""
    if asked.key in ("aws:principalarn", "aws:sourcearn"):
        yield from _listed(asked, "user", "role")
    elif asked.key == "aws:username" and _lists(asked, "user"):
        rows = User.objects.filter(account_id=asked.caller.account_id, name_key__inside=asked.text.lower())
        yield from (Completion(name) for name in rows.order_by("name_key").values_list("name", flat=True)[:MOST])


@register("key", "value")
def tags_of_identities(asked: Asked) -> Iterable[Completion]:
    """The keys of the tags of users and roles, and the values of one. Two queries at most."""
    if not wants_tags(asked):
        return ()
    account = asked.caller.account_id
    ways = (
        (SEE_USER_TAGS, UserTag.objects.filter(user__account=account)),
        (SEE_ROLE_TAGS, RoleTag.objects.filter(role__account=account)),
    )
    return chain.from_iterable(tags(asked, rows, "key_folded") for needs, rows in ways if sees(asked.caller, needs))


_KINDS: Mapping[str, tuple[type[User] | type[Group] | type[Role], str, Promise]] = {
    "user": (User, "iam:ListUsers", gettext_lazy("User")),
    "group": (Group, "iam:ListGroups", gettext_lazy("Group")),
    "role": (Role, "iam:ListRoles", gettext_lazy("Role")),
}


def _lists(asked: Asked, kind: str) -> bool:
    return asked.caller.may(_KINDS[kind][1], iam_arn(asked.caller.account_id, f"{kind}/"))


def _listed(asked: Asked, *kinds: str) -> Iterator[Completion]:
    for kind in kinds:
        if _lists(asked, kind):
            yield from _named(asked.caller.account_id, kind, asked.text)


def _named(account_id: str, kind: str, text: str) -> Iterator[Completion]:
    model, _action, note = _KINDS[kind]
    before, is_arn, rest = text.partition(f":{kind}/")
    if before.startswith("arn:") and not is_arn and not f"{iam_arn(account_id, kind)}/".startswith(text):
        return  # the ARN of something else
    name = rest.rpartition("/")[2] if is_arn else "" if before.startswith("arn:") else text
    rows = model.objects.filter(account_id=account_id, name_key__inside=name.lower()).order_by("name_key")
    for row in rows.only("account_id", "path", "name")[:MOST]:
        yield Completion(row.arn, str(note))


def _accounts(account_id: str) -> Iterator[Completion]:
    """Other accounts that a role trusts by now."""
    rows = Role.objects.filter(account_id=account_id).order_by("name_key").values_list("trust_policy", flat=True)
    found = {number for text in rows[:MOST_READ] for number in _ACCOUNT.findall(text)} - {account_id}
    for number in sorted(found)[:MOST]:
        yield Completion(iam_arn(number, "root"), _("Trusted account"))
