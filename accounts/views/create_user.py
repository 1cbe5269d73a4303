"""Create users: one form, a review, and a page with the links or passwords that stays until it is acknowledged."""

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from io import StringIO
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache

from accounts import shown_once
from accounts.creation import WITH_PASSWORD, WITHOUT, Wish, create_users, groups_of, permissions_of
from accounts.forms.users import CreateUserForm
from accounts.giving import CONTROL, Given, giving
from accounts.models import Account
from accounts.own_passwords import Ability, ability_of_new, helping_policy
from accounts.page_request import PageRequest
from accounts.queries.new_documents import NewDocuments, documents_for_new
from accounts.resolve import find_user
from accounts.sign_in_address import sign_in_address
from accounts.views.mfa import as_download
from operations.clock import now
from operations.errors import AccessDenied, ServiceError
from operations.gate import authorise_form, authorise_read
from operations.ids import iam_arn
from operations.quotas import quota
from pages import drafts
from pages.forms import apply_error
from pages.kept_drafts import keeps_draft
from pages.leading import first_open
from pages.listing.export import defused, plain
from pages.picking import left_to_create, looked_up
from policies.lookup import shown_policy
from policies.saving import admitted


@never_cache
@keeps_draft
def create(request: PageRequest) -> HttpResponse:
    """The form; with `review` what would be made; with `create` the making; then links or passwords, until acknowledged."""
    if "done" in request.POST:
        shown_once.forget(request, shown_once.INVITATIONS)
        return redirect("accounts:users")
    made = shown_once.read(request, shown_once.INVITATIONS)
    if made and request.method != "POST":
        return render(request, _page_of(made), _shown(request, made))
    form = CreateUserForm(request.POST or drafts.taken(request), request.FILES or None, caller=request.caller)
    everybody = iam_arn(request.caller.account_id, "user/*")
    may_create = admitted(form, lambda: authorise_form(request.caller, "iam:CreateUser", everybody, unfinished=True))
    if (elsewhere := left_to_create(request, form)) is not None:
        return elsewhere
    wish, ability = None, Ability()
    if not looked_up(form) and form.is_valid() and may_create:
        try:
            wish = _wish(request, form)
        except AccessDenied as error:
            apply_error(form, error)
    groups = [groups_of(row, wish.groups if wish else ()) for row in form.rows]
    held = _documents(request, groups, wish) if wish and form.is_valid() else None
    if wish and held and wish.access == WITH_PASSWORD:
        ability = ability_of_new(request.caller, form.rows, wish, held)
    to_review = "review" in request.POST or form.is_from_file  # nobody has read yet what is in a file
    if wish and form.is_valid() and "create" in request.POST and not to_review:
        try:
            made = create_users(request.caller, form.rows, wish, ability.attached, helping_policy())
        except ServiceError as error:
            apply_error(form, error)
        else:
            return _finished(request, form, made, wish)
    reviewed = wish if wish and form.is_valid() and to_review else None
    given = giving(request.caller, groups, wish=reviewed, held=held) if reviewed and held else None
    told = given.value if given and given.value else [None] * len(form.rows)
    context: dict[str, Any] = {
        "form": form,
        "wish": reviewed,
        "ability": ability,
        "given": given,
        "first": told[0] if told else None,
        "everything": _everything(form, told),
        "control": _control(form, told),
        "rows": [
            (row, gets, its if reviewed else groups_of(row, ()))
            for row, gets, its in zip(form.rows, told, groups, strict=True)
        ]
        if len(form.rows) > 1 or form.has_columns
        else [],
        "policies": [shown_policy(arn) for arn in reviewed.policies] if reviewed else [],
        "boundary": shown_policy(reviewed.boundary) if reviewed and reviewed.boundary else None,
        "powerless": reviewed
        and not any((reviewed.groups, reviewed.policies, reviewed.inline, form.columns["groups"])),
        "names": form.cleaned_data.get("user_names") if reviewed else [],
    }
    return render(request, "accounts/users/create.html", context)


def _everything(form: CreateUserForm, told: Sequence[Given | None]) -> dict[str, list[str]]:
    """Who gets administrator access, and by which policies; empty where nobody does."""
    found = [(row.name, gets.everything) for row, gets in zip(form.rows, told, strict=True) if gets and gets.everything]
    policies = dict.fromkeys(policy for _name, policies in found for policy in policies)
    return {"users": [name for name, _policies in found], "policies": list(policies)} if found else {}


def _control(form: CreateUserForm, told: Sequence[Given | None]) -> dict[str, list[str]]:
    """Who can give itself any access, and by which actions; empty where nobody can."""
    found = [(row.name, gets.control) for row, gets in zip(form.rows, told, strict=True) if gets and gets.control]
    actions = {action for _name, actions in found for action in actions}
    return {"users": [name for name, _actions in found], "actions": sorted(actions, key=CONTROL.index)} if found else {}


