"""Choosing and creating on the way, in a real browser: with scripts, by keyboard, and without scripts."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Group, User
from accounts.operations.groups import create_group
from accounts.operations.users import create_user
from policies.models import ManagedPolicy
from policies.operations.managed_policies import create_policy
from tests.e2e.conftest import becomes

READ = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'


@pytest.fixture
def many(admin_user, caller_of):
    """More policies and groups than a picker shows at once."""
    caller = caller_of(admin_user)
    for number in range(20):
        create_policy(caller, policy_name=f"bucket-{number:02}", policy_document=READ, description=f"Bucket {number}")
    for name in ("auditors", "builders"):
        create_group(caller, group_name=name)
    return caller


def picker(page: Page, name: str):
    return page.locator(f"#{name}-picker")


def write(page: Page, document: str) -> None:
    """Put a document into the editor of the open panel."""
    area = page.locator("dialog[open] textarea[data-editor]")
    page.locator("dialog[open] .ace_editor").wait_for()
    area.evaluate("(area, text) => { area.value = text; area.dispatchEvent(new Event('change')); }", document)


def chosen(page: Page, name: str) -> list[str]:
    return picker(page, name).locator(".picker-chosen .token > span:not(.badge)").all_inner_texts()


def test_policies_are_found_chosen_kept_and_given_back(visit, admin_user, many):
    page = visit("/users/create/", admin_user)
    policies = picker(page, "policies")
    expect(policies).to_contain_text("1–8 of 20")
    policies.get_by_role("button", name="Next").click()
    expect(policies).to_contain_text("9–16 of 20")
    policies.get_by_text("bucket-12").click()
    expect(policies).to_contain_text("1 of 10 chosen")
    policies.get_by_role("searchbox").fill("bucket-03")
    expect(policies).to_contain_text("1–1 of 1")
    policies.get_by_text("bucket-03").click()
    expect(policies).to_contain_text("2 of 10 chosen")
    becomes(lambda: chosen(page, "policies"), ["bucket-12", "bucket-03"])
    policies.get_by_role("checkbox", name="bucket-12").click()
    expect(policies).to_contain_text("1 of 10 chosen")
    becomes(lambda: chosen(page, "policies"), ["bucket-03"])
    expect(page.locator("#announcer")).to_contain_text("1 of 10 chosen")


def test_a_user_is_made_by_keyboard_alone(visit, admin_user, many):
    page = visit("/users/create/", admin_user)
    page.get_by_label("User names").focus()
    page.keyboard.type("emil")
    picker(page, "groups").get_by_role("searchbox").focus()
    page.keyboard.type("audit")
    expect(picker(page, "groups")).to_contain_text("1–1 of 1")
    with page.expect_response(lambda answer: "/pick/groups/" in answer.url):
        page.keyboard.press("Enter")  # searches, and does not send the form
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)
    expect(page.get_by_role("heading", name="Create user")).to_be_visible()
    picker(page, "groups").get_by_role("checkbox", name="auditors").focus()
    page.keyboard.press("Space")
    expect(picker(page, "groups")).to_contain_text("1 of 10 chosen")
    page.get_by_role("button", name="Review", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Create user").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text("/set-password/")
    becomes(lambda: User.objects.get(name="emil").groups.get().name, "auditors")


def test_a_policy_is_created_in_the_side_panel_and_comes_back_chosen(visit, admin_user, many):
    page = visit("/roles/create/", admin_user)
    page.get_by_label("Role name").fill("typed-before")
    page.get_by_role("button", name="Create policy").first.click()
    panel = page.locator("#policies-panel")
    expect(panel.get_by_label("Policy name")).to_be_focused()
    panel.get_by_label("Policy name").fill("bucket-01")  # taken
    write(page, READ)
    panel.get_by_role("button", name="Create policy").click()
    expect(panel).to_contain_text("already exists")
    panel.get_by_label("Policy name").fill("made-on-the-way")
    panel.get_by_role("button", name="Create policy").click()
    expect(panel).to_be_hidden()
    expect(picker(page, "policies")).to_contain_text("1 of 10 chosen")
    becomes(lambda: chosen(page, "policies"), ["made-on-the-way"])
    expect(page.get_by_label("Role name")).to_have_value("typed-before")
    assert ManagedPolicy.objects.filter(name="made-on-the-way").exists()


def test_a_group_with_a_policy_is_created_in_the_side_panel(visit, admin_user, many):
    page = visit("/users/create/", admin_user)
    page.get_by_label("User names").fill("emil")
    page.get_by_role("button", name="Create group").click()
    panel = page.locator("#groups-panel")
    panel.get_by_label("Group name").fill("crew")
    panel.get_by_role("searchbox").fill("bucket-07")
    panel.get_by_text("bucket-07").click()
    expect(panel).to_contain_text("1 of 10 chosen")
    panel.get_by_role("button", name="Create group").click()
    expect(panel).to_be_hidden()
    expect(picker(page, "groups")).to_contain_text("1 of 10 chosen")
    becomes(lambda: chosen(page, "groups"), ["crew"])
    becomes(lambda: Group.objects.get(name="crew").attachments.get().policy.name, "bucket-07")
    expect(page.get_by_label("User names")).to_have_value("emil")


def test_a_form_shows_its_commands_beside_it_and_does_nothing(visit, admin_user, many, axe):
    page = visit("/groups/create/", admin_user)
    page.get_by_label("Group name").fill("crew")
    picker(page, "policies").get_by_text("bucket-00").click()
    expect(picker(page, "policies")).to_contain_text("1 of 10 chosen")
    page.get_by_role("button", name="As code").click()
    panel = page.locator("#commands-panel")
    expect(panel).to_contain_text("aws iam create-group --group-name crew")
    expect(panel).to_contain_text("aws iam attach-group-policy")
    axe(page)
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(page.get_by_label("Group name")).to_have_value("crew")
    assert not Group.objects.filter(name="crew").exists()


def test_one_boundary_replaces_the_other(visit, admin_user, many):
    page = visit(f"/users/{admin_user.name}/boundary/", admin_user)
    boundary = picker(page, "permissions_boundary")
    boundary.get_by_text("bucket-00").click()
    expect(boundary.locator(".token")).to_have_text(["bucket-00"])
    boundary.get_by_text("bucket-01").click()
    expect(boundary.locator(".token")).to_have_text(["bucket-01"])


def test_without_scripts_nothing_typed_is_lost_on_the_way(visit, admin_user, many):
    page = visit("/users/create/", admin_user, scripts=False)
    page.get_by_label("User names").fill("emil")
    policies = picker(page, "policies")
    policies.get_by_role("searchbox").fill("bucket-03")
    policies.get_by_role("button", name="Search").click()
    picker(page, "policies").get_by_role("checkbox", name=re.compile("bucket-03")).check()
    picker(page, "policies").get_by_role("button", name="Create policy").click()
    expect(page.get_by_role("main")).to_contain_text("you come back to the form")
    page.get_by_label("Policy name").fill("made-on-the-way")
    page.get_by_label("Policy document").fill(READ)
    page.get_by_role("button", name="Create without review").click()
    expect(page.get_by_role("heading", name="Create user")).to_be_visible()
    expect(page.get_by_label("User names")).to_have_value("emil")
    becomes(lambda: sorted(chosen(page, "policies")), ["bucket-03", "made-on-the-way"])
    expect(page.get_by_role("main")).not_to_contain_text("There is a problem")
    page.get_by_role("button", name="Review", exact=True).click()
    page.get_by_role("button", name="Create user").click()
    emil = User.objects.get(name="emil")
    assert {each.policy.name for each in emil.attachments.all()} == {"bucket-03", "made-on-the-way"}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("address", ["/users/create/", "/roles/create/", "/groups/create/"])
def test_pickers_and_their_panels_are_accessible(visit, admin_user, many, axe, theme, address):
    page = visit(address, admin_user, theme=theme)
    picker(page, "policies").get_by_text("bucket-00").click()
    expect(picker(page, "policies")).to_contain_text("1 of 10 chosen")
    axe(page)
    page.get_by_role("button", name="Create policy").first.click()
    expect(page.locator("#policies-panel").get_by_label("Policy name")).to_be_visible()
    axe(page)


def test_a_policy_is_given_to_a_user_and_a_group_and_taken_from_them_again(visit, admin_user, many, axe):
    for name in ("dora", "emil"):
        create_user(many, user_name=name)
    arn = ManagedPolicy.objects.get(name="bucket-00").arn
    page = visit(f"/policies/entities/{arn}/", admin_user)
    expect(page.get_by_text("Nobody uses this policy")).to_be_visible()
    page.get_by_role("link", name="Attach", exact=True).click()
    picker(page, "users").get_by_role("searchbox").fill("dor")
    expect(picker(page, "users")).to_contain_text("1–1 of 1")
    picker(page, "users").get_by_text("dora").click()
    expect(picker(page, "users")).to_contain_text("1 chosen")
    picker(page, "groups").get_by_text("auditors").click()
    expect(picker(page, "groups")).to_contain_text("1 chosen")
    axe(page)
    page.get_by_role("button", name="Attach policy").click()
    expect(page.get_by_text("The policy is attached to 2 entities.")).to_be_visible()
    page.get_by_role("link", name="Name", exact=True).click()
    expect(page.locator("#list-entities th[aria-sort=descending]")).to_have_text("Name")
    page.get_by_label("Select all rows of this page").check()
    page.get_by_role("button", name="Detach", exact=True).click()
    expect(page.get_by_role("button", name="Detach from 2 entities")).to_be_visible()
    page.get_by_role("button", name="As code").click()
    panel = page.locator("#commands-panel")
    expect(panel).to_contain_text("aws iam detach-user-policy")
    expect(panel).to_contain_text("--group-name auditors")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Cancel").click()
    expect(page.locator("#list-entities th[aria-sort=descending]")).to_have_text("Name")
    assert Group.objects.get(name="auditors").attachments.exists()
    page.get_by_label("Select all rows of this page").check()
    page.get_by_role("button", name="Detach", exact=True).click()
    page.get_by_role("button", name="Detach from 2 entities").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Detached from 2 entities")
    page.get_by_role("link", name="Back to the list").click()
    expect(page.get_by_text("Nobody uses this policy")).to_be_visible()


def test_quick_steps_lose_nothing_and_every_answer_has_its_place(visit, admin_user, many):
    page = visit("/users/create/", admin_user)
    faults = []
    page.on("console", lambda message: faults.append(message.text) if "oobErrorNoTarget" in message.text else None)
    ticked = page.evaluate(
        """async () => {
          const wait = (time) => new Promise((done) => setTimeout(done, time));
          const ticked = [];
          for (const time of [40, 90, 15, 120, 60]) {
            const box = document.querySelector("#policies-picker .picker-rows input:not(:checked)");
            ticked.push(box.closest("label").querySelector("b").textContent);
            box.click();
            await wait(time);
            document.querySelector("#policies-next, #policies-previous").click();
            await wait(time);
          }
          return ticked;
        }"""
    )
    page.wait_for_load_state("networkidle")
    expect(picker(page, "policies").locator(".picker-chosen .token")).to_have_count(len(set(ticked)))
    becomes(lambda: set(chosen(page, "policies")), set(ticked))
    assert faults == []
