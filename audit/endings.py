"""How a recorded call ended: allowed, denied, or failed, and why.

A failed sign-in bears no error code: CloudTrail tells it by `responseElements` (`{"ConsoleLogin": "Failure"}`) and gives the reason in
`errorMessage` (AWS CloudTrail, «AWS Management Console sign-in events»). So the record of sign-ins, and of them alone, is read too.
"""

import json
from dataclasses import dataclass

from django.db.models import Case, F, Q, QuerySet, TextField, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from operations.models import Event

SIGN_IN = "signin.amazonaws.com"
ASKED = ("ConsoleLogin", "CheckMfa", "CheckPassword")  # what somebody may fail at who signs in or is asked for a factor
FAILURE = '":"Failure"}'  # as the canonical record has it; within a text its quotes would be escaped

DENIED_CODE = "AccessDenied"
DENIED = Q(error_code=DENIED_CODE)


def outcomes(account_id: str) -> dict[str, tuple[Q, Q]]:
    """The conditions by which the trail of an account is asked for calls that were allowed, denied or failed: in the form for few and in
    the one for very many.

    The sign-ins stand in a question of their own, which an index answers: in one condition with the others it would be asked of each row.
    So do the codes around that of a denial, where few calls failed.
    """
    events = Event.objects.filter(account_id=account_id).order_by()
    sign_ins = events.filter(name__in=ASKED, source=SIGN_IN, record__contains=FAILURE).values("pk")
    before = events.filter(error_code__gt="", error_code__lt=DENIED_CODE).values("pk")
    after = events.filter(error_code__gt=DENIED_CODE).values("pk")
    allowed = Q(error_code="") & ~Q(pk__in=sign_ins)
    failed = Q(error_code__gt="") & ~DENIED | Q(pk__in=sign_ins)
    return {
        "allowed": (allowed, allowed),
        "denied": (DENIED, DENIED),
        "failed": (Q(pk__in=before.union(after, sign_ins, all=True)), failed),
    }


@dataclass(frozen=True)
class Ending:
    """`kind` is the outcome whose colour and icon it bears, `word` what is shown, `reason` why a sign-in failed; `value` is exported."""

    kind: str
    word: str | Promise
    reason: str = ""
    value: str = ""


def with_sign_ins(rows: "QuerySet[Event]") -> "QuerySet[Event]":
    """The rows with what `ending` needs of them, without the long records of other calls."""
    sign_in = Case(When(source=SIGN_IN, then=F("record")), default=Value(""), output_field=TextField())
    return rows.annotate(sign_in=sign_in).defer("record")


def ending(row: Event) -> Ending:
    """How the call ended. Of rows that came without their record, those `with_sign_ins` cost no further query."""
    if row.error_code == "AccessDenied":
        denied = {"explicitDeny": _("Explicit deny"), "implicitDeny": _("Implicit deny")}
        kind = row.outcome if row.outcome in denied else "explicitDeny"  # refused by the operation itself, by no policy
        return Ending(kind, denied.get(row.outcome, _("Denied")), value=row.error_code)
    if row.error_code:
        return Ending("warning", row.error_code, value=row.error_code)
    if row.source == SIGN_IN and row.name in ASKED:
        text = getattr(row, "sign_in", None) or row.record
        if FAILURE in text:
            reason = str(json.loads(text).get("errorMessage", ""))
            return Ending("warning", _("Failed"), reason, f"Failed: {reason}" if reason else "Failed")
    return Ending("allowed", _("Allowed"), value="allowed")
