"""Forms in a real browser: commands beside what is typed, also over a side panel; a duration in hours, also without scripts."""

import pytest
from playwright.sync_api import expect

from accounts.models import User
from accounts.operations.roles import create_role
from operations.caller import command_caller
from tests.e2e.conftest import Axe, Visit
from tests.every_page import TRUST


def test_the_commands_of_a_side_panel_lie_over_it_and_leave_it_as_it_is(
    visit: Visit, admin_user: User, axe: Axe
) -> None:
    page = visit("/users/create/", admin_user)
    page.locator("[data-open='#groups-panel']").click()
    name = page.locator("[name='new-group-group_name']")
    name.fill("crew")
    page.locator("#groups-panel [name=show-commands]").click()
    commands = page.locator("#commands-panel")
    expect(commands).to_contain_text("aws iam create-group --group-name crew")
    axe(page)
    page.keyboard.press("Escape")
    expect(commands).to_be_hidden()
    expect(name).to_have_value("crew")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_form_is_terraform_at_the_press_of_a_key(visit: Visit, admin_user: User, scripts: bool, axe: Axe) -> None:
    page = visit("/groups/create/", admin_user, scripts=scripts, width=390)
    page.locator("[name=group_name]").fill("crew")
    page.locator("main").get_by_role("button", name="As code").click()
    told = page.locator("#commands-panel .told-as" if scripts else "main .told-as")
    command, resource = told.get_by_text("aws iam create-group"), told.get_by_text('resource "aws_iam_group" "crew"')
    expect(command).to_be_visible()
    expect(resource).to_be_hidden()
    way = told.get_by_role("radio", name="AWS CLI")
    if scripts:
        expect(way).to_be_focused()
    way.focus()
    page.keyboard.press("ArrowRight")
    expect(resource).to_be_visible()
    expect(command).to_be_hidden()
    page.keyboard.press("Enter")
    expect(resource).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    if scripts:
        axe(page)
        page.wait_for_function("document.documentElement.dataset.told === 'terraform'")
        page.wait_for_load_state("networkidle")
        admin_user.refresh_from_db()
        assert admin_user.preferences["told"] == "terraform"


@pytest.mark.parametrize("scripts", [True, False])
def test_another_duration_is_typed_where_it_is_chosen(visit: Visit, admin_user: User, scripts: bool, axe: Axe) -> None:
    trust = TRUST % f"arn:aws:iam::{admin_user.account_id}:root"
    create_role(command_caller(admin_user.account_id), role_name="deploy", assume_role_policy_document=trust)
    page = visit("/roles/deploy/edit/", admin_user, scripts=scripts, width=390)
    number = page.locator("[name='max_session_duration-number']")
    expect(number).to_be_hidden()
    page.get_by_label("Maximum session duration").select_option("Custom duration")
    expect(number).to_be_visible()
    number.fill("90")
    page.get_by_label("Unit").select_option("minutes")
    if scripts:
        axe(page)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("1 hour 30 minutes")).to_be_visible()


def test_a_click_beside_a_wrong_field_is_not_lost(visit: Visit, admin_user: User) -> None:
    """What is wrong is said at once to the keyboard, and after its click to the mouse: the line would move the button away."""
    page = visit("/users/ops-admin/rename/", admin_user)
    path = page.get_by_label("Path")
    path.fill("ops")
    page.keyboard.press("Tab")
    said = page.locator("[id$=_wrong]")
    expect(said).to_be_visible()
    path.fill("/ops/")
    page.keyboard.press("Tab")
    expect(said).to_be_hidden()
    path.fill("ops")
    page.get_by_role("heading", level=1).click()
    expect(said).to_be_visible()
    page.reload()
    path.fill("ops")
    page.get_by_role("link", name="Cancel").hover()
    page.mouse.down()
    page.wait_for_timeout(100)  # a press lasts; the field is left at its beginning
    page.mouse.up()
    page.wait_for_url("**/users/ops-admin/")
