"""The states of pages that an address alone does not show: answered, filtered, refused, wrong, opened, under way.

Tests look for faults in each, `make screenshots` takes its picture. A state is an address and what is done there.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from accounts.models import Account, User
from accounts.setup_link import make_setup_link
from tests.accounts.import_files import user
from tests.every_page import Populated

Steps = Callable[[Page], None]
NAMELESS = "nobody-of-this-name"
WRONG_DOCUMENT = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:GetObjec", "iam:PassRole"], "Resource": "*"}]}'

OPEN_TRUST = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}'


@dataclass(frozen=True)
class State:
    """Where it is, what is done there, and the status of the first answer."""

    address: str
    steps: Steps | None = None
    status: int = 200

    def reach(self, page: Page) -> None:
        """From the opened address to the state."""
        if self.steps:
            self.steps(page)
            page.wait_for_load_state("load")
        page.evaluate("document.fonts.ready")


def states(made: Populated, folder: Path) -> dict[str, State]:
    """The states that an administrator meets, by name; `folder` is for files to upload."""
    arn, denied = made.values["arn"], made.denied_event_id
    asked = "/simulator/?principal=dora&action=s3:Get*&action=s3:DeleteObject&resource=*"
    good, bad = folder / "account.json", folder / "another.json"
    details = {
        "UserDetailList": [user("imported-one"), user("imported-two", "/ops/")],
        "GroupDetailList": [],
        "RoleDetailList": [],
        "Policies": [],
    }
    good.write_text(json.dumps(details), encoding="utf-8")
    bad.write_text('{"UserDetailList": [{"UserName": "x y"}]}', encoding="utf-8")
    return {
        "users-no-match": State(f"/users/?q={NAMELESS}"),
        "users-filtered": State("/users/?f=mfa:eq:none&f=activity:gt:90&join=or"),
        "users-wrong-filter": State("/users/?f=mfa:eq:perhaps"),
        "users-selected": State("/users/?size=10", tick),
        "users-selected-more": State("/users/?size=10", more),
        "users-by-risk": State("/users/?columns=name,risk&sort=-risk"),
        "user-managers-role": State("/users/dora/managers/?kind=role"),
        "user-managers-action": State("/users/dora/managers/?action=DeleteUser"),
        "groups-same-none": State("/groups/?f=same-users:eq:yes"),
        "users-review": State("/users/?size=10", review),
        "users-outcome": State("/users/?size=10", outcome),
        "users-disable-review": State("/users/?size=10", disable),
        "user-disable": State("/users/dora/disable/"),
        "user-disable-wrong": State("/users/dora/disable/", lambda page: page.locator("#go-button").click()),
        "user-history-folded": State("/users/dora/history/?f=name:eq:PutUserPolicy", unfold),
        "user-history-no-match": State(f"/users/dora/history/?q={NAMELESS}"),
        "user-restore": State(f"/users/dora/history/restore/{made.values['user_event']}/"),
        "user-restore-why-not": State(f"/users/dora/history/restore/{made.event_id}/"),
        "users-tag": State("/users/?size=10", tag),
        "users-tag-review": State("/users/?size=10", tagged),
        "users-keys-review": State("/users/?size=10", expiring),
        "users-password-review": State("/users/?size=10", demand),
        "users-joining-review": State("/users/?size=10", join),
        "users-boundary": State("/users/?size=10", bounding),
        "users-boundary-none": State("/users/?size=10", choosing_none),
        "users-boundary-review": State("/users/?size=10", bounded),
        "attach-look": State("/users/bob/attach/", look_at_first),
        "attach-review": State("/users/bob/attach/", attaching),
        "attach-by-action": State("/users/bob/attach/", by_action),
        "attach-by-need": State("/users/bob/attach/", by_need),
        "policies-facts": State("/policies/?columns=name,decided,findings,size,versions&f=type:eq:customer"),
        "policies-delete-review": State("/policies/?f=type:eq:customer", delete_policies),
        "group-rule-preview": State("/groups/builders/rule/", lambda page: press_exactly(page, "Preview")),
        "group-rule-wrong": State("/groups/builders/rule/", no_condition),
        "user-join-review": State("/users/bob/groups/", attaching),
        "groups-review": State("/groups/?size=10", review),
        "users-suggestions": State("/users/", suggest),
        "users-columns": State("/users/", lambda page: page.locator("summary", has_text="Columns").click()),
        "users-preview": State("/users/", lambda page: page.locator(".peek").first.click()),
        "users-looks": State("/users/", looks),
        "trail-preview": State("/trail/", lambda page: page.locator(".peek").first.click()),
        "users-risk": State("/users/?columns=name,tags,risk"),
        "users-saved": State("/users/?f=mfa:eq:none", lambda page: page.locator("summary", has_text="Saved").click()),
        "users-saved-wrong": State("/users/?f=mfa:eq:none&saved=&named="),
        "users-saved-shared": State("/users/?f=mfa:eq:none&saved=without-device&whose=all"),
        "compared": State("/compare/?a=user/dora&b=role/deploy"),
        "menu": State("/", lambda page: page.locator(".who > summary").click()),
        "keys": State("/", lambda page: page.keyboard.press("?")),
        "palette": State("/", palette),
        "search": State("/search/?q=read"),
        "search-empty": State("/search/"),
        "search-nothing": State(f"/search/?q={NAMELESS}"),
        "trail-denied": State("/trail/?f=outcome:eq:denied"),
        "trail-empty": State(f"/trail/?q={NAMELESS}"),
        "groups-no-match": State(f"/groups/?q={NAMELESS}"),
        "roles-no-match": State(f"/roles/?q={NAMELESS}"),
        "event-denied": State(f"/trail/{denied}/"),
        "policy-service": State(f"/policies/{arn}/?service=s3"),
        "policy-uses": State(
            f"/policies/{arn}/?used=1", lambda page: page.locator("summary", has_text="Looked at").click()
        ),
        "inline-uses": State("/users/dora/inline/own/?used=1"),
        "policy-draft": State("/policies/create/", leave_a_draft),
        "policy-compared": State(f"/policies/versions/{arn}/?from=v1&to=v2"),
        "policy-findings": State("/policies/create/", findings),
        "policy-consequences": State(f"/policies/edit/{arn}/", consequences),
        "policy-actions": State("/policies/create/", choose_actions),
        "policy-wrong": State("/policies/create/", save_with_findings),
        "policy-review": State(f"/policies/edit/{arn}/", review_version),
        "policy-same": State(f"/policies/edit/{arn}/?from=v1", lambda page: press_exactly(page, "Review")),
        "policy-deleted-version": State(f"/policies/versions/{arn}/?show=v3"),
        "policy-schedule": State(f"/policies/schedule/{arn}/?version=v1"),
        "policy-schedule-wrong": State(
            f"/policies/schedule/{arn}/?version=v1", lambda page: press_exactly(page, "Schedule")
        ),
        "policy-set-default": State(f"/policies/set-default/{arn}/?version=v1"),
        "policy-delete-version": State(f"/policies/delete-version/{arn}/?version=v1"),
        "policy-test": State(f"/policies/test/{arn}/"),
        "policy-tests": State(f"/policies/test/{arn}/", put_test),
        "policy-detach": State(f"/policies/entities/{arn}/", detach),
        "accessed-no-match": State(f"/users/dora/last-accessed/?q={NAMELESS}"),
        "accessed-by-members": State("/groups/builders/last-accessed/?service=s3"),
        "accessed-actions": State("/users/ops-admin/last-accessed/?service=iam"),
        "accessed-what-counts": State(
            "/users/dora/last-accessed/", lambda page: page.locator("summary", has_text="What counts").click()
        ),
        "simulator-results": State(asked),
        "simulator-explanation": State(asked, lambda page: page.locator(".verdicts a.name").first.click()),
        "simulator-denied": State(
            asked + "&outcome=implicitDeny", lambda page: page.locator(".verdicts a.name").first.click()
        ),
        "simulator-what-if": State(asked, lambda page: page.locator("button[name=editor]").first.click()),
        "simulator-wrong": State(f"/simulator/?principal={NAMELESS}&action=s3:GetObject"),
        "import-preview": State("/import/", lambda page: upload(page, good)),
        "import-done": State("/import/", lambda page: bring_in(page, good)),
        "import-problems": State("/import/", lambda page: upload(page, bad)),
        "password-policy-custom": State(
            "/account-settings/password-policy/", lambda page: page.get_by_label("Custom policy").check()
        ),
        "change-password-wrong": State("/security-credentials/password/", submit),
        "other-credentials-none": State("/users/bob/security-credentials/other/"),
        "ssh-key-wrong": State("/security-credentials/ssh-public-keys/upload/", submit),
        "service-credential-wrong": State("/security-credentials/service-credentials/create/", expire_a_password),
        "service-credential-secret": State("/security-credentials/service-credentials/create/", submit),
        "signing-certificate-wrong": State("/security-credentials/signing-certificates/upload/", submit),
        "acting-as-a-role": State(
            "/switch-role/", lambda page: page.locator("tbody button", has_text="Switch").click()
        ),
        "role-chains": State("/roles/deploy/who-can-assume/?kind=user-chain"),
        "trust-review": State("/roles/deploy/trust/", review_trust),
        "trust-tried": State(
            "/roles/deploy/trust/try/",
            lambda page: try_token(page, {"iss": "https://token.actions.githubusercontent.com"}),
        ),
        "trust-untried": State("/roles/deploy/trust/try/", lambda page: try_token(page, {})),
        "roles-given": State("/groups/builders/roles/add/", give_role),
        "request-grant-review": State(
            f"/requests/{made.values['request_id']}/grant/", lambda page: press_exactly(page, "Review")
        ),
        "request-decline-wrong": State(f"/requests/{made.values['request_id']}/decline/", submit),
        "requests-no-match": State(f"/requests/?q={NAMELESS}"),
        "not-found": State(f"/users/{NAMELESS}/", status=404),
        "no-page": State("/no/such/page/", status=404),
    }


def try_token(page: Page, claims: dict[str, str]) -> None:
    page.locator("[name=sample_token]").fill(
        json.dumps({"sub": "repo:acme/web:ref:refs/heads/main", "aud": "sts", **claims})
    )
    press_exactly(page, "Try")


def leave_a_draft(page: Page) -> None:
    """A form that was left while it was written, opened again."""
    page.get_by_label("Policy name").fill("half-written")
    page.get_by_text("Draft kept at").wait_for()
    page.evaluate(
        "delete document.querySelector('form[data-guard]').dataset.changed"
    )  # nobody is asked whether to leave
    page.reload()


def why(page: Page) -> None:
    """The explanation of one's own refusal, to which a message leads."""
    event_id = page.get_by_role("button", name="Copy Event ID").get_attribute("data-copy")
    page.goto(f"/why/{event_id}/")


