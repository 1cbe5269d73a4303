"""The pictures of `make screenshots`: every page full, empty, with long names, with errors and refused; at 1440 and 390 px, light and dark.

No test of the suite: pytest finds it only by its name.
"""

from typing import Any

from playwright.sync_api import Page

from accounts.models import Account, User
from accounts.operations.groups import create_group
from accounts.operations.users import create_user
from tests.e2e.conftest import Picture, Visit
from tests.every_page import pages, populate
from tests.signing_in import sign_in

LONG = "a-very-long-name-as-generated-by-a-machine.region-eu-central-1"
EMPTY = {
    "users": "/users/?q=nobody-of-this-name",
    "groups": "/groups/",
    "roles": "/roles/",
    "trail": "/trail/?q=nothing-like-it",
}
REFUSED = {"users": "/users/", "user": "/users/dora/", "trail": "/trail/", "policies": "/policies/"}
WRONG = {
    "user-create": "/users/create/",
    "group-create": "/groups/create/",
    "change-password": "/security-credentials/password/",
}


def test_full(
    visit: Visit, picture: Picture, admin_user: User, account: Account, caller_of: Any, make_user: Any, client: Any
) -> None:
    admin = caller_of(admin_user)
    made = populate(account, admin, caller_of(make_user("bob")))
    for number in range(30):
        create_user(admin, user_name=f"person-{number:02}", path="/staff/")
    sign_in(client, admin_user)
    page = visit("/users/", admin_user)
    for name, address, _html in list(pages(client, made)):
        page.goto(address)
        picture(page, f"full-{name.replace(':', '-')}")


def test_empty(visit: Visit, picture: Picture, admin_user: User) -> None:
    for name, address in EMPTY.items():
        picture(visit(address, admin_user), f"empty-{name}")


def test_long_names(visit: Visit, picture: Picture, admin_user: User, caller_of: Any) -> None:
    admin = caller_of(admin_user)
    create_user(
        admin, user_name=LONG, path="/a/rather/long/path/of/many/parts/", tags=[{"Key": "k" * 128, "Value": "v" * 256}]
    )
    create_group(admin, group_name=LONG)
    for name, address in {
        "users": "/users/",
        "user": f"/users/{LONG}/",
        "tags": f"/users/{LONG}/tags/",
        "group": f"/groups/{LONG}/",
    }.items():
        picture(visit(address, admin_user), f"long-{name}")


def test_errors(visit: Visit, picture: Picture, admin_user: User) -> None:
    for name, address in WRONG.items():
        page = visit(address, admin_user)
        submit(page)
        picture(page, f"error-{name}")
    picture(visit("/users/nobody-of-this-name/", admin_user, status=404), "error-not-found")


def test_refused(visit: Visit, picture: Picture, admin_user: User, caller_of: Any, make_user: Any) -> None:
    create_user(caller_of(admin_user), user_name="dora")
    nobody = make_user("nobody")
    for name, address in REFUSED.items():
        picture(visit(address, nobody, status=403), f"refused-{name}")


def test_signed_out(visit: Visit, picture: Picture, account: Account) -> None:
    for name, address in {"sign-in": "/sign-in/", "sign-in-root": "/sign-in/root/"}.items():
        picture(visit(address), name)


def submit(page: Page) -> None:
    """Send the form as it is, past what the browser itself would say."""
    page.evaluate("document.querySelectorAll('main form').forEach((form) => { form.noValidate = true; })")
    page.locator("main button.primary").last.click()
    page.wait_for_load_state("load")
