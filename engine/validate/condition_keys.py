"""Condition keys: whether they exist, whether they fit actions, operators and each other."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

from engine import catalog
from engine.global_keys import ConditionKey, global_key, tag_key_prefix
from engine.said import counted, said
from engine.validate import fixes
from engine.validate.context import Context, admits
from engine.validate.finding import Fix
from engine.validate.model import Condition, Statement
from engine.validate.structure import suggestion
from engine.wildcards import has_wildcard

_FORMAT: Final = re.compile(r"[^:\s]+:\S.*", re.DOTALL)
# The keys that are only looked at for one action, and that action.
_KEY_NEEDS_ACTION: Final = {
    "iam:passedtoservice": "iam:PassRole",
    "iam:associatedresourcearn": "iam:PassRole",
    "sts:sourceidentity": "sts:SetSourceIdentity",
    "sts:transitivetagkeys": "sts:TagSession",
}
# A key that is safe only beside one of its partners; the first partner is the one to recommend.
_PAIRED_KEYS: Final = {
    "aws:vpcsourceip": ("aws:SourceVpc", "aws:SourceVpce", "aws:SourceVpcArn"),
}
_PARTLY_SENT_KEYS: Final = frozenset({"aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths"})
# Whether a request may carry several of these is not said in one voice; neither quantifier is worth a finding.
_EITHER_WAY: Final = frozenset({"aws:vpceorgpaths"})


def check(context: Context) -> None:
    """All checks of this module."""
    for statement in context.document.statements:
        for condition in statement.conditions:
            _check_key(context, statement, condition)
        _check_case(context, statement)
        _check_pairs(context, statement)


def known_key(key: str) -> ConditionKey | None:
    """The definition of a key, None for what the catalogue does not know (claims of OIDC providers, for one)."""
    try:
        return catalog.condition_key(key)
    except catalog.NotFound:
        return None


def _check_key(context: Context, statement: Statement, condition: Condition) -> None:
    key = condition.key
    if not _FORMAT.fullmatch(key):
        _report(context, "INVALID_CONDITION_KEY_FORMAT", condition, key=key)
        return
    prefix = key.partition(":")[0]
    if _lacks_tag_key(key):
        _report(context, "MISSING_TAG_KEY_IN_CONDITION", condition, key=key)
    elif condition.lower == "aws:arn":
        current = context.document.version == "2012-10-17"
        _report(
            context, "UNSUPPORTED_GLOBAL_CONDITION_KEY" if current else "DEPRECATED_GLOBAL_CONDITION_KEY", condition
        )
    elif not catalog.key_prefix_exists(prefix):
        if "." not in prefix and "/" not in prefix:  # the claims of identity providers begin with their host
            near = catalog.nearest(prefix, catalog.services()) if context.may_suggest() else None
            _report(context, "INVALID_SERVICE", condition, service=prefix, suggestion=suggestion(near))
    else:
        try:
            known = catalog.condition_key(key)
        except catalog.NotFound as error:
            _report_unknown(context, condition, prefix, error.nearest)
        else:
            _check_known(context, statement, condition, known)


def _lacks_tag_key(key: str) -> bool:
    name = key.partition(":")[2]
    if not name.lower().rstrip("/").endswith("tag") or "/" in name.rstrip("/"):
        return False
    prefix = key.rstrip("/") + "/"
    if tag_key_prefix(prefix) is not None:
        return True
    return name.endswith("/") and known_key(key + "x") is not None


def _report_unknown(context: Context, condition: Condition, prefix: str, near: str | None) -> None:
    if "." in prefix or "/" in prefix:
        return
    code = "INVALID_GLOBAL_CONDITION_KEY" if prefix.lower() == "aws" else "INVALID_SERVICE_CONDITION_KEY"
    proposal = near if context.may_suggest() else None
    _report(context, code, condition, key=condition.key, service=prefix, suggestion=suggestion(proposal))


def _check_known(context: Context, statement: Statement, condition: Condition, known: ConditionKey) -> None:
    operator = condition.operator
    if operator is None:
        return
    key, lower = condition.key, condition.lower
    if operator.family != "null":
        if known.multivalued and operator.quantifier is None and lower not in _EITHER_WAY:
            _report(context, "MISSING_QUALIFIER", condition, key=key)
        if not known.multivalued and operator.quantifier == "ForAllValues":
            fix = _without_quantifier(statement, condition) if statement.allows else None
            context.report(
                "FORALLVALUES_WITH_SINGLE_VALUED_KEY", condition.member.key_span, condition.path, fix, key=key
            )
        found = global_key(key)
        if found is not None and found.caller_controlled:
            _report(context, "UNTRUSTWORTHY_CONDITION_KEY", condition, key=key)
    if lower in _PARTLY_SENT_KEYS and _names_no_service(statement):
        _report(context, "USE_CONDITION_KEY_ONLY_WITH_SUPPORTED_SERVICES", condition, key=key)
    _check_actions(context, statement, condition)


def _without_quantifier(statement: Statement, condition: Condition) -> Fix | None:
    plain = condition.operator_name.partition(":")[2]
    block = statement.node.get("Condition")
    if len(condition.operator_member.value.members) != 1 or block is None or block.get(plain) is not None:
        return None
    return fixes.replace(condition.operator_member.key_span, plain, said("Remove {name}", name="ForAllValues"))


def _names_no_service(statement: Statement) -> bool:
    return statement.not_actions is not None or any(value.text == "*" for value in statement.actions or ())


def _check_actions(context: Context, statement: Statement, condition: Condition) -> None:
    if statement.actions is None or not statement.actions:
        return
    needed = _KEY_NEEDS_ACTION.get(condition.lower)
    if needed is not None and admits(statement.actions, needed.lower()) is None:
        _report(context, "MISSING_ACTION_FOR_CONDITION_KEY", condition, key=condition.key, action=needed)
        return
    prefix = condition.lower.partition(":")[0]
    operator = condition.operator
    if operator is None or operator.if_exists or prefix == "aws" or global_key(condition.key) is not None:
        return
    if not catalog.service_exists(prefix) or not _is_listed(prefix, condition.lower):
        return
    silent = [
        value.text
        for value, actions in context.expanded(statement)
        if len(actions) == 1
        and not has_wildcard(value.text)
        and not catalog.carries_key(actions[0].service, actions[0].name, condition.key)
    ]
    if silent:
        first = ", ".join(silent[:5])
        further = len(silent) - 5
        more = counted("{names} and {number} more", "{names} and {number} more", further, names=first)
        actions_text = more if further > 0 else first
        _report(context, "UNSUPPORTED_ACTION_FOR_CONDITION_KEY", condition, actions=actions_text, key=condition.key)


@lru_cache(maxsize=4096)
def _is_listed(prefix: str, key: str) -> bool:
    """Whether the reference names the key at any action of the service; some keys it only lists, without saying where."""
    return any(catalog.carries_key(prefix, action.name, key) for action in catalog.actions(prefix))


def _check_case(context: Context, statement: Statement) -> None:
    block = statement.node.get("Condition")
    for operator in block.members if block else ():
        seen: dict[str, str] = {}
        for member in operator.value.members:
            first = seen.setdefault(member.key.lower(), member.key)
            if first != member.key:
                path = (*statement.path, "Condition", operator.key, member.key)
                context.report("DUPLICATE_KEYS_WITH_DIFFERENT_CASE", member.key_span, path, key=member.key)


def _check_pairs(context: Context, statement: Statement) -> None:
    for lower, partners in _PAIRED_KEYS.items():
        for condition in statement.with_key(lower):
            asks = condition.operator is not None and condition.operator.family != "null"
            if asks and not statement.has_key(*(partner.lower() for partner in partners)):
                _report(context, "MISSING_PAIRED_CONDITION_KEYS", condition, key=condition.key, recommended=partners[0])


def _report(context: Context, code: str, condition: Condition, **parameters: Any) -> None:
    context.report(code, condition.member.key_span, condition.path, **parameters)
