"""The list of issued sessions: by it sessions are shown and ended one by one. What a session may do stands in its token."""

from django.db import models

from operations.clock import now


class IssuedSession(models.Model):
    """A set of temporary credentials. A session without a row here, or with `revoked_at`, is refused."""

    ROLE, USER, FEDERATED = "role", "user", "federated"

    account_id = models.CharField(max_length=12)  # of the role or user that the session acts as
    key_id = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=9)
    subject = models.CharField(max_length=32)  # the role's or user's unique id
    name = models.CharField(max_length=64, blank=True)
    source_arn = models.CharField(max_length=2048)  # who asked for it
    source_identity = models.CharField(max_length=64, blank=True)
    source_ip = models.CharField(max_length=64, blank=True)
    user_agent = models.CharField(max_length=256, blank=True)
    issued_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField(db_index=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["account_id", "subject", "issued_at"], name="issued_session_subject")]

    def __str__(self) -> str:
        return self.key_id
