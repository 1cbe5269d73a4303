"""Who uses a policy: the list of the tab, attaching to several at once, detaching many with a review."""

import csv
import html
import json
import re

import pytest
from django.urls import reverse

from accounts.models import Group, Role, User, UserAttachment
from accounts.operations.attachments import attach_group_policy, attach_role_policy, attach_user_policy
from accounts.operations.boundaries import put_user_permissions_boundary
from accounts.operations.groups import create_group
from accounts.operations.memberships import add_user_to_group
from accounts.operations.roles import create_role
from accounts.operations.tags import tag_user
from accounts.operations.users import create_user
from operations.ids import unique_id
from policies.models import ManagedPolicy
from policies.operations.managed_policies import create_policy
from tests.conftest import ADMINISTRATOR
from tests.signing_in import sign_in

READ = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'
TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},'
    '"Action":"sts:AssumeRole"}]}'
)


def at(page: str, arn: str) -> str:
    return reverse(f"policies:{page}", args=[arn])


def text(response) -> str:
    return re.sub(r"\s+", " ", html.unescape(response.content.decode()).replace('<span class="soft">', ""))


def names(response) -> list[str]:
    return re.findall(r'<th scope="row"[^>]*><a class="name" href="[^"]*">([^<]+)</a>', response.content.decode())


@pytest.fixture
def administrator(client, make_user):
    sign_in(client, make_user("alice", ADMINISTRATOR), mfa=True)
    return client


@pytest.fixture
def arn(system) -> str:
    """A policy that a group with a member, two users and a role have, and that is the boundary of a third user."""
    found = create_policy(system, policy_name="reading", policy_document=READ)["Policy"]["Arn"]
    create_group(system, group_name="readers", path="/teams/")
    for name in ("dora", "Emil", "finn"):
        create_user(system, user_name=name)
    add_user_to_group(system, group_name="readers", user_name="finn")
    create_role(system, role_name="web", assume_role_policy_document=TRUST)
    attach_group_policy(system, group_name="readers", policy_arn=found)
    attach_user_policy(system, user_name="dora", policy_arn=found)
    attach_user_policy(system, user_name="Emil", policy_arn=found)
    attach_role_policy(system, role_name="web", policy_arn=found)
    put_user_permissions_boundary(system, user_name="finn", permissions_boundary=found)
    return found


def ids(client, arn: str, query: str = "") -> list[int]:
    return [row.pk for row in client.get(f"{at('entities', arn)}?{query}").context["list"].rows]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["dora", "Emil", "finn", "readers", "web"]),
        ("sort=-name", ["web", "readers", "finn", "Emil", "dora"]),
        ("sort=kind", ["readers", "web", "Emil", "dora", "finn"]),
        ("sort=-since", ["web", "Emil", "dora", "readers", "finn"]),
        ("sort=-members", ["readers"]),
        ("sort=-path", ["readers"]),
        ("f=kind:eq:user", ["dora", "Emil", "finn"]),
        ("f=kind:ne:user&sort=-name", ["web", "readers"]),
        ("f=usage:eq:boundary", ["finn"]),
        ("f=usage:eq:attached&f=kind:eq:user", ["dora", "Emil"]),
        ("f=name:starts:em", ["Emil"]),
        ("f=path:eq:/teams/", ["readers"]),
        ("f=since:eq:never", ["finn"]),
        ("f=since:lt:7&f=kind:eq:role", ["web"]),
        ("f=members:gt:0", ["readers"]),
        ("q=eb", ["web"]),
    ],
)  # fmt: skip
def test_who_uses_a_policy_is_filtered_and_sorted(administrator, arn, query, found):
    shown = names(administrator.get(f"{at('entities', arn)}?{query}"))
    if query.startswith("sort=kind"):
        assert (shown[0], set(shown[1:4]), shown[4]) == (
            "readers",
            {"dora", "Emil", "finn"} - {shown[4]} | {"web"},
            shown[4],
        )
    else:
        assert shown[: len(found)] == found


