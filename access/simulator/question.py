"""A question to the simulator as a form sends it and an address holds it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from django.http import QueryDict

LONGEST_ADDRESS: Final = 6_000  # beyond that a question is sent as a form: servers and proxies cut longer addresses

LISTS: Final = {"action": "actions", "resource": "resources", "out": "left_out", "open": "opened"}
TEXTS: Final = {
    "principal": "principal",
    "policy": "policies",
    "boundary": "boundary",
    "resource_policy": "resource_policy",
    "owner": "owner",
    "scp": "levels",
}


@dataclass(frozen=True)
class Question:
    """What is asked, as it was typed.

    `actions` and `resources` are lines; `left_out` are the keys of policies to ignore, `opened` of those that are shown in an editor,
    `edits` their texts. `policies` are further policies, one JSON document after the other; `levels` those of an organization.
    """

    principal: str = ""
    actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()
    edits: tuple[tuple[str, str], ...] = ()
    policies: str = ""
    boundary: str = ""
    resource_policy: str = ""
    owner: str = ""
    levels: str = ""
    context: tuple[tuple[str, str], ...] = ()

    @staticmethod
    def read(data: QueryDict) -> Question:
        """The question in the fields of an address or a form."""
        lists = {field: tuple(_lines(data.getlist(name))) for name, field in LISTS.items()}
        texts = {field: _text(data.get(name, "")) for name, field in TEXTS.items()}
        texts |= {name: texts[name].strip() for name in ("principal", "owner")}
        edits = zip(data.getlist("edit"), (_text(text) for text in data.getlist("document")), strict=False)
        context = zip(data.getlist("key"), data.getlist("value"), strict=False)
        return Question(
            **lists,  # type: ignore[arg-type]
            **texts,  # type: ignore[arg-type]
            edits=tuple(edits),
            context=tuple((key.strip(), value.strip()) for key, value in context if key.strip() and value.strip()),
        )

    def pairs(self) -> list[tuple[str, str]]:
        """The fields that hold it, without empty ones."""
        texts = [(name, getattr(self, field)) for name, field in TEXTS.items()]
        lists = [(name, value) for name, field in LISTS.items() for value in getattr(self, field)]
        edits = [pair for key, text in self.edits for pair in (("edit", key), ("document", text))]
        context = [pair for key, value in self.context for pair in (("key", key), ("value", value))]
        return [(name, value) for name, value in (*texts, *lists) if value.strip()] + edits + context

    def query(self, **more: object) -> str:
        """The part of an address after the question mark; `more` are further fields."""
        return urlencode([*self.pairs(), *((name, str(value)) for name, value in more.items())])

    @property
    def fits(self) -> bool:
        """Whether an address can hold it."""
        return len(self.query()) <= LONGEST_ADDRESS

    @property
    def is_empty(self) -> bool:
        """Whether nothing was asked at all."""
        return not self.pairs()

    @property
    def edited(self) -> Mapping[str, str]:
        """The edited documents by the keys of their policies."""
        return dict(self.edits)

    def with_actions(self, actions: Iterable[str]) -> Question:
        """With further lines of actions, each once."""
        return replace(self, actions=tuple(dict.fromkeys((*self.actions, *actions))))

    def with_editor(self, key: str) -> Question:
        """With a policy opened in an editor."""
        return replace(self, opened=tuple(dict.fromkeys((*self.opened, key))))

    def without_editor(self, key: str) -> Question:
        """With a policy as it is stored."""
        kept = tuple(pair for pair in self.edits if pair[0] != key)
        return replace(self, opened=tuple(each for each in self.opened if each != key), edits=kept)

    def without_idle_edits(self, stored: Mapping[str, str]) -> Question:
        """Without texts that are those of the stored policies, so that the address holds only what differs."""
        kept = tuple((key, text) for key, text in self.edits if key in stored and _text(stored[key]) != text)
        return replace(self, edits=kept)


def _lines(values: Sequence[str]) -> Iterator[str]:
    seen: set[str] = set()
    for value in values:
        for line in value.splitlines():
            found = line.strip()
            if found and found not in seen:
                seen.add(found)
                yield found


def _text(value: str) -> str:
    """A form sends line ends as CR LF."""
    return value.replace("\r\n", "\n")
