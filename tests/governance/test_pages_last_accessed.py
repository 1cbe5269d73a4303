"""The tab Last accessed of users, groups, roles and policies, and which tabs a caller is offered."""

import json
import re
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import AccessKey, User
from accounts.operations.attachments import attach_group_policy, attach_user_policy
from accounts.operations.groups import create_group
from accounts.operations.inline_policies import put_group_policy, put_role_policy, put_user_policy
from accounts.operations.memberships import add_user_to_group
from accounts.operations.roles import create_role
from accounts.operations.tags import tag_role, tag_user
from accounts.operations.users import list_users
from operations.clock import now
from operations.errors import AccessDenied
from operations.ids import access_key_id
from operations.models import Event
from policies.operations.managed_policies import create_policy
from tests.conftest import ACCOUNT, ADMINISTRATOR
from tests.every_page import TRUST
from tests.federation.conftest import allow
from tests.signing_in import sign_in

REPORT = ("iam:GenerateServiceLastAccessedDetails", "iam:GetServiceLastAccessedDetails")
ROLE = TRUST % f"arn:aws:iam::{ACCOUNT}:root"


@pytest.fixture
def dora(admin, make_user, caller_of):
    """In the group ops, with policies of both; has listed users, been refused roles, and had a key checked by s3."""
    user = make_user("dora", allow("iam:ListUsers", "iam:ListRoles", "s3:GetObject"))
    create_group(admin, group_name="ops")
    add_user_to_group(admin, group_name="ops", user_name="dora")
    put_group_policy(admin, group_name="ops", policy_name="queues", policy_document=allow("sqs:*", "iam:ListUsers"))
    list_users(caller_of(user))
    AccessKey.objects.create(
        user=user,
        key_id=access_key_id(),
        secret="x",
        last_used_at=now() - timedelta(days=3),
        last_used_service="s3",
        last_used_region="eu-west-1",
    )
    return user


@pytest.fixture
def policy(admin):
    return create_policy(admin, policy_name="reading", policy_document=allow("iam:List*", "ec2:*"))["Policy"]["Arn"]


@pytest.fixture
def admin_client(client, admin):
    sign_in(client, User.objects.get(pk=admin.user_id))
    return client


def client_of(client, make_user, *actions, name="vera", document=None):
    sign_in(client, make_user(name, document or allow(*actions)))
    return client


def prefixes(page):
    return [line.use.prefix for line in page.context["lines"]]


def tabs(page):
    found = re.search(r'<nav class="tabs".*?</nav>', page.content.decode(), re.DOTALL)[0]
    return [
        re.sub("<.*?>", "", link).split(" ")[0] if "badge" in link else re.sub("<.*?>", "", link)
        for link in re.findall("<a .*?</a>", found)
    ]


def words(page):
    return " ".join(re.sub("<[^>]*>", " ", page.content.decode().replace("<wbr>", "")).split())


def test_a_users_services_the_last_accessed_first(admin_client, dora):
    page = admin_client.get("/users/dora/last-accessed/")
    assert prefixes(page) == ["iam", "s3", "sqs"]
    assert "2 of 3 services that the policies allow were accessed in the tracking period." in words(page)
    assert "for 400 days at most: attempts, allowed or denied" in words(page)
    iam, s3, sqs = page.context["lines"]
    assert [one.held.name for one in iam.granting] == ["given", "queues"]
    assert [one.href for one in iam.granting] == [
        reverse("accounts:user-inline", args=["dora", "given"]),
        reverse("accounts:group-inline", args=["ops", "queues"]),
    ]
    assert (s3.use.last.region, sqs.use.last) == ("eu-west-1", None)
    for address in (one.href for line in page.context["lines"] for one in line.granting):
        assert admin_client.get(address).status_code == 200


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("use=accessed", ["iam", "s3"]),
        ("use=never", ["sqs"]),
        ("use=nonsense&sort=nonsense", ["iam", "s3", "sqs"]),
        ("sort=last", ["sqs", "s3", "iam"]),
        ("sort=name", ["s3", "sqs", "iam"]),
        ("q=amazon+SQS", ["sqs"]),
        ("q=s3&use=never", []),
        ("page=99", ["iam", "s3", "sqs"]),
    ],
)
def test_filters_search_and_order(admin_client, dora, query, expected):
    page = admin_client.get(f"/users/dora/last-accessed/?{query}")
    assert prefixes(page) == expected
    assert ("No match" in words(page)) == (not expected)


