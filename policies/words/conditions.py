"""Conditions in words: one vocabulary for identity policies, trust policies, and for what somebody may do.

A clause says when the engine finds its condition true (engine/conditions.py), also of a request that has no such key: a negated operator
holds then, and so does one with IfExists. What holds unless something is so is said in that way round.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from engine import Condition
from engine.operators import Operator, operator_named
from engine.wildcards import has_wildcard
from policies.words.lists import all_of, any_of, verbatim

# Condition keys, in lower case, as a sentence names what they hold (IAM User Guide, «AWS global condition context keys»).
SUBJECTS: Final[Mapping[str, Promise]] = {
    "aws:currenttime": gettext_lazy("the time of the request"),
    "aws:epochtime": gettext_lazy("the time of the request in seconds since 1970"),
    "aws:multifactorauthage": gettext_lazy("the number of seconds since MFA was used"),
    "aws:principalaccount": gettext_lazy("the caller's account"),
    "aws:principalarn": gettext_lazy("the caller's ARN"),
    "aws:principalorgid": gettext_lazy("the caller's organization"),
    "aws:principaltype": gettext_lazy("the caller's type"),
    "aws:requestedregion": gettext_lazy("the Region that is called"),
    "aws:resourceaccount": gettext_lazy("the resource's account"),
    "aws:resourceorgid": gettext_lazy("the resource's organization"),
    "aws:sourceaccount": gettext_lazy("the account for which the service calls"),
    "aws:sourcearn": gettext_lazy("the resource for which the service calls"),
    "aws:sourceidentity": gettext_lazy("the source identity"),
    "aws:sourceip": gettext_lazy("the source address"),
    "aws:sourcevpc": gettext_lazy("the VPC that the request comes from"),
    "aws:sourcevpce": gettext_lazy("the VPC endpoint that the request comes through"),
    "aws:tagkeys": gettext_lazy("the tag keys in the request"),
    "aws:useragent": gettext_lazy("the user agent"),
    "aws:userid": gettext_lazy("the caller's unique ID"),
    "aws:username": gettext_lazy("the caller's user name"),
    "iam:passedtoservice": gettext_lazy("the service that the role is passed to"),
    "iam:permissionsboundary": gettext_lazy("the permissions boundary"),
    "iam:policyarn": gettext_lazy("the managed policy"),
    "sts:externalid": gettext_lazy("the external ID"),
    "sts:rolesessionname": gettext_lazy("the name of the session"),
}
TAGS: Final[Mapping[str, Promise]] = {
    "principaltag": gettext_lazy("the caller's tag %(name)s"),
    "requesttag": gettext_lazy("the tag %(name)s in the request"),
    "resourcetag": gettext_lazy("the resource's tag %(name)s"),
}
# What is so when a key is true, and when it is there and false.
FACTS: Final[Mapping[str, tuple[Promise, Promise]]] = {
    "aws:multifactorauthpresent": (
        gettext_lazy("MFA was used in the session"),
        gettext_lazy("the session says that MFA was not used"),
    ),
    "aws:securetransport": (
        gettext_lazy("the request is encrypted"),
        gettext_lazy("the request is not encrypted"),
    ),
}
# By family and comparison: the clause of a condition.
CLAUSES: Final[Mapping[tuple[str, str], Promise]] = {
    ("string", "equals"): gettext_lazy("%(subject)s is %(values)s"),
    ("string", "equals_ignore_case"): gettext_lazy("%(subject)s is %(values)s in capital or small letters"),
    ("string", "like"): gettext_lazy("%(subject)s matches %(values)s"),
    ("arn", "equals"): gettext_lazy("%(subject)s is %(values)s"),
    ("arn", "like"): gettext_lazy("%(subject)s matches %(values)s"),
    ("numeric", "equals"): gettext_lazy("%(subject)s is %(values)s"),
    ("numeric", "less"): gettext_lazy("%(subject)s is less than %(values)s"),
    ("numeric", "less_equals"): gettext_lazy("%(subject)s is at most %(values)s"),
    ("numeric", "greater"): gettext_lazy("%(subject)s is more than %(values)s"),
    ("numeric", "greater_equals"): gettext_lazy("%(subject)s is at least %(values)s"),
    ("date", "equals"): gettext_lazy("%(subject)s is exactly %(values)s"),
    ("date", "less"): gettext_lazy("%(subject)s is before %(values)s"),
    ("date", "less_equals"): gettext_lazy("%(subject)s is not after %(values)s"),
    ("date", "greater"): gettext_lazy("%(subject)s is after %(values)s"),
    ("date", "greater_equals"): gettext_lazy("%(subject)s is not before %(values)s"),
    ("ip", "equals"): gettext_lazy("%(subject)s is in %(values)s"),
    ("bool", "equals"): gettext_lazy("%(subject)s is %(values)s"),
    ("binary", "equals"): gettext_lazy("%(subject)s is, in Base64, %(values)s"),
}
# The same for values none of which is meant, by their number.
NEGATED: Final[Mapping[tuple[str, str], Callable[[int], str]]] = {
    ("string", "equals"): lambda n: ngettext("%(subject)s is not %(values)s", "%(subject)s is none of %(values)s", n),
    ("string", "equals_ignore_case"): lambda n: ngettext(
        "%(subject)s is not %(values)s in capital or small letters",
        "%(subject)s is none of %(values)s in capital or small letters",
        n,
    ),
    ("string", "like"): lambda n: ngettext(
        "%(subject)s does not match %(values)s", "%(subject)s matches none of %(values)s", n
    ),
    ("date", "equals"): lambda n: ngettext(
        "%(subject)s is not exactly %(values)s", "%(subject)s is exactly none of %(values)s", n
    ),
    ("ip", "equals"): lambda n: ngettext("%(subject)s is not in %(values)s", "%(subject)s is in none of %(values)s", n),
}
NEGATED_AS: Final = {"arn": "string", "numeric": "string"}  # families whose negations are said in the words of another


@dataclass(frozen=True)
class When:
    """The conditions of a statement: all of `all` hold, and none of `none`."""

    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.all or self.none)

    def words(self, *, allows: bool) -> str:
        """Both in one text; what allows does so under them only."""
        holding, excepted = _(", and ").join(self.all), _(", or ").join(self.none)
        if not holding:
            return _("unless %(excepted)s") % {"excepted": excepted} if excepted else ""
        only = _("only while %(holding)s") if allows else _("while %(holding)s")
        said = only % {"holding": holding}
        return _("%(holding)s, unless %(excepted)s") % {"holding": said, "excepted": excepted} if excepted else said


def when(conditions: Iterable[Condition]) -> When:
    """What the conditions of a statement ask for, each as a clause."""
    holding: list[str] = []
    excepted: list[str] = []
    for condition in conditions:
        operator = operator_named(condition.operator)
        if operator is None:  # no document that can be read has one
            holding.append(f"{condition.key} {condition.operator} {any_of(condition.values)}")
        elif (turned := _excepted(condition, operator)) is not None:
            excepted.append(turned)
        else:
            holding.append(_clause(condition, operator))
    return When(tuple(holding), tuple(excepted))


def _excepted(condition: Condition, operator: Operator) -> str | None:
    """What must not be so, of a condition that holds whenever it is not, the absent key included; None for any other."""
    if operator.quantifier is not None:
        return None
    if operator.negated:
        return _positive(_subject(condition.key), condition.values, operator)
    if operator.family == "bool" and operator.if_exists and _truth(condition.values) is False:
        return _fact(condition.key, truth=True)
    return None


def _clause(condition: Condition, operator: Operator) -> str:
    key, values = condition.key, condition.values
    if operator.family == "null":
        return _presence(key, values)
    if operator.quantifier == "ForAllValues":
        said = _of_each(key, values, operator)
        return _("%(clause)s (or there is none)") % {"clause": said}
    if operator.quantifier == "ForAnyValue":
        subject = _("at least one value of %(key)s") % {"key": key}
        said = _negative(subject, values, operator) if operator.negated else _positive(subject, values, operator)
        return _("%(clause)s (or there is none)") % {"clause": said} if operator.if_exists else said
    truth = _truth(values) if operator.family == "bool" else None
    said = _positive(_subject(key), values, operator) if truth is None else _fact(key, truth=truth)
    return _("%(clause)s (or the request does not say)") % {"clause": said} if operator.if_exists else said


def _of_each(key: str, values: tuple[str, ...], operator: Operator) -> str:
    subject = _("no value of %(key)s") if operator.negated else _("every value of %(key)s")
    return _positive(subject % {"key": key}, values, operator)


def _presence(key: str, values: tuple[str, ...]) -> str:
    """Of Null: whether the key has to be there."""
    wanted = {value.lower() for value in values} & {"true", "false"}
    if wanted == {"true"}:
        return _("%(key)s is not in the request") % {"key": key}
    if wanted == {"false"}:
        return _("%(key)s is in the request") % {"key": key}
    if wanted:
        return _("%(key)s is in the request or not") % {"key": key}
    return _never(key)


def _positive(subject: str, values: tuple[str, ...], operator: Operator) -> str:
    if not values:
        return _never(subject)
    return str(CLAUSES[_clause_key(operator, values)]) % {"subject": subject, "values": any_of(map(verbatim, values))}


def _negative(subject: str, values: tuple[str, ...], operator: Operator) -> str:
    if not values:
        return _("%(subject)s is none of no values, which always holds") % {"subject": subject}
    family, comparison = _clause_key(operator, values)
    words = NEGATED[NEGATED_AS.get(family, family), comparison]
    return words(len(values)) % {"subject": subject, "values": all_of(map(verbatim, values))}


def _clause_key(operator: Operator, values: tuple[str, ...]) -> tuple[str, str]:
    """Under which an operator's words are found. What compares with wildcards and has none is equal or not."""
    plain = operator.comparison == "like" and not any(map(has_wildcard, values))
    return operator.family, "equals" if plain else operator.comparison


def _never(subject: str) -> str:
    return _("%(subject)s is one of no values, which never holds") % {"subject": subject}


def _truth(values: tuple[str, ...]) -> bool | None:
    """The one truth that is asked for; None where it is none or both."""
    given = {value.lower() for value in values}
    return given == {"true"} if given in ({"true"}, {"false"}) else None


def _fact(key: str, *, truth: bool) -> str:
    if known := FACTS.get(key.lower()):
        return str(known[0] if truth else known[1])
    words = _("%(key)s is true") if truth else _("%(key)s is false")
    return words % {"key": key}


def _subject(key: str) -> str:
    """What a condition key holds, as a sentence names it; the key itself where there is no word for it."""
    if known := SUBJECTS.get(key.lower()):
        return str(known)
    kind, slash, name = key.partition("/")
    words = TAGS.get(kind.lower().rpartition(":")[2]) if slash else None
    return str(words) % {"name": verbatim(name)} if words else key
