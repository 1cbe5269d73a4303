"""What somebody is writing into a form, until it is sent."""

from django.db import models

from accounts.models.user import User
from operations.clock import now
from operations.secrets import EncryptedTextField


class FormDraft(models.Model):
    """The fields of one form (accounts.form_drafts), as JSON; a person has one of each form and role at most."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="form_drafts")
    form = models.CharField(max_length=64)  # which form it is, written as which role: a digest
    content = EncryptedTextField()
    saved_at = models.DateTimeField(default=now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "form"], name="form_draft_unique")]

    def __str__(self) -> str:
        return self.form
