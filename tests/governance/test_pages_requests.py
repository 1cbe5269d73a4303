"""The pages of requests for access: from a denial to the answer, for whoever asks and whoever answers."""

import json
import re
from base64 import urlsafe_b64decode
from contextlib import suppress
from datetime import timedelta
from html import unescape
from urllib.parse import unquote
from zlib import decompress

import pytest
from django.urls import reverse

from access.callers import Connection, user_caller
from accounts.models import User, UserInlinePolicy
from accounts.operations.boundaries import put_user_permissions_boundary
from accounts.operations.inline_policies import put_role_policy, put_user_policy
from accounts.operations.roles import create_role
from accounts.operations.tags import tag_user
from accounts.operations.users import delete_user
from federation.operations.assume_role import assume_role
from governance.asking import WhereToAsk
from governance.granting import grant, grant_document
from governance.models import AccessRequest
from governance.models.access_request import new_id
from governance.operations.access_requests import create_access_request, decline_access_request
from operations.clock import now
from operations.errors import AccessDenied
from operations.ids import unique_id
from operations.models import Event
from operations.secrets import encrypt
from policies.operations.managed_policies import create_policy
from tests.conftest import ACCOUNT, ADMINISTRATOR
from tests.governance.asking_for_access import GROUP, asked, denied, document
from tests.signing_in import sign_in

TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"}]}'
HOSTILE = "<script>alert(1)</script>{{ 7|add:7 }}'\"; DROP TABLE"


def text(response):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode().replace("<wbr>", ""))).split())


@pytest.fixture
def bob(client, nobody):
    """A browser of somebody who may do nothing."""
    sign_in(client, User.objects.get(name="bob"))
    return client


@pytest.fixture
def answerer(client, make_user):
    """Puts a browser of somebody with some rights in the place of the client's."""

    def make(*actions, name="vera"):
        sign_in(client, make_user(name, ADMINISTRATOR if not actions else document(*actions)))
        return client

    return make


def link_in(response):
    found = re.search(
        r'href="(/request-access/[^"]+)"[^>]*>(?:<svg.*?</svg>)?Request access', response.content.decode(), re.DOTALL
    )
    return unescape(found[1]) if found else ""


def questions_in(response):
    return re.findall(r"/request-access/\?of=([^\"&]+)", unescape(response.content.decode()))


def opened(token):
    """What somebody can read who has the link alone, were it signed and packed as Django does."""
    body = unquote(token).split(":")[0]
    raw = urlsafe_b64decode(body.lstrip(".") + "=" * (-len(body.lstrip(".")) % 4))
    return decompress(raw) if body.startswith(".") else raw


