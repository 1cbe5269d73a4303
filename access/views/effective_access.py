"""The tab «Effective access» of users, groups and roles."""

from django.core.paginator import Paginator
from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from access.comparing import side_of
from access.effective_access import COLUMNS, WORDS, effective, exported
from pages.errors import part
from pages.listing.export import FORMS, table
from pages.request import CallerRequest

PAGE = 50


@require_safe
def effective_access(request: CallerRequest, kind: str, name: str) -> HttpResponseBase:
    """What the policies of one user, group or role allow together. `?q=` seeks a service or actions, `?outcome=` shows one outcome,
    `?export=csv` hands out all that is shown.

    Raises AccessDenied, NoSuchEntity.
    """
    side = side_of(request.caller, f"{kind}/{name}")
    asked = {key: value for key in ("q", "outcome") if (value := request.GET.get(key, "").strip())}
    found = part(effective, request.caller, side, asked.get("q", ""), asked.get("outcome", ""))
    if found.value and request.GET.get("export") in FORMS:
        return table(f"effective-access-{side.row.name}", COLUMNS, map(exported, found.value), request.GET["export"])
    pages = Paginator(found.value or [], PAGE)
    context = {
        "frame": f"accounts/{kind}s/base.html",
        "holder": side.holder,
        "row": side.row,
        "tab": "access",
        "found": found,
        "page": pages.get_page(request.GET.get("page")),
        "asked": asked,
        "outcomes": list(WORDS.values()),
        "query": urlencode(asked),
    }
    return render(request, "access/effective_access.html", context)
