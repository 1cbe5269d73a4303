"""The statements of a document, each as one sentence, or as short lists where one sentence would be long.

Bounded for any text: a document has so many sentences and a list so many items at most, and what is left out is counted.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from engine import Policy, PolicySyntaxError, Statement
from engine.wildcards import has_wildcard
from pages.components.folding import SHOWN
from pages.components.shell import grouped
from policies.documents import read_document
from policies.statement_use import StatementUse
from policies.words.actions import EVERYTHING, Listed, action_lists, action_phrases
from policies.words.conditions import When, when
from policies.words.lists import all_of, any_of, verbatim

LONGEST_SENTENCE: Final = 240  # letters; what is longer is easier to read as lists
MOST_STATEMENTS: Final = 60
MOST_ITEMS: Final = 250
LONGEST_DOCUMENT: Final = 250_000  # characters: as long as AWS's own, and many times what any quota allows


@dataclass(frozen=True)
class Part:
    """A list of what a statement names: its heading, its items, and in words how many more there are that are not put into words."""

    heading: str
    items: Sequence[str | Listed]
    more: str = ""

    @property
    def shown(self) -> Sequence[str | Listed]:
        """What stands there."""
        return self.items[:SHOWN]

    @property
    def folded(self) -> Sequence[str | Listed]:
        """What unfolds."""
        return self.items[SHOWN:]

    @property
    def folded_words(self) -> str:
        """How many that are."""
        number = len(self.folded)
        return ngettext("and %(n)s more", "and %(n)s more", number) % {"n": grouped(number)}


@dataclass(frozen=True)
class StatementWords:
    """One statement: where it stands (`number` counts from 1), what it says as `text`, or as `parts` where that is long."""

    number: int
    sid: str
    allows: bool
    line: int
    column: int
    last_line: int
    text: str
    parts: Sequence[Part] = ()
    note: str = ""
    matches: bool = True  # false where it can match no request
    open: bool = False  # it lets in whoever comes: nothing says who
    use: StatementUse | None = None  # where that was asked for

    @property
    def outcome(self) -> str:
        """The name of its colour and icon."""
        return "allowed" if self.allows else "explicitDeny"

    def __str__(self) -> str:
        return self.text


def sentence(
    statement: Statement,
    text: str,
    parts: Sequence[Part] = (),
    note: str = "",
    *,
    matches: bool = True,
    is_open: bool = False,
) -> StatementWords:
    """What is said of a statement, with its place."""
    span = statement.span
    return StatementWords(
        number=statement.index + 1,
        sid=statement.sid or "",
        allows=statement.effect == "Allow",
        line=span.start_line,
        column=span.start_column,
        last_line=span.end_line,
        text=text,
        parts=parts,
        note=note,
        matches=matches,
        open=is_open,
    )


@dataclass(frozen=True)
class SentencesOf:
    """The sentences of a document, and in words how many statements have none here."""

    statements: Sequence[StatementWords]
    more: str = ""

    def with_uses(self, uses: Mapping[int, StatementUse]) -> "SentencesOf":
        """The same, each with when it decided last."""
        return replace(self, statements=[replace(each, use=uses.get(each.number - 1)) for each in self.statements])

    @property
    def lines(self) -> list[int]:
        """Where the statements begin."""
        return [each.line for each in self.statements]


def sentences_of(document: str) -> SentencesOf | None:
    """The sentences of an identity policy; None for a text that is no policy, or is longer than any."""
    if len(document) > LONGEST_DOCUMENT:
        return None
    try:
        policy = read_document(document)
    except PolicySyntaxError:
        return None
    return bounded(policy, lambda statement: _words(policy, statement))


def bounded(policy: Policy, say: Callable[[Statement], StatementWords]) -> SentencesOf:
    """The sentences of the first statements; how many have none is said."""
    said = [say(statement) for statement in policy.statements[:MOST_STATEMENTS]]
    left = len(policy.statements) - len(said)
    more = ngettext(
        "%(n)d more statement is not put into words here.",
        "%(n)d more statements are not put into words here.",
        left,
    )
    return SentencesOf(said, more % {"n": left} if left else "")


def _words(policy: Policy, statement: Statement) -> StatementWords:
    conditions = when(statement.conditions)
    text = _text(statement, conditions)
    is_long = len(text) > LONGEST_SENTENCE or _has_many(statement)
    parts = _parts(statement, conditions) if is_long else ()
    return sentence(statement, text, parts, _note(policy, statement), matches=_nothing(statement) is None)


def _has_many(statement: Statement) -> bool:
    """Whether something that it names is a list that is folded."""
    actions = action_lists(statement.not_actions or statement.actions or ())
    lists = [
        actions,
        statement.not_resources or statement.resources or (),
        *(each.values for each in statement.conditions),
    ]
    lists += [each.names for each in actions if isinstance(each, Listed)]
    return any(len(each) > SHOWN for each in lists)


def _text(statement: Statement, conditions: When) -> str:
    """The whole as one sentence."""
    allows = statement.effect == "Allow"
    if (nothing := _nothing(statement)) is not None:
        return nothing
    words = _("Allows %(actions)s, on %(resources)s") if allows else _("Denies %(actions)s, on %(resources)s")
    said = words % {"actions": _actions(statement), "resources": _resources(statement)}
    if not conditions:
        return _("%(sentence)s.") % {"sentence": said}
    return _("%(sentence)s, %(conditions)s.") % {"sentence": said, "conditions": conditions.words(allows=allows)}


def _nothing(statement: Statement) -> str | None:
    """What is said of a statement that can never match, because what it names is an empty list."""
    allows = statement.effect == "Allow"
    if statement.actions == () or EVERYTHING & set(statement.not_actions or ()):
        return _("Allows nothing: it names no action.") if allows else _("Denies nothing: it names no action.")
    if statement.resources == () or "*" in (statement.not_resources or ()):
        return _("Allows nothing: it names no resource.") if allows else _("Denies nothing: it names no resource.")
    return None


def _actions(statement: Statement) -> str:
    if not statement.not_actions:
        return all_of(action_phrases(statement.actions or ("*",)))
    return _("every action except %(actions)s") % {"actions": all_of(action_phrases(statement.not_actions))}


def _resources(statement: Statement) -> str:
    if statement.not_resources:
        return _("every resource except %(resources)s") % {"resources": all_of(_named(statement.not_resources))}
    given = statement.resources
    return _every_resource() if given is None or "*" in given else all_of(_named(given))


def _every_resource() -> str:
    return _("every resource")


def _named(resources: Sequence[str]) -> list[str]:
    """Resources by their ARNs: first those that are named, then what a pattern stands for."""
    plain, wild = _sorted_out(resources)
    if not wild:
        return plain
    return [*plain, _("whatever matches %(patterns)s") % {"patterns": any_of(wild)}]


def _sorted_out(resources: Sequence[str]) -> tuple[list[str], list[str]]:
    plain = [verbatim(text) for text in resources if not has_wildcard(text)]
    return plain, [verbatim(text) for text in resources if has_wildcard(text)]


def _parts(statement: Statement, conditions: When) -> tuple[Part, ...]:
    """The same as lists, each below its heading."""
    if _nothing(statement) is not None:
        return ()
    allows = statement.effect == "Allow"
    if statement.not_actions:
        heading = _("Allows every action except") if allows else _("Denies every action except")
    else:
        heading = _("Allows") if allows else _("Denies")
    named = statement.not_actions or statement.actions or ("*",)
    parts = [_part(heading, action_lists(named, SHOWN)), _resource_part(statement)]
    if conditions.all:
        parts.append(
            _part(_("Only while all of this holds") if allows else _("While all of this holds"), conditions.all)
        )
    if conditions.none:
        parts.append(_part(_("Unless"), conditions.none))
    return tuple(parts)


def _resource_part(statement: Statement) -> Part:
    given = statement.not_resources or statement.resources
    heading = _("On every resource except") if statement.not_resources else _("On")
    if given is None or "*" in given:
        return _part(heading, [_every_resource()])
    plain, wild = _sorted_out(given)
    return _part(heading, [*plain, *(_("whatever matches %(patterns)s") % {"patterns": text} for text in wild)])


def _part(heading: str, items: Sequence[str | Listed]) -> Part:
    left = len(items) - MOST_ITEMS
    more = ngettext("and %(n)d more", "and %(n)d more", left) % {"n": left} if left > 0 else ""
    return Part(heading, items[:MOST_ITEMS], more)


def _note(policy: Policy, statement: Statement) -> str:
    """What has to be said of a variable in a document to which it means nothing."""
    if policy.has_variables:
        return ""
    texts = [*(statement.resources or ()), *(statement.not_resources or ())]
    texts += [value for condition in statement.conditions for value in condition.values]
    if not any("${" in text for text in texts):
        return ""
    return _("Variables are plain text here: they need the Version 2012-10-17.")
