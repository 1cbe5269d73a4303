"""Rules by which users are members of a group."""

from django.db import models

from accounts.models.group import Group
from operations.clock import now


class MembershipRule(models.Model):
    """Who is to be in a group: users who fulfil all of its conditions, at least one of which is there. An empty prefix is none.

    What the rule does are calls of the user who set it, with the rights of that moment (accounts.membership_rules). `applied_stamp` is the
    account's stamp at which nothing was left to do, `waiting` how many are still to come or go, `full` how many are in as many groups as
    they may be. With `is_ending` those whom it added leave, and then it is gone.
    """

    group = models.OneToOneField(Group, on_delete=models.CASCADE, related_name="rule")
    path_prefix = models.CharField(max_length=512, blank=True)
    name_prefix = models.CharField(max_length=64, blank=True)
    tags = models.JSONField(default=list)  # pairs of key and value
    set_by = models.CharField(max_length=2048)  # an ARN
    setter_id = models.CharField(max_length=32)  # the unique id, which stays when a user is renamed
    set_at = models.DateTimeField(default=now)
    note = models.CharField(max_length=500, blank=True)  # why
    is_ending = models.BooleanField(default=False)
    applied_stamp = models.BigIntegerField(null=True, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    waiting = models.PositiveIntegerField(default=0)
    full = models.PositiveIntegerField(default=0)
    full_names = models.JSONField(default=list)  # the first of them
    failed_at = models.DateTimeField(null=True, blank=True)
    failure = models.TextField(blank=True)
    event_id = models.CharField(max_length=36, blank=True)  # of the call that was refused

    class Meta:
        indexes = [models.Index(fields=["setter_id"], name="membership_rule_setter")]

    def __str__(self) -> str:
        return f"membership rule of {self.group_id}"

    @property
    def state(self) -> str:
        """How far it is carried out, as the API says it."""
        if self.failed_at is not None:
            return "stopped"
        if self.is_ending:
            return "ending"
        return "applied" if self.applied_at is not None and not self.waiting else "waiting"
