"""The story of a newcomer in a real browser: set up, sign in, see an imported account, invite somebody, who then signs in."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from accounts.operations.account import create_account
from accounts.setup_link import make_setup_link
from tests.accounts.import_files import ACCOUNT, small_account
from tests.e2e.conftest import becomes

PASSWORD = "A-quiet-Harbor-4711"


@pytest.fixture
def page(browser: Browser, live_server: Any, settings: Any) -> Page:
    settings.BASE_URL = live_server.url
    context = browser.new_context(base_url=live_server.url, reduced_motion="reduce")
    opened = context.new_page()
    opened.set_default_timeout(15_000)
    return opened


@pytest.fixture
def installation(transactional_db: None) -> User:
    """What the first start leaves: an account whose root user has no password yet."""
    create_account(ACCOUNT)
    return User.everyone.get(is_root=True)


def test_from_the_setup_link_to_an_invited_user(page: Page, installation: User, tmp_path: Path) -> None:
    page.goto(make_setup_link(installation))
    page.get_by_label("Email address").fill("root@example.com")
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label(re.compile("again|repeat", re.IGNORECASE)).fill(PASSWORD)
    page.get_by_role("button", name="Set the password").click()

    page.goto("/sign-in/root/")
    if "/sign-in/" in page.url:
        page.get_by_label(re.compile("email address", re.IGNORECASE)).fill("root@example.com")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name=re.compile("sign in", re.IGNORECASE)).first.click()

    file = tmp_path / "account.json"
    file.write_text(json.dumps(small_account()), encoding="utf-8")
    call_command("import_account_authorization_details", str(file), account=ACCOUNT, verbosity=0)
    imported = User.objects.filter(account_id=ACCOUNT).order_by("name_key").first()
    assert imported is not None
    page.goto("/users/")
    page.get_by_role("link", name=imported.name, exact=True).click()
    expect(page.get_by_role("heading", name=imported.name, exact=True)).to_be_visible()
    expect(page.get_by_text(imported.arn).first).to_be_visible()

    page.goto("/users/create/")
    page.get_by_label("User names").fill("grace")
    page.get_by_role("button", name="Review").click()
    page.get_by_role("button", name="Create user").click()
    link = page.get_by_text("/set-password/").first.inner_text().strip()
    page.get_by_role("button", name="I have passed the links on").click()

    stranger = page.context.browser.new_context(
        base_url=page.url.split("/users")[0], reduced_motion="reduce"
    ).new_page()
    stranger.goto(link)
    stranger.get_by_label("New password", exact=True).fill(PASSWORD + "!")
    stranger.get_by_label(re.compile("again|repeat", re.IGNORECASE)).fill(PASSWORD + "!")
    stranger.get_by_role("button", name="Set the password").click()
    stranger.goto(f"/sign-in/{ACCOUNT}/")
    if "/sign-in/" in stranger.url:
        stranger.get_by_label("IAM user name").fill("grace")
        stranger.get_by_label("Password", exact=True).fill(PASSWORD + "!")
        stranger.get_by_role("button", name=re.compile("sign in", re.IGNORECASE)).first.click()
    stranger.goto("/users/")
    expect(stranger.get_by_text("is not authorized to perform: iam:ListUsers")).to_be_visible()
    stranger.goto("/security-credentials/")
    expect(stranger.get_by_role("heading", name="My security credentials")).to_be_visible()
    again = stranger.goto(link)
    assert again is not None
    expect(stranger.get_by_text(re.compile("used|expired|no longer", re.IGNORECASE)).first).to_be_visible()


def test_a_wrong_password_is_refused_without_telling_what_was_wrong(page: Page, installation: User) -> None:
    page.goto(f"/sign-in/{ACCOUNT}/")
    page.get_by_label("IAM user name").fill("nobody-here")
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_role("button", name=re.compile("sign in", re.IGNORECASE)).first.click()
    expect(page.get_by_text("Your authentication information is incorrect. Please try again.")).to_be_visible()
    becomes(lambda: page.get_by_label("IAM user name").input_value(), "nobody-here")