class TestAsking:
    def test_from_the_denied_page_to_my_requests(self, bob):
        refused = bob.get("/users/")
        assert refused.status_code == 403
        form = bob.get(link_in(refused))
        assert "iam:ListUsers" in text(form)
        answer = bob.post(link_in(refused), {"reason": HOSTILE, "duration_seconds": "28800"})
        request = AccessRequest.objects.get()
        assert answer["Location"] == f"/requests/{request.request_id}/"
        assert (request.reason, request.duration_seconds) == (HOSTILE, 28800)
        page = bob.get(answer["Location"])
        assert "Request for iam:ListUsers" in text(page)
        assert "<script>alert" not in page.content.decode()
        assert HOSTILE in unescape(page.content.decode())
        mine = bob.get("/my-requests/")
        assert [row.pk for row in mine.context["list"].rows] == [request.pk]
        again = bob.get(link_in(bob.get("/users/")))
        assert again["Location"] == answer["Location"]

    def test_until_it_is_taken_back(self, bob):
        bob.post(link_in(bob.get("/users/")), {"reason": "x", "duration_seconds": "forever"})
        assert AccessRequest.objects.get().duration_seconds is None

    @pytest.mark.parametrize("wrong", [{"reason": " "}, {"duration_seconds": "60"}, {"reason": "x" * 501}])
    def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(self, bob, wrong):
        page = bob.post(link_in(bob.get("/users/")), {"reason": "Keep this", "duration_seconds": "3600", **wrong})
        assert page.status_code == 200
        assert page.context["form"].errors.keys() == wrong.keys()
        assert wrong.get("reason", "Keep this").strip() in page.content.decode()
        assert not AccessRequest.objects.exists()

    def test_the_explanation_and_htmx_messages_lead_there(self, bob):
        bob.get("/users/")
        event = Event.objects.latest("id")
        expected = reverse("governance:request-access", args=[event.event_id])
        assert link_in(bob.get(f"/why/{event.event_id}/")) == expected
        part = bob.get("/users/", headers={"HX-Request": "true"})
        assert re.search(r'href="/request-access/[^"]+">Request access', part.content.decode())

    def test_a_refused_part_leads_to_the_denial_that_it_was(self, client, make_user):
        sign_in(client, make_user("eve", document("iam:GetUser", "iam:ListUsers")))
        page = client.get("/users/eve/")
        assert "Needs iam:" in text(page)
        event = Event.objects.filter(error_code="AccessDenied").latest("id")
        assert link_in(page) == reverse("governance:request-access", args=[event.event_id])
        assert client.get(link_in(page)).status_code == 200

    def test_a_button_that_cannot_be_used_leads_there_by_a_denial_of_its_own(self, client, make_user, system):
        create_role(system, role_name="Reader", assume_role_policy_document=TRUST)
        sign_in(client, make_user("eve", document("iam:GetRole")))
        link = link_in(client.get("/roles/Reader/sessions/"))
        assert "?of=" in link  # nothing was called, so there is no Event yet
        assert not Event.objects.filter(name="PutRolePolicy").exists()
        answer = client.get(link)
        event = Event.objects.get(name="PutRolePolicy")
        assert event.error_code == "AccessDenied"
        assert answer["Location"] == reverse("governance:request-access", args=[event.event_id])
        form = client.get(answer["Location"])
        denial = form.context["denial"]
        assert (denial.action, denial.resource) == ("iam:PutRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/Reader")
        assert "iam:PutRolePolicy" in text(form)

    def test_a_link_of_a_page_is_for_whom_it_was_made(self, client, make_user):
        eve, mallory = make_user("eve"), make_user("mallory")

        def at(user):
            row = User.objects.select_related("account").get(pk=user.pk)
            return WhereToAsk().at_question(user_caller(row, Connection(), now()), "iam:DeleteUser", GROUP, {})

        sign_in(client, mallory)
        assert client.get(at(eve)).status_code == 404
        changed = at(mallory)
        assert client.get(changed[:80] + ("A" if changed[80] != "A" else "B") + changed[81:]).status_code == 404
        assert not Event.objects.filter(name="DeleteUser").exists()
        answer = client.get(at(mallory))
        assert answer.status_code == 302
        event = Event.objects.latest("id")
        assert (event.name, event.error_code, event.read_only) == ("DeleteUser", "AccessDenied", False)

    def test_a_link_tells_nothing_of_tags_that_may_not_be_read(self, client, make_user, admin):
        tagged = make_user("tagged")
        sign_in(client, make_user("vera", document("iam:GetUser")))
        without = questions_in(client.get("/users/tagged/security-credentials/"))
        tag_user(admin, user_name="tagged", tags=[{"Key": "salary", "Value": "confidential"}])
        links = questions_in(client.get("/users/tagged/security-credentials/"))
        assert links
        assert not any(b"confidential" in opened(link) for link in links)
        assert {len(link) for link in links} == {len(link) for link in without}
        refused = client.get(f"/request-access/?of={links[0]}")
        client.post(refused["Location"], {"reason": "On call", "duration_seconds": "3600"})
        assert AccessRequest.objects.get().resource == tagged.arn

    def test_what_was_sealed_for_another_end_is_no_question(self, bob):
        for text in ("x", '["governance.asking"]', "[1, 2]"):
            assert bob.get(f"/request-access/?of={encrypt(text)}").status_code == 404
        assert bob.get("/request-access/?of=%00%ff").status_code == 404

    def test_other_people_s_denials_are_not_found(self, client, nobody, make_user):
        event_id = denied(nobody)
        sign_in(client, make_user("eve"))
        assert client.get(f"/request-access/{event_id}/").status_code == 404
        assert client.get("/request-access/00000000-0000-4000-8000-000000000000/").status_code == 404

    def test_what_is_allowed_meanwhile_needs_no_request(self, bob, system, nobody):
        link = link_in(bob.get("/users/"))
        put_user_policy(system, user_name="bob", policy_name="now", policy_document=document("iam:ListUsers"))
        page = bob.get(link)
        assert "You may do it now" in text(page)
        assert '<form method="post" class="stack form"' not in page.content.decode()

    def test_whom_a_policy_forbids_to_ask_is_offered_nothing(self, client, make_user):
        sign_in(client, make_user("eve", document("iam:CreateAccessRequest", effect="Deny")))
        refused = client.get("/users/")
        assert link_in(refused) == ""
        assert "Give them the request ID" in text(refused)

    def test_in_a_role_it_is_asked_for_the_role(self, client, make_user, system):
        create_role(system, role_name="Reader", assume_role_policy_document=TRUST)
        sign_in(client, make_user("vera", document("sts:AssumeRole")))
        client.post("/switch-role/", {"account": ACCOUNT, "role_name": "Reader"})
        assert link_in(client.get("/users/")) == ""  # the role's policies do not let it ask
        rights = document(
            "iam:CreateAccessRequest", "iam:ListAccessRequests", resource=f"arn:aws:iam::{ACCOUNT}:role/Reader"
        )
        put_role_policy(system, role_name="Reader", policy_name="ask", policy_document=rights)
        link = link_in(client.get("/users/"))
        assert "granted to the role, and so to everybody who may assume it" in text(client.get(link))
        answer = client.post(link, {"reason": "x", "duration_seconds": "3600"})
        request = AccessRequest.objects.get()
        assert (request.principal_kind, request.principal_name) == ("role", "Reader")
        assert request.person_id == User.objects.get(name="vera").unique_id
        assert client.get(answer["Location"]).status_code == 200
        assert "iam:ListUsers" in text(client.get("/my-requests/"))
        client.post("/switch-role/back/")
        assert "iam:ListUsers" not in text(client.get("/my-requests/"))

    def test_withdrawn(self, bob, nobody):
        request = asked(nobody)
        assert bob.get(f"/requests/{request.request_id}/withdraw/").status_code == 405
        bob.post(f"/requests/{request.request_id}/withdraw/")
        request.refresh_from_db()
        assert request.state == "withdrawn"
        assert "Withdrawn" in text(bob.get(f"/requests/{request.request_id}/"))

    def test_others_see_nothing_of_a_request(self, client, nobody, make_user):
        request = asked(nobody)
        sign_in(client, make_user("eve"))
        for address in ("", "grant/", "decline/"):
            page = client.get(f"/requests/{request.request_id}/{address}")
            assert page.status_code == 403
            assert "GetGroup" not in text(page)
        assert client.get("/requests/").status_code == 403
        assert "Requests" not in re.findall(r"</svg>([^<]*)</a>", client.get("/").content.decode())

    def test_both_empty_states(self, bob, nobody):
        assert "You have not asked for anything yet" in text(bob.get("/my-requests/"))
        asked(nobody)
        assert "You have not asked" not in text(bob.get("/my-requests/?q=nothing-like-it"))


