"""The import page: a file is tried, shown and imported, or refused, and nothing of it stays behind."""

import json
import os
import re
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.importing import progress, uploads
from accounts.importing.words import by_entity
from accounts.models import User
from accounts.operations.users import create_user
from accounts.queries.authorization_details import details_page
from operations.models import Event
from tests.accounts import import_files
from tests.conftest import ACCOUNT
from tests.signing_in import sign_in

ADMINISTRATOR = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
CREATED = "2026-01-31T12:00:00+00:00"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def signed_in(client, make_user):
    sign_in(client, make_user("alice", ADMINISTRATOR))
    return client


def details(*names, account=ACCOUNT):
    users = [
        {
            "UserName": name,
            "UserId": f"AIDA{name.upper():A<17}",
            "Arn": f"arn:aws:iam::{account}:user/{name}",
            "Path": "/",
            "CreateDate": CREATED,
        }
        for name in names
    ]
    return json.dumps({"UserDetailList": users, "GroupDetailList": [], "RoleDetailList": [], "Policies": []}).encode()


def upload(client, content, name="account.json"):
    return client.post(reverse("accounts:import"), {"file": SimpleUploadedFile(name, content)}, follow=True)


def waiting():
    return sorted(path.name for path in uploads.folder().iterdir())


def test_a_preview_says_what_would_come_in_and_changes_nothing(signed_in):
    page = upload(signed_in, details("dora", "emil"))
    assert page.status_code == 200
    assert next((str(label), counts["Created"]) for label, counts in page.context["rows"]) == ("Users", 2)
    assert not User.objects.filter(name__in=["dora", "emil"]).exists()
    assert len(waiting()) == 2


def test_the_import_brings_it_in_and_leaves_no_file(signed_in):
    upload(signed_in, details("dora"))
    page = signed_in.post(reverse("accounts:import"), {"import": "1"}, follow=True)
    assert page.context["is_done"]
    assert User.objects.filter(name="dora").exists()
    assert waiting() == []
    event = json.loads(Event.objects.filter(name="ImportAccountAuthorizationDetails").latest("id").record)
    assert event["after"]["Users"]["Created"] == 1


def words(page):
    return re.sub(r"\s+", " ", page.content.decode())


def test_the_preview_and_the_result_name_what_is_created_and_changed(signed_in):
    upload(signed_in, details("dora", "emil"))
    signed_in.post(reverse("accounts:import"), {"import": "1"})
    User.objects.filter(name="dora").update(path="/moved/")
    preview = words(upload(signed_in, details("dora", "emil", "zoe")))
    assert re.search(r"Users to create: 1</summary><div><ul><li>zoe</li></ul>", preview)
    assert re.search(r"Users to change: 1</summary><div><ul><li>dora</li></ul>", preview)
    done = words(signed_in.post(reverse("accounts:import"), {"import": "1"}, follow=True))
    assert re.search(r'Users created: 1</summary><div><ul><li><a href="/users/zoe/">zoe</a></li></ul>', done)
    assert re.search(r'Users changed: 1</summary><div><ul><li><a href="/users/dora/">dora</a></li></ul>', done)
    assert "emil" not in done


def test_every_kind_is_named_and_what_has_a_page_is_linked(signed_in):
    content = import_files.small_account()
    del content["Policies"][2:]  # AWS's, which this installation does not have
    for entity in (content["UserDetailList"][0], content["GroupDetailList"][1]):
        entity["AttachedManagedPolicies"] = []
    upload(signed_in, json.dumps(content).replace("Alice", "Ann").encode())
    done = words(signed_in.post(reverse("accounts:import"), {"import": "1"}, follow=True))
    for href, name in re.findall(r'<li><a href="(/[^"]+)">([^<]+)</a></li>', done):
        assert name in words(signed_in.get(href)), href
    for linked in (
        "/users/Ann/",
        "/groups/Admins/",
        "/roles/Worker/",
        f"/policies/{import_files.IAM}:policy/Deploy/",
    ):
        assert f'href="{linked}"' in done
    assert re.search(r"Instance profiles created: 2</summary><div><ul><li>Second</li><li>Worker</li></ul>", done)


def test_of_many_the_first_fifty_are_named(signed_in):
    preview = words(upload(signed_in, details(*(f"user{number:02}" for number in range(60)))))
    assert preview.count("<li>user") == 50
    assert "<li>user49</li>" in preview
    assert "and 10 more" in preview


