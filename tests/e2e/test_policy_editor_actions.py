"""The panel of the policy editor by which actions are chosen and inserted: by keyboard, said aloud, undone, and nothing else is touched."""

import json

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from accounts.operations.roles import create_role
from operations.caller import command_caller
from tests.conftest import ACCOUNT
from tests.e2e.conftest import Axe, Picture, Visit, becomes
from tests.e2e.test_policy_editor import CREATE, EC2, ready, write, written

TALL = """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid":   "Odd",
      "Effect": "Allow",
      "Action": "s3:ListBucket",
      "Resource": "arn:aws:s3:::one"
    }
  ]
}
"""
WIDE = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}}'


def opened(page: Page, service: str = "s3") -> Page:
    page.get_by_role("button", name="Add actions").click()
    page.get_by_label("Service").fill(service)
    page.locator(f"[data-of-service={service}]").wait_for()
    return page


def choose(page: Page, *actions: str) -> None:
    for action in actions:
        page.get_by_label("actions of").fill(action)
        page.locator(f"[data-action][value='{action}']").check()


def insert(page: Page) -> None:
    page.get_by_role("button", name="Insert", exact=True).click()


def outcome(page: Page, text: str) -> None:
    expect(page.locator("[data-actions] [role=status]")).to_contain_text(text)


def test_actions_come_into_the_statement_and_nothing_else_is_touched(visit: Visit, admin_user: User) -> None:
    page = ready(visit(CREATE, admin_user))
    write(page, TALL)
    opened(page)
    page.get_by_label("Insert into").select_option("Odd, line 4")
    expect(page.get_by_label("Effect")).to_be_hidden()  # that of the statement stays
    choose(page, "s3:GetObject", "s3:ListBucket")
    page.get_by_label("Resource type").select_option("object")
    page.get_by_label("Resource", exact=True).fill("arn:aws:s3:::one/*")
    page.get_by_label("Condition key").fill("aws:SourceIp")
    expect(page.get_by_label("Operator")).to_have_value("IpAddress")
    page.get_by_label("Operator").select_option("NotIpAddress")
    page.get_by_label("Condition value").fill("203.0.113.0/24")
    insert(page)
    outcome(page, "2 actions inserted: Odd, line 4. Ctrl+Z in the editor takes it back.")
    assert written(page) == TALL.replace(
        '"s3:ListBucket",', '[\n        "s3:ListBucket",\n        "s3:GetObject"\n      ],'
    ).replace(
        '"arn:aws:s3:::one"\n',
        '[\n        "arn:aws:s3:::one",\n        "arn:aws:s3:::one/*"\n      ],\n      "Condition": {\n        "NotIpAddress": {\n'
        '          "aws:SourceIp": "203.0.113.0/24"\n        }\n      }\n',
    )
    insert(page)
    outcome(page, "All of it is in the statement already.")
    page.evaluate("window.ace.edit(document.querySelector('.ace_editor')).focus()")
    page.keyboard.press("Control+z")
    becomes(lambda: written(page), TALL)


def test_a_statement_of_its_own_is_written_as_the_document_is(visit: Visit, admin_user: User) -> None:
    page = ready(visit(CREATE, admin_user))
    write(page, TALL)
    opened(page, "sqs")
    page.get_by_label("Insert into").select_option("New statement")
    page.get_by_label("Effect").select_option("Deny")
    choose(page, "sqs:PurgeQueue")
    insert(page)
    outcome(page, "1 action inserted: Statement 2, line 10.")
    added = """,
    {
      "Effect": "Deny",
      "Action": [
        "sqs:PurgeQueue"
      ],
      "Resource": "*"
    }
  ]
"""
    assert written(page) == TALL.replace("\n  ]\n", added)
    page.get_by_role("button", name="Undo").click()
    outcome(page, "Taken back.")
    assert written(page) == TALL
    expect(page.get_by_role("button", name="Insert", exact=True)).to_be_focused()


def test_a_document_in_one_line_stays_in_one_line(visit: Visit, admin_user: User) -> None:
    page = ready(visit(CREATE, admin_user))
    write(page, WIDE)
    opened(page, "sqs")
    choose(page, "sqs:SendMessage")
    page.get_by_label("Insert into").select_option("Statement 1, line 1")
    insert(page)
    outcome(page, "The statement has NotAction")
    assert written(page) == WIDE
    page.get_by_label("Insert into").select_option("New statement")
    insert(page)
    new = '{"Effect":"Allow","Action":["sqs:SendMessage"],"Resource":"*"}'
    becomes(
        lambda: written(page), WIDE.replace('"Resource":"*"}}', f'"Resource":"*"}},{new}]}}').replace('t":{', 't":[{')
    )


def test_all_actions_of_a_level_and_of_a_service(visit: Visit, admin_user: User, axe: Axe, picture: Picture) -> None:
    page = opened(ready(visit(CREATE, admin_user)), "sqs")
    page.get_by_text("Read (0/").click()
    page.get_by_label("All of Read").check()
    axe(page)
    picture(page, "policy-editor-actions")
    insert(page)
    outcome(page, "actions inserted: Statement 1, line 4.")
    actions = json.loads(written(page))["Statement"][0]["Action"]
    assert "sqs:GetQueueUrl" in actions
    assert "sqs:SendMessage" not in actions
    page.get_by_label("actions of").fill("nothing like it")
    expect(page.get_by_text("No action matches.")).to_be_visible()
    page.get_by_label("All actions sqs:*").check()
    insert(page)
    assert json.loads(written(page))["Statement"][0]["Action"] == [*actions, "sqs:*"]


