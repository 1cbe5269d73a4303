"""The account's alias (IAM API Reference)."""

from django.db import IntegrityError, transaction

from accounts import resolve
from accounts.models import Account
from operations.errors import EntityAlreadyExists, InvalidInput, NoSuchEntity
from operations.gate import Call, Result, operation
from operations.paging import page


@operation("iam:CreateAccountAlias", on=resolve.whole_account)
def create_account_alias(call: Call, *, account_alias: str) -> Result:
    """Give the account an alias; an earlier one is replaced and becomes free. Raises EntityAlreadyExists, InvalidInput."""
    set_alias(call, account_alias)
    return {}


@operation("iam:DeleteAccountAlias", on=resolve.whole_account)
def delete_account_alias(call: Call, *, account_alias: str) -> Result:
    """Take the alias away. Raises NoSuchEntity for any other than the account's own."""
    account = Account.objects.get(pk=call.account_id)
    if account.alias != account_alias:
        raise NoSuchEntity(f"The account alias {account_alias} cannot be found.")
    account.alias = None
    account.save(update_fields=["alias"])
    call.changed(before={"alias": account_alias}, after={"alias": None})
    return {}


@operation("iam:ListAccountAliases", on=resolve.whole_account)
def list_account_aliases(call: Call, *, marker: str | None = None, max_items: int | None = None) -> Result:
    """The account's alias, if it has one: a list of at most one."""
    found, paging = page(Account.objects.filter(pk=call.account_id, alias__isnull=False), "alias", marker, max_items)
    return {"AccountAliases": [account.alias for account in found], **paging}


def set_alias(call: Call, alias: str) -> None:
    """Set the alias of the call's account. Aliases are unique over all accounts, which are not locked: the database decides."""
    if alias.isdecimal() and len(alias) == 12:
        raise InvalidInput("An account alias must not be twelve digits, which is the form of an account ID.")
    account = Account.objects.get(pk=call.account_id)
    before = account.alias
    account.alias = alias
    try:
        with transaction.atomic():
            account.save(update_fields=["alias"])
    except IntegrityError:
        raise EntityAlreadyExists(f"The account alias {alias} already exists.") from None
    call.changed(before={"alias": before}, after={"alias": alias})
