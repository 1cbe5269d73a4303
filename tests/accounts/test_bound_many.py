"""The permissions boundary of many users and roles: chosen, reviewed with what it changes for each, set and removed, each by the gate."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import bounded_many
from accounts.models import Group, Membership, Role, User, UserInlinePolicy
from accounts.operations.boundaries import put_role_permissions_boundary, put_user_permissions_boundary
from accounts.operations.groups import create_group
from accounts.operations.inline_policies import put_group_policy, put_role_policy, put_user_policy
from accounts.operations.memberships import add_user_to_group
from accounts.operations.roles import create_role
from accounts.operations.tags import tag_user
from accounts.operations.users import create_user
from operations.ids import unique_id
from operations.models import Event
from policies.access_changes import bounded_losses
from policies.models import ManagedPolicy, PolicyUsage
from policies.operations.managed_policies import create_policy
from tests.accounts.browser import html_of, text_of
from tests.conftest import ACCOUNT, ADMINISTRATOR
from tests.every_page import TRUST
from tests.signing_in import sign_in

SET, REMOVE = "/users/set-boundary/", "/users/remove-boundary/"
WHY = "OPS-1234 freeze"


def allowing(*actions, resource="*", **condition):
    statement = {"Effect": "Allow", "Action": actions, "Resource": resource}
    return {**statement, "Condition": condition} if condition else statement


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


LISTING = allowing("iam:List*", "iam:Get*")


@pytest.fixture
def limits(system):
    given = {"storage": document(allowing("s3:*")), "queues": document(allowing("sqs:*"))}
    return {
        name: create_policy(system, policy_name=name, policy_document=text)["Policy"]["Arn"]
        for name, text in given.items()
    }


@pytest.fixture
def people(system, limits):
    """dora reads buckets herself and sends to queues by a group, erin may do nothing and is bounded, frank may do nothing."""
    for name in ("dora", "erin", "frank"):
        create_user(system, user_name=name, path="/ops/")
    put_user_policy(system, user_name="dora", policy_name="own", policy_document=document(allowing("s3:GetObject")))
    create_group(system, group_name="senders")
    put_group_policy(
        system, group_name="senders", policy_name="q", policy_document=document(allowing("sqs:SendMessage"))
    )
    add_user_to_group(system, group_name="senders", user_name="dora")
    put_user_permissions_boundary(system, user_name="erin", permissions_boundary=limits["queues"])
    return dict(User.objects.values_list("name", "pk"))


def chosen(people, *names, **more):
    return {"select": [people[name] for name in names], **more}


def boundaries():
    rows = User.objects.filter(name__in=["dora", "erin", "frank"]).order_by("name")
    return [row.boundary.name if row.boundary else "" for row in rows]


def events(name):
    return [json.loads(event.record) for event in Event.objects.filter(name=name, error_code="").order_by("id")]


class TestSetting:
    def test_the_policy_is_asked_for_first_beside_what_each_has(self, administrator, people):
        page = administrator.post(SET, chosen(people, "dora", "erin"))
        assert "<h1>Set permissions boundary" in html_of(page)
        assert 'id="permissions_boundary-picker"' in html_of(page)
        assert "dora None Set boundary erin queues Set boundary" in text_of(page)
        assert 'name="review"' in html_of(page)
        assert 'id="go-button"' not in html_of(page)

    def test_the_review_tells_what_changes_for_each_and_does_nothing(self, administrator, people, limits):
        sent = chosen(people, "dora", "erin", asked="1", review="1", permissions_boundary=limits["storage"])
        page = administrator.post(SET, sent)
        said = text_of(page)
        assert "storage caps what the identity policies can grant, at once" in said
        assert "dora None 1 action allowed for fewer requests or none: Amazon SQS" in said
        assert "erin queues Nothing: every request is decided as before." in said
        assert "Set boundary of 2 users" in said
        assert f'name="permissions_boundary" value="{limits["storage"]}"' in html_of(page)
        assert boundaries() == ["", "queues", ""]

    def test_it_is_set_for_each_by_the_operation_with_the_reason(self, administrator, people, limits):
        sent = chosen(people, "dora", "erin", "frank", go="1", permissions_boundary=limits["storage"])
        page = administrator.post(SET, sent | {"change-reason:go": WHY})
        assert "<h1>3 permissions boundaries set" in html_of(page)
        assert "Policy: storage" in text_of(page)
        assert boundaries() == ["storage", "storage", "storage"]
        found = events("PutUserPermissionsBoundary")[1:]  # the first is the fixture's
        assert [each["requestParameters"]["userName"] for each in found] == ["dora", "erin", "frank"]
        assert {each["additionalEventData"]["reason"] for each in found} == {WHY}
        assert PolicyUsage.objects.get(policy__name="storage").boundaries == 3
        assert PolicyUsage.objects.get(policy__name="queues").boundaries == 0

    def test_all_that_match(self, administrator, people, limits):
        sent = {"all": "1", "state": "?f=path:eq:/ops/&size=10", "permissions_boundary": limits["storage"]}
        assert "Set boundary of 3 users" in text_of(administrator.post(SET, sent | {"asked": "1", "review": "1"}))
        administrator.post(SET, sent | {"go": "1"})
        assert boundaries() == ["storage"] * 3
        assert User.objects.get(name="alice").boundary is None

    def test_who_has_it_already_is_left_as_is(self, administrator, people, limits):
        sent = chosen(people, "dora", "erin", permissions_boundary=limits["queues"])
        page = administrator.post(SET, sent | {"asked": "1", "review": "1"})
        assert "1 of 2 users will be left unchanged." in text_of(page)
        assert "This is its boundary already." in text_of(page)
        assert "Set boundary of 1 user" in text_of(page)
        done = administrator.post(SET, sent | {"go": "1"})
        assert "<h1>1 permissions boundary set" in html_of(done)
        assert "Left as it is" in text_of(done)
        assert len(events("PutUserPermissionsBoundary")) == 2

    def test_roles_but_not_those_of_services(self, administrator, system, limits):
        for name in ("deploy", "AWSServiceRoleForX"):
            create_role(system, role_name=name, assume_role_policy_document=TRUST % f"arn:aws:iam::{ACCOUNT}:root")
        put_role_policy(
            system, role_name="deploy", policy_name="own", policy_document=document(allowing("sqs:SendMessage"))
        )
        Role.objects.filter(name="AWSServiceRoleForX").update(service_linked_to="x.amazonaws.com")
        sent = {"all": "1", "state": "?", "permissions_boundary": limits["storage"]}
        page = administrator.post("/roles/set-boundary/", sent | {"asked": "1", "review": "1"})
        assert "deploy None 1 action allowed for fewer requests or none: Amazon SQS" in text_of(page)
        assert "A service-linked role is only modifiable by AWS. AWSServiceRoleForX" in text_of(page)
        page = administrator.post("/roles/set-boundary/", sent | {"go": "1"})
        assert "<h1>1 permissions boundary set" in html_of(page)
        assert [role.boundary_key for role in Role.objects.order_by("name")] == ["", "storage"]
        page = administrator.post("/roles/remove-boundary/", {"all": "1", "state": "?"})
        assert "deploy storage 1 action allowed for more requests: Amazon SQS" in text_of(page)
        administrator.post("/roles/remove-boundary/", {"all": "1", "state": "?", "go": "1"})
        assert not Role.objects.exclude(boundary=None).exists()


class TestRemoving:
    def test_it_is_reviewed_first(self, administrator, people, limits, system):
        put_user_permissions_boundary(system, user_name="dora", permissions_boundary=limits["storage"])
        page = administrator.post(REMOVE, chosen(people, "dora", "erin", "frank"))
        said = text_of(page)
        assert "Without a boundary, the identity policies alone decide, at once." in said
        assert "dora storage 1 action allowed for more requests: Amazon SQS" in said
        assert "No boundary is set. frank" in said
        assert "Remove boundary of 2 users" in said
        assert boundaries() == ["storage", "queues", ""]

    def test_each_is_removed_by_the_operation(self, administrator, people):
        page = administrator.post(REMOVE, chosen(people, "dora", "erin", "frank", go="1") | {"change-reason:go": WHY})
        assert "<h1>1 permissions boundary removed" in html_of(page)
        assert f'href="{reverse("accounts:user", args=["erin"])}"' in html_of(page)
        assert boundaries() == ["", "", ""]
        (event,) = events("DeleteUserPermissionsBoundary")
        assert event["requestParameters"]["userName"] == "erin"
        assert event["additionalEventData"]["reason"] == WHY


def seen_in(page):
    return {"seen": html_of(page).partition('name="seen" value="')[2].partition('"')[0]}


class TestMeanwhile:
    """What somebody else does between the review and its button is noticed for each row, as on the page of one."""

    def test_another_boundary_set_meanwhile_stays(self, administrator, people, limits, system):
        sent = chosen(people, "dora", "erin", "frank", permissions_boundary=limits["storage"])
        review = administrator.post(SET, sent | {"asked": "1", "review": "1"})
        put_user_permissions_boundary(system, user_name="frank", permissions_boundary=limits["queues"])
        page = administrator.post(SET, sent | {"go": "1"} | seen_in(review))
        assert boundaries() == ["storage", "storage", "queues"]
        assert "frank Left as it is It was changed after the review." in text_of(page)
        assert "2 permissions boundaries set" in text_of(page)

    def test_one_that_was_set_meanwhile_is_not_removed(self, administrator, people, limits, system):
        review = administrator.post(REMOVE, chosen(people, "erin"))
        put_user_permissions_boundary(system, user_name="erin", permissions_boundary=limits["storage"])
        page = administrator.post(REMOVE, chosen(people, "erin", go="1") | seen_in(review))
        assert boundaries()[1] == "storage"
        assert "erin Left as it is It was changed after the review." in text_of(page)

    def test_what_was_changed_before_the_review_is_no_matter(self, administrator, people, limits, system):
        put_user_permissions_boundary(system, user_name="frank", permissions_boundary=limits["queues"])
        review = administrator.post(REMOVE, chosen(people, "frank"))
        administrator.post(REMOVE, chosen(people, "frank", go="1") | seen_in(review))
        assert boundaries()[2] == ""

    def test_another_change_is_no_matter(self, administrator, people, system):
        review = administrator.post(REMOVE, chosen(people, "erin"))
        tag_user(system, user_name="erin", tags=[{"Key": "team", "Value": "red"}])
        administrator.post(REMOVE, chosen(people, "erin", go="1") | seen_in(review))
        assert boundaries()[1] == ""

    def test_a_later_piece_notices_it_too(self, administrator, people, limits, system, monkeypatch):
        monkeypatch.setattr("pages.listing.bulk.PIECE", 2)
        sent = chosen(people, "dora", "erin", "frank", permissions_boundary=limits["storage"])
        review = administrator.post(SET, sent | {"asked": "1", "review": "1"})
        first = administrator.post(SET, sent | {"go": "1"} | seen_in(review))
        after = html_of(first).partition('name="after" value="')[2].partition('"')[0]
        put_user_permissions_boundary(system, user_name="frank", permissions_boundary=limits["queues"])
        administrator.post(SET, sent | {"go": "1", "after": after} | seen_in(first))
        assert boundaries() == ["storage", "storage", "queues"]

    @pytest.mark.parametrize("seen", ["", "x", "é", "9" * 5000])
    def test_a_mark_made_up_by_hand_stops_nothing(self, administrator, people, seen):
        assert administrator.post(REMOVE, chosen(people, "erin", go="1", seen=seen)).status_code == 200
        assert boundaries()[1] == ""

    def test_who_may_not_set_it_is_not_told_of_it(self, client, make_user, people, limits, system):
        sign_in(client, make_user("walt", document(LISTING, allowing("iam:DeleteUserPermissionsBoundary"))), mfa=True)
        seen = seen_in(client.post(REMOVE, chosen(people, "erin")))
        put_user_permissions_boundary(system, user_name="erin", permissions_boundary=limits["storage"])
        sign_in(client, make_user("vera", document(LISTING)), mfa=True)
        page = text_of(client.post(REMOVE, chosen(people, "erin", go="1") | seen))
        assert "changed after" not in page


class TestPermissions:
    def test_the_list_offers_what_one_may(self, client, make_user, people):
        sign_in(client, make_user("vera", document(LISTING, allowing("iam:PutUserPermissionsBoundary"))), mfa=True)
        page = html_of(client.get("/users/"))
        assert f'formaction="{SET}"' in page
        assert f'formaction="{REMOVE}"' not in page

    def test_whoever_may_set_none_is_refused(self, client, make_user, people, limits):
        sign_in(client, make_user("vera", document(LISTING)), mfa=True)
        sent = chosen(people, "dora", permissions_boundary=limits["storage"])
        for more in ({}, {"asked": "1", "review": "1"}, {"go": "1"}):
            assert client.post(SET, sent | more).status_code == 403
        page = client.post(REMOVE, chosen(people, "erin"))
        assert "You are not permitted to do this: iam:DeleteUserPermissionsBoundary" in text_of(page)
        assert 'id="go-button"' not in html_of(page)
        client.post(REMOVE, chosen(people, "erin", go="1"))
        assert boundaries() == ["", "queues", ""]

    def test_whom_and_with_which_policy_one_may_is_told_before_and_decided_when_it_is_done(
        self, client, make_user, people, limits, system
    ):
        tag_user(system, user_name="frank", tags=[{"Key": "team", "Value": "red"}])
        red = allowing(
            "iam:PutUserPermissionsBoundary",
            resource=f"arn:aws:iam::{ACCOUNT}:user/ops/*",
            StringEquals={"aws:ResourceTag/team": "red", "iam:PermissionsBoundary": limits["storage"]},
        )
        sign_in(client, make_user("vera", document(LISTING, red)), mfa=True)
        sent = chosen(people, "dora", "frank", permissions_boundary=limits["storage"])
        assert "2 users" in text_of(client.post(SET, sent))
        page = client.post(SET, sent | {"asked": "1", "review": "1"})
        assert "You are not permitted to do this: iam:PutUserPermissionsBoundary dora" in text_of(page)
        assert "Set boundary of 1 user" in text_of(page)
        other = {"permissions_boundary": limits["queues"], "asked": "1", "review": "1"}
        page = client.post(SET, sent | other)
        assert "2 of 2 users will be left unchanged." in text_of(page)
        assert 'id="go-button"' not in html_of(page)
        done = text_of(client.post(SET, sent | {"go": "1"}))
        assert "1 permissions boundary set" in done
        assert "Not permitted" in done
        assert boundaries() == ["", "queues", "storage"]
        assert Event.objects.filter(name="PutUserPermissionsBoundary", error_code="AccessDenied").count() == 1

    def test_what_may_not_be_read_is_not_told_and_what_is_read_is_recorded(self, client, make_user, people, limits):
        may = allowing("iam:ListUsers", "iam:ListPolicies", "iam:PutUserPermissionsBoundary")
        sign_in(client, make_user("vera", document(may)), mfa=True)
        sent = chosen(people, "dora", asked="1", review="1", permissions_boundary=limits["storage"])
        page = text_of(client.post(SET, sent))
        assert "Not shown: it needs iam:ListAttachedUserPolicies." in page
        assert "Amazon SQS" not in page
        sign_in(client, make_user("walt", document(LISTING, may)), mfa=True)
        assert "Amazon SQS" in text_of(client.post(SET, sent))
        read = set(Event.objects.filter(user_name="walt", read_only=True).values_list("name", flat=True))
        assert {"ListAttachedUserPolicies", "GetUserPolicy", "GetGroupPolicy", "GetPolicyVersion"} <= read

    @pytest.mark.parametrize("holds", ["inline", "group", "little"])
    def test_setting_an_administrator_free_asks_for_a_fresh_factor(
        self, client, make_user, people, limits, system, clock, holds
    ):
        sign_in(client, make_user("sam", ADMINISTRATOR))
        if holds == "inline":
            put_user_policy(system, user_name="erin", policy_name="all", policy_document=ADMINISTRATOR)
        if holds == "group":
            add_user_to_group(system, group_name="senders", user_name="erin")
            put_group_policy(system, group_name="senders", policy_name="all", policy_document=ADMINISTRATOR)
        every = create_policy(system, policy_name="every", policy_document=ADMINISTRATOR)["Policy"]["Arn"]
        clock.shift(timedelta(minutes=11))
        question = "Confirm that it is you"
        both = chosen(people, "erin", "frank")
        open_one, narrow = both | {"permissions_boundary": every}, both | {"permissions_boundary": limits["storage"]}
        assert question not in text_of(client.post(REMOVE, both))
        assert question not in text_of(client.post(SET, open_one | {"asked": "1", "review": "1"}))
        assert question not in text_of(client.post(REMOVE, chosen(people, "frank", go="1")))
        for address, sent in ((SET, open_one), (REMOVE, both)):
            assert (question in text_of(client.post(address, sent | {"go": "1"}))) is (holds != "little"), address
        assert boundaries()[1] == ("" if holds == "little" else "queues")
        assert question not in text_of(client.post(SET, narrow | {"go": "1"}))


class TestWhatIsTyped:
    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ("", "Choose one."),
            ("arn:aws:iam::123456789012:policy/gone", "does not exist or is not attachable"),
            ("storage", "ARN storage is not valid."),
        ],
    )
    @pytest.mark.parametrize("button", ["review", "go"])
    def test_bad_input_is_told_at_the_field_and_kept(self, administrator, people, given, said, button):
        sent = chosen(people, "dora", asked="1", state="?sort=-name", permissions_boundary=given)
        page = administrator.post(SET, sent | {button: "1", "change-reason:go": WHY})
        assert page.content.decode().count(said) >= 2  # at the field, and above
        assert f'value="{given}" id="permissions_boundary-chosen-1" checked' in html_of(page) or not given
        assert f'name="select" value="{people["dora"]}"' in html_of(page)
        assert 'name="state" value="?sort=-name"' in html_of(page)
        assert WHY in html_of(page)
        assert boundaries() == ["", "queues", ""]

    def test_a_reason_that_is_too_long_keeps_the_choice(self, administrator, people, limits):
        sent = chosen(people, "dora", asked="1", go="1", permissions_boundary=limits["storage"])
        page = administrator.post(SET, sent | {"change-reason:go": "x" * 501})
        assert "Use at most" in text_of(page)
        assert f'value="{limits["storage"]}" id="permissions_boundary-chosen-1" checked' in html_of(page)
        assert boundaries() == ["", "queues", ""]

    def test_without_scripts_one_searches_and_goes_back(self, administrator, people, limits):
        kept = chosen(people, "dora", asked="1", permissions_boundary=limits["storage"])
        search = {"permissions_boundary-q": "queue", "permissions_boundary-search": "1"}
        page = administrator.post(SET, kept | search)
        assert "There is a problem" not in text_of(page)
        assert "queues" in text_of(page)
        assert 'id="permissions_boundary-chosen-1" checked' in html_of(page)
        review = administrator.post(SET, kept | {"review": "1"})
        assert 'name="again"' in html_of(review)
        page = administrator.post(SET, kept | {"again": "1"})
        assert 'id="permissions_boundary-chosen-1" checked' in html_of(page)
        assert f'name="select" value="{people["dora"]}"' in html_of(page)
        nothing = administrator.post(SET, chosen(people, "dora", asked="1") | search)
        assert "Choose one." not in text_of(nothing)

    def test_the_policy_can_be_created_on_the_way(self, administrator, people):
        page = administrator.post(SET, chosen(people, "dora", "frank"))
        assert 'id="policies-panel"' in html_of(page)
        sent = chosen(people, "dora", "frank", asked="1", state="?size=10", **{"permissions_boundary-create": "1"})
        answer = administrator.post(SET, sent)
        assert answer["Location"] == f"{reverse('policies:create')}?back=1"
        new = {"policy_name": "fresh", "policy_document": document(allowing("s3:*")), "path": "/", "create": "1"}
        answer = administrator.post(answer["Location"], new)
        assert answer["Location"] == f"{SET}?draft=1"
        page = html_of(administrator.get(answer["Location"]))
        assert "policy/fresh" in page
        assert 'name="review"' in page
        assert [f'name="select" value="{people[name]}"' in page for name in ("dora", "frank", "erin")] == [
            True,
            True,
            False,
        ]
        assert administrator.get(SET)["Location"] == "/users/"

    def test_a_picker_that_may_not_be_read_takes_the_arn(self, client, make_user, people, limits):
        may = allowing("iam:ListUsers", "iam:PutUserPermissionsBoundary")
        sign_in(client, make_user("vera", document(may)), mfa=True)
        assert "You can still name them" in text_of(client.post(SET, chosen(people, "frank")))
        client.post(SET, chosen(people, "frank", go="1", permissions_boundary=limits["storage"]))
        assert boundaries() == ["", "queues", "storage"]


class TestManyRows:
    @pytest.mark.parametrize("kind", ["user", "role"])
    def test_every_page_costs_the_same_at_any_size(self, administrator, system, limits, kind):
        set_boundary, remove = reverse(f"accounts:{kind}s-set-boundary"), reverse(f"accounts:{kind}s-remove-boundary")
        policy = limits["storage"]
        pages = (
            (set_boundary, {}),
            (set_boundary, {"asked": "1", "review": "1", "permissions_boundary": policy}),
            (remove, {}),
        )

        def counts():
            found = []
            for address, more in pages:
                with CaptureQueriesContext(connection) as asked:
                    page = administrator.post(address, {"all": "1", "state": "?size=10", **more})
                assert page.status_code == 200
                found.append(len(asked))
            return found

        create_group(system, group_name="all")
        put_group_policy(system, group_name="all", policy_name="q", policy_document=document(allowing("sqs:*")))
        self.grow(kind, 0, 10, limits)
        counts()  # fills what a process keeps
        few = counts()
        self.grow(kind, 10, 1000, limits)
        many = counts()
        assert many == few
        assert max(many) <= 18

    def grow(self, kind, start, end, limits):
        bounded = {"boundary": ManagedPolicy.objects.get(arn=limits["queues"]), "boundary_key": "queues"}
        named = [
            {"account_id": ACCOUNT, "name": f"n{n}", "name_key": f"n{n}", **(bounded if n % 2 else {})}
            for n in range(start, end)
        ]
        if kind == "role":
            trust = TRUST % f"arn:aws:iam::{ACCOUNT}:root"
            Role.objects.bulk_create(Role(unique_id=unique_id("AROA"), trust_policy=trust, **each) for each in named)
            return
        users = User.objects.bulk_create(User(unique_id=unique_id("AIDA"), **each) for each in named)
        group = Group.objects.get(name="all")
        Membership.objects.bulk_create(Membership(user=user, group=group) for user in users)
        own = document(allowing("s3:GetObject"))
        UserInlinePolicy.objects.bulk_create(
            UserInlinePolicy(user=user, name="own", name_key="own", document=own) for user in users
        )

    def test_of_many_different_ones_the_first_are_compared(self, administrator, system, people, limits, monkeypatch):
        monkeypatch.setattr(bounded_many, "COMPARED", 1)
        put_user_policy(
            system, user_name="frank", policy_name="own", policy_document=document(allowing("sqs:SendMessage"))
        )
        sent = chosen(people, "dora", "frank", asked="1", review="1", permissions_boundary=limits["storage"])
        page = text_of(administrator.post(SET, sent))
        assert "dora None 1 action allowed for fewer requests or none: Amazon SQS" in page
        assert "frank None More than could be compared here." in page


def test_what_is_allowed_for_other_requests_is_no_gain():
    """Both have a condition, and no document says what both of them let through together."""
    fresh, near = (
        {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
    )
    held = (document(allowing("s3:GetObject", **fresh), allowing("sqs:SendMessage")),)
    limit = document(allowing("s3:GetObject", **near))
    far = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
    other = document(allowing("s3:GetObject", **far), allowing("sqs:*", **fresh))
    fewer, more, others = (
        "allowed for fewer requests or none",
        "allowed for more requests",
        "allowed for other requests",
    )
    for before, after, expected in (
        ("", limit, [(2, f"actions {fewer}: Amazon S3, Amazon SQS")]),
        (limit, "", [(2, f"actions {more}: Amazon S3, Amazon SQS")]),
        (limit, other, [(1, f"action {more}: Amazon SQS"), (1, f"action {others}: Amazon S3")]),
    ):
        assert [(line.count, line.text) for line in bounded_losses(held, before, after)] == expected
    assert bounded_losses((), "", limit) == []


def test_a_role_keeps_its_boundary_where_somebody_may_not_read_its_policies(client, make_user, system, limits):
    create_role(system, role_name="deploy", assume_role_policy_document=TRUST % f"arn:aws:iam::{ACCOUNT}:root")
    put_role_permissions_boundary(system, role_name="deploy", permissions_boundary=limits["storage"])
    may = allowing("iam:ListRoles", "iam:GetRole", "iam:DeleteRolePermissionsBoundary")
    sign_in(client, make_user("vera", document(may)), mfa=True)
    page = text_of(client.post("/roles/remove-boundary/", {"all": "1", "state": "?"}))
    assert "deploy storage Not shown: it needs iam:ListAttachedRolePolicies." in page
