"""The account's alias."""

import pytest

from accounts.models import Account
from accounts.operations.aliases import create_account_alias, delete_account_alias, list_account_aliases
from operations.errors import AccessDenied, EntityAlreadyExists, InvalidInput, NoSuchEntity, ValidationError


def test_a_new_alias_replaces_the_old_one_which_becomes_free(admin, stranger, last_event):
    assert list_account_aliases(admin) == {"AccountAliases": [], "IsTruncated": False}
    assert create_account_alias(admin, account_alias="acme") == {}
    assert create_account_alias(admin, account_alias="acme") == {}
    assert create_account_alias(admin, account_alias="acme-2") == {}
    record = last_event()
    assert (record["before"], record["after"]) == ({"alias": "acme"}, {"alias": "acme-2"})
    assert list_account_aliases(admin)["AccountAliases"] == ["acme-2"]
    create_account_alias(stranger, account_alias="acme")
    assert Account.objects.get(alias="acme").pk == "210987654321"


def test_an_alias_is_taken_for_all_accounts(admin, stranger, last_event):
    create_account_alias(stranger, account_alias="acme")
    with pytest.raises(EntityAlreadyExists) as refused:
        create_account_alias(admin, account_alias="acme")
    assert refused.value.message == "The account alias acme already exists."
    assert last_event()["errorCode"] == "EntityAlreadyExists"


@pytest.mark.parametrize("alias", ["ab", "a" * 64, "Acme", "-acme", "acme-", "ac--me", "ac_me"])
def test_the_form_of_an_alias(admin, alias):
    with pytest.raises(ValidationError, match="Value at 'accountAlias' failed to satisfy constraint"):
        create_account_alias(admin, account_alias=alias)


def test_an_alias_cannot_look_like_an_account_id(admin):
    with pytest.raises(InvalidInput):
        create_account_alias(admin, account_alias="999999999999")
    create_account_alias(admin, account_alias="99999999999")


def test_deleting_needs_the_right_alias(admin, stranger):
    create_account_alias(stranger, account_alias="other")
    create_account_alias(admin, account_alias="acme")
    with pytest.raises(NoSuchEntity):
        delete_account_alias(admin, account_alias="other")
    assert delete_account_alias(admin, account_alias="acme") == {}
    assert list_account_aliases(admin)["AccountAliases"] == []
    with pytest.raises(NoSuchEntity):
        delete_account_alias(admin, account_alias="acme")


def test_denied(nobody):
    for operation, parameters in (
        (create_account_alias, {"account_alias": "acme"}),
        (delete_account_alias, {"account_alias": "acme"}),
        (list_account_aliases, {}),
    ):
        with pytest.raises(AccessDenied, match=r"on resource: \* because no identity-based policy allows"):
            operation(nobody, **parameters)
