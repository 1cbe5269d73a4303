"""What the document would do, beside the policy editor: it follows what is written, and leads to the review."""

import json

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from accounts.models import User
from accounts.operations.attachments import attach_user_policy
from accounts.operations.users import create_user
from operations.caller import command_caller
from policies.operations.managed_policies import create_policy
from tests.conftest import ACCOUNT
from tests.e2e.conftest import Axe, Picture, Visit
from tests.e2e.test_policy_editor import CREATE, ready, statement, write, written


@pytest.fixture
def arn(admin_user: User) -> str:
    """A policy that dora has."""
    caller = command_caller(ACCOUNT)
    create_user(caller, user_name="dora")
    text = statement(Action="s3:GetObject")
    made = create_policy(caller, policy_name="reading", policy_document=text)["Policy"]["Arn"]
    attach_user_policy(caller, user_name="dora", policy_arn=made)
    return str(made)


def pane(page: Page) -> Locator:
    return page.get_by_role("group", name="Consequences")


def test_they_follow_what_is_written_and_lead_to_the_review(
    visit: Visit, admin_user: User, arn: str, axe: Axe, picture: Picture
) -> None:
    page = ready(visit(f"/policies/edit/{arn}/", admin_user))
    told = pane(page)
    expect(told).to_contain_text("Nothing changes: every request is decided as before.")
    write(page, statement(Action=["s3:GetObject", "s3:PutObject"]))
    expect(told).to_contain_text("1 more action")
    expect(told).to_contain_text("Gain access 1: dora")
    expect(told.get_by_role("status")).to_have_text("1 more action")
    axe(page)
    picture(page, "policy-editor-consequences")
    told.get_by_role("link", name="dora").first.focus()
    told.get_by_role("button", name="Whole consequences").click()
    expect(page.get_by_role("heading", name="What changes in access")).to_be_visible()


def test_while_the_text_cannot_be_saved_the_last_ones_stay_and_it_is_said(
    visit: Visit, admin_user: User, arn: str
) -> None:
    page = ready(visit(f"/policies/edit/{arn}/", admin_user))
    told = pane(page)
    text = statement(Action="s3:PutObject")
    write(page, text)
    expect(told).to_contain_text("1 more action, 1 fewer action")
    write(page, text[:-3])
    expect(told).to_contain_text("As it is, the document cannot be saved:")
    expect(told).to_contain_text("1 more action, 1 fewer action")
    assert told.get_attribute("data-old") is not None
    write(page, text)
    expect(told).not_to_contain_text("cannot be saved")
    assert told.get_attribute("data-old") is None


def test_an_answer_to_an_older_text_is_not_shown(visit: Visit, admin_user: User, arn: str) -> None:
    page = ready(visit(f"/policies/edit/{arn}/", admin_user))
    told = pane(page)
    expect(told).to_contain_text("Nothing changes")
    held: list[Route] = []
    asked: list[str] = []

    def slow(route: Route) -> None:
        asked.append(route.request.post_data or "")
        held.append(route) if "sqs:" in asked[-1] else route.continue_()

    page.route("**/policies/consequences/**", slow)
    write(page, statement(Action="sqs:SendMessage"))
    expect(told).to_have_attribute("aria-busy", "true")
    write(page, statement(Action=["s3:GetObject", "s3:PutObject"]))
    expect(told).to_contain_text("1 more action")
    expect(told).not_to_contain_text("SendMessage")
    assert len(asked) == 2
    assert len(held) == 1
    assert json.loads(asked[1])["note"], "the second question is the same look as the first"


def test_where_they_cannot_be_told_the_editor_goes_on(visit: Visit, admin_user: User, arn: str) -> None:
    page = visit("/policies/", admin_user)
    page.route("**/policies/consequences/**", lambda route: route.abort())
    page.goto(f"/policies/edit/{arn}/")
    ready(page)
    expect(pane(page)).to_contain_text("The consequences could not be told just now.")
    write(page, statement(Action="s3:PutObject"))
    expect(page.locator("[data-sentences]")).to_contain_text("Allows PutObject of Amazon S3")
    assert "PutObject" in written(page)


def test_of_a_new_policy_it_is_said_that_nobody_has_it(visit: Visit, admin_user: User) -> None:
    page = ready(visit(CREATE, admin_user))
    write(page, statement(Action="*"))
    expect(pane(page)).to_contain_text("Administrator access Every action on all resources is allowed.")
    expect(pane(page)).to_contain_text("Nobody has the policy yet")


def test_an_inline_policy_tells_of_its_holder(visit: Visit, admin_user: User) -> None:
    create_user(command_caller(ACCOUNT), user_name="dora")
    page = ready(visit("/users/dora/inline/", admin_user))
    write(page, statement(Action="s3:PutObject"))
    expect(pane(page)).to_contain_text("It holds for dora alone.")
    expect(pane(page)).to_contain_text("Gain access 1: dora")


@pytest.mark.parametrize(("width", "theme"), [(1440, "dark"), (390, "light"), (320, "dark")])
def test_it_fits_the_screen(visit: Visit, admin_user: User, arn: str, axe: Axe, width: int, theme: str) -> None:
    page = ready(visit(f"/policies/edit/{arn}/", admin_user, width=width, theme=theme))
    write(page, statement(Action=["s3:Get*", "s3:Put*", "iam:PassRole"]))
    expect(pane(page)).to_contain_text("Gain access 1: dora")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    axe(page)


def test_without_scripts_the_page_is_as_it_was(visit: Visit, admin_user: User, arn: str) -> None:
    page = visit(f"/policies/edit/{arn}/", admin_user, scripts=False)
    expect(page.get_by_text("Consequences", exact=True)).to_be_hidden()
    page.get_by_label("Policy document").fill(statement(Action="s3:PutObject"))
    page.get_by_role("button", name="Review", exact=True).click()
    expect(page.get_by_role("heading", name="What changes in access")).to_be_visible()
