"""The request as a page's view gets it: the middleware has put the Caller on it, and taken NUL out of it."""

from django.http import HttpRequest, QueryDict

from operations.caller import Caller


class CallerRequest(HttpRequest):
    """A page request of somebody who is signed in."""

    caller: Caller


NUL, FOUND_NOWHERE = "\x00", "\ufffd"


def without_nul(params: QueryDict) -> QueryDict:
    """The same parameters; NUL, which PostgreSQL takes in no text and no name has, becomes a character that is found nowhere."""
    if not any(NUL in value for _name, values in params.lists() for value in values):
        return params
    clean = params.copy()
    for name, values in params.lists():
        clean.setlist(name, [value.replace(NUL, FOUND_NOWHERE) for value in values])
    return clean
