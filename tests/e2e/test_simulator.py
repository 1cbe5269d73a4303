"""The simulator's question and its answers beside and below each other, without scripts too."""

from typing import Any

import pytest
from playwright.sync_api import expect

from accounts.models import Account, User
from tests.e2e.conftest import Visit
from tests.every_page import populate

ASKED = "/simulator/?principal=dora&action=s3:Get*&action=s3:DeleteObject"


@pytest.fixture(autouse=True)
def _made(admin_user: User, account: Account, caller_of: Any, make_user: Any) -> None:
    populate(account, caller_of(admin_user), caller_of(make_user("bob")))


def test_on_a_phone_an_answered_question_is_folded_above_its_results(visit: Visit, admin_user: User) -> None:
    page = visit(ASKED, admin_user, width=390, scripts=False)
    expect(page.locator("#results")).to_be_in_viewport()
    expect(page.locator("tbody a.name").first).to_have_text("s3:DeleteObject")
    expect(page.locator("tbody a.name").first).to_be_in_viewport()
    expect(page.locator("#id_principal")).to_be_hidden()
    page.locator("#question > summary").click()
    page.locator("#id_principal").fill("role/deploy")
    page.get_by_role("button", name="Simulate", exact=True).click()
    page.wait_for_url("**/simulator/?principal=role**")
    expect(page.locator("#question > summary")).to_contain_text("Question: deploy")


def test_beside_the_results_the_question_is_open_and_its_button_in_reach(visit: Visit, admin_user: User) -> None:
    page = visit(ASKED, admin_user, scripts=False)
    expect(page.locator("#question > summary")).to_be_hidden()
    expect(page.locator("#id_principal")).to_be_visible()
    expect(page.get_by_role("button", name="Simulate", exact=True)).to_be_in_viewport()


def test_results_say_that_the_question_was_changed_since(visit: Visit, admin_user: User) -> None:
    page = visit(ASKED, admin_user, scripts=False)
    note = page.get_by_text("You changed the question since.")
    page.locator("#id_principal").focus()
    page.locator("#id_action").focus()
    expect(note).to_be_hidden()
    page.locator("#id_action").fill("s3:PutObject")
    page.locator("#id_resource").focus()
    expect(note).to_be_visible()
