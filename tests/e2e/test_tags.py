"""Tags as rows of key and value, in a real browser: by keyboard, by paste, as text, with a mistake, and without scripts."""

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from accounts.operations.users import create_user
from tests.e2e.conftest import becomes


@pytest.fixture
def fred(admin_user, caller_of) -> User:
    tags = [{"Key": "cost=centre", "Value": "42"}, {"Key": "team", "Value": "ops"}]
    create_user(caller_of(admin_user), user_name="fred", tags=tags)
    return User.objects.get(name="fred")


def tags_of(user: User) -> dict[str, str]:
    return {tag.key: tag.value for tag in user.tags.all()}


def rows(page: Page) -> list[list[str]]:
    return page.locator(".tag-rows > li").evaluate_all(
        "rows => rows.map((row) => [...row.querySelectorAll('input')].map((input) => input.value))"
    )


def save(page: Page) -> None:
    page.get_by_role("button", name="Save tags").click()
    expect(page.locator(".callout, .flash").first).to_be_visible()


def test_tags_are_written_by_keyboard_alone(visit, admin_user, fred, axe):
    page = visit("/users/fred/tags/", admin_user)
    axe(page)
    expect(page.get_by_text("2 of 50 tags")).to_be_visible()
    becomes(lambda: rows(page), [["cost=centre", "42"], ["team", "ops"]])
    help_of_text = page.locator("#id_tags_helptext")
    expect(help_of_text).to_be_hidden()
    page.get_by_role("button", name="Edit as text").click()
    expect(help_of_text).to_be_visible()
    page.get_by_role("button", name="Edit as rows").click()
    page.get_by_label("Value optional").last.focus()
    page.keyboard.press("Enter")
    page.keyboard.type("lead")
    page.keyboard.press("Enter")
    page.keyboard.type("alice")
    expect(page.get_by_text("3 of 50 tags")).to_be_visible()
    save(page)
    becomes(lambda: tags_of(fred), {"cost=centre": "42", "team": "ops", "lead": "alice"})


def test_a_removed_row_is_an_untagging_and_the_focus_stays_near(visit, admin_user, fred):
    page = visit("/users/fred/tags/", admin_user)
    page.get_by_role("button", name="Remove this tag").first.click()
    expect(page.get_by_label("Key", exact=True)).to_be_focused()
    expect(page.get_by_text("1 of 50 tags")).to_be_visible()
    save(page)
    becomes(lambda: tags_of(fred), {"team": "ops"})


def test_pasted_lines_become_rows(visit, admin_user, fred):
    page = visit("/users/fred/tags/", admin_user)
    page.get_by_role("button", name="Add tag").click()
    page.get_by_label("Key", exact=True).last.evaluate(
        """(input) => {
            const data = new DataTransfer();
            data.setData("text", "stage = prod\\nowner = dora");
            input.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }"""
    )
    becomes(lambda: rows(page)[2:], [["stage", "prod"], ["owner", "dora"]])


def test_rows_and_text_say_the_same(visit, admin_user, fred):
    page = visit("/users/fred/tags/", admin_user)
    page.get_by_role("button", name="Edit as text").click()
    area = page.locator("textarea[name=tags]")
    expect(area).to_have_value("cost\\=centre = 42\nteam = ops")
    area.fill("a\\=b = c\nstage = prod")
    page.get_by_role("button", name="Edit as rows").click()
    becomes(lambda: rows(page), [["a=b", "c"], ["stage", "prod"]])
    save(page)
    becomes(lambda: tags_of(fred), {"a=b": "c", "stage": "prod"})


def test_a_mistake_is_shown_where_it_was_made(visit, admin_user, fred):
    page = visit("/users/fred/tags/", admin_user)
    page.get_by_role("button", name="Add tag").click()
    page.get_by_label("Value optional").last.fill("nobody")
    page.get_by_role("button", name="Save tags").click()
    expect(page.get_by_text("Line 3 has no key.").first).to_be_visible()
    expect(page.locator("textarea[name=tags]")).to_be_visible()
    becomes(lambda: tags_of(fred), {"cost=centre": "42", "team": "ops"})


def test_without_scripts_the_text_itself_is_edited(visit, admin_user, fred):
    page = visit("/users/fred/tags/", admin_user, scripts=False)
    page.locator("textarea[name=tags]").fill("team = dev")
    save(page)
    becomes(lambda: tags_of(fred), {"team": "dev"})
