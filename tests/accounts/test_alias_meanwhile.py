"""Two administrators on the account's alias: the later one sees what the other saved, and decides."""

import pytest
from django.urls import reverse

from accounts.models import Account
from accounts.operations.aliases import create_account_alias, delete_account_alias
from tests.accounts.browser import seen_at, text_of
from tests.conftest import ACCOUNT
from tests.federation.conftest import allow
from tests.signing_in import sign_in


def alias():
    return Account.objects.get(pk=ACCOUNT).alias


@pytest.mark.parametrize("confirmed", [{}, {"changed": "1"}], ids=["form", "review"])
@pytest.mark.parametrize("before", ["", "acme"])
def test_whoever_sets_it_later_is_told_of_the_other(administrator, system, before, confirmed):
    page = reverse("accounts:account")
    if before:
        create_account_alias(system, account_alias=before)
    sent = {"account_alias": "mine", "seen": seen_at(administrator, page)} | confirmed
    create_account_alias(system, account_alias="theirs")
    answer = administrator.post(page, sent)
    assert (answer.status_code, alias()) == (409, "theirs")
    assert "Somebody changed this while you were editing" in text_of(answer)
    form = answer.context["form"]
    assert form["account_alias"].value() == "mine"
    again = {"account_alias": "mine", "seen": form["seen"].value(), "changed": "1"}
    assert administrator.post(page, again).status_code == 302
    assert alias() == "mine"


def test_it_is_said_who_set_or_removed_it_meanwhile(administrator, make_user, caller_of, system):
    admin = caller_of(make_user("carol", allow("iam:*")))
    page = reverse("accounts:account")
    create_account_alias(system, account_alias="acme")
    sent = {"account_alias": "mine", "seen": seen_at(administrator, page)}
    delete_account_alias(admin, account_alias="acme")
    shown = text_of(administrator.post(page, sent))
    assert "carol" in shown.partition("Last change: DeleteAccountAlias")[2].partition("Nothing is saved yet")[0]
    removing = text_of(administrator.post(page, {"remove": "1", "seen": sent["seen"]}))
    assert "Last change:" not in removing, "nothing is left to remove"
    create_account_alias(admin, account_alias="theirs")
    removing = text_of(administrator.post(page, {"removed": "1", "seen": sent["seen"]}))
    assert "Last change: CreateAccountAlias" in removing
    assert "The alias is «theirs» now." in removing


def test_who_it_was_is_told_only_to_who_may_read_the_trail(client, make_user, admin):
    rights = ["iam:ListAccountAliases", "iam:GetAccountSummary", "iam:CreateAccountAlias", "iam:DeleteAccountAlias"]
    sign_in(client, make_user("vera", allow(*rights)))
    page = reverse("accounts:account")
    seen = seen_at(client, page)
    create_account_alias(admin, account_alias="theirs")
    answer = client.post(page, {"account_alias": "mine", "seen": seen})
    assert answer.status_code == 409
    assert "Last change" not in text_of(answer)
    assert "Last change" not in text_of(client.post(page, {"removed": "1", "seen": seen}))


def test_whoever_removes_it_later_is_asked_about_the_present_one(administrator, system):
    page = reverse("accounts:account")
    create_account_alias(system, account_alias="acme")
    review = administrator.post(page, {"remove": "1"})
    seen = review.context["seen"]
    create_account_alias(system, account_alias="theirs")
    again = administrator.post(page, {"removed": "1", "seen": seen})
    assert (again.status_code, again.context["review"], alias()) == (200, "remove", "theirs")
    assert "«theirs»" in text_of(again)
    assert administrator.post(page, {"removed": "1", "seen": again.context["seen"]}).status_code == 302
    assert not alias()


def test_without_an_alias_there_is_nothing_left_to_remove(administrator, system):
    page = reverse("accounts:account")
    create_account_alias(system, account_alias="acme")
    seen = seen_at(administrator, page)
    delete_account_alias(system, account_alias="acme")
    answer = administrator.post(page, {"removed": "1", "seen": seen})
    assert (answer.status_code, answer.context["review"]) == (200, "")
