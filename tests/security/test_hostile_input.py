"""Input that was made to break something: it is refused or shown, in a bounded time, and never a fault of ours."""

import base64
import json
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from accounts.models import LoginProfile, Throttle, User
from accounts.operations.users import list_users
from accounts.throttling import neighbourhood
from federation import denials
from federation.tokens import unseal
from operations import record
from operations.errors import AccessDenied, ValidationError
from operations.gate import authorise_read
from operations.models import Event
from pages.listing import State
from pages.listing.typed import read
from pages.views.design import example_listing
from tests.accounts.browser import Browser, give_device, give_password
from tests.signing_in import sign_in
from tests.work import lines_run


@pytest.fixture
def reader(admin) -> Client:
    client = Client(raise_request_exception=False)
    sign_in(client, User.objects.get(pk=admin.user_id))
    return client


class TestTokens:
    """The message of a denial is sealed with the same keys as a session token, and whoever was denied has one."""

    def test_a_denial_is_no_session_token(self, nobody):
        with pytest.raises(AccessDenied) as denied:
            authorise_read(nobody, "iam:ListUsers", "*")
        details = denied.value.details
        message = denials.encode(details["request"], details["decision"], nobody.account_id)
        assert unseal(message + "=" * (-len(message) % 4)) is None

    @pytest.mark.parametrize("plain", [b"", b"x", b"\x00\x02{}", b"\xff\xff" + b"x" * 50])
    def test_nor_is_any_other_sealed_text(self, plain):
        from operations.secrets import keyring

        assert unseal(keyring().encrypt(plain).decode()) is None


class TestRecord:
    def test_half_a_character_is_recorded(self, root):
        identity = root.identity | {"note": "\ud800"}
        before = Event.objects.count()
        record.append(record.Draft(name="ListUsers", caller=root, identity=identity, request={"\udfff": "ä\ud800"}))
        assert Event.objects.count() == before + 1
        assert json.loads(Event.objects.latest("id").record)["requestParameters"] == {"?": "ä?"}


class TestLists:
    def test_of_a_long_typed_filter_the_beginning_is_read(self):
        filters = example_listing().filters
        assert not read(filters, "Name=" + " " * 8000 + "a\nb\n").parts
        read(filters, "Name=" + " " * 200 + "a\nb")  # an expression that goes back over the spaces would not end
        few, many = (lines_run(lambda n=number: read(filters, "name = and " * n)) for number in (200, 800))
        assert many < 1.1 * few

    def test_more_filters_than_a_list_takes_match_nothing(self):
        state = State(example_listing(), QueryDict("&".join(["f=name:has:a"] * 51)))
        assert not state.valid
        assert State(example_listing(), QueryDict("&".join(["f=name:has:a"] * 50))).valid

    @pytest.mark.parametrize(
        "query",
        [
            {"size": "9" * 5000},
            {"f": "activity:gt:" + "9" * 5000},
            {"page": "9" * 5000},
            {"f": ["name:has:a"] * 600},
            {"after": "!!"},
            *(
                {"sort": "created", "after": base64.urlsafe_b64encode(json.dumps(cursor).encode()).decode()}
                for cursor in (
                    ["abc", 1, 0],
                    [1, "x", 0],
                    [None, 2**80, 0],
                    [2**80, 1, 0],
                    ["a", 1, 2**80],
                    [{"t": "never"}, 1, 1],
                )
            ),
        ],
        ids=lambda query: str(query)[:40],
    )
    def test_addresses_made_up_by_hand(self, query, reader):
        assert reader.get(reverse("accounts:users"), query).status_code == 200

    @pytest.mark.parametrize("field", ["after", "total", "number", "select"])
    @pytest.mark.parametrize("value", ["abc", "-1", "9" * 30, "9" * 5000, "²"])
    def test_numbers_that_a_review_carries_on(self, field, value, reader):
        somebody = User.objects.values_list("pk", flat=True)[0]
        sent = {"go": "1", "select": somebody, "key": "team", "value": "ops", field: value}
        answer = reader.post(reverse("accounts:users-tag"), sent)
        assert answer.status_code == (302 if field == "select" else 200), "nothing selected leads back to the list"


class TestMarkers:
    @pytest.mark.parametrize("key", ['"\\ud800"', '["\\udfff"]', "[" * 3000, "no json", "null", "{}"])
    def test_made_up_by_hand(self, key, admin, reader):
        marker = base64.urlsafe_b64encode(key.encode()).decode()
        with pytest.raises(ValidationError):
            list_users(admin, marker=marker)
        assert reader.get(reverse("accounts:users"), {"after": marker}).status_code == 200

    @pytest.mark.parametrize(
        "query", ["q=%00", "f=name:has:%00", "f=name:eq:%00", "suggest=name:%00", "suggest=%00", "sort=%00", "%00=1"]
    )
    @pytest.mark.parametrize("page", ["accounts:users", "accounts:roles", "policies:policies", "audit:events"])
    def test_a_nul_in_a_lists_address(self, query, page, reader):
        assert reader.get(f"{reverse(page)}?{query}").status_code == 200

    def test_half_a_character_in_a_place(self, reader):
        after = base64.urlsafe_b64encode(b'["\\ud800", 1, 0]').decode()
        assert reader.get(reverse("accounts:users"), {"after": after}).status_code == 200


