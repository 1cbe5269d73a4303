"""One user: permissions, groups, activity, renaming, deletion."""

from dataclasses import replace
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.cascades import delete_user_completely
from accounts.consequences import joining_groups
from accounts.forms.permissions import JoinForm
from accounts.holders import KINDS
from accounts.listings.groups import SEE_ATTACHED, SEE_MEMBERS
from accounts.losses import losses_of_user
from accounts.models import Group, MembershipRule, User
from accounts.operations.memberships import add_user_to_group, remove_user_from_group
from accounts.opposites import membership
from accounts.page_request import PageRequest
from accounts.queries.groups import groups_of
from accounts.queries.membership_rules import matching
from accounts.resolve import groups_to_join
from audit.listing import events_of
from audit.queries import trail
from operations import rehearsal
from operations.caller import Caller
from operations.gate import authorise_form, authorise_read, one_change
from pages import drafts
from pages.errors import part
from pages.listing import render_listing
from pages.listing.needs import sees_of
from pages.picking import left_to_create, looked_up, wished
from pages.undo import done
from policies.saving import save

HOLDER = KINDS["user"]


def permissions(request: PageRequest, name: str) -> HttpResponse:
    """The user's policies, each with where it comes from, and the boundary."""
    row = HOLDER.read(request.caller, name)
    caller = request.caller

    return render(
        request,
        "accounts/users/permissions.html",
        {"holder": HOLDER, "row": row, "held": part(HOLDER.read_policies, caller, row), "tab": "permissions"},
    )


def groups(request: PageRequest, name: str) -> HttpResponse:
    """The groups that the user is in; joining others, of which those of `?group=` are chosen already.

    The form leads to a review of what they add; the review's button, `join`, does it.
    """
    row = HOLDER.read(request.caller, name)
    caller = request.caller
    may_join = caller.may_somehow("iam:AddUserToGroup")
    form = None
    if may_join or request.POST:
        seen = _groups_seen(caller, row)
        initial = {"groups": wished(request, "group", seen)}
        form = JoinForm(request.POST or drafts.taken(request), caller=caller, initial=initial, joined=seen)
        if (elsewhere := left_to_create(request, form)) is not None:
            return elsewhere
        if not looked_up(form) and form.is_valid():
            answer = _joined if "join" in request.POST else _join_review
            if (shown := answer(request, row, form)) is not None:
                return shown

    def mine() -> list[Group]:
        HOLDER.authorise(caller, "iam:ListGroupsForUser", row)
        return groups_of(row)

    groups = part(mine)
    told = {
        what: {group.pk for group in groups.value or () if sees_of(caller, needs, group.arn, {})}
        for what, needs in (("users", SEE_MEMBERS), ("policies", SEE_ATTACHED))
    }
    context = {"holder": HOLDER, "row": row, "groups": groups, "told": told, "form": form, "tab": "groups"}
    return render(request, "accounts/users/groups.html", context)


def _groups_seen(caller: Caller, row: User) -> list[str]:
    """The names of the user's groups, which are not offered once more; none for whoever may not see them."""
    may_see = HOLDER.may(caller, "iam:ListGroupsForUser", row)
    return list(row.groups.values_list("name", flat=True)) if may_see else []


def _joined(request: PageRequest, row: User, form: JoinForm) -> HttpResponse | None:
    """Join the chosen groups, all or none; None where it cannot be, which stands on the form then."""
    chosen = form.cleaned_data["groups"]

    def join() -> None:
        with one_change():
            for group_name in chosen:
                add_user_to_group(request.caller, group_name=group_name, user_name=row.name)

    if not save(form, join):
        return None
    joined = ngettext("%(name)s joined %(n)d group.", "%(name)s joined %(n)d groups.", len(chosen))
    steps = [membership("RemoveUserFromGroup", row.name, group_name) for group_name in chosen]
    done(request, joined % {"name": row.name, "n": len(chosen)}, steps, on="*")
    return redirect(HOLDER.address(row.name, "groups"))