def test_the_result_leads_to_its_event_in_the_trail(signed_in):
    upload(signed_in, details("dora"))
    done = words(signed_in.post(reverse("accounts:import"), {"import": "1"}, follow=True))
    address = re.search(r'href="(/trail/\?f=request:eq:[^"]+)"', done)[1]
    assert "ImportAccountAuthorizationDetails" in words(signed_in.get(address))
    assert Event.objects.filter(
        name="ImportAccountAuthorizationDetails", request_id=address.rpartition(":")[2]
    ).exists()
    assert re.search(r'class="flash"[^>]*> ?</div>', done), "the card says it already"


def test_problems_of_one_entity_stand_together(signed_in):
    broken = json.loads(details("dora", "emil"))
    broken["UserDetailList"][0] |= {"UserId": "AIDA", "UserName": "x y"}
    broken["UserDetailList"][1] = "none"
    page = upload(signed_in, json.dumps(broken).encode())
    about = page.context["problems"]
    assert [each.entity for each in about] == ["User “x y” (no. 1 in UserDetailList)", "User no. 2 in UserDetailList"]
    assert len(about[0].messages) == 2
    assert "Member must be an object" in about[1].messages[0]


def test_a_place_inside_of_an_entity_stands_before_the_message():
    found = by_entity([
        {"Place": "RoleDetailList[3] (a (b)), RolePolicyList p, line 2, column 1", "Message": "Bad."},
        {"Place": "line 4", "Message": "No JSON."},
        {"Place": "", "Message": "Of another account."},
    ])  # fmt: skip
    assert [(each.entity, each.messages) for each in found] == [
        ("Role “a (b)” (no. 4 in RoleDetailList)", ["RolePolicyList p, line 2, column 1: Bad."]),
        ("line 4", ["No JSON."]),
        ("The file", ["Of another account."]),
    ]


def test_the_page_that_waits_learns_how_much_is_done(signed_in, monkeypatch):
    monkeypatch.setattr(progress, "EVERY_SECONDS", 0)
    address, shares = reverse("accounts:import-progress"), []
    write = progress._write

    def watched(place, text):
        write(place, text)
        shares.append(signed_in.get(address).json()["share"])

    monkeypatch.setattr(progress, "_write", watched)
    upload(signed_in, details(*(f"user{number}" for number in range(50))))
    assert shares == sorted(shares)
    assert 0 < shares[0] < 0.5 < shares[-1] <= 1
    assert signed_in.get(address).json() == {"share": None}
    assert len(waiting()) == 2  # the file and what its trial found


def test_a_full_disk_under_the_progress_does_not_stop_the_import(signed_in, monkeypatch):
    def full(place, text):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(progress, "_write", full)
    page = upload(signed_in, details("dora"))
    assert page.context["anything"]


def test_somebody_else_sees_nothing_of_it(signed_in, make_user, client):
    progress.teller("another session")(1, 2)
    assert progress.told("another session") == 0.5
    assert signed_in.get(reverse("accounts:import-progress")).json() == {"share": None}


def test_a_file_that_brings_nothing_new_says_so(signed_in, admin_of_file):
    page = upload(signed_in, admin_of_file)
    assert "Everything in the file is here already." in page.content.decode()


@pytest.fixture
def admin_of_file(signed_in, system):
    create_user(system, user_name="dora")
    answer = details_page(ACCOUNT, ["User"], None, 1000)
    return json.dumps({"UserDetailList": answer["UserDetailList"]}, default=str).encode()


def test_problems_are_shown_with_their_places_and_nothing_can_be_imported(signed_in):
    broken = json.loads(details("dora"))
    del broken["UserDetailList"][0]["UserId"]
    page = upload(signed_in, json.dumps(broken).encode())
    text = page.content.decode()
    assert "Nothing was imported: 1 problem in account.json" in text
    assert "User “dora” (no. 1 in UserDetailList)" in text
    assert "To create" not in text, "a table of zeros says nothing"
    assert 'name="import"' not in text
    signed_in.post(reverse("accounts:import"), {"import": "1"})
    assert not User.objects.filter(name="dora").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty."),
        (b"{", "not valid JSON"),
        (b"[1, 2", "not valid JSON"),
        (details("dora", account="999999999999"), "999999999999"),
        (b"\xff\xfe", "file"),
    ],
)
def test_a_file_that_cannot_be_read_is_explained(signed_in, content, said):
    page = upload(signed_in, content)
    assert said in page.content.decode()
    assert page.status_code == 200