def ask_wrongly(page: Page) -> None:
    """A request without a reason."""
    page.get_by_role("link", name="Request access").click()
    page.wait_for_load_state("load")
    submit(page)


def refused_states() -> dict[str, State]:
    """What somebody without any permission meets."""
    return {
        "refused-users": State("/users/", status=403),
        "refused-user": State("/users/dora/", status=403),
        "refused-trail": State("/trail/", status=403),
        "refused-policies": State("/policies/", status=403),
        "refused-simulator": State("/simulator/", status=403),
        "refused-parts": State("/security-credentials/"),
        "refused-other-credentials": State("/security-credentials/other/", status=403),
        "refused-dashboard": State("/"),
        "refused-why": State("/users/", why, 403),
        "refused-request-access": State(
            "/users/", lambda page: page.get_by_role("link", name="Request access").click(), 403
        ),
        "refused-request-wrong": State("/users/", ask_wrongly, 403),
    }


def signed_out_states(account: Account) -> dict[str, State]:
    """What is seen before signing in."""
    root = User.everyone.get(account=account, is_root=True)
    return {
        "sign-in": State("/sign-in/"),
        "sign-in-root": State("/sign-in/root/"),
        "sign-in-wrong": State("/sign-in/", sign_in_wrongly),
        "set-up": State(make_setup_link(root)),
        "link-gone": State("/set-password/no-such-link/", status=404),
        "signed-out-no-page": State("/no/such/page/", status=404),
    }


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).last.click()
    page.wait_for_load_state("load")


