"""The credential report of an account, as it was last generated."""

from django.db import models

from operations.clock import now


class CredentialReport(models.Model):
    """One report per account; for four hours it is given out byte for byte."""

    account_id = models.CharField(max_length=12, primary_key=True)
    content = models.TextField()
    generated_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return self.account_id
