"""Whose credentials a page is about: the reader's own («My security credentials») or, for administrators, another user's."""

from dataclasses import dataclass

from django.http import Http404
from django.urls import reverse

from accounts.models import User
from accounts.page_request import PageRequest
from accounts.resolve import find_user_shown, user_target
from operations.caller import Caller
from operations.gate import authorise_form, authorise_read


@dataclass(frozen=True)
class Owner:
    """The user whose credentials are shown or changed. `name` is what the operations take: None for oneself."""

    user: User
    is_self: bool

    @property
    def name(self) -> str | None:
        return None if self.is_self else self.user.name

    @property
    def mfa_name(self) -> str:
        """The `UserName` of the MFA operations that require one; the root user goes by the account id."""
        return self.user.account_id if self.user.is_root else self.user.name

    @property
    def label(self) -> str:
        return "root user" if self.user.is_root else self.user.name

    def url(self, page: str, *parts: object) -> str:
        """The address of one of the credential pages of this owner."""
        if self.is_self:
            return reverse(f"accounts:{page}", args=parts)
        return reverse(f"accounts:user-{page}", args=[self.user.name, *parts])

    def open_form(self, caller: Caller, *actions: str) -> None:
        """Open a form about this owner's credentials only for whom all its operations are allowed. Raises AccessDenied."""
        for action in actions:
            target = user_target(self.user.account_id, self.user.name, self.user, action)
            authorise_form(caller, action, target.arn, target.context)

    @property
    def home(self) -> str:
        return self.url("security-credentials")


def owner_of(request: PageRequest, user_name: str | None = None) -> Owner:
    """The owner that the address names, or the reader. Another user is authorised and recorded as GetUser, before it is said whether
    there is such a user. Raises AccessDenied, and Http404 for a user that does not exist and for readers who are no users.
    """
    reader: User | None = request.user_row
    if user_name is None or (reader is not None and user_name == reader.name):
        if reader is None:
            raise Http404("Only users have credentials of their own.")
        return Owner(reader, is_self=True)
    user = find_user_shown(request.caller.account_id, user_name)
    target = user_target(request.caller.account_id, user_name, user, "iam:GetUser")
    authorise_read(request.caller, "iam:GetUser", target.arn, target.context, type=target.type, named=user_name)
    if user is None:
        raise Http404(f"The user with name {user_name} cannot be found.")
    return Owner(user, is_self=False)
