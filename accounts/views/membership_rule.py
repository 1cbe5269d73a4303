"""A group's membership rule: setting it after a preview of who comes and goes, and removing it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.forms.membership_rule import MembershipRuleForm, RemoveRuleForm, as_parameters, as_typed
from accounts.holders import KINDS
from accounts.membership_rules import carry_out_now
from accounts.models import Group, MembershipRule
from accounts.operations.membership_rules import (
    ADD,
    REMOVE,
    delete_membership_rule,
    needed,
    proposed,
    put_membership_rule,
)
from accounts.page_request import PageRequest
from accounts.queries.membership_rules import rule_of
from accounts.rule_previews import ended, preview
from accounts.rule_words import sentence
from operations import contract, rehearsal
from operations.gate import authorise_form, authorise_read
from operations.rehearsal import Step
from pages.components.shell import grouped
from pages.undo import done
from policies.saving import admitted, mark, renew, save, shown_values

HOLDER = KINDS["group"]


def edit(request: PageRequest, name: str) -> HttpResponse:
    """Set or change the rule. The form leads to the preview; the preview's button, `put`, sets it, and `edit` leads back.

    Whoever saves later sees what somebody else set meanwhile.
    """
    row: Group = HOLDER.read(request.caller, name)
    if request.method != "POST":
        for action in (ADD, REMOVE):
            authorise_form(request.caller, action, row.arn)
    stored = rule_of(row)
    present = as_typed(stored)
    form = MembershipRuleForm(request.POST or None, initial={**present, "seen": _mark(stored)})
    context: dict[str, Any] = {"holder": HOLDER, "row": row, "form": form, "rule": stored}
    if "edit" not in request.POST and form.is_valid():
        if form.cleaned_data["seen"] != _mark(stored):
            typed = {name: str(form.data.get(name, "")) for name in present}
            context |= {"meanwhile": shown_values(form, present), "typed": shown_values(form, typed)}
            renew(form, _text(stored))
        elif "put" in request.POST:
            if save(form, lambda: put_membership_rule(request.caller, group_name=row.name, **form.parameters)):
                return _put(request, row, stored)
        elif (wanted := _wanted(request, row, form)) is not None:
            context |= {"sentence": sentence(wanted), "preview": preview(request.caller, wanted)}
            context["sent"] = [(name, form.data.get(name, "")) for name in form.fields]
            return render(request, "accounts/groups/rule_review.html", context)
    return render(request, "accounts/groups/rule.html", context, status=409 if "meanwhile" in context else 200)


def _wanted(request: PageRequest, row: Group, form: MembershipRuleForm) -> MembershipRule | None:
    """The rule that was asked for, where the caller may set it and see whom it means; else None, and why not stands on the form."""
    caller, params, found = request.caller, form.parameters, list[MembershipRule]()

    def ask() -> None:
        authorise_form(caller, ADD, row.arn)
        for action, resource in needed(row, tags="user_tags" in params):
            authorise_form(caller, action, resource)
        contract.validate("iam", "PutMembershipRule", {"group_name": row.name, **params})
        found.append(proposed(caller, row, **params))

    if not admitted(form, ask):
        return None
    for action, resource in needed(row, tags="user_tags" in params)[1:]:
        authorise_read(caller, action, resource)
    return found[0]


def _put(request: PageRequest, row: Group, before: MembershipRule | None) -> HttpResponse:
    """Begin to carry out what was set, and say how far that came."""
    rule = None if rehearsal.is_on() else carry_out_now(request.caller, row.name)
    said = _("The membership rule of %(name)s is set.") % {"name": row.name}
    if rule is not None and rule.failed_at:
        messages.warning(request, _("The membership rule of %(name)s is set, but has stopped.") % {"name": row.name})
        return redirect(HOLDER.address(row.name))
    if rule is not None and rule.waiting:
        said += " " + _waiting(rule.waiting)
    back = {"group_name": row.name}
    if before is None or before.is_ending:
        steps = [Step("iam", "DeleteMembershipRule", {**back, "remove_users": True})]
    else:
        steps = [Step("iam", "PutMembershipRule", {**back, **as_parameters(before)})]
    done(request, said, steps, on=row.arn, replaces=True)
    return redirect(HOLDER.address(row.name))


def _waiting(number: int) -> str:
    words = ngettext(
        "%(n)s user is still to come or go, which happens by itself.",
        "%(n)s users are still to come or go, which happens by itself.",
        number,
    )
    return words % {"n": grouped(number)}


def remove(request: PageRequest, name: str) -> HttpResponse:
    """Remove the rule, after showing whom it has added and what becomes of them."""
    row: Group = HOLDER.read(request.caller, name)
    if request.method != "POST":
        for action in (ADD, REMOVE):
            authorise_form(request.caller, action, row.arn)
    stored = rule_of(row)
    if stored is None:
        raise Http404(_("The group has no membership rule."))
    form = RemoveRuleForm(request.POST or None, initial={"seen": _mark(stored)})
    meanwhile = False
    if form.is_valid():
        if form.cleaned_data["seen"] != _mark(stored):
            meanwhile = True
            renew(form, _text(stored))
        elif save(form, lambda: _delete(request, stored, leave=form.cleaned_data["users"] == "leave")):
            return redirect(HOLDER.address(row.name))
    moved, impact = ended(request.caller, stored)
    context = {"holder": HOLDER, "row": row, "form": form, "sentence": sentence(stored), "moved": moved}
    context |= {"impact": impact, "meanwhile": meanwhile}
    return render(request, "accounts/groups/rule_remove.html", context, status=409 if meanwhile else 200)


def _delete(request: PageRequest, stored: MembershipRule, *, leave: bool) -> None:
    """Delete the rule. That can be undone where those whom it has added leave with it: it adds them again. Who stays counts as added by
    hand from then on, which no rule takes back.
    """
    group = stored.group
    back = Step("iam", "PutMembershipRule", {"group_name": group.name, **as_parameters(stored)})
    said = _("The membership rule of %(name)s is removed.") % {"name": group.name}
    delete_membership_rule(request.caller, group_name=group.name, **({"remove_users": True} if leave else {}))
    if not leave:
        messages.success(request, said)
        return
    rule = None if rehearsal.is_on() else carry_out_now(request.caller, group.name)
    if rule is not None and rule.waiting:
        said += " " + _waiting(rule.waiting)
    done(request, said, [] if stored.is_ending else [back], on=group.arn, replaces=True)


def _mark(rule: MembershipRule | None) -> str:
    return mark(_text(rule))


def _text(rule: MembershipRule | None) -> str:
    """What a reader has seen of a rule."""
    return "" if rule is None else "\n".join([*as_typed(rule).values(), "ending" if rule.is_ending else ""])
