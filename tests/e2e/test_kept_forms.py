"""What was typed survives the end of a session and a denial, in a real browser, with scripts and without."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Error, Page, Route, expect

from accounts import passwords
from accounts.models import Account, ConsoleSession, FormDraft, Group, LoginProfile, User
from operations.ids import unique_id
from policies.models import ManagedPolicy
from tests.e2e.conftest import Axe, Visit, becomes

PASSWORD = "Correct-horse-1"
DOCUMENT = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'


@pytest.fixture
def someone(admin_user: User) -> User:
    LoginProfile.objects.create(user=admin_user, password_hash=passwords.hashed(PASSWORD), changed_at=datetime.now(UTC))
    User.objects.filter(pk=admin_user.pk).update(console_access=True)
    return admin_user


def sign_in(page: Page, user: User) -> None:
    page.locator("[name=account]").fill("acme")
    page.locator("[name=user_name]").fill(user.name)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main button.primary").click()


@pytest.mark.parametrize(("scripts", "width", "theme"), [(True, 1440, "light"), (False, 390, "dark")])
def test_a_form_survives_the_end_of_the_session(visit, someone, picture, axe, scripts, width, theme):
    page = visit("/policies/create/", someone, scripts=scripts, width=width, theme=theme)
    page.locator("[name=policy_name]").fill("telling-name")
    if scripts:
        page.locator(".ace_editor").wait_for()
        page.locator("textarea[data-editor]").evaluate(
            "(area, text) => { area.value = text; area.dispatchEvent(new Event('change')); }", DOCUMENT
        )
    else:
        page.locator("[name=policy_document]").fill(DOCUMENT)
    ConsoleSession.objects.all().delete()
    page.get_by_role("button", name="Review", exact=True).click()
    expect(page.get_by_text("What you typed is kept.")).to_be_visible()
    sign_in(page, someone)
    expect(page.get_by_role("heading", level=1)).to_have_text("You were signed out; what you typed is kept")
    if scripts:
        axe(page)
        picture(page, "kept-form")
    assert not ManagedPolicy.objects.filter(name="telling-name").exists()
    page.get_by_role("button", name="Send again").click()
    expect(page.locator("[name=policy_name]")).to_have_value("telling-name")
    page.goto("/users/")
    expect(page.get_by_text("What you typed when you were signed out is kept")).to_have_count(0)


def send_without_network(page: Page, button: str) -> None:
    page.context.set_offline(offline=True)
    with suppress(Error):
        page.get_by_role("button", name=button, exact=True).click()
    page.wait_for_url("chrome-error://**")
    page.context.set_offline(offline=False)


def test_a_form_survives_a_network_that_is_gone(visit: Visit, someone: User, axe: Axe) -> None:
    page = visit("/groups/create/", someone)
    page.get_by_label("Group name").fill("telling-name")
    send_without_network(page, "Create group")
    page.goto("/users/")
    page.goto("/groups/create/")
    expect(page.get_by_text("What you typed is here again")).to_be_visible()
    expect(page.get_by_label("Group name")).to_have_value("telling-name")
    axe(page)
    assert not Group.objects.filter(name="telling-name").exists()
    page.get_by_label("Group name").fill("wrong name")
    page.get_by_role("button", name="Create group", exact=True).click()
    expect(page.get_by_text("There is a problem")).to_be_visible()
    expect(page.get_by_text("What you typed is here again")).to_have_count(0)  # the console has answered
    page.get_by_label("Group name").fill("telling-name")
    page.get_by_role("button", name="Create group", exact=True).click()
    page.wait_for_url("**/groups/telling-name/")
    page.goto("/groups/create/")
    expect(page.get_by_label("Group name")).to_have_value("")
    expect(page.get_by_text("What you typed is here again")).to_have_count(0)


def test_what_was_chosen_survives_it_as_well(visit: Visit, admin_user: User, account: Account) -> None:
    for number in range(12):
        Group.objects.create(
            account=account, name=f"ops-{number:02}", name_key=f"ops-{number:02}", unique_id=unique_id("AGPA")
        )
    page = visit("/users/create/", admin_user)
    page.get_by_label("User names").fill("erin")
    page.locator("#groups-picker [type=search]").fill("ops-11")
    page.locator("#groups-picker .picker-rows input[value=ops-11]").click()  # the answer moves it away
    expect(page.locator("#groups-picker .picker-chosen")).to_contain_text("ops-11")
    send_without_network(page, "Review")
    page.goto("/users/create/")
    expect(page.get_by_text("What you typed is here again")).to_be_visible()
    expect(page.locator("#groups-picker .picker-chosen")).to_contain_text(
        "ops-11"
    )  # not among the first that are offered
    page.get_by_role("button", name="Review", exact=True).click()
    expect(page.get_by_role("button", name="Create user", exact=True)).to_be_visible()
    page.get_by_role("button", name="Create user", exact=True).click()
    expect(page.get_by_text("/set-password/").first).to_be_visible()
    assert User.objects.get(name="erin").groups.get().name == "ops-11"


def test_a_file_of_names_is_read_into_the_field_and_kept_there(visit: Visit, admin_user: User) -> None:
    page = visit("/users/create/", admin_user)
    table = "user_name,path\nada,/ops/\nwith space,/ops/\n"
    names, file = page.get_by_label("User names"), page.locator("input[type=file]")
    file.set_input_files({"name": "names.csv", "mimeType": "text/csv", "buffer": b"\xef\xbb\xbf" + table.encode()})
    expect(names).to_have_value(table)
    expect(page.locator("#announcer")).to_have_text("The file was read into the field above.")
    expect(page.locator("#id_user_names_wrong")).to_contain_text("Line 3")
    send_without_network(page, "Review")
    page.goto("/users/create/")
    expect(names).to_have_value(table)
    names.fill("")
    file.set_input_files({"name": "names.csv", "mimeType": "text/csv", "buffer": b"\xff\xfe\xfd"})
    page.get_by_role("button", name="Review", exact=True).click()
    expect(page.get_by_text("The file is no text in UTF-8.").first).to_be_visible()


@pytest.mark.parametrize("status", [0, 502])
def test_a_bulk_action_goes_on_where_the_console_did_not_answer(
    visit: Visit, admin_user: User, account: Account, axe: Axe, status: int
) -> None:
    rows = [
        Group(account=account, name=f"ops-{number:02}", name_key=f"ops-{number:02}", unique_id=unique_id("AGPA"))
        for number in range(30)
    ]
    Group.objects.bulk_create(rows)
    page = visit("/groups/", admin_user)
    page.locator("thead input[type=checkbox]").check()
    page.get_by_role("button", name="Delete", exact=True).click()
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.method)
        if len(asked) != 2:
            route.continue_()
        elif status:
            route.fulfill(status=status, body="<html>Bad gateway</html>", content_type="text/html")
        else:
            route.abort()

    page.route("**/groups/delete/", answer)
    page.get_by_role("button", name="Delete 30 groups").click()
    expect(page.get_by_text("It stopped here. What stands above is done.")).to_be_visible()
    expect(page.get_by_text("Bad gateway")).to_have_count(0)
    axe(page)
    assert Group.objects.count() == 5
    page.get_by_role("button", name="Continue", exact=True).click()
    expect(page.get_by_text("30 groups deleted").first).to_be_visible()
    assert not Group.objects.exists()


def test_passwords_are_not_kept_for_that(visit: Visit, someone: User) -> None:
    page = visit("/security-credentials/password/", someone)
    for number, field in enumerate(page.locator("main input[type=password]").all()):
        field.fill(f"A-quiet-Harbor-{number}")
    page.evaluate("""addEventListener("submit", (event) => {
        event.preventDefault();
        window.kept = sessionStorage.getItem("unsent");
    })""")
    page.locator("main form[method=post] button.primary:not([tabindex])").click()
    kept = page.evaluate("window.kept")
    assert "/security-credentials/password/" in kept
    assert "Harbor" not in kept


def test_a_picker_of_a_signed_out_page_leaves_the_page_where_it_is(visit, someone, picture):
    page = visit("/groups/create/", someone)
    page.locator("[name=group_name]").fill("telling-name")
    ConsoleSession.objects.all().delete()
    page.locator("#policies-picker [data-pick-search]").fill("read")
    link = page.get_by_role("link", name="Sign in in a new tab")
    expect(link).to_be_visible()
    expect(page.locator("[name=group_name]")).to_have_value("telling-name")
    picture(page, "signed-out-part")
    with page.context.expect_page() as opened:
        link.click()
    sign_in(opened.value, someone)
    expect(opened.value).to_have_url(page.url)
    page.locator("#policies-picker [data-pick-search]").fill("reading")
    page.get_by_role("button", name="Create group").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Send it again?")
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("telling-name")


def test_a_denied_form_stands_there_again(visit, make_user, picture, axe):
    reader = make_user(
        "rita",
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:List*","iam:Get*"],"Resource":"*"},'
        '{"Effect":"Allow","Action":"iam:CreateGroup","Resource":"arn:aws:iam::*:group/team/*"}]}',
    )
    for width, theme in ((1440, "light"), (390, "dark")):
        page = visit("/groups/create/", reader, width=width, theme=theme)
        page.locator("[name=group_name]").fill("telling-name")
        page.get_by_role("button", name="Create group").last.click()
        expect(page.get_by_role("alert").first).to_contain_text("iam:CreateGroup")
        expect(page.locator("[name=group_name]")).to_have_value("telling-name")
        axe(page)
    picture(page, "denied-form")


def test_what_is_being_written_survives_a_closed_browser(visit: Visit, admin_user: User, axe: Axe) -> None:
    page = visit("/policies/create/", admin_user)
    page.locator(".ace_editor").wait_for()
    page.get_by_label("Policy name").fill("half-written")
    page.evaluate("window.ace.edit(document.querySelector('.ace_editor')).setValue('{ half', -1)")
    expect(page.get_by_text("Draft kept at")).to_be_visible()
    again = visit("/policies/create/", admin_user)
    expect(again.get_by_text("You have a draft of")).to_be_visible()
    axe(again)
    again.get_by_role("link", name="Continue draft").click()
    again.locator(".ace_editor").wait_for()
    expect(again.get_by_label("Policy name")).to_have_value("half-written")
    becomes(lambda: again.locator("textarea[data-editor]").input_value(), "{ half")
    again.get_by_role("button", name="Discard draft").click()
    expect(again.get_by_label("Policy name")).to_have_value("")
    expect(again.get_by_text("The draft is discarded.")).to_be_visible()


def test_a_form_in_which_nothing_was_written_leaves_no_draft(visit: Visit, admin_user: User) -> None:
    for address in ("/roles/create/", "/users/create/"):  # both have boxes and buttons to choose by
        page = visit(address, admin_user)
        page.wait_for_load_state("networkidle")
        page.goto("/users/")  # leaving keeps at once what waits to be kept
    assert not FormDraft.objects.exists()
