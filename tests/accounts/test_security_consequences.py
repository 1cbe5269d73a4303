"""What the credential pages say before and after something is taken away: what happens, and nothing else."""

import re
from datetime import UTC, datetime
from functools import partial

import pytest
from django.urls import reverse

from accounts.models import AccessKey, ConsoleSession, RecoveryCode, ServiceSpecificCredential, SshPublicKey, User
from accounts.operations.access_keys import create_access_key, update_access_key
from accounts.operations.attachments import attach_group_policy, attach_user_policy
from accounts.operations.groups import create_group
from accounts.operations.inline_policies import put_group_policy
from accounts.operations.memberships import add_user_to_group
from accounts.operations.service_specific_credentials import create_service_specific_credential
from accounts.operations.ssh_public_keys import upload_ssh_public_key
from accounts.setup_link import make_setup_link
from operations.clock import now
from operations.models import Event
from operations.record import Draft, append
from policies.operations.managed_policies import create_policy
from tests.accounts.browser import ALL_IAM, HOME, Browser, give_device, give_password, text_of
from tests.every_page import SSH_KEY

READ = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}'
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Safari/537.36"


@pytest.fixture
def person(user_with):
    """Erin, who may do everything in IAM."""
    visitor = Browser(HTTP_USER_AGENT=CHROME)
    visitor.sign_in(user_with(ALL_IAM))
    return visitor


@pytest.fixture
def fred(person, make_user):
    return make_user("fred")


def headings(page):
    return [re.sub(r"<[^>]+>|\s+", " ", each).split() for each in re.findall(r"<h2>(.*?)</h2>", page.content.decode())]


class TestRefusedParts:
    def test_no_number_of_what_is_refused(self, clock, make_user):
        visitor = Browser()
        denied = (
            '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:ListConsoleSessions","Resource":"*"}]}'
        )
        visitor.sign_in(give_password(make_user("gina", denied)))
        page = visitor.get(HOME)
        said = headings(page)
        for title in ("MFA devices", "Access keys", "Sessions"):
            assert title.split() in said

    def test_numbers_of_what_is_seen(self, person):
        said = headings(person.get(HOME))
        assert ["MFA", "devices", "0"] in said
        assert ["Sessions", "1"] in said


class TestRemovingDevices:
    def remove(self, person, device):
        return person.get(reverse("accounts:user-remove-mfa-device", args=["fred", device.pk]))

    def test_of_somebody_with_nothing(self, person, fred):
        page = self.remove(person, give_device(fred))
        said = text_of(page)
        assert "Remove phone from fred?" in said
        assert "This is fred's only MFA device" in said
        assert "No email address is set: nobody is told. Set an address" in said
        assert f'href="{reverse("accounts:user-security-credentials", args=["fred"])}#notices"' in page.content.decode()
        assert not re.search("password alone|recovery code|session of", said)

    def test_of_somebody_with_everything(self, person, fred):
        give_password(fred)
        User.objects.filter(pk=fred.pk).update(email="fred@example.com")
        RecoveryCode.objects.create(user=fred, code_digest="x", confirmed_at=datetime.now(UTC))
        Browser().sign_in(fred)
        said = text_of(self.remove(person, give_device(fred)))
        assert "Signing in as fred asks for the password alone" in said
        assert "1 recovery code is deleted" in said
        assert "1 session of fred ends" in said
        assert "fred@example.com is told by email" in said

    def test_one_of_two(self, person, fred):
        give_password(fred)
        give_device(fred)
        said = text_of(self.remove(person, give_device(fred, "tablet")))
        assert "1 other MFA device stays" in said
        assert "password alone" not in said

    def test_of_oneself(self, person):
        erin = User.objects.get(name="erin")
        device = give_device(erin)
        page = reverse("accounts:remove-mfa-device", args=[device.pk])
        said = text_of(person.get(page))
        assert "Remove phone?" in said
        assert "This is your only MFA device" in said
        assert "Signing in asks for your password alone" in said
        assert "of yours end" not in said
        ConsoleSession.objects.create(
            session_key="other",
            session_data="",
            user=erin,
            public_id="other",
            expire_date=datetime(2026, 3, 3, tzinfo=UTC),
        )
        assert "1 other session of yours ends" in text_of(person.get(page))


