"""Drafts of forms: kept while somebody writes, offered when the form is opened again, dropped when it is sent, and nobody else's."""

import html
import re
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.form_drafts import MOST
from accounts.models import FormDraft, Group, User
from accounts.operations.inline_policies import put_user_policy
from operations.models import Event
from pages.drafts import LONGEST
from policies.models import ManagedPolicy
from tests.signing_in import sign_in

ALL = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
SOME = '{"Version": "2012-10-17",\n"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}'
PAGE, KEEP, DISCARD = "/policies/create/", "/drafts/", "/drafts/discard/"
TYPED = {"policy_name": "half-written", "policy_document": SOME, "path": "/", "csrfmiddlewaretoken": "x"}
OFFER = "You have a draft of this form, saved"


@pytest.fixture
def erin(client, make_user):
    user = make_user("erin", ALL)
    sign_in(client, user)
    return client


def keep(client, typed, form=PAGE):
    return client.post(f"{KEEP}?form={form}", typed)


def text(response):
    return re.sub(r"\s+", " ", html.unescape(response.content.decode()))


def test_what_is_typed_is_offered_when_the_form_is_opened_again(erin):
    assert OFFER not in text(erin.get(PAGE))
    assert "data-draft=" in text(erin.get(PAGE))
    assert keep(erin, TYPED).status_code == 204
    page = text(erin.get(PAGE))
    assert OFFER in page
    assert "half-written" not in page, "nobody has asked for it yet"
    assert "data-draft=" not in page, "what is typed now does not take its place"
    page = erin.get(f"{PAGE}?continue=1")
    assert "You are continuing the draft that was saved" in text(page)
    assert 'value="half-written"' in text(page)
    assert SOME in html.unescape(page.content.decode())
    assert "data-draft=" in text(page)
    assert "error" not in text(page).partition("<main")[2].partition("</main>")[0], "nothing is complained about yet"
    assert OFFER in text(erin.get(PAGE)), "looking at it takes nothing away"


def test_continuing_saves_nothing_by_itself_and_saving_drops_the_draft(erin):
    keep(erin, TYPED | {"create": "1"})
    erin.get(f"{PAGE}?continue=1")
    assert not ManagedPolicy.objects.exists()
    assert erin.post(PAGE, TYPED | {"create": "1"}).status_code == 302
    assert ManagedPolicy.objects.get().name == "half-written"
    assert OFFER not in text(erin.get(PAGE))
    assert not FormDraft.objects.exists()


def test_without_scripts_a_step_keeps_what_was_typed(erin):
    assert 'name="_unscripted"' in text(erin.get(PAGE))
    assert erin.post(PAGE, TYPED | {"review": "1"}).status_code == 200
    assert OFFER not in text(erin.get(PAGE)), "the script keeps it"
    assert erin.post(PAGE, TYPED | {"review": "1", "_unscripted": "1"}).status_code == 200
    assert OFFER in text(erin.get(PAGE))
    wrong = erin.post(PAGE, TYPED | {"policy_document": "{", "create": "1", "_unscripted": "1"})
    assert wrong.status_code == 200
    assert ">{</textarea>" in text(erin.get(f"{PAGE}?continue=1")).replace("> {", ">{")


def test_a_draft_is_discarded(erin):
    keep(erin, TYPED)
    answer = erin.post(DISCARD, {"form": PAGE})
    assert answer.url == PAGE
    assert OFFER not in text(erin.get(PAGE))


def test_it_is_kept_encrypted_and_no_secret_button_or_token_is_in_it(erin):
    keep(erin, TYPED | {"password": "hunter2", "mfa_code": "123456", "create": "1", "change-reason:create": "why", "policies-search": "x"})  # fmt: skip
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM accounts_formdraft")
        assert "half-written" not in cursor.fetchone()[0]
    content = FormDraft.objects.get().content
    assert "half-written" in content
    for word in ("hunter2", "123456", "create", "csrf", "why", "search"):
        assert word not in content.replace("created", "")


def test_nobody_else_and_no_other_form_gets_it(erin, client, make_user):
    keep(erin, TYPED)
    assert OFFER not in text(erin.get("/groups/create/"))
    sign_in(client, make_user("fred", ALL))
    assert OFFER not in text(client.get(PAGE))
    client.post(DISCARD, {"form": PAGE})
    assert FormDraft.objects.count() == 1


