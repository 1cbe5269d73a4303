"""Whether what bears an ARN now is what bore it when a change was made, or a namesake that came later."""

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _

from accounts import trust
from accounts.models import Group, Role, User
from audit.earlier_names import names_of_all
from operations.models import Event
from policies.models import AWS, ManagedPolicy

Row = User | Group | Role | ManagedPolicy


def namesakes(rows: Collection[Row], event: Event) -> set[str]:
    """The ARNs of those that did not bear them yet when a change was made: they were made, or took that name, after it.

    Both are asked, the row's own date and the record: an import brings in the date of the account that it comes from, and the record
    knows no creation then. At most two queries.
    """
    mine = [row for row in rows if row.account_id != AWS]  # nobody deletes what AWS made
    names = names_of_all({row.account_id for row in mine}, [row.arn for row in mine]) if mine else {}
    return {
        row.arn
        for row in mine
        if row.created_at > event.time
        or not any(name.arn == row.arn and name.bore_at(event.time) for name in names[row.arn])
    }


def is_meant(row: Any, arn: str, event: Event) -> bool:
    """Whether a row that was found by name (or None) is the one that bore an ARN when a change was made. At most two queries."""
    return row is not None and row.arn == arn and not namesakes([row], event)


def policy_hinders(row: Any, arn: str, event: Event) -> str:
    """That a managed policy is there no more, or only a namesake of it; empty where it is. At most two queries."""
    policy = ManagedPolicy.objects.filter(arn=arn, account_id__in=(row.account_id, AWS)).first()
    name = {"name": arn.rpartition("/")[2]}
    if policy is None:
        return _("The policy %(name)s has been deleted.") % name
    if namesakes([policy], event):
        return _("The policy %(name)s was deleted, and the one of that name was created after this change.") % name
    return ""


def trust_hinders(document: str, event: Event) -> str:
    """That a trust policy names somebody who is gone, or only a namesake of them; empty where it does not. At most seven queries."""
    found = trust.named(document)
    later = namesakes([row for row in found.values() if row is not None], event)
    for text, row in found.items():
        if row is None:
            said = _(
                "The former trust policy names %(name)s, who was deleted or bears another name or path now: write the trust policy anew."
            )
            return said % {"name": _called(text)}
        if text in later:
            said = (
                _(
                    "The former trust policy names the user %(name)s, who was created after this change: write the trust policy anew."
                )
                if isinstance(row, User)
                else _(
                    "The former trust policy names the role %(name)s, which was created after this change: write the trust policy anew."
                )
            )
            return said % {"name": row.name}
    return ""


def _called(text: str) -> str:
    return text.rpartition("/")[2]
