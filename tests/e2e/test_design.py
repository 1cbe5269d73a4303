"""The design system in a real browser: accessible in both themes and at 320 px, by keyboard, with and without JavaScript."""

import gzip
import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from operations.ids import unique_id
from tests.e2e.conftest import COLOURS, Axe, Picture, Visit, becomes

LIST = "/design/list/"


@pytest.fixture(autouse=True)
def _design_pages(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.pages.urls"


@pytest.fixture
def people(admin_user: User) -> User:
    """Sixty users beside the administrator."""
    User.objects.bulk_create(
        User(
            account=admin_user.account, name=f"user{number:02}", name_key=f"user{number:02}", unique_id=unique_id("AIDA"), path="/machines/" if number % 2 else "/people/",
            mfa_device_count=number % 3, last_activity_at=timezone.now() - timedelta(days=number) if number % 4 else None,
        )
        for number in range(60)
    )  # fmt: skip
    return admin_user


def names(page: Page) -> list[str]:
    return page.locator("[data-rows] tbody a.name").all_inner_texts()


@pytest.mark.parametrize("path", ["/design/", LIST, "/design/plain/", "/design/error/denied/"])
@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (1440, "dark"), (320, "light")])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    visit: Visit, people: User, axe: Axe, picture: Picture, path: str, width: int, theme: str
) -> None:
    page = visit(path, people, width=width, theme=theme, status=403 if "denied" in path else 200)
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if (width, theme) == (1440, "light"):
        picture(page, f"design{path.removeprefix('/design').rstrip('/').replace('/', '-')}")


def test_a_fault_of_colour_is_found_in_either_way(visit: Visit, people: User, axe: Axe) -> None:
    page = visit("/design/", people)
    page.evaluate("document.querySelector('h1').style.color = '#bbb'")
    for rules in ((), COLOURS):
        with pytest.raises(AssertionError, match="color-contrast"):
            axe(page, rules)


def test_high_contrast_is_accessible_too(visit: Visit, people: User, axe: Axe) -> None:
    page = visit("/design/", people)
    for theme in ("light", "dark"):
        page.evaluate("(theme) => Object.assign(document.documentElement.dataset, { theme, contrast: 'more' })", theme)
        axe(page)


def test_open_menus_dialogs_and_suggestions_are_accessible(visit: Visit, people: User, axe: Axe) -> None:
    page = visit(LIST, people)
    page.get_by_text("Columns", exact=True).first.click()
    axe(page)
    page.keyboard.press("Escape")
    page.locator("#list-design-users-q").fill("mf")
    expect(page.get_by_role("option", name="MFA")).to_be_visible()
    axe(page)
    page.locator(".who summary").click()
    axe(page)
    page = visit("/design/", people)
    page.get_by_role("link", name="Dialog").click()
    expect(page.get_by_role("dialog", name="Delete user build-bot?")).to_be_visible()
    axe(page)


def test_a_filter_is_built_by_keyboard(visit: Visit, people: User) -> None:
    page = visit(LIST, people)
    page.keyboard.press("/")
    page.keyboard.type("mf")
    expect(page.get_by_role("option", name="Text contains “mf”")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#list-design-users-q")).to_have_value("MFA = ")
    expect(page.get_by_role("option", name="MFA = none")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"f=mfa:eq:none"))
    expect(page.locator(".token")).to_have_text("MFA = none")
    expect(page.locator("#announcer")).to_have_text("21 users")
    expect(page.locator("h1")).to_have_text("Users 21 of 61")
    becomes(lambda: len(names(page)), 21)
    page.go_back()
    expect(page.locator(".token")).to_have_count(0)
    becomes(lambda: len(names(page)), 50)


def test_sorting_and_paging_swap_the_list_and_keep_the_focus(visit: Visit, people: User) -> None:
    page = visit(f"{LIST}?size=10", people)
    page.evaluate("window.stays = true")
    page.get_by_role("link", name="Last activity").click()
    expect(page.locator("th[aria-sort]")).to_have_text("Last activity")
    page.get_by_role("link", name="Next").click()
    expect(page).to_have_url(re.compile("after="))
    expect(page.get_by_text("11–20 of 61 users")).to_be_visible()
    becomes(lambda: page.evaluate("document.activeElement.id"), "list-design-users-next")
    assert page.evaluate("window.stays") is True
    page.go_back()
    expect(page.get_by_text("1–10 of 61 users")).to_be_visible()


