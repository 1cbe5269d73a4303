"""Membership rules in words: «Everybody whose path begins with /ops/ and who has the tag team = ops»; and what they make of a change."""

from collections.abc import Iterator, Sequence
from functools import reduce

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import MembershipRule
from accounts.queries.membership_rules import asking_for_names, asking_for_tags
from operations.caller import Caller
from operations.ids import iam_arn

NAMED = 5  # groups


def sentence(rule: MembershipRule) -> SafeString:
    """Who is in the group by the rule, with the values as code."""
    conditions = list(_conditions(rule))
    if not conditions:
        return conditional_escape(_("Everybody in the account"))
    return format_html(_("Everybody {conditions}"), conditions=reduce(_and, conditions))


def after_tagging(caller: Caller, key: str = "") -> str:
    """Whose members may change by other tags of users, or by one of a key, for who may list groups; else an empty text."""
    names = asking_for_tags(caller.account_id, key) if _may_know(caller) else []
    said = _("By membership rules, users' tags decide who is in %(groups)s: that follows within half a minute.")
    return said % {"groups": _some(names)} if names else ""


def after_renaming(caller: Caller) -> str:
    """The same for other paths and names of users."""
    names = asking_for_names(caller.account_id) if _may_know(caller) else []
    said = _(
        "By membership rules, users' paths and names decide who is in %(groups)s: that follows within half a minute."
    )
    return said % {"groups": _some(names)} if names else ""


def _may_know(caller: Caller) -> bool:
    return caller.may("iam:ListGroups", iam_arn(caller.account_id, "group/"))


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMED]) + (" …" if len(names) > NAMED else "")


def _conditions(rule: MembershipRule) -> Iterator[SafeString]:
    if rule.path_prefix and rule.path_prefix != "/":  # with which every path begins
        yield format_html(_("whose path begins with {path}"), path=_code(rule.path_prefix))
    if rule.name_prefix:
        yield format_html(_("whose user name begins with {name}"), name=_code(rule.name_prefix))
    for key, value in rule.tags:
        yield format_html(_("who has the tag {tag}"), tag=_code(f"{key} = {value}".rstrip()))


def _and(one: SafeString, other: SafeString) -> SafeString:
    return format_html(_("{one} and {other}"), one=one, other=other)


def _code(text: str) -> SafeString:
    return format_html("<code>{}</code>", text)