def _join_review(request: PageRequest, row: User, form: JoinForm) -> HttpResponse | None:
    """What the chosen groups add, before they are joined; None where they cannot be, which stands on the form then."""
    caller, chosen = request.caller, form.cleaned_data["groups"]
    found: list[Group] = []
    if not save(form, lambda: found.extend(groups_to_join(caller, chosen))):
        return None
    back = HOLDER.address(row.name, "groups")
    context = {
        "holder": HOLDER,
        "row": row,
        "joining": joining_groups(caller, row, found),
        "back": back,
        "again": f"{back}?{urlencode([('group', group_name) for group_name in chosen])}#join",
    }
    return render(request, "accounts/users/join_review.html", context)


def leave_group(request: PageRequest, name: str) -> HttpResponse:
    """Take the user out of a group, after saying what that takes away."""
    group_name = request.POST.get("group_name", "") or request.GET.get("group_name", "")
    if request.method == "POST":
        remove_user_from_group(request.caller, group_name=group_name, user_name=name)
        said = _("%(name)s left %(group)s.") % {"name": name, "group": group_name}
        done(request, said, [membership("AddUserToGroup", name, group_name)], on="*")
        return redirect(HOLDER.address(name, "groups"))
    row = HOLDER.read(request.caller, name)
    is_known = HOLDER.may(request.caller, "iam:ListGroupsForUser", row)
    if not group_name or (is_known and not row.groups.filter(name=group_name).exists()):
        raise Http404(_("The user is not in this group."))
    losers = _("%(name)s loses what the group's policies allow, unless another policy allows it too.") % {
        "name": row.name
    }
    if is_known and _comes_again(request.caller, row, group_name):
        losers += " " + _("The membership rule of the group adds %(name)s again.") % {"name": row.name}
    context = {
        "holder": HOLDER,
        "row": row,
        "title": _("Take %(name)s out of %(group)s?") % {"name": row.name, "group": group_name},
        "button": _("Remove from group"),
        "losers": losers,
        "fields": {"group_name": group_name},
        "back": HOLDER.address(row.name, "groups"),
    }
    return render(request, "accounts/holders/take.html", context)


def _comes_again(caller: Caller, row: User, group_name: str) -> bool:
    """Whether a user who leaves a group is added again by its rule, as far as the caller may know that. Two queries."""
    rules = MembershipRule.objects.select_related("group").filter(group__account_id=row.account_id, failed_at=None)
    rule = rules.filter(group__name_key=group_name.lower()).first()
    return rule is not None and caller.may("iam:GetGroup", rule.group.arn) and matching(rule).filter(pk=row.pk).exists()


def activity(request: PageRequest, name: str) -> HttpResponseBase:
    """What the user did, from the trail."""
    row = HOLDER.read(request.caller, name)
    authorise_read(request.caller, "cloudtrail:LookupEvents", "*")
    events = trail(row.account_id).filter(principal_id=row.unique_id)
    return render_listing(
        request,
        replace(
            events_of(row.account_id),
            whole=None,
            empty_title=_("No activity yet"),
            empty_text=_("Sign-ins and calls of this user are listed here."),
        ),
        events,
        template="accounts/users/activity.html",
        context={"holder": HOLDER, "row": row, "tab": "activity"},
    )


def delete(request: PageRequest, name: str) -> HttpResponse:
    """Delete the user with all that hangs on it, after showing what that is; the name is typed to confirm."""
    row: User = HOLDER.read(request.caller, name)
    wrong = False
    if request.method != "POST":
        authorise_form(request.caller, "iam:DeleteUser", row.arn, HOLDER.keys(row, "iam:DeleteUser"))
    else:
        wrong = not rehearsal.is_on() and request.POST.get("confirmation", "") != row.name
        if not wrong:
            delete_user_completely(request.caller, row)
            messages.success(request, _("User %(name)s was deleted.") % {"name": row.name})
            return redirect("accounts:users")
    context = {"holder": HOLDER, "row": row, "losses": losses_of_user(request.caller, row), "wrong": wrong}
    return render(request, "accounts/holders/delete.html", context, status=400 if wrong else 200)