def test_the_heads_sort_and_keep_the_filters(admin_client, dora):
    page = admin_client.get("/users/dora/last-accessed/?use=accessed")
    html = page.content.decode()
    assert 'aria-sort="descending"' in html
    by_time, by_name = (
        re.search(r'href="\?(use=accessed&amp;sort=last)"', html),
        re.search(r'href="\?(use=accessed&amp;sort=name)"', html),
    )
    assert prefixes(admin_client.get("/users/dora/last-accessed/?" + by_time[1].replace("&amp;", "&"))) == ["s3", "iam"]
    assert prefixes(admin_client.get("/users/dora/last-accessed/?" + by_name[1].replace("&amp;", "&"))) == ["s3", "iam"]


def test_the_actions_of_a_service_are_those_that_the_policies_allow(admin_client, dora, caller_of):
    from accounts.operations.roles import list_roles

    put_user_policy(
        caller_of(User.objects.get(name="alice")),
        user_name="dora",
        policy_name="no",
        policy_document=allow("iam:ListRoles").replace("Allow", "Deny"),
    )
    with pytest.raises(AccessDenied):
        list_roles(caller_of(dora))
    page = admin_client.get("/users/dora/last-accessed/?service=iam")
    assert [(one.name, one.last is not None) for one in page.context["actions"]] == [
        ("ListRoles", True),
        ("ListUsers", True),
    ]
    for prefix in ("sqs", "ec2", "nonsense"):  # without actions of their own, not allowed, none
        assert admin_client.get(f"/users/dora/last-accessed/?service={prefix}").status_code == 404


def test_a_group_tells_how_many_members_and_who(admin_client, admin, dora, make_user):
    make_user("emil")
    add_user_to_group(admin, group_name="ops", user_name="emil")
    page = admin_client.get("/groups/ops/last-accessed/")
    assert prefixes(page) == ["iam", "sqs"]
    assert "Accessed by members" in words(page)
    assert page.context["lines"][0].use.last.principal == dora
    page = admin_client.get("/groups/ops/last-accessed/?service=sqs")
    assert [(one.row.name, one.last) for one in page.context["entities"].value] == [("dora", None), ("emil", None)]
    page = admin_client.get("/groups/ops/last-accessed/?service=iam")
    assert [(one.row.name, one.last is not None) for one in page.context["entities"].value] == [
        ("dora", True),
        ("emil", False),
    ]


def test_a_policy_tells_which_entities(admin_client, admin, dora, policy, make_user, caller_of):
    emil = make_user("emil")
    attach_group_policy(admin, group_name="ops", policy_arn=policy)
    attach_user_policy(admin, user_name="emil", policy_arn=policy)
    list_users(caller_of(emil))
    page = admin_client.get(reverse("governance:policy-last-accessed", args=[policy]))
    assert prefixes(page) == ["iam", "ec2"]
    assert page.context["lines"][0].others == 1
    assert "emil and 1 more" in words(page)
    assert "Policies granting permission" not in words(page)
    page = admin_client.get(reverse("governance:policy-last-accessed", args=[policy]) + "?service=iam")
    assert [one.row.name for one in page.context["entities"].value] == ["emil", "dora"]


def test_a_role(admin_client, admin):
    create_role(admin, role_name="deploy", assume_role_policy_document=ROLE)
    page = admin_client.get("/roles/deploy/last-accessed/")
    assert "No policy here allows anything." in words(page)
    put_role_policy(admin, role_name="deploy", policy_name="own", policy_document=allow("s3:*"))
    assert prefixes(admin_client.get("/roles/deploy/last-accessed/")) == ["s3"]


def test_an_administrators_services_come_in_pages(admin_client):
    page = admin_client.get("/users/alice/last-accessed/?sort=name")
    assert (len(page.context["lines"]), page.context["page"].paginator.count > 400) == (50, True)
    assert "?sort=name&amp;page=2" in page.content.decode()
    following = admin_client.get("/users/alice/last-accessed/?sort=name&page=2")
    assert not set(prefixes(page)) & set(prefixes(following))


def test_the_reads_are_recorded_as_the_calls_of_the_report(admin_client, dora):
    before = Event.objects.count()
    admin_client.get("/users/dora/last-accessed/")
    assert list(Event.objects.order_by("id").values_list("name", flat=True))[before:] == [
        "GetUser",
        "GenerateServiceLastAccessedDetails",
        "GetServiceLastAccessedDetails",
        "ListPoliciesGrantingServiceAccess",
    ]


