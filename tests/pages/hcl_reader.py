"""A strict reader of the HCL that the console writes: what Terraform would not take fails, and strings come back as they were meant.

It knows blocks, arguments, strings, numbers, booleans, lists, maps, references and `join("\\n", […])`; whatever else there is, is refused.
"""

import re
from dataclasses import dataclass, field
from typing import Any

ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
REFERENCE = re.compile(r"(?:aws_\w+\.[A-Za-z_][\w-]*\.(?:name|arn)|var\.[A-Za-z_][\w-]*|string)(?![\w.-])")


class Reference(str):
    """What stands for another resource's attribute, or for a variable."""


@dataclass
class Block:
    kind: str
    labels: list[str]
    arguments: dict[str, Any] = field(default_factory=dict)
    blocks: list["Block"] = field(default_factory=list)


def read(text: str) -> tuple[list[Block], list[str]]:
    """The blocks of a text and its comments."""
    reader = _Reader(text)
    blocks = []
    while not reader.is_over():
        blocks.append(reader.block())
    return blocks, reader.comments


class _Reader:
    def __init__(self, text: str) -> None:
        self.text, self.place, self.comments = text, 0, []

    def is_over(self) -> bool:
        self.skip()
        return self.place == len(self.text)

    def skip(self, *, lines: bool = True) -> None:
        while self.place < len(self.text):
            sign = self.text[self.place]
            if sign == " " or (sign == "\n" and lines):
                self.place += 1
            elif sign == "#" and lines:
                end = self.text.find("\n", self.place)
                end = len(self.text) if end < 0 else end
                self.comments.append(self.text[self.place + 2 : end])
                self.place = end
            else:
                return

    def take(self, wanted: str) -> None:
        assert self.text.startswith(wanted, self.place), (wanted, self.text[self.place : self.place + 60])
        self.place += len(wanted)

    def sees(self, wanted: str) -> bool:
        return self.text.startswith(wanted, self.place)

    def name(self) -> str:
        found = NAME.match(self.text, self.place)
        assert found, self.text[self.place : self.place + 60]
        self.place = found.end()
        return found[0]

    def block(self) -> Block:
        made = Block(self.name(), [])
        self.skip(lines=False)
        while self.sees('"'):
            label = self.string()
            assert NAME.fullmatch(label) or (made.kind == "provider" and label == "aws"), label
            made.labels.append(label)
            self.skip(lines=False)
        self.take("{")
        self.skip()
        while not self.sees("}"):
            before = self.place
            name = self.name()
            self.skip(lines=False)
            if self.sees("{"):
                self.place = before
                made.blocks.append(self.block())
            else:
                self.take("= ")
                assert name not in made.arguments, f"{name} stands twice"
                made.arguments[name] = self.value()
                self.skip(lines=False)
                self.take("\n")
            self.skip()
        self.take("}")
        return made

    def value(self) -> Any:
        if self.sees('"'):
            return self.string()
        if self.sees("["):
            return self.list()
        if self.sees("{"):
            return self.map()
        if self.sees('join("\\n", ['):
            self.take('join("\\n", ')
            lines = self.list()
            self.take(")")
            return "\n".join(lines)
        found = re.compile(r"-?\d+(?![\w.])|(?:true|false)(?!\w)").match(self.text, self.place)
        if found:
            self.place = found.end()
            return {"true": True, "false": False}.get(found[0]) if found[0][0] in "tf" else int(found[0])
        found = REFERENCE.match(self.text, self.place)
        assert found, self.text[self.place : self.place + 60]
        self.place = found.end()
        return Reference(found[0])

    def list(self) -> list[Any]:
        self.take("[")
        self.skip()
        items = []
        while not self.sees("]"):
            items.append(self.value())
            self.skip()
            if self.sees(","):
                self.take(",")
                self.skip()
            else:
                assert self.sees("]")
        self.take("]")
        return items

    def map(self) -> dict[str, Any]:
        self.take("{")
        self.skip()
        found: dict[str, Any] = {}
        while not self.sees("}"):
            key = self.string() if self.sees('"') else self.name()
            assert key != "for" or self.text[self.place - 1] == '"', "begins a for expression"
            self.skip(lines=False)
            self.take("= ")
            assert key not in found
            found[key] = self.value()
            self.skip(lines=False)
            self.take("\n")
            self.skip()
        self.take("}")
        return found

    def string(self) -> str:
        self.take('"')
        said = []
        while not self.sees('"'):
            sign = self.text[self.place]
            assert sign.isprintable(), f"{sign!r} in a string"
            if self.sees("$${") or self.sees("%%{"):
                said.append(f"{sign}{{")
                self.place += 3
            elif sign == "\\":
                self.place += 1
                said.append(self.escaped())
            else:
                assert not self.sees("${"), "an open template"
                assert not self.sees("%{"), "an open template"
                said.append(sign)
                self.place += 1
        self.take('"')
        return "".join(said)

    def escaped(self) -> str:
        sign = self.text[self.place]
        self.place += 1
        if sign in ESCAPES:
            return ESCAPES[sign]
        digits = {"u": 4, "U": 8}[sign]
        number = int(self.text[self.place : self.place + digits], 16)
        assert not 0xD800 <= number <= 0xDFFF
        self.place += digits
        return chr(number)
