"""Saved filters and the age of a list in a real browser: by keyboard, without JavaScript, accessible, and without moving anything."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from operations.ids import unique_id
from tests.e2e.conftest import Axe, Visit, becomes

LIST = "/design/list/"
FILTERED = f"{LIST}?f=mfa:eq:none"


@pytest.fixture(autouse=True)
def _design_pages(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.pages.urls"


@pytest.fixture
def people(admin_user: User) -> User:
    User.objects.bulk_create(
        User(
            account=admin_user.account, name=f"user{number}", name_key=f"user{number}",
            unique_id=unique_id("AIDA"), mfa_device_count=number % 3,
        )
        for number in range(12)
    )  # fmt: skip
    return admin_user


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def test_a_filter_is_saved_opened_renamed_and_deleted_by_keyboard(visit: Visit, people: User, axe: Axe) -> None:
    page = visit(FILTERED, people)
    page.locator("#list-design-users-saved").focus()
    page.keyboard.press("Enter")
    page.locator("#list-design-users-saved-name").focus()
    axe(page)
    page.keyboard.press("Enter")  # without a name
    expect(page.locator("#list-design-users-saved-name")).to_be_focused()
    expect(page.locator(".field", has=page.locator("#list-design-users-saved-name"))).to_contain_text("Enter a name.")
    axe(page)
    page.keyboard.type("Without MFA")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Filter “Without MFA” saved.")).to_be_visible()
    axe(page)
    page.goto(LIST)
    expect(page).to_have_url(re.compile(r"\?f=mfa:eq:none$"))
    expect(page.get_by_text("This is “Without MFA”, with which your list opens.")).to_be_visible()
    page.get_by_role("link", name="Show all").last.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"\?show=all$"))
    expect(page.get_by_text("with which your list opens")).to_have_count(0)
    page.locator("#list-design-users-saved").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".token")).to_have_text("MFA = none")
    expect(page.locator("#list-design-users-saved")).to_be_focused()  # its menu is closed again
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#list-design-users-saved-name")).to_be_focused()
    expect(page.locator("#list-design-users-saved-name")).to_have_value("Without MFA")
    axe(page)
    page.keyboard.press("Control+a")
    page.keyboard.type("No device")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Filter “No device” saved.")).to_be_visible()
    page.locator("#list-design-users-saved").click()
    page.get_by_role("link", name="Change “No device”").click()
    page.get_by_role("button", name="Delete this filter").click()
    expect(page.get_by_text("Filter “No device” deleted.")).to_be_visible()
    page.get_by_role("link", name="Show its rows").click()
    expect(page.locator(".token")).to_have_text("MFA = none")


def test_it_works_without_javascript_on_a_phone(visit: Visit, people: User) -> None:
    page = visit(FILTERED, people, width=390, scripts=False)
    page.locator("#list-design-users-saved").click()
    page.get_by_label("Name", exact=True).fill("x")
    page.get_by_label("Open this list with it").check()
    page.get_by_role("button", name="Save").click()
    page.goto(LIST)
    page.get_by_role("link", name="Show all").last.click()
    page.locator("#list-design-users-saved").click()
    page.get_by_role("link", name="Change “x”").click()
    page.get_by_role("button", name="Delete this filter").click()
    expect(page.get_by_text("Filter “x” deleted.")).to_be_visible()
    expect(page.get_by_text(re.compile(r"Updated \d+ \w{3} \d\d:\d\d:\d\d"))).to_be_visible()
    page.get_by_role("link", name="Refresh").click()
    expect(page.get_by_text("1–13 of 13 users")).to_be_visible()


def test_one_is_shared_and_another_reader_opens_the_list_with_it(
    visit: Visit, people: User, make_user: Any, axe: Axe
) -> None:
    page = visit(FILTERED, people)
    page.locator("#list-design-users-saved").click()
    page.get_by_label("Name", exact=True).fill("Without MFA")
    page.get_by_label("Share with everybody in this account").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Filter “Without MFA” saved and shared with everybody in this account.")).to_be_visible()
    page = visit(LIST, make_user("reader"))
    page.locator("#list-design-users-saved").click()
    expect(page.get_by_role("link", name="Without MFA shared")).to_be_visible()
    page.get_by_role("link", name="Change “Without MFA”").click()
    expect(page.get_by_label("Open this list with it")).to_be_focused()
    axe(page)
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Filter “Without MFA” saved.")).to_be_visible()
    page.goto(LIST)
    expect(page.get_by_text("This is “Without MFA”, with which your list opens.")).to_be_visible()


@pytest.mark.parametrize(("width", "theme"), [(1440, "dark"), (390, "light")])
def test_both_are_accessible_everywhere(visit: Visit, people: User, axe: Axe, width: int, theme: str) -> None:
    saved = [
        {
            "name": "A rather long name, as long as a name may be in this place, eh",
            "query": "f=mfa:eq:none",
            "default": True,
        }
    ]
    User.objects.filter(pk=people.pk).update(preferences={"lists": {"design-users": {"saved": saved}}})
    page = visit(LIST, people, width=width, theme=theme)
    page.locator("#list-design-users-saved").click()
    page.evaluate("document.querySelector('[data-fresh]').dataset.stale = ''")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_age_grows_and_refreshing_keeps_the_focus_and_the_history(visit: Visit, people: User) -> None:
    page = visit("/design/plain/", people)
    page.clock.install()
    page.goto(FILTERED)
    line = page.locator("[data-fresh]")
    expect(line).to_contain_text("Updated 1 sec. ago")
    height = page.evaluate("document.querySelector('.listing').offsetHeight")
    page.clock.run_for(12_000)
    expect(line).to_contain_text(re.compile(r"Updated 1\d sec. ago"))
    link = page.get_by_role("link", name="Refresh")
    place = link.bounding_box()
    page.clock.run_for(200_000)
    expect(line).to_contain_text("Updated 3 min. ago")
    expect(page.get_by_text("May be old")).to_be_hidden()
    page.clock.run_for(200_000)
    expect(line).to_contain_text("Updated 6 min. ago")
    expect(page.get_by_text("May be old")).to_be_visible()
    assert link.bounding_box() == place
    assert page.evaluate("document.querySelector('.listing').offsetHeight") == height
    User.objects.create(account=people.account, name="new", name_key="new", unique_id=unique_id("AIDA"))
    entries = page.evaluate("history.length")
    link.focus()
    page.keyboard.press("Enter")
    page.clock.run_for(1_000)
    expect(page.locator("#announcer")).to_have_text("Updated: 6 users")
    expect(line).to_contain_text(re.compile(r"Updated \d sec. ago"))
    expect(page.get_by_text("May be old")).to_be_hidden()
    becomes(lambda: focused(page), "list-design-users-refresh")
    assert page.evaluate("history.length") == entries
    expect(page).to_have_url(re.compile(r"\?f=mfa:eq:none$"))


def test_who_comes_back_to_the_tab_is_told_that_it_is_old(visit: Visit, people: User) -> None:
    page = visit("/design/plain/", people)
    page.clock.install()
    page.goto(FILTERED)
    expect(page.locator("[data-fresh]")).to_contain_text("Updated 1 sec. ago")
    page.clock.fast_forward(7 * 60_000)  # as a sleeping tab: its timers have not run
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#announcer")).to_have_text("Updated 7 min. ago. May be old")
    expect(page.get_by_text("May be old").first).to_be_visible()
