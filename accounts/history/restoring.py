"""Bringing back what one change found: what would change now, what was changed since, by which operations; or why it cannot be."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.history.events import record_of
from accounts.history.facets import GONE, Facet, facets_of
from accounts.holders import Kind
from audit.earlier_names import RENAMES
from operations.caller import Caller, ContextValue
from operations.gate import REGISTRY, authorise_form, authorise_reads, one_change, request_keys
from operations.ids import iam_arn
from operations.models import Event
from operations.rehearsal import Step
from policies.saving import mark

PASSWORD = gettext_lazy("Passwords are not recorded: give a new one on the tab Security credentials.")
SECRET = gettext_lazy("The secret is not recorded: what was deleted is made anew on the tab Security credentials.")
MADE = gettext_lazy("A credential that was made is deleted on the tab Security credentials.")
DEVICE = gettext_lazy("The secret of an MFA device is not recorded: it is added anew by its owner.")
OVER = gettext_lazy("Sessions that have ended cannot be brought back: one signs in again.")
CREATED = gettext_lazy("What was created is taken back by deleting it.")
RULE = gettext_lazy("The membership rule is set on the page of the group, with a look at whom it adds.")
NOTHING = gettext_lazy("The call changed nothing.")
OTHER = gettext_lazy("The record holds no former state that could be brought back.")
NO_KEYS = gettext_lazy("No key was active. Sessions that have ended cannot be brought back.")

WHY_NOT: Final[Mapping[str, Promise]] = {
    **dict.fromkeys(("ChangePassword", "UpdateLoginProfile", "DeleteLoginProfile"), PASSWORD),
    **dict.fromkeys(
        (
            "DeleteAccessKey",
            "DeleteSSHPublicKey",
            "DeleteSigningCertificate",
            "DeleteServiceSpecificCredential",
            "ResetServiceSpecificCredential",
        ),
        SECRET,
    ),
    **dict.fromkeys(
        (
            "CreateAccessKey",
            "CreateLoginProfile",
            "InviteUser",
            "CreatePasswordLink",
            "CreateRecoveryCodes",
            "ConfirmRecoveryCodes",
            "CreateServiceSpecificCredential",
            "UploadSSHPublicKey",
            "UploadSigningCertificate",
            "EnableMFADevice",
            "RegisterPasskey",
        ),
        MADE,
    ),
    **dict.fromkeys(("DeactivateMFADevice", "ResetUserMFA", "ResyncMFADevice", "DiscardMFADevice"), DEVICE),
    **dict.fromkeys(("EndConsoleSessions", "RevokeTemporaryCredentials", "RevokeRoleSession"), OVER),
    **dict.fromkeys(("CreateUser", "CreateGroup", "CreateRole", "CreateServiceLinkedRole"), CREATED),
    **dict.fromkeys(("PutMembershipRule", "DeleteMembershipRule"), RULE),
    "ContainUser": NO_KEYS,
}


@dataclass(frozen=True)
class Restorable:
    """What the record alone says: the facets to bring back, or why there are none (empty where the call failed)."""

    facets: Sequence[Facet] = ()
    why_not: str = ""

    def steps(self) -> Iterator[tuple[Step, str]]:
        """What would be called if nothing had changed since, each with the ARN that it is about, where it is not the holder's."""
        for facet in self.facets:
            for step in facet.move(facet.after, facet.before):
                yield step, facet.on


def restorable(holder: Kind, row: Any, event: Event) -> Restorable:
    """Whether a change can be taken back, as far as its record says. No query."""
    if event.error_code:
        return Restorable()
    record = record_of(event)
    if facets := facets_of(holder, row, event):
        return Restorable(facets)
    is_known = event.name in WHY_NOT and event.name != "UpdateLoginProfile"
    if not is_known and record.get("before") == record.get("after"):
        return Restorable(why_not=str(NOTHING))
    return Restorable(why_not=str(WHY_NOT.get(event.name, OTHER)))


