"""What a word means among AWS's actions: which of them somebody is after who says it.

Three sorts of words have a meaning: what is done («read», «create»), what it is done to («bucket», «user»), both from the table of everyday
words, and any other word by which the catalogue calls a service, an action or a type of resource.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from engine import action_sets, catalog
from engine.wildcards import covers
from policies.needed.everyday import LEVELS, NOISE, THINGS, VERBS

MOST_WORDS: Final = 8
LONGEST_WORD: Final = 64  # longer than any that means something
SHORTEST_BEGINNING: Final = 3  # letters of a word that is still being typed
_PARTS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+")
_SAID_OF_MANY: Final = frozenset({"amazon", "aws", "service"})  # words of services' names that tell none from another


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it was typed, in lower case; the actions that it means, and whether it says what is done, not to what."""

    text: str
    actions: int = 0
    is_doing: bool = False


def words_of(text: str) -> list[Word]:
    """The words of a search with what they mean, eight at most; what only fills a sentence is left out, unless there is nothing else."""
    typed = [word for word in text.lower().split() if word]
    kept = [word for word in typed if word not in NOISE or f"{word} " in _before_another(typed, word)]
    return list(_told(kept or typed))[:MOST_WORDS]


def _before_another(typed: Sequence[str], word: str) -> set[str]:
    """The word, if it begins a name of two words there: «access» in «access key»."""
    pairs = pairwise(typed)
    return {f"{word} " for one, other in pairs if one == word and f"{one} {stem(other)}" in THINGS}


def _told(typed: Sequence[str]) -> Iterator[Word]:
    place = 0
    while place < len(typed):
        pair = f"{typed[place]} {stem(typed[place + 1])}" if place + 1 < len(typed) else ""
        if pair in THINGS:
            yield Word(" ".join(typed[place : place + 2]), _thing(pair))
            place += 2
            continue
        yield meaning(typed[place])
        place += 1


def meaning(word: str) -> Word:
    """What one word in lower case means."""
    if ":" in word or len(word) > LONGEST_WORD:
        return Word(word)
    for form in dict.fromkeys((word, stem(word))):
        if form in LEVELS or form in VERBS:
            return Word(word, _doing(form), is_doing=True)
        if form in THINGS:
            return Word(word, _thing(form))
    return Word(word, _called(stem(word)) or (_begun(word) if len(word) >= SHORTEST_BEGINNING else 0))


def stem(word: str) -> str:
    """A word in the singular, as far as its letters tell."""
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if len(word) > 4 and word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


@lru_cache(maxsize=256)
def _doing(word: str) -> int:
    found = 0
    for level in LEVELS.get(word, ()):
        found |= action_sets.of_level(level)
    for verb in VERBS.get(word, ()):
        found |= _verbs().get(verb, 0)
    return found


@lru_cache(maxsize=256)
def _thing(word: str) -> int:
    found = 0
    for pattern in THINGS[word]:
        found |= of_pattern(pattern)
    return found


@lru_cache(maxsize=1024)
def of_pattern(pattern: str) -> int:
    """The actions that a pattern names, whose service may be `*`."""
    if not pattern.startswith("*:"):
        return action_sets.matching(pattern.lower())
    wanted = pattern.lower()[1:]
    names = (
        action for prefix in catalog.services() for action in catalog.actions(prefix)
        if covers(wanted, f":{action.name.lower()}")
    )  # fmt: skip
    return action_sets.set_of(names)


def _called(word: str) -> int:
    """The actions that the catalogue calls so: by the service, a part of the action's name or the resources that it works on."""
    return _index().get(word, 0)


@lru_cache(maxsize=1024)
def _begun(text: str) -> int:
    """The actions that the catalogue calls by a word that begins so."""
    found = 0
    for word, actions in _index().items():
        if word.startswith(text):
            found |= actions
    return found


@lru_cache(maxsize=1)
def _verbs() -> Mapping[str, int]:
    """The first words of actions' names, with those actions."""
    found: dict[str, list[catalog.Action]] = defaultdict(list)
    for prefix in catalog.services():
        for action in catalog.actions(prefix):
            found[next(parts(action.name), "")].append(action)
    return {word: action_sets.set_of(actions) for word, actions in found.items()}


@lru_cache(maxsize=1)
def _index() -> Mapping[str, int]:
    """All words of the catalogue, with the actions that they call."""
    found: dict[str, list[catalog.Action]] = defaultdict(list)
    whole: dict[str, int] = defaultdict(int)
    for prefix in catalog.services():
        service = catalog.service(prefix)
        for word in {prefix, *_words((service.name, prefix))} - _SAID_OF_MANY:
            whole[word] |= action_sets.of_service(prefix)
        for action in service.actions.values():
            for word in _words((action.name, *(kind.name for kind in action.resource_types))):
                found[word].append(action)
    return {word: whole[word] | action_sets.set_of(found.get(word, ())) for word in dict.fromkeys([*found, *whole])}


def _words(names: Iterable[str]) -> set[str]:
    return {stem(part) for name in names for part in parts(name)}


def parts(name: str) -> Iterator[str]:
    """The words of a name in one word, in lower case: `GetBucketACL` has get, bucket, acl."""
    return (each.group().lower() for each in _PARTS.finditer(name))
