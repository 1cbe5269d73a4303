"""Switching to a role and back."""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.admission import public
from accounts.page_request import PageRequest
from federation import recent_roles, switching
from federation.forms import SwitchRoleForm
from federation.recent_roles import RecentRole
from federation.switchable import switchable_roles
from operations.errors import AccessDenied, ServiceError
from pages.forms import apply_error
from pages.listing import Column, Listing, TextFilter, render_listing

YOUR_ROLES = Listing(
    key="your-roles",
    label=gettext_lazy("Your roles"),
    icon="role",
    sort="name",
    size=10,
    noun=lambda number: ngettext("role", "roles", number),
    search=("name_key__inside", "description__icontains"),
    columns=(
        Column("name", gettext_lazy("Role"), sort="name_key", fixed=True),
        Column("description", gettext_lazy("Description"), sort="description", blank=True),
        Column("account", gettext_lazy("Account"), value="account_id", sort="account_id", default=False),
        Column(
            "longest",
            gettext_lazy("Longest session"),
            value="max_session_duration",
            sort="max_session_duration",
            default=False,
            numeric=True,
        ),
        Column("switch", gettext_lazy("Switch"), value="arn", fixed=True, acts=True),
    ),
    filters=(
        TextFilter("name", gettext_lazy("Role"), "name_key", fold=str.lower, shown_field="name"),
        TextFilter("description", gettext_lazy("Description"), "description", absent=Q(description="")),
        TextFilter("account", gettext_lazy("Account"), "account_id", exact=True),
    ),
    cells="federation/your_role_cells.html",
    empty_title=gettext_lazy("No roles for you yet"),
    empty_text=gettext_lazy(
        "A role is listed here when your policies allow sts:AssumeRole on it and its trust policy lets you in."
    ),
)


@never_cache
def switch_role(request: PageRequest) -> HttpResponseBase:
    """The roles that the person may switch to, those of late, and a form for any other. Always with the person's own rights."""
    chosen = request.POST.get("role_arn", "")
    if request.method == "POST" and request.POST.get("forget"):
        recent_roles.forget(request, request.POST["forget"])
        return redirect("federation:switch-role")
    asked = _as_form(request, chosen) if chosen else request.POST
    form = SwitchRoleForm(
        asked if request.method == "POST" else None, initial=SwitchRoleForm.from_link(request.GET.dict())
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        arn = chosen or switching.arn_of(given["account"], given["role_name"])
        wished = RecentRole(arn, given["display_name"], given["colour"] or switching.COLOURS[0])
        try:
            return _switch(request, wished)
        except AccessDenied as error:  # in the same words for a role that is not there, and nothing more
            form.add_error(None, error.message)
        except ServiceError as error:
            apply_error(form, error)
    original = request.original
    response = render_listing(
        request,
        YOUR_ROLES,
        switchable_roles(original),
        template="federation/switch_role.html",
        context={
            "form": form,
            "recent": recent_roles.recent_roles(request),
            "is_root": original.is_root,
            "linked": bool(request.GET.get("roleName")),
        },
    )
    if form.non_field_errors():
        response.status_code = 403
    return response


def _as_form(request: PageRequest, arn: str) -> dict[str, str]:
    """A role that was chosen from a list, as the form has it; one of late as it was called then."""
    parts = arn.split(":", 5)
    known = next((role for role in recent_roles.recent_roles(request) if role.arn == arn), RecentRole(arn))
    account, name = (parts[4], parts[5].rpartition("/")[2]) if len(parts) == 6 else ("", "")
    return {"account": account, "role_name": name, "display_name": known.display_name, "colour": known.colour}


def _switch(request: PageRequest, wished: RecentRole) -> HttpResponse:
    """Raises AccessDenied, ValidationError."""
    _act(request, wished)
    messages.success(request, _("You now act as the role %(name)s.") % {"name": wished.display_name or wished.name})
    return redirect("/")


def _act(request: PageRequest, wished: RecentRole) -> switching.Switched:
    """Raises AccessDenied, ValidationError."""
    switched = switching.switch(
        request.session, request.original, wished.arn, display_name=wished.display_name, colour=wished.colour
    )
    recent_roles.remember(request, wished)
    return switched


@require_POST
def switch_again(request: PageRequest) -> JsonResponse:
    """Renew the role's session, before or after its end, for a page that stays (static/js/session.js): how long it lasts now.

    In the same name and colour as before. Whoever is refused reads why, and what was acted as goes on for the rest of its time.
    """
    form = _as_form(request, request.POST.get("role_arn", ""))
    wished = RecentRole(request.POST.get("role_arn", ""), form["display_name"], form["colour"])
    try:
        switched = _act(request, wished)
    except ServiceError as error:
        return JsonResponse({"refused": error.message}, status=error.status)
    if getattr(request, "role_ended", False):
        list(messages.get_messages(request))  # that it had ended was said by the page, and is over
    return JsonResponse({"seconds": switched.seconds, "final": True})


@public
@never_cache
def role_end(request: PageRequest) -> JsonResponse:
    """In how many seconds the session of the role ends that a page was made for; none once the console acts as another. Uses neither."""
    switched = switching.read(request.session)
    is_same = switched is not None and switched.session.subject == request.GET.get("role")
    return JsonResponse({"seconds": switched.seconds if switched and is_same else 0, "final": True})


@require_POST
def switch_back(request: PageRequest) -> HttpResponse:
    """Act as oneself again."""
    if switching.leave(request.session, request.original):
        messages.success(request, _("You act as yourself again."))
    return redirect("/")
