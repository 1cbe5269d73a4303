"""SSH keys and credentials of single services in a real browser: a file read into its field, by keyboard alone, without scripts."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.models import ServiceSpecificCredential, SshPublicKey, User
from operations.secrets import digest
from tests.e2e.conftest import Visit, becomes
from tests.every_page import SSH_KEY

HOME = "/security-credentials/"


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    found = tmp_path / "id_rsa.pub"
    found.write_text(f"{SSH_KEY}\n", encoding="utf-8")
    return found


def press(page: Page, name: str) -> None:
    """A link or button, reached and pressed by keyboard."""
    control = page.get_by_role("main").locator("a, button").filter(has_text=name).first
    control.focus()
    expect(control).to_be_focused()
    page.keyboard.press("Enter")


def test_a_key_from_a_file_to_its_deletion_by_keyboard(visit: Visit, admin_user: User, key_file: Path) -> None:
    page = visit(HOME, admin_user)
    press(page, "Manage Other credentials")
    press(page, "Upload SSH public key")
    page.get_by_label("Or a file").set_input_files(key_file)
    expect(page.get_by_label("Public key")).to_have_value(f"{SSH_KEY}\n")
    expect(page.locator("#announcer")).to_have_text("The file was read into the field above.")
    page.get_by_label("Public key").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Upload")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Other credentials")
    key = SshPublicKey.objects.get()
    press(page, "Deactivate")
    expect(page.get_by_role("main")).to_contain_text(f"{key.key_id} is inactive")
    page.get_by_role("button", name="Undo").focus()
    page.keyboard.press("Enter")
    becomes(lambda: SshPublicKey.objects.get().is_active, wanted=True)
    press(page, "Delete…")
    expect(page.get_by_role("heading", level=1)).to_contain_text(key.key_id)
    assert SshPublicKey.objects.exists()
    press(page, "Delete")
    expect(page.get_by_role("main")).to_contain_text(f"{key.key_id} is deleted.")
    assert not SshPublicKey.objects.exists()


def test_a_file_without_scripts(visit: Visit, admin_user: User, key_file: Path) -> None:
    page = visit("/security-credentials/ssh-public-keys/upload/", admin_user, scripts=False)
    page.get_by_label("Or a file").set_input_files(key_file)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Other credentials")
    assert SshPublicKey.objects.get().body == SSH_KEY


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_password_is_shown_downloaded_and_gone(visit: Visit, admin_user: User, scripts: bool) -> None:
    page = visit("/security-credentials/service-credentials/create/", admin_user, scripts=scripts)
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Service-specific credential")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download .csv file").click()
    secret = Path(download.value.path()).read_text(encoding="utf-8").splitlines()[1].partition(",")[2]
    assert digest(secret) == ServiceSpecificCredential.objects.get().secret_digest
    page.reload()
    expect(page.get_by_role("main")).to_contain_text(secret)
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Other credentials")
    page.go_back()
    page.reload()
    expect(page.get_by_role("main")).not_to_contain_text(secret)
