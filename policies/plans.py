"""What is planned with versions of a policy, and ends with them or when another version comes into force."""

from django.utils.translation import gettext as _

from operations.caller import Caller
from policies.activations import activation_of
from policies.models import ManagedPolicy
from policies.operations.policy_trials import READING
from policies.reading import tag_keys
from policies.trials import trial_of


def planned(policy: ManagedPolicy) -> set[int]:
    """The numbers of the versions that are on trial or scheduled to come into force."""
    trial, activation = trial_of(policy), activation_of(policy)
    return {plan.number for plan in (trial, activation) if plan is not None}


def ending(caller: Caller, policy: ManagedPolicy, number: int | None = None) -> list[str]:
    """What ends when the version of that number is deleted, or, without a number, when another version comes into force."""
    said = []
    activation, trial = activation_of(policy), trial_of(policy)
    if activation is not None and not activation.failed_at and number in (None, activation.number):
        said.append(
            _("%(version)s is scheduled to come into force: that is cancelled.") % {"version": activation.version_id}
        )
    if trial is not None and number in (None, trial.number) and caller.may(READING, policy.arn, tag_keys(policy)):
        said.append(_("The trial of %(version)s ends.") % {"version": trial.version_id})
    return said
