"""A user's policies in plain words: one sentence per statement, with the policy that it comes from.

The sentences say what the documents say; whether one request is allowed is decided by the engine alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from engine import Condition, NamedPolicy, Statement, catalog
from engine.wildcards import matches
from operations.caller import Caller

MOST_NAMED = 6
MFA = "aws:multifactorauthpresent"
USERNAME = "${aws:username}"


@dataclass(frozen=True)
class Sentence:
    """What one statement gives or takes. `source` is the policy's name, `via` how the user has it."""

    allows: bool
    what: str
    where: str
    when: str
    source: str
    via: str
    arn: str | None


def sentences(caller: Caller) -> list[Sentence]:
    """The statements of all policies that a caller carries: what is allowed first, then what is denied."""
    found = [
        _sentence(named, statement, caller)
        for named in caller.policies.identity
        for statement in named.policy.statements
    ]
    return sorted(found, key=lambda sentence: not sentence.allows)


def boundary_names(caller: Caller) -> list[str]:
    """The permissions boundary beyond which nothing of it goes."""
    return [named.name for named in caller.policies.boundaries]


def _sentence(named: NamedPolicy, statement: Statement, caller: Caller) -> Sentence:
    return Sentence(
        allows=statement.effect == "Allow",
        what=_actions(statement),
        where=_resources(statement, caller),
        when=_conditions(statement),
        source=named.name,
        via=_via(named.kind),
        arn=named.arn,
    )


def _via(kind: str) -> str:
    words = {
        "group": _("through a group"),
        "aws-managed": _("AWS managed"),
        "user-managed": _("customer managed"),
        "role": _("of the role"),
    }
    return words.get(kind, _("your own"))


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
    return shown if more <= 0 else _("%(names)s and %(n)d more") % {"names": shown, "n": more}


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


def _conditions(statement: Statement) -> str:
    return _(" and ").join(_condition(statement, condition) for condition in statement.conditions)


def _condition(statement: Statement, condition: Condition) -> str:
    operator, values = condition.operator, _values(condition.values)
    if condition.key.lower() == MFA and operator.lower() in {"bool", "boolifexists"}:
        return _("with MFA") if values.lower() == "true" else _("without MFA")
    return _("when %(key)s %(operator)s %(values)s") % {"key": condition.key, "operator": operator, "values": values}


def _values(values: Iterable[str]) -> str:
    return _(" or ").join(values)
