"""Groups: the list, making one, its users and permissions, renaming, deletion."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.cascades import delete_group_completely
from accounts.consequences import deleting, joining, leaving
from accounts.deletable import groups_not_deletable
from accounts.forms.permissions import ask_pickers
from accounts.group_suggestions import suggestions
from accounts.holders import KINDS
from accounts.listings.groups import GROUPS, PRESETS
from accounts.listings.members import members, outsiders
from accounts.listings.users import SEE_GROUPS
from accounts.losses import losses_of_group, losses_of_groups
from accounts.models import Group, User
from accounts.operations.attachments import attach_group_policy
from accounts.operations.groups import create_group
from accounts.operations.membership_rules import ADD, REMOVE
from accounts.operations.memberships import add_user_to_group, remove_user_from_group
from accounts.opposites import membership
from accounts.page_request import PageRequest
from accounts.queries.groups import groups_of_account, members_of, users_to_add
from accounts.queries.membership_rules import rule_of
from accounts.quotas import in_most_groups, in_too_many_groups
from accounts.rule_words import sentence
from operations import rehearsal
from operations.caller import Caller
from operations.errors import LimitExceeded
from operations.gate import authorise_form, authorise_read, one_change
from operations.ids import iam_arn
from pages import drafts
from pages.components.shell import grouped
from pages.errors import part
from pages.forms import NameField, PathField
from pages.kept_drafts import keeps_draft
from pages.leading import first_open
from pages.listing import BulkRun, Refused, bulk_page, not_deleted, render_listing
from pages.listing.needs import sees
from pages.listing.presets import presets
from pages.picking import PickField, left_to_create, looked_up
from policies.deletable import not_permitted
from policies.saving import save
from policies.trials import TRAIL

HOLDER = KINDS["group"]


def groups(request: PageRequest) -> HttpResponseBase:
    """All groups of the account."""
    account_id = request.caller.account_id
    authorise_read(request.caller, "iam:ListGroups", iam_arn(account_id, "group/"))
    ready = [(label, filters) for label, filters, needs in PRESETS if sees(request.caller, needs)]
    context = {"presets": presets(request.GET, ready) if len(ready) > 1 else ()}
    rows = groups_of_account(account_id)
    return render_listing(request, GROUPS, rows, template="accounts/groups/list.html", context=context)


def delete_many(request: PageRequest) -> HttpResponse:
    """Delete the selected groups; their members leave them."""
    account_id = request.caller.account_id
    going: list[Group] = []

    def refused(rows: Sequence[Group]) -> Refused:
        found = groups_not_deletable(request.caller, rows)
        going[:] = [row for row in rows if row.pk not in found.why]
        return found

    authorise_read(request.caller, "iam:ListGroups", iam_arn(account_id, "group/"))
    run = BulkRun(
        title=_("Delete groups"),
        button=_("Delete"),
        lead=_("The members lose what the groups gave them. This cannot be undone."),
        back=reverse("accounts:groups"),
        perform=lambda row, data: delete_group_completely(request.caller, row),
        dangerous=True,
        go=lambda counted: _("Delete %(counted)s") % {"counted": counted},
        done=lambda n: ngettext("%(n)s group deleted", "%(n)s groups deleted", n) % {"n": grouped(n)},
        left=not_deleted,
        address=lambda row: HOLDER.address(row.name),
        losses=losses_of_groups,
        refused=refused,
        impact=lambda rows: deleting(request.caller, going),
        confirm=lambda rows: _("At least one group has members.") if _have_members(going, rows) else "",
    )
    return bulk_page(request, GROUPS, groups_of_account(account_id), run)


def _have_members(looked: Sequence[Group], rows: "QuerySet[Group]") -> bool:
    """Whether some of the groups have members; those that were looked at tell it mostly."""
    return any(group.member_count for group in looked) or rows.filter(member_count__gt=0).exists()


class GroupForm(forms.Form):
    """A group's name and path."""

    group_name = NameField(
        label=gettext_lazy("Group name"),
        max_length=128,
        help_text=gettext_lazy("Up to 128 characters: letters, digits and +\u00a0=\u00a0,\u00a0.\u00a0@\u00a0_\u00a0-"),
    )
    path = PathField(initial="/")
    error_fields = {"EntityAlreadyExists": "group_name"}