class TestReset:
    PAGE = "/users/fred/security-credentials/mfa/reset/"

    def test_says_what_happens(self, person, fred):
        give_device(fred)
        said = text_of(person.get(self.PAGE))
        assert "Reset the MFA of fred?" in said
        assert "The device phone is removed" in said
        assert "No email address is set: nobody is told." in said
        assert "It is recorded in the audit trail." in said
        assert not re.search("recovery codes? (is|are) deleted|sessions? of fred|password alone", said)
        User.objects.filter(pk=fred.pk).update(email="fred@example.com")
        said = text_of(person.get(self.PAGE))
        assert "fred@example.com is told by email" in said
        assert "in the audit trail and in the notice" in said

    def test_nothing_to_reset(self, person, fred):
        page = person.get(self.PAGE)
        assert "fred has no MFA device: there is nothing to reset." in text_of(page)
        assert 'name="reason"' not in page.content.decode()

    def test_without_a_reason(self, person, fred):
        give_device(fred)
        assert "Enter a reason." in text_of(person.post(self.PAGE, {"reason": ""}))


class TestContain:
    PAGE = "/users/fred/security-credentials/contain/"

    def test_nothing_is_said_of_nothing(self, person, fred):
        said = text_of(person.get(self.PAGE))
        assert "Contain the credentials of fred?" in said
        assert "Use this when somebody else may have got hold" in said
        assert not re.search("0 |key becomes|sessions? ends?|password still works|other credential", said)
        done = text_of(person.post(self.PAGE, {"reason": "trial"}))
        assert "There was nothing to stop" in done
        assert "0 " not in done.partition("Recent calls")[0]

    def test_what_stops_and_what_does_not(self, person, fred, admin):
        give_password(fred)
        ids = [create_access_key(admin, user_name="fred")["AccessKey"]["AccessKeyId"] for _ in range(2)]
        update_access_key(admin, user_name="fred", access_key_id=ids[0], status="Inactive")
        User.objects.filter(pk=fred.pk).update(email="fred@example.com")
        page = person.get(self.PAGE)
        said = text_of(page)
        assert "1 access key becomes inactive" in said
        assert "fred@example.com is told by email" in said
        assert "The password still works afterwards" in said
        assert reverse("accounts:user-manage-password", args=["fred"]) in page.content.decode()
        done = person.post(self.PAGE, {"reason": "laptop stolen"})
        said = text_of(done)
        assert "The credentials of fred are contained" in said
        assert f"1 access key was deactivated: {ids[1]}" in said
        assert "session was ended" not in said
        assert "The password still works. Set a new password" in said
        assert AccessKey.objects.filter(is_active=True).count() == 0

    def test_other_credentials_stay(self, person, fred, admin):
        upload_ssh_public_key(admin, user_name="fred", ssh_public_key_body=SSH_KEY)
        create = partial(create_service_specific_credential, admin, user_name="fred")
        create(service_name="codecommit.amazonaws.com")
        create(service_name="bedrock.amazonaws.com", credential_age_days=1)
        page = person.get(self.PAGE)
        assert "3 other credentials still work" in text_of(page)
        assert reverse("accounts:user-other-credentials", args=["fred"]) in page.content.decode()
        ServiceSpecificCredential.objects.filter(expires_at__isnull=False).update(expires_at=now())
        SshPublicKey.objects.update(is_active=False)
        assert "1 other credential still works" in text_of(person.get(self.PAGE))
        assert "1 other credential still works" in text_of(person.post(self.PAGE, {"reason": "laptop stolen"}))
        ServiceSpecificCredential.objects.update(is_active=False)
        assert "other credential" not in text_of(person.get(self.PAGE))

    def test_of_oneself(self, person):
        said = text_of(person.get(reverse("accounts:contain")))
        assert "this one too" in said
        assert "It is recorded in the audit trail." in said
        assert "told" not in said.partition("At once")[2]
        assert "Change password" in said