class TestAnswering:
    @pytest.fixture
    def request_(self, nobody):
        return asked(nobody, reason=HOSTILE)

    def page(self, client, request_, tail=""):
        return client.get(f"/requests/{request_.request_id}/{tail}")

    def test_the_list_filters_sorts_and_exports(self, answerer, request_, make_user, caller_of):
        asked(caller_of(make_user("eve")), "others")
        client = answerer()
        rows = client.get("/requests/?sort=requester").context["list"].rows
        assert [row.principal_name for row in rows] == ["bob", "eve"]
        AccessRequest.objects.filter(principal_name="eve").update(state="granted", ends_at="2020-01-01T00:00:00Z")
        for query, names in {
            "f=status:eq:ended": ["eve"],
            "f=status:eq:granted": [],
            "f=status:eq:open": ["bob"],
            "f=requester:eq:BOB": ["bob"],
            "f=resource:has:others": ["eve"],
            "q=builders": ["bob"],
        }.items():
            found = client.get(f"/requests/?{query}").context["list"].rows
            assert [row.principal_name for row in found] == names, query
        exported = b"".join(client.get("/requests/?export=csv").streaming_content).decode()
        assert "iam:GetGroup" in exported
        assert "Ended" in exported
        assert "Nobody has asked" not in text(client.get("/requests/?q=none-of-it"))

    def test_nobody_has_asked(self, answerer):
        assert "Nobody has asked for access" in text(answerer().get("/requests/"))

    def test_the_page_shows_the_decision_now_and_the_ways(self, answerer, request_):
        page = self.page(answerer(), request_)
        said = text(page)
        assert "As it is decided now" in said
        assert page.context["helps"]
        assert "in a policy of bob" in said
        assert "<script>alert" not in page.content.decode()

    def test_the_decision_now_tells_nothing_of_policies_that_may_not_be_read(self, answerer, nobody, make_user, admin):
        hidden = document("iam:GetGroup", Condition={"StringEquals": {"aws:UserAgent": "confidential"}})
        put_user_policy(admin, user_name="bob", policy_name="own", policy_document=hidden)
        row = User.objects.select_related("account").prefetch_related("tags").get(name="bob")
        row = asked(user_caller(row, Connection(source_ip="198.51.100.77"), now()))
        rights = ["iam:ListAccessRequests", "iam:SimulatePrincipalPolicy"]
        page = self.page(answerer(*rights, name="ann"), row)
        assert "As it is decided now" in text(page)
        assert "confidential" not in text(page)
        assert "198.51.100.77" not in text(page)
        page = self.page(answerer(*rights, "cloudtrail:LookupEvents", name="ben"), row)
        assert "198.51.100.77" in text(page)
        assert "confidential" not in text(page)
        assert "confidential" in text(
            self.page(answerer(*rights, "cloudtrail:LookupEvents", "iam:GetUserPolicy", name="cid"), row)
        )

    def test_the_decision_now_tells_nothing_of_a_trust_policy_that_may_not_be_read(self, answerer, nobody, admin):
        trust = json.loads(TRUST)
        trust["Statement"][0]["Condition"] = {"StringEquals": {"sts:ExternalId": "confidential"}}
        arn = create_role(admin, role_name="deployer", assume_role_policy_document=json.dumps(trust))["Role"]["Arn"]
        with suppress(AccessDenied):
            assume_role(nobody, role_arn=arn, role_session_name="work")
        event = Event.objects.latest("id")
        create_access_request(nobody, event_id=event.event_id, reason="On call")
        rights = ["iam:ListAccessRequests", "iam:SimulatePrincipalPolicy", "cloudtrail:LookupEvents"]
        page = self.page(answerer(*rights, name="ann"), AccessRequest.objects.get())
        assert "As it is decided now" in text(page)
        assert "confidential" not in text(page)
        assert "confidential" in text(
            self.page(answerer(*rights, "iam:GetRole", name="ben"), AccessRequest.objects.get())
        )

    def test_a_grant_is_reviewed_put_and_decided_anew(self, answerer, request_, caller_of):
        client = answerer()
        address = f"/requests/{request_.request_id}/grant/"
        review = client.post(address, {"duration_seconds": "3600", "message": "Go on", "review": "1"})
        assert not UserInlinePolicy.objects.filter(user__name="bob").exists()
        assert "Now allowed" in text(review)
        end = re.search(r'name="end_date" value="([^"]+)"', review.content.decode())[1]
        granted = client.post(address, {"duration_seconds": "3600", "message": "Go on", "end_date": end, "grant": "1"})
        assert granted["Location"] == f"/requests/{request_.request_id}/"
        stored = UserInlinePolicy.objects.get(user__name="bob")
        assert stored.document == review.context["document"]
        assert json.loads(stored.document)["Statement"][0]["Resource"] == GROUP
        page = client.get(granted["Location"])
        assert page.context["now"].value.is_allowed
        assert "Go on" in text(page)
        assert caller_of(User.objects.get(name="bob")).may("iam:GetGroup", GROUP)
        AccessRequest.objects.update(ends_at="2020-01-01T00:00:00Z")
        assert "its policy was changed since" in text(client.get(granted["Location"]))
        UserInlinePolicy.objects.update(
            document=grant_document(AccessRequest.objects.get(), AccessRequest.objects.get().ends_at)
        )
        ended = client.get(granted["Location"])
        assert "The grant has ended" in text(ended)
        assert "inline-delete/?policy_name=AccessRequest-" in ended.content.decode()

    def test_another_duration_is_reviewed_again(self, answerer, request_):
        client, address = answerer(), f"/requests/{request_.request_id}/grant/"
        sent = {"duration_seconds": "3600", "reviewed": "28800", "end_date": "2026-11-30T01:00:00Z", "grant": "1"}
        page = client.post(address, sent)
        assert AccessRequest.objects.get().is_open
        assert page.context["ends_at"] - now() < timedelta(hours=1, minutes=1)
        client.post(address, {**sent, "reviewed": "3600", "end_date": page.context["ends_at"].isoformat()})
        assert AccessRequest.objects.get().ends_at == page.context["ends_at"]

    @pytest.mark.parametrize("end", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "x"])
    def test_an_end_that_is_no_moment_is_refused(self, answerer, request_, end):
        sent = {"duration_seconds": "3600", "reviewed": "3600", "end_date": end, "grant": "1"}
        page = answerer().post(f"/requests/{request_.request_id}/grant/", sent)
        assert page.status_code == 200
        assert "valid date/time" in text(page)
        assert AccessRequest.objects.get().is_open

    def test_an_end_that_was_not_offered_is_refused(self, answerer, request_):
        sent = {"duration_seconds": "3600", "end_date": "2099-01-01T00:00:00Z", "grant": "1"}
        page = answerer().post(f"/requests/{request_.request_id}/grant/", sent)
        assert "must be in the next 90 days" in text(page)
        assert AccessRequest.objects.get().is_open

    def test_a_document_too_large_is_told_at_the_review(self, answerer, request_, system):
        big = document("s3:GetObject", resource="arn:aws:s3:::" + "a" * 1900)
        put_user_policy(system, user_name="bob", policy_name="big", policy_document=big)
        sent = {"duration_seconds": "3600", "message": "Kept", "review": "1"}
        page = answerer().post(f"/requests/{request_.request_id}/grant/", sent)
        assert "Maximum policy size of 2048 bytes exceeded for user bob" in text(page)
        assert "Kept" in page.content.decode()

    def test_what_a_policy_cannot_lift_is_not_offered(self, answerer, request_, system):
        limit = create_policy(system, policy_name="limit", policy_document=document("s3:*"))["Policy"]["Arn"]
        put_user_permissions_boundary(system, user_name="bob", permissions_boundary=limit)
        client = answerer()
        page = self.page(client, request_, "grant/")
        assert "A policy of the requester would not be enough" in text(page)
        assert 'name="review"' not in page.content.decode()
        client.post(f"/requests/{request_.request_id}/grant/", {"otherwise": "1", "message": "By the team"})
        assert AccessRequest.objects.get().state == "granted"
        assert AccessRequest.objects.get().policy_name == ""
        assert "It is still denied" in text(self.page(client, request_))

    def test_the_own_request_is_not_offered(self, client, make_user, caller_of):
        vera = make_user("vera", document("iam:*AccessRequest*", "iam:PutUserPolicy", "iam:SimulatePrincipalPolicy"))
        request = asked(caller_of(vera))
        sign_in(client, vera)
        page = self.page(client, request)
        assert "It is your own request" in page.content.decode()
        address = f"/requests/{request.request_id}/grant/"
        assert "review" not in self.page(client, request, "grant/").content.decode().partition("<main")[2]
        refused = client.post(address, {"duration_seconds": "3600", "grant": "1"})
        assert "somebody else must grant it" in text(refused)
        assert not UserInlinePolicy.objects.filter(name__startswith="AccessRequest").exists()

    def test_who_may_note_and_not_put_sees_what_is_missing(self, answerer, request_):
        client = answerer("iam:ListAccessRequests", "iam:GrantAccessRequest")
        page = self.page(client, request_)
        assert "Needs iam:SimulatePrincipalPolicy" in text(page)
        assert "As it is decided now" not in text(page)
        form = self.page(client, request_, "grant/")
        assert "Needs iam:PutUserPolicy" in text(form)
        denied_form = client.post(
            f"/requests/{request_.request_id}/grant/", {"duration_seconds": "3600", "message": "m", "grant": "1"}
        )
        assert denied_form.status_code == 403
        assert AccessRequest.objects.get().is_open

    def test_who_may_list_alone_sees_disabled_answers(self, answerer, request_):
        page = self.page(answerer("iam:ListAccessRequests"), request_)
        assert "Needs iam:GrantAccessRequest" in page.content.decode()
        assert "Needs iam:DeclineAccessRequest" in page.content.decode()
        assert page.content.decode().count("Request access<span") == 2  # for each of them

    def test_declined_with_a_sentence(self, answerer, request_):
        client = answerer()
        address = f"/requests/{request_.request_id}/decline/"
        assert client.post(address, {"message": ""}).context["form"].errors
        client.post(address, {"message": "Ask your team first"})
        assert AccessRequest.objects.get().message == "Ask your team first"
        second = client.post(address, {"message": "Again"})
        assert "is not open any more" in text(second)

    def test_many_are_declined_at_once(self, answerer, request_, nobody):
        closed = asked(nobody, "closed")
        AccessRequest.objects.filter(pk=closed.pk).update(state="withdrawn")
        client = answerer()
        client.post("/requests/decline/", {"select": [request_.pk, closed.pk], "message": "Not now", "go": "1"})
        request_.refresh_from_db()
        assert request_.state == "declined"

    def test_whoever_is_deleted_is_said_to_be(self, answerer, request_, system):
        delete_user(system, user_name="bob")
        client = answerer()
        assert "Whoever asked is deleted" in text(self.page(client, request_))
        assert 'name="review"' not in self.page(client, request_, "grant/").content.decode()

    def test_similar_grants_are_shown(self, answerer, request_, make_user, caller_of, admin):
        eve = make_user("eve")
        grant(admin, asked(caller_of(eve)), eve, None, "")
        assert "Granted before for the same action" in text(self.page(answerer(), request_))

    def test_another_account_finds_nothing(self, client, request_, stranger):
        sign_in(client, User.objects.get(name="charlie"))
        assert self.page(client, request_).status_code == 404
        assert self.page(client, request_, "grant/").status_code == 404

    def test_the_dashboard_tells_both_sides(self, client, request_, admin, bob):
        assert "1 request for access" not in text(bob.get("/"))
        decline_access_request(admin, access_request_id=request_.request_id, message="Later")
        assert "Your requests were answered" in text(bob.get("/"))
        asked_again = AccessRequest.objects.get()
        AccessRequest.objects.filter(pk=asked_again.pk).update(state="open")
        sign_in(client, User.objects.get(name="alice"))
        assert "1 request for access waits for an answer" in text(client.get("/"))