def test_it_is_exported_with_the_words_of_the_page(administrator, arn):
    lines = b"".join(administrator.get(at("entities", arn) + "?export=csv&f=kind:ne:role").streaming_content).decode()
    rows = list(csv.reader(lines.splitlines()))
    assert rows[0] == ["Name", "Type", "Used as", "Since"]
    assert [row[:3] for row in rows[1:]] == [
        ["dora", "User", "Permissions policy"],
        ["Emil", "User", "Permissions policy"],
        ["finn", "User", "Permissions boundary"],
        ["readers", "Group", "Permissions policy"],
    ]
    exported = json.loads(b"".join(administrator.get(at("entities", arn) + "?export=json").streaming_content))
    assert [row["name"] for row in exported] == ["dora", "Emil", "finn", "readers", "web"]


def test_both_empty_states(administrator, system, arn):
    assert "Nothing fits these filters." in text(administrator.get(at("entities", arn) + "?f=path:eq:/nowhere/"))
    unused = create_policy(system, policy_name="unused", policy_document=READ)["Policy"]["Arn"]
    assert "Nobody uses this policy" in text(administrator.get(at("entities", unused)))


def test_suggestions_come_from_all_that_use_it(administrator, arn):
    shown = text(administrator.get(at("entities", arn), {"suggest": "1", "add": "Name = d"}))
    assert "Name = dora" in shown
    assert "alice" not in shown, "who does not use it is not offered"


@pytest.mark.parametrize("sort", ["name", "-name", "since", "-since", "kind", "usage"])
def test_every_row_is_met_once_over_the_pages(administrator, account, arn, sort):
    policy = ManagedPolicy.objects.get(arn=arn)
    users = User.objects.bulk_create(
        User(account=account, name=f"u{n}", name_key=f"u{n}", unique_id=unique_id("AIDA")) for n in range(40)
    )
    UserAttachment.objects.bulk_create(UserAttachment(policy=policy, user=user) for user in users)
    query, seen = f"sort={sort}&size=10", []
    while query:
        page = administrator.get(f"{at('entities', arn)}?{query}").context["list"]
        seen += [row.pk for row in page.rows]
        query = page.next_url.lstrip("?")
    assert len(seen) == len(set(seen)) == 45


def test_those_of_another_account_are_not_shown(administrator, arn, make_aws_policy, system, stranger):
    aws = make_aws_policy()
    create_user(stranger, user_name="theirs")
    attach_user_policy(stranger, user_name="theirs", policy_arn=aws.arn)
    attach_user_policy(system, user_name="dora", policy_arn=aws.arn)
    assert names(administrator.get(at("entities", aws.arn))) == ["dora"]


# --- detaching ------------------------------------------------------------------------------------------------------------


def test_the_selected_are_detached_after_a_review(administrator, arn):
    chosen = {"all": "1", "state": "?sort=-name"}
    review = text(administrator.post(at("detach", arn), chosen))
    for said in (
        "1 of 5 entities will be left unchanged.", "A permissions boundary is not detached here", "Detach from 4 entities</button>",
        "<b>1</b> member loses what it allows", "<b>1</b> user loses what it allows", "<b>1</b> role loses what it allows",
        f'href="{at("entities", arn)}?sort=-name"', 'href="/users/dora/"',
    ):  # fmt: skip
        assert said in review, said
    assert UserAttachment.objects.count() == 2, "a review takes nothing away"
    done = text(administrator.post(at("detach", arn), chosen | {"go": "1"}))
    assert "<h1>Detached from 4 entities" in done
    assert not UserAttachment.objects.exists()
    assert not Group.objects.get(name="readers").attachments.exists()
    assert not Role.objects.get(name="web").attachments.exists()
    assert User.objects.get(name="finn").boundary is not None
    assert names(administrator.get(at("entities", arn))) == ["finn"]


def test_looking_at_the_addresses_changes_nothing(administrator, arn):
    assert administrator.get(at("detach", arn))["Location"] == at("entities", arn)
    assert administrator.get(at("attach", arn) + "?users=alice&attach=1").status_code == 200
    assert UserAttachment.objects.count() == 2