class TestPreferences:
    @pytest.mark.parametrize("size", ["9" * 5000, "25x", "²", ""])
    def test_a_size_that_is_none(self, size, reader):
        assert reader.post(reverse("pages:list-preferences", args=["users"]), {"size": size}).status_code == 302

    @pytest.mark.parametrize("query", ["f=" + "x" * 90_000, "?" * 300, "%ff%00", "\ud800", "f=a&" * 40, "q=\x00"])
    @pytest.mark.parametrize("name", ["x", "\x00", "\ud800", "<script>", "x" * 5000])
    def test_a_saved_filter_that_is_none(self, query, name, reader):
        sent = urlencode({"name": name, "query": query, "default": "on", "next": "/users/"}, errors="replace")
        address = reverse("pages:saved-filters", args=["users"])
        kind = "application/x-www-form-urlencoded"
        assert reader.post(address, sent, content_type=kind, follow=True).status_code == 200

    def test_a_row_does_not_grow_without_end(self, reader, admin):
        for number in range(105):
            reader.post(reverse("pages:list-preferences", args=[f"list-{number}"]), {"size": "25"})
        lists = User.objects.get(pk=admin.user_id).preferences["lists"]
        assert len(lists) == 100
        assert "list-104" in lists


class TestEditor:
    @pytest.mark.parametrize("page", ["policies:check", "policies:format"])
    @pytest.mark.parametrize(
        "body", ["", "null", "[]", "[" * 100_000, '{"document": "x", "kind": ["identity"]}', '{"document": 1, "kind": "trust"}', "\ud800"]
    )  # fmt: skip
    def test_a_body_that_is_none(self, page, body, reader):
        response = reader.generic(
            "POST", reverse(page), body.encode("utf-8", "replace"), content_type="application/json"
        )
        assert response.status_code == 400

    def test_a_form(self, reader):
        assert reader.post(reverse("policies:check"), {"document": "{}"}).status_code == 400


class TestForgedForms:
    """A form of another site must not become ours by one click on «Send again»."""

    @pytest.mark.parametrize("origin", [None, "null", "https://evil.example", "http://testserver.evil.example"])
    def test_not_offered_to_be_sent_again(self, origin, admin):
        client = Client(enforce_csrf_checks=True)
        sign_in(client, User.objects.get(pk=admin.user_id))
        headers = {"Origin": origin} if origin else {}
        response = client.post(reverse("accounts:user-create"), {"user_names": "mallory"}, headers=headers)
        assert response.status_code == 403
        assert "mallory" not in response.content.decode()


class TestSignIn:
    def test_a_password_that_was_changed_ends_the_wait_for_the_factor(self, make_user):
        from datetime import timedelta

        user = give_password(make_user("erin"))
        give_device(user)
        browser = Browser()
        browser.sign_in(user)
        assert browser.get(reverse("accounts:sign-in-factor")).status_code == 200
        profile = LoginProfile.objects.get(user=user)
        LoginProfile.objects.filter(pk=profile.pk).update(changed_at=profile.changed_at + timedelta(minutes=1))
        assert browser.get(reverse("accounts:sign-in-factor")).status_code == 302

    @pytest.mark.parametrize(
        ("address", "place"),
        [
            ("192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2::7", "2001:db8:1:2::/64"),
            ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("no address", "no address"),
        ],
    )
    def test_one_place(self, address, place):
        assert neighbourhood(address) == place

    def test_neighbours_share_their_count(self, account):
        for number in range(3):
            Browser(REMOTE_ADDR=f"2001:db8::{number + 1}").post(
                reverse("accounts:sign-in"), {"account": account.pk, "user_name": "nobody", "password": "x"}
            )
        assert Throttle.objects.count() == 3


def test_answers_of_the_api_are_nothing_else(account):
    response = Client().post("/", {"Action": "<script>alert(1)</script>"})
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert b"<script>" not in response.content


class TestNul:
    """PostgreSQL takes NUL in no text: what is asked with one is found nowhere, and no page has to think of it."""

    NAMES = (
        "q",
        "principal",
        "action",
        "account",
        "roleName",
        "copy",
        "version",
        "policy_arn",
        "group_name",
        "outcome",
    )

    @pytest.mark.parametrize(
        "path",
        [
            "/search/",
            "/users/",
            "/policies/create/",
            "/simulator/",
            "/access/principals/",
            "/switch-role/",
            "/pick/policies/",
        ],
    )
    def test_in_an_address(self, reader, path):
        response = reader.get(path + "?" + urlencode(dict.fromkeys(self.NAMES, "\x00")))
        assert response.status_code in (200, 302, 400, 404)

    @pytest.mark.parametrize("path", ["/users/%00/", "/groups/%00/", "/roles/%00/", "/help/%00/", "/sign-in/%00/"])
    def test_in_a_path(self, reader, path):
        assert reader.get(path).status_code in (200, 302, 404)

    def test_in_a_form(self, reader):
        response = reader.post("/groups/create/", {"group_name": "a\x00b", "path": "/", "create": "1"})
        assert "group_name" in response.context["form"].errors

    @pytest.mark.parametrize(
        "place", ["x", "users", "\x00", "//evil.example", "https://evil.example/", "/\\evil.example"]
    )
    def test_a_form_leads_back_to_a_path_of_ours_only(self, reader, place):
        assert reader.post("/preferences/", {"next": place, "theme": "dark"})["Location"] == "/"
