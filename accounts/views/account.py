"""The account itself: its number, alias and sign-in addresses, and how much of its quotas is used."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms.account import AliasForm
from accounts.models import Account
from accounts.operations.aliases import create_account_alias, delete_account_alias, list_account_aliases
from accounts.operations.summary import get_account_summary
from accounts.page_request import PageRequest
from accounts.sign_in_address import sign_in_address
from operations import contract
from operations.errors import ServiceError
from operations.rehearsal import Step
from pages.errors import part
from pages.forms import apply_error
from pages.undo import done
from policies.saving import mark, renew, save, shown_values

# Where the quotas of an account have a number beside them: label, GetAccountSummary's members.
COUNTED = (
    (gettext_lazy("Users"), "Users", "UsersQuota"),
    (gettext_lazy("Groups"), "Groups", "GroupsQuota"),
    (gettext_lazy("Roles"), "Roles", "RolesQuota"),
    (gettext_lazy("Customer managed policies"), "Policies", "PoliciesQuota"),
    (gettext_lazy("Versions of customer managed policies"), "PolicyVersionsInUse", "PolicyVersionsInUseQuota"),
    (gettext_lazy("Instance profiles"), "InstanceProfiles", "InstanceProfilesQuota"),
    (gettext_lazy("Server certificates"), "ServerCertificates", "ServerCertificatesQuota"),
)
NEARLY = 0.9  # from here on a quota is worth a warning


@dataclass(frozen=True)
class Use:
    """How much of one quota is used."""

    label: str | Promise
    used: int
    quota: int

    @property
    def kind(self) -> str:
        return "warning" if self.used >= self.quota * NEARLY else ""


def account(request: PageRequest) -> HttpResponse:
    """The page; a change or removal of an alias that is in use shows what it breaks before it is made."""
    caller = request.caller
    summary = get_account_summary(caller)["SummaryMap"]
    aliases = part(list_account_aliases, caller)
    row = Account.objects.get(pk=caller.account_id)
    present = (aliases.value or {}).get("AccountAliases", [None])
    alias = present[0] if present else None
    current = alias or ""
    initial = {"account_alias": current, "seen": mark(current)}
    form = AliasForm(request.POST if "account_alias" in request.POST else None, initial=initial)
    is_late = request.POST.get("seen", "") not in ("", mark(current))
    review, late = "", {}
    if request.method == "POST":
        if "remove" in request.POST or "removed" in request.POST:
            if "removed" in request.POST and alias and not is_late:
                return _removed(request, alias)
            review = "remove" if alias else ""
        elif form.is_valid() and _well_formed(form):
            wanted = form.cleaned_data["account_alias"]
            if is_late:
                texts = {"meanwhile": {"account_alias": current}, "typed": {"account_alias": wanted}}
                late = {name: shown_values(form, values) for name, values in texts.items()}
                renew(form, current)
            review = "change" if alias and wanted != alias and "changed" not in request.POST and not late else ""
            if not review and not late and save(form, lambda: create_account_alias(caller, account_alias=wanted)):
                _say(request, _("The account alias is %(alias)s.") % {"alias": wanted}, present=wanted, before=alias)
                return redirect("accounts:account")
    context: dict[str, Any] = {
        "row": row,
        "aliases": aliases,
        "alias": alias,
        "form": form,
        "review": review,
        "wanted": form.cleaned_data["account_alias"] if review == "change" else "",
        "by_number": sign_in_address(row.pk),
        "by_alias": sign_in_address(alias) if alias else "",
        "uses": [Use(label, summary.get(number, 0), summary[quota]) for label, number, quota in COUNTED],
        "may_set": caller.may("iam:CreateAccountAlias"),
        "may_remove": caller.may("iam:DeleteAccountAlias"),
        "seen": mark(current),
        "is_late": is_late,
        **late,
    }
    return render(request, "accounts/account/account.html", context, status=409 if late else 200)


def _well_formed(form: AliasForm) -> bool:
    """Whether AWS would take such an alias: asked before its consequences are shown."""
    try:
        contract.validate("iam", "CreateAccountAlias", {"account_alias": form.cleaned_data["account_alias"]})
    except ServiceError as error:
        apply_error(form, error)
        return False
    return True


def _removed(request: PageRequest, alias: str) -> HttpResponse:
    delete_account_alias(request.caller, account_alias=alias)
    _say(request, _("The account has no alias any more."), present=None, before=alias)
    return redirect("accounts:account")


def _say(request: PageRequest, text: str, *, present: str | None, before: str | None) -> None:
    """What was done, which can be undone while nobody has changed the alias again or taken the former one."""
    if before == present:
        steps = []
    elif before:
        steps = [Step("iam", "CreateAccountAlias", {"account_alias": before})]
    else:
        steps = [Step("iam", "DeleteAccountAlias", {"account_alias": present})]
    done(request, text, steps, on="*", replaces=True)