def test_ticked_rows_alone_are_detached(administrator, arn):
    chosen = {"select": ids(administrator, arn, "f=name:eq:dora"), "go": "1"}
    assert "<h1>Detached from 1 entity" in text(administrator.post(at("detach", arn), chosen))
    assert [each.user.name for each in UserAttachment.objects.all()] == ["Emil"]


def test_from_whom_one_may_not_take_it_is_told_beforehand(client, make_user, system, arn):
    tag_user(system, user_name="dora", tags=[{"Key": "team", "Value": "ops"}])
    may = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": ["iam:List*", "iam:Get*"], "Resource": "*"},
            {
                "Effect": "Allow", "Action": "iam:DetachUserPolicy", "Resource": "*",
                "Condition": {"StringEquals": {"aws:ResourceTag/team": "ops"}, "ArnEquals": {"iam:PolicyARN": arn}},
            },
        ],
    }  # fmt: skip
    sign_in(client, make_user("vera", json.dumps(may)), mfa=True)
    assert at("detach", arn) in text(client.get(at("entities", arn)))
    review = text(client.post(at("detach", arn), {"all": "1", "state": "?f=usage:eq:attached"}))
    assert "3 of 4 entities will be left unchanged." in review
    assert "iam:DetachUserPolicy Emil" in review
    assert "iam:DetachGroupPolicy readers" in review
    assert "iam:DetachRolePolicy web" in review
    assert "Detach from 1 entity</button>" in review


def test_whoever_may_only_read_has_neither_boxes_nor_the_way_to_attach(client, make_user, arn):
    may = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:List*","iam:Get*"],"Resource":"*"}]}'
    sign_in(client, make_user("vera", may), mfa=True)
    shown = text(client.get(at("entities", arn)))
    assert "dora" in shown
    assert at("detach", arn) not in shown
    assert at("attach", arn) not in shown


def test_a_review_costs_the_same_number_of_queries_at_any_size(
    administrator, account, arn, django_assert_max_num_queries
):
    policy = ManagedPolicy.objects.get(arn=arn)
    users = User.objects.bulk_create(
        User(account=account, name=f"u{n}", name_key=f"u{n}", unique_id=unique_id("AIDA")) for n in range(300)
    )
    UserAttachment.objects.bulk_create(UserAttachment(policy=policy, user=user) for user in users)
    chosen = {"all": "1", "state": "?"}
    administrator.post(at("detach", arn), chosen)
    with django_assert_max_num_queries(15):
        assert "Detach from 304 entities" in text(administrator.post(at("detach", arn), chosen))


# --- attaching ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def fresh(system) -> str:
    """A policy that nobody has."""
    for name in ("dora", "emil"):
        create_user(system, user_name=name)
    create_group(system, group_name="readers")
    create_role(system, role_name="web", assume_role_policy_document=TRUST)
    return create_policy(system, policy_name="reading", policy_document=READ)["Policy"]["Arn"]


def test_it_is_attached_to_several_of_each_kind_at_once(administrator, fresh):
    shown = text(administrator.get(at("attach", fresh)))
    for name in ("dora", "emil", "readers", "web"):
        assert name in shown
    chosen = {"users": ["dora", "emil"], "groups": "readers", "roles": "web", "attach": "1"}
    done = administrator.post(at("attach", fresh), chosen, follow=True)
    assert "The policy is attached to 4 entities." in text(done)
    assert names(done) == ["dora", "emil", "readers", "web"]


def test_who_has_it_already_cannot_be_chosen_and_keeps_it_when_attaching_is_undone(administrator, system, fresh):
    attach_user_policy(system, user_name="dora", policy_arn=fresh)
    offered = administrator.get(at("attach", fresh)).content.decode()
    assert ticks(offered) == {"emil": False, "dora": True, "readers": False, "web": False}
    assert offered.count("Attached already") == 1
    page = administrator.post(at("attach", fresh), {"users": ["dora", "emil"], "attach": "1"}, follow=True)
    token = re.search('form="undo" name="token" value="([^"]+)"', page.content.decode())[1]
    administrator.post(reverse("pages:undo"), {"token": token})
    assert [row.user.name for row in UserAttachment.objects.all()] == ["dora"]
    page = administrator.post(at("attach", fresh), {"users": "dora", "attach": "1"}, follow=True)
    assert "The policy is attached to 1 entity." in text(page)
    assert 'form="undo" name="token"' not in page.content.decode()


