"""Where drafts of forms are kept for a signed-in person: encrypted, few, not for long, and apart for each role that the person acts as.

A draft is no change of IAM: nothing records it, and nobody else is shown it. It goes with the user, and by itself after some days.
"""

import json
from datetime import timedelta

from cryptography.fernet import InvalidToken
from django.db import transaction
from django.http import HttpRequest

from accounts.models import FormDraft, User
from operations.clock import now
from operations.secrets import digest
from pages import kept_drafts
from pages.kept_drafts import LONGEST, Draft
from pages.typed import Fields

LASTS = timedelta(days=7)
MOST = 10  # of one person; the oldest goes first
SWEPT_AT_ONCE = 20


class Store:
    """What `pages.kept_drafts` asks for."""

    def read(self, request: HttpRequest, path: str) -> Draft | None:
        """The draft of a form; None where there is none, it is too old, or its key is gone."""
        person = _person(request)
        rows = FormDraft.objects.filter(user=person, form=_form(request, path), saved_at__gt=now() - LASTS)
        try:
            row = rows.first() if person else None
        except InvalidToken:
            return None
        return Draft(row.saved_at, [(name, value) for name, value in json.loads(row.content)]) if row else None

    def write(self, request: HttpRequest, path: str, fields: Fields) -> bool:
        """Keep what stands in a form in the place of what stood there. False for what is too long, and for nobody in particular."""
        person = _person(request)
        if person is None or sum(len(name) + len(value) for name, value in fields) > LONGEST:
            return False
        with transaction.atomic():
            row = FormDraft(user=person, form=_form(request, path), content=json.dumps(fields), saved_at=now())
            FormDraft.objects.bulk_create(
                [row],
                update_conflicts=True,
                unique_fields=["user", "form"],
                update_fields=["content", "saved_at"],
            )
            mine = FormDraft.objects.filter(user=person)
            mine.exclude(pk__in=mine.order_by("-saved_at", "-pk").values("pk")[:MOST]).delete()
            old = FormDraft.objects.filter(saved_at__lte=now() - LASTS).values_list("pk", flat=True)
            FormDraft.objects.filter(pk__in=list(old[:SWEPT_AT_ONCE])).delete()
        return True

    def drop(self, request: HttpRequest, path: str) -> None:
        """Forget the draft of a form."""
        if (person := _person(request)) is not None:
            FormDraft.objects.filter(user=person, form=_form(request, path)).delete()


def _person(request: HttpRequest) -> User | None:
    return getattr(request, "person", None)


def _form(request: HttpRequest, path: str) -> str:
    """Which form it is, whatever the length of its address."""
    role = getattr(request, "role", None)
    return digest(f"form draft:{role.arn if role else ''} {path}")[:64]


kept_drafts.register(Store())
