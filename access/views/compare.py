"""Comparing two users, groups or roles; their names are in the address, and nothing is written."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from access.comparing import Side, comparison, side_of
from access.forms import CompareForm
from operations.errors import NoSuchEntity
from operations.gate import authorise_form
from operations.ids import iam_arn
from pages.errors import Part, part
from pages.request import CallerRequest


@require_safe
def compare(request: CallerRequest) -> HttpResponse:
    """The two of `?a=user/dora&b=role/deploy` beside each other; with one or none of them, the choice of who is compared.

    Raises AccessDenied for who may look at nobody.
    """
    if not any(request.caller.may_somehow(f"iam:Get{kind}") for kind in ("User", "Group", "Role")):
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
