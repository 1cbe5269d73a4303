"""Every state of `states.py`: nothing for axe to find in either theme, nothing in the browser's console, nothing to scroll sideways."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from accounts.models import Account, User
from tests.e2e.conftest import COLOURS, Axe, Visit
from tests.e2e.states import State, refused_states, signed_out_states, states
from tests.every_page import Populated, populate

PARTS = 3


@pytest.fixture
def made(admin_user: User, account: Account, caller_of: Any, make_user: Any) -> Populated:
    return populate(account, caller_of(admin_user), caller_of(make_user("bob")))


def faults_of(page: Page, axe: Axe, name: str) -> list[str]:
    faults = []
    for width, theme, rules in ((1280, "light", ()), (1280, "dark", COLOURS), (320, "dark", ())):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme)
        try:
            axe(page, rules)
        except AssertionError as error:
            faults.append(f"{name} at {width} px, {theme}: {str(error).partition('assert [')[0]}")
    wide = page.evaluate("document.documentElement.scrollWidth")
    return [*faults, f"{name} is {wide} px wide on a phone of 320"] if wide > 320 else faults


def look_at(found: dict[str, State], visit: Visit, axe: Axe, user: User | None) -> None:
    faults: list[str] = []
    for name, state in found.items():
        page = visit(state.address, user, status=state.status)
        state.reach(page)
        faults += faults_of(page, axe, name)
        page.context.close()
    assert faults == [], "\n".join(faults)


@pytest.mark.parametrize("part", range(PARTS))
def test_what_an_administrator_meets(
    visit: Visit, axe: Axe, admin_user: User, made: Populated, tmp_path: Path, part: int
) -> None:
    look_at(dict(list(states(made, tmp_path).items())[part::PARTS]), visit, axe, admin_user)


def test_what_is_refused(visit: Visit, axe: Axe, made: Populated, make_user: Any) -> None:
    look_at(refused_states(), visit, axe, make_user("nobody"))


def test_what_is_seen_before_signing_in(visit: Visit, axe: Axe, transactional_db: None, account: Account) -> None:
    look_at(signed_out_states(account), visit, axe, None)
