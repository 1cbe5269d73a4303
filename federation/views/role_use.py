"""A role in use: its live sessions, ended one by one, and who can really assume it."""

from collections.abc import Sequence
from dataclasses import replace

from django.contrib import messages
from django.db.models import Case, CharField, Q, QuerySet, Value, When
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from accounts.holders import KINDS, inline_policy
from accounts.models import Role
from accounts.page_request import PageRequest
from engine import Policy
from federation import assuming, revocation
from federation.models import IssuedSession
from federation.operations.role_sessions import revoke_role_session
from operations.clock import now
from operations.gate import authorise_read
from pages.components.shell import grouped
from pages.errors import part
from pages.listing import (
    AgeFilter,
    BulkAction,
    BulkRun,
    Choice,
    ChoiceFilter,
    Column,
    Listing,
    Loss,
    Refused,
    TextFilter,
    bulk_page,
    render_listing,
)
from policies.deletable import not_permitted

HOLDER = KINDS["role"]
KINDS_OF_PRINCIPALS = (
    (assuming.USER, gettext_lazy("Users")),
    (assuming.ROLE, gettext_lazy("Roles")),
    ("user-chain", gettext_lazy("Users, through other roles")),
    ("role-chain", gettext_lazy("Roles, through other roles")),
)
SESSIONS = Listing(
    key="role-sessions",
    label=gettext_lazy("Sessions of the role"),
    icon="session",
    sort="-issued",
    noun=lambda number: ngettext("session", "sessions", number),
    search=("name__icontains", "source_arn__icontains", "source_identity__icontains", "key_id__iexact"),
    row_name=lambda row: str(row.name),
    columns=(
        Column("name", gettext_lazy("Session"), sort="name", fixed=True),
        Column("source", gettext_lazy("Opened by"), value="source_arn", sort="source_arn"),
        Column(
            "identity",
            gettext_lazy("Source identity"),
            value="source_identity",
            sort="source_identity",
            blank=True,
            default=False,
        ),
        Column("issued", gettext_lazy("Issued"), value="issued_at", sort="issued_at"),
        Column("expires", gettext_lazy("Expires"), value="expires_at", sort="expires_at"),
        Column(
            "used",
            gettext_lazy("Last used"),
            value="last_used_at",
            sort="last_used_at",
            nulls="low",
            empty=gettext_lazy("Never"),
        ),
        Column(
            "address",
            gettext_lazy("From address"),
            value="source_ip",
            sort="source_ip",
            blank=True,
            default=False,
            css="mono",
        ),
        Column("key", gettext_lazy("Access key ID"), value="key_id", sort="key_id", default=False, css="mono"),
        Column("state", gettext_lazy("Status"), value="state", sort="state", nulls="never", fixed=True),
        Column("revoke", gettext_lazy("Revoke"), value=lambda row: "", fixed=True, acts=True),
    ),
    filters=(
        ChoiceFilter(
            "state",
            gettext_lazy("Status"),
            (
                Choice("live", gettext_lazy("live"), Q(state="live")),
                Choice("revoked", gettext_lazy("revoked"), Q(state="revoked")),
            ),
        ),
        TextFilter("name", gettext_lazy("Session"), "name"),
        TextFilter("source", gettext_lazy("Opened by"), "source_arn"),
        TextFilter("identity", gettext_lazy("Source identity"), "source_identity", absent=Q(source_identity="")),
        TextFilter("address", gettext_lazy("From address"), "source_ip", absent=Q(source_ip="")),
        TextFilter("key", gettext_lazy("Access key id"), "key_id", exact=True),
        AgeFilter("issued", gettext_lazy("Issued"), "issued_at"),
        AgeFilter("used", gettext_lazy("Last used"), "last_used_at"),
    ),
    cells="federation/session_cells.html",
    empty_title=gettext_lazy("No sessions at present"),
    empty_text=gettext_lazy("A session appears here when somebody assumes the role, and leaves when it expires."),
)


def sessions(request: PageRequest, name: str) -> HttpResponseBase:
    """The sessions that have not expired: who opened each, when, until when, and whether it was revoked."""
    row: Role = HOLDER.read(request.caller, name)
    revoking = inline_policy(row, revocation.REVOKE_OLDER_SESSIONS)
    moment = revocation.moment_of(Policy.parse(revoking.document)) if revoking else None
    may_revoke = _may_revoke(request, row)
    context = {
        "holder": HOLDER,
        "row": row,
        "tab": "sessions",
        "revoked_before": moment,
        "revoke_url": reverse("federation:role-revoke-session", args=[row.name]),
        "may_revoke": may_revoke,
        "may_look": request.caller.may("cloudtrail:LookupEvents", "*"),
    }
    rows = _sessions_of(row, moment)
    return render_listing(
        request,
        _listing_of(row, may_revoke),
        rows,
        template="federation/role_sessions.html",
        context=context,
    )


def _may_revoke(request: PageRequest, row: Role) -> bool:
    return HOLDER.may(request.caller, "iam:PutRolePolicy", row)


def _listing_of(row: Role, may_revoke: bool) -> Listing:
    """The list with what may be done to the chosen sessions."""
    several = BulkAction(gettext_lazy("Revoke"), "federation:role-revoke-sessions", kind="danger", args=(row.name,))
    return replace(SESSIONS, bulk=(several,)) if may_revoke else SESSIONS


