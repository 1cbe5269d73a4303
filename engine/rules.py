"""What AWS treats specially: calls that cannot be denied, resources whose own policy must allow, actions without resource
types, services under resource control policies."""

from __future__ import annotations

from typing import Final

from engine.arn import resource_part

CANNOT_BE_DENIED: Final = frozenset({"sts:getcalleridentity", "sts:getsessiontoken"})
"""STS API Reference: no permissions are required, and an explicit deny does not stop them."""

TRUST_ACTIONS: Final = frozenset(
    {
        "sts:assumerole",
        "sts:assumerolewithsaml",
        "sts:assumerolewithwebidentity",
        "sts:tagsession",
        "sts:setsourceidentity",
    }
)
"""The actions that a role's trust policy decides, in lower case (IAM User Guide, "Trust policies")."""
_KNOWN_ACTIONS: Final = 20_000
_wildcard_only: dict[str, bool] = {}


def cannot_be_denied(action: str, kind: str) -> bool:
    """Whether this caller may always make the call. `action` in lower case."""
    if action == "sts:getcalleridentity":
        return kind not in ("anonymous", "federated")
    return action == "sts:getsessiontoken" and kind in ("user", "root")


def is_trust_action(action: str, resource: str) -> bool:
    """Whether the resource's policy is a role's trust policy. `action` in lower case."""
    return action in TRUST_ACTIONS and (resource_part(resource).startswith("role/") or resource == "*")


def resource_must_allow(action: str, resource: str) -> bool:
    """Whether the resource's own policy must allow, by name or by delegating to the account: roles and KMS keys
    (IAM User Guide, "Determining whether a request is allowed or denied"; KMS Developer Guide, "Key policies")."""
    if action.startswith("kms:"):
        return resource_part(resource).startswith("key/")
    return is_trust_action(action, resource)


def resource_may_have_to_allow(action: str) -> bool:
    """Whether `resource_must_allow` can be true for an action (in lower case)."""
    return action.startswith("kms:") or action in TRUST_ACTIONS


def supports_no_resource(action: str) -> bool:
    """Whether the catalogue says that an action (in lower case) supports no resource type. Unknown actions: no."""
    known = _wildcard_only.get(action)
    if known is None:
        known = _ask_catalogue(action)
        if len(_wildcard_only) >= _KNOWN_ACTIONS:
            _wildcard_only.clear()
        _wildcard_only[action] = known
    return known


def _ask_catalogue(action: str) -> bool:
    from engine import catalog  # noqa: PLC0415 - reading the catalogue takes longer than most programs decide

    prefix, _, name = action.partition(":")
    if not catalog.service_exists(prefix):
        return False
    found = catalog.service(prefix).actions.get(name)
    return found is not None and found.is_wildcard_only


def under_resource_control(action: str) -> bool:
    """Whether resource control policies govern the service of an action (in lower case)."""
    from engine import catalog  # noqa: PLC0415 - see above

    return action.partition(":")[0] in catalog.rcp_services()
