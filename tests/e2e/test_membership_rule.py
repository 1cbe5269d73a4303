"""A group's membership rule in a real browser: set by tags after a preview, changed on the way back, and removed; also without scripts."""

import pytest
from playwright.sync_api import expect

from accounts.models import Group, User
from accounts.operations.groups import create_group
from accounts.operations.users import create_user
from operations.caller import command_caller
from tests.e2e.conftest import Axe, Visit


@pytest.mark.parametrize(("scripts", "width"), [(True, 1440), (False, 390)])
def test_it_is_set_by_tags_after_a_preview_and_removed(
    visit: Visit, admin_user: User, axe: Axe, scripts: bool, width: int
) -> None:
    system = command_caller(admin_user.account_id)
    create_group(system, group_name="crew")
    for name, team in (("ann", "ops"), ("ben", "web")):
        create_user(system, user_name=name, tags=[{"Key": "team", "Value": team}])
    page = visit("/groups/crew/", admin_user, scripts=scripts, width=width)
    page.get_by_role("link", name="Set membership rule").click()
    if scripts:
        page.get_by_label("Key", exact=True).fill("team")
        page.get_by_label("Value optional").fill("web")
    else:
        page.get_by_label("Tags").fill("team = web")
    page.locator("main").get_by_role("button", name="Preview").click()
    expect(page.get_by_text("Everybody who has the tag team = web")).to_be_visible()
    expect(page.get_by_role("cell", name="ben").first).to_be_visible()
    page.get_by_role("button", name="Back", exact=True).click()
    if scripts:
        page.get_by_label("Value optional").fill("ops")
    else:
        page.get_by_label("Tags").fill("team = ops")
    page.locator("main").get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Set rule").click()
    expect(page.get_by_text("The membership rule of crew is set.")).to_be_visible()
    expect(page.locator("#rule").get_by_text("In force")).to_be_visible()
    assert list(Group.objects.get().members.values_list("name", flat=True)) == ["ann"]
    if scripts:
        axe(page)
    page.get_by_role("link", name="Remove rule").click()
    page.get_by_label("are removed from the group").check()
    page.get_by_role("button", name="Remove rule").click()
    expect(page.get_by_text("The membership rule of crew is removed.")).to_be_visible()
    assert not Group.objects.get().members.exists()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
