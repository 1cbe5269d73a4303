"""A trial in a real browser: saved from the review without being in force, watched while calls are made, put in force."""

from contextlib import suppress

from playwright.sync_api import expect

from access.callers import Connection, user_caller
from accounts.models import User
from accounts.operations.attachments import attach_user_policy
from accounts.operations.groups import create_group
from operations.caller import command_caller
from operations.clock import now
from operations.errors import ServiceError
from policies.models import ManagedPolicy
from policies.operations.managed_policies import create_policy
from tests.conftest import ACCOUNT
from tests.e2e.conftest import Axe, Visit
from tests.e2e.test_policy_editor import ready, statement, write


def test_from_the_review_over_the_trial_into_force(visit: Visit, admin_user: User, axe: Axe) -> None:
    system = command_caller(ACCOUNT)
    made = create_policy(system, policy_name="grouping", policy_document=statement(Action="iam:CreateGroup"))
    arn = made["Policy"]["Arn"]
    attach_user_policy(system, user_name=admin_user.name, policy_arn=arn)
    page = ready(visit(f"/policies/edit/{arn}/", admin_user))
    write(page, statement(Action="iam:CreateGroup").replace("Allow", "Deny"))
    page.locator("button[name=review]:not([tabindex])").click()
    axe(page)
    page.get_by_role("button", name="Save and start trial").click()
    expect(page.get_by_role("heading", name="v2 is on trial")).to_be_visible()
    expect(page.get_by_text("No call that was made would be decided otherwise.")).to_be_visible()
    axe(page)
    assert ManagedPolicy.objects.get(arn=arn).default_version == 1

    with suppress(ServiceError):
        create_group(user_caller(User.objects.get(pk=admin_user.pk), Connection(), now()), group_name="tried")
    page.reload()
    expect(page.get_by_text("1 call by 1 principal that was allowed would be denied.")).to_be_visible()
    row = page.locator("tr", has_text="iam:CreateGroup")
    expect(row).to_contain_text("tried")
    axe(page)
    row.get_by_role("link").last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("CreateGroup")

    page.goto(f"/policies/versions/{arn}/")
    page.get_by_role("link", name="On trial, started").click()
    page.get_by_role("link", name="Set v2 as default").click()
    page.get_by_role("button", name="Set v2 as default").click()
    expect(page.get_by_text("v2 is now the default version: it is in force.")).to_be_visible()
    expect(page.get_by_role("link", name="Trial", exact=True)).to_have_count(0)


def test_it_works_on_a_phone_without_scripts(visit: Visit, admin_user: User) -> None:
    from policies.operations.policy_versions import create_policy_version

    system = command_caller(ACCOUNT)
    arn = create_policy(system, policy_name="plain", policy_document=statement(Action="s3:Get*"))["Policy"]["Arn"]
    create_policy_version(system, policy_arn=arn, policy_document=statement(Action="s3:Put*"))
    page = visit(f"/policies/versions/{arn}/", admin_user, width=390, theme="dark", scripts=False)
    page.get_by_role("link", name="Start trial of v2").click()
    page.get_by_role("button", name="Start trial").click()
    expect(page.get_by_role("heading", name="v2 is on trial")).to_be_visible()
    page.get_by_role("button", name="Stop trial").click()
    expect(page.get_by_text("The trial was stopped.")).to_be_visible()
    page.goto(f"/policies/comments/{arn}/")
    page.get_by_label("Comment").fill("Ask <first>")
    page.get_by_role("button", name="Add comment").click()
    expect(page.get_by_text("Ask <first>")).to_be_visible()