def test_resources_and_keys_are_those_that_the_actions_know(visit: Visit, admin_user: User) -> None:
    page = opened(ready(visit(CREATE, admin_user)))
    choose(page, "s3:GetObject")
    offered = "[...document.querySelectorAll('%s')].filter((one) => !one.disabled).map((one) => one.value)"
    becomes(lambda: "arn:aws:s3:::*/*" in page.evaluate(offered % "#editor-form option"), True)
    assert "arn:aws:s3:::*" not in page.evaluate(offered % "#editor-form option")
    keys = page.evaluate(offered % "#editor-keys option")
    assert "s3:ExistingObjectTag/" in keys
    assert "aws:SourceIp" in keys
    assert "s3:prefix" not in keys
    page.get_by_label("Condition key").fill("s3:ExistingObjectTag/team")
    insert(page)
    outcome(page, "The condition has no value yet.")
    expect(page.get_by_label("Condition value")).to_be_focused()


@pytest.mark.parametrize(
    ("text", "said"),
    [('{"Statement": [\n}', "The text is not JSON at line 2"), ('["a"]', "no statements as a policy has them")],
)
def test_what_is_no_policy_stays_as_it_is(visit: Visit, admin_user: User, text: str, said: str) -> None:
    page = opened(ready(visit(CREATE, admin_user)), "sqs")
    insert(page)
    outcome(page, "Choose at least one action.")
    choose(page, "sqs:SendMessage")
    write(page, text)
    insert(page)
    outcome(page, said)
    assert written(page) == text
    write(page, "")
    insert(page)
    becomes(lambda: json.loads(written(page))["Statement"][0]["Action"], ["sqs:SendMessage"])


def test_a_part_of_a_service_finds_it_or_says_which_there_are(visit: Visit, admin_user: User) -> None:
    page = opened(ready(visit(CREATE, admin_user)))
    field = page.get_by_label("Service")
    page.locator("#editor-services option").first.wait_for(state="attached")
    field.fill("dynamodb accel")
    field.press("Enter")
    page.locator("[data-of-service=dax]").wait_for()
    expect(field).to_have_value("dax")
    field.fill("kinesis")  # a service of its own, and part of the names of others
    page.locator("[data-of-service=kinesis]").wait_for()
    field.fill("kinesi")
    field.press("Enter")
    outcome(page, "Several services fit: ")


def test_by_keyboard_alone(visit: Visit, admin_user: User) -> None:
    page = ready(visit(CREATE, admin_user))
    page.get_by_role("button", name="Add actions").wait_for()  # it is there as soon as it does something
    page.evaluate("window.ace.edit(document.querySelector('.ace_editor')).focus()")
    page.keyboard.press("Escape")
    expect(page.locator(".ace_scroller")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("[data-format-now]")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Add actions")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Service")).to_be_focused()
    page.keyboard.type("nowhere")
    page.keyboard.press("Enter")
    outcome(page, "There is no such service.")
    assert page.url.endswith(CREATE)  # and the form is not sent
    page.keyboard.press("Control+a")
    page.keyboard.type("sqs")
    page.locator("[data-of-service=sqs]").wait_for()
    for _ in range(3):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "editor-search":
            break
    page.keyboard.type("sqs:SendMessage")
    page.keyboard.press("Tab")  # all actions
    page.keyboard.press("Tab")  # the level, opened by what is searched for
    page.keyboard.press("Tab")  # all of the level
    page.keyboard.press("Space")
    page.get_by_role("button", name="Insert", exact=True).press("Enter")
    outcome(page, "inserted")
    assert "sqs:SendMessage" in json.loads(written(page))["Statement"][0]["Action"]
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Add actions")).to_be_focused()
    expect(page.locator("[data-actions]")).to_be_hidden()
    assert page.get_by_role("button", name="Add actions").get_attribute("aria-expanded") == "false"


def test_what_is_chosen_is_no_part_of_the_form(visit: Visit, admin_user: User) -> None:
    page = opened(ready(visit(CREATE, admin_user)), "sqs")
    choose(page, "sqs:SendMessage")
    assert page.evaluate("document.querySelector('form#reviewed').dataset.changed === undefined")
    sent = page.evaluate("[...new FormData(document.querySelector('form#reviewed')).keys()].join()")
    assert not [name for name in ("service", "search", "on") if name in sent.split(",")]


@pytest.mark.parametrize(("width", "theme"), [(1440, "dark"), (390, "light"), (320, "dark")])
def test_it_fits_the_screen(visit: Visit, admin_user: User, axe: Axe, width: int, theme: str) -> None:
    page = opened(ready(visit(CREATE, admin_user, width=width, theme=theme)))
    choose(page, "s3:GetObject")
    insert(page)
    outcome(page, "1 action inserted")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    axe(page)


def test_a_trust_policy_has_none_and_without_scripts_nothing_is_seen(visit: Visit, admin_user: User) -> None:
    create_role(command_caller(ACCOUNT), role_name="web", assume_role_policy_document=EC2)
    page = ready(visit("/roles/web/trust/", admin_user))
    expect(page.get_by_role("button", name="Add actions")).to_have_count(0)
    page = visit(CREATE, admin_user, scripts=False)
    for hidden in ("[data-add-actions]", "[data-actions]", "[data-consequences]"):
        expect(page.locator(hidden)).to_be_hidden()