def more(page: Page) -> None:
    tick(page)
    page.locator(".selection .menu > summary").click()


def press_in_menu(page: Page, name: str) -> None:
    """What is asked for seldom stands in the menu of the bar."""
    page.locator(".selection .menu > summary").click()
    page.locator(".selection").get_by_role("button", name=name).click()
    page.wait_for_load_state("load")


def press_exactly(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_load_state("load")


def review_trust(page: Page) -> None:
    """One that opens the role to anybody."""
    page.locator(".ace_text-input").focus()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(OPEN_TRUST)
    page.locator(".editor-sentences .warning").wait_for()
    press_exactly(page, "Review")
    page.get_by_role("heading", name="Who gains or loses the role").wait_for()


def review_version(page: Page) -> None:
    findings(page)
    press_exactly(page, "Review")


def detach(page: Page) -> None:
    for box in page.locator("[data-rows] tbody .pick input").all():
        box.check()
    press_exactly(page, "Detach")


def looks(page: Page) -> None:
    page.locator("summary", has_text="Columns").click()
    for box in page.locator("[name=looks]").all():
        box.check()
    press(page, "Apply")


def tick(page: Page) -> None:
    for box in page.locator("[data-rows] tbody .pick input").all()[:3]:
        box.check()


def review(page: Page) -> None:
    tick(page)
    page.locator(".selection").get_by_role("button", name="Delete").click()
    page.wait_for_load_state("load")


def join(page: Page) -> None:
    tick(page)
    press(page, "Add to group")
    page.locator("[name=group][value=builders]").check()
    press_exactly(page, "Review")


def disable(page: Page) -> None:
    tick(page)
    press_in_menu(page, "Disable")


def unfold(page: Page) -> None:
    """The difference of a document, in its row."""
    page.locator("[data-rows] summary").first.click()


def demand(page: Page) -> None:
    tick(page)
    press_in_menu(page, "Require new password")


def put_test(page: Page) -> None:
    """A test that fails, beside one that passes."""
    page.get_by_label("Test name").fill("nobody-deletes")
    page.get_by_label("Action").fill("s3:DeleteObject")
    page.get_by_label("Explicit deny").check()
    press_exactly(page, "Save test")


def tag(page: Page) -> None:
    tick(page)
    press_in_menu(page, "Add tag")


def no_condition(page: Page) -> None:
    page.get_by_label("Path begins with").fill("")
    press_exactly(page, "Preview")


def look_at_first(page: Page) -> None:
    page.locator(".picker-rows a.icon-button").first.click()
    page.locator("#look-panel .code").wait_for()


def by_action(page: Page) -> None:
    page.locator("[data-pick-search]").fill("s3:GetObject")
    page.get_by_text("From least to most privilege").wait_for()


def by_need(page: Page) -> None:
    page.locator("[data-pick-search]").fill("read bucket")
    page.get_by_text("From least to most privilege").wait_for()
    page.locator(".picker-rows summary").first.click()


def delete_policies(page: Page) -> None:
    tick(page)
    press(page, "Delete")


def attaching(page: Page) -> None:
    page.locator(".picker-rows label").first.click()
    page.locator(".picker-chosen .token").wait_for()
    press_exactly(page, "Review")


def bounding(page: Page) -> None:
    tick(page)
    press_in_menu(page, "Set permissions boundary")


def choosing_none(page: Page) -> None:
    bounding(page)
    press_exactly(page, "Review")


def bounded(page: Page) -> None:
    bounding(page)
    page.locator(".picker-rows label").first.click()
    page.locator(".picker-chosen .token").wait_for()
    press_exactly(page, "Review")


def tagged(page: Page) -> None:
    tag(page)
    page.locator("[name=key]").fill("reviewed")
    press_exactly(page, "Review")


def expiring(page: Page) -> None:
    tick(page)
    press(page, "Deactivate keys")
    press_exactly(page, "Review")


def outcome(page: Page) -> None:
    tagged(page)
    press(page, "Tag 3 users")


def give_role(page: Page) -> None:
    page.locator(".picker-rows label").first.click()
    page.get_by_text("1 chosen").first.wait_for()
    press(page, "Give roles")


def save_with_findings(page: Page) -> None:
    findings(page)
    page.locator("[name=policy_name]").fill("x y")
    press(page, "Create without review")


def suggest(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("m")
    page.locator(".listing .suggestions a").first.wait_for()


def palette(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type("d")
    page.locator(".find .suggestions a").first.wait_for()


def findings(page: Page) -> None:
    page.locator(".ace_text-input").focus()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(WRONG_DOCUMENT)
    page.get_by_text("Did you mean").first.wait_for()


def consequences(page: Page) -> None:
    findings(page)
    page.locator("[data-told]").get_by_text("Now allowed").first.wait_for()


def choose_actions(page: Page) -> None:
    press(page, "Add actions")
    page.get_by_label("Service").fill("sqs")
    page.get_by_text("Read (0/").click()
    page.get_by_label("All of Read").check()
    press(page, "Insert")
    page.get_by_text("actions inserted").wait_for()


def upload(page: Page, file: Path) -> None:
    page.locator("input[type=file]").set_input_files(file)
    press(page, "Preview import")


def bring_in(page: Page, file: Path) -> None:
    upload(page, file)
    press_exactly(page, "Import")
    page.get_by_role("heading", name="Imported from").wait_for()


def submit(page: Page) -> None:
    """Send the form as it is, past what the browser itself would say."""
    page.evaluate("document.querySelectorAll('main form').forEach((form) => { form.noValidate = true; })")
    page.locator("main button.primary").last.click()


def expire_a_password(page: Page) -> None:
    """Only API keys expire."""
    page.locator("[name=credential_age_days]").fill("30")
    submit(page)


def sign_in_wrongly(page: Page) -> None:
    page.locator("[name=account]").fill("acme")
    page.locator("[name=user_name]").fill(NAMELESS)
    page.locator("[name=password]").fill("wrong")
    page.locator("main button.primary").click()