def test_selection_counts_and_leads_to_a_review(visit: Visit, people: User) -> None:
    page = visit(f"{LIST}?size=10", people)
    boxes = page.locator("input[name=select]")
    boxes.nth(1).click()
    expect(page.locator("[data-select-count]")).to_have_text("1 selected")
    boxes.nth(4).click(modifiers=["Shift"])
    expect(page.locator("[data-select-count]")).to_have_text("4 selected")
    page.get_by_role("checkbox", name="Select all rows of this page").check()
    expect(page.locator("[data-select-count]")).to_have_text("10 selected")
    page.get_by_label("Select all 61 users").check()
    expect(page.locator("[data-select-count]")).to_have_text("All 61 users selected")
    page.get_by_role("button", name="Greet").click()
    expect(page.get_by_role("heading", name="61 users")).to_be_visible()
    expect(page.get_by_text("30 of 61 users will be left unchanged.")).to_be_visible()
    page.get_by_role("button", name="Greet 31 users").click()
    expect(page.get_by_text("31 users greeted. Not done: 30 of 61 users.")).to_be_visible()
    becomes(lambda: page.locator("#outcome tbody th").count(), 61)


def test_what_is_ticked_stays_ticked_over_pages_and_filters(visit: Visit, people: User) -> None:
    page = visit(f"{LIST}?size=10", people)
    page.get_by_role("checkbox", name="Select user00").check()
    page.get_by_role("link", name="Next").click()
    page.get_by_role("checkbox", name="Select user12").check()
    expect(page.locator("[data-select-count]")).to_have_text("2 selected")
    page.get_by_role("link", name="Previous").click()
    expect(page.get_by_role("checkbox", name="Select user00")).to_be_checked()
    page.get_by_role("button", name="Greet").click()
    expect(page.locator("tbody th")).to_have_text(["user00", "user12"])


def test_rows_and_tabs_by_keyboard(visit: Visit, people: User) -> None:
    page = visit(LIST, people)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.locator("input[name=select]").nth(1).is_checked()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_hidden()
    page.keyboard.press("Control+k")
    becomes(lambda: page.evaluate("document.activeElement.id"), "find")


def test_single_letters_can_be_switched_off(visit: Visit, people: User) -> None:
    page = visit(LIST, people)
    page.locator(".who summary").click()
    with page.expect_response("**/preferences/"):
        page.get_by_role("radio", name="Off").check(force=True)
    page.reload()
    page.keyboard.press("j")
    becomes(lambda: page.evaluate("document.activeElement.tagName"), "BODY")


def test_the_theme_changes_at_once_and_is_kept(visit: Visit, people: User) -> None:
    page = visit("/design/", people)
    page.locator(".who summary").click()
    with page.expect_response("**/preferences/"):
        page.get_by_role("radio", name="Dark").check(force=True)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(14, 18, 24)"
    page.reload()
    becomes(lambda: page.evaluate("document.documentElement.dataset.theme"), "dark")


def test_a_dialog_takes_and_returns_the_focus_and_wants_the_name_typed(visit: Visit, people: User) -> None:
    page = visit("/design/", people)
    opener = page.get_by_role("link", name="Dialog")
    opener.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Delete user build-bot?")
    button = dialog.get_by_role("button", name="Delete user")
    becomes(lambda: page.evaluate("document.activeElement.id"), "delete-it-typed")
    expect(button).to_have_attribute("aria-disabled", "true")
    page.keyboard.type("build-bot")
    expect(button).to_have_attribute("aria-disabled", "false")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()


def test_menus_close_by_escape_and_return_the_focus(visit: Visit, people: User) -> None:
    page = visit("/design/", people)
    summary = page.locator("details.menu > summary", has_text="More").first
    summary.focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="Rename").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(summary).to_be_focused()


