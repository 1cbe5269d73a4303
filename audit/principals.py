"""From a principal in the record to their page, and whether it is the one who reads."""

from django.urls import reverse

from operations.caller import Caller
from operations.ids import iam_arn
from operations.models import Event


def page_of(caller: Caller, arn: str) -> str:
    """The address of the user or role that an ARN of the caller's account names (of a role also its session); empty where there is no
    page, or the caller may not see it."""
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[4] != caller.account_id:
        return ""
    kind, _slash, rest = parts[5].partition("/")
    if kind == "user" and caller.may("iam:GetUser", arn):
        return reverse("accounts:user", args=[rest.rsplit("/", 1)[-1]])
    name = {"role": rest.rsplit("/", 1)[-1], "assumed-role": rest.partition("/")[0]}.get(kind)
    if name and caller.may("iam:GetRole", iam_arn(caller.account_id, f"role/{name}")):
        return reverse("accounts:role", args=[name])
    return ""


def is_own(caller: Caller, event: Event) -> bool:
    """Whether the caller is the one whom the Event is about."""
    mine = str(caller.identity.get("principalId", ""))
    return bool(mine) and event.principal_id == mine
