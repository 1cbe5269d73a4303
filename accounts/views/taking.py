"""Taking several policies from a user, group or role at once: managed ones are detached, inline ones deleted, all or none."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.consequences import taken_from
from accounts.holders import KINDS, Kind
from accounts.models import Group
from accounts.page_request import PageRequest
from accounts.queries.held_policies import HeldPolicy
from operations.caller import ContextValue
from operations.gate import authorise_form, one_change, request_keys
from operations.rehearsal import Step
from pages.listing.bulk import NOTHING
from pages.undo import done

MANAGED, INLINE = "managed", "inline"  # the fields that name the chosen policies: by ARN, and by name
MOST = 100  # more than anybody can have attached


@require_POST
def take(request: PageRequest, kind: str, name: str) -> HttpResponse:
    """Show what is taken with the chosen policies, and with `go` take them."""
    holder = KINDS[kind]
    row = holder.read(request.caller, name)
    for action, context in _asked(request, holder):  # before it is looked up whether the holder has them
        authorise_form(request.caller, action, row.arn, {**holder.keys(row, action), **context})
    chosen = _chosen(request, holder, row)
    back = redirect(holder.policies_address(row.name))
    if not chosen:
        messages.info(request, NOTHING)
        return back
    if "go" in request.POST:
        _take(request, holder, row, chosen)
        return back
    shown: dict[str, Any] = {"holder": holder, "row": row, "chosen": chosen, "back": holder.policies_address(row.name)}
    if isinstance(row, Group):
        documents = [held.document for held in chosen if not held.arn and held.document]
        shown["impact"] = taken_from(request.caller, row, [held.arn for held in chosen if held.arn], documents)
    return render(request, "accounts/holders/take_many.html", shown)


def _asked(request: PageRequest, holder: Kind) -> Iterator[tuple[str, Mapping[str, ContextValue]]]:
    """The permissions that taking asks for, with what each choice brings to their conditions."""
    for arn in request.POST.getlist(MANAGED)[:MOST]:
        yield holder.detach_action, request_keys(holder.detach_action, {"policy_arn": arn})
    if request.POST.getlist(INLINE):
        yield holder.delete_action, {}


def _chosen(request: PageRequest, holder: Kind, row: Any) -> list[HeldPolicy]:
    """Those of the chosen policies that the holder itself has."""
    arns, names = set(request.POST.getlist(MANAGED)[:MOST]), set(request.POST.getlist(INLINE))
    held = [one for one in holder.policies(row) if one.is_direct]
    return [one for one in held if (one.arn in arns if one.arn else one.name in names)]


def _take(request: PageRequest, holder: Kind, row: Any, chosen: Sequence[HeldPolicy]) -> None:
    """Take all or none, and say so with the way back."""
    steps: list[Step] = []
    with one_change():
        for held in chosen:
            if held.arn:
                holder.call(request.caller, "Detach", "Policy", row.name, policy_arn=held.arn)
                steps.append(holder.step("Attach", "Policy", row.name, policy_arn=held.arn))
            else:
                given = {"policy_name": held.name, "policy_document": held.document}
                holder.call(request.caller, "Delete", "Policy", row.name, policy_name=held.name)
                steps.append(holder.step("Put", "Policy", row.name, **given))
    said = ngettext("%(n)d policy is taken from %(name)s.", "%(n)d policies are taken from %(name)s.", len(chosen))
    done(request, said % {"n": len(chosen), "name": row.name}, steps, on=row.arn)
