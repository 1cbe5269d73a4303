"""A membership rule as a sentence: «Everybody whose path begins with /ops/ and who has the tag team = ops»."""

from collections.abc import Iterator
from functools import reduce

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import MembershipRule


def sentence(rule: MembershipRule) -> SafeString:
    """Who is in the group by the rule, with the values as code."""
    conditions = list(_conditions(rule))
    if not conditions:
        return conditional_escape(_("Everybody in the account"))
    return format_html(_("Everybody {conditions}"), conditions=reduce(_and, conditions))


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
