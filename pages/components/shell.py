"""Parts of the frame around every page, and what forms have on top."""

from typing import Any

from django import forms
from django.conf import settings
from django.template import Context
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from pages import asking
from pages import navigation as registry
from pages.errors import Refusal, explanation_of
from pages.forms import unsaid
from pages.plurals import plural_forms
from pages.preferences import CHOICES


def optional_url(name: str) -> str:
    """The address of that name, or an empty text while no app has such a page."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def navigation(context: Context) -> SafeString:
    """The side bar's groups of links."""
    request = context.get("request")
    groups = list(registry.groups(context.get("caller"), request.path if request else ""))
    return SafeString(render_to_string("components/navigation.html", {"groups": groups}))


def user_menu(context: Context) -> SafeString:
    """Who is signed in, their own pages, appearance, sign out."""
    request = context["request"]
    caller = context.get("caller")
    if caller is None:
        return SafeString("")
    name = caller.user_name or caller.arn.rpartition(":" if caller.is_root else "/")[2]
    values = {
        "caller": caller,
        "name": name,
        "initials": "".join(part[0] for part in name.replace("_", "-").replace(".", "-").split("-") if part)[
            :2
        ].upper(),
        "links": registry.links(caller, request.path, "me"),
        "sign_out": optional_url("accounts:sign-out"),
        "choices": CHOICES,
        "appearance": context["appearance"],
        "next": request.get_full_path(),
    }
    return SafeString(render_to_string("components/user_menu.html", values, request))


def error_summary(context: Context, form: forms.BaseForm) -> SafeString:
    """All errors of a form on top of it, each a link to its field; nothing when there is none.

    A denied form shows its refusal, and its page is answered as one that is (pages.middleware.ErrorPages).
    """
    values: dict[str, Any] = {"form": form, "many": plural_forms(_problems)}
    refused: Refusal | None = getattr(form, "refusal", None)
    request = context.get("request")
    if refused is not None and request is not None:
        request.shows_refusal = True
        unsaid.set(None)
        values |= {"refusal": refused, "explanation": explanation_of(request, refused.error), "on_form": True}
        values["ask"] = asking.address_of(context.get("caller"), refused)
    return SafeString(render_to_string("components/error_summary.html", values))


def _problems(number: int) -> str:
    return ngettext("There is a problem", "There are %s problems", number)


def field(bound: Any) -> SafeString:
    """One form field in its frame, for pages that place their fields themselves."""
    return format_html('<div class="field {}">{}</div>', bound.css_classes(), bound.as_field_group())


def refusal(context: Context, found: Refusal) -> SafeString:
    """A part of a page that the caller may not see, with the permission that is missing and the way to ask for it."""
    values = {"refusal": found, "ask": asking.address_of(context.get("caller"), found)}
    return SafeString(render_to_string("components/refusal.html", values))


def grouped(number: int) -> str:
    """A number with its thousands apart, as the reader's language writes it: 6,144."""
    return number_format(number, force_grouping=True)


def short_arn(arn: str, account_id: str) -> str:
    """An ARN in the reader's own account without what all of them begin with: user/ops/dora. Others stay whole."""
    parts = arn.split(":", 5)
    is_own = len(parts) == 6 and parts[1] == settings.PARTITION and parts[4] == account_id and parts[5]
    return parts[5] if is_own else arn


def account_number(text: str) -> str:
    """An account number as AWS shows it: 1234-5678-9012."""
    return f"{text[:4]}-{text[4:8]}-{text[8:]}" if len(text) == 12 and text.isdecimal() else text
