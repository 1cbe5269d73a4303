"""The layers of a denial, told without what is written in any policy: which refused, and whom to ask about it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

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
MUST_ALLOW = (
    "identity",
    "trust",
    "boundary",
    "session",
    "scp",
    "vpce",
)  # a resource's own policy may allow, but need not


@dataclass(frozen=True)
class Denial:
    """What is known of one: the kinds of the policies that decided, the layers that turned an allow into a denial, and those that said
    nothing."""

    outcome: str
    action: str = ""
    resource: str = ""
    blocked_by: Collection[str] = ()
    kinds: Collection[str] = ()
    silent: Collection[str] = ()


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
ASK_HERE = _("Request access: whoever answers sees exactly why it was refused.")
OVERRULED = _("An explicit deny overrides every allow.")
FORBIDDEN = _("Give an administrator the request ID: with it they see which policy it is.")
FORBIDDEN_ASK_HERE = _("Request access: whoever answers sees which policy it is.")


def recorded(decision: Mapping[str, Any], outcome: str, action: str, resource: str) -> Denial:
    """A denial as the record keeps its decision."""
    return Denial(
        outcome,
        action,
        resource,
        decision.get("blockedBy") or (),
        [each["kind"] for each in decision.get("matched", ())],
        [stage["name"] for stage in (decision.get("trace") or {}).get("stages", ()) if stage["verdict"] == "silent"],
    )


def layers_of(found: Denial) -> list[str]:
    """The layers that refused: those that deny; else those that say nothing and must allow; else the identity policies, which do so where
    nothing allows."""
    if found.outcome == "explicitDeny":
        own = "trust" if is_trust_action(found.action.lower(), found.resource) else "resource"
        named = [own if kind == "resource" else kind if kind in LAYERS else "identity" for kind in found.kinds]
    else:
        named = [*found.blocked_by, *(each for each in found.silent if each in MUST_ALLOW)]
    return list(dict.fromkeys(named or found.blocked_by or ["identity"]))


def whom_to_ask(outcome: str, layers: Iterable[str], *, can_request: bool = False) -> list[Text]:
    """What somebody can do who was refused, in sentences; nothing in them comes from a policy. Who can request access at this place needs
    no request ID to hand on."""
    if outcome == "explicitDeny":
        last = FORBIDDEN_ASK_HERE if can_request else FORBIDDEN
        elsewhere = [layer for layer in layers if layer != "identity"]
        return [*(FORBIDDING[layer] for layer in elsewhere if layer in FORBIDDING), OVERRULED, last]
    known = [ALLOWING[layer] for layer in layers if layer in ALLOWING]
    return [*(known or [ALLOWING["identity"]]), ASK_HERE if can_request else WITH_REQUEST_ID]
