"""Undo: a change is taken back by the opposite operations, while nobody changed it again, by whoever made it and may."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import AccessKey, Account, Group, Role, User
from accounts.operations.access_keys import create_access_key, update_access_key
from accounts.operations.aliases import create_account_alias
from accounts.operations.attachments import attach_user_policy
from accounts.operations.boundaries import put_user_permissions_boundary
from accounts.operations.groups import create_group
from accounts.operations.inline_policies import put_user_policy
from accounts.operations.memberships import add_user_to_group
from accounts.operations.roles import create_role
from accounts.operations.tags import tag_user
from accounts.operations.users import create_user
from operations.caller import Caller
from operations.models import Event
from pages import undo
from policies.entities import entities_of
from policies.models import ManagedPolicy
from policies.operations.managed_policies import create_policy
from policies.operations.policy_versions import create_policy_version
from tests.every_page import READ, TRUST, WRITE
from tests.signing_in import sign_in

EVERYTHING = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*"}]}'
DETACH_ONLY = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*",
 "Action":["iam:Get*","iam:List*","iam:DetachUserPolicy"]}]}"""


@pytest.fixture(autouse=True)
def _console(settings: Any) -> None:
    settings.ROOT_URLCONF = "iamconsole.urls"


@pytest.fixture
def signed_in(client: Client, admin: Caller) -> Client:
    create_user(admin, user_name="dora")
    create_group(admin, group_name="builders")
    create_policy(admin, policy_name="reading", policy_document=READ)
    sign_in(client, User.objects.get(name="alice"), mfa=True)
    return client


def arn() -> str:
    return ManagedPolicy.objects.get(name="reading").arn


def token_of(html: str) -> str:
    return html.partition('form="undo" name="token" value="')[2].partition('"')[0]


def change(client: Client, address: str, **data: Any) -> str:
    """Do it; the token of the message's button, or an empty text."""
    return token_of(client.post(address, data, follow=True).content.decode())


def take_back(client: Client, token: str, place: str = "/users/dora/") -> str:
    return client.post("/undo/", {"token": token, "next": place}, follow=True).content.decode()


def attached() -> list[str]:
    return list(User.objects.get(name="dora").attachments.values_list("policy__name", flat=True))


def test_a_policy_that_was_detached_is_attached_again(signed_in: Client, admin: Caller) -> None:
    attach_user_policy(admin, user_name="dora", policy_arn=arn())
    token = change(signed_in, "/users/dora/detach/", policy_arn=arn())
    assert attached() == []
    assert "Undone: “The policy reading is detached.”" in take_back(signed_in, token)
    assert attached() == ["reading"]
    assert Event.objects.filter(name="AttachUserPolicy", error_code="").count() == 2


def test_policies_that_were_attached_are_detached(signed_in: Client) -> None:
    token = change(signed_in, "/users/dora/attach/", policy_arn=arn(), attach="1")
    assert attached() == ["reading"]
    take_back(signed_in, token)
    assert attached() == []


def test_a_user_who_left_is_in_the_group_again_and_one_who_joined_is_out(signed_in: Client, admin: Caller) -> None:
    add_user_to_group(admin, group_name="builders", user_name="dora")
    token = change(signed_in, "/users/dora/groups/leave/", group_name="builders")
    take_back(signed_in, token)
    assert list(User.objects.get(name="dora").groups.values_list("name", flat=True)) == ["builders"]
    create_group(admin, group_name="readers")
    token = change(signed_in, "/users/dora/groups/", groups="readers", join="1")
    assert Group.objects.get(name="readers").member_count == 1
    take_back(signed_in, token)
    assert Group.objects.get(name="readers").member_count == 0


def test_an_inline_policy_that_was_deleted_or_changed_is_as_it_was(signed_in: Client, admin: Caller) -> None:
    put_user_policy(admin, user_name="dora", policy_name="own", policy_document=READ)
    take_back(signed_in, change(signed_in, "/users/dora/inline-delete/", policy_name="own"))
    assert User.objects.get(name="dora").inline_policies.get().document == READ
    seen = signed_in.get("/users/dora/inline/own/").context["form"]["seen"].value()
    token = change(signed_in, "/users/dora/inline/own/", policy_name="own", policy_document=WRITE, seen=seen)
    assert User.objects.get(name="dora").inline_policies.get().document == WRITE
    take_back(signed_in, token)
    assert User.objects.get(name="dora").inline_policies.get().document == READ


