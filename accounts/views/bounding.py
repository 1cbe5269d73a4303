"""The permissions boundary of many users or roles: set to one policy, or removed, after a look at what that changes for each."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.db.models import Q, prefetch_related_objects
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.bounded_many import what_changes
from accounts.forms.permissions import BoundaryOfManyForm
from accounts.holders import KINDS, Kind
from accounts.listings.roles import ROLES
from accounts.listings.roles import rows_of as listed_roles
from accounts.listings.users import USERS
from accounts.models import Role, User
from accounts.opposites import bounding
from accounts.page_request import PageRequest
from accounts.queries.users import listed_users
from operations.caller import Caller
from operations.gate import authorise_form, authorise_read, request_keys
from operations.ids import iam_arn
from pages.components.shell import grouped
from pages.listing import BulkRun, Refused, bulk_page
from policies.deletable import not_permitted
from policies.lookup import boundary_policy
from policies.models import ManagedPolicy

LISTS: Mapping[str, Any] = {"user": (USERS, listed_users), "role": (ROLES, listed_roles)}


def set_many(request: PageRequest, kind: str) -> HttpResponse:
    """Set the permissions boundary of the selected users or roles: which policy it is, then what that changes for each."""
    holder, caller = KINDS[kind], request.caller
    everybody = iam_arn(caller.account_id, f"{kind}/*")
    authorise_form(caller, holder.boundary_action, everybody, unfinished=True)
    return _bulk(request, holder, _setting(caller, holder, None))


def remove_many(request: PageRequest, kind: str) -> HttpResponse:
    """Remove the permissions boundary of the selected users or roles."""
    holder, caller = KINDS[kind], request.caller
    action = holder.action("Delete", "PermissionsBoundary")
    run = BulkRun(
        title=_("Remove permissions boundary"),
        button=_("Remove boundary"),
        lead=_("Without a boundary, the identity policies alone decide, at once."),
        back=reverse(f"accounts:{kind}s"),
        perform=lambda row, data: _remove(caller, holder, row),
        blocked=_why_not_removed,
        left_out=Q(boundary=None) | _protected(holder),
        opposite=lambda row, data: bounding(holder, row),
        watches=_watched(holder),
        refused=lambda rows: _refused(caller, holder, action, rows, None),
        dangerous=True,
        now=lambda row: _boundary_of(caller, holder, row),
        now_heading=_("Permissions boundary"),
        heading=_("What changes in access"),
        nothing=_("Nothing: every request is decided as before."),
        losses=lambda rows: what_changes(caller, holder, rows, None),
        go=lambda counted: _("Remove boundary of %(counted)s") % {"counted": counted},
        done=lambda n: (
            ngettext("%(n)s permissions boundary removed", "%(n)s permissions boundaries removed", n)
            % {"n": grouped(n)}
        ),
        address=lambda row: holder.address(row.name),
    )
    return _bulk(request, holder, run)


def _setting(caller: Caller, holder: Kind, policy: ManagedPolicy | None) -> BulkRun:
    """Setting a boundary, before it is chosen and after."""
    lead = _("The boundary grants nothing: it caps what identity policies can grant. A deny in it is an explicit deny.")
    if policy is not None:
        words = _(
            "%(policy)s caps what the identity policies can grant, at once, in place of the boundary that is there."
        )
        lead = words % {"policy": policy.name}
    return BulkRun(
        title=_("Set permissions boundary"),
        button=_("Set boundary"),
        lead=lead,
        back=reverse(f"accounts:{holder.key}s"),
        perform=lambda row, data: _put(caller, holder, row, data),
        form=partial(BoundaryOfManyForm, caller=caller),
        decided=lambda data: _setting(caller, holder, boundary_policy(caller.account_id, data["permissions_boundary"])),
        blocked=lambda row: _why_not_set(row, policy),
        left_out=_protected(holder) | (Q(boundary=policy) if policy is not None else Q(pk__in=())),
        opposite=lambda row, data: bounding(holder, row),
        watches=_watched(holder),
        refused=lambda rows: _refused(caller, holder, holder.boundary_action, rows, policy),
        now=lambda row: _boundary_of(caller, holder, row),
        now_heading=_("Permissions boundary now"),
        heading=_("What changes in access"),
        nothing=_("Nothing: every request is decided as before."),
        losses=(lambda rows: what_changes(caller, holder, rows, policy)) if policy is not None else None,
        go=lambda counted: _("Set boundary of %(counted)s") % {"counted": counted},
        done=lambda n: (
            ngettext("%(n)s permissions boundary set", "%(n)s permissions boundaries set", n) % {"n": grouped(n)}
        ),
        with_what=lambda data: _("Policy: %(name)s") % {"name": policy.name} if policy is not None else "",
        address=lambda row: holder.address(row.name),
    )


def _watched(holder: Kind) -> tuple[str, ...]:
    """The operations that change a boundary."""
    return tuple(f"{verb}{holder.word}PermissionsBoundary" for verb in ("Put", "Delete"))


def _put(caller: Caller, holder: Kind, row: User | Role, data: Mapping[str, Any]) -> None:
    arn = data["permissions_boundary"]
    holder.call(caller, "Put", "PermissionsBoundary", row.name, permissions_boundary=arn)


def _remove(caller: Caller, holder: Kind, row: User | Role) -> None:
    holder.call(caller, "Delete", "PermissionsBoundary", row.name)


def _boundary_of(caller: Caller, holder: Kind, row: User | Role) -> str:
    """The boundary of a row, for who may read it."""
    reading = holder.action("Get")
    if not holder.may(caller, reading, row):
        return _("Needs %(permission)s") % {"permission": reading}
    return row.boundary.name if row.boundary else ""


def _protected(holder: Kind) -> Q:
    """Service-linked roles, as a condition."""
    return ~Q(service_linked_to="") if holder.key == "role" else Q(pk__in=())


def _why_protected(row: User | Role) -> str:
    """A service-linked role is AWS's to change (IAM User Guide, «Service-linked roles»)."""
    is_protected = isinstance(row, Role) and row.is_service_linked
    return _("A service-linked role is only modifiable by AWS.") if is_protected else ""


def _why_not_set(row: User | Role, policy: ManagedPolicy | None) -> str:
    is_same = policy is not None and row.boundary_id == policy.pk
    return _why_protected(row) or (_("This is its boundary already.") if is_same else "")


def _why_not_removed(row: User | Role) -> str:
    return _why_protected(row) or ("" if row.boundary_id else _("No boundary is set."))


def _refused(
    caller: Caller, holder: Kind, action: str, rows: Sequence[User | Role], policy: ManagedPolicy | None
) -> Refused:
    """Those on whom the caller may not do it; before the policy is chosen, those on whom with no policy at all."""
    prefetch_related_objects(rows, "tags", "boundary")
    is_open = policy is None and action == holder.boundary_action
    may = caller.may_somehow if is_open else caller.may
    chosen = request_keys(action, {"permissions_boundary": policy.arn}) if policy is not None else {}
    return Refused(
        {
            row.pk: not_permitted(action)
            for row in rows
            if not may(action, row.arn, {**holder.keys(row, action), **chosen})
        }
    )


def _bulk(request: PageRequest, holder: Kind, run: BulkRun) -> HttpResponse:
    account_id = request.caller.account_id
    authorise_read(request.caller, f"iam:List{holder.word}s", iam_arn(account_id, f"{holder.key}/"))
    listing, rows_of = LISTS[holder.key]
    return bulk_page(request, listing, rows_of(account_id), run)
