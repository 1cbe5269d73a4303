"""Whether what bears an ARN now is what bore it when a change was made, or a namesake that came later."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db.models import Exists, QuerySet
from django.utils.translation import gettext as _

from accounts import trust
from accounts.history.events import given_up
from accounts.models import Group, Role, User
from audit.earlier_names import Name, names_of_all
from operations.models import Event
from policies.models import AWS, ManagedPolicy

Row = User | Group | Role | ManagedPolicy


def namesakes(rows: Collection[Row], event: Event) -> set[str]:
    """The ARNs of those that did not bear them yet when a change was made: they were made, or took that name, after it.

    One query; two more where an ARN has changed hands, or one was renamed and bears its old name again.
    """
    arns = [row.arn for row in rows]
    moved = set(since(event, arns).values_list("resource", flat=True)) if arns else set()
    names = _names(moved)
    return {row.arn for row in rows if _is_later(row, event, names)}


def since(event: Event, arns: Collection[str]) -> "QuerySet[Event]":
    """By what ARNs were given up since a change."""
    return given_up(arns).filter(time__gte=event.time).exclude(pk=event.pk)


def is_meant(row: Any, arn: str, event: Event) -> bool:
    """Whether a row that was found by name (or None) is the one that bore an ARN when a change was made; its `moved` says whether the ARN
    was given up `since`. No query; two where it was."""
    return row is not None and row.arn == arn and not _is_later(row, event, _names([arn] if row.moved else []))


def _names(moved: Collection[str]) -> Mapping[str, Sequence[Name]]:
    return names_of_all({arn.split(":")[4] for arn in moved}, moved) if moved else {}


def _is_later(row: Row, event: Event, names: Mapping[str, Sequence[Name]]) -> bool:
    """Both are asked, the row's own date and the record: an import brings in the date of the account that it comes from, and the record
    knows no creation then. `names` of those whose ARN was given up since."""
    if row.created_at > event.time:
        return True
    borne = names.get(row.arn)
    return borne is not None and not any(name.arn == row.arn and name.bore_at(event.time) for name in borne)


def policy_hinders(row: Any, arn: str, event: Event) -> str:
    """That a managed policy is there no more, or only a namesake of it; empty where it is. One query, two where there is a namesake."""
    found = ManagedPolicy.objects.filter(arn=arn, account_id__in=(row.account_id, AWS))
    policy = found.annotate(moved=Exists(since(event, [arn]))).first()
    name = {"name": arn.rpartition("/")[2]}
    if policy is None:
        return _("The policy %(name)s has been deleted.") % name
    if policy.account_id != AWS and not is_meant(policy, arn, event):  # nobody deletes what AWS made
        return _("The policy %(name)s was deleted, and the one of that name was created after this change.") % name
    return ""


def trusted_by(document: str, event: Event) -> Mapping[str, User | Role | None]:
    """Whom the former trust policy of a change names (`trust.named`), asked once."""
    if not hasattr(event, "trusted"):
        event.trusted = trust.named(document)  # type: ignore[attr-defined]
    found: Mapping[str, User | Role | None] = event.trusted  # type: ignore[attr-defined]
    return found


def trust_hinders(document: str, event: Event) -> str:
    """That a trust policy names somebody who is gone, or only a namesake of them; empty where it does not. At most five queries."""
    found = trusted_by(document, event)
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
