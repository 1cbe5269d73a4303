"""What has to stay together and in sight on a phone."""

import pytest

from accounts.operations.groups import create_group
from policies.operations.managed_policies import create_policy
from tests.e2e.test_policy_editor import statement


def test_a_copy_button_never_stands_alone_in_a_line(visit, admin_user, caller_of):
    create_group(caller_of(admin_user), group_name="builders")
    page = visit("/groups/builders/", admin_user)
    copyable = page.locator("main .copyable").first
    for width in range(320, 480, 8):
        page.set_viewport_size({"width": width, "height": 900})
        last = copyable.locator("> span").evaluate("text => [...text.getClientRects()].at(-1).toJSON()")
        button = copyable.locator("button").bounding_box()
        assert abs(button["y"] + button["height"] / 2 - last["y"] - last["height"] / 2) < 6, width
        assert button["x"] + button["width"] <= width, width


def test_the_recent_changes_are_read_without_scrolling_sideways(visit, admin_user, caller_of):
    create_group(caller_of(admin_user), group_name="builders-of-the-whole-platform-and-its-surroundings")
    table = visit("/", admin_user, width=390).get_by_role("region", name="Recent changes")
    assert table.evaluate("one => one.scrollWidth <= one.clientWidth")


@pytest.mark.parametrize("query", ["", "?service=iam"])
def test_what_was_not_accessed_is_said_in_one_line(visit, admin_user, query):
    page = visit(f"/users/{admin_user.name}/last-accessed/{query}", admin_user, width=390)
    cell = page.locator("td .faint", has_text="Not accessed").first
    assert cell.evaluate("one => one.getClientRects().length") == 1


@pytest.mark.parametrize("place", ["policies/create", "policies/edit", "users/inline"])
def test_cancel_stands_beside_the_button_that_saves_in_a_review(visit, admin_user, caller_of, place):
    arn = create_policy(caller_of(admin_user), policy_name="reading", policy_document=statement(Action="s3:*"))[
        "Policy"
    ]["Arn"]
    addresses = {
        "policies/create": "/policies/create/",
        "policies/edit": f"/policies/edit/{arn}/",
        "users/inline": f"/users/{admin_user.name}/inline/",
    }
    page = visit(addresses[place], admin_user, width=390, scripts=False)
    page.locator("[name=policy_document]").fill(statement(Action="sqs:*"))
    if place != "policies/edit":
        page.locator("[name=policy_name]").fill("writing")
    page.locator("button.primary[name=review]").click()
    cancel = page.locator("main").get_by_role("link", name="Cancel", exact=True)
    assert cancel.count() == 1
    save = page.locator("main button.primary[name=save], main button.primary[name=create]")
    assert abs(cancel.bounding_box()["y"] - save.bounding_box()["y"]) < 150
