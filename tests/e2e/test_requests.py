"""A request for access in a real browser: from the denial to the granted action, accessible at each step."""

from collections.abc import Callable

from playwright.sync_api import expect

from accounts.models import User
from tests.e2e.conftest import Axe, Visit


def test_from_the_denial_to_the_granted_action(
    visit: Visit, admin_user: User, make_user: Callable[..., User], axe: Axe
) -> None:
    page = visit("/users/", make_user("zoe"), status=403)
    axe(page)
    page.get_by_role("link", name="Request access").click()
    axe(page)
    page.get_by_role("button", name="Request access").click()  # without a reason
    expect(page.get_by_text("There is a problem")).to_be_visible()
    axe(page)
    page.get_by_label("Why do you need it?").fill("On call this week")
    page.get_by_label("For how long?").select_option("1 day")
    page.get_by_role("button", name="Request access").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Request for iam:ListUsers")
    axe(page)

    answering = visit("/", admin_user)
    answering.get_by_role("link", name="To the requests").click()
    axe(answering)
    answering.get_by_role("link", name="iam:ListUsers").click()
    axe(answering)
    answering.get_by_role("link", name="Grant", exact=True).click()
    axe(answering)
    answering.get_by_label("For how long?").select_option("1 hour")
    answering.get_by_role("button", name="Review", exact=True).last.click()
    expect(answering.get_by_text("Now allowed")).to_be_visible()
    axe(answering)
    answering.get_by_role("button", name="Grant", exact=True).click()
    expect(answering.get_by_text("Granted. Below is how the engine decides it now.")).to_be_visible()
    expect(answering.locator(".verdict.allowed")).to_be_visible()
    axe(answering)

    page.goto("/my-requests/")
    expect(page.locator("tbody")).to_contain_text("Granted")
    axe(page)
    page.goto("/users/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Users")


def test_it_works_on_a_phone_without_scripts(
    visit: Visit, admin_user: User, make_user: Callable[..., User], axe: Axe
) -> None:
    page = visit("/roles/", make_user("zoe"), width=390, theme="dark", scripts=False, status=403)
    page.get_by_role("link", name="Request access").click()
    page.get_by_label("Why do you need it?").fill("To help out")
    page.get_by_role("button", name="Request access").click()
    answering = visit("/requests/", admin_user, width=390, theme="dark", scripts=False)
    answering.get_by_role("link", name="iam:ListRoles").click()
    answering.get_by_role("link", name="Decline").click()
    answering.get_by_label("Message to the requester").fill("Ask your team first")
    answering.get_by_role("button", name="Decline").click()
    page.goto("/my-requests/")
    page.get_by_role("link", name="iam:ListRoles").click()
    expect(page.get_by_text("Ask your team first")).to_be_visible()
