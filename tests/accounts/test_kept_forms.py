"""A form that meets no session: kept for its writer, sent again by a press of a button, and for nobody else."""

import html
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts import kept_forms
from accounts.models import ConsoleSession, Group
from policies.models import ManagedPolicy
from tests.accounts.browser import PASSWORD, Browser, code_of, give_device, give_password, text_of

ALL = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
SOME = (
    '{\n  "Version": "2012-10-17",\n  "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]\n}'
)
PAGE, KEPT = "/policies/create/", "/signed-out/kept/"
TYPED = {"policy_name": "telling-name", "policy_document": SOME, "path": "/", "create": "1"}


@pytest.fixture
def erin(user_with):
    return user_with(ALL)


@pytest.fixture
def late(person, erin, clock):
    """Somebody with a form open whose session has ended meanwhile."""
    person.sign_in(erin)
    assert person.get(PAGE).status_code == 200
    clock.shift(timedelta(minutes=61))
    return person


def fields_of(page):
    form = re.search(rf'<form method="post" action="{PAGE}">(.*?)</form>', page.content.decode(), re.DOTALL)[1]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form)
    return {name: html.unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def kept_by_anybody():
    return [row.get_decoded().get(kept_forms.KEY) for row in ConsoleSession.objects.all()]


def test_what_was_typed_waits_and_is_sent_again_by_a_button(late, erin):
    answer = late.post(PAGE, TYPED, headers={"Referer": f"http://testserver{PAGE}?copy=x"})
    assert answer.url == "/sign-in/?next=%2Fpolicies%2Fcreate%2F%3Fcopy%3Dx"
    assert "What you typed is kept" in text_of(late.get(answer.url))
    assert late.sign_in(erin, next=f"{PAGE}?copy=x").url == KEPT
    page = late.get(KEPT)
    assert "You were signed out; what you typed is kept" in text_of(page)
    assert "Policies / Create" in text_of(page)
    assert ("Button", "Create") in page.context["kept"][0].typed, "nobody is to send what they were not shown"
    assert not ManagedPolicy.objects.filter(name="telling-name").exists()
    sent = fields_of(page)
    assert {name: sent[name] for name in TYPED} == TYPED
    assert late.post(PAGE, sent).status_code == 302
    assert ManagedPolicy.objects.filter(name="telling-name").exists()
    assert late.get(KEPT).url == "/"


def test_it_is_offered_on_every_page_until_it_is_discarded(late, erin):
    late.post(PAGE, TYPED, headers={"Referer": f"http://testserver{PAGE}"})
    late.sign_in(erin)
    assert f'href="{KEPT}"' in late.get("/users/").content.decode()
    token = re.search(r'name="discard" value="([^"]+)"', late.get(KEPT).content.decode())[1]
    assert late.post(KEPT, {"discard": token}).url == PAGE
    assert f'href="{KEPT}"' not in late.get("/users/").content.decode()


def test_a_form_that_is_refused_again_goes_on_waiting(late, erin):
    late.post(PAGE, TYPED | {"policy_name": "taken"})
    late.sign_in(erin)
    sent = fields_of(late.get(KEPT))
    assert late.post("/no/such/page/", sent).status_code == 404
    assert late.get(KEPT).status_code == 200


def test_somebody_else_gets_nothing_and_is_told_so(late, make_user):
    other = give_password(make_user("fred", ALL))
    late.post(PAGE, TYPED)
    assert late.sign_in(other).url == "/"
    assert "What another user had typed on this browser is discarded" in text_of(late.get("/users/"))
    assert late.get(KEPT).url == "/"
    assert not any(kept_by_anybody())


def test_with_a_second_factor(person, erin, clock):
    device = give_device(erin)
    person.sign_in(erin, code=code_of(device))
    person.get(PAGE)
    clock.shift(timedelta(minutes=61))
    person.post(PAGE, TYPED)
    assert person.sign_in(erin, code=code_of(device)).url == KEPT
    assert fields_of(person.get(KEPT))["policy_name"] == "telling-name"


@pytest.mark.parametrize("how", ["ended", "swept", "gone from the browser"])
def test_however_the_session_ended(person, erin, clock, how):
    person.sign_in(erin)
    person.get(PAGE)
    if how == "gone from the browser":
        del person.cookies["iamconsole_session"]
    elif how == "swept":
        clock.shift(timedelta(hours=13))
        ConsoleSession.objects.all().delete()
    else:
        ConsoleSession.objects.filter(user=erin).delete()
    person.post(PAGE, TYPED)
    assert person.sign_in(erin).url == KEPT


def test_several_wait_and_also_over_another_end_of_the_session(late, erin, clock):
    late.post(PAGE, TYPED)
    late.post(PAGE, TYPED | {"policy_name": "second"})
    late.post(PAGE, TYPED)
    late.sign_in(erin)
    erin.account.__class__.objects.update(session_idle_minutes=5)
    clock.shift(timedelta(minutes=6))
    assert late.get("/users/").status_code == 302
    late.sign_in(erin)
    assert late.get(KEPT).content.decode().count("Send again") == 2


def test_it_waits_for_half_an_hour(late, erin, clock):
    late.post(PAGE, TYPED)
    clock.shift(timedelta(minutes=29))
    late.sign_in(erin)
    assert late.get(KEPT).status_code == 200
    clock.shift(timedelta(minutes=2))
    assert late.get(KEPT).url == "/"
    assert f'href="{KEPT}"' not in late.get("/users/").content.decode()


def test_it_waits_encrypted_and_without_secrets(late, erin):
    page = reverse("accounts:change-password")
    late.post(
        page, {"old_password": PASSWORD, "new_password": "hush-hush-1", "repeated": "hush-hush-1", "note": "telling"}
    )
    for row in ConsoleSession.objects.all():
        assert "telling" not in str(row.get_decoded())
    late.sign_in(erin)
    shown = late.get(KEPT).content.decode()
    assert "telling" in shown
    assert "hush-hush" not in shown
    assert PASSWORD not in shown
    assert "Passwords, codes and files are never kept" in shown


def test_files_are_not_kept(late, erin):
    late.post("/import/", {"file": SimpleUploadedFile("account.json", b"telling"), "import": "1", "note": "n"})
    late.sign_in(erin)
    shown = late.get(KEPT).content.decode()
    assert "telling" not in shown
    assert "Passwords, codes and files are never kept" in shown


AGAIN = "files are never kept: choose it again"


def upload(browser):
    file = SimpleUploadedFile("account.json", b"telling")
    return browser.post("/import/", {"file": file}, headers={"Referer": "http://testserver/import/"})


@pytest.mark.parametrize("with_factor", [False, True])
def test_a_file_that_met_no_session_is_asked_for_again_after_signing_in(late, erin, with_factor):
    device = give_device(erin) if with_factor else None
    asked = upload(late)
    assert "Files are never kept" in text_of(late.get(asked.url))
    answer = late.sign_in(erin, next="/import/")
    if device is not None:
        answer = late.post("/sign-in/factor/", {"code": code_of(device)})
    assert answer.url == "/import/"
    page = late.get(answer.url)
    assert AGAIN in text_of(page)
    assert "Preview import" in text_of(page)
    assert KEPT not in page.content.decode(), "nothing that was typed waits"
    assert AGAIN not in text_of(late.get("/import/"))


def test_nobody_else_hears_of_a_file(late, erin, user_with):
    other = user_with(ALL, "other")
    upload(late)
    late.sign_in(other)
    assert AGAIN not in text_of(late.get("/"))


def test_what_is_too_large_is_said_not_to_be_kept(late, erin):
    answer = late.post(PAGE, TYPED | {"description": "x" * kept_forms.LARGEST})
    assert "What you typed was too much to be kept" in text_of(late.get(answer.url))
    assert not any(kept_by_anybody())


def test_a_form_of_a_session_that_asked_for_a_factor(person, erin, clock):
    person.sign_in(erin)
    clock.shift(timedelta(minutes=11))
    document = TYPED | {"policy_document": ALL}
    token = re.search(r'name="_confirm" value="([^"]+)"', person.post(PAGE, document).content.decode())[1]
    clock.shift(timedelta(minutes=61))
    person.post(PAGE, {"_confirm": token, "password": PASSWORD})
    assert person.sign_in(erin).url == KEPT
    assert fields_of(person.get(KEPT))["policy_document"] == ALL


class TestAttacks:
    """Nobody is made to act by a form that somebody else has prepared."""

    @pytest.mark.parametrize("token", ["", "x" * 64])
    def test_a_forged_form_is_never_kept(self, late, token):
        late.handler.enforce_csrf_checks = True
        late.get("/sign-in/")
        answer = late.post(PAGE, TYPED | {"csrfmiddlewaretoken": token}, headers={"Origin": "https://evil.example"})
        assert answer.status_code == 403
        assert not any(kept_by_anybody())

    def test_with_the_right_token_it_is_kept(self, late):
        late.handler.enforce_csrf_checks = True
        page = late.get("/sign-in/").content.decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        late.post(PAGE, TYPED | {"csrfmiddlewaretoken": token})
        assert any(kept_by_anybody())

    def test_a_session_planted_in_the_browser_is_worth_nothing(self, late, erin, make_user, clock):
        mallory = give_password(make_user("mallory"))
        evil = Browser()
        evil.sign_in(mallory)
        evil.get("/users/")
        clock.shift(timedelta(minutes=61))
        evil.post(PAGE, TYPED)
        late.cookies["iamconsole_session"] = evil.cookies["iamconsole_session"].value
        assert late.sign_in(erin).url == "/"
        assert late.get(KEPT).url == "/"

    def test_a_reader_cannot_be_made_up(self, person, erin):
        person.cookies[kept_forms.COOKIE] = "somebody :made-up"
        person.post(PAGE, TYPED)
        assert not ConsoleSession.objects.exists()

    def test_a_browser_that_nobody_has_signed_in_on_leaves_nothing(self, person, erin):
        person.post(PAGE, TYPED)
        assert not ConsoleSession.objects.exists()

    def test_one_person_keeps_something_on_few_browsers(self, late):
        for _ in range(12):
            late.cookies.pop("iamconsole_session", None)
            late.post(PAGE, TYPED)
        assert ConsoleSession.objects.filter(user=None).count() == kept_forms.BROWSERS

    def test_there_are_few_in_a_browser(self, late):
        for number in range(9):
            late.post(PAGE, TYPED | {"policy_name": f"n{number}"})
        assert [len(kept) for kept in kept_by_anybody() if kept] == [kept_forms.MOST]

    def test_it_leads_to_no_other_site(self, late, erin):
        for referer in ("http://evil.example/x", "http://testserver//evil.example/"):
            answer = late.post(PAGE, TYPED, headers={"Referer": referer})
            assert answer.url == "/sign-in/?next=%2Fpolicies%2Fcreate%2F"

    @pytest.mark.parametrize("sent_by", [{"X-Requested-With": "fetch"}, {"Sec-Fetch-Mode": "cors"}])
    def test_what_a_script_sends_is_no_form(self, late, sent_by):
        late.post("/preferences/", {"theme": "dark"}, headers=sent_by)
        assert not any(kept_by_anybody())


class TestParts:
    """A part of a page that was signed out meanwhile leaves the page where it is."""

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_it_says_so_in_place(self, late, method):
        headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/groups/create/?draft=1"}
        answer = getattr(late, method)("/pick/policies/", headers=headers)
        assert "HX-Redirect" not in answer
        assert answer["HX-Retarget"] == "#flash"
        assert "You are signed out" in text_of(answer)
        assert 'href="/sign-in/?next=%2Fgroups%2Fcreate%2F%3Fdraft%3D1" target="_blank"' in answer.content.decode()

    def test_after_signing_in_elsewhere_its_form_is_sent_again(self, late, erin):
        late.handler.enforce_csrf_checks = True
        answer = late.post("/pick/policies/", headers={"HX-Request": "true"})
        assert answer["HX-Retarget"] == "#flash"
        assert "Send its form: what you typed is kept" in text_of(answer)


def test_a_duty_keeps_the_form_too(person, erin):
    person.sign_in(erin)
    person.get(PAGE)
    erin.account.__class__.objects.update(require_mfa=True)
    assert person.post("/groups/create/", {"group_name": "telling"}).url == reverse("accounts:add-mfa-device")
    erin.account.__class__.objects.update(require_mfa=False)
    assert "telling" in text_of(person.get(KEPT))
    assert not Group.objects.exists()
