"""The sorts of change that an operation makes to a configuration: one for each line of the table.

A row finds its resource by `by`, which makes a key of the call's parameters, and fills arguments from `arguments`: from a parameter's
name, or from a function of all parameters. What no row names is not told; so no secret is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext

from pages.terraform import hcl
from pages.terraform.snippet import Key, Reference, Snippet

Params: TypeAlias = Mapping[str, Any]
Source: TypeAlias = str | Callable[[Params], Any]
By: TypeAlias = Callable[[Params], Key]
Text: TypeAlias = str | Promise
EMPTY: tuple[Any, ...] = (None, "", [], (), {})


class Unnamed(Exception):
    """A call that names no user: it is about the root user, or whoever calls."""


def by(*names: str) -> By:
    """The parameters of these names. Raises Unnamed where one is not given."""

    def key(params: Params) -> Key:
        if not all(params.get(name) for name in names):
            raise Unnamed
        return tuple(str(params[name]) for name in names)

    return key


def by_arn(name: str) -> By:
    """The last part of an ARN, under which IAM knows what it names."""
    return lambda params: (after_slash(params[name]),)


def always(label: str) -> By:
    """Of this the account has one."""
    return lambda params: (label,)


def after_slash(arn: str) -> str:
    return str(arn).rpartition("/")[2]


def refers(type: str, name: str, attribute: str = "name") -> Source:
    """A user, group or role by the name in that parameter."""
    return lambda params: Reference(type, (params[name],), attribute, params[name]) if params.get(name) else None


def refers_to_policy(name: str) -> Source:
    """A managed policy by its ARN; those of AWS are nobody's resource."""

    def found(params: Params) -> Any:
        arn = str(params.get(name) or "")
        is_own = arn.split(":")[4:5] != ["aws"]
        return Reference("aws_iam_policy", (after_slash(arn),), "arn", arn) if arn and is_own else arn

    return found


def tags(params: Params) -> dict[str, str]:
    """AWS's list of keys and values as a map."""
    return {tag["Key"]: tag.get("Value", "") for tag in params.get("tags") or ()}


def _filled(arguments: Mapping[str, Source], params: Params) -> dict[str, Any]:
    return {
        name: params.get(source) if isinstance(source, str) else source(params) for name, source in arguments.items()
    }


@dataclass(frozen=True)
class Makes:
    """An entity comes into being, or is wholly set."""

    type: str
    by: By
    arguments: Mapping[str, Source]
    secrets: tuple[str, ...] = ()
    note: Text = ""

    def apply(self, snippet: Snippet, params: Params) -> None:
        made = snippet.resource(self.type, self.by(params), is_new=True)
        made.is_new = True
        given = _filled(self.arguments, params)
        made.arguments.update({name: value for name, value in given.items() if value not in EMPTY})
        made.secrets = list(self.secrets)
        made.notes = [str(self.note)] if self.note else []


@dataclass(frozen=True)
class Sets:
    """Arguments of an entity that is there change. `also`: what a map or list keeps besides, said where the block is not whole."""

    type: str
    by: By
    arguments: Mapping[str, Source]
    also: Text = ""
    renamed: str = ""  # the parameter with the new name

    def apply(self, snippet: Snippet, params: Params) -> None:
        key = self.by(params)
        made = snippet.resource(self.type, key, is_new=False)
        for name, value in _filled(self.arguments, params).items():
            if value is None:
                continue
            before = made.arguments.get(name)
            if self.also and isinstance(before, dict):
                made.arguments[name] = {**before, **value}
            elif self.also and isinstance(before, list):
                made.arguments[name] = before + [each for each in value if each not in before]
            else:
                made.arguments[name] = value
        if self.also and not made.is_new and str(self.also) not in made.notes:
            made.notes.append(str(self.also))
        if self.renamed and params.get(self.renamed):
            snippet.rename(self.type, key, (params[self.renamed],))


@dataclass(frozen=True)
class Joins:
    """One more item of a list in a block that has nothing but the form's own items."""

    type: str
    by: By
    arguments: Mapping[str, Source]
    list: str
    item: Source

    def apply(self, snippet: Snippet, params: Params) -> None:
        made = snippet.resource(self.type, self.by(params), is_new=True)
        made.arguments.update(_filled(self.arguments, params))
        items = made.arguments.setdefault(self.list, [])
        items += [each for each in _filled({"": self.item}, params).values() if each not in items]


@dataclass(frozen=True)
class Unsets:
    """An argument goes, or some `items` of it do (a list, keys of a map)."""

    type: str
    by: By
    argument: str
    items: Callable[[Params], list[str]] | None = None

    def apply(self, snippet: Snippet, params: Params) -> None:
        key = self.by(params)
        said = {"address": snippet.address(self.type, key), "argument": self.argument}
        if self.items is None:
            snippet.say(gettext("Take %(argument)s out of %(address)s") % said)
            return
        said["items"] = ", ".join(map(hcl.quoted, self.items(params)))
        snippet.say(gettext("Take %(items)s out of %(argument)s in %(address)s") % said)


@dataclass(frozen=True)
class Removes:
    """An entity goes."""

    type: str
    by: By

    def apply(self, snippet: Snippet, params: Params) -> None:
        snippet.remove(self.type, self.by(params))


@dataclass(frozen=True)
class Says:
    """A resource has it, but what it is to be is not in the call: a sentence about the resource. `text` may use its own `values`."""

    type: str
    by: By
    text: Text
    values: Mapping[str, str] = field(default_factory=dict)

    def apply(self, snippet: Snippet, params: Params) -> None:
        given = {name: hcl.quoted(str(params.get(source, ""))) for name, source in self.values.items()}
        snippet.say(str(self.text) % {"address": snippet.address(self.type, self.by(params)), **given})


@dataclass(frozen=True)
class Nothing:
    """Terraform has nothing for it, and why."""

    why: Text


Change: TypeAlias = Makes | Sets | Joins | Unsets | Removes | Says


@dataclass(frozen=True)
class Either:
    """One row or another, by what the call says."""

    when: Callable[[Params], bool]
    then: Change | Nothing
    otherwise: Change | Nothing

    def chosen(self, params: Params) -> Change | Nothing:
        return self.then if self.when(params) else self.otherwise


Row: TypeAlias = Change | Nothing | Either
