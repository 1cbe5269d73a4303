"""SSH public keys, credentials of single services, signing certificates: a page of their own beside the other credentials; what can be
done to one of any kind.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.looks import Looks
from accounts.other_credentials import SSH_PUBLIC_KEYS, Kind
from accounts.owners import Owner, owner_of
from accounts.page_request import PageRequest
from accounts.queries import other_credentials as queries
from accounts.reauthentication import fresh_factor_required
from accounts.resolve import user_target
from operations.caller import Caller
from operations.gate import REGISTRY, authorise_form
from operations.quotas import quota
from operations.rehearsal import Step
from pages.undo import done

PAGES = (SSH_PUBLIC_KEYS,)


@dataclass(frozen=True)
class Line:
    """A credential in a list, with the addresses of what its reader may do to it, else empty."""

    row: Any
    id: str
    status_url: str
    delete_url: str


@dataclass(frozen=True)
class Section:
    """One kind on the page: its lines, where the reader makes one more, if they may, and the quota where it is reached, else 0."""

    kind: Kind
    lines: list[Line]
    new_url: str
    full: int

    @property
    def template(self) -> str:
        return f"accounts/security/part_{self.kind.relation}.html"


# What makes one more of each kind: the operation and its page; and how many of them a user may have.
NEW: Mapping[str, tuple[str, str, str]] = {
    "ssh-public-key": ("iam:UploadSSHPublicKey", "upload-ssh-public-key", "SSHPublicKeysPerUserQuota"),
}


def overview(request: PageRequest, user_name: str | None = None) -> HttpResponse:
    """The kinds that the reader may list. Who may list none is refused as for the first."""
    owner, caller = owner_of(request, user_name), _caller(request)
    looks = Looks(caller, owner)
    kinds = kinds_of(owner)
    parts = [(kind, looks.part(kind.lists, _reading(owner, kind))) for kind in kinds]
    sections = [section(caller, owner, kind, part.value) for kind, part in parts if part.value is not None]
    if not sections:
        looks.read(kinds[0].lists, lambda: None)
    context = {"owner": owner, "user": owner.user, "sections": sections}
    return render(request, "accounts/security/other_credentials.html", context)


def kinds_of(owner: Owner) -> list[Kind]:
    """The kinds that somebody can have."""
    return [kind for kind in PAGES if kind.of_root or not owner.user.is_root]


def kind_of(owner: Owner, key: str) -> Kind:
    """A kind by its key. Raises Http404 for one that the owner cannot have."""
    kind = next((kind for kind in kinds_of(owner) if kind.key == key), None)
    if kind is None:
        raise Http404(f"The {owner.label} can have no {key}.")
    return kind


def _reading(owner: Owner, kind: Kind) -> Callable[[], list[Any]]:
    return lambda: queries.rows(owner.user, kind)


def section(caller: Caller, owner: Owner, kind: Kind, rows: list[Any]) -> Section:
    """A kind with its rows, as the reader may handle them."""
    action, page, most = NEW[kind.key]
    lines = [_line(caller, owner, kind, row) for row in rows]
    full = quota(most) if most and len(rows) >= quota(most) else 0
    return Section(kind, lines, owner.url(page) if may(caller, owner, action) else "", full)


def _line(caller: Caller, owner: Owner, kind: Kind, row: Any) -> Line:
    name = getattr(row, kind.column)
    return Line(
        row,
        name,
        status_url=owner.url(f"{kind.key}-status", name) if may(caller, owner, kind.updates) else "",
        delete_url=owner.url(f"delete-{kind.key}", name) if may(caller, owner, kind.deletes) else "",
    )


def may(caller: Caller, owner: Owner, action: str) -> bool:
    """For buttons, never in place of the gate."""
    user = owner.user
    target = user_target(user.account_id, user.name, user, action)
    return caller.may(action, target.arn, target.context)


def summary(looks: Looks, owner: Owner) -> list[tuple[Kind, queries.Number]]:
    """How many of each kind there are, for a card that leads to the page: of those that the reader may list."""
    counted = cache(lambda: queries.numbers(owner.user))
    parts = [(kind, looks.part(kind.lists, counted)) for kind in kinds_of(owner)]
    return [(kind, part.value[kind.key]) for kind, part in parts if part.value is not None]


@fresh_factor_required
@require_POST
def set_status(request: PageRequest, kind: str, user_name: str | None = None, **named: str) -> HttpResponse:
    """Activate or deactivate one."""
    owner = owner_of(request, user_name)
    of = kind_of(owner, kind)
    status, opposite = ("Active", "Inactive") if request.POST.get("status") == "Active" else ("Inactive", "Active")
    name = named[of.parameter]
    before = next((row.is_active for row in queries.rows(owner.user, of) if getattr(row, of.column) == name), None)
    asked = {of.parameter: name} | whose(owner)
    REGISTRY[of.updates](_caller(request), **asked, status=status)
    text = _("%(id)s is active.") if status == "Active" else _("%(id)s is inactive and refused from now on.")
    operation = of.updates.partition(":")[2]
    steps = [Step("iam", operation, asked | {"status": opposite})] if before is (opposite == "Active") else []
    done(request, text % {"id": name}, steps, on=owner.user.arn, replaces=True)
    return redirect(owner.url("other-credentials"))


@fresh_factor_required
def delete(request: PageRequest, kind: str, user_name: str | None = None, **named: str) -> HttpResponse:
    """Delete one; the page before says what follows."""
    owner, caller = owner_of(request, user_name), _caller(request)
    of = kind_of(owner, kind)
    name = named[of.parameter]
    if request.method == "POST":
        REGISTRY[of.deletes](caller, **whose(owner), **{of.parameter: name})
        messages.success(request, _("%(id)s is deleted.") % {"id": name})
        return redirect(owner.url("other-credentials"))
    row = found(caller, owner, of, name)
    target = user_target(owner.user.account_id, owner.user.name, owner.user, of.deletes)
    authorise_form(caller, of.deletes, target.arn, target.context)
    context = {"owner": owner, "row": row, "list_url": owner.url("other-credentials")}
    return render(request, f"accounts/security/delete_{of.key.replace('-', '_')}.html", context)


def found(caller: Caller, owner: Owner, kind: Kind, name: str) -> Any:
    """One that the reader may list. Raises AccessDenied, Http404."""
    rows = Looks(caller, owner).read(kind.lists, _reading(owner, kind))
    row = next((row for row in rows if getattr(row, kind.column) == name), None)
    if row is None:
        raise Http404(f"There is no credential with the id {name}.")
    return row


def whose(owner: Owner) -> dict[str, str]:
    """The parameter that names the owner; the root user goes without."""
    return {} if owner.user.is_root else {"user_name": owner.user.name}


def _caller(request: PageRequest) -> Caller:
    caller: Caller = request.caller
    return caller
