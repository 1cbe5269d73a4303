"""Actions in words, service by service, with their wildcards: «every action of Amazon S3 that begins with Get»."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from engine import catalog
from engine.wildcards import has_wildcard
from policies.words.lists import all_of, any_of, verbatim


@dataclass(frozen=True)
class Listed:
    """Actions of a service that are too many for a phrase."""

    service: str
    names: Sequence[str]


EVERYTHING: Final = frozenset({"*", "*:*"})


def action_phrases(patterns: Iterable[str]) -> list[str]:
    """What the patterns of an Action or NotAction name; of the same letters, large or small, once."""
    return [each if isinstance(each, str) else _phrase(each) for each in action_lists(patterns)]


def _phrase(actions: Listed) -> str:
    return _("%(names)s of %(service)s") % {"names": all_of(actions.names), "service": actions.service}


def action_lists(patterns: Iterable[str], most: int = 0) -> list[str | Listed]:
    """The same, with those of a service apart that are named and more than `most`: as they stand in a list of their own."""
    given = list({pattern.lower(): pattern for pattern in patterns}.values())
    if EVERYTHING & set(given):
        return [_("every action of every service")]
    services: dict[str, list[str]] = {}
    apart: list[str] = []
    for pattern in given:
        prefix, colon, name = pattern.partition(":")
        if not colon or has_wildcard(prefix):
            apart.append(_("every action that matches %(pattern)s") % {"pattern": verbatim(pattern)})
        else:
            services.setdefault(prefix.lower(), []).append(name)
    found = (each for prefix, names in services.items() for each in _of_service(prefix, names))
    return [
        *(_phrase(each) if isinstance(each, Listed) and len(each.names) <= most else each for each in found),
        *apart,
    ]


def _of_service(prefix: str, names: list[str]) -> Iterator[str | Listed]:
    service = catalog.service(prefix).name if catalog.service_exists(prefix) else verbatim(prefix)
    if "*" in names:
        yield _("every action of %(service)s") % {"service": service}
        return
    if named := [verbatim(name) for name in names if not has_wildcard(name)]:
        yield Listed(service, named)
    if said := list(_patterns([name for name in names if has_wildcard(name)])):
        words = _("every action of %(service)s that %(patterns)s")
        yield words % {"service": service, "patterns": any_of(said)}


def _patterns(names: list[str]) -> Iterator[str]:
    """What names with wildcards match, in words where they have one at an end only."""
    shapes: dict[str, list[str]] = {"begins": [], "ends": [], "contains": [], "matches": []}
    for name in names:
        bare = name.strip("*")
        shape = "matches" if has_wildcard(bare) or not bare else _SHAPES[name.startswith("*"), name.endswith("*")]
        shapes[shape].append(verbatim(name if shape == "matches" else bare))
    words = {
        "begins": _("begins with %(texts)s"),
        "ends": _("ends with %(texts)s"),
        "contains": _("contains %(texts)s"),
        "matches": _("matches %(texts)s"),
    }
    for shape, texts in shapes.items():
        if texts:
            yield words[shape] % {"texts": any_of(texts)}


_SHAPES: Final = {(False, True): "begins", (True, False): "ends", (True, True): "contains"}
