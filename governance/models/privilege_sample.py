"""How many had standing administrator access, day by day."""

from django.db import models


class PrivilegeSample(models.Model):
    """What was measured on one day, the last time that day: the users and roles whose policies give administrator access."""

    account_id = models.CharField(max_length=12)
    day = models.DateField()  # of UTC
    users = models.PositiveIntegerField()
    roles = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account_id", "day"], name="privilege_sample_unique")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.day}"
