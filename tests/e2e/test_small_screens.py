"""What has to stay together and in sight on a phone."""

from accounts.operations.groups import create_group


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
