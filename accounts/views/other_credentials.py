"""SSH public keys, credentials of single services, signing certificates: a page of their own beside the other credentials; what can be
done to one of any kind.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.looks import Looks
from accounts.other_credentials import OTHER_CREDENTIALS, SERVICE_CREDENTIALS, Kind
from accounts.owners import Owner, owner_of
from accounts.page_request import PageRequest
from accounts.queries import other_credentials as queries
from accounts.reauthentication import fresh_factor_required
from accounts.resolve import user_target
from operations.caller import Caller
from operations.clock import now
from operations.gate import REGISTRY, Target, authorise_form
from operations.quotas import quota
from operations.rehearsal import Step
from pages.undo import done


@dataclass(frozen=True)
class Line:
    """A credential in a list, with the addresses of what its reader may do to it, else empty."""

    row: Any
    id: str
    status_url: str
    delete_url: str
    reset_url: str


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
    "signing-certificate": (
        "iam:UploadSigningCertificate",
        "upload-signing-certificate",
        "SigningCertificatesPerUserQuota",
    ),
    "service-credential": ("iam:CreateServiceSpecificCredential", "create-service-credential", ""),
}
RESET = "iam:ResetServiceSpecificCredential"


def overview(request: PageRequest, user_name: str | None = None) -> HttpResponse:
    """The kinds that the reader may list. Who may list none is refused as for the first."""
    owner, caller = owner_of(request, user_name), _caller(request)
    looks = Looks(caller, owner)
    kinds = kinds_of(owner)
    parts = [(kind, looks.part(kind.lists, _reading(owner, kind))) for kind in kinds]
    sections = [section(caller, owner, kind, part.value) for kind, part in parts if part.value is not None]
    if not sections:
        looks.read(kinds[0].lists, lambda: None)
    context = {"owner": owner, "user": owner.user, "sections": sections, "now": now()}
    return render(request, "accounts/security/other_credentials.html", context)


def kinds_of(owner: Owner) -> list[Kind]:
    """The kinds that somebody can have."""
    return [kind for kind in OTHER_CREDENTIALS if kind.of_root or not owner.user.is_root]


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
    target = target_of(owner, action)
    # For which service one will be is chosen on the page for it.
    possible = (caller.may_somehow if kind.service else caller.may)(action, target.arn, target.context)
    full = quota(most) if most and len(rows) >= quota(most) else 0
    return Section(kind, lines, owner.url(page) if possible else "", full)


def _line(caller: Caller, owner: Owner, kind: Kind, row: Any) -> Line:
    name = getattr(row, kind.column)

    def address(action: str, page: str) -> str:
        target = target_of(owner, action, kind.keys(row))
        return owner.url(page, name) if caller.may(action, target.arn, target.context) else ""

    return Line(
        row,
        name,
        status_url=address(kind.updates, f"{kind.key}-status"),
        delete_url=address(kind.deletes, f"delete-{kind.key}"),
        reset_url=address(RESET, f"reset-{kind.key}") if kind is SERVICE_CREDENTIALS else "",
    )


def target_of(owner: Owner, action: str, keys: Mapping[str, str] | None = None) -> Target:
    """The owner as what an action is about, with the condition keys of a credential."""
    user = owner.user
    target = user_target(user.account_id, user.name, user, action)
    return target if not keys else replace(target, context={**target.context, **keys})


def summary(looks: Looks, owner: Owner) -> list[tuple[Kind, queries.Number]]:
    """How many of each kind there are, for a card that leads to the page: of those that the reader may list."""
    counted = cache(lambda: queries.numbers(owner.user))
    parts = [(kind, looks.part(kind.lists, counted)) for kind in kinds_of(owner)]
    return [(kind, part.value[kind.key]) for kind, part in parts if part.value is not None]


def in_force(looks: Looks, owner: Owner) -> int:
    """How many of those that the reader may list are not refused: what stays when access keys and sessions end."""
    return sum(number.all - number.inactive for _kind, number in summary(looks, owner))


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
    return redirect(around(_caller(request), owner)["back_url"])


@fresh_factor_required
def delete(request: PageRequest, kind: str, user_name: str | None = None, **named: str) -> HttpResponse:
    """Delete one; the page before says what follows."""
    owner, caller = owner_of(request, user_name), _caller(request)
    of = kind_of(owner, kind)
    name = named[of.parameter]
    if request.method == "POST":
        REGISTRY[of.deletes](caller, **whose(owner), **{of.parameter: name})
        messages.success(request, _("%(id)s is deleted.") % {"id": name})
        return redirect(around(caller, owner)["back_url"])
    row = opened(caller, owner, of, of.deletes, name)
    context = {**around(caller, owner), "row": row, "now": now()}
    return render(request, f"accounts/security/delete_{of.key.replace('-', '_')}.html", context)


def opened(caller: Caller, owner: Owner, kind: Kind, action: str, name: str) -> Any:
    """The credential that a form is about, for who may list it and do with it what the form does. Raises AccessDenied, Http404."""
    rows = Looks(caller, owner).read(kind.lists, _reading(owner, kind))
    row = next((row for row in rows if getattr(row, kind.column) == name), None)
    if row is None:
        raise Http404(f"There is no credential with the id {name}.")
    target = target_of(owner, action, kind.keys(row))
    authorise_form(caller, action, target.arn, target.context)
    return row


def around(caller: Caller, owner: Owner) -> dict[str, Any]:
    """What each page about one credential has: its owner; the list, for who may see any of it; and where one goes on from there."""
    targets = [(kind.lists, target_of(owner, kind.lists)) for kind in kinds_of(owner)]
    listed = any(caller.may(action, target.arn, target.context) for action, target in targets)
    list_url = owner.url("other-credentials") if listed else ""
    return {"owner": owner, "list_url": list_url, "back_url": list_url or owner.home}


def whose(owner: Owner) -> dict[str, str]:
    """The parameter that names the owner; the root user goes without."""
    return {} if owner.user.is_root else {"user_name": owner.user.name}


def _caller(request: PageRequest) -> Caller:
    caller: Caller = request.caller
    return caller
