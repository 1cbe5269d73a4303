"""Managed policies and their versions, and the use that each account makes of them."""

from django.db import models

from operations.clock import now
from operations.reasons import LONGEST

AWS = "aws"  # the owner of AWS managed policies, in place of an account id


class ManagedPolicy(models.Model):
    """A customer managed policy of one account, or an AWS managed policy of none (`account_id` is then «aws»)."""

    account_id = models.CharField(max_length=12)
    name = models.CharField(max_length=128)
    name_key = models.CharField(max_length=128)  # lower case: names are unique, sorted and found without regard to case
    path = models.CharField(max_length=512, default="/")
    arn = models.CharField(max_length=2048, unique=True)
    unique_id = models.CharField(max_length=32, unique=True)
    description = models.CharField(max_length=1000, blank=True)
    is_attachable = models.BooleanField(default=True)
    default_version = models.PositiveIntegerField(default=1)
    latest_version = models.PositiveIntegerField(default=1)  # numbers grow for ever and are never used again
    version_count = models.PositiveIntegerField(default=1)
    proposal_count = models.PositiveIntegerField(default=0)  # of proposals that wait for review
    # What the document in force says of itself (policies.facts): lists sort and filter by it without reading a document.
    document_size = models.PositiveIntegerField(default=0)
    allowed_action_count = models.PositiveIntegerField(default=0)
    allowed_actions = models.BinaryField(default=bytes)  # which, packed (engine.action_sets)
    allows_everything = models.BooleanField(default=False)  # every action on every resource, without a condition
    errors = models.PositiveIntegerField(default=0)
    security_warnings = models.PositiveIntegerField(default=0)
    warnings = models.PositiveIntegerField(default=0)
    suggestions = models.PositiveIntegerField(default=0)
    checked_with = models.CharField(
        max_length=16, blank=True, default=""
    )  # the edition of the checks; empty before the first
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account_id", "name_key"], name="policy_name_unique")]
        indexes = [
            models.Index(fields=["account_id", "updated_at", "id"], name="policy_updated"),
            models.Index(fields=["id"], condition=models.Q(allows_everything=True), name="policy_everything"),
            models.Index(fields=["account_id"], condition=models.Q(proposal_count__gt=0), name="policy_proposed"),
        ]

    def __str__(self) -> str:
        return self.arn

    @property
    def is_aws_managed(self) -> bool:
        return self.account_id == AWS

    @property
    def default_version_id(self) -> str:
        return f"v{self.default_version}"


class PolicyVersion(models.Model):
    """One version of a managed policy's document, exactly as it was typed, with who saved it and the reason that was given.

    AWS has neither: both are empty of versions that the API, an import or an earlier release has made without them.
    """

    policy = models.ForeignKey(ManagedPolicy, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    document = models.TextField()
    created_at = models.DateTimeField(default=now)
    created_by = models.CharField(max_length=2048, blank=True, default="")  # the ARN of whoever saved it
    note = models.CharField(max_length=LONGEST, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["policy", "number"], name="policy_version_unique")]

    @property
    def version_id(self) -> str:
        return f"v{self.number}"


class PolicyTest(models.Model):
    """A question that a customer managed policy must always decide in the same way, whatever its document becomes."""

    policy = models.ForeignKey(ManagedPolicy, on_delete=models.CASCADE, related_name="tests")
    name = models.CharField(max_length=128)
    name_key = models.CharField(max_length=128)  # lower case, as all names of the house
    action = models.CharField(max_length=128)
    resource = models.CharField(max_length=2048)
    context = models.JSONField(default=dict)  # values (a list of texts) by condition key
    expected = models.CharField(max_length=16)  # allowed, explicitDeny, implicitDeny

    class Meta:
        constraints = [models.UniqueConstraint(fields=["policy", "name_key"], name="policy_test_unique")]

    def __str__(self) -> str:
        return self.name


class PolicyTrial(models.Model):
    """A version that is on trial: from a moment on it is told what it would have decided otherwise. Nothing that enforces reads this."""

    policy = models.OneToOneField(ManagedPolicy, on_delete=models.CASCADE, related_name="trial")
    number = models.PositiveIntegerField()  # of the version
    started_at = models.DateTimeField(default=now)
    started_by = models.CharField(max_length=2048, blank=True, default="")  # the ARN of whoever began it

    def __str__(self) -> str:
        return f"{self.policy_id} {self.version_id}"

    @property
    def version_id(self) -> str:
        return f"v{self.number}"


