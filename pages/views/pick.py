"""One step in a picker: the answer is the picker alone, with everything that is chosen in it."""

from django.http import Http404, HttpResponse
from django.shortcuts import render

from pages.picking import PICKS, Look, already_of, beside_of, picking
from pages.request import CallerRequest


def pick(request: CallerRequest, key: str) -> HttpResponse:
    """Search, turn a page, choose or take back; the state comes with the address. What may be seen is decided by the pick."""
    found = PICKS.get(key)
    name = request.GET.get("name", "")
    if found is None or not name.replace("-", "_").isidentifier():
        raise Http404
    most = request.GET.get("most", "")
    values = list(dict.fromkeys(value for value in request.GET.getlist(name)[:500] if value))
    state = picking(
        found,
        request.caller,
        name,
        values[-1:] if "single" in request.GET else values,
        Look.of(request.GET, name),
        single="single" in request.GET,
        most=int(most) if most.isascii() and most.isdecimal() and len(most) < 6 else None,
        without=request.GET.getlist("without")[:100],
        already=already_of(request.caller, request.GET.get("already", "")),
        beside=beside_of(request.caller, request.GET.get("beside", "")),
    )
    state.plain = "plain" in request.GET
    state.may_create = state.may_create and not state.plain
    return render(request, "components/picker.html", {"picking": state, "is_fragment": True})
