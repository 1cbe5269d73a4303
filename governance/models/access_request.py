"""Requests for access: who asks for what after a denial, why and for how long, and what was answered."""

from django.db import models
from django.db.models import Q

from engine import resource_named
from operations.clock import now
from operations.ids import unique_id


def new_id() -> str:
    """An id in the shape of AWS's unique ids: it also names the statement and the policy of a grant."""
    return unique_id("AREQ")


class AccessRequest(models.Model):
    """One request. It is of a user or a role, known by the unique id: a name may come to belong to somebody else.

    `session_name` and `asked_by` are those of a role's session, `person_id` is the user behind it (or the user itself), as far as that is
    known. `layers` are what refused, as the record of the denial has it. Whether a grant has ended follows from `ends_at`.
    """

    OPEN, GRANTED, DECLINED, WITHDRAWN = "open", "granted", "declined", "withdrawn"
    ENDED = "ended"  # of a grant whose time is over; never stored

    account_id = models.CharField(max_length=12)
    request_id = models.CharField(max_length=21, unique=True, default=new_id)
    principal_kind = models.CharField(max_length=4)  # user or role
    principal_id = models.CharField(max_length=64)
    principal_arn = models.CharField(max_length=2048)  # as it was when asked
    principal_name = models.CharField(max_length=128)
    principal_name_key = models.CharField(max_length=128)
    session_name = models.CharField(max_length=64, blank=True)
    asked_by = models.CharField(max_length=2048)
    person_id = models.CharField(max_length=64, blank=True)
    event_id = models.CharField(max_length=36)  # of the denial
    action = models.CharField(max_length=128)
    resource = models.CharField(max_length=2048)
    digest = models.CharField(max_length=64)  # of action and resource
    outcome = models.CharField(max_length=16)
    layers = models.JSONField(default=list)
    reason = models.CharField(max_length=500)
    duration_seconds = models.IntegerField(null=True)  # None: until it is taken back
    created_at = models.DateTimeField(default=now)
    state = models.CharField(max_length=9, default=OPEN)
    answered_by = models.CharField(max_length=2048, blank=True)
    answered_at = models.DateTimeField(null=True)
    message = models.CharField(max_length=500, blank=True)
    policy_name = models.CharField(max_length=128, blank=True)  # the inline policy by which it was granted
    ends_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account_id", "principal_id", "digest"],
                condition=Q(state="open"),
                name="access_request_open_once",
            )
        ]
        indexes = [
            models.Index(fields=["account_id", "created_at", "id"], name="access_request_created"),
            models.Index(fields=["account_id", "principal_name_key", "id"], name="access_request_principal"),
            models.Index(fields=["account_id", "action", "id"], name="access_request_action"),
            models.Index(fields=["account_id", "state", "created_at"], name="access_request_state"),
            models.Index(fields=["account_id", "answered_at", "id"], name="access_request_answered"),
            models.Index(fields=["account_id", "principal_id", "created_at"], name="access_request_own"),
        ]

    def __str__(self) -> str:
        return self.request_id

    @property
    def named(self) -> str:
        """The resource as whoever asks has named it: they may be allowed to learn no more of it."""
        return resource_named(self.action, self.resource)

    @property
    def is_open(self) -> bool:
        return self.state == self.OPEN

    @property
    def status(self) -> str:
        """Its state as people see it: a grant whose time is over has ended."""
        is_over = self.state == self.GRANTED and self.ends_at is not None and self.ends_at <= now()
        return self.ENDED if is_over else self.state
