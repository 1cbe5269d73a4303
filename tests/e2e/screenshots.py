"""The pictures of `make screenshots`: every page and every state of `states.py`; at 1440 and 390 px, light and dark.

No test of the suite: pytest finds it only by its name. `-k states` or `-k long` takes a part of them.
"""

from pathlib import Path
from typing import Any

from accounts.models import Account, User
from accounts.operations.access_keys import create_access_key
from accounts.operations.groups import create_group
from accounts.operations.roles import create_role
from accounts.operations.users import create_user
from policies.operations.managed_policies import create_policy
from tests.e2e.conftest import Picture, Visit
from tests.e2e.states import refused_states, signed_out_states, states
from tests.every_page import READ, TRUST, pages, populate
from tests.signing_in import sign_in

LONG = "a-very-long-name-as-generated-by-a-machine.region-eu-central-1"


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


def test_states(
    visit: Visit, picture: Picture, admin_user: User, account: Account, caller_of: Any, make_user: Any, tmp_path: Path
) -> None:
    admin = caller_of(admin_user)
    made = populate(account, admin, caller_of(make_user("bob")))
    for number in range(12):
        create_user(admin, user_name=f"person-{number:02}", path="/staff/")
    for name, state in states(made, tmp_path).items():
        page = visit(state.address, admin_user, status=state.status)
        state.reach(page)
        picture(page, f"state-{name}")


def test_refused(
    visit: Visit, picture: Picture, admin_user: User, account: Account, caller_of: Any, make_user: Any
) -> None:
    nobody = make_user("nobody")
    populate(account, caller_of(admin_user), caller_of(nobody))
    for name, state in refused_states().items():
        page = visit(state.address, nobody, status=state.status)
        state.reach(page)
        picture(page, name)


def test_signed_out(visit: Visit, picture: Picture, account: Account, transactional_db: None) -> None:
    for name, state in signed_out_states(account).items():
        page = visit(state.address, status=state.status)
        state.reach(page)
        picture(page, name)


def test_empty(visit: Visit, picture: Picture, admin_user: User, caller_of: Any) -> None:
    create_user(caller_of(admin_user), user_name="fresh")
    for name, address in {
        "groups": "/groups/",
        "roles": "/roles/",
        "user": "/users/fresh/",
        "user-groups": "/users/fresh/groups/",
        "user-tags": "/users/fresh/tags/",
        "user-activity": "/users/fresh/activity/",
        "user-last-accessed": "/users/fresh/last-accessed/",
        "credentials": "/security-credentials/",
        "switch-role": "/switch-role/",
        "dashboard": "/",
    }.items():
        picture(visit(address, admin_user), f"empty-{name}")


def test_long_names(visit: Visit, picture: Picture, admin_user: User, account: Account, caller_of: Any) -> None:
    admin, path = caller_of(admin_user), "/a/rather/long/path/of/many/parts/"
    create_user(admin, user_name=LONG, path=path, tags=[{"Key": "k" * 128, "Value": "v" * 256}])
    create_access_key(admin, user_name=LONG)
    create_group(admin, group_name=LONG)
    trust = TRUST % f"arn:aws:iam::{account.pk}:root"
    create_role(admin, role_name=LONG, path=path, assume_role_policy_document=trust, description="d" * 900)
    arn = create_policy(admin, policy_name=LONG * 2, path=path, policy_document=READ)["Policy"]["Arn"]
    for name, address in {
        "users": "/users/",
        "user": f"/users/{LONG}/",
        "tags": f"/users/{LONG}/tags/",
        "credentials": f"/users/{LONG}/security-credentials/",
        "group": f"/groups/{LONG}/",
        "role": f"/roles/{LONG}/",
        "roles": "/roles/",
        "policy": f"/policies/{arn}/",
        "policies": "/policies/?f=type:eq:customer",
        "trail": "/trail/",
        "search": "/search/?q=a-very-long",
    }.items():
        picture(visit(address, admin_user), f"long-{name}")