class CreateGroupForm(GroupForm):
    """A new group with its users and policies."""

    users = PickField("users", label=gettext_lazy("Users to add"), required=False)
    policies = PickField("policies", label=gettext_lazy("Policies to attach"), required=False)
    error_fields = {
        "EntityAlreadyExists": "group_name",
        "NoSuchEntity": "policies",
        "PolicyNotAttachable": "policies",
    }
    field_order = ("group_name", "path", "users", "policies")

    def __init__(self, *args: Any, caller: Caller, in_panel: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if in_panel:  # whoever is to be in it is what the form behind the panel is about
            del self.fields["users"]
            self.fields["policies"].plain = True  # type: ignore[attr-defined]
        ask_pickers(self, caller, policies="AttachedPoliciesPerGroupQuota")


@keeps_draft
def create(request: PageRequest) -> HttpResponse:
    """Make a group with its users and policies, all or none.

    With `?into=` it is the side panel of a picker, with `?back=` the page on the way of a form that waits (pages.drafts).
    """
    caller, into = request.caller, request.GET.get("into", "")
    if request.method != "POST":
        authorise_form(caller, "iam:CreateGroup", iam_arn(caller.account_id, "group/*"), unfinished=True)
    form = CreateGroupForm(
        request.POST or drafts.taken(request), caller=caller, in_panel=bool(into), prefix="new-group" if into else None
    )
    if not into and (elsewhere := left_to_create(request, form)) is not None:
        return elsewhere
    if not looked_up(form) and form.is_valid() and save(form, lambda: _create(caller, form)):
        name = form.cleaned_data["group_name"]
        said = _("Group %(name)s was created.") % {"name": name}
        if into:
            return drafts.created(into, name, said)
        messages.success(request, said)
        ways = (
            (
                HOLDER.address(name),
                "iam:GetGroup",
                iam_arn(caller.account_id, f"group{form.cleaned_data['path']}{name}"),
            ),
            (reverse("accounts:groups"), "iam:ListGroups", iam_arn(caller.account_id, "group/")),
        )
        return drafts.returned(request, name) or redirect(first_open(caller, ways, reverse("accounts:group-create")))
    context = {"form": form, "waiting": drafts.waiting(request)}
    return render(request, "accounts/groups/create_panel.html" if into else "accounts/groups/create.html", context)


def _create(caller: Caller, form: CreateGroupForm) -> None:
    data = form.cleaned_data
    name = data["group_name"]
    with one_change():
        create_group(caller, group_name=name, path=data["path"])
        for arn in data["policies"]:
            attach_group_policy(caller, group_name=name, policy_arn=arn)
        form.error_fields = form.error_fields | {"NoSuchEntity": "users", "LimitExceeded": "users"}
        for user_name in data.get("users", ()):
            try:
                add_user_to_group(caller, group_name=name, user_name=user_name)
            except LimitExceeded as error:
                raise LimitExceeded(error.message, said=f"{user_name}: {error.message}") from error


def users(request: PageRequest, name: str) -> HttpResponseBase:
    """The members of a group."""
    row: Group = HOLDER.read(request.caller, name)
    rule = rule_of(row)
    context = {"holder": HOLDER, "row": row, "tab": "users", "suggestions": suggestions(request.caller, row)}
    context |= {"may_rule": all(request.caller.may(action, row.arn) for action in (ADD, REMOVE))}
    if rule is not None:
        context |= {"rule": rule, "sentence": sentence(rule), "tells_setter": request.caller.may(TRAIL)}
        context["full_names"] = rule.full_names if sees(request.caller, SEE_GROUPS) else ()
    return render_listing(
        request,
        members(row, ruled=rule is not None),
        members_of(row),
        template="accounts/groups/users.html",
        context=context,
    )


def remove_many(request: PageRequest, name: str) -> HttpResponse:
    """Take the chosen members out of the group."""
    row: Group = HOLDER.read(request.caller, name)
    lost = _("They lose what the group's policies allow, unless another policy allows it too.")
    again = _("Whoever fulfils the membership rule of the group is added again by it.") if rule_of(row) else ""
    run = BulkRun(
        title=_("Remove users from %(name)s") % {"name": row.name},
        button=_("Remove"),
        lead=" ".join(filter(None, (lost, again))),
        back=HOLDER.address(row.name),
        perform=lambda user, data: _move(request.caller, remove_user_from_group, row, user),
        opposite=lambda user, data: membership("AddUserToGroup", user.name, row.name),
        refused=lambda users: _not_to_be_moved(request.caller, "iam:RemoveUserFromGroup", row, users),
        dangerous=True,
        impact=lambda users: leaving(request.caller, row, users),
        go=lambda counted: _("Remove %(counted)s") % {"counted": counted},
        done=lambda n: ngettext("%(n)s user removed", "%(n)s users removed", n) % {"n": grouped(n)},
        address=lambda user: KINDS["user"].address(user.name),
    )
    return bulk_page(request, members(row), members_of(row), run)


def add_users(request: PageRequest, name: str) -> HttpResponseBase:
    """Choose users of the account and add them."""
    row: Group = HOLDER.read(request.caller, name)
    if request.method != "POST":
        authorise_form(request.caller, "iam:AddUserToGroup", row.arn)
    authorise_read(request.caller, "iam:ListUsers", iam_arn(row.account_id, "user/"))
    if request.method == "POST":
        run = BulkRun(
            title=_("Add users to %(name)s") % {"name": row.name},
            button=_("Add"),
            lead=_("They get what the group's policies allow, at once."),
            back=HOLDER.address(row.name, "add-users"),
            then=HOLDER.address(row.name),
            perform=lambda user, data: _move(request.caller, add_user_to_group, row, user),
            blocked=in_too_many_groups,
            left_out=in_most_groups(),
            opposite=lambda user, data: membership("RemoveUserFromGroup", user.name, row.name),
            refused=lambda users: _not_to_be_moved(request.caller, "iam:AddUserToGroup", row, users),
            impact=lambda users: joining(request.caller, row, users),
            go=lambda counted: _("Add %(counted)s") % {"counted": counted},
            done=lambda n: ngettext("%(n)s user added", "%(n)s users added", n) % {"n": grouped(n)},
            address=lambda user: KINDS["user"].address(user.name),
        )
        return bulk_page(request, outsiders(row), users_to_add(row), run)
    return render_listing(
        request,
        outsiders(row),
        users_to_add(row),
        template="accounts/groups/add_users.html",
        context={"holder": HOLDER, "row": row},
    )


def _move(caller: Caller, change: Callable[..., Any], group: Group, user: User) -> None:
    change(caller, group_name=group.name, user_name=user.name)


def _not_to_be_moved(caller: Caller, action: str, group: Group, users: Sequence[User]) -> Refused:
    """Who goes in and out is a matter of the group alone: of all of them, or of none."""
    if caller.may(action, group.arn):
        return Refused()
    return Refused({user.pk: not_permitted(action) for user in users})


def permissions(request: PageRequest, name: str) -> HttpResponse:
    """The policies of a group."""
    row = HOLDER.read(request.caller, name)

    context = {
        "holder": HOLDER,
        "row": row,
        "held": part(HOLDER.read_policies, request.caller, row),
        "tab": "permissions",
    }
    return render(request, "accounts/groups/permissions.html", context)


def delete(request: PageRequest, name: str) -> HttpResponse:
    """Delete a group after showing who loses what; the name is typed to confirm."""
    row: Group = HOLDER.read(request.caller, name)
    wrong = False
    if request.method != "POST":
        authorise_form(request.caller, "iam:DeleteGroup", row.arn)
    else:
        wrong = not rehearsal.is_on() and request.POST.get("confirmation", "") != row.name
        if not wrong:
            delete_group_completely(request.caller, row)
            messages.success(request, _("Group %(name)s was deleted.") % {"name": row.name})
            return redirect("accounts:groups")
    context = {"holder": HOLDER, "row": row, "losses": losses_of_group(row), "wrong": wrong}
    context["impact"] = (
        leaving(request.caller, row, row.members.all(), number=row.member_count) if row.member_count else None
    )
    return render(request, "accounts/holders/delete.html", context, status=400 if wrong else 200)