def _documents(request: PageRequest, groups: Sequence[Sequence[str]], wish: Wish) -> NewDocuments:
    """What the users would hold, for whoever is told of it."""
    keys = {name.lower() for names in groups for name in names}
    arns = [*wish.policies, *([wish.boundary] if wish.boundary else [])]
    if wish.access == WITH_PASSWORD:
        arns.append(helping_policy())
    return documents_for_new(request.caller.account_id, keys, arns)


def _page_of(made: list[dict[str, str]]) -> str:
    return "accounts/users/created.html" if "link" in made[0] else "accounts/users/created_passwords.html"


def _shown(request: PageRequest, made: list[dict[str, str]]) -> dict[str, Any]:
    """What the new users need for signing in, on the page and as a file; that of passwords is the one of AWS's console."""
    named = len(made) == 1
    if "link" in made[0]:
        ends = [datetime.fromisoformat(each["until"]) for each in made]
        rows = [(each["name"], each["link"], plain(until)) for each, until in zip(made, ends, strict=True)]
        return {
            "made": made,
            "until": min(ends),
            "file": _file(("User name", "Link", "Valid until"), rows),
            "file_name": f"{made[0]['name']}_invitation.csv" if named else "invitations.csv",
        }
    account = Account.objects.get(pk=request.caller.account_id)
    address = sign_in_address(account.alias or account.pk)
    return {
        "made": made,
        "until": shown_once.until(request, shown_once.INVITATIONS),
        "address": address,
        "file": _file(
            ("User name", "Password", "Console sign-in URL"),
            [(each["name"], each["password"], address) for each in made],
        ),
        "file_name": f"{made[0]['name']}_credentials.csv" if named else "credentials.csv",
    }


def _last_use(made: list[dict[str, str]]) -> datetime:
    """Until when what was made is of use: links until the last of them ends, first passwords for an hour."""
    ends = [datetime.fromisoformat(each["until"]) for each in made if "until" in each]
    return max(ends, default=now() + shown_once.PASSWORDS_LAST)


def _file(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table as a download address. A user's name that a spreadsheet would take for a formula is defused; nothing else begins so."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(heading)
    writer.writerows([defused(name), *rest] for name, *rest in rows)
    return as_download(out.getvalue(), "text/csv")


def _wish(request: PageRequest, form: CreateUserForm) -> Wish | None:
    """What the form asks for, with the permissions of the user to copy from; None after an error."""
    data = form.cleaned_data
    groups, policies = list(data["groups"]), list(data["policies"])
    inline: dict[str, str] = {}
    if data["copy_from"]:
        account_id = request.caller.account_id
        model = find_user(account_id, data["copy_from"])
        arn = model.arn if model else iam_arn(account_id, f"user/{data['copy_from']}")
        authorise_read(request.caller, "iam:GetUser", arn, named=data["copy_from"])
        if model is None:
            form.add_error("copy_from", _("There is no user of this name."))
            return None
        more_groups, more_policies, inline = permissions_of(request.caller, model)
        groups += [name for name in more_groups if name not in groups]
        policies += [arn for arn in more_policies if arn not in policies]
        _count_together(form, groups, policies)
    return Wish(
        path=data["path"],
        access=data["access"],
        groups=groups,
        policies=policies,
        inline=inline,
        boundary=data["permissions_boundary"],
        tags=data["tags"],
    )


def _count_together(form: CreateUserForm, groups: list[str], policies: list[str]) -> None:
    """What was chosen and what is copied must fit the quotas together."""
    for field, number, most in (
        ("groups", len(groups), quota("GroupsPerUserQuota")),
        ("policies", len(policies), quota("AttachedPoliciesPerUserQuota")),
    ):
        if number > most:
            words = ngettext(
                "With what is copied it would be more than %(n)d.",
                "With what is copied it would be more than %(n)d.",
                most,
            )
            form.add_error(field, words % {"n": most})
    if "groups" not in form.errors:
        form.count_groups(groups)


def _finished(request: PageRequest, form: CreateUserForm, made: list[dict[str, str]], wish: Wish) -> HttpResponse:
    messages.success(request, ngettext("%(n)d user created.", "%(n)d users created.", len(made)) % {"n": len(made)})
    if wish.access != WITHOUT:
        shown_once.keep(request, shown_once.INVITATIONS, made, until=_last_use(made))
        return redirect("accounts:user-create")
    account_id, name = request.caller.account_id, made[0]["name"]
    ways = [(reverse("accounts:users"), "iam:ListUsers", iam_arn(account_id, "user/"))]
    if len(made) == 1:
        path = form.rows[0].path or wish.path
        ways.insert(0, (reverse("accounts:user", args=[name]), "iam:GetUser", iam_arn(account_id, f"user{path}{name}")))
    return redirect(first_open(request.caller, ways, reverse("accounts:user-create")))
