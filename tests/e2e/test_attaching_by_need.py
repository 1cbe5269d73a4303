"""Policies to attach, found by what is needed, unfolded and summed up: by keyboard, on a phone and without scripts; long lists, on paper too."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from accounts.operations.attachments import attach_user_policy
from accounts.operations.users import create_user
from operations.caller import Caller
from policies.models import ManagedPolicy
from policies.operations.managed_policies import create_policy


def saying(*actions: str, resources: object = "*") -> str:
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": resources}]}
    )


@pytest.fixture
def policies(admin_user, caller_of) -> Caller:
    caller = caller_of(admin_user)
    for name, document in (
        ("all-of-it", saying("*")),
        ("bucket-readers", saying("s3:Get*", "s3:List*")),
        ("log-readers", saying("s3:GetBucketLogging", "logs:GetLogEvents")),
        ("queue-senders", saying("sqs:SendMessage")),
    ):
        create_policy(caller, policy_name=name, policy_document=document, description="For the tests")
    create_user(caller, user_name="dora")
    attach_user_policy(caller, user_name="dora", policy_arn=ManagedPolicy.objects.get(name="queue-senders").arn)
    return caller


def picker(page: Page):
    return page.locator("#policy_arn-picker")


def names(page: Page) -> list[str]:
    return picker(page).locator(".picker-name b").all_inner_texts()


def settled(page: Page) -> None:
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)


def test_by_keyboard_alone(visit, admin_user, policies):
    page = visit("/users/dora/attach/", admin_user)
    expect(picker(page)).to_contain_text("1 of 10 policies are attached")
    picker(page).get_by_role("searchbox").focus()
    page.keyboard.type("read bucket logs")
    expect(picker(page)).to_contain_text("From least to most privilege")
    settled(page)
    assert names(page) == ["log-readers", "bucket-readers", "all-of-it"]
    summary = picker(page).locator("summary").first
    expect(summary).to_have_attribute("aria-label", "What it allows: log-readers")
    summary.focus()
    page.keyboard.press("Enter")
    row = picker(page).locator(".picker-rows > li").first
    expect(row).to_contain_text("Amazon CloudWatch Logs")
    picker(page).get_by_role("checkbox", name=re.compile("log-readers")).focus()
    page.keyboard.press("Space")
    expect(picker(page)).to_contain_text("2 of 10 policies are attached afterwards.")
    expect(picker(page)).to_contain_text("New access: 2 actions of Amazon CloudWatch Logs, Amazon S3")
    expect(page.locator("#announcer")).to_contain_text("New access: 2 actions")
    page.get_by_role("button", name="Review", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Attach 1 policy to dora?")


def test_what_adds_nothing_is_warned_of(visit, admin_user, policies):
    page = visit("/users/dora/attach/", admin_user)
    picker(page).get_by_text("all-of-it").click()
    expect(picker(page).locator(".picker-rows").get_by_text("Already covered")).to_have_count(2)
    picker(page).get_by_text("bucket-readers").click()
    expect(picker(page).locator(".picker-chosen")).to_contain_text("Already covered")


def test_without_scripts(visit, admin_user, policies):
    page = visit("/users/dora/attach/", admin_user, scripts=False)
    expect(picker(page)).to_contain_text("For example: read bucket logs")
    picker(page).get_by_role("searchbox").fill("read bucket logs")
    picker(page).get_by_role("button", name="Search").click()
    assert names(page) == ["log-readers", "bucket-readers", "all-of-it"]
    picker(page).locator("summary").first.click()
    expect(picker(page).get_by_text("Amazon CloudWatch Logs")).to_be_visible()
    picker(page).get_by_role("checkbox", name=re.compile("log-readers")).check()
    picker(page).get_by_role("searchbox").fill("queue")
    picker(page).get_by_role("button", name="Search").click()
    expect(picker(page)).to_contain_text("2 of 10 policies are attached afterwards.")
    expect(picker(page)).to_contain_text("New access: 2 actions")


@pytest.mark.parametrize(("width", "theme"), [(1440, "dark"), (390, "light"), (320, "dark")])
def test_it_is_accessible_and_fits(visit, admin_user, policies, axe, width, theme):
    page = visit("/users/dora/attach/", admin_user, width=width, theme=theme)
    picker(page).get_by_text("bucket-readers").click()
    expect(picker(page)).to_contain_text("New access")
    picker(page).get_by_role("searchbox").fill("read bucket")
    expect(picker(page)).to_contain_text("From least to most privilege")
    settled(page)
    picker(page).locator("summary").first.click()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_long_list_unfolds_by_keyboard_and_stands_on_paper(visit, admin_user, policies, axe):
    resources = [f"arn:aws:s3:::bucket-{n}" for n in range(9)]
    arn = create_policy(policies, policy_name="wide", policy_document=saying("s3:ListBucket", resources=resources))[
        "Policy"
    ]["Arn"]
    page = visit(f"/policies/{arn}/", admin_user)
    sentences = page.locator(".sentences")
    last = sentences.get_by_text("bucket-8")
    expect(last).to_be_hidden()
    page.emulate_media(media="print")
    expect(last).to_be_visible()
    page.emulate_media(media="screen")
    expect(last).to_be_hidden()
    more = sentences.locator("summary", has_text="and 4 more")
    more.focus()
    page.keyboard.press("Enter")
    expect(last).to_be_visible()
    axe(page)


def test_the_resource_that_would_match_is_one_link_away(visit, admin_user, policies, axe):
    own = create_policy(
        policies,
        policy_name="own-keys",
        policy_document=saying("iam:ListAccessKeys", resources="arn:aws:iam::123456789012:user/${aws:username}"),
    )["Policy"]["Arn"]
    attach_user_policy(policies, user_name="dora", policy_arn=own)
    page = visit("/simulator/decision/?principal=dora&action=iam:ListAccessKeys&ask=0", admin_user, width=390)
    expect(page.get_by_text("What was asked about is * itself, not every resource.")).to_be_visible()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name=re.compile("Simulate arn:aws:iam")).click()
    expect(page.locator("#results")).to_contain_text("Allowed")
