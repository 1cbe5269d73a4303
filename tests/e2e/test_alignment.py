"""What stands beside what, where the eye notices it: buttons in one line, a copy button at the end of its text, nothing behind a row's buttons."""

from playwright.sync_api import Locator

from accounts.models import AccessKey, User
from operations.ids import unique_id
from tests.e2e.conftest import Visit


def middle(one: Locator) -> float:
    """Half way down."""
    box = one.bounding_box()
    assert box is not None
    return box["y"] + box["height"] / 2


def test_a_button_and_its_commands_stand_in_the_line_of_the_others(visit: Visit, admin_user: User) -> None:
    key = AccessKey.objects.create(user=admin_user, key_id=unique_id("AKIA"))
    page = visit(f"/security-credentials/access-keys/{key.key_id}/", admin_user)
    buttons = page.locator(".page-header .page-actions .button").all()
    assert [each.inner_text() for each in buttons] == ["Delete…", "Deactivate", "As code", "Reason"]
    assert max(map(middle, buttons)) - min(map(middle, buttons)) < 1


def test_the_copy_button_is_never_alone_on_a_line(visit: Visit, admin_user: User) -> None:
    page = visit("/security-credentials/", admin_user, width=360)
    arn = page.locator("dd .copyable", has_text="user/ops-admin").first
    for width in range(360, 480, 4):  # somewhere among them the ARN fills its line
        page.set_viewport_size({"width": width, "height": 900})
        ends = arn.evaluate(
            "one => [[...one.firstElementChild.getClientRects()].at(-1).bottom, one.querySelector('button').getBoundingClientRect().top]"
        )
        assert ends[1] < ends[0], f"below its text at {width}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_no_cell_lies_under_the_buttons_of_its_row(visit: Visit, admin_user: User) -> None:
    AccessKey.objects.create(user=admin_user, key_id=unique_id("AKIA"))
    page = visit("/security-credentials/", admin_user, width=390)
    cells = page.locator("#access-keys tbody tr").first.locator(":scope > :is(th, td)").all()
    boxes = [box for each in cells if (box := each.bounding_box()) is not None]
    assert len(boxes) > 2
    for box in boxes[:-1]:
        assert box["x"] + box["width"] <= boxes[-1]["x"] or box["y"] >= boxes[-1]["y"] + boxes[-1]["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
