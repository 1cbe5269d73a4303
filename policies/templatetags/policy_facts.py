"""Cells of the list of policies that say what a document says of itself."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from operations.quotas import quota
from pages.components.words import status
from policies.editing import SEVERITIES
from policies.finding_words import counts_of, parts

register = template.Library()
OUTCOMES = {severity: outcome for severity, _tab, _one, outcome in SEVERITIES}


@register.simple_tag(takes_context=True)
def findings_of(context: template.Context, policy: Any) -> SafeString:
    """How many findings there are of each severity, leading to them for who may open the policy."""
    found = parts(counts_of(policy))
    if not found:
        return SafeString('<span class="faint">–</span>')
    said = format_html_join(" ", "{}", ((status(OUTCOMES[severity], words),) for severity, words in found))
    caller = context.get("caller")
    if caller is None or not caller.may_somehow("iam:GetPolicy", policy.arn):
        return format_html('<span class="row">{}</span>', said)
    return format_html('<a class="row" href="{}#findings">{}</a>', reverse("policies:policy", args=[policy.arn]), said)


@register.simple_tag
def most(name: str) -> int:
    """A quota of AWS's."""
    return quota(name)
