"""Forced colours, high contrast and 200 % zoom: what a ground or a tint tells is told by a line as well, on every kind of page."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from accounts.operations.roles import create_role
from operations.caller import command_caller
from policies.operations.managed_policies import create_policy
from tests.conftest import ACCOUNT
from tests.e2e.conftest import COLOURS, Axe, Visit, becomes
from tests.e2e.test_policy_editor import EC2, ready
from tests.every_page import READ

KINDS = {
    "list": "/users/", "detail": "/users/ops-admin/", "form": "/roles/web/trust/", "wizard": "/users/create/",
    "simulator": "/simulator/?principal=ops-admin&action=s3:GetObject%0Aiam:CreateUser",
    "explanation": "/simulator/decision/?principal=ops-admin&action=s3:GetObject&ask=0", "trail": "/trail/", "dashboard": "/",
    "editor": "/policies/create/", "policy": f"/policies/arn:aws:iam::{ACCOUNT}:policy/reading/?as=json",
}  # fmt: skip
# What only a ground or a shadow would tell, and the style that tells it in forced colours.
LINES = {
    "/users/": [(".side a[aria-current]", "outlineStyle")],
    "/users/ops-admin/": [(".tabs a[aria-current]", "outlineStyle")],
    "/trail/": [(".pills a[aria-current]", "outlineStyle")],
    KINDS["simulator"]: [(".pills a[aria-current]", "outlineStyle")],
    KINDS["explanation"]: [
        (".verdict", "borderTopStyle"),
        (".status.pill", "outlineStyle"),
        (".way .dot", "outlineStyle"),
        (".code .hit", "borderLeftStyle"),
    ],
}


@pytest.fixture
def console(admin_user: User) -> User:
    """Something of every kind to look at."""
    caller = command_caller(ACCOUNT)
    create_role(caller, role_name="web", assume_role_policy_document=EC2)
    create_policy(caller, policy_name="reading", policy_document=READ)
    return admin_user


@pytest.fixture
def forced(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> Iterator[Visit]:
    """Pages as somebody with a contrast theme sees them."""
    new_context = Browser.new_context

    def with_forced_colours(self: Browser, **given: Any) -> Any:
        return new_context(self, **given, forced_colors="active")

    monkeypatch.setattr(Browser, "new_context", with_forced_colours)
    return visit


def style(page: Page, selector: str, name: str) -> str:
    return str(page.locator(selector).first.evaluate("(one, name) => getComputedStyle(one)[name]", name))


@pytest.mark.parametrize("address", LINES)
def test_what_is_current_or_decided_is_told_by_lines(forced: Visit, console: User, address: str) -> None:
    page = forced(address, console)
    for selector, name in LINES[address]:
        assert style(page, selector, name) == "solid", selector


@pytest.mark.parametrize("width", [1440, 390])
def test_every_kind_of_page_is_accessible_in_forced_colours(forced: Visit, console: User, axe: Axe, width: int) -> None:
    for address in KINDS.values():
        page = forced(address, console, width=width)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        page.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_kind_of_page_can_be_read_in_high_contrast(visit: Visit, console: User, axe: Axe, theme: str) -> None:
    for address in KINDS.values():
        page = visit(address, console, theme=theme)
        page.evaluate("document.documentElement.dataset.contrast = 'more'")
        axe(page, COLOURS)
        page.context.close()


def test_a_selected_row_and_a_wrong_field_have_a_line(forced: Visit, console: User) -> None:
    page = forced("/users/", console)
    page.locator("[data-rows] tbody .pick input").first.check()
    becomes(lambda: style(page, "[data-rows] tbody tr", "outlineStyle"), "solid")
    page = forced("/policies/create/", console)
    page.locator("[name=policy_name]").fill("x y")
    page.get_by_role("button", name="Create without review").click()
    wrong = page.locator("[name=policy_name]")
    expect(wrong).to_have_attribute("aria-invalid", "true")
    wrong.evaluate("(one) => one.blur()")
    becomes(lambda: style(page, "[name=policy_name]", "outlineStyle"), "solid")


def test_the_editor_has_the_systems_colours(forced: Visit, console: User) -> None:
    page = ready(forced("/policies/create/", console))
    canvas = style(page, "body", "backgroundColor")
    becomes(lambda: style(page, ".ace_editor", "backgroundColor"), canvas)
    becomes(lambda: style(page, ".ace_editor .ace_variable", "color"), style(page, "h1", "color"))


@pytest.mark.parametrize("address", KINDS.values(), ids=list(KINDS))
def test_at_200_per_cent_nothing_scrolls_in_two_directions(visit: Visit, console: User, address: str) -> None:
    page = visit(address, console, width=720, height=450)  # 1440 px at 200 %
    assert page.evaluate("document.documentElement.scrollWidth") <= 720
    page.set_viewport_size({"width": 320, "height": 450})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