def revoke_many(request: PageRequest, name: str) -> HttpResponse:
    """End the selected sessions, after a look at who opened them."""
    row: Role = HOLDER.read(request.caller, name)
    revoking = inline_policy(row, revocation.REVOKE_OLDER_SESSIONS)
    moment = revocation.moment_of(Policy.parse(revoking.document)) if revoking else None
    may_revoke = _may_revoke(request, row)

    def refused(rows: Sequence[IssuedSession]) -> Refused:
        return Refused({} if may_revoke else {each.pk: not_permitted("iam:PutRolePolicy") for each in rows})

    run = BulkRun(
        title=_("Revoke sessions of %(name)s") % {"name": row.name},
        button=_("Revoke"),
        lead=_(
            "Their credentials are refused from now on, in the API as in the console. Sessions of other roles that were opened with them "
            "go on: revoke those at their roles."
        ),
        back=reverse("federation:role-sessions", args=[row.name]),
        perform=lambda each, data: _end(request, row, each),
        blocked=lambda each: "" if each.state == "live" else _("Revoked already"),
        left_out=~Q(state="live"),
        refused=refused,
        dangerous=True,
        go=lambda counted: _("Revoke %(counted)s") % {"counted": counted},
        done=lambda n: ngettext("%(n)s session revoked", "%(n)s sessions revoked", n) % {"n": grouped(n)},
        losses=lambda rows: {each.pk: [Loss(1, each.source_arn, each.last_used_at)] for each in rows},
        heading=gettext_lazy("Who loses it"),
    )
    return bulk_page(request, _listing_of(row, may_revoke), _sessions_of(row, moment), run)


def _end(request: PageRequest, row: Role, session: IssuedSession) -> None:
    revoke_role_session(request.caller, role_name=row.name, access_key_id=session.key_id)


@require_POST
def revoke(request: PageRequest, name: str) -> HttpResponse:
    """End one session: its credentials are refused from now on, in the API as in the console."""
    row: Role = HOLDER.read(request.caller, name)
    revoke_role_session(request.caller, role_name=row.name, access_key_id=request.POST.get("key_id", ""))
    messages.success(request, _("The session is revoked."))
    return redirect("federation:role-sessions", row.name)


def who_can_assume(request: PageRequest, name: str) -> HttpResponse:
    """The users and roles of the account that can assume the role, directly or through other roles; what everybody's policies say is for
    whoever may read them all."""
    row: Role = HOLDER.read(request.caller, name)
    kind, after = request.GET.get("kind", assuming.USER), request.GET.get("after", "")
    if kind not in (*assuming.KINDS, *assuming.CHAINS):
        raise Http404

    def found() -> assuming.Assumers | assuming.Chains:
        if not request.caller.may("iam:GetAccountAuthorizationDetails"):
            authorise_read(request.caller, "iam:GetAccountAuthorizationDetails", "*")
        begins = assuming.CHAINS.get(kind)
        return assuming.who_can_reach(row, begins, after) if begins else assuming.who_can_assume(row, kind, after)

    answer = part(found)
    value = answer.value
    context = {
        "holder": HOLDER,
        "row": row,
        "tab": "who",
        "kind": kind,
        "begins": assuming.CHAINS.get(kind, kind),
        "kinds": KINDS_OF_PRINCIPALS,
        "after": after,
        "answer": answer,
        "count": _counted(kind, value, whole=not (after or value.following)) if value and value.found else "",
        "lacking": _lacking(value) if isinstance(value, assuming.Assumers) else "",
    }
    template = "federation/role_chains.html" if kind in assuming.CHAINS else "federation/who_can_assume.html"
    return render(request, template, context)


def _lacking(found: assuming.Assumers) -> str:
    """How many of them cannot now, because they have no MFA device; an empty text where nobody is so."""
    n = sum(each.lacks_device for each in found.found)
    said = ngettext(
        "%(n)s of them has no MFA device, which the role asks for, and so cannot assume it now.",
        "%(n)s of them have no MFA device, which the role asks for, and so cannot assume it now.",
        n,
    )
    return said % {"n": grouped(n)} if n else ""


def _counted(kind: str, found: assuming.Assumers | assuming.Chains, *, whole: bool) -> str:
    """How many can, of how many; on one page of many, of those that it asked about."""
    numbers = {"found": len(found.found), "asked": found.asked}
    if isinstance(found, assuming.Chains):
        if kind == "role-chain":
            said = ngettext(
                "%(found)s role reaches it through others", "%(found)s roles reach it through others", len(found.found)
            )
        else:
            said = ngettext(
                "%(found)s of the users asked about on this page reaches it through other roles",
                "%(found)s of the users asked about on this page reach it through other roles",
                len(found.found),
            )
        return said % numbers
    if not whole:
        return _("%(found)d of the %(asked)d that this page asked about can assume it") % numbers
    if kind == assuming.USER:
        said = ngettext(
            "%(found)d of %(asked)d user can assume it", "%(found)d of %(asked)d users can assume it", found.asked
        )
    else:
        said = ngettext(
            "%(found)d of %(asked)d other role can assume it",
            "%(found)d of %(asked)d other roles can assume it",
            found.asked,
        )
    return said % numbers


def _sessions_of(role: Role, revoked_before: object) -> "QuerySet[IssuedSession]":
    over = Q(revoked_at__isnull=False)
    if revoked_before is not None:
        over |= Q(issued_at__lt=revoked_before)
    state = Case(When(over, then=Value("revoked")), default=Value("live"), output_field=CharField())
    rows = IssuedSession.objects.filter(account_id=role.account_id, subject=role.unique_id, expires_at__gt=now())
    return rows.annotate(state=state)
