"""Credentials in a real browser: a device enrolled from the QR code on the page, a passkey, all without JavaScript, and accessible."""

import base64
import hashlib
import hmac
import re
import struct
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from accounts.models import AccessKey, MfaDevice, RecoveryCode, User
from accounts.setup_link import make_setup_link
from tests.accounts.browser import PASSWORD, give_device, give_password
from tests.e2e.conftest import Axe, Visit, becomes

HOME = "/security-credentials/"


@pytest.fixture
def erin(admin_user: User) -> User:
    """The administrator, with a password."""
    return give_password(admin_user)


def generator(address: str) -> Callable[[int], str]:
    """An authenticator app (RFC 6238): the code so many steps from now, from an otpauth:// address."""
    secret = base64.b32decode(parse_qs(urlsplit(address).query)["secret"][0])

    def code(offset: int = 0) -> str:
        digest = hmac.new(secret, struct.pack(">Q", int(time.time()) // 30 + offset), hashlib.sha1).digest()
        place = digest[19] & 15
        return f"{(struct.unpack('>I', digest[place : place + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"

    return code


def scan(page: Page) -> str:
    """What a phone's camera reads off the page."""
    picture = Image.open(BytesIO(page.locator("img.qr").screenshot()))
    (found,) = zxingcpp.read_barcodes(picture)
    return found.text


def sign_in(page: Page, user: User, next: str = HOME) -> None:
    page.goto(f"/sign-in/?next={next}")
    page.get_by_label("Account ID").fill("acme")
    page.get_by_label("IAM user name").fill(user.name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_device_from_its_qr_code(visit: Visit, erin: User, scripts: bool) -> None:
    page = visit("/sign-in/", scripts=scripts)
    sign_in(page, erin)
    page.get_by_role("link", name="Add authenticator app").click()
    app = generator(scan(page))
    page.get_by_label("Device name").fill("phone")
    page.get_by_label("First code").fill(app(-1))
    page.get_by_label("Second code").fill("000000" if app(0) != "000000" else "111111")
    page.get_by_role("button", name="Enable the device").click()
    expect(page.locator(".error-summary")).to_contain_text("the second one is not the code that comes after it")
    assert not MfaDevice.objects.exists()
    first, second = app(-1), app(0)  # at one moment: filling takes time, and a step may end meanwhile
    page.get_by_label("First code").fill(first)
    page.get_by_label("Second code").fill(second)
    page.get_by_role("button", name="Enable the device").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")

    page.get_by_role("button", name="Make ten codes").click()
    codes = page.locator("ol.codes li").all_inner_texts()
    assert len(codes) == 10
    page.get_by_label("Type one of the codes").fill(codes[7])
    page.get_by_role("button", name="Put the codes in force").click()
    expect(page.get_by_role("main")).to_contain_text("10 codes are left")

    page.context.clear_cookies()
    sign_in(page, erin)
    page.get_by_label("MFA code").fill(app(1))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("My security credentials")

    page.context.clear_cookies()
    sign_in(page, erin)
    page.get_by_label("MFA code").fill(codes[0])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("main")).to_contain_text("9 codes are left")


@pytest.fixture
def with_authenticator() -> Iterator[Callable[[Page], None]]:
    """Give a page the browser's own virtual authenticator."""

    def give(page: Page) -> None:
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        facts = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        session.send("WebAuthn.addVirtualAuthenticator", {"options": facts})

    yield give


def test_a_passkey(visit: Visit, erin: User, with_authenticator: Callable[[Page], None]) -> None:
    page = visit("/sign-in/")
    with_authenticator(page)
    sign_in(page, erin)
    page.get_by_role("link", name="Add passkey").click()
    page.get_by_label("Passkey name").fill("laptop")
    page.get_by_role("button", name="Create the passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    assert MfaDevice.objects.get().serial_number.startswith("arn:aws:iam::123456789012:u2f/user/ops-admin/laptop-")

    page.context.clear_cookies()
    sign_in(page, erin)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("My security credentials")

    page.context.clear_cookies()
    page.goto(f"/sign-in/passkey/?next={HOME}")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("My security credentials")


def test_setting_up_the_root_user(visit: Visit, erin: User) -> None:
    page = visit(make_setup_link(User.everyone.get(is_root=True)))
    page.get_by_label("Email address").fill("owner@example.com")
    page.get_by_label("New password", exact=True).fill("A-long-root-password-1")
    page.get_by_label("New password again").fill("A-long-root-password-1")
    page.get_by_role("button", name="Set the password").click()
    page.get_by_label("Root user's email address").fill("owner@example.com")
    page.get_by_label("Password").fill("A-long-root-password-1")
    page.get_by_role("button", name="Sign in").click()
    page.goto(HOME)
    expect(page.get_by_role("main")).to_contain_text("The root user may do everything")


def test_a_key_with_its_secret_and_file(visit: Visit, erin: User) -> None:
    page = visit(HOME, erin)
    page.get_by_role("link", name="Create access key").click()
    page.get_by_label("Description").fill("nightly backup")
    page.get_by_role("button", name="Create access key").click()
    key = AccessKey.objects.get()
    expect(page.get_by_role("main")).to_contain_text(key.secret)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download .csv file").click()
    with open(download.value.path(), encoding="utf-8") as file:  # noqa: PTH123 - a path of the browser's
        assert file.read().splitlines()[1] == f"{key.key_id},{key.secret}"
    page.reload()
    expect(page.get_by_role("main")).to_contain_text(key.secret)
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("main")).not_to_contain_text(key.secret)  # the next page is there
    page.go_back()
    page.reload()
    expect(page.get_by_role("main")).not_to_contain_text(key.secret)


def test_a_sensitive_form_goes_on_after_confirming(visit: Visit, erin: User) -> None:
    page = visit("/security-credentials/access-keys/create/", erin, factor_at="2020-01-01T00:00:00Z")
    page.get_by_label("Description").fill("kept over the question")
    page.get_by_role("button", name="Create access key").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm that it is you")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Secret access key")
    becomes(lambda: AccessKey.objects.get().description, "kept over the question")


def furnished(erin: User) -> dict[str, User | None]:
    """Pages that show more than elsewhere when somebody has everything, and who opens them."""
    device = give_device(erin)
    fred = give_password(User.objects.create(account=erin.account, name="fred", name_key="fred", unique_id="AIDAFRED"))
    give_device(fred, "tablet")
    for user, number in ((erin, 1), (erin, 2), (fred, 3)):
        AccessKey.objects.create(
            user=user, key_id=f"AKIAABCDEFGHIJKLMNO{number}", secret="x", description="build server"
        )
    RecoveryCode.objects.create(user=erin, code_digest="x", confirmed_at=device.created_at)
    return {
        "/sign-in/passkey/": None,
        "/security-credentials/": erin,
        "/security-credentials/access-keys/AKIAABCDEFGHIJKLMNO1/secret/": erin,
        "/users/fred/security-credentials/": erin,
    }


def test_pages_of_somebody_who_has_everything_are_accessible(visit: Visit, erin: User, axe: Axe) -> None:
    for path, user in furnished(erin).items():
        page = visit(path, user)
        axe(page)
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size({"width": 320, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        axe(page)
        page.context.close()


def test_errors_are_announced_and_reached_by_keyboard(visit: Visit, erin: User, axe: Axe) -> None:
    page = visit("/sign-in/")
    page.get_by_label("Account ID").fill("acme")
    page.get_by_label("IAM user name").fill("nobody")
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("Your authentication information is incorrect")
    expect(summary).to_be_focused()
    becomes(lambda: page.get_by_label("IAM user name").input_value(), "nobody")
    becomes(lambda: page.get_by_label("Password").input_value(), "")
    axe(page)


def test_what_a_policy_change_does_is_shown_first(visit: Visit, erin: User, axe: Axe) -> None:
    page = visit("/account-settings/password-policy/", erin)
    expect(page.get_by_label("Minimum length")).to_be_hidden()
    page.get_by_label("Custom policy").check()
    page.get_by_label("Minimum length").fill("14")
    page.get_by_label(re.compile("Passwords expire after")).fill("90")
    page.get_by_role("button", name="Show what this changes").click()
    expect(page.locator("#impact")).to_contain_text("must follow the new rules")
    axe(page)
    page.locator("#impact").get_by_role("button", name="Save").click()
    expect(page.get_by_role("main")).to_contain_text("The password rules are saved")
    expect(page.get_by_role("main")).to_contain_text("At least 14 characters")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_ending_all_sessions_asks_first(visit: Visit, erin: User, scripts: bool) -> None:
    elsewhere, page = visit("/sign-in/"), visit("/sign-in/", scripts=scripts)
    for each in (elsewhere, page):
        expect(each.get_by_label("Account ID")).to_be_focused()
        sign_in(each, erin, "/security-credentials/sessions/")
    page.get_by_role("link", name="End all, also this one").click()
    dialog = page.locator("#end-all")
    expect(dialog).to_contain_text("2 sessions end. You are signed out here too")
    dialog.get_by_role("link", name="Cancel").click()
    expect(dialog).to_be_hidden()
    page.get_by_role("link", name="End all, also this one").click()
    dialog.get_by_role("button", name="End all sessions").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in as IAM user")
    elsewhere.reload()
    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("Sign in as IAM user")


def test_a_password_is_tried_without_leaving_the_page(visit: Visit, erin: User, settings: Any) -> None:
    page = visit("/account-settings/password-policy/", erin)
    page.get_by_text("Try a password").click()
    page.get_by_label("Sample password").fill("short")
    page.get_by_role("button", name="Try", exact=True).click()
    expect(page.locator("#tried")).to_contain_text("minimum length of 8")