def ticks(page: str) -> dict[str, bool]:
    """Who is offered, and whether they cannot be chosen."""
    boxes = re.findall(r'<input type="checkbox" name="(?:users|groups|roles)" value="([^"]+)"[^>]*>', page)
    return {name: re.search(rf'value="{name}"[^>]* disabled', page) is not None for name in boxes if name != "alice"}


def test_whoever_has_it_is_told_apart_however_many_have_it(administrator, account, system, fresh):
    policy = ManagedPolicy.objects.get(arn=fresh)
    users = User.objects.bulk_create(
        User(account=account, name=f"u{n}", name_key=f"u{n}", unique_id=f"AIDA{n}") for n in range(101)
    )
    UserAttachment.objects.bulk_create(UserAttachment(policy=policy, user=user) for user in users)
    create_user(system, user_name="u100-other")
    found = administrator.post(at("attach", fresh), {"users-q": "u100", "users-search": "1"}).content.decode()
    assert {name: has for name, has in ticks(found).items() if name.startswith("u")} == {
        "u100": True,
        "u100-other": False,
    }
    reference = html.unescape(re.search('name="already" value="([^"]+)"', found)[1])
    step = {"name": "users", "users-q": "u100", "already": reference}
    again = administrator.get(reverse("pages:pick", args=["users"]), step).content.decode()
    assert ticks(again) == {"u100": True, "u100-other": False}


@pytest.mark.parametrize("wrong", ["", "attached", "attached arn:aws:iam::123456789012:policy/none", "other x"])
def test_a_reference_that_is_none_tells_nothing(administrator, fresh, wrong):
    step = {"name": "users", "users-q": "dora", "already": wrong}
    answer = administrator.get(reverse("pages:pick", args=["users"]), step)
    assert ticks(answer.content.decode()) == {"dora": False}


def test_who_has_it_is_told_only_to_who_may_list_them(client, make_user, system, fresh):
    attach_user_policy(system, user_name="dora", policy_arn=fresh)
    may = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:ListUsers","iam:GetPolicy","iam:AttachUserPolicy"],'
        '"Resource":"*"}]}'
    )
    sign_in(client, make_user("vera", may), mfa=True)
    step = {"name": "users", "users-q": "dora", "already": f"attached {fresh}"}
    assert ticks(client.get(reverse("pages:pick", args=["users"]), step).content.decode()) == {"dora": False}
    assert ticks(client.get(at("attach", fresh)).content.decode())["dora"] is False


def test_one_looks_for_users_before_one_attaches(administrator, fresh):
    found = text(administrator.post(at("attach", fresh), {"users-q": "emi", "users-search": "1", "roles": "web"}))
    assert "emil" in found
    assert "dora" not in found
    assert not UserAttachment.objects.exists()


def test_attaching_is_all_or_none_and_says_what_is_wrong(administrator, fresh, settings):
    nobody = text(administrator.post(at("attach", fresh), {"users": ["dora", "ghost"], "attach": "1"}))
    assert "The user with name ghost cannot be found." in nobody
    assert not UserAttachment.objects.exists()
    assert "Choose at least one user, group or role." in text(administrator.post(at("attach", fresh), {"attach": "1"}))


def test_only_the_kinds_are_offered_that_one_may_attach_it_to(client, make_user, fresh):
    may = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:List*","iam:Get*"],"Resource":"*"},'
        '{"Effect":"Allow","Action":"iam:AttachGroupPolicy","Resource":"*"}]}'
    )
    sign_in(client, make_user("vera", may), mfa=True)
    assert at("attach", fresh) in text(client.get(at("entities", fresh)))
    assert list(client.get(at("attach", fresh)).context["form"].fields) == ["groups"]
    client.post(at("attach", fresh), {"groups": "readers", "users": "dora", "attach": "1"})
    assert Group.objects.get(name="readers").attachments.exists()
    assert not UserAttachment.objects.exists()
