"""When services were last accessed, which policies grant them, and what policies say in sentences."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AccessKey, Role, RoleAttachment, User, UserAttachment
from engine import Policy
from engine.summary import allowed_actions, allowed_services, summarise
from governance import last_accessed, subjects
from operations.errors import AccessDenied, InvalidInput, NoSuchEntity
from operations.gate import REGISTRY
from operations.ids import access_key_id
from operations.models import Event
from operations.statistics import analyse
from policies.models import ManagedPolicy
from tests.federation.conftest import allow

ARN = "arn:aws:iam::123456789012:{}"
BOB = ARN.format("user/bob")


def call(operation, caller, /, **params):
    return REGISTRY[f"iam:{operation}"](caller, **params)


def details(caller, arn, **params):
    job = call("GenerateServiceLastAccessedDetails", caller, arn=arn, **params)["JobId"]
    return call("GetServiceLastAccessedDetails", caller, job_id=job) | {"JobId": job}


@pytest.fixture
def bob(make_user, system):
    user = make_user("bob", allow("iam:ListUsers", "s3:GetObject", "sts:AssumeRole"))
    call("CreateGroup", system, group_name="ops")
    call("AddUserToGroup", system, group_name="ops", user_name="bob")
    call("PutGroupPolicy", system, group_name="ops", policy_name="queues", policy_document=allow("sqs:*"))
    return user


def test_a_users_services(bob, admin, caller_of):
    REGISTRY["iam:ListUsers"](caller_of(bob))
    with pytest.raises(AccessDenied):
        REGISTRY["iam:ListRoles"](caller_of(bob))
    AccessKey.objects.create(
        user=bob,
        key_id=access_key_id(),
        secret="x",
        last_used_at=datetime.now(UTC) - timedelta(days=3),
        last_used_service="s3",
        last_used_region="eu-west-1",
    )
    answer = details(admin, BOB)
    assert (answer["JobStatus"], answer["JobType"], answer["IsTruncated"]) == ("COMPLETED", "SERVICE_LEVEL", False)
    found = {row["ServiceNamespace"]: row for row in answer["ServicesLastAccessed"]}
    assert set(found) == {"iam", "s3", "sts", "sqs"}
    assert found["iam"]["LastAuthenticatedEntity"] == BOB
    assert datetime.now(UTC) - found["iam"]["LastAuthenticated"] < timedelta(minutes=1)
    assert found["iam"]["TotalAuthenticatedEntities"] == 1
    assert (found["s3"]["LastAuthenticatedRegion"], found["s3"]["ServiceName"]) == ("eu-west-1", "Amazon S3")
    assert "LastAuthenticated" not in found["sqs"]
    assert found["sqs"]["TotalAuthenticatedEntities"] == 0


def test_by_action(bob, admin, caller_of):
    REGISTRY["iam:ListUsers"](caller_of(bob))
    answer = details(admin, BOB, granularity="ACTION_LEVEL")
    iam = next(row for row in answer["ServicesLastAccessed"] if row["ServiceNamespace"] == "iam")
    actions = {row["ActionName"]: row for row in iam["TrackedActionsLastAccessed"]}
    assert actions["ListUsers"]["LastAccessedEntity"] == BOB
    assert "LastAccessedTime" not in actions["CreateUser"]


def test_groups_policies_and_roles(bob, admin, system, caller_of, make_user):
    make_user("carol")
    call("AddUserToGroup", system, group_name="ops", user_name="carol")
    REGISTRY["sts:GetCallerIdentity"](caller_of(bob))
    policy = call("CreatePolicy", system, policy_name="tokens", policy_document=allow("sts:*"))["Policy"]["Arn"]
    call("AttachGroupPolicy", system, group_name="ops", policy_arn=policy)
    answer = details(admin, ARN.format("group/ops"))
    assert {row["ServiceNamespace"] for row in answer["ServicesLastAccessed"]} == {"sqs", "sts"}
    entities = call(
        "GetServiceLastAccessedDetailsWithEntities", admin, job_id=answer["JobId"], service_namespace="sts"
    )["EntityDetailsList"]
    assert [row["EntityInfo"]["Name"] for row in entities] == ["bob", "carol"]
    assert ("LastAuthenticated" in entities[0], "LastAuthenticated" in entities[1]) == (True, False)
    answer = details(admin, policy)
    (sts,) = answer["ServicesLastAccessed"]
    assert sts["LastAuthenticatedEntity"] == BOB
    first = call(
        "GetServiceLastAccessedDetailsWithEntities", admin, job_id=answer["JobId"], service_namespace="sts", max_items=1
    )
    assert first["IsTruncated"]
    trust = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {"Effect": "Allow", "Principal": {"AWS": BOB}, "Action": "sts:AssumeRole"},
        }
    )
    call("CreateRole", system, role_name="worker", assume_role_policy_document=trust)
    call("PutRolePolicy", system, role_name="worker", policy_name="p", policy_document=allow("iam:List*"))
    session = use_role(bob, caller_of)
    REGISTRY["iam:ListRoles"](session)
    (iam,) = details(admin, ARN.format("role/worker"))["ServicesLastAccessed"]
    assert iam["LastAuthenticatedEntity"] == ARN.format("role/worker")


def use_role(user, caller_of):
    from access.callers import Connection, role_caller
    from accounts.models import Role
    from federation.tokens import unseal

    answer = REGISTRY["sts:AssumeRole"](
        caller_of(user), role_arn=ARN.format("role/worker"), role_session_name="session"
    )
    return role_caller(
        unseal(answer["Credentials"]["SessionToken"]), Role.objects.get(name="worker"), Connection(), datetime.now(UTC)
    )


def test_a_report_belongs_to_whoever_asked_for_it(bob, admin, root):
    job = details(admin, BOB)["JobId"]
    for caller in (root,):
        with pytest.raises(NoSuchEntity):
            call("GetServiceLastAccessedDetails", caller, job_id=job)


@pytest.mark.parametrize(
    ("arn", "error"),
    [
        (ARN.format("user/nobody"), NoSuchEntity),
        (ARN.format("mfa/x-device"), InvalidInput),
        ("x" * 30, InvalidInput),
        (ARN.format("user/wrong/bob"), NoSuchEntity),
    ],
)
def test_arns_without_a_report(bob, admin, arn, error):
    with pytest.raises(error):
        call("GenerateServiceLastAccessedDetails", admin, arn=arn)


def test_policies_that_grant_a_service(bob, admin, system):
    policy = call("CreatePolicy", system, policy_name="tokens", policy_document=allow("sts:*"))["Policy"]["Arn"]
    call("AttachUserPolicy", system, user_name="bob", policy_arn=policy)
    answer = call("ListPoliciesGrantingServiceAccess", admin, arn=BOB, service_namespaces=["sts", "sqs", "ec2"])
    found = {row["ServiceNamespace"]: row["Policies"] for row in answer["PoliciesGrantingServiceAccess"]}
    assert found["sts"] == [
        {"PolicyName": "given", "PolicyType": "INLINE", "EntityType": "USER", "EntityName": "bob"},
        {"PolicyName": "tokens", "PolicyType": "MANAGED", "PolicyArn": policy},
    ]
    assert found["sqs"] == [
        {"PolicyName": "queues", "PolicyType": "INLINE", "EntityType": "GROUP", "EntityName": "ops"}
    ]
    assert found["ec2"] == []
    with pytest.raises(InvalidInput):
        call("ListPoliciesGrantingServiceAccess", admin, arn=policy, service_namespaces=["sts"])


def test_a_new_name_takes_the_use_along_and_a_user_of_the_old_name_does_not_get_it(bob, admin, system, caller_of):
    REGISTRY["iam:ListUsers"](caller_of(bob))
    call("UpdateUser", system, user_name="bob", new_user_name="robert")
    call("CreateUser", system, user_name="bob")
    call("PutUserPolicy", system, user_name="bob", policy_name="p", policy_document=allow("iam:ListUsers"))
    (robert,) = (
        row
        for row in details(admin, ARN.format("user/robert"))["ServicesLastAccessed"]
        if row["ServiceNamespace"] == "iam"
    )
    assert robert["LastAuthenticatedEntity"] == ARN.format("user/robert")
    (other,) = details(admin, BOB)["ServicesLastAccessed"]
    assert "LastAuthenticated" not in other


def test_a_key_that_was_used_before_the_tracking_period(bob, admin):
    AccessKey.objects.create(
        user=bob,
        key_id=access_key_id(),
        secret="x",
        last_used_at=datetime.now(UTC) - timedelta(days=401),
        last_used_service="s3",
    )
    (s3,) = (row for row in details(admin, BOB)["ServicesLastAccessed"] if row["ServiceNamespace"] == "s3")
    assert "LastAuthenticated" not in s3


@pytest.mark.parametrize("number", [2, 500, 1100])
def test_a_policy_of_many_users_and_roles(bob, admin, system, caller_of, number):
    policy = call("CreatePolicy", system, policy_name="p", policy_document=allow("iam:ListUsers"))["Policy"]["Arn"]
    row = ManagedPolicy.objects.get(arn=policy)
    names = [{"account_id": bob.account_id, "name": f"n{n}", "name_key": f"n{n}"} for n in range(number)]
    users = User.objects.bulk_create(User(unique_id=f"AIDAMORE{n}", **each) for n, each in enumerate(names))
    trust = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {"Effect": "Allow", "Principal": {"AWS": BOB}, "Action": "sts:AssumeRole"},
        }
    )
    call("CreateRole", system, role_name="worker", assume_role_policy_document=trust)
    roles = Role.objects.bulk_create(
        Role(unique_id=f"AROAMORE{n}", trust_policy=trust, **each) for n, each in enumerate(names[1:])
    )
    UserAttachment.objects.bulk_create(UserAttachment(user=user, policy=row) for user in [bob, *users[1:]])
    RoleAttachment.objects.bulk_create(RoleAttachment(role=role, policy=row) for role in roles)
    call("AttachRolePolicy", system, role_name="worker", policy_arn=policy)
    REGISTRY["iam:ListUsers"](caller_of(bob))
    REGISTRY["iam:ListUsers"](use_role(bob, caller_of))
    REGISTRY["iam:ListUsers"](admin)
    report = last_accessed.report(row, bob.account_id)
    (iam,) = report.services
    assert len(report.principals) == 2 * number
    assert set(iam.by_principal) == {BOB, ARN.format("role/worker")}


@pytest.mark.sqlite
@pytest.mark.parametrize("number", [1, 600])
def test_events_are_read_along_their_index_alone(bob, system, caller_of, number):
    """A record's text is long, and a principal may have a million Events."""
    account_id = bob.account_id
    Event.objects.bulk_create(
        Event(
            account_id=account_id,
            sequence=n + 1_000_000,
            event_id=f"00000000-0000-4000-8000-{n:012}",
            time=datetime.now(UTC) - timedelta(hours=n),
            name=f"Get{n % 50}",
            source="iam.amazonaws.com",
            read_only=True,
            principal_id=bob.unique_id if n % 2 else f"AROAMORE{n % 7}:session",
            record="{}",
            previous_hash="",
            hash="",
        )
        for n in range(3000)
    )
    analyse()
    users = [
        bob,
        *(
            User(account_id=account_id, name=f"n{n}", unique_id=f"AIDAMORE{n}", pk=10_000 + n)
            for n in range(number - 1)
        ),
    ]
    roles = [Role(account_id=account_id, name=f"n{n}", unique_id=f"AROAMORE{n}") for n in range(number)]
    with CaptureQueriesContext(connection) as asked:
        assert last_accessed.accesses(account_id, [*users, *roles])
    reads = [
        query["sql"]
        for query in asked
        if query["sql"].startswith("SELECT") and 'FROM "operations_event"' in query["sql"]
    ]
    assert len(reads) == 2
    for sql in reads:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql.replace('%', '%%')}")
            plan = "\n".join(str(line[-1]) for line in cursor.fetchall())
        assert "COVERING INDEX event_use" in plan, plan
        assert "USING INDEX" not in plan, plan