@pytest.mark.parametrize("number", [100, 1000])
def test_pages_cost_the_same_at_any_size(client, make_user, nobody, number, django_assert_num_queries):
    request = asked(nobody)
    AccessRequest.objects.bulk_create(
        AccessRequest(
            account_id=ACCOUNT,
            request_id=new_id(),
            principal_kind="user",
            principal_id=request.principal_id if n % 3 else unique_id("AIDA"),
            principal_arn=request.principal_arn,
            principal_name=f"u{n}",
            principal_name_key=f"u{n}",
            asked_by=request.asked_by,
            event_id=request.event_id,
            action="iam:GetGroup",
            resource=f"arn:aws:iam::{ACCOUNT}:group/g{n}",
            digest=f"{n:064}",
            reason="x",
            state="granted" if n % 2 else "open",
        )
        for n in range(number)
    )
    sign_in(client, make_user("vera", ADMINISTRATOR))
    expected = {"/requests/": 9, f"/requests/{request.request_id}/": 12, f"/requests/{request.request_id}/grant/": 9}
    for address, most in expected.items():
        client.get(address)
        with django_assert_num_queries(most):
            assert client.get(address).status_code == 200
    sign_in(client, User.objects.get(name="bob"))
    client.get("/my-requests/")
    with django_assert_num_queries(9):
        assert client.get("/my-requests/").status_code == 200