def lacking_for(caller: Caller, holder: Kind, row: Any, found: Restorable) -> str:
    """The permission that a caller lacks for bringing it back; empty where nothing is lacking. Not recorded.

    It is asked as if nothing had changed since, so that a list costs no query for each of its rows.
    """
    for step, on in found.steps():
        for action, arn, keys in _asked(holder, row, step, on):
            if not caller.may(action, arn, keys):
                return action
    return ""


def _asked(holder: Kind, row: Any, step: Step, on: str) -> Iterator[tuple[str, str, Mapping[str, ContextValue]]]:
    """What the engine is asked for a step: the permission, the ARN and the condition keys; of a rename on the new ARN too."""
    action = REGISTRY[f"{step.service}:{step.name}"].action
    own = {} if on and on != row.arn else holder.keys(row, action)
    keys = {**own, **request_keys(action, step.params)}
    yield action, on or row.arn, keys
    if step.name in RENAMES:
        path = step.params.get("new_path") or row.path
        name = step.params.get(f"new_{holder.parameter}") or row.name
        new = iam_arn(row.account_id, f"{holder.key}{path}{name}")
        if new != row.arn:
            yield action, new, keys


@dataclass(frozen=True)
class Plan:
    """What bringing it back means now, each by its label: how the change left it, how it is, how it would be.

    `steps` are the operations, none where all is so already; `back` those that undo it; `hindered` says why it cannot be, or is empty.
    """

    left: Mapping[str, Any]
    now: Mapping[str, Any]
    wanted: Mapping[str, Any]
    steps: Sequence[Step]
    back: Sequence[Step]
    hindered: str = ""

    @property
    def seen(self) -> str:
        """What the reader of a review has seen of the present state."""
        return mark(repr(sorted(self.now.items())))

    @property
    def is_changed_since(self) -> bool:
        return dict(self.left) != dict(self.now)


def plan_of(caller: Caller, holder: Kind, row: Any, found: Restorable) -> Plan:
    """Look what it is now, for who may do all of it and may see what it changes. Raises AccessDenied.

    What is to be done depends on what it is now. So who may do nothing of the kind is refused before it is looked at, and who may not do
    just this, after it.

    At most eight queries for each facet.
    """
    for step, on in found.steps():
        for asked in _asked(holder, row, step, on):
            authorise_form(caller, *asked, unfinished=True)
    reads = dict.fromkeys(facet.reads for facet in found.facets)
    authorise_reads(caller, [(each, row.arn, holder.keys(row, each)) for each in reads if each != holder.action("Get")])
    left: dict[str, Any] = {}
    now: dict[str, Any] = {}
    wanted: dict[str, Any] = {}
    steps: list[Step] = []
    back: list[Step] = []
    hindered = ""
    for facet in found.facets:
        present = facet.now()
        left[facet.label], wanted[facet.label] = facet.shown(facet.after), facet.shown(facet.before)
        if present is GONE:
            now[facet.label] = _("no longer there")
            hindered = hindered or str(_IS_GONE) % {"what": facet.label}
            continue
        now[facet.label] = facet.shown(present)
        if present == facet.before:
            continue
        hindered = hindered or facet.hinders(facet.before)
        needed = facet.move(present, facet.before)
        for step in needed:
            for asked in _asked(holder, row, step, facet.on):
                authorise_form(caller, *asked)
        steps += needed
        back = [*facet.move(facet.before, present), *back]
    return Plan(left, now, wanted, steps, back, hindered)


_IS_GONE = gettext_lazy("“%(what)s”: what it is about was deleted meanwhile, or bears another name or path now.")


def carry_out(caller: Caller, steps: Sequence[Step]) -> None:
    """Call the operations, all of them or none. Raises what they raise."""
    with one_change():
        for step in steps:
            REGISTRY[f"{step.service}:{step.name}"](caller, **step.params)
