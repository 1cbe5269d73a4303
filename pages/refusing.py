"""The layers of a denial, told without what is written in any policy: which refused, and whom to ask about it."""

from collections.abc import Collection, Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from engine.rules import is_trust_action

Text = str | Promise
LAYERS: Mapping[str, Text] = {
    "identity": _("Identity policies"),
    "resource": _("Resource policy"),
    "trust": _("Trust policy"),
    "boundary": _("Permissions boundary"),
    "session": _("Session policy"),
    "scp": _("Service control policies"),
    "rcp": _("Resource control policies"),
    "vpce": _("VPC endpoint policy"),
}
# Whom to ask, by the layer that did not allow it.
ALLOWING: Mapping[str, Text] = {
    "identity": _("An administrator can allow it."),
    "resource": _("The resource has a policy of its own: ask whoever looks after it."),
    "trust": _(
        "The role decides whom it lets in: ask whoever looks after it, also whether it wants a second factor or an external ID."
    ),
    "boundary": _("A permissions boundary limits you: an administrator can widen it, or give you another one."),
    "session": _("Your session was begun with a session policy that leaves it out: begin one without it."),
    "scp": _("The organization does not allow it to the account: its administrators decide."),
    "rcp": _("The organization does not allow it on its resources: its administrators decide."),
    "vpce": _("The endpoint through which you came does not let it pass: ask whoever looks after the network."),
}
# Where it is forbidden, by the layer that does so.
FORBIDDING: Mapping[str, Text] = {
    "resource": _("It is the resource's own policy that forbids it."),
    "trust": _("It is the role's trust policy that forbids it: ask whoever looks after the role."),
    "boundary": _("It is the permissions boundary that forbids it."),
    "session": _("It is the policy of this session that forbids it: begin one without it."),
    "scp": _("It is forbidden to the whole account: the administrators of the organization decide."),
    "rcp": _("It is forbidden on all resources of the organization: its administrators decide."),
    "vpce": _("It is forbidden on the way by which you came: ask whoever looks after the network."),
}
WITH_REQUEST_ID = _("Give them the request ID: with it they see exactly why it was refused.")
FORBIDDEN = _(
    "No permission overrules that. Give an administrator the request ID: with it they see which policy it is."
)


def layers_of(
    outcome: str, blocked_by: Collection[str], kinds: Iterable[str], *, action: str = "", resource: str = ""
) -> list[str]:
    """The layers that refused. `kinds` are those of the policies that decided; where none turned an allow into a denial, the identity
    policies are silent."""
    if outcome == "explicitDeny":
        own = "trust" if is_trust_action(action.lower(), resource) else "resource"
        found = [own if kind == "resource" else kind if kind in LAYERS else "identity" for kind in kinds]
    else:
        found = list(blocked_by)
    return list(dict.fromkeys(found or blocked_by or ["identity"]))


def whom_to_ask(outcome: str, layers: Iterable[str]) -> list[Text]:
    """What somebody can do who was refused, in sentences; nothing in them comes from a policy."""
    if outcome == "explicitDeny":
        elsewhere = [layer for layer in layers if layer != "identity"]
        return [*(FORBIDDING[layer] for layer in elsewhere if layer in FORBIDDING), FORBIDDEN]
    known = [ALLOWING[layer] for layer in layers if layer in ALLOWING]
    return [*(known or [ALLOWING["identity"]]), WITH_REQUEST_ID]
