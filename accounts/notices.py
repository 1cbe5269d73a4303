"""Notices by email: the owner is told when a password, an MFA device or an access key changes, whoever changed it, and when
a request for access or a proposal for a policy is answered.

A notice is sent after the change is committed. A mail server that does not answer is logged and never undoes the change.
"""

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string

from accounts.models import User
from operations.clock import now

logger = logging.getLogger(__name__)
SUBJECTS = {
    "password_changed": "Your console password was changed",
    "password_removed": "Your console password was removed",
    "mfa_enabled": "An MFA device was added",
    "mfa_removed": "An MFA device was removed",
    "mfa_reset": "An administrator has reset your MFA devices",
    "recovery_codes_made": "Your recovery codes were replaced",
    "recovery_code_used": "A recovery code was used to sign in",
    "access_key_created": "An access key was created",
    "access_key_changed": "An access key was changed",
    "access_key_deleted": "An access key was deleted",
    "email_changed": "The email address for notices was changed",
    "contained": "Your credentials were contained",
    "access_granted": "The access that you asked for was granted",
    "access_declined": "The access that you asked for was declined",
    "proposal_accepted": "The change of a policy that you proposed was accepted",
    "proposal_declined": "The change of a policy that you proposed was declined",
    "invitation": "Choose your password for the console",
}


def tell(user: User, what: str, *, email: str | None = None, **facts: Any) -> None:
    """Send a notice to the user, or to another address of theirs, once the transaction is committed. No address, no notice."""
    to = user.email if email is None else email
    if to:
        transaction.on_commit(partial(_send, to, what, _context(user, facts)))


def _context(user: User, facts: Mapping[str, Any]) -> dict[str, Any]:
    name = "the root user" if user.is_root else user.name
    return {"name": name, "account": user.account_id, "time": now(), "console": settings.BASE_URL, **facts}


def _send(to: str, what: str, context: Mapping[str, Any]) -> None:
    text = render_to_string(f"email/{what}.txt", dict(context))
    try:
        send_mail(f"{SUBJECTS[what]} (account {context['account']})", text, settings.DEFAULT_FROM_EMAIL, [to])
    except OSError:  # smtplib's errors are OSErrors too
        logger.exception("The notice «%s» could not be sent.", what)
