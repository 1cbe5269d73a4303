"""Trials of versions: what a version that is not in force would have decided otherwise since somebody put it on trial.

A trial is the version, since when and by whom. The answer is the replay's (policies.replays): the record's calls since then, decided once
more. So a trial is nothing that any decision has to know of.
"""

from typing import Any, Final

from operations.caller import Caller
from pages.errors import Part
from policies.models import ManagedPolicy, PolicyTrial
from policies.replays import DocumentChange, replayed

TRAIL: Final = "cloudtrail:LookupEvents"  # what the answer needs


def trial_of(policy: ManagedPolicy) -> PolicyTrial | None:
    """The trial of a policy. One query, none where it was read along with the policy."""
    try:
        return policy.trial
    except PolicyTrial.DoesNotExist:
        return None


def end_trial(policy: ManagedPolicy, number: int | None = None) -> dict[str, str]:
    """End the trial of a policy, or of its version of that number alone; what it was, for the record, empty where there was none."""
    rows = PolicyTrial.objects.filter(policy=policy, **({} if number is None else {"number": number}))
    trial = rows.first()
    if trial is None:
        return {}
    rows.delete()
    return recorded(trial)


def differences_of(caller: Caller, trial: PolicyTrial) -> Part[Any] | None:
    """The calls since the trial began that its version would have decided otherwise, or the refusal in their place; None where a document
    cannot be read. Two queries besides those of the replay at most."""
    policy = trial.policy
    wanted = (policy.default_version, trial.number)
    documents = dict(policy.versions.filter(number__in=wanted).values_list("number", "document"))
    before, after = (documents.get(number, "") for number in wanted)
    return replayed(caller, DocumentChange(policy, before, after, since=trial.started_at)) if after else None


def recorded(trial: PolicyTrial) -> dict[str, str]:
    """A trial as the record keeps it."""
    return {"versionId": trial.version_id, "startDate": trial.started_at.isoformat(), "startedBy": trial.started_by}