@pytest.mark.parametrize("missing", REPORT)
def test_without_a_right_the_report_is_refused_and_nothing_of_it_is_shown(client, make_user, dora, missing):
    actions = [action for action in REPORT if action != missing]
    page = client_of(client, make_user, "iam:GetUser", *actions).get("/users/dora/last-accessed/")
    assert page.status_code == 200
    assert f"Needs {missing}" in words(page)
    assert "sqs" not in words(page)
    assert tabs(page) == ["Permissions", "Security credentials", "Last accessed"]  # the page itself, and what opens


def test_granting_policies_and_entities_are_for_who_may_see_them(client, make_user, dora):
    client_of(client, make_user, "iam:GetUser", "iam:GetGroup", *REPORT)
    page = client.get("/users/dora/last-accessed/")
    assert prefixes(page) == ["iam", "s3", "sqs"]
    assert "queues" not in words(page)
    assert "iam:ListPoliciesGrantingServiceAccess" in words(page)
    iam, sqs = client.get("/groups/ops/last-accessed/").context["lines"]
    assert (iam.href, sqs.href) == ("?service=iam", "")  # its actions can be seen, of the other only who accessed it
    page = client.get("/groups/ops/last-accessed/?service=sqs")
    assert "Needs iam:GetServiceLastAccessedDetailsWithEntities" in words(page)
    assert "dora" not in words(page)


EVERY_TAB = {
    "user": [
        "Permissions",
        "Effective access",
        "Groups",
        "Tags",
        "Security credentials",
        "Last accessed",
        "Activity",
        "History",
    ],
    "group": ["Users", "Permissions", "Effective access", "Roles", "Last accessed", "History"],
    "role": [
        "Permissions",
        "Effective access",
        "Trust relationships",
        "Who can assume",
        "Tags",
        "Last accessed",
        "Revoke sessions",
        "History",
    ],
    "policy": ["Permissions", "Entities", "Tags", "Policy versions", "Proposals", "Tests", "Comments", "Last accessed"],
}
PERMISSIONS = {
    "user": {
        "Effective access": [
            "iam:ListAttachedUserPolicies",
            "iam:GetUserPolicy",
            "iam:GetGroupPolicy",
            "iam:GetPolicyVersion",
        ],
        "Groups": ["iam:ListGroupsForUser"],
        "Tags": ["iam:ListUserTags"],
        "Last accessed": REPORT,
        "Activity": ["cloudtrail:LookupEvents"],
        "History": ["cloudtrail:LookupEvents"],
    },
    "group": {
        "Permissions": ["iam:ListAttachedGroupPolicies"],
        "Effective access": ["iam:ListAttachedGroupPolicies", "iam:GetGroupPolicy", "iam:GetPolicyVersion"],
        "Roles": ["iam:GetGroupPolicy"],
        "Last accessed": REPORT,
        "History": ["cloudtrail:LookupEvents"],
    },
    "role": {
        "Effective access": ["iam:ListAttachedRolePolicies", "iam:GetRolePolicy", "iam:GetPolicyVersion"],
        "Who can assume": ["iam:GetAccountAuthorizationDetails"],
        "Tags": ["iam:ListRoleTags"],
        "Last accessed": REPORT,
        "History": ["cloudtrail:LookupEvents"],
    },
    "policy": {
        "Entities": ["iam:ListEntitiesForPolicy"],
        "Tags": ["iam:ListPolicyTags"],
        "Policy versions": ["iam:ListPolicyVersions"],
        "Proposals": ["iam:GetPolicyVersion"],
        "Tests": ["iam:GetPolicyVersion"],
        "Comments": ["iam:GetPolicyVersion"],
        "Last accessed": REPORT,
    },
}
SEEING = {"user": "iam:GetUser", "group": "iam:GetGroup", "role": "iam:GetRole", "policy": "iam:GetPolicy"}


@pytest.fixture
def entities(admin, dora, policy):
    create_role(admin, role_name="deploy", assume_role_policy_document=ROLE)
    return {
        "user": "/users/dora/",
        "group": "/groups/ops/",
        "role": "/roles/deploy/",
        "policy": reverse("policies:policy", args=[policy]),
    }


def _opened(kind, permissions):
    """The tabs that these permissions open."""
    return [tab for tab, needed in PERMISSIONS[kind].items() if set(needed) <= set(permissions)]


@pytest.mark.parametrize("kind", EVERY_TAB)
def test_an_administrator_sees_every_tab(admin_client, entities, kind):
    assert tabs(admin_client.get(entities[kind])) == EVERY_TAB[kind]