def test_a_user_of_many_groups_costs_as_many_queries_as_one_of_one(bob, system):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            held = subjects.policies_of(bob)
        return len(queries), [(one.name, one.entity_name) for one in held]

    policy = call("CreatePolicy", system, policy_name="tokens", policy_document=allow("sts:*"))["Policy"]["Arn"]
    call("AttachUserPolicy", system, user_name="bob", policy_arn=policy)
    before, held = asked()
    assert held == [("given", "bob"), ("tokens", "bob"), ("queues", "ops")]
    assert before == 4
    for name in ("abc", "xyz"):
        call("CreateGroup", system, group_name=name)
        call("AddUserToGroup", system, group_name=name, user_name="bob")
        call("AttachGroupPolicy", system, group_name=name, policy_arn=policy)
        call("PutGroupPolicy", system, group_name=name, policy_name="own", policy_document=allow("sqs:*"))
    after, held = asked()
    assert held == [
        ("given", "bob"),
        ("tokens", "bob"),
        ("own", "abc"),
        ("tokens", "abc"),
        ("queues", "ops"),
        ("own", "xyz"),
        ("tokens", "xyz"),
    ]
    assert after == before


def test_a_denial_by_tag_holds(bob, system, make_user, caller_of):
    call("TagUser", system, user_name="bob", tags=[{"Key": "team", "Value": "red"}])
    document = json.loads(allow("iam:*"))
    document["Statement"] = [
        *([document["Statement"]] if isinstance(document["Statement"], dict) else document["Statement"]),
        {
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:ResourceTag/team": "red"}},
        },
    ]
    caller = caller_of(make_user("vera", json.dumps(document)))
    with pytest.raises(AccessDenied):
        call("GenerateServiceLastAccessedDetails", caller, arn=BOB)
    call("GenerateServiceLastAccessedDetails", caller, arn=ARN.format("group/ops"))