def test_tags_are_as_they_were(signed_in: Client, admin: Caller) -> None:
    tag_user(admin, user_name="dora", tags=[{"Key": "team", "Value": "blue"}, {"Key": "level", "Value": "1"}])
    seen = signed_in.get("/users/dora/tags/").context["form"]["seen"].value()
    token = change(signed_in, "/users/dora/tags/", tags="team=red\ncost=7", seen=seen)
    take_back(signed_in, token)
    assert dict(User.objects.get(name="dora").tags.values_list("key", "value")) == {"team": "blue", "level": "1"}


def test_a_boundary_that_was_removed_is_set_again(signed_in: Client, admin: Caller) -> None:
    put_user_permissions_boundary(admin, user_name="dora", permissions_boundary=arn())
    seen = signed_in.get("/users/dora/boundary/").context["seen"]
    token = change(signed_in, "/users/dora/boundary/", removed="1", seen=seen)
    assert User.objects.get(name="dora").boundary is None
    take_back(signed_in, token)
    assert User.objects.get(name="dora").boundary.arn == arn()


def test_a_trust_policy_is_as_it_was(signed_in: Client, admin: Caller) -> None:
    create_role(admin, role_name="deploy", assume_role_policy_document=TRUST % "123456789012")
    before = Role.objects.get().trust_policy
    seen = signed_in.get("/roles/deploy/trust/").context["form"]["seen"].value()
    other = TRUST % "arn:aws:iam::123456789012:user/dora"
    token = change(signed_in, "/roles/deploy/trust/", policy_document=other, seen=seen, save="1")
    assert Role.objects.get().trust_policy != before
    take_back(signed_in, token, "/roles/deploy/trust/")
    from accounts import trust

    assert trust.readable(Role.objects.get().trust_policy) == trust.readable(before)


def test_a_name_is_the_old_one_and_its_page_is_shown(signed_in: Client) -> None:
    seen = User.objects.get(name="dora").unique_id
    token = change(signed_in, "/users/dora/rename/", new_user_name="dorothy", new_path="/ops/", seen=seen)
    html = take_back(signed_in, token, "/users/dorothy/")
    assert User.objects.get(unique_id=seen).path == "/"
    assert "<h1>dora" in html


def test_the_version_that_was_in_force_is_so_again(signed_in: Client, admin: Caller) -> None:
    create_policy_version(admin, policy_arn=arn(), policy_document=WRITE)
    token = change(signed_in, f"/policies/set-default/{arn()}/", version_id="v2")
    assert ManagedPolicy.objects.get(name="reading").default_version_id == "v2"
    take_back(signed_in, token)
    assert ManagedPolicy.objects.get(name="reading").default_version_id == "v1"


def test_a_new_version_is_gone_again(signed_in: Client) -> None:
    page = signed_in.get(f"/policies/edit/{arn()}/")
    data = {"policy_document": WRITE, "set_as_default": "on", "seen": page.context["form"]["seen"].value()}
    token = change(signed_in, f"/policies/edit/{arn()}/", **data)
    assert ManagedPolicy.objects.get(name="reading").default_version_id == "v2"
    take_back(signed_in, token)
    policy = ManagedPolicy.objects.get(name="reading")
    assert (policy.default_version_id, policy.versions.count()) == ("v1", 1)


# --- what cannot be undone ------------------------------------------------------------------------------------------------


def test_an_access_key_has_the_status_that_it_had(signed_in: Client, admin: Caller) -> None:
    key_id = create_access_key(admin, user_name="dora")["AccessKey"]["AccessKeyId"]
    address = f"/users/dora/security-credentials/access-keys/{key_id}/status/"
    for status, former in (("Inactive", True), ("Active", False)):
        AccessKey.objects.update(is_active=former)
        take_back(signed_in, change(signed_in, address, status=status))
        assert AccessKey.objects.get().is_active is former
    AccessKey.objects.update(is_active=True)
    assert change(signed_in, address, status="Active") == "", "nothing was changed"
    token = change(signed_in, address, status="Inactive")
    update_access_key(admin, user_name="dora", access_key_id=key_id, status="Inactive")
    assert "changed again meanwhile" in take_back(signed_in, token)
    assert not AccessKey.objects.get().is_active
    confirmed = change(signed_in, address.replace("/status/", "/delete/"), confirmation=key_id)
    assert (confirmed, AccessKey.objects.exists()) == ("", False), "a deletion cannot be undone"


