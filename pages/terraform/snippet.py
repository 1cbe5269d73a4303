"""What the operations of one form come to: resources, what is taken out of the configuration, and what Terraform does not have.

Each resource is known by its type and by what AWS knows it by, so that operations on one entity come together in one block, and one
block refers to another. Its label is made of the same, and no two resources of a type have the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext

from pages.terraform import hcl

Key = tuple[str, ...]


@dataclass(frozen=True)
class Reference:
    """The name or ARN of an entity: of a resource that the snippet makes, its attribute; of all others, the plain text."""

    type: str
    key: Key
    attribute: str
    text: str


@dataclass
class Resource:
    """One block. `is_new`: made by the form; else it is there already, and the block has only what changes."""

    type: str
    label: str
    is_new: bool
    arguments: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)  # arguments that are left as variables

    @property
    def address(self) -> str:
        return f"{self.type}.{self.label}"


class Snippet:
    """Gathers resources and sentences in the order in which they came up."""

    def __init__(self) -> None:
        self._parts: dict[tuple[str, ...], Resource | str] = {}
        self._labels: dict[tuple[str, Key], str] = {}
        self._taken: set[tuple[str, str]] = set()

    def resource(self, type: str, key: Key, *, is_new: bool) -> Resource:
        """The block of an entity, which is begun if there is none yet."""
        where = (type, *_folded(key))
        found = self._parts.get(where)
        if isinstance(found, Resource):
            return found
        made = Resource(type, self.label(type, key), is_new)
        self._parts.pop(where, None)
        self._parts[where] = made
        return made

    def address(self, type: str, key: Key) -> str:
        return f"{type}.{self.label(type, key)}"

    def label(self, type: str, key: Key) -> str:
        """A label of the entity's own."""
        where = (type, _folded(key))
        if where not in self._labels:
            plain = label = hcl.identifier("_".join(map(_short, key)))
            number = 2
            while (type, label) in self._taken:
                label, number = f"{plain}_{number}", number + 1
            self._taken.add((type, label))
            self._labels[where] = label
        return self._labels[where]

    def remove(self, type: str, key: Key) -> None:
        """An entity goes: if the form itself has made it nothing is left, else its block is to be taken out."""
        where = (type, *_folded(key))
        found = self._parts.pop(where, None)
        if not (isinstance(found, Resource) and found.is_new):
            address = self.address(type, key)
            self._parts[where] = gettext("Remove the resource from the configuration: %(address)s") % {
                "address": address
            }

    def rename(self, type: str, old: Key, new: Key) -> None:
        """An entity is known by another name from now on; its block stays where it is."""
        if _folded(old) == _folded(new):
            return
        self._labels[type, _folded(new)] = self.label(type, old)
        before, after = (type, *_folded(old)), (type, *_folded(new))
        self._parts = {after if where == before else where: part for where, part in self._parts.items()}

    def say(self, text: str) -> None:
        """A sentence, once however often it comes up."""
        self._parts.setdefault(("said", text), text)

    def text(self) -> str:
        """The whole as HCL: sentences are comments, those that follow one another stand together."""
        written, is_said = "", False
        for part in self._parts.values():
            said = isinstance(part, str)
            piece = hcl.comment(part) if isinstance(part, str) else self._block(part)
            gap = "\n" if said and is_said else "\n\n"
            written += gap + piece if written else piece
            is_said = said
        return written

    def _block(self, made: Resource) -> str:
        lines = [hcl.comment(note) for note in made.notes]
        if not made.is_new:
            told = gettext("%(address)s is there already: set this in its block and leave the rest.")
            lines.insert(0, hcl.comment(told % {"address": made.address}))
        variables = {name: f"{made.label}_{name}" for name in made.secrets}
        arguments = {name: self._resolved(given) for name, given in made.arguments.items()}
        arguments |= {name: hcl.Expression(f"var.{variable}") for name, variable in variables.items()}
        lines.append(hcl.block(f'resource "{made.type}" "{made.label}"', arguments))
        declared = [
            hcl.block(f'variable "{variable}"', {"type": hcl.Expression("string"), "sensitive": True})
            for variable in variables.values()
        ]
        return "\n\n".join([*declared, "\n".join(lines)])

    def _resolved(self, given: Any) -> Any:
        if isinstance(given, Reference):
            found = self._parts.get((given.type, *_folded(given.key)))
            if isinstance(found, Resource) and found.is_new:
                return hcl.Expression(f"{found.address}.{given.attribute}")
            return given.text
        if isinstance(given, list | tuple):
            return [self._resolved(each) for each in given]
        if isinstance(given, Mapping):
            return {name: self._resolved(each) for name, each in given.items()}
        return given


def _folded(key: Key) -> Key:
    """AWS knows its names without regard to case."""
    return tuple(part.lower() for part in key)


def _short(part: str) -> str:
    """Of an ARN the name alone."""
    return part.rpartition("/")[2] if part.startswith("arn:") else part
