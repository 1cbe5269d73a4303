"""A form that is left for a while to create something it needs: kept in the session and shown again as it was, with what was created."""

import json
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.functional import Promise

KEY = "draft"
LONGEST = 200_000  # characters of a form: what two policy documents and a list of names need, many times over
HELD_BACK = ("csrfmiddlewaretoken",)
UNSENT = "_unsent"  # says of what is in a form that nobody has sent it: it is shown unchecked


def keep(request: HttpRequest, field: str) -> bool:
    """Keep the form of this request; what is created meanwhile goes into its field. False for one that is too long to be kept."""
    data = {
        name: request.POST.getlist(name) for name in request.POST if name not in HELD_BACK and name != f"{field}-create"
    }
    content = urlencode(data, doseq=True)
    if len(content) > LONGEST:
        return False
    request.session[KEY] = {"path": request.path, "field": field, "data": content}
    request.form_left = True  # type: ignore[attr-defined]
    return True


def waiting(request: HttpRequest) -> str:
    """The address of the form that waits for what is created here; empty when none does."""
    kept = request.session.get(KEY) if request.GET.get("back") else None
    return f"{kept['path']}?draft=1" if kept else ""


def returned(request: HttpRequest, value: str) -> HttpResponse | None:
    """Back to the form that waits, with the value in its field; None when none does."""
    address = waiting(request)
    if not address:
        return None
    kept = request.session[KEY]
    data = QueryDict(kept["data"], mutable=True)
    data.appendlist(kept["field"], value)
    request.session[KEY] = kept | {"data": data.urlencode()}
    return redirect(address)


def taken(request: HttpRequest) -> QueryDict | None:
    """What was typed into this page's form before it was left, or kept of it as a draft (pages.kept_drafts); None when it was not.

    What was left is given once.
    """
    if (continued := getattr(request, "continued", None)) is not None:
        draft: QueryDict = continued
        return draft
    kept = request.session.get(KEY) if request.GET.get("draft") else None
    if kept is None or kept["path"] != request.path:
        return None
    del request.session[KEY]
    data = QueryDict(kept["data"], mutable=True)
    data[UNSENT] = "1"
    return data


def created(into: str, value: str, said: str | Promise) -> HttpResponse:
    """The answer of a side panel that has created something: the picker takes it, the panel closes (static/js/picker.js)."""
    event = {"pages:created": {"into": into, "value": value, "said": str(said)}}
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(event)})
