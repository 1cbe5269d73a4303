"""A page's request as the middleware hands it to a view: for type hints."""

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from accounts.console_session import Ending
from accounts.models import Role, User
from accounts.signin_events import Place
from operations.caller import Caller


class PageRequest(HttpRequest):
    """A request with the Caller of whoever is signed in (views marked `@public` get None) and the user behind it, if it is a user.

    While the console acts as a role, `caller` is the role's session and `user_row` None; `person` and `original` are then still the user
    who signed in, and that user's own Caller.
    """

    caller: Caller
    user_row: User | None
    person: User | None
    original: Caller
    connection: Place
    session: SessionBase
    session_ends: Ending | None
    role: Role | None  # that the console acts as
    waiting_forms: int  # how many forms wait to be sent again (accounts.kept_forms)
