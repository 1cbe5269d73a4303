"""The tab «Last accessed» of users, groups, roles and policies: when what their policies allow was last used."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from accounts.holders import KINDS
from accounts.page_request import PageRequest
from governance import subjects
from governance.last_accessed import TRACKED, TRACKED_ACTIONS, Report, ServiceUse, report
from governance.last_accessed_export import download
from governance.queries import accessed
from governance.subjects import Entity, Held
from operations.caller import Caller
from operations.gate import authorise_read
from pages.errors import Part, part
from pages.listing.export import FORMS
from policies.reading import read_policy

GENERATE, GET = "iam:GenerateServiceLastAccessedDetails", "iam:GetServiceLastAccessedDetails"
WITH_ENTITIES, GRANTING = "iam:GetServiceLastAccessedDetailsWithEntities", "iam:ListPoliciesGrantingServiceAccess"
PAGE = 50


@dataclass(frozen=True)
class Granting:
    """A policy that allows something of a service, with the address of its page."""

    held: Held

    @property
    def href(self) -> str:
        if self.held.arn:
            return reverse("policies:policy", args=[self.held.arn])
        return reverse(f"accounts:{self.held.entity_type.lower()}-inline", args=[self.held.entity_name, self.held.name])


@dataclass(frozen=True)
class Line:
    """A row of the table: a service and what the page shows beside it."""

    use: ServiceUse
    granting: Sequence[Granting]
    href: str

    @property
    def others(self) -> int:
        """How many more than the last one accessed it."""
        return len(self.use.by_principal) - 1


def of_holder(request: PageRequest, kind: str, name: str) -> HttpResponseBase:
    """The tab of a user, group or role."""
    holder = KINDS[kind]
    row = holder.read(request.caller, name)
    return _tab(request, row, {"holder": holder, "frame": f"accounts/{kind}s/base.html", "kind": kind})


def of_policy(request: PageRequest, arn: str) -> HttpResponseBase:
    """The tab of a managed policy."""
    row: Any = read_policy(request.caller, arn)
    return _tab(request, row, {"frame": "policies/base.html", "kind": "policy"})


def _tab(request: PageRequest, row: Entity, context: dict[str, Any]) -> HttpResponseBase:
    """The services, or with `?service=` the actions and entities of one; `?export=csv` hands out all services that are shown."""
    caller, names_service = request.caller, request.GET.get("service")
    shows_granting, entities = False, Part[None]()

    def read() -> Report:
        nonlocal shows_granting, entities
        _authorise(caller, row)
        if names_service and context["has_many"]:
            entities = part(authorise_read, caller, WITH_ENTITIES, "*")
        shows_granting = context["kind"] != "policy" and not names_service and _may_see_granting(caller, row)
        return report(
            row, caller.account_id
        )  # last: it looks into the record, into which goes first what was read until then

    context |= {"row": row, "tab": "accessed", "has_many": context["kind"] in {"group", "policy"}}
    found = context["report"] = part(read)
    if found.value is None:
        return render(request, "governance/last_accessed.html", context)
    context |= {"days": TRACKED.days, "since": accessed.tracked_since(caller.account_id)}
    if names_service:
        context |= _one_service(request, found.value, names_service, entities, has_many=context["has_many"])
        return render(request, "governance/last_accessed_service.html", context)
    if (form := request.GET.get("export", "")) in FORMS:
        rows, many = _shown(request, found.value)[0], context["has_many"]
        return download(row.name, rows, form, has_many=many, shows_granting=shows_granting)
    context |= _services(request, found.value, context, shows_granting=shows_granting)
    return render(request, "governance/last_accessed.html", context)


def _authorise(caller: Caller, row: Entity) -> None:
    """Authorise and record the report as the calls that make it and get it. Raises AccessDenied."""
    target = subjects.target_of(row, GENERATE)
    authorise_read(caller, GENERATE, target.arn, target.context, type=target.type)
    authorise_read(caller, GET, "*")


def _shown(request: PageRequest, found: Report) -> tuple[Sequence[ServiceUse], dict[str, str], str]:
    """The services that are asked for, what was asked, and the order."""
    asked = {name: request.GET.get(name, "").strip() for name in ("q", "use", "sort")}
    sort = asked["sort"] if asked["sort"] in accessed.SORTS else accessed.NEWEST
    return accessed.services_shown(found.services, search=asked["q"], use=asked["use"], sort=sort), asked, sort


def _services(request: PageRequest, found: Report, context: dict[str, Any], *, shows_granting: bool) -> dict[str, Any]:
    rows, asked, sort = _shown(request, found)
    shows_entities = context["has_many"] and request.caller.may(WITH_ENTITIES)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    lines = [
        Line(
            use,
            [Granting(held) for held in accessed.granting(use)] if shows_granting else (),
            f"?{urlencode({'service': use.prefix})}" if shows_entities or use.prefix in TRACKED_ACTIONS else "",
        )
        for use in page.object_list
    ]
    filters = {name: asked[name] for name in ("q", "use") if asked[name]}
    turned = accessed.OLDEST if sort == accessed.NEWEST else accessed.NEWEST
    return {
        "page": page,
        "lines": lines,
        "asked": asked,
        "uses": accessed.USES.items(),
        "filtered": bool(filters),
        "used": sum(use.last is not None for use in found.services),
        "sort": sort,
        "by_name": urlencode({**filters, "sort": accessed.NAME}),
        "by_time": urlencode({**filters, "sort": turned}),
        "query": urlencode({**filters, **({"sort": sort} if sort != accessed.NEWEST else {})}),
        "shows_granting": shows_granting,
        "missing": GRANTING if context["kind"] != "policy" and not shows_granting else "",
    }


def _may_see_granting(caller: Caller, row: Entity) -> bool:
    """Whether the policies may be named; that they are is recorded."""
    target = subjects.target_of(row, GRANTING)
    if not caller.may(GRANTING, target.arn, target.context):
        return False
    authorise_read(caller, GRANTING, target.arn, target.context, type=target.type)
    return True


def _one_service(
    request: PageRequest, found: Report, prefix: str, entities: Part[None], *, has_many: bool
) -> dict[str, Any]:
    """One service's allowed actions, and for a group or policy everybody who can use it. Raises Http404."""
    use = found.service(prefix)
    if use is None or not (has_many or prefix in TRACKED_ACTIONS):
        raise Http404

    shown = None
    if has_many and not entities.refusal:
        shown = Paginator(accessed.entities_of(found, use), PAGE).get_page(request.GET.get("page"))
    return {
        "use": use,
        "actions": accessed.actions_of(use),
        "are_tracked": prefix in TRACKED_ACTIONS,
        "entities": Part(shown, entities.refusal) if has_many else None,
    }
