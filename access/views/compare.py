"""Comparing two users, groups or roles; their names are in the address, and nothing is written."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from access.comparing import Side, comparison, may_compare, side_of
from access.forms import CompareForm
from accounts.listings.groups import GROUPS
from accounts.listings.roles import ROLES
from accounts.listings.users import USERS
from accounts.queries.groups import groups_of_account
from accounts.queries.roles import roles_of
from accounts.queries.users import listed_users
from operations.errors import NoSuchEntity
from operations.gate import authorise_form, authorise_read
from operations.ids import iam_arn
from pages.errors import Part, part
from pages.listing.selection import selection
from pages.request import CallerRequest


@require_safe
def compare(request: CallerRequest) -> HttpResponse:
    """The two of `?a=user/dora&b=role/deploy` beside each other; with one or none of them, the choice of who is compared.

    Raises AccessDenied for who may look at nobody.
    """
    if not may_compare(request.caller):
        authorise_form(request.caller, "iam:GetUser", iam_arn(request.caller.account_id, "user/*"), unfinished=True)
    form = CompareForm(request.GET if {"a", "b"} <= request.GET.keys() else None, initial=request.GET.dict())
    sides: dict[str, Part[Side]] = {}
    if form.is_valid():
        for name in ("a", "b"):
            try:
                sides[name] = part(side_of, request.caller, form.cleaned_data[name])
            except NoSuchEntity as error:
                form.add_error(name, error.message)
    first, second = (sides[name].value if name in sides else None for name in ("a", "b"))
    found = None
    if first and second and first.row == second.row:
        form.say_alike()
    elif first and second:
        found = comparison(request.caller, first, second)
    context = {"form": form, "found": found, "refusals": [each.refusal for each in sides.values() if each.refusal]}
    return render(request, "access/compare.html", context)


# The list, its rows, and the operation that lists them, by kind.
SELECTABLE = {
    "user": (USERS, listed_users, "iam:ListUsers"),
    "group": (GROUPS, groups_of_account, "iam:ListGroups"),
    "role": (ROLES, roles_of, "iam:ListRoles"),
}


@require_POST
def compare_selected(request: CallerRequest, kind: str) -> HttpResponse:
    """From two selected rows of a list to their comparison. Raises AccessDenied for whoever may not list them."""
    listing, rows_of, action = SELECTABLE[kind]
    account_id = request.caller.account_id
    authorise_read(request.caller, action, iam_arn(account_id, f"{kind}/"))
    chosen = selection(request.POST, listing.for_reader(request.caller), rows_of(account_id))
    names = [row.name for row in chosen.rows[:3]]
    if len(names) != 2:
        messages.error(request, _("Select two to compare them."))
        return redirect(chosen.list_at(reverse(f"accounts:{kind}s")))
    asked = {side: f"{kind}/{name}" for side, name in zip(("a", "b"), names, strict=True)}
    return redirect(f"{reverse('access:compare')}?{urlencode(asked, safe='/')}")