class TestSessions:
    PAGE = "/security-credentials/sessions/"

    def test_ones_own_comes_first_and_is_signed_out_of(self, person, clock):
        clock.shift(60)
        other = Browser(REMOTE_ADDR="192.0.2.44", HTTP_USER_AGENT="curl/8.5.0")
        other.sign_in(User.objects.get(name="erin"))
        page = person.get(self.PAGE).content.decode()
        first, second = re.findall(r"<tbody>.*</tbody>", page, re.DOTALL)[0].split("</tr>")[:2]
        assert "Chrome on Windows" in first
        assert f'title="{CHROME}"' in first
        assert "Sign out" in first
        assert f'action="{reverse("accounts:sign-out")}"' in first
        assert "curl" in second
        assert "the session of curl from 192.0.2.44" in second

    def test_ending_all_asks_first(self, person):
        page = person.get(self.PAGE).content.decode()
        assert "End all" not in page  # the only session is signed out of
        Browser().sign_in(User.objects.get(name="erin"))
        for address in (self.PAGE, HOME):
            page = person.get(address).content.decode()
            assert 'href="#end-all"' in page
            dialog = re.search(r'<dialog id="end-all".*?</dialog>', page, re.DOTALL)[0]
            assert "2 sessions end. You are signed out here too" in dialog
            assert page.count('value="all"') == dialog.count('value="all"') == 1
            assert page.count('value="others"') == 1

    def test_all_of_another_user(self, person, fred):
        give_password(fred)
        address = reverse("accounts:user-sessions", args=["fred"])
        assert "end-all" not in person.get(address).content.decode()
        Browser().sign_in(fred)
        page = person.get(address)
        assert "End all sessions of fred?" in text_of(page)
        assert "End all others" not in text_of(page)
        assert person.post(address, {"session": "all"}).url == address
        assert not ConsoleSession.objects.filter(user=fred).exists()


class TestRecentActivity:
    def test_no_reads(self, person, caller_of):
        caller = caller_of(User.objects.get(name="erin"))
        append(Draft("CreateGroup", caller))
        append(Draft("ListUsers", caller, read_only=True))
        append(Draft("ListRoles", caller, read_only=True, error_code="AccessDenied"))
        append(Draft("GetAccountPasswordPolicy", caller, read_only=True, error_code="NoSuchEntity"))
        person.get(HOME)
        page = person.get(HOME)
        said = text_of(page).partition("Recent activity")[2]
        assert "CreateGroup" in said
        assert "ListRoles" in said
        assert "ConsoleLogin" in said
        assert not re.search("ListUsers|ListMFADevices|GetUser|GetAccountPasswordPolicy", said)
        assert "All in the audit trail" not in said  # iam:* is not cloudtrail:*
        assert "/trail/" not in page.content.decode().partition("Recent activity")[2]

    def test_the_way_to_all_of_it(self, admin, clock):
        visitor = Browser()
        alice = give_password(User.objects.get(name="alice"))
        visitor.sign_in(alice)
        page = visitor.get(HOME).content.decode()
        (address,) = re.findall(r'href="([^"]*/trail/\?f=principal[^"]*)"', page)
        listed = text_of(visitor.get(address))
        assert "GetUser" in listed
        assert "ConsoleLogin" in listed
        (event,) = re.findall(r'href="(/trail/[^"?]+)">Console<wbr>Login</a>', page.partition("Recent activity")[2])
        assert "ConsoleLogin" in text_of(visitor.get(event))
        assert not Event.objects.exclude(principal_arn=alice.arn).filter(name="GetUser").exists()


class TestNotices:
    def test_no_address(self, person, fred):
        said = text_of(person.get(HOME))
        assert "Email address for notices Not set Set address" in said
        page = person.get(reverse("accounts:user-security-credentials", args=["fred"]))
        assert "No address is set: nobody is told." in text_of(page)
        assert 'id="notices"' in page.content.decode()

    def test_an_address(self, person):
        User.objects.filter(name="erin").update(email="erin@example.com")
        said = text_of(person.get(HOME))
        assert "erin@example.com Change" in said
        assert "Not set" not in said


