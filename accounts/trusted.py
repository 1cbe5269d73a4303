"""Whom a trust policy can name: the editor offers users and roles by their ARNs, and accounts that are trusted already.

Offered is what the reader may list, as the search over everything does it; the roles' trust policies are part of what ListRoles shows.
"""

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from accounts.models import Role, User
from operations.caller import Caller
from operations.ids import iam_arn
from policies.completion import Completion, register_principals

MOST = 100  # users and roles each; who types on finds the others
MOST_READ = 500  # roles whose trust policies are looked through for accounts
_ACCOUNT = re.compile(r'"(?:arn:[a-z0-9-]+:(?:iam|sts)::)?(\d{12})[:"]')


@register_principals
def principals(caller: Caller, text: str) -> Iterator[Completion]:
    """Accounts, users and roles that fit what was typed, a name or an ARN. Four queries at most, none for what may not be listed."""
    lists_roles = caller.may("iam:ListRoles", iam_arn(caller.account_id, "role/"))
    if lists_roles:
        yield from _accounts(caller.account_id)
    if caller.may("iam:ListUsers", iam_arn(caller.account_id, "user/")):
        yield from _named(User, caller.account_id, "user", text, _("User"))
    if lists_roles:
        yield from _named(Role, caller.account_id, "role", text, _("Role"))


def _named(model: type[User] | type[Role], account_id: str, kind: str, text: str, note: str) -> Iterator[Completion]:
    before, is_arn, rest = text.partition(f":{kind}/")
    if before.startswith("arn:") and not is_arn and not f"{iam_arn(account_id, kind)}/".startswith(text):
        return  # the ARN of something else
    name = rest.rpartition("/")[2] if is_arn else "" if before.startswith("arn:") else text
    rows = model.objects.filter(account_id=account_id, name_key__inside=name.lower()).order_by("name_key")
    for row in rows.only("account_id", "path", "name")[:MOST]:
        yield Completion(row.arn, note)


def _accounts(account_id: str) -> Iterator[Completion]:
    """Other accounts that a role trusts by now."""
    rows = Role.objects.filter(account_id=account_id).order_by("name_key").values_list("trust_policy", flat=True)
    found = {number for text in rows[:MOST_READ] for number in _ACCOUNT.findall(text)} - {account_id}
    for number in sorted(found)[:MOST]:
        yield Completion(iam_arn(number, "root"), _("Trusted account"))