def test_whoever_was_denied_learns_no_path(
    bob, nobody, make_user, answerer, mailoutbox, django_capture_on_commit_callbacks
):
    User.objects.filter(pk=make_user("dora").pk).update(path="/quokka/")
    User.objects.filter(name="bob").update(email="bob@example.com")
    refused = bob.get("/users/dora/")
    assert refused.status_code == 403
    event = Event.objects.filter(name="GetUser").latest("id")
    assert "user/quokka/dora" in event.resource
    address = f"/request-access/{event.event_id}/"
    shown = [refused, bob.get(f"/why/{event.event_id}/"), bob.get(address)]
    asked = bob.post(address, {"reason": "to see", "duration_seconds": "28800"}, follow=True)
    shown += [
        asked,
        bob.get("/my-requests/"),
        bob.get("/my-requests/?export=csv"),
        bob.get("/my-requests/?export=json"),
    ]
    told = [
        page.content.decode() if not page.streaming else b"".join(page.streaming_content).decode() for page in shown
    ]
    assert ["quokka" in each for each in told] == [False] * len(told)
    assert [shown[place].request["PATH_INFO"] for place, each in enumerate(told) if "user dora" not in each] == []
    assert "No match" in text(bob.get("/my-requests/?q=quokka"))
    answer = create_access_request(nobody, event_id=event.event_id, reason="again")["AccessRequest"]
    assert answer["Resource"] == "user dora"
    with django_capture_on_commit_callbacks(execute=True):
        vera = answerer()
        vera.post(f"/requests/{AccessRequest.objects.get().request_id}/decline/", {"message": "no"})
    assert "user dora" in mailoutbox[-1].body
    assert "quokka" not in mailoutbox[-1].body
    assert "user/quokka/dora" in vera.get(f"/requests/{AccessRequest.objects.get().request_id}/").content.decode()
    assert "user/quokka/dora" in vera.get(f"/why/{event.event_id}/").content.decode()