class PolicyActivation(models.Model):
    """A version that is to be put in force at a later moment, as a call of the user who scheduled it; or that then was refused."""

    policy = models.OneToOneField(ManagedPolicy, on_delete=models.CASCADE, related_name="activation")
    number = models.PositiveIntegerField()  # of the version
    due_at = models.DateTimeField()
    scheduled_at = models.DateTimeField(default=now)
    scheduled_by = models.CharField(max_length=2048)  # the ARN at that time
    scheduler_id = models.CharField(max_length=32)  # the user's unique id, which no other user ever has
    note = models.CharField(max_length=LONGEST, blank=True, default="")  # the reason that was given
    failed_at = models.DateTimeField(null=True, blank=True)
    failure = models.TextField(blank=True, default="")  # why it was refused
    event_id = models.CharField(max_length=36, blank=True, default="")  # of the refused call

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="policy_activation_due", condition=models.Q(failed_at=None))]

    def __str__(self) -> str:
        return f"{self.policy_id} {self.version_id}"

    @property
    def version_id(self) -> str:
        return f"v{self.number}"


class PolicyComment(models.Model):
    """What somebody has said about a customer managed policy, for all who may read it."""

    policy = models.ForeignKey(ManagedPolicy, on_delete=models.CASCADE, related_name="comments")
    comment_id = models.CharField(max_length=32, unique=True)
    author = models.CharField(
        max_length=2048, blank=True, default=""
    )  # the ARN at that time; empty for the machine itself
    author_id = models.CharField(max_length=256)  # CloudTrail's principalId, which no other user ever has
    text = models.CharField(max_length=2000)
    created_at = models.DateTimeField(default=now)

    class Meta:
        indexes = [models.Index(fields=["policy", "id"], name="policy_comment_order")]

    def __str__(self) -> str:
        return self.comment_id


class PolicyProposal(models.Model):
    """A new version of a customer managed policy that somebody proposes, for somebody else to review. Nothing that enforces reads this."""

    OPEN, ACCEPTED, DECLINED, WITHDRAWN = "open", "accepted", "declined", "withdrawn"

    policy = models.ForeignKey(ManagedPolicy, on_delete=models.CASCADE, related_name="proposals")
    proposal_id = models.CharField(max_length=32, unique=True)
    document = models.TextField()  # exactly as it was typed
    base = models.PositiveIntegerField()  # the version in force when it was proposed
    author = models.CharField(max_length=2048, blank=True, default="")  # the ARN at that time
    author_id = models.CharField(max_length=256)  # CloudTrail's principalId, which no other user ever has
    note = models.CharField(max_length=LONGEST, blank=True, default="")  # the reason that was given
    created_at = models.DateTimeField(default=now)
    state = models.CharField(max_length=9, default=OPEN)
    answered_by = models.CharField(max_length=2048, blank=True, default="")
    answered_at = models.DateTimeField(null=True, blank=True)
    message = models.CharField(max_length=500, blank=True, default="")  # to the author
    number = models.PositiveIntegerField(null=True, blank=True)  # of the version that was saved from it

    class Meta:
        indexes = [models.Index(fields=["policy", "state", "id"], name="policy_proposal_order")]

    def __str__(self) -> str:
        return self.proposal_id

    @property
    def is_open(self) -> bool:
        return self.state == self.OPEN

    @property
    def base_version_id(self) -> str:
        return f"v{self.base}"

    @property
    def version_id(self) -> str:
        return f"v{self.number}" if self.number else ""


class PolicyUsage(models.Model):
    """How many entities of an account have a policy attached or use it as their boundary, kept by the attaching operations; and when a
    statement of it last allowed or denied something in the account (policies.last_decided).
    """

    policy = models.ForeignKey(ManagedPolicy, on_delete=models.CASCADE, related_name="usage")
    account_id = models.CharField(max_length=12)
    attachments = models.PositiveIntegerField(default=0)
    boundaries = models.PositiveIntegerField(default=0)
    last_decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["policy", "account_id"], name="policy_usage_unique")]
        indexes = [models.Index(fields=["account_id", "attachments"], name="policy_usage_count")]


class PolicyTag(models.Model):
    """A tag on a customer managed policy. Its key is case-sensitive, unlike that of a user's or role's tag."""

    policy = models.ForeignKey(ManagedPolicy, on_delete=models.CASCADE, related_name="tags")
    key = models.CharField(max_length=128)
    value = models.CharField(max_length=256, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["policy", "key"], name="policy_tag_unique")]


class PolicyEntity(models.Model):
    """Somebody who uses a managed policy: a user, group or role that has it attached, or a user or role whose boundary it is.

    There is no such table: `policies.entities` puts the rows together from where they are kept.
    """

    kind = models.CharField(max_length=8)  # group, role, user
    usage = models.CharField(max_length=16)  # attached, boundary
    name = models.CharField(max_length=128)
    name_key = models.CharField(max_length=128)
    path = models.CharField(max_length=512)
    unique_id = models.CharField(max_length=32)
    members = models.PositiveIntegerField()  # of a group, else 0
    since = models.DateTimeField(null=True)  # of a boundary AWS keeps no date

    class Meta:
        managed = False

    def __str__(self) -> str:
        return self.name
