"""GetAccountAuthorizationDetails: everything about an account's identities and policies in one answer (IAM API Reference)."""

from accounts import resolve
from accounts.queries.authorization_details import details_page
from operations.gate import Call, Result, operation


@operation("iam:GetAccountAuthorizationDetails", on=resolve.whole_account)
def get_account_authorization_details(
    call: Call, *, filter: list[str] | None = None, marker: str | None = None, max_items: int | None = None
) -> Result:
    """A page of users, groups, roles and policies with all that hangs on them; `filter` names the kinds that are wanted."""
    return details_page(call.account_id, filter or (), marker, max_items)