def test_copying_says_so(visit: Visit, people: User) -> None:
    page = visit("/design/", people)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy ARN").last.click()
    expect(page.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").startswith("arn:aws:iam::123456789012:user/")


def test_exact_times_show_on_focus_in_both_zones(visit: Visit, people: User) -> None:
    page = visit("/design/", people)
    page.reload()  # the zone's cookie is there from the second page on
    page.locator("main time").first.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("tooltip")).to_contain_text("UTC")
    expect(page.get_by_role("tooltip")).to_contain_text("Europe/Berlin")
    page.keyboard.press("Escape")
    expect(page.get_by_role("tooltip")).to_have_count(0)


def test_everything_works_without_javascript(visit: Visit, people: User) -> None:
    page = visit(f"{LIST}?size=10", people, scripts=False)
    page.get_by_label("Properties to filter by").click()
    page.locator(".suggestions").get_by_role("link", name="MFA").click()
    page.get_by_role("link", name="MFA = none").click()
    expect(page.locator(".token")).to_have_text("MFA = none")
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_text("11–20 of 21 users")).to_be_visible()
    page.get_by_role(
        "checkbox", name="Select user30"
    ).check()  # a machine, which does not answer, would leave no button there
    page.get_by_role("button", name="Greet").click()
    page.get_by_role("button", name="Greet 1 user").click()
    expect(page.get_by_role("heading", name="1 user greeted")).to_be_visible()
    page.goto("/design/")
    page.get_by_role("link", name="Dialog").click()
    expect(page.get_by_role("heading", name="Delete user build-bot?")).to_be_visible()


def test_the_navigation_opens_on_a_small_screen_without_javascript(visit: Visit, people: User) -> None:
    page = visit("/design/", people, width=390, scripts=False)
    expect(page.locator("#navigation")).to_be_hidden()
    page.get_by_role("button", name="Open navigation").click()
    expect(page.locator("#navigation")).to_be_visible()
    page.get_by_role("button", name="Close navigation").click()
    expect(page.locator("#navigation")).to_be_hidden()


def test_the_first_visit_is_light_and_does_not_shift(visit: Visit, people: User) -> None:
    page = visit("/design/plain/", people)
    page.context.clear_cookies(name="zone")
    sizes: list[int] = []
    page.on(
        "response", lambda response: sizes.append(len(gzip.compress(response.body())))
    )  # as WhiteNoise and a proxy send it
    page.goto(LIST + "?size=10", wait_until="networkidle")
    shift = page.evaluate(
        "new Promise((done) => { let sum = 0; new PerformanceObserver((list) => list.getEntries().forEach((one) => (sum += one.value)))"
        ".observe({ type: 'layout-shift', buffered: true }); setTimeout(() => done(sum), 200); })"
    )
    assert shift < 0.01
    assert sum(sizes) < 75_000, sizes


def test_texts_may_be_twice_as_large(visit: Visit, people: User) -> None:
    page = visit(LIST, people, width=720, height=450)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth") <= 720


def test_names_that_were_found_are_read_whole_on_a_phone(visit: Visit, people: User, settings: Any) -> None:
    settings.ROOT_URLCONF = "iamconsole.urls"
    page = visit("/", people, width=390)
    page.locator("#find").fill(people.name)
    hit = page.locator(".find .suggestions a:has(span + span)").first
    hit.wait_for()
    name = hit.locator("span").first
    assert name.evaluate("span => span.scrollWidth <= span.clientWidth")
    box = page.locator(".find .suggestions").bounding_box()
    assert box is not None
    assert (box["x"], box["x"] + box["width"]) == (12, 378)


def test_the_current_tab_is_in_sight_on_a_phone(visit: Visit, people: User, settings: Any) -> None:
    settings.ROOT_URLCONF = "iamconsole.urls"
    page = visit(f"/users/{people.name}/activity/", people, width=390)
    assert page.locator(".tabs [aria-current]").inner_text() == "Activity"
    becomes(
        lambda: page.locator(".tabs [aria-current]").evaluate("tab => tab.getBoundingClientRect().right <= 390"), True
    )
