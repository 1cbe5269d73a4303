"""Whether resources are of the kinds that actions work on. Policies decide either way; no request asks about a pair that does not fit."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from engine import catalog


def remarks_on(actions: Sequence[str], resources: Iterable[str]) -> list[str]:
    """One sentence for each resource whose ARN is of another service than the actions work on, and for actions that work on none."""
    found: list[str] = []
    services = [(action, _services_of(action)) for action in actions]
    idle = [action for action, known in services if known == set()]
    for resource in resources:
        if resource == "*":
            continue
        strange = [action for action, known in services if known and not _is_of(resource, known)]
        if strange:
            found.append(
                _(
                    "%(resource)s is no resource of a kind that %(actions)s works on. The decision is about the policies alone."
                )
                % {"resource": resource, "actions": _first_of(strange)}
            )
        if idle:
            found.append(
                _("%(actions)s works on no particular resource: real requests ask about *, not about %(resource)s.")
                % {"resource": resource, "actions": _first_of(idle)}
            )
    return list(dict.fromkeys(found))


def _services_of(action: str) -> set[str] | None:
    """The service fields of the ARNs that an action works on; none when it works on no resource, None when it is unknown or any will do."""
    try:
        known = catalog.action(*action.split(":", 1))
    except LookupError:
        return None
    found = set()
    for kind in known.resource_types:
        try:
            forms = catalog.resource_type(known.service, kind.name).arn_forms
        except LookupError:
            return None
        found |= {form.service.lower() for form in forms}
    return None if any("$" in service or "*" in service or not service for service in found) else found


def _is_of(resource: str, services: set[str]) -> bool:
    parts = resource.split(":", 5)
    service = parts[2].lower() if len(parts) == 6 else ""
    return not service or "*" in service or "?" in service or service in services


def _first_of(actions: Sequence[str]) -> str:
    more = len(actions) - 1
    if not more:
        return actions[0]
    return ngettext("%(action)s (and %(n)d more)", "%(action)s (and %(n)d more)", more) % {
        "action": actions[0],
        "n": more,
    }
