"""Every page as an administrator sees it: nothing for axe to find in either theme and at 320 px, nothing in the browser's console, and
nothing to scroll sideways on a phone; and a main flow without a pointer.
"""

from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.models import Account, User
from tests.e2e.conftest import COLOURS, Axe, Visit, session_of
from tests.every_page import Populated, addresses, populate

PAGES = 4  # so many tests share the pages, so that a fault names its page soon and the account is made only a few times


@pytest.fixture
def made(admin_user: User, account: Account, caller_of: Any, make_user: Any) -> Populated:
    return populate(account, caller_of(admin_user), caller_of(make_user("bob")))


@pytest.fixture
def signed_in(browser: Browser, live_server: Any, admin_user: User, made: Populated, settings: Any) -> Any:
    """A browser in which the administrator has signed in."""
    context = browser.new_context(base_url=live_server.url, reduced_motion="reduce", timezone_id="Europe/Berlin")
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session_of(admin_user), "url": live_server.url}
    context.add_cookies([cookie])
    yield context
    context.close()


def opened(context: BrowserContext, made: Populated, part: int, faults: list[str]) -> Any:
    """A page of the browser at each address of one part, with its name; what the browser complains of goes into `faults`."""
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
    page.on("console", lambda said: faults.append(f"{page.url}: {said.text}") if said.type == "error" else None)
    for name, address in sorted(addresses(made).items())[part::PAGES]:
        answer = context.request.get(address, max_redirects=0)
        if answer.status == 200 and "text/html" in answer.headers["content-type"] and "<html" in answer.text():
            page.goto(address)
            yield name, page


@pytest.mark.parametrize("part", range(PAGES))
def test_every_page_is_accessible_and_quiet(signed_in: BrowserContext, made: Populated, axe: Axe, part: int) -> None:
    faults: list[str] = []
    seen = 0
    for name, page in opened(signed_in, made, part, faults):
        seen += 1
        for width, theme, rules in (
            (1280, "light", ()),
            (1280, "dark", COLOURS),
            (320, "dark", ()),
            (320, "light", COLOURS),
        ):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=theme)
            try:
                axe(page, rules)
            except AssertionError as error:
                faults.append(f"{name} at {width} px, {theme}: {str(error).partition('assert [')[0]}")
        page.set_viewport_size({"width": 390, "height": 844})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > 390:
            faults.append(f"{name} is {wide} px wide on a phone of 390: {widest(page)}")
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1280, "height": 900})
    assert seen > 5
    assert faults == [], "\n".join(faults)


def widest(page: Page) -> str:
    """The elements that stand out to the right."""
    return str(
        page.evaluate(
            """[...document.querySelectorAll("main *")].filter((one) => one.getBoundingClientRect().right > 391)
            .slice(0, 3).map((one) => one.outerHTML.slice(0, 120))"""
        )
    )


def test_a_user_is_created_by_keyboard_alone(visit: Visit, admin_user: User) -> None:
    """From the list with the key of its main button, through the form with Tab, to the new user, with Enter."""
    page = visit("/users/", admin_user)
    page.keyboard.press("n")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Create")
    reach(page, "user_names")
    page.keyboard.type("keyboard-kim")
    for _step in range(6):
        if User.objects.filter(name="keyboard-kim").exists():
            break
        press_main_button(page)
    assert User.objects.filter(name="keyboard-kim").exists()
    expect(page.get_by_text("keyboard-kim").first).to_be_visible()


def reach(page: Page, name: str) -> None:
    """Tab until the field of that name has the focus."""
    for _step in range(120):
        if page.evaluate("document.activeElement.name || ''") == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {name}")


def press_main_button(page: Page) -> None:
    """Tab until the main button of the page's form has the focus, and press Enter."""
    for _step in range(160):
        if page.evaluate("document.activeElement.matches('main button.primary, main [type=submit].primary')"):
            with page.expect_navigation():
                page.keyboard.press("Enter")
            return
        page.keyboard.press("Tab")
    raise AssertionError("Tab does not lead to the main button")


def test_what_is_wrong_is_said_below_a_field_as_it_is_left(visit: Visit, admin_user: User, axe: Axe) -> None:
    page = visit("/groups/create/", admin_user)
    name, wrong = page.get_by_label("Group name"), page.locator("#id_group_name_wrong")
    name.focus()
    page.keyboard.press("Tab")
    expect(wrong).to_have_count(0)  # nothing was typed yet
    name.fill("two words")
    page.keyboard.press("Tab")
    expect(wrong).to_have_text("Use letters, digits and + = , . @ _ - only.")
    expect(name).to_have_attribute("aria-invalid", "true")
    assert "id_group_name_wrong" in (name.get_attribute("aria-describedby") or "")
    axe(page)
    name.fill("")
    page.keyboard.press("Tab")
    expect(wrong).not_to_be_empty()
    name.fill("builders")
    page.keyboard.press("Tab")
    expect(wrong).to_have_count(0)
    page.get_by_label("Path").fill("team")
    page.keyboard.press("Tab")
    expect(page.locator("#id_path_wrong")).to_contain_text("slash")
