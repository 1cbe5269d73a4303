"""The roles of a group: which its members may switch to, whether the roles let them in, giving and taking."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from accounts import trust
from accounts.forms.permissions import ask_pickers
from accounts.holders import KINDS
from accounts.models import Group, Role, User
from accounts.page_request import PageRequest
from accounts.trust_changes import Changes, changes_by
from federation import group_roles
from federation.group_trust import (
    ACCOUNT,
    MEMBERS,
    MOST_MEMBERS,
    Admission,
    admission,
    members_of,
    mend,
    mended,
    principals_for,
    stored_principals,
)
from operations.caller import Caller
from operations.errors import AccessDenied, ServiceError
from operations.gate import authorise_form, authorise_read
from operations.ids import iam_arn
from pages.errors import part
from pages.forms import checked
from pages.picking import PickField, looked_up
from policies.saving import save

GROUP, ROLE = KINDS["group"], KINDS["role"]


class GiveForm(forms.Form):
    """Roles for a group's members: of the account by choice, of another account by ARN."""

    roles = PickField("roles", label=gettext_lazy("Roles of this account"), required=False)
    role_arn = forms.CharField(
        label=gettext_lazy("A role of another account"),
        required=False,
        max_length=2048,
        widget=forms.TextInput(
            attrs=checked(
                r"arn:[\w\-]+:iam::\d{12}:role\/[!-~]+",
                gettext_lazy("The ARN of a role is arn:aws:iam::111122223333:role/Name."),
                placeholder="arn:aws:iam::111122223333:role/Name",
            )
            | {"class": "mono"}
        ),
        help_text=gettext_lazy(
            "Its ARN. Its trust policy must name this account; only the other account can see to that."
        ),
    )
    error_fields = {"ValidationError": "role_arn", "LimitExceeded": "roles"}

    def __init__(self, *args: Any, caller: Caller, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_pickers(self, caller)

    def clean(self) -> dict[str, Any]:
        """Raises ValidationError when nothing is chosen."""
        data: dict[str, Any] = super().clean() or {}
        if not data.get("roles") and not data.get("role_arn"):
            self.add_error("roles", _("Choose at least one role, or type the ARN of one."))
        return data


@dataclass(frozen=True)
class GivenRole:
    """A role of the group: `row` is None for one that is gone or of another account; the groups `others` have it as well.

    `admission` is None where nothing is known or may be shown."""

    arn: str
    row: Role | None
    admission: Admission | None
    others: Sequence[str]
    is_ours: bool

    @property
    def name(self) -> str:
        return self.arn.rpartition("/")[2]

    @property
    def account_id(self) -> str:
        return self.arn.split(":")[4]


def roles(request: PageRequest, name: str) -> HttpResponse:
    """The roles that the members may switch to, and whether the roles' trust policies let them in."""
    row: Group = GROUP.read(request.caller, name)

    def given() -> list[GivenRole]:
        authorise_read(request.caller, "iam:GetGroupPolicy", row.arn, type="AWS::IAM::Group")
        may_list = request.caller.may("iam:ListRoles", iam_arn(row.account_id, "role/"))
        return _given(row, documents, may_list=may_list)

    documents = group_roles.documents_of_groups(row.account_id)
    document = documents.get(row.name)
    context = {
        "holder": GROUP,
        "row": row,
        "tab": "roles",
        "given": part(given),
        "policy": group_roles.POLICY,
        "gives_more": bool(document) and group_roles.gives_more(document or ""),
        "most_members": MOST_MEMBERS if row.member_count > MOST_MEMBERS else 0,
        "may_take": request.caller.may(GROUP.put_action, row.arn),
    }
    return render(request, "federation/group_roles.html", context)


def add_roles(request: PageRequest, name: str) -> HttpResponse:
    """Choose roles for the members: of the account from the list, of another account by ARN."""
    row: Group = GROUP.read(request.caller, name)
    if request.method != "POST":
        authorise_form(request.caller, GROUP.put_action, row.arn)
    form = GiveForm(request.POST or None, caller=request.caller)
    if not looked_up(form) and form.is_valid() and save(form, lambda: _give(request.caller, row, form.cleaned_data)):
        data = form.cleaned_data
        names = [*data["roles"], *([data["role_arn"].rpartition("/")[2]] if data["role_arn"] else [])]
        said = ngettext(
            "The members of %(group)s may now switch to %(names)s.",
            "The members of %(group)s may now switch to %(n)d further roles: %(names)s.",
            len(names),
        )
        messages.success(request, said % {"group": row.name, "n": len(names), "names": ", ".join(names)})
        return redirect("federation:group-roles", row.name)
    return render(request, "federation/add_roles.html", {"holder": GROUP, "row": row, "form": form})


def _give(caller: Caller, group: Group, data: Mapping[str, Any]) -> None:
    keys = [name.lower() for name in data["roles"]]
    chosen = [role.arn for role in Role.objects.filter(account_id=group.account_id, name_key__in=keys)]
    group_roles.give_roles(caller, group, [*chosen, *([data["role_arn"]] if data["role_arn"] else [])])


@require_POST
def remove_role(request: PageRequest, name: str) -> HttpResponse:
    """Take one role from the members."""
    row: Group = GROUP.read(request.caller, name)
    arn = request.POST.get("role_arn", "")
    group_roles.take_role(request.caller, row, arn)
    messages.success(
        request, _("The members may no longer switch to %(name)s by this group.") % {"name": arn.rpartition("/")[2]}
    )
    return redirect("federation:group-roles", row.name)


def mend_trust(request: PageRequest, name: str, role_name: str) -> HttpResponse:
    """Change a role's trust policy so that it lets the group's members in, after showing the difference."""
    row = _readable_group(request, name)
    role: Role = ROLE.read(request.caller, role_name)
    members = members_of(row, [role])
    found = admission(role, members, row.account_id)
    choice = request.POST.get("choice") or request.GET.get("choice") or ACCOUNT
    if choice not in {ACCOUNT, MEMBERS}:
        raise Http404
    principals = principals_for(choice, role, members)
    error = ""
    if request.method == "POST":
        try:
            mend(request.caller, role, principals)
        except AccessDenied:
            raise
        except ServiceError as refused:
            error = refused.message
        else:
            messages.success(request, _("The trust policy of %(name)s lets the members in.") % {"name": role.name})
            return redirect("federation:group-roles", row.name)
    before = trust.readable(role.trust_policy)
    after = mended(before, principals)
    context = {
        "holder": GROUP,
        "row": row,
        "role": role,
        "admission": found,
        "choice": choice,
        "has_members": bool(members),
        "before": before,
        "after": after,
        "who": part(_who_gains, request.caller, role, choice, members) if found.can_be_mended else None,
        "error": error,
    }
    return render(request, "federation/mend_trust.html", context, status=400 if error else 200)


def _who_gains(caller: Caller, role: Role, choice: str, members: Sequence[User]) -> Changes:
    """Who gains the role when it is mended; what everybody's policies say is for whoever may read them all. Raises AccessDenied."""
    authorise_read(caller, "iam:GetAccountAuthorizationDetails", "*")
    return changes_by(role, mended(role.trust_policy, stored_principals(choice, role, members)))


def _readable_group(request: PageRequest, name: str) -> Group:
    """The group, for a page that is about a role: recorded only where it is refused. Raises AccessDenied, Http404."""
    row: Group | None = GROUP.find(request.caller.account_id, name)
    if row is None or not request.caller.may("iam:GetGroup", row.arn):
        row = GROUP.read(request.caller, name)
    return row


def _given(group: Group, documents: Mapping[str, str], *, may_list: bool) -> list[GivenRole]:
    """The group's roles by name. What trust policies say is for those who may list roles, which shows them too."""
    arns = group_roles.given_roles(documents[group.name]) if group.name in documents else []
    if not arns:
        return []
    stored, having = group_roles.stored_roles(arns), group_roles.groups_by_role(documents, arns)
    stored = {arn: role for arn, role in stored.items() if role.account_id == group.account_id}
    members = members_of(group, stored.values())
    found = []
    for arn in sorted(arns, key=lambda text: text.rpartition("/")[2].lower()):
        role = stored.get(arn)
        judged = admission(role, members, group.account_id) if role and may_list else None
        others = [name for name in having[arn] if name != group.name]
        found.append(GivenRole(arn, role, judged, others, arn.split(":")[4] == group.account_id))
    return found
