"""What forms say before they are sent, and keys in lists."""

import pytest
from playwright.sync_api import expect

from accounts.models import User
from operations.ids import unique_id
from tests.e2e.conftest import Visit


@pytest.fixture
def crowd(admin_user: User) -> User:
    for name in ("ada", "bea", "cleo"):
        User.objects.create(account=admin_user.account, name=name, name_key=name, unique_id=unique_id("AIDA"))
    return admin_user


def test_each_line_of_a_list_of_names_is_checked_when_it_is_left(visit: Visit, admin_user: User) -> None:
    page = visit("/users/create/", admin_user)
    names = page.get_by_label("User names")
    names.fill("User name\nada\nname with space")
    names.press("Tab")
    said = page.locator("#id_user_names_wrong")
    expect(said).to_contain_text("Line 3: “name with space” is no user name.")
    expect(names).to_have_attribute("aria-invalid", "true")
    names.fill('User name\nada\n"bea",,')
    names.press("Tab")
    expect(said).to_have_count(0)


@pytest.mark.parametrize(
    ("path", "label", "wrong", "said"),
    [
        ("/account-settings/", "Preferred alias", "Acme", "lower-case letters"),
        ("/roles/create/", "Role name", "two words", "Use letters, digits"),
        ("/roles/create/", "Role name", "", "fill"),
        ("/switch-role/", "Role name", "arn:aws:iam::1:role/x", "not its ARN"),
        ("/security-credentials/mfa/add/", "First code", "12345", "six digits"),
        ("/simulator/", "Actions", "s3:GetObject\nnonsense", "Line 2: “nonsense” is no action"),
    ],
)
def test_a_field_is_checked_when_it_is_left(
    visit: Visit, admin_user: User, path: str, label: str, wrong: str, said: str
) -> None:
    page = visit(path, admin_user)
    field = page.get_by_label(label).first
    field.fill("x")
    field.fill(wrong)
    field.press("Tab")
    expect(page.locator(".field-error").first).to_contain_text(said)


@pytest.mark.parametrize("lines", ["s3:GetObject\n iam:Get* \nec2:* Permissions management", "sts:AssumeRoleWithSAML"])
def test_actions_and_sets_of_actions_are_not_complained_about(visit: Visit, admin_user: User, lines: str) -> None:
    page = visit("/simulator/", admin_user)
    field = page.get_by_label("Actions").first
    field.fill(lines)
    field.press("Tab")
    expect(page.locator(".field-error")).to_have_count(0)


def test_a_name_that_does_not_match_is_told_at_its_field(visit: Visit, crowd: User) -> None:
    page = visit("/users/ada/delete/", crowd)
    button = page.get_by_role("button", name="Delete")
    typed = page.get_by_label("Type ada to confirm")
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(button).to_have_accessible_description("The button works once the exact name is entered.")
    typed.fill("Ada")
    typed.press("Enter")
    expect(page.locator(".field-error")).to_have_text("The name does not match: type ada.")
    expect(typed).to_be_focused()
    typed.fill("ada")
    expect(page.locator(".field-error")).to_have_count(0)
    expect(button).to_have_attribute("aria-disabled", "false")
    typed.press("Enter")
    page.wait_for_url("**/users/**")
    expect(page.get_by_role("link", name="ada", exact=True)).to_have_count(0)


def test_arrows_move_rows_while_the_focus_is_in_the_table(visit: Visit, crowd: User) -> None:
    page = visit("/users/", crowd)
    rows = page.locator("[data-rows] tbody tr")
    page.locator("input[data-key='/']").focus()
    page.keyboard.press("ArrowDown")
    expect(rows.first).not_to_be_focused()
    rows.first.get_by_role("checkbox").focus()
    page.keyboard.press("ArrowDown")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(rows.nth(1)).to_be_focused()


def test_the_search_over_everything_does_commands(visit: Visit, crowd: User) -> None:
    page = visit("/users/", crowd)
    html = page.locator("html")
    page.keyboard.press("Control+k")
    page.keyboard.type("dark")
    expect(page.get_by_role("option", name="Theme: dark")).to_be_visible()
    page.keyboard.press("ArrowDown")
    with page.expect_response("**/preferences/"):
        page.keyboard.press("Enter")
    expect(html).to_have_attribute("data-theme", "dark")
    expect(page.locator("#find-offers")).to_be_empty()
    page.reload()
    expect(html).to_have_attribute("data-theme", "dark")
    page.keyboard.press("Control+k")
    page.keyboard.type("create group")
    expect(page.get_by_role("option", name="Create group", exact=True)).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/groups/create/")


def test_the_longest_name_gives_way_and_the_outline_of_a_row_is_whole(visit: Visit, crowd: User) -> None:
    longest = "a" * 64
    User.objects.create(account=crowd.account, name=longest, name_key=longest, unique_id=unique_id("AIDA"))
    page = visit("/users/", crowd)
    region = page.locator(".listing .table")
    assert region.evaluate("(region) => region.scrollWidth - region.clientWidth") == 0
    assert page.locator("tbody th").first.evaluate("(cell) => getComputedStyle(cell).position") == "static"


def test_a_problem_of_a_field_that_is_not_asked_for_any_more_is_none(visit: Visit, admin_user: User) -> None:
    page = visit("/roles/create/", admin_user)
    page.locator("#id_service").fill("ec2")
    page.get_by_role("button", name="Review", exact=True).click()
    summary = page.locator(".error-summary")
    expect(summary).to_contain_text("There are 2 problems")
    page.get_by_role("radio", name="SAML").check()
    expect(summary).to_contain_text("There is a problem")
    expect(summary.get_by_role("link")).to_have_text(["Role name: This field is required."])
    page.locator("input[name=trusted][value=service]").check()
    expect(summary.get_by_role("link")).to_have_count(2)