def test_only_forms_that_keep_drafts_are_kept(erin):
    for path in ("/policies/", "/users/", "/nowhere/", "", "https://elsewhere.example/policies/create/"):
        assert keep(erin, TYPED, path).status_code == 404
        assert erin.post(DISCARD, {"form": path}).status_code == 404
    assert erin.get(f"{KEEP}?form={PAGE}").status_code == 405
    assert not FormDraft.objects.exists()


def test_strangers_keep_nothing(client, account):
    assert keep(client, TYPED).status_code in {302, 401, 403}
    assert not FormDraft.objects.exists()


def test_drafts_are_bounded_in_size_number_and_time(erin, clock):
    assert keep(erin, TYPED | {"policy_document": "x" * LONGEST}).status_code == 413
    for number in range(MOST + 3):
        keep(erin, {"policy_document": str(number)}, f"/users/u{number}/inline/")
    kept = FormDraft.objects.values_list("content", flat=True)
    assert len(kept) == MOST
    assert not any('"0"' in each or '"2"' in each for each in kept)
    clock.shift(timedelta(days=8))
    sign_in(erin, User.objects.get(name="erin"))
    keep(erin, TYPED)
    assert FormDraft.objects.count() == 1


def test_a_draft_is_no_event(erin):
    erin.get(PAGE)
    before = Event.objects.count()
    keep(erin, TYPED)
    erin.post(DISCARD, {"form": PAGE})
    assert Event.objects.count() == before


def test_a_draft_of_a_version_notices_what_was_saved_meanwhile(erin, admin):
    from policies.operations.managed_policies import create_policy
    from policies.operations.policy_versions import create_policy_version

    arn = create_policy(admin, policy_name="reading", policy_document=SOME)["Policy"]["Arn"]
    page = reverse("policies:edit", args=[arn])
    seen = re.search(r'name="seen" value="(\w+)"', text(erin.get(page)))[1]
    mine = SOME.replace("Get", "Put")
    keep(erin, {"policy_document": mine, "seen": seen}, page)
    create_policy_version(admin, policy_arn=arn, policy_document=SOME.replace("Get", "List"), set_as_default=True)
    continued = erin.get(f"{page}?continue=1")
    assert mine in html.unescape(continued.content.decode())
    sent = re.search(r'name="seen" value="(\w+)"', text(continued))[1]
    answer = erin.post(page, {"policy_document": mine, "seen": sent, "save": "1"})
    assert answer.status_code == 409
    assert "Somebody changed this while you were editing" in text(answer)


def test_inline_policies_and_the_wizards_keep_drafts(erin, admin, make_user):
    make_user("gina")
    put_user_policy(admin, user_name="gina", policy_name="own", policy_document=SOME)
    forms = {
        "/users/gina/inline/own/": {"policy_document": SOME + " "},
        "/users/gina/inline/": {"policy_name": "new-one", "policy_document": SOME},
        "/users/create/": {"user_names": "new-one", "path": "/", "access": "none"},
        "/groups/create/": {"group_name": "new-one", "path": "/"},
        "/roles/create/": {"role_name": "new-one", "path": "/", "trusted": "account"},
    }
    for path, typed in forms.items():
        assert keep(erin, typed, path).status_code == 204
        assert OFFER in text(erin.get(path)), path
        page = erin.get(f"{path}?continue=1")
        assert page.status_code == 200
        assert ("new-one" in text(page)) == ("new-one" in str(typed)), path
    assert not Group.objects.exists()
    assert not User.objects.filter(name="new-one").exists()
    assert erin.post("/groups/create/", {"group_name": "new-one", "path": "/", "create": "1"}).status_code == 302
    assert OFFER not in text(erin.get("/groups/create/"))


def test_the_draft_goes_with_its_user(erin):
    keep(erin, TYPED)
    User.objects.get(name="erin").delete()
    assert not FormDraft.objects.exists()


def test_a_form_that_is_left_to_create_something_keeps_its_draft(erin):
    keep(erin, {"group_name": "new-one", "path": "/"}, "/groups/create/")
    answer = erin.post("/groups/create/", {"group_name": "new-one", "path": "/", "policies-create": "1"})
    assert answer.url == "/policies/create/?back=1"
    assert FormDraft.objects.count() == 1
    page = text(erin.get("/groups/create/?draft=1"))
    assert "new-one" in page
    assert OFFER not in page