@pytest.mark.parametrize(("kind", "tab"), [(kind, tab) for kind, found in PERMISSIONS.items() for tab in found])
def test_a_tab_is_there_for_who_may_open_it(client, make_user, entities, kind, tab):
    """Without rights to it the tab is away; with its own rights it is there, and what it leads to refuses nothing."""
    always = [name for name in EVERY_TAB[kind] if name not in PERMISSIONS[kind]]
    assert tabs(client_of(client, make_user, SEEING[kind]).get(entities[kind])) == always
    if len(PERMISSIONS[kind][tab]) > 1:
        client_of(client, make_user, SEEING[kind], PERMISSIONS[kind][tab][0], name="half")
        assert set(tabs(client.get(entities[kind]))) == {*always, *_opened(kind, PERMISSIONS[kind][tab][:1])}
    client_of(client, make_user, SEEING[kind], *PERMISSIONS[kind][tab], name="wanda")
    page = client.get(entities[kind])
    assert set(tabs(page)) == {*always, *_opened(kind, PERMISSIONS[kind][tab])} >= {tab}
    nav = re.search(r'<nav class="tabs".*?</nav>', page.content.decode(), re.DOTALL)[0]
    address = next(
        href for href, name in re.findall(r'<a href="([^"]+)"[^>]*><span[^>]*>([\w ]+)', nav) if name.startswith(tab)
    )
    opened = client.get(address)
    assert opened.status_code == 200
    assert "Needs iam:" not in words(opened)


def test_a_permission_that_asks_for_the_entitys_tags_gives_the_tab(client, make_user, admin, entities):
    tags = [{"Key": "team", "Value": "blue"}]
    tag_user(admin, user_name="dora", tags=tags)
    tag_role(admin, role_name="deploy", tags=[{"Key": "team", "Value": "red"}])
    document = json.loads(allow("iam:ListUserTags", "iam:ListRoleTags"))
    document["Statement"][0]["Condition"] = {"StringEquals": {"aws:ResourceTag/team": "blue"}}
    document["Statement"].append({"Effect": "Allow", "Action": ["iam:GetUser", "iam:GetRole"], "Resource": "*"})
    client_of(client, make_user, document=json.dumps(document))
    assert "Tags" in tabs(client.get(entities["user"]))
    assert "Tags" not in tabs(client.get(entities["role"]))
    assert client.get("/users/dora/tags/").status_code == 200
    assert client.get("/roles/deploy/tags/").status_code == 403


def test_an_aws_managed_policy_counts_the_accounts_own_entities_only(stranger, admin_client, admin):
    from policies.models import AWS, ManagedPolicy, PolicyVersion

    arn = "arn:aws:iam::aws:policy/Everything"
    row = ManagedPolicy.objects.create(
        account_id=AWS, name="Everything", name_key="everything", arn=arn, unique_id="ANPAX"
    )
    PolicyVersion.objects.create(policy=row, number=1, document=ADMINISTRATOR)
    attach_user_policy(stranger, user_name="charlie", policy_arn=arn)
    list_users(stranger)
    page = admin_client.get(reverse("governance:policy-last-accessed", args=[arn]) + "?service=iam")
    assert page.status_code == 200
    assert list(page.context["entities"].value) == []
    assert "charlie" not in words(page)


def downloaded(page):
    return b"".join(page.streaming_content).decode()


def test_the_services_are_downloaded_as_they_are_shown(admin_client, dora, policy, client, make_user):
    shown = admin_client.get("/users/dora/last-accessed/")
    assert "export=csv" in shown.content.decode()
    lines = downloaded(admin_client.get("/users/dora/last-accessed/?export=csv")).splitlines()
    assert lines[0] == "Service,Service namespace,Last accessed,Policies granting permission,Region"
    assert [line.split(",")[1] for line in lines[1:]] == prefixes(shown)
    rows = json.loads(downloaded(admin_client.get("/users/dora/last-accessed/?q=sqs&export=json")))
    assert rows == [
        {
            "service": "Amazon SQS",
            "namespace": "sqs",
            "last_accessed": None,
            "policies": ["queues"],
            "region": "",
        }
    ]
    many = downloaded(admin_client.get("/groups/ops/last-accessed/?export=csv")).splitlines()
    assert many[0] == "Service,Service namespace,Last accessed,Accessed by,Policies granting permission,Region"
    assert dora.arn in many[1]
    address = reverse("governance:policy-last-accessed", args=[policy])
    assert "Policies granting" not in downloaded(admin_client.get(f"{address}?export=csv"))
    refused = client_of(client, make_user, "iam:GetUser").get("/users/dora/last-accessed/?export=csv")
    assert not refused.streaming
    assert "Needs iam:GenerateServiceLastAccessedDetails" in refused.content.decode()