def test_the_account_alias_is_the_former_one_or_none(signed_in: Client, admin: Caller) -> None:
    page = "/account-settings/"

    def alias() -> str | None:
        return Account.objects.get(pk=admin.account_id).alias

    take_back(signed_in, change(signed_in, page, account_alias="acme"))
    assert alias() is None
    create_account_alias(admin, account_alias="acme")
    take_back(signed_in, change(signed_in, page, account_alias="umbrella", changed="1"))
    assert alias() == "acme"
    take_back(signed_in, change(signed_in, page, removed="1"))
    assert alias() == "acme"
    assert change(signed_in, page, account_alias="acme") == "", "nothing was changed"
    token = change(signed_in, page, removed="1")
    create_account_alias(admin, account_alias="umbrella")
    assert "changed again meanwhile" in take_back(signed_in, token)
    assert alias() == "umbrella"


def test_what_was_changed_again_meanwhile_stays(signed_in: Client, admin: Caller) -> None:
    token = change(signed_in, "/users/dora/inline/", policy_name="own", policy_document=READ)
    assert token == "", "a new policy has no former state"
    seen = signed_in.get("/users/dora/inline/own/").context["form"]["seen"].value()
    token = change(signed_in, "/users/dora/inline/own/", policy_name="own", policy_document=WRITE, seen=seen)
    put_user_policy(admin, user_name="dora", policy_name="own", policy_document=READ.replace("s3", "sqs"))
    assert "It was changed again meanwhile" in take_back(signed_in, token)
    assert "sqs" in User.objects.get(name="dora").inline_policies.get().document


def test_it_is_undone_once(signed_in: Client) -> None:
    token = change(signed_in, "/users/dora/attach/", policy_arn=arn(), attach="1")
    take_back(signed_in, token)
    assert "This can be undone no more" in take_back(signed_in, token)


