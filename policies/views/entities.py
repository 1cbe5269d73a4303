"""Who uses a managed policy: the list, taking the policy away from many, giving it to many."""

from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from operations.caller import Caller
from operations.gate import authorise_form, one_change
from operations.ids import iam_arn
from operations.rehearsal import Step
from pages.components.shell import grouped
from pages.listing import BulkRun, Loss, bulk_page, render_listing
from pages.picking import PickField, looked_up
from pages.request import CallerRequest
from pages.undo import done
from policies import cascades
from policies.deletable import entities_not_detachable
from policies.entities import attached_among, entities_of
from policies.entity_listing import NOT_DETACHED, entities_listing, why_not_detached
from policies.models import ManagedPolicy, PolicyEntity
from policies.picks import attached_already
from policies.reading import read_policy
from policies.saving import save

FIELDS = {"groups": "Group", "roles": "Role", "users": "User"}  # of the form, with the words of their operations


def entities(request: CallerRequest, arn: str) -> HttpResponseBase:
    """Who has the policy attached, and whose boundary it is."""
    row = read_policy(request.caller, arn, "iam:ListEntitiesForPolicy")
    may_attach = any(_may_attach(request.caller, row, word) for word in FIELDS.values())
    return render_listing(
        request,
        entities_listing(request.caller, row),
        entities_of(row, request.caller.account_id),
        template="policies/entities.html",
        context={"row": row, "tab": "entities", "may_attach": may_attach},
    )


def detach(request: CallerRequest, arn: str) -> HttpResponse:
    """Take the policy from the selected entities, after a look at who loses what it gives."""
    row = read_policy(request.caller, arn, "iam:ListEntitiesForPolicy")
    run = BulkRun(
        title=_("Detach %(name)s") % {"name": row.name},
        button=_("Detach"),
        lead=_("It takes effect at once; what other policies allow stays allowed. The policy itself stays."),
        back=reverse("policies:entities", args=[arn]),
        perform=lambda entity, data: cascades.detach(request.caller, arn, entity.kind.capitalize(), entity.name),
        blocked=why_not_detached,
        left_out=NOT_DETACHED,
        opposite=lambda entity, data: Step(
            "iam", f"Attach{entity.kind.capitalize()}Policy", {f"{entity.kind}_name": entity.name, "policy_arn": arn}
        ),
        refused=lambda rows: entities_not_detachable(request.caller, row, rows),
        dangerous=True,
        go=lambda counted: _("Detach from %(counted)s") % {"counted": counted},
        done=lambda n: ngettext("Detached from %(n)s entity", "Detached from %(n)s entities", n) % {"n": grouped(n)},
        address=lambda entity: reverse(f"accounts:{entity.kind}", args=[entity.name]),
        losses=_losses,
        heading=_("Who loses it"),
    )
    account_id = request.caller.account_id
    return bulk_page(request, entities_listing(request.caller, row), entities_of(row, account_id), run)


def _losses(rows: Any) -> dict[int, list[Loss]]:
    """Who loses what the policy gives when it is taken from each."""
    return {row.pk: [_loss(row)] for row in rows}


def _loss(row: PolicyEntity) -> Loss:
    if row.kind == "group":
        words = ngettext("member loses what it allows", "members lose what it allows", row.members)
        return Loss(row.members, words)
    return Loss(1, _("user loses what it allows") if row.kind == "user" else _("role loses what it allows"))


class AttachForm(forms.Form):
    """Who gets a policy: groups, roles, users, as far as the caller may give it to each kind."""

    groups = PickField("groups", label=gettext_lazy("Groups"), required=False, plain=True)
    roles = PickField("roles", label=gettext_lazy("Roles"), required=False)
    users = PickField("users", label=gettext_lazy("Users"), required=False)

    def __init__(self, *args: Any, caller: Caller, policy: ManagedPolicy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        attached = attached_already(caller, policy)
        for name, word in FIELDS.items():
            if _may_attach(caller, policy, word):
                self.fields[name].ask(caller, already=attached)  # type: ignore[attr-defined]
            else:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """Somebody has to be chosen. Raises ValidationError."""
        if not any(self.cleaned_data.values()):
            raise forms.ValidationError(_("Choose at least one user, group or role."))
        return self.cleaned_data

    def chosen(self) -> list[tuple[str, str]]:
        """The word of each kind with each name."""
        return [(word, name) for field, word in FIELDS.items() for name in self.cleaned_data.get(field, ())]


def attach(request: CallerRequest, arn: str) -> HttpResponse:
    """Choose users, groups and roles and attach the policy to them, all or none."""
    row = read_policy(request.caller, arn)
    words = [word for word in FIELDS.values() if _may_attach(request.caller, row, word)]
    if not words:
        everybody = iam_arn(request.caller.account_id, "user/*")
        authorise_form(request.caller, "iam:AttachUserPolicy", everybody, {"iam:PolicyARN": arn}, unfinished=True)
    form = AttachForm(request.POST or None, caller=request.caller, policy=row)
    undoing: list[Step] = []
    if not looked_up(form) and form.is_valid() and save(form, lambda: undoing.extend(_attach(request, row, form))):
        number = len(form.chosen())
        said = ngettext("The policy is attached to %(n)s entity.", "The policy is attached to %(n)s entities.", number)
        done(request, said % {"n": grouped(number)}, undoing, on="*")
        return redirect("policies:entities", arn)
    return render(request, "policies/attach.html", {"row": row, "form": form})


def _attach(request: CallerRequest, policy: ManagedPolicy, form: AttachForm) -> list[Step]:
    """Attach it to all that are chosen; what takes it again from those that did not have it."""
    chosen, arn = form.chosen(), policy.arn
    with one_change():
        had = attached_among(policy, request.caller.account_id, (name for _word, name in chosen))
        for word, name in chosen:
            cascades.attach(request.caller, arn, word, name)
    new = [(word, name) for word, name in chosen if (word.lower(), name.lower()) not in had]
    return [Step("iam", f"Detach{word}Policy", {f"{word.lower()}_name": name, "policy_arn": arn}) for word, name in new]


def _may_attach(caller: Caller, policy: ManagedPolicy, word: str) -> bool:
    """Whether the caller may attach the policy to some of a kind."""
    somebody = iam_arn(caller.account_id, f"{word.lower()}/*")
    return caller.may_somehow(f"iam:Attach{word}Policy", somebody, {"iam:PolicyARN": policy.arn})
