"""A row beside its list in a real browser: by keyboard, by pointer, with the way back, without JavaScript, on a phone, accessible."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from accounts.operations.users import create_user
from tests.e2e.conftest import Axe, Visit, becomes


@pytest.fixture
def people(admin_user: User, caller_of: Any) -> User:
    for number in range(5):
        create_user(caller_of(admin_user), user_name=f"person-{number}", path="/staff/")
    return admin_user


def panel(page: Page) -> Any:
    return page.locator("#list-users-preview")


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.querySelector('.name')?.textContent ?? ''"))


def test_by_keyboard(visit: Visit, people: User, axe: Axe) -> None:
    page = visit("/users/?q=person", people)
    for _ in range(2):
        page.keyboard.press("j")
    page.keyboard.press("o")
    expect(panel(page).locator("h2 .name")).to_have_text("person-1")
    expect(page.locator("tr.previewed .name")).to_have_text("person-1")
    expect(page).to_have_url(re.compile(r"\?q=person&preview=\d+$"))
    axe(page)
    entries = page.evaluate("history.length")
    page.keyboard.press("j")
    expect(panel(page).locator("h2 .name")).to_have_text("person-2")
    becomes(lambda: focused(page), "person-2")
    page.keyboard.press("j")
    page.keyboard.press("j")  # quickly on: only the last one is asked for
    expect(panel(page).locator("h2 .name")).to_have_text("person-4")
    assert page.evaluate("history.length") == entries
    page.reload()
    expect(panel(page).locator("h2 .name")).to_have_text("person-4")
    page.locator("tr.previewed .peek").focus()
    page.keyboard.press("Escape")
    expect(panel(page)).to_be_hidden()
    expect(page.locator("tr.previewed")).to_have_count(0)
    expect(page.locator("tr", has_text="person-4").locator(".peek")).to_be_focused()
    expect(page).to_have_url(re.compile(r"\?q=person$"))
    page.keyboard.press("o")
    expect(panel(page).locator("h2 .name")).to_have_text("person-4")
    page.keyboard.press("o")
    expect(panel(page)).to_be_hidden()


def test_by_pointer_and_back(visit: Visit, people: User) -> None:
    page = visit("/users/?q=person", people)
    row = page.locator("tr", has_text="person-2")
    row.hover()
    row.get_by_role("link", name="Preview person-2").click()
    expect(panel(page).get_by_text("arn:aws:iam::123456789012:user/staff/person-2")).to_be_visible()
    page.get_by_role("link", name="Preview the next row").click()
    expect(panel(page).locator("h2 .name")).to_have_text("person-3")
    expect(page.get_by_role("link", name="Preview the next row")).to_be_focused()
    page.go_back()
    expect(panel(page).locator("h2 .name")).to_have_text("person-2")
    page.go_back()
    expect(panel(page)).to_be_hidden()
    row.hover()
    row.get_by_role("link", name="Preview person-2").click()
    panel(page).get_by_role("button", name="Add tag").click()
    expect(page.get_by_text("person-2")).to_be_visible()
    page.get_by_role("link", name="Cancel").click()
    expect(page).to_have_url(re.compile(r"/users/\?q=person$"))


@pytest.mark.parametrize(("width", "theme"), [(1440, "dark"), (390, "light"), (320, "dark")])
def test_without_javascript(visit: Visit, people: User, width: int, theme: str) -> None:
    page = visit("/users/?q=person", people, width=width, theme=theme, scripts=False)
    page.get_by_role("link", name="Preview person-0").click()
    expect(panel(page).locator("h2 .name")).to_have_text("person-0")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("link", name="Close the preview").click()
    expect(panel(page)).to_be_hidden()


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark"), (320, "light")])
def test_it_is_accessible(visit: Visit, people: User, axe: Axe, width: int, theme: str) -> None:
    user = User.objects.get(name="person-3")
    page = visit(f"/users/?preview={user.pk}", people, width=width, theme=theme)
    expect(panel(page)).to_be_visible()
    axe(page)


def test_two_selected_rows_are_compared(visit: Visit, people: User) -> None:
    page = visit("/users/?q=person", people)
    boxes = page.locator("[data-rows] tbody .pick input")
    compare = page.locator(".selection").get_by_role("button", name="Compare")
    boxes.nth(0).check()
    expect(compare).to_be_hidden()
    boxes.nth(1).check()
    expect(compare).to_be_visible()
    boxes.nth(2).check()
    expect(compare).to_be_hidden()
    boxes.nth(2).uncheck()
    compare.click()
    expect(page).to_have_url(re.compile(r"/compare/\?a=user/person-0&b=user/person-1$"))
