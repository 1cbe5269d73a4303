"""What an import has found, in the words of its page: entities by name, and remarks by the entity that they are about."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.holders import KINDS as HOLDERS
from accounts.importing.report import KINDS, name_in

LABELS: Final[Mapping[str, Promise]] = {
    "Users": gettext_lazy("Users"),
    "Groups": gettext_lazy("Groups"),
    "Roles": gettext_lazy("Roles"),
    "InstanceProfiles": gettext_lazy("Instance profiles"),
    "Policies": gettext_lazy("Customer managed policies"),
}
# The page of an entity by its ARN; instance profiles have none.
PAGES: Final[Mapping[str, Callable[[str], str]]] = {
    "Users": lambda arn: HOLDERS["user"].address(name_in(arn)),
    "Groups": lambda arn: HOLDERS["group"].address(name_in(arn)),
    "Roles": lambda arn: HOLDERS["role"].address(name_in(arn)),
    "Policies": lambda arn: reverse("policies:policy", args=[arn]),
}
ENTITIES: Final[Mapping[str, Promise]] = {
    "UserDetailList": gettext_lazy("User"),
    "GroupDetailList": gettext_lazy("Group"),
    "RoleDetailList": gettext_lazy("Role"),
    "Policies": gettext_lazy("Policy"),
}
# A place as the report has it: `UserDetailList[0] (Alice), UserPolicyList Own, line 2`.
_PLACE: Final = re.compile(r"(\w+)\[(\d+)\](?: \((.*?)\))?(?:, (.*))?", re.DOTALL)


@dataclass(frozen=True)
class Named:
    """What is created, or changed, of one kind: a heading, the first by name with their pages, and how many more there are."""

    label: str
    entities: Sequence[tuple[str, str]]
    more: int


def named(answer: Mapping[str, Any], *, is_done: bool) -> list[Named]:
    """The entities of an answer by kind and by what happens to them; with links once they are there."""
    words = {
        ("Created", False): _("%(kind)s to create: %(number)d"),
        ("Changed", False): _("%(kind)s to change: %(number)d"),
        ("Created", True): _("%(kind)s created: %(number)d"),
        ("Changed", True): _("%(kind)s changed: %(number)d"),
    }
    found = []
    for kind in KINDS:
        for state in ("Created", "Changed"):
            number, arns = answer[kind][state], answer["Entities"][kind][state]
            if number:
                label = words[state, is_done] % {"kind": LABELS[kind], "number": number}
                page = PAGES.get(kind) if is_done else None
                entities = [(name_in(arn), page(arn) if page else "") for arn in arns]
                found.append(Named(label, entities, number - len(entities)))
    return found


@dataclass(frozen=True)
class About:
    """All remarks about one entity of the file, or about the file."""

    entity: str
    messages: list[str] = field(default_factory=list)


def by_entity(remarks: Iterable[Mapping[str, str]]) -> list[About]:
    """The remarks of an answer, those about the same entity together."""
    found: dict[str, About] = {}
    for remark in remarks:
        entity, where = _entity(remark["Place"])
        about = found.setdefault(entity, About(entity))
        about.messages.append(f"{where}: {remark['Message']}" if where else remark["Message"])
    return list(found.values())


def _entity(place: str) -> tuple[str, str]:
    """The entity of a place in words, and where in it."""
    if not place:
        return _("The file"), ""
    match = _PLACE.fullmatch(place)
    if match is None or match[1] not in ENTITIES:
        return place, ""
    values = {"kind": ENTITIES[match[1]], "name": match[3], "number": int(match[2]) + 1, "list": match[1]}
    words = (
        _("%(kind)s “%(name)s” (no. %(number)d in %(list)s)") if match[3] else _("%(kind)s no. %(number)d in %(list)s")
    )
    return words % values, match[4] or ""
