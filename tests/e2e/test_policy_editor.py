"""The policy editor in a real browser: findings and fixes, completion, layout, the way out by keyboard, and the same page without script."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Role, User, UserInlinePolicy
from accounts.operations.roles import create_role
from accounts.operations.users import create_user
from operations.caller import command_caller
from policies.models import ManagedPolicy
from tests.conftest import ACCOUNT
from tests.e2e.conftest import Axe, Picture, Visit, becomes

CREATE = "/policies/create/"
EC2 = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}'


def ready(page: Page) -> Page:
    page.locator(".ace_editor").first.wait_for()
    page.locator("[data-findings] .findings").first.wait_for()
    return page


def write(page: Page, text: str) -> None:
    page.evaluate("text => window.ace.edit(document.querySelector('.ace_editor')).setValue(text, -1)", text)


def written(page: Page) -> str:
    return str(page.evaluate("document.querySelector('textarea[data-editor]').value"))


def statement(**members: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*", **members}]})


def test_findings_stand_at_their_lines_and_are_fixed(
    visit: Visit, admin_user: User, axe: Axe, picture: Picture
) -> None:
    page = ready(visit(CREATE, admin_user))
    write(page, statement(Action="s3:GetObject").replace('"Allow"', '"allow"'))
    finding = page.locator("[data-findings] li", has_text="Line 1").first
    expect(finding).to_be_visible()
    expect(page.locator(".ace_gutter-cell.ace_error")).to_have_count(1)
    axe(page)
    picture(page, "policy-editor")
    page.locator("[data-fix]:visible").first.click()
    expect(page.locator(".ace_gutter-cell.ace_error")).to_have_count(0)
    assert '"Effect": "Allow"' in written(page)
    page.keyboard.press("Control+z")
    assert '"allow"' in written(page)


def test_actions_are_completed(visit: Visit, admin_user: User) -> None:
    page = ready(visit(CREATE, admin_user))
    page.evaluate(
        "() => { const e = window.ace.edit(document.querySelector('.ace_editor')); e.focus(); e.gotoLine(6, 23) }"
    )
    page.keyboard.type('"')
    page.keyboard.type("s3:GetOb", delay=40)
    offer = page.locator(".ace_autocomplete .ace_line", has_text="s3:GetObject").first
    expect(offer).to_be_visible()
    page.keyboard.press("Enter")
    expect.soft(page.locator(".ace_autocomplete")).to_be_hidden()
    assert re.search(r'"Action": \["s3:GetObject"\]', written(page))


def test_values_of_conditions_and_resources_are_completed_from_the_account(visit: Visit, admin_user: User) -> None:
    create_user(command_caller(ACCOUNT), user_name="dora", tags=[{"Key": "team", "Value": "Data Team"}])
    page = ready(visit(CREATE, admin_user))
    write(
        page,
        '{"Statement": [{"Action": "iam:GetUser", "Resource": "", "Condition": {"StringEquals": {"aws:PrincipalTag/team": ""}}}]}',
    )
    for after, typed, offered in (
        ("PrincipalTag/team", "da", "Data Team"),
        ("Resource", "dor", f"arn:aws:iam::{ACCOUNT}:user/dora"),
    ):
        page.evaluate(
            "(after) => { const e = window.ace.edit(document.querySelector('.ace_editor')); e.focus();"
            " const at = e.getValue().indexOf(after) + after.length; e.gotoLine(1, at + 4) }",
            after,
        )
        page.keyboard.type(typed, delay=40)
        expect(page.locator(".ace_autocomplete .ace_line", has_text=offered).first).to_be_visible()
        page.keyboard.press("Enter")
        becomes(lambda offered=offered: f'"{offered}"' in written(page), True)


def test_the_text_is_laid_out_on_request_alone(visit: Visit, admin_user: User) -> None:
    page = ready(visit(CREATE, admin_user))
    narrow = statement(Action="s3:GetObject")
    write(page, narrow)
    page.wait_for_timeout(600)
    becomes(lambda: written(page), narrow)
    page.locator("[data-format-now]").click()
    expect(page.locator(".policy-editor [data-said]")).to_contain_text("Formatted")
    assert written(page).count("\n") > 6
    becomes(lambda: json.loads(written(page)), json.loads(narrow))


def test_a_document_in_one_line_has_room_and_is_offered_to_be_laid_out(visit: Visit, admin_user: User) -> None:
    create_role(command_caller(ACCOUNT), role_name="web", assume_role_policy_document=EC2)
    page = ready(visit("/roles/web/trust/", admin_user))
    box = page.locator(".ace_editor").bounding_box()
    assert box is not None
    assert box["height"] >= 12 * 20
    hint = page.get_by_text("One long line?")
    expect(hint).to_be_hidden()  # short enough to be read
    long = statement(Action=[f"s3:GetObject{number}" for number in range(20)])
    write(page, long)
    expect(hint).to_be_visible()
    becomes(lambda: written(page), long)
    page.locator("[data-format-now]").click()
    expect(hint).to_be_hidden()
    page.evaluate("window.ace.edit(document.querySelector('.ace_editor')).focus()")
    page.keyboard.press("Control+z")
    becomes(lambda: written(page), long)


def test_findings_are_said_with_their_number(visit: Visit, admin_user: User) -> None:
    page = ready(visit(CREATE, admin_user))
    write(page, statement(Action="s3:GetObject").replace('"Allow"', '"allow"'))
    expect(page.locator(".policy-editor [data-said]")).to_have_text("1 error")
    write(page, statement(Action=["s3:GetObjekt", "s3:PutObjekt"]))
    expect(page.locator(".policy-editor [data-said]")).to_have_text("2 errors")


def test_the_keyboard_is_not_trapped(visit: Visit, admin_user: User) -> None:
    page = ready(visit(CREATE, admin_user))
    page.evaluate("window.ace.edit(document.querySelector('.ace_editor')).focus()")
    expect(page.get_by_text("Esc, then Tab leaves the editor.")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.locator("[data-format-now]")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    becomes(lambda: page.evaluate("document.activeElement.className"), "ace_text-input")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_policy_is_written_reviewed_and_created(visit: Visit, admin_user: User, axe: Axe, *, scripts: bool) -> None:
    page = visit(CREATE, admin_user, scripts=scripts)
    text = statement(Action="s3:GetObject")
    if scripts:
        write(ready(page), text)
    else:
        page.get_by_label("Policy document").fill(text)
    page.get_by_label("Policy name").fill("reading")
    page.get_by_role("button", name="Review", exact=True).click()
    expect(page.get_by_text("Limited: Read")).to_be_visible()
    if scripts:
        axe(page)
    expect(page.get_by_text("Allows GetObject of Amazon S3, on every resource.")).to_be_visible()
    page.get_by_role("button", name="Create policy").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("reading")
    becomes(lambda: ManagedPolicy.objects.get().versions.get().document, text)


def test_a_trust_policy_and_an_inline_policy_have_the_editor_too(visit: Visit, admin_user: User, axe: Axe) -> None:
    create_role(command_caller(ACCOUNT), role_name="web", assume_role_policy_document=EC2)
    page = ready(visit("/roles/web/trust/", admin_user))
    expect(page.locator("[data-size]")).to_contain_text("2,048")
    axe(page)
    page = ready(visit(f"/users/{admin_user.name}/inline/all/", admin_user))
    expect(page.locator("[data-size]")).to_contain_text("2,048")
    write(page, statement(Action="*"))
    page.get_by_role("button", name="Review", exact=True).click()
    page.get_by_role("button", name="Save policy").click()
    page.wait_for_url("**/users/ops-admin/")
    becomes(lambda: UserInlinePolicy.objects.get().document, statement(Action="*"))
    becomes(Role.objects.count, 1)


def test_sentences_follow_what_is_written_and_lead_to_their_lines(
    visit: Visit, admin_user: User, axe: Axe, picture: Picture
) -> None:
    page = ready(visit(CREATE, admin_user))
    text = statement(Action="s3:Get*").replace('[{"Effect"', '[\n{"Effect"')
    write(page, text)
    pane = page.locator("[data-sentences]")
    expect(
        pane.get_by_text("Allows every action of Amazon S3 that begins with Get, on every resource.")
    ).to_be_visible()
    axe(page)
    picture(page, "policy-editor-sentences")
    pane.get_by_role("button", name="Line 2").click()
    becomes(lambda: page.evaluate("window.ace.edit(document.querySelector('.ace_editor')).getCursorPosition().row"), 1)
    assert page.evaluate("document.activeElement.closest('.ace_editor') !== null")
    write(page, text[:-3])
    expect(pane.get_by_text("The text is no policy yet.")).to_be_visible()
    expect(pane.get_by_text("Allows every action")).to_be_visible()  # the last ones stay in sight


def test_from_a_review_the_way_leads_back_to_the_editor(visit: Visit, admin_user: User) -> None:
    page = ready(visit(CREATE, admin_user))
    write(page, statement(Action="s3:Get*"))
    page.get_by_label("Policy name").fill("looked-at")
    page.locator("button[name=review]:not([tabindex])").click()
    expect(page.get_by_role("button", name="Create policy", exact=True)).to_be_visible()
    becomes(lambda: page.locator(".ace_editor").count(), 0)
    page.get_by_role("button", name="Back to editing").click()
    ready(page)
    becomes(lambda: written(page), statement(Action="s3:Get*"))
    expect(page.get_by_label("Policy name")).to_have_value("looked-at")