def test_without_a_file_the_form_asks_for_one(signed_in):
    page = signed_in.post(reverse("accounts:import"), {})
    assert "Choose a file of at most 64 MB" in page.content.decode()


def test_a_file_that_is_too_large_is_refused_and_not_kept(signed_in, monkeypatch):
    monkeypatch.setattr(uploads, "LARGEST", 1000)
    page = upload(signed_in, details(*(f"user{n}" for n in range(100))))
    assert "64 MB" in page.content.decode()
    assert waiting() == []


def test_discarding_deletes_the_file(signed_in):
    upload(signed_in, details("dora"))
    page = signed_in.post(reverse("accounts:import"), {"discard": "1"}, follow=True)
    assert waiting() == []
    assert page.context["found"] is None


def test_another_upload_takes_the_place_of_the_first(signed_in):
    upload(signed_in, details("dora"))
    page = upload(signed_in, details("emil"), "second.json")
    assert len(waiting()) == 2
    assert page.context["found"]["name"] == "second.json"


def test_what_nobody_came_back_for_is_deleted_after_an_hour(signed_in):
    upload(signed_in, details("dora"))
    for path in uploads.folder().iterdir():
        os.utime(path, (time.time() - 3700, time.time() - 3700))
    page = signed_in.post(reverse("accounts:import"), {"import": "1"}, follow=True)
    assert page.status_code == 200
    uploads.sweep()
    assert waiting() == []


def test_a_file_that_has_gone_is_told(signed_in):
    upload(signed_in, details("dora"))
    for path in uploads.folder().iterdir():
        path.unlink()
    page = signed_in.post(reverse("accounts:import"), {"import": "1"}, follow=True)
    assert "The file has gone in the meantime." in page.content.decode()
    assert not User.objects.filter(name="dora").exists()


def test_the_file_is_bound_to_the_session_that_sent_it(signed_in, make_user):
    upload(signed_in, details("dora"))
    sign_in(signed_in, make_user("boris", ADMINISTRATOR))
    page = signed_in.post(reverse("accounts:import"), {"import": "1"}, follow=True)
    assert "The file has gone in the meantime." in page.content.decode()
    assert not User.objects.filter(name="dora").exists()


@pytest.mark.parametrize("token", ["../secret_key", "", "a" * 42, "a/" * 21 + "a"])
def test_no_other_file_can_be_named(token):
    uploads.folder().parent.joinpath("secret_key").write_text("{}")
    assert uploads.opened(token) is None
    assert uploads.noted(token) is None
    uploads.forget(token)
    assert uploads.folder().parent.joinpath("secret_key").exists()


def test_files_are_for_this_process_alone(signed_in):
    upload(signed_in, details("dora"))
    assert {path.stat().st_mode & 0o777 for path in uploads.folder().iterdir()} == {0o600}
    assert uploads.folder().stat().st_mode & 0o777 == 0o700


def test_without_the_permission_nothing_is_taken(client, make_user):
    sign_in(client, make_user("bob"))
    assert client.get(reverse("accounts:import")).status_code == 403
    response = client.post(reverse("accounts:import"), {"file": SimpleUploadedFile("a.json", details("dora"))})
    assert response.status_code == 403
    assert "iam:ImportAccountAuthorizationDetails" in response.content.decode()
    assert waiting() == []
    assert Event.objects.latest("id").error_code == "AccessDenied"


def test_the_page_costs_few_queries(signed_in, django_assert_max_num_queries):
    upload(signed_in, details("dora"))
    with django_assert_max_num_queries(15):
        signed_in.get(reverse("accounts:import"))


def test_a_form_of_another_site_is_refused(make_user, db):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    sign_in(client, make_user("alice", ADMINISTRATOR))
    response = client.post(reverse("accounts:import"), {"file": SimpleUploadedFile("a.json", details("dora"))})
    assert response.status_code == 403
    assert waiting() == []


def test_a_file_of_another_account_says_where_it_can_go(signed_in):
    page = upload(signed_in, details("dora", account="210987654321"))
    shown = page.content.decode()
    assert "account.json is of account 2109-8765-4321" in shown
    assert "You work in account 1234-5678-9012" in shown
    assert "manage.py create_account --account-id 210987654321" in shown
    signed_in.post(reverse("accounts:import"), {"discard": "1"})
    assert waiting() == []


def test_the_page_says_which_account_it_takes_a_file_of(signed_in):
    assert "that has this account" in signed_in.get(reverse("accounts:import")).content.decode()