def test_where_a_policy_comes_from(person, system, admin):
    create_group(system, group_name="builders")
    create_group(system, group_name="Auditors")
    for group in ("builders", "Auditors"):
        add_user_to_group(system, group_name=group, user_name="erin")
        put_group_policy(system, group_name=group, policy_name="own", policy_document=READ)
    both = create_policy(system, policy_name="reading", policy_document=READ)["Policy"]["Arn"]
    attach_user_policy(system, user_name="erin", policy_arn=both)
    attach_group_policy(system, group_name="builders", policy_arn=both)
    said = text_of(person.get(HOME)).partition("What I may do")[2]
    assert "given inline policy of yours" in said
    assert "own inline policy of group Auditors" in said
    assert "own inline policy of group builders" in said
    assert "reading customer managed policy, attached to you and from group builders" in said
    assert "Console: own sessions and access requests built in" in said


class TestConsoleAccess:
    PAGE = "/users/fred/security-credentials/password/"

    def test_each_way_says_what_happens(self, person, fred):
        page = person.get(self.PAGE)
        said = text_of(page)
        assert "Console access of fred" in said
        assert "a link to hand over, which works once and for 7 days" in said
        assert "You see the password once and pass it on. fred must change it at the first sign-in." in said
        back = reverse("accounts:user-security-credentials", args=["fred"])
        assert f'<a class="button" href="{back}">Cancel</a>' in page.content.decode()
        assert page.content.decode().partition("</main>")[0].count("button primary") == 1

    def test_an_open_invitation(self, person, fred):
        person.post(self.PAGE, {"action": "invite"})
        said = text_of(person.get(self.PAGE))
        assert "Give this link to fred, who alone chooses the password." in said
        assert "Cancel" not in said
        person.post(self.PAGE, {"action": "seen"})
        said = text_of(person.get(self.PAGE))
        assert "which works once and for 24 hours" in said
        assert "The link of the earlier invitation stops working." in said
        assert "present password" not in said

    def test_only_what_the_reader_may(self, clock, make_user):
        give_password(make_user("hugo"))
        visitor = Browser()
        some = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:Get*","iam:DeleteLoginProfile"],"Resource":"*"}]}'
        visitor.sign_in(give_password(make_user("gina", some)))
        page = visitor.get("/users/hugo/security-credentials/password/").content.decode()
        assert 'value="remove"' in page
        assert 'value="link"' not in page


class TestFirstFields:
    def test_sign_in(self, client, account):
        def focused(page):
            return re.findall(r'<input[^>]*name="(\w+)"[^>]* autofocus', page.content.decode())

        assert focused(client.get("/sign-in/")) == ["account"]
        assert focused(client.get("/sign-in/acme/")) == ["user_name"]
        assert focused(client.get("/sign-in/root/")) == ["email"]
        assert focused(client.post("/sign-in/", {"account": "acme"})) == []  # the errors have it

    def test_what_is_missing_is_said(self, client, account):
        said = text_of(client.post("/sign-in/", {"account": "acme"}))
        assert "Enter your user name." in said
        assert "Enter your password." in said
        assert "This field is required" not in said

    def test_setting_up(self, client, account):
        page = client.get(make_setup_link(User.everyone.get(is_root=True)))
        said = text_of(page)
        assert "Account 1234-5678-9012." in said
        html = page.content.decode()
        rules = re.search(
            r'<label for="id_new_password">.*?<ul class="rules" id="id_new_password_helptext">', html, re.DOTALL
        )
        assert rules
        assert html.index('name="email"') < rules.start()
        assert re.search(r'name="new_password"[^>]*aria-describedby="id_new_password_helptext"', html)

    def test_changing(self, person):
        page = reverse("accounts:change-password")
        html = person.get(page).content.decode()
        assert html.index('name="old_password"') < html.index('class="rules"') < html.index('name="new_password"')
        said = text_of(person.post(page, {}))
        for text in ("Enter your current password.", "Enter a new password.", "Enter the new password again."):
            assert text in said
