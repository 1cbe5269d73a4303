"""Two administrators on the account's alias: the later one sees what the other saved, and decides."""

import pytest
from django.urls import reverse

from accounts.models import Account
from accounts.operations.aliases import create_account_alias, delete_account_alias
from tests.accounts.browser import seen_at, text_of
from tests.conftest import ACCOUNT


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
