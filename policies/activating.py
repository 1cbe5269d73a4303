"""Carrying out what is due: versions that were scheduled to be put in force by now.

Each is done in one transaction that holds the account's ledger: whichever process comes first has put the version in force and taken the
note away when the next one looks, and where a process ends in between, nothing has happened yet. What is refused (tests that fail, rights
that were taken away) is recorded as the user's call, kept on the policy's page, and not tried again.
"""

import logging
from dataclasses import replace

from django.db import InterfaceError, OperationalError, transaction

from operations import journal, record
from operations.clock import now
from operations.errors import ServiceError
from policies.activations import absent_caller
from policies.models import PolicyActivation
from policies.operations.policy_versions import set_default_policy_version

logger = logging.getLogger(__name__)
AT_ONCE = 100


def carry_out() -> int:
    """Put in force what is due; how many this process has done. Raises DatabaseError; then what is not done is still there."""
    due = PolicyActivation.objects.filter(failed_at=None, due_at__lte=now()).order_by("due_at", "id")
    return sum(_tried(pk, account) for pk, account in list(due.values_list("pk", "policy__account_id")[:AT_ONCE]))


def _tried(pk: int, account_id: str) -> bool:
    """One that fails for a fault of ours is told as failed, and keeps no other waiting."""
    try:
        return _carried_out(pk, account_id)
    except (OperationalError, InterfaceError):  # the database is away: all wait
        raise
    except Exception:
        logger.exception("the scheduled activation %s could not be carried out", pk)
        with transaction.atomic():
            record.lock(account_id)
            if row := PolicyActivation.objects.select_related("policy").filter(pk=pk, failed_at=None).first():
                _failed(row, "The console failed to carry it out; its log says why.")
        return False


def _carried_out(pk: int, account_id: str) -> bool:
    with journal.apart(), transaction.atomic():
        record.lock(account_id)
        rows = PolicyActivation.objects.select_related("policy")
        row = rows.filter(pk=pk, failed_at=None, due_at__lte=now()).first()
        if row is None:  # another process was faster, or it was cancelled
            return False
        caller = absent_caller(account_id, row.scheduler_id)
        if caller is None:
            _failed(row, f"The user who scheduled it is no more: {row.scheduled_by}")
            return True
        try:
            set_default_policy_version(
                replace(caller, reason=row.note), policy_arn=row.policy.arn, version_id=row.version_id
            )
        except ServiceError as error:
            _failed(row, error.said, str(error.details.get("event_id", "")))
        return True


def _failed(row: PolicyActivation, why: str, event_id: str = "") -> None:
    logger.warning("version %s of policy %s was not put in force: %s", row.version_id, row.policy.arn, why)
    row.failed_at, row.failure, row.event_id = now(), why, event_id
    row.save(update_fields=["failed_at", "failure", "event_id"])
