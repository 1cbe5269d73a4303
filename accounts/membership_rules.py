"""Carrying out membership rules: whoever fulfils one is added to its group, and whom it added leaves when that is no longer so.

A rule is looked at when something in its account has changed since nothing was left to do. What there is to do is done under the account's
lock, some users at a time, each as an ordinary call of the user who set the rule: whichever process comes first has done it when the next
one looks. What is refused stops the rule and is kept on the group's page. Who is in as many groups as possible is told and left alone.
"""

import logging
from dataclasses import replace

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import QuerySet

from accounts.models import Membership, MembershipRule, User
from accounts.operations.membership_rules import AGENT
from accounts.operations.memberships import add_user_to_group, remove_user_from_group
from accounts.queries.membership_rules import full, joiners, leavers, to_look_at
from operations import journal, reasons, record
from operations.absent import absent_caller
from operations.caller import Caller
from operations.clock import now
from operations.errors import LimitExceeded, ServiceError
from operations.models import Ledger

logger = logging.getLogger(__name__)
AT_ONCE = 200  # users whom one transaction moves
NAMED = 10  # of those who cannot be added


def carry_out() -> bool:
    """Do what rules have to do, of each at most `AT_ONCE` users; whether some have more to do. Raises DatabaseError; then what is not
    done is still to do."""
    found = list(to_look_at().values_list("pk", "group__account_id"))
    return sum(_tried(pk, account) for pk, account in found) > 0  # each, whatever the others say


def carry_out_now(caller: Caller, group_name: str) -> MembershipRule | None:
    """Begin with a rule at once, as calls of the caller who has just set it; the rule as it is then, None where it has ended."""
    with journal.apart(), transaction.atomic():
        record.lock(caller.account_id)
        rule = _rows().filter(group__account_id=caller.account_id, group__name_key=group_name.lower()).first()
        if rule is None or rule.failed_at is not None:
            return rule
        _move(rule, caller)
        return rule if rule.pk else None


def _rows() -> "QuerySet[MembershipRule]":
    return MembershipRule.objects.select_related("group")


def _tried(pk: int, account_id: str) -> bool:
    """One that fails for a fault of ours is stopped, and keeps no other waiting."""
    try:
        return not _is_at_rest(pk, account_id) and _carried_out(pk, account_id)
    except (OperationalError, InterfaceError):  # the database is away: all wait
        raise
    except Exception:
        logger.exception("the membership rule %s could not be carried out", pk)
        with transaction.atomic():
            record.lock(account_id)
            if rule := _rows().filter(pk=pk, failed_at=None).first():
                _stopped(rule, "The console failed to carry it out; its log says why.")
        return False


def _is_at_rest(pk: int, account_id: str) -> bool:
    """Whether nothing is to be done, which is noted. Mostly so, hence asked without the account's lock; what changes meanwhile moves the
    stamp, and is seen at the next look."""
    stamp = _stamp(account_id)
    rule = _rows().filter(pk=pk, failed_at=None, is_ending=False).first()
    if rule is None or leavers(rule).exists() or joiners(rule).exists():
        return False
    _told(rule, stamp)
    MembershipRule.objects.filter(pk=pk, set_at=rule.set_at, failed_at=None, is_ending=False).update(
        **{name: getattr(rule, name) for name in KEPT}
    )
    return True


def _carried_out(pk: int, account_id: str) -> bool:
    with journal.apart(), transaction.atomic():
        record.lock(account_id)
        rule = _rows().filter(pk=pk, failed_at=None).first()
        if rule is None or rule.applied_stamp == _stamp(account_id):  # another process was faster, or it was deleted
            return False
        caller = absent_caller(account_id, rule.setter_id, AGENT)
        if caller is None:
            _stopped(rule, f"The user who set it is no more: {rule.set_by}")
            return False
        return _move(rule, caller)


def _move(rule: MembershipRule, caller: Caller) -> bool:
    """Add and remove some users; whether more are to follow."""
    gone = list(leavers(rule).order_by("pk")[:AT_ONCE])
    come = list(joiners(rule).order_by("pk")[: AT_ONCE - len(gone)])
    moves = [(user, False) for user in gone] + [(user, True) for user in come]
    caller, moved = replace(caller, reason=reason_of(rule)), 0
    try:
        for user, is_joining in moves:
            moved += _moved(rule, caller, user, is_joining=is_joining)
            if user.unique_id == rule.setter_id:  # whose rights are others now: the rest is done with those
                break
    except ServiceError as error:
        _stopped(rule, error.said, str(error.details.get("event_id", "")))
        return False
    rest = leavers(rule).count() + joiners(rule).count() if moved and (moved < len(moves) or moved >= AT_ONCE) else 0
    if rest:
        rule.applied_stamp, rule.waiting = None, rest
    elif rule.is_ending:
        rule.delete()
        return False
    else:
        _told(rule, _stamp(rule.group.account_id))
    rule.save(update_fields=KEPT)
    return rest > 0


def _moved(rule: MembershipRule, caller: Caller, user: User, *, is_joining: bool) -> bool:
    """Add or remove one user; False for one who is in as many groups as possible after all."""
    names = {"group_name": rule.group.name, "user_name": user.name}
    if not is_joining:
        remove_user_from_group(caller, **names)
        return True
    try:
        add_user_to_group(caller, **names)
    except LimitExceeded:
        return False
    Membership.objects.filter(user=user, group=rule.group).update(by_rule=True)
    return True


KEPT = ["applied_stamp", "applied_at", "waiting", "full", "full_names"]


def _told(rule: MembershipRule, stamp: int) -> None:
    """Nothing is left to do; who could not be added is told."""
    rule.applied_stamp, rule.applied_at, rule.waiting = stamp, now(), 0
    names = list(full(rule).order_by("name_key").values_list("name", flat=True)[: NAMED + 1])
    rule.full = len(names) if len(names) <= NAMED else full(rule).count()
    rule.full_names = names[:NAMED]


def _stopped(rule: MembershipRule, why: str, event_id: str = "") -> None:
    logger.warning("the membership rule of group %s stopped: %s", rule.group.arn, why)
    rule.failed_at, rule.failure, rule.event_id = now(), why, event_id
    rule.save(update_fields=["failed_at", "failure", "event_id"])


def _stamp(account_id: str) -> int:
    return Ledger.objects.values_list("stamp", flat=True).get(pk=account_id)


def reason_of(rule: MembershipRule) -> str:
    """Why a rule's calls are made, for the record: that it is a rule, and why that was set."""
    name = f"Membership rule of group {rule.group.name}"
    return f"{name}: {rule.note}"[: reasons.LONGEST] if rule.note else name
