"""The request as a page's view gets it: the middleware has put the Caller on it."""

from django.http import HttpRequest

from operations.caller import Caller


class CallerRequest(HttpRequest):
    """A page request of somebody who is signed in."""

    caller: Caller
