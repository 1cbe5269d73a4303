"""A user's policies in plain words: one sentence per statement, with the policy that it comes from.

The sentences say what the documents say; whether one request is allowed is decided by the engine alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.queries.credentials import Way
from engine import NamedPolicy, Statement, catalog
from engine.wildcards import matches
from operations.caller import Caller
from policies.words.conditions import when

MOST_NAMED = 6
USERNAME = "${aws:username}"


@dataclass(frozen=True)
class Sentence:
    """What one statement gives or takes. `source` is the policy's name, `via` what kind it is and how the user has it."""

    allows: bool
    what: str
    where: str
    when: str
    source: str
    via: str
    arn: str | None


def sentences(caller: Caller, ways: Iterable[Way]) -> list[Sentence]:
    """The statements of all policies that a caller carries: what is allowed first, then what is denied.

    `ways` are those by which the same user's policies reach the user: a Caller's policies do not know them.
    """
    origins = _Origins(ways)
    found = []
    for named in caller.policies.identity:
        via = origins.of(named)
        found += [_sentence(named, statement, caller, via) for statement in named.policy.statements]
    return sorted(found, key=lambda sentence: not sentence.allows)


def boundary_names(caller: Caller) -> list[str]:
    """The permissions boundary beyond which nothing of it goes."""
    return [named.name for named in caller.policies.boundaries]


class _Origins:
    """Where a user's policies come from, in words: «customer managed policy, attached to you and from group builders»."""

    def __init__(self, ways: Iterable[Way]) -> None:
        self.managed: dict[str, list[str]] = {}
        self.own: set[str] = set()
        of_groups: dict[str, list[str]] = {}
        for way in sorted(ways, key=lambda way: way.group.lower()):
            if way.arn:
                self.managed.setdefault(way.arn, []).append(way.group)
            elif way.group:
                of_groups.setdefault(way.name, []).append(way.group)
            else:
                self.own.add(way.name)
        # Groups may have inline policies of one name. A Caller carries them in the order of the groups' names.
        self.inline = {name: iter(groups) for name, groups in of_groups.items()}

    def of(self, named: NamedPolicy) -> str:
        if named.arn:
            kind = _("AWS managed policy") if named.kind == "aws-managed" else _("customer managed policy")
            ways = [
                _("from group %(name)s") % {"name": group} if group else _("attached to you")
                for group in self.managed.get(named.arn, [])
            ]
            return _("%(kind)s, %(ways)s") % {"kind": kind, "ways": _(" and ").join(ways)} if ways else kind
        if named.kind == "group":
            group = next(self.inline.get(named.name, iter(())), "")
            return _("inline policy of group %(name)s") % {"name": group}
        return _("inline policy of yours") if named.name in self.own else _("built in")


def _sentence(named: NamedPolicy, statement: Statement, caller: Caller, via: str) -> Sentence:
    return Sentence(
        allows=statement.effect == "Allow",
        what=_actions(statement),
        where=_resources(statement, caller),
        when=when(statement.conditions).words(allows=statement.effect == "Allow"),
        source=named.name,
        via=via,
        arn=named.arn,
    )


def _actions(statement: Statement) -> str:
    if statement.not_actions is not None:
        return _("everything except %(actions)s") % {"actions": _named(statement.not_actions)}
    actions = statement.actions or ()
    return _("everything") if "*" in actions else _named(actions)


def _named(actions: Sequence[str]) -> str:
    """Actions by service: «IAM: ChangePassword, Get*; Amazon S3: everything»."""
    services: dict[str, list[str]] = {}
    for action in actions:
        prefix, _sep, name = action.partition(":")
        services.setdefault(prefix.lower(), []).append(name)
    return "; ".join(f"{_service(prefix)}: {_shortened(names)}" for prefix, names in services.items())


def _service(prefix: str) -> str:
    return catalog.service(prefix).name if catalog.service_exists(prefix) else prefix


def _shortened(names: Sequence[str]) -> str:
    if "*" in names:
        return _("everything")
    shown = ", ".join(names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    if more <= 0:
        return shown
    return ngettext("%(names)s and %(n)d more", "%(names)s and %(n)d more", more) % {"names": shown, "n": more}


def _resources(statement: Statement, caller: Caller) -> str:
    if statement.not_resources is not None:
        return _("on everything except %(resources)s") % {"resources": ", ".join(statement.not_resources)}
    resources = statement.resources or ("*",)
    if "*" in resources:
        return ""
    return _("on %(resources)s") % {"resources": _shortened([_resource(text, caller) for text in resources])}


def _resource(text: str, caller: Caller) -> str:
    named = text.replace(USERNAME, caller.user_name or "")
    own = text == caller.arn or (USERNAME in text and matches(named, caller.arn))
    return _("your own user") if own else text
