"""The permissions boundary of a user or role: set, changed and removed after a look at what that changes."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.boundary_consequences import limited, overlapping
from accounts.forms.permissions import BoundaryForm
from accounts.holders import KINDS, Kind
from accounts.opposites import bounding
from accounts.page_request import PageRequest
from operations.gate import authorise_form, request_keys
from pages import drafts
from pages.errors import Part, part
from pages.picking import left_to_create, looked_up
from pages.undo import done
from policies.lookup import boundary_policy
from policies.models import ManagedPolicy
from policies.replays import replayed
from policies.saving import admitted, mark, renew, save


def boundary(request: PageRequest, kind: str, name: str) -> HttpResponse:
    """Set, change or remove the permissions boundary. The form leads to a review of what that gives and takes; its own buttons, `changed`
    and `removed`, do it, and `edit` leads back to the choice. Whoever does so later sees what was set meanwhile.
    """
    holder = KINDS[kind]
    row = holder.read(request.caller, name)
    caller = request.caller
    if request.method != "POST":
        keys = holder.keys(row, holder.boundary_action)
        authorise_form(caller, holder.boundary_action, row.arn, keys, unfinished=True)
    current = row.boundary.arn if row.boundary else ""
    is_as_seen = request.POST.get("seen") == mark(current)
    is_removed = "remove" in request.POST or "removed" in request.POST
    if is_removed and is_as_seen:
        return _remove(request, holder, row)
    form = BoundaryForm(
        request.POST or drafts.taken(request),
        caller=caller,
        initial={"permissions_boundary": current, "seen": mark(current)},
    )
    if (elsewhere := left_to_create(request, form)) is not None:
        return elsewhere
    meanwhile = wanted = ""
    if is_removed:
        meanwhile, form = current or _("(no boundary)"), BoundaryForm(caller=caller, initial=form.initial)
    elif not looked_up(form) and "edit" not in request.POST and form.is_valid():
        wanted = form.cleaned_data["permissions_boundary"]
        if not is_as_seen:
            meanwhile = current or _("(no boundary)")
            renew(form, current)
        elif (answer := _set(request, holder, row, form)) is not None:
            return answer
    context = {
        "holder": holder,
        "row": row,
        "form": form,
        "meanwhile": meanwhile,
        "wanted": wanted,
        "seen": mark(current),
        "may_remove": caller.may(remove_action(holder), row.arn, holder.keys(row, remove_action(holder))),
        "overlap": part(overlapping, caller, holder, row) if row.boundary else None,
    }
    return render(request, "accounts/holders/boundary.html", context, status=409 if meanwhile else 200)


def remove_action(holder: Kind) -> str:
    """The permission that removing a boundary needs."""
    return holder.action("Delete", "PermissionsBoundary")


def _remove(request: PageRequest, holder: Kind, row: Any) -> HttpResponse:
    """The review of a removal, and the removal itself."""
    if "removed" in request.POST:
        before = [bounding(holder, row)]
        holder.call(request.caller, "Delete", "PermissionsBoundary", row.name)
        done(request, _("Permissions boundary removed."), before, on=row.arn, replaces=True)
        return redirect(holder.address(row.name))
    action = remove_action(holder)
    authorise_form(request.caller, action, row.arn, holder.keys(row, action))
    return _review(request, holder, row, None)


def _set(request: PageRequest, holder: Kind, row: Any, form: BoundaryForm) -> HttpResponse | None:
    """The review of another boundary, and setting it; None where it cannot be, which stands on the form then."""
    caller, action, arn = request.caller, holder.boundary_action, form.cleaned_data["permissions_boundary"]
    if "changed" in request.POST:
        before = [bounding(holder, row)]
        if not save(
            form, lambda: holder.call(caller, "Put", "PermissionsBoundary", row.name, permissions_boundary=arn)
        ):
            return None
        done(request, _("Permissions boundary set."), before, on=row.arn, replaces=True)
        return redirect(holder.address(row.name))
    keys = {**holder.keys(row, action), **request_keys(action, {"permissions_boundary": arn})}
    if not admitted(form, lambda: authorise_form(caller, action, row.arn, keys)):
        return None
    found: list[ManagedPolicy] = []
    if not save(form, lambda: found.append(boundary_policy(caller.account_id, arn))):
        return None
    return _review(request, holder, row, found[0])


def _review(request: PageRequest, holder: Kind, row: Any, policy: ManagedPolicy | None) -> HttpResponse:
    found = part(limited, request.caller, holder, row, policy)
    told = found.value
    context = {
        "holder": holder,
        "row": row,
        "policy": policy,
        "access": Part(told.access if told else None, found.refusal),
        "overlap": told.overlap if told else None,
        "replay": replayed(request.caller, told.change) if told else None,
        "seen": mark(row.boundary.arn if row.boundary else ""),
    }
    return render(request, "accounts/holders/boundary_review.html", context)
