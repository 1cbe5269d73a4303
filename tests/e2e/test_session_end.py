"""The warning before the session ends: it can be kept by one key, what was typed stays, and its limits hold."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from accounts.models import ConsoleSession, User
from accounts.operations.inline_policies import put_role_policy
from accounts.operations.roles import create_role
from federation.switching import KEY
from federation.tokens import seal, unseal
from operations.caller import command_caller
from operations.clock import now
from tests.e2e.conftest import ADMINISTRATOR, Axe, Visit, becomes
from tests.every_page import TRUST

TYPED = "typed and not sent yet"


@pytest.fixture
def page(visit: Visit, admin_user: User) -> Page:
    """A form with something typed into it, in a browser whose clock is turned by the test."""
    page = visit("/groups/create/", admin_user)
    page.route(
        "**/drafts/**", lambda route: route.abort()
    )  # they would be written while the test writes to the same database
    page.context.clock.install()
    page.reload()
    page.get_by_label("Group name").fill(TYPED)
    return page


def seen(minutes: float, seconds: float = 0) -> None:
    """Let the session have been used last so long ago."""
    ConsoleSession.objects.update(last_seen_at=now() - timedelta(minutes=minutes, seconds=seconds))


def turn(page: Page, minutes: float) -> None:
    page.clock.fast_forward(int(minutes * 60_000))


def warning(page: Page):
    return page.get_by_role("alertdialog")


def test_it_warns_two_minutes_before_and_one_key_keeps_the_session(page: Page, axe: Axe) -> None:
    turn(page, 57)
    expect(warning(page)).to_be_hidden()
    seen(58, 5)
    turn(page, 1.2)
    expect(warning(page)).to_contain_text("Your session is about to end")
    expect(warning(page)).to_contain_text("1:5")
    expect(page.get_by_role("button", name="Stay signed in")).to_be_focused()
    axe(page)
    with page.expect_response("**/session/"):
        page.keyboard.press("Enter")
    expect(warning(page)).to_be_hidden()
    assert ConsoleSession.objects.get().last_seen_at > now() - timedelta(minutes=1)
    becomes(lambda: page.get_by_label("Group name").input_value(), TYPED)


def test_closing_the_warning_keeps_the_session_too(page: Page) -> None:
    seen(58, 5)
    turn(page, 58.2)
    expect(warning(page)).to_be_visible()
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.keyboard.press("Escape")
    expect(warning(page)).to_be_hidden()
    assert ConsoleSession.objects.get().last_seen_at > now() - timedelta(minutes=1)


def test_who_was_active_in_another_tab_is_not_warned(page: Page) -> None:
    with page.expect_response("**/session/"):
        turn(page, 58.2)
    expect(warning(page)).to_be_hidden()


def test_when_it_has_ended_the_page_stays_with_what_was_typed(page: Page, axe: Axe) -> None:
    seen(61)
    turn(page, 61)
    expect(warning(page)).to_contain_text("You are signed out")
    expect(warning(page)).to_contain_text("What you typed is still here.")
    assert warning(page).get_by_role("link", name="Sign in in a new tab").get_attribute("target") == "_blank"
    axe(page)
    assert page.url.endswith("/groups/create/")
    page.keyboard.press("Escape")
    becomes(lambda: page.get_by_label("Group name").input_value(), TYPED)


def test_the_end_after_twelve_hours_cannot_be_put_off(page: Page) -> None:
    began = now() - timedelta(seconds=settings.SESSION_COOKIE_AGE - 100)
    row = ConsoleSession.objects.get()
    data = row.get_decoded() | {"signed_in_at": began.strftime("%Y-%m-%dT%H:%M:%SZ")}
    ConsoleSession.objects.update(session_data=row.get_session_store_class()().encode(data), last_seen_at=now())
    turn(page, 58.2)
    expect(warning(page)).to_contain_text("A sign-in ends after twelve hours")
    expect(page.get_by_role("button", name="Stay signed in")).to_be_hidden()
    page.get_by_role("button", name="Go on").click()
    expect(warning(page)).to_be_hidden()
    becomes(lambda: page.get_by_label("Group name").input_value(), TYPED)


def test_the_warning_fits_a_phone_in_the_dark(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.emulate_media(color_scheme="dark")
    seen(58, 5)
    turn(page, 58.2)
    expect(warning(page)).to_be_visible()
    box = warning(page).bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390


def role_lasts(seconds: int) -> None:
    """Let the session of the role that the console acts as end in so many seconds."""
    row = ConsoleSession.objects.get()
    data = row.get_decoded()
    session = unseal(data[KEY]["token"])
    assert session is not None
    data[KEY]["token"] = seal(replace(session, expires_at=int(now().timestamp()) + seconds))
    ConsoleSession.objects.update(session_data=row.get_session_store_class()().encode(data))


def test_a_roles_session_is_renewed_by_one_key_before_its_end_and_after(
    visit: Visit, admin_user: User, axe: Axe
) -> None:
    caller = command_caller(admin_user.account_id)
    create_role(caller, role_name="Books", assume_role_policy_document=TRUST % admin_user.arn)
    put_role_policy(caller, role_name="Books", policy_name="all", policy_document=ADMINISTRATOR)
    page = visit("/switch-role/", admin_user)
    page.context.clock.install()
    page.get_by_role("button", name="Switch to Books").click()
    page.goto("/groups/create/")
    page.get_by_label("Group name").fill(TYPED)
    role_lasts(115)
    turn(page, 58.1)
    expect(warning(page)).to_contain_text("Your session as Books is about to end")
    expect(page.get_by_role("button", name="Switch again")).to_be_focused()
    axe(page)
    with page.expect_response("**/switch-role/again/"):
        page.keyboard.press("Enter")
    expect(warning(page)).to_be_hidden()
    role_lasts(-1)
    with page.expect_response("**/session/role/**"):
        turn(page, 58.1)
    expect(warning(page)).to_contain_text("You no longer act as Books")
    expect(page.get_by_role("button", name="Switch again")).to_be_focused()
    with page.expect_response("**/switch-role/again/"):
        page.keyboard.press("Enter")
    expect(warning(page)).to_be_hidden()
    expect(page.get_by_label("Group name")).to_have_value(TYPED)