def test_it_is_undone_within_ten_minutes(signed_in: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    token = change(signed_in, "/users/dora/attach/", policy_arn=arn(), attach="1")
    now = undo.time()
    monkeypatch.setattr(undo, "time", lambda: now + undo.SECONDS + 1)
    assert "This can be undone no more" in take_back(signed_in, token)
    assert attached() == ["reading"]


def test_somebody_elses_change_is_not_undone_by_its_token(signed_in: Client, admin: Caller, make_user: Any) -> None:
    token = change(signed_in, "/users/dora/attach/", policy_arn=arn(), attach="1")
    other = Client()
    sign_in(other, make_user("mallory", EVERYTHING))
    take_back(other, token)
    assert attached() == ["reading"]


def test_what_the_caller_may_not_do_is_not_offered(client: Client, admin: Caller, make_user: Any) -> None:
    create_user(admin, user_name="dora")
    create_policy(admin, policy_name="reading", policy_document=READ)
    attach_user_policy(admin, user_name="dora", policy_arn=arn())
    sign_in(client, make_user("taker", DETACH_ONLY))
    assert change(client, "/users/dora/detach/", policy_arn=arn()) == ""
    assert attached() == []


def test_an_undo_that_fails_says_why_and_undoes_nothing(signed_in: Client, admin: Caller) -> None:
    attach_user_policy(admin, user_name="dora", policy_arn=arn())
    token = change(signed_in, "/users/dora/detach/", policy_arn=arn())
    ManagedPolicy.objects.get(name="reading").delete()
    assert "does not exist" in take_back(signed_in, token)


def test_the_last_ten_are_kept(signed_in: Client) -> None:
    tokens = []
    for _ in range(6):
        tokens.append(change(signed_in, "/users/dora/attach/", policy_arn=arn(), attach="1"))
        tokens.append(change(signed_in, "/users/dora/detach/", policy_arn=arn()))
    assert len(signed_in.session[undo.KEY]) == undo.MOST
    assert "This can be undone no more" in take_back(signed_in, tokens[0])


def test_the_commands_of_a_form_offer_nothing(signed_in: Client) -> None:
    signed_in.post("/users/dora/attach/", {"policy_arn": arn(), "show-commands": "attach"})
    assert undo.KEY not in signed_in.session


def token_of_outcome(client: Client, address: str, **data: Any) -> str:
    """Do it to many; the token of the button above the outcome, or an empty text."""
    html = client.post(address, {"go": "1", "state": "?", **data}).content.decode()
    return html.partition('action="/undo/"')[2].partition('name="token" value="')[2].partition('"')[0]


def members(name: str = "builders") -> list[str]:
    users = User.objects.filter(memberships__group__name=name).order_by("name_key")
    return list(users.values_list("name", flat=True))


def keys_of(*names: str) -> list[int]:
    return list(User.objects.filter(name__in=names).values_list("pk", flat=True))


def bounding(*names: str) -> list[str]:
    """The boundaries of some users."""
    return [getattr(User.objects.get(name=name).boundary, "arn", "") for name in names]


class TestMany:
    """What one request did to many rows is undone at once; whom it did not change stays as he was."""

    def test_who_was_a_member_already_stays_one(self, signed_in: Client, admin: Caller) -> None:
        create_user(admin, user_name="emil")
        add_user_to_group(admin, group_name="builders", user_name="dora")
        token = token_of_outcome(signed_in, "/users/add-to-group/", select=keys_of("dora", "emil"), group="builders")
        assert members() == ["dora", "emil"]
        assert "Undone: “1 user added to a group”" in take_back(signed_in, token)
        assert members() == ["dora"]

    def test_members_taken_out_come_back(self, signed_in: Client, admin: Caller) -> None:
        add_user_to_group(admin, group_name="builders", user_name="dora")
        token = token_of_outcome(signed_in, "/groups/builders/remove-users/", select=keys_of("dora"))
        assert members() == []
        take_back(signed_in, token)
        assert members() == ["dora"]

    def test_a_tag_gets_its_former_value(self, signed_in: Client, admin: Caller) -> None:
        create_user(admin, user_name="emil")
        tag_user(admin, user_name="dora", tags=[{"Key": "Team", "Value": "red"}])
        token = token_of_outcome(signed_in, "/users/tag/", select=keys_of("dora", "emil"), key="team", value="blue")
        take_back(signed_in, token)
        found = [(tag.key, tag.value) for name in ("dora", "emil") for tag in User.objects.get(name=name).tags.all()]
        assert found == [("Team", "red")]

    def test_a_boundary_gives_way_to_the_former_one(self, signed_in: Client, admin: Caller) -> None:
        create_user(admin, user_name="emil")
        create_user(admin, user_name="finn")
        other = create_policy(admin, policy_name="other", policy_document=READ)["Policy"]["Arn"]
        put_user_permissions_boundary(admin, user_name="emil", permissions_boundary=other)
        put_user_permissions_boundary(admin, user_name="finn", permissions_boundary=arn())
        chosen = {"select": keys_of("dora", "emil", "finn")}
        token = token_of_outcome(signed_in, "/users/set-boundary/", permissions_boundary=arn(), **chosen)
        assert bounding("dora", "emil", "finn") == [arn(), arn(), arn()]
        take_back(signed_in, token)
        assert bounding("dora", "emil", "finn") == ["", other, arn()]
        token = token_of_outcome(signed_in, "/users/remove-boundary/", **chosen)
        assert bounding("dora", "emil", "finn") == ["", "", ""]
        take_back(signed_in, token)
        assert bounding("dora", "emil", "finn") == ["", other, arn()]

    def test_entities_get_their_policy_back(self, signed_in: Client, admin: Caller) -> None:
        attach_user_policy(admin, user_name="dora", policy_arn=arn())
        entities = entities_of(ManagedPolicy.objects.get(arn=arn()), admin.account_id)
        token = token_of_outcome(signed_in, f"/policies/detach/{arn()}/", select=[entities.get().pk])
        assert not entities.exists()
        take_back(signed_in, token)
        assert entities.all().get().name == "dora"

    def test_a_deletion_offers_nothing(self, signed_in: Client) -> None:
        assert token_of_outcome(signed_in, "/users/delete/", select=keys_of("dora"), confirmation="1") == ""
        assert not User.objects.filter(name="dora").exists()

    def test_more_than_one_request_does_offers_nothing(self, signed_in: Client, monkeypatch: Any) -> None:
        monkeypatch.setattr("pages.listing.bulk.PIECE", 1)
        chosen = {"select": keys_of("dora", "alice"), "group": "builders"}
        assert token_of_outcome(signed_in, "/users/add-to-group/", **chosen) == ""
        assert token_of_outcome(signed_in, "/users/add-to-group/", after=min(chosen["select"]), **chosen) == ""