@pytest.mark.parametrize(
    "document",
    [
        allow("*"),
        allow("s3:Get*", "IAM:list*", "nowhere:*"),
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":["ec2:*","s3:Get*"],"Resource":"*"},{"Effect":"Deny","Action":"sqs:*","Resource":"*"}]}',
    ],
)
def test_the_allowed_services_and_actions_are_those_of_the_summary(document):
    policy = Policy.parse(document)
    whole = {service.prefix: {action.name for action in service.actions} for service in summarise(policy).allow}
    assert allowed_services(policy) == whole.keys()
    assert allowed_actions(policy, "s3") == whole["s3"]


def test_a_policy_in_sentences(bob, admin, system, make_user, caller_of):
    document = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::reports/*"},
        {"Effect": "Deny", "Action": "sqs:*", "Resource": "*"},
    ]})  # fmt: skip
    policy = call("CreatePolicy", system, policy_name="reports", policy_document=document)["Policy"]["Arn"]
    answer = call("GetHumanReadableSummary", admin, entity_arn=policy)
    assert answer["SummaryState"] == "AVAILABLE"
    allowed, denied = answer["SummaryContent"].split("\n")
    assert allowed.startswith("Allows Amazon S3: ")
    assert denied.startswith("Denies Amazon SQS: ")
    for arn, error in (
        (BOB, InvalidInput),
        (BOB.replace("user/bob", "delegation-request/dr-1234567890"), NoSuchEntity),
    ):
        with pytest.raises(error):
            call("GetHumanReadableSummary", admin, entity_arn=arn)
    blind = caller_of(make_user("dave", allow("iam:GetHumanReadableSummary")))
    with pytest.raises(AccessDenied, match="iam:GetPolicyVersion"):
        call("GetHumanReadableSummary", blind, entity_arn=policy)
