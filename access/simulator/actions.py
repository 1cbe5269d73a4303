"""Lines of actions: single ones, patterns (`s3:Get*`), and sets by access level (`s3:* Write`)."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from access.simulation import checked_actions
from engine import catalog
from engine.catalog import ACCESS_LEVELS, Action
from operations.errors import InvalidInput
from pages.components.shell import grouped

LEVELS = {level.lower(): level for level in ACCESS_LEVELS}
MOST_DECISIONS = 1_000


@dataclass(frozen=True)
class Actions:
    """The actions that some lines mean, and remarks on names that AWS does not know."""

    names: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def actions_of(lines: Iterable[str]) -> Actions:
    """The actions that lines mean, each once. Raises InvalidInput for a line that means none."""
    names: dict[str, None] = {}
    remarks: list[str] = []
    for line in lines:
        pattern, _blank, level = line.partition(" ")
        if "*" in pattern or "?" in pattern or level.strip():
            names.update(dict.fromkeys(action.full_name for action in matching(pattern, level.strip())))
        else:
            names[_known(pattern, remarks)] = None
        if len(names) > MOST_DECISIONS:
            raise InvalidInput(
                ngettext(
                    "These are more than %(most)s action. Name a service, or an access level as in “s3:* Write”.",
                    "These are more than %(most)s actions. Name a service, or an access level as in “s3:* Write”.",
                    MOST_DECISIONS,
                )
                % {"most": grouped(MOST_DECISIONS)}
            )
    return Actions(checked_actions(names), remarks)


def matching(pattern: str, level: str = "") -> list[Action]:
    """The actions of a service that a pattern and an access level choose. Raises InvalidInput when there are none."""
    service, colon, name = pattern.partition(":")
    if level and level.lower() not in LEVELS:
        raise InvalidInput(
            _("“%(level)s” is no access level. Use one of: %(levels)s.")
            % {"level": level, "levels": ", ".join(ACCESS_LEVELS)}
        )
    if not colon or not catalog.service_exists(service):
        raise InvalidInput(_("“%(pattern)s” names no service. Write patterns as in “s3:Get*”.") % {"pattern": pattern})
    found = list(chosen(service, name or "*", LEVELS.get(level.lower(), "")))
    if not found:
        raise InvalidInput(_("No action fits “%(pattern)s”.") % {"pattern": f"{pattern} {level}".strip()})
    return found


def chosen(service: str, name: str, level: str) -> Iterator[Action]:
    """The actions of a service whose name has a form with wildcards and, if one is given, whose access level is that."""
    expression = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in name)
    form = re.compile(expression, re.IGNORECASE)
    for action in catalog.actions(service):
        if form.fullmatch(action.name) and level in ("", action.access_level):
            yield action


def _known(name: str, remarks: list[str]) -> str:
    """The name in AWS's spelling. Names that AWS does not know are asked as they are, with a remark."""
    prefix, _colon, rest = name.partition(":")
    try:
        return catalog.action(prefix, rest).full_name
    except catalog.NotFound as error:
        if rest:
            near = f"{prefix}:{error.nearest}" if error.what == "action" and error.nearest else ""
            hint = _("%(name)s is no action that AWS lists.") % {"name": name}
            remarks.append(hint + (" " + _("Did you mean %(near)s?") % {"near": near} if near else ""))
        return name
