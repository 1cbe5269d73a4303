"""Disabling users, one on its page or many in the list: password, keys and sessions end at once, after one review."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AccessKey, ConsoleSession, LoginProfile, User
from accounts.operations.access_keys import create_access_key
from accounts.operations.groups import create_group
from accounts.operations.invitations import invite_user
from accounts.operations.login_profiles import create_login_profile
from accounts.operations.memberships import add_user_to_group
from accounts.operations.ssh_public_keys import upload_ssh_public_key
from accounts.operations.users import create_user
from accounts.sessions import SessionStore
from operations.clock import now
from operations.models import Event
from tests.accounts.browser import html_of as text
from tests.every_page import SSH_KEY
from tests.signing_in import sign_in

MANY, ONE = "/users/disable/", "/users/dora/disable/"
NEEDED = ["iam:UpdateAccessKey", "iam:EndConsoleSessions", "iam:DeleteLoginProfile"]
SENT = {"go": "1", "reason": "Has left, OPS-7"}


def allow(*actions):
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}
    )


@pytest.fixture
def people(administrator, system, dora):
    """Dora has everything, erin a key alone, frank an invitation, gina nothing."""
    for name in ("erin", "frank", "gina"):
        create_user(system, user_name=name)
    create_login_profile(system, user_name="dora", password="Correct-horse-battery-8")
    create_access_key(system, user_name="dora")
    create_access_key(system, user_name="erin")
    invite_user(system, user_name="frank")
    create_group(system, group_name="builders")
    add_user_to_group(system, group_name="builders", user_name="dora")
    session = SessionStore()
    session.update({"user_id": dora.pk, "session_id": "x", "signed_in_at": "2026-11-29T10:00:00+00:00"})
    session.save()
    return dict(User.objects.values_list("name", "pk"))


def in_force():
    """The users with an active key, with a password or invitation, and with a session, but the one who acts."""
    keys = AccessKey.objects.filter(is_active=True).values_list("user__name", flat=True)
    profiles = LoginProfile.objects.values_list("user__name", flat=True)
    sessions = ConsoleSession.objects.exclude(user__name="alice").values_list("user__name", flat=True)
    return sorted(keys), sorted(profiles), sorted(filter(None, sessions))


def test_many_are_reviewed_first(administrator, people):
    sent = {"select": [people[name] for name in ("dora", "erin", "frank", "gina")]}
    page = text(administrator.post(MANY, sent))
    assert page.count("The console password is deleted") == 1
    assert page.count("The invitation to choose a password ends") == 1
    assert page.count("<b>1</b> access key becomes inactive") == 2
    assert page.count("<b>1</b> console session ends") == 1
    assert page.count("Nothing is active.") == 1
    assert "Disable 4 users</button>" in page
    assert in_force() == (["dora", "erin"], ["dora", "frank"], ["dora"])
    done = text(administrator.post(MANY, sent | SENT))
    assert "<h1>4 users disabled" in done
    assert in_force() == ([], [], [])
    assert User.objects.get(name="dora").groups.count() == 1


def test_one_is_disabled_from_its_page_by_the_same_review(administrator, people, system):
    assert f'href="{ONE}"' in administrator.get("/users/dora/").content.decode()
    upload_ssh_public_key(system, user_name="dora", ssh_public_key_body=SSH_KEY)
    page = text(administrator.get(ONE))
    assert "<h1>Disable dora?" in page
    assert "<b>1</b> other credential goes on working" in page
    assert "The console password is deleted" in page
    assert "Disable 1 user</button>" in page
    done = administrator.post(ONE, SENT)
    assert "<h1>1 user disabled" in text(done)
    assert 'href="/users/dora/">Back to dora' in done.content.decode()
    assert in_force() == (["erin"], ["frank"], [])
    recorded = [json.loads(event.record) for event in Event.objects.filter(name="ContainUser")]
    assert [event["additionalEventData"]["reason"] for event in recorded] == [SENT["reason"]]
    assert Event.objects.filter(name="DeleteLoginProfile", error_code="").count() == 1


def test_how_many_others_go_on_is_for_who_may_list_them(client, make_user, people, system):
    upload_ssh_public_key(system, user_name="dora", ssh_public_key_body=SSH_KEY)
    told = "other credential goes on working"
    for name, more, is_told in (("vera", (), False), ("wes", ("iam:ListSSHPublicKeys",), True)):
        sign_in(client, make_user(name, allow("iam:GetUser", "iam:ListUsers", *NEEDED, *more)), mfa=True)
        assert (told in text(client.get(ONE))) is is_told
        assert (told in text(client.post(MANY, {"select": [people["dora"], people["gina"]]}))) is is_told


def test_keys_are_activated_again_by_undo_where_no_password_went_with_them(administrator, people):
    done = administrator.post("/users/erin/disable/", SENT).content.decode()
    token = done.partition('action="/undo/"')[2].partition('name="token" value="')[2].partition('"')[0]
    administrator.post("/undo/", {"token": token, "next": "/users/"})
    assert AccessKey.objects.get(user=people["erin"]).is_active
    assert 'name="token"' not in administrator.post(ONE, SENT).content.decode()


def test_without_a_reason_nothing_happens_and_it_says_so(administrator, people):
    for address, sent in ((ONE, {}), (MANY, {"select": people["dora"]})):
        page = text(administrator.post(address, sent | {"go": "1", "reason": " "}))
        assert "Enter a reason." in page
    assert in_force() == (["dora", "erin"], ["dora", "frank"], ["dora"])


def test_not_oneself(administrator, people):
    assert "Not disabled: this is you" in text(administrator.get("/users/alice/disable/"))
    administrator.post("/users/alice/disable/", SENT)
    assert administrator.get("/users/").status_code == 200
    assert not Event.objects.filter(name="ContainUser").exists()


def test_who_is_not_there_is_not_found(administrator, people):
    assert administrator.get("/users/nobody/disable/").status_code == 404
    assert administrator.post("/users/nobody/disable/", SENT).status_code == 404


@pytest.mark.parametrize("missing", NEEDED)
def test_who_may_not_do_all_of_it_has_no_button_and_is_refused(client, make_user, people, missing):
    others = [action for action in NEEDED if action != missing]
    sign_in(client, make_user("vera", allow("iam:GetUser", "iam:ListUsers", *others)), mfa=True)
    assert ONE not in client.get("/users/dora/").content.decode()
    page = client.get(ONE)
    assert page.status_code == 403
    assert missing in text(page)
    for name in ("dora", "erin"):
        review = text(client.post(MANY, {"select": people[name]}))
        assert f"You are not permitted to do this: {missing}" in review
        assert 'id="go-button"' not in review
        assert "Not permitted" in text(client.post(MANY, {"select": people[name], **SENT}))
        client.post(f"/users/{name}/disable/", SENT)
    assert in_force()[:2] == (["dora", "erin"], ["dora", "frank"])


def test_it_asks_for_a_fresh_factor_when_it_is_done(client, make_user, people):
    document = allow("iam:GetUser", "iam:ListUsers", *NEEDED)
    sign_in(client, make_user("vera", document), at=now() - timedelta(minutes=20))
    assert f'href="{ONE}"' in client.get("/users/dora/").content.decode()
    assert "Disable 1 user</button>" in text(client.get(ONE))
    assert "Confirm that it is you" in text(client.post(ONE, SENT))
    assert "dora" in in_force()[1]


def test_the_review_costs_the_same_at_any_size(administrator, people, system):
    def cost(names):
        keys = list(User.objects.filter(name__in=names).values_list("pk", flat=True))
        administrator.post(MANY, {"select": keys})
        with CaptureQueriesContext(connection) as asked:
            administrator.post(MANY, {"select": keys})
        return len(asked)

    few = cost(["dora", "erin"])
    for number in range(30):
        create_user(system, user_name=f"more{number}")
    assert cost(["dora", "erin", *(f"more{number}" for number in range(30))]) == few <= 15
