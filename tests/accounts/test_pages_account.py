"""The account's page: alias, sign-in addresses, quotas."""

import pytest

from accounts.models import Account
from accounts.operations.aliases import create_account_alias
from tests.conftest import ADMINISTRATOR
from tests.signing_in import sign_in

PAGE = "/account-settings/"
SUMMARY_ALONE = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:GetAccountSummary","Resource":"*"}]}'
)


@pytest.fixture
def signed_in(client, make_user):
    sign_in(client, make_user("sam", ADMINISTRATOR))
    return client


def alias():
    return Account.objects.get().alias


def test_an_alias_is_set_at_once(signed_in):
    answer = signed_in.post(PAGE, {"account_alias": "acme"}, follow=True)
    assert alias() == "acme"
    assert "The account alias is acme." in answer.content.decode()
    assert "/sign-in/acme/" in answer.content.decode()


def test_a_change_shows_first_what_it_breaks(signed_in, admin):
    create_account_alias(admin, account_alias="acme")
    shown = signed_in.post(PAGE, {"account_alias": "umbrella"}).content.decode()
    assert "The old sign-in URL stops working" in shown
    assert alias() == "acme"
    signed_in.post(PAGE, {"account_alias": "umbrella", "changed": "1"})
    assert alias() == "umbrella"


def test_a_removal_shows_first_what_it_breaks(signed_in, admin):
    create_account_alias(admin, account_alias="acme")
    shown = signed_in.post(PAGE, {"account_alias": "acme", "remove": "1"}).content.decode()
    assert "cannot sign in there any more" in shown
    assert alias() == "acme"
    signed_in.post(PAGE, {"removed": "1"})
    assert alias() is None


def test_the_same_alias_again_changes_nothing_and_asks_nothing(signed_in, admin):
    create_account_alias(admin, account_alias="acme")
    assert signed_in.post(PAGE, {"account_alias": "acme"}).status_code == 302
    assert alias() == "acme"


@pytest.mark.parametrize("typed", ["Acme", "a", "-acme", "ac--me", "<b>"])
def test_an_alias_that_aws_would_not_take_is_kept_in_the_field_with_the_reason(signed_in, admin, typed):
    create_account_alias(admin, account_alias="acme")
    answer = signed_in.post(PAGE, {"account_alias": typed})
    assert answer.context["form"]["account_alias"].errors
    assert answer.context["form"]["account_alias"].value() == typed
    assert alias() == "acme"


def test_an_alias_that_another_account_has_is_refused_at_the_field(signed_in, other_account):
    Account.objects.filter(pk=other_account.pk).update(alias="taken")
    answer = signed_in.post(PAGE, {"account_alias": "taken"})
    assert answer.context["form"]["account_alias"].errors == ["The account alias taken already exists."]


def test_quotas_stand_beside_the_numbers_and_warn_before_they_are_used_up(signed_in, settings):
    settings.QUOTAS = {"UsersQuota": "1"}
    uses = {str(use.label): use for use in signed_in.get(PAGE).context["uses"]}
    assert (uses["Users"].used, uses["Users"].quota, uses["Users"].kind) == (1, 1, "warning")
    assert (uses["Groups"].used, uses["Groups"].quota, uses["Groups"].kind) == (0, 300, "")


def test_who_may_only_see_the_numbers_sees_the_refusal_in_place_and_no_form(client, make_user, admin):
    create_account_alias(admin, account_alias="acme")
    sign_in(client, make_user("dora", SUMMARY_ALONE))
    page = client.get(PAGE)
    assert page.status_code == 200
    assert page.context["aliases"].refusal
    assert "/sign-in/acme/" not in page.content.decode()
    assert 'name="account_alias"' not in page.content.decode()


def test_who_may_nothing_is_refused(client, make_user):
    sign_in(client, make_user("dora"))
    assert client.get(PAGE).status_code == 403


def test_a_change_without_the_permission_is_refused_and_changes_nothing(client, make_user, admin):
    create_account_alias(admin, account_alias="acme")
    sign_in(client, make_user("dora", SUMMARY_ALONE.replace("GetAccountSummary", "*AccountSummary")))
    assert client.post(PAGE, {"account_alias": "umbrella", "changed": "1"}).status_code == 403
    assert client.post(PAGE, {"removed": "1"}).status_code in {200, 403}
    assert alias() == "acme"


def test_the_dashboard_leads_here(signed_in):
    found = {each.title: each.href for each in signed_in.get("/").context["recommendations"]}
    assert found["The account has no alias"] == PAGE
